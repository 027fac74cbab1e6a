/* SPDX-License-Identifier: ISC */
/*
 * check_parts: what the files of check share, and nobody else needs.
 */
#ifndef ROLLCALL_CHECK_PARTS_H
#define ROLLCALL_CHECK_PARTS_H

#include "check/check.h"

/* Flags of groups; GROUP_HIDDEN: a gap hides its members; GROUP_GIVES:
   its members are in a privileged group. */
enum { GROUP_PRIVILEGED = 1, GROUP_MARKED = 2, GROUP_HIDDEN = 4, GROUP_GIVES = 8 };

/* ---- check_common.c ---- */

/* Before the first record: the sources of the begin line. 0 or -1. */
int check_begin(struct check *check, struct fault *fault);

/* The source of this name; NULL: the snapshot has none. */
struct check_source *check_find_source(const struct check *check, struct span name);

/* A new source. NULL with a fault. */
struct check_source *check_add_source(struct check *check, struct span name, struct fault *fault);

/* Makes the source of a key or a line the one at hand. 0 or -1. */
int check_take_source(struct check *check, struct span line, struct fault *fault);

/* Does any check run that has to know the persons? */
bool check_wants_persons(const struct check *check);

static inline bool check_runs(const struct check *check, int number)
{
	return check->runs[number];
}

/* Counts an answer that is no finding. True where it is one: then check_add is due. */
static inline bool check_settle(struct check_source *source, int number, struct answer answer)
{
	struct answers *counts = &source->answers[number];

	if (answer.is == ANSWER_UNKNOWN)
		answers_add_unknown(counts, answer);
	else if (answer.is == ANSWER_NO)
		counts->ok++;
	return answer.is == ANSWER_YES;
}

/* Is the role one that the policy calls privileged? */
bool check_is_privileged_role(struct check *check, const struct check_source *source,
                              struct span role);

/* Appends a foreign name to what a finding says: in quotes where it could be taken for
   something else. */
void check_put_name(struct buf *says, struct span name);

/* Appends the name of a group to check->says. */
void check_put_group(struct check *check, uint32_t place);

/* What an account is called. */
struct span check_account_label(const struct record *user, struct span id);

/* ---- finding.c ---- */

struct finding {
	int check;
	enum severity severity;
	struct check_source *source;
	struct span id, label;
	struct span status; /* of the account; empty: no account */
	struct span what;   /* what makes it, beside the account; may be empty */
	struct span says, via;
};

enum { FINDING_ORDER = 14 }; /* digits before the JSON of a finding in check->lines */

/* The JSON of a line of check->lines, with its LF. */
static inline struct span finding_line(struct span line)
{
	return (struct span){line.data + FINDING_ORDER, line.len - FINDING_ORDER};
}

/* Adds a finding, which an exception of the policy may cover. 0 or -1. */
int check_add(struct check *check, const struct finding *finding, struct fault *fault);

/* The word for what became of an exception. */
const char *check_exception_word(const struct check *check,
                                 const struct policy_exception *exception);

/* Finds the exceptions of the policy by check, source and id from now on. 0 or -1. */
int check_index_exceptions(struct check *check, struct fault *fault);

/* ---- check_group.c ---- */

/* After the last group and membership: what the policy says of them. 0 or -1. */
int check_close_groups(struct check *check, struct fault *fault);

/* At the end: groups that are empty, deep, in circles; counts of privileged ones. 0 or -1. */
int check_judge_groups(struct check *check, struct fault *fault);

/* ---- check_account.c ---- */

int check_take_subject(void *context, const struct access_subject *subject, struct fault *fault);

/* ---- check_rule.c: own rules of the policy ---- */

/* Compiles them, if any run. 0 or -1. */
int check_open_rules(struct check *check, struct fault *fault);
void check_close_rules(struct check *check);

/* Does a rule speak of the person? */
bool check_rules_want_person(const struct check *check);

/* With each account that is listed, if check->rules; with each finding; with what is known
   of the person of an account, as JSON; at the end. 0 or -1. */
int check_keep_rule_subject(struct check *check, const struct access_subject *subject,
                            enum answer_is is_privileged, struct fault *fault);
int check_keep_rule_finding(struct check *check, const struct finding *finding,
                            struct fault *fault);
int check_keep_rule_person(struct check *check, const struct check_source *source, struct span id,
                           struct span json, struct fault *fault);
int check_judge_rules(struct check *check, struct fault *fault);

/* ---- check_person.c ---- */

/* Reads the roster. 0 or -1. */
int check_read_roster(struct check *check, struct fault *fault);

/* An account waits for others of its person. 0 or -1. */
int check_keep_person(struct check *check, const struct access_subject *subject,
                      struct fault *fault);

/* At the end: what other accounts of a person say. 0 or -1. */
int check_judge_persons(struct check *check, struct fault *fault);

/* ---- check_before.c: the older snapshot; all but the first need one ---- */

/* Opens it, and closes it again. 0 or -1. */
int check_open_before(struct check *check, struct fault *fault);
void check_close_before(struct check *check);

/* With each membership; when all groups are known; with each subject, before anything else
   is said of it; at the end. 0 or -1. */
int check_take_membership(void *context, struct fault *fault);
int check_sort_memberships(struct check *check, struct fault *fault);
int check_judge_before(struct check *check, const struct access_subject *subject, struct span id,
                       struct span label, bool is_privileged, struct fault *fault);
int check_finish_before(struct check *check, struct fault *fault);

/* What --before says of something that it does not have: was it not there (yes), or does
   nobody know? It must have been read after `since`. `group_id`: of a membership, else empty. */
struct answer check_before_lacks(const struct check *check, struct span source, struct span since,
                                 bool membership, struct span group_id);

const char *check_before_sha256(const struct check *check);

/* ---- check_review.c: the decisions of a review ---- */

/* Reads them, and closes them again. 0 or -1. */
int check_open_review(struct check *check, struct fault *fault);
void check_close_review(struct check *check);

/* What is seen of what was revoked: with each subject; when all groups are known. 0 or -1. */
int check_mark_subject(struct check *check, const struct access_subject *subject, struct span id,
                       struct fault *fault);
int check_mark_nested(struct check *check, struct fault *fault);

/* At the end. 0 or -1. */
int check_judge_review(struct check *check, struct fault *fault);

/* Was the source signed off too long ago? *last: when. */
struct answer check_review_is_overdue(const struct check *check, const struct check_source *source,
                                      struct span *last);

const char *check_review_sha256(const struct check *check);

/* ---- check_address.c ---- */

/* At the end: accounts of one source with one address. 0 or -1. */
int check_judge_addresses(struct check *check, struct fault *fault);

/* ---- check_source.c ---- */

/* At the end: what is said of whole sources, and what gaps hide. 0 or -1. */
int check_judge_sources(struct check *check, struct fault *fault);

/* ---- check_text.c ---- */

int check_put_text(struct check *check, bool color, struct out *out, struct fault *fault);

/* ---- check_baseline.c ---- */

/* Reads the findings of an older run; at the end, compares. 0 or -1. */
int check_read_baseline(struct check *check, struct fault *fault);
int check_judge_baseline(struct check *check, struct fault *fault);

/* ---- check_stream.c ---- */

int check_put_stream(struct check *check, struct out *out, struct fault *fault);

/* Appends why subjects are unknown, for people: "not shown: last_login_at (812)". */
void check_put_reasons(struct buf *text, const struct answers *counts);

#endif
