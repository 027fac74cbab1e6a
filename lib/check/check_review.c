/* SPDX-License-Identifier: ISC */
/*
 * check_review: what a review revoked, and when it was signed off. Records are marked in
 * the list of decisions as they pass; what follows from the marks is said at the end.
 */
#include "check/check_parts.h"

#include "access/decisions.h"
#include "base/array.h"

#include <stdlib.h>

/* What was seen of the thing that a revoke is about. */
enum {
	MARK_THERE = 1,
	MARK_REPLACED = 2, /* it is there, but of an account that is younger than the review */
	MARK_SHOWN = 4,    /* of a role or entitlement: the account is there and shows its list */
	MARK_HIDDEN = 8,   /* ... it is there and does not show it */
	MARK_BEFORE = 16,  /* the older snapshot has it */
	MARK_BEFORE_HIDDEN = 32,
	MARK_NAMED = 64, /* an account that nobody decided upon has its name: that was said */
};

struct check_review {
	struct decisions decisions;
	unsigned char *marks; /* of each decision */
	struct set names;     /* source and folded name of revoked accounts -> number + 1 */
	struct buf key;
};

/* ---- begin and end ---- */

/* The name of an account in its source, in review->key. 0 or -1. */
static int review_put_name(struct check_review *review, struct span source, struct span name,
                           struct fault *fault)
{
	buf_clear(&review->key);
	buf_put_sized(&review->key, source);
	persons_put_folded(&review->key, name);
	return buf_check(&review->key, fault);
}

static int review_index_names(struct check_review *review, struct fault *fault)
{
	struct decision decision;
	bool fresh;

	for (size_t i = 0; i < review->decisions.count; i++) {
		struct set_entry *entry;

		if (decisions_get(&review->decisions, i, &decision, fault) < 0)
			return -1;
		if (decision.word != DECISION_REVOKE || decision.what != REVIEW_ACCOUNT ||
		    !decision.user_name.len)
			continue;
		if (review_put_name(review, decision.source, decision.user_name, fault) < 0)
			return -1;
		entry = set_take(&review->names, buf_span(&review->key), &fresh);
		if (!entry)
			return fault_memory(fault);
		if (fresh)
			entry->value = i + 1;
	}
	return 0;
}

const char *check_review_sha256(const struct check *check)
{
	return check->review->decisions.sha256;
}

/* ---- what is seen ---- */

static bool review_has_value(const struct value *list, struct span text)
{
	struct fault ignored;
	yyjson_doc *doc = list->type == VALUE_LIST ? json_parse(list->text, NULL, &ignored) : NULL;
	yyjson_val *item;
	struct span value;
	size_t i, max;
	bool found = false;

	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, max, item)
		found |= json_text(item, &value) && span_is(value, text);
	yyjson_doc_free(doc);
	return found;
}

/* Is the subject directly in the group? */
static bool review_is_member(struct check *check, const struct access_subject *subject,
                             const struct decision *decision)
{
	struct buf *key = &check->review->key;

	buf_clear(key);
	record_put_text_key(key, RECORD_GROUP, decision->source, decision->access_id);
	for (size_t i = 0; i < subject->count && !subject->reached[i].level; i++)
		if (span_is(check->access.nesting.groups[subject->reached[i].group].key, buf_span(key)))
			return true;
	return false;
}

/* The mark that the record of an account makes for a role or an entitlement. */
static unsigned char review_mark_value(const struct record *user, const struct decision *decision,
                                       unsigned char shown, unsigned char hidden)
{
	int field = decision->what == REVIEW_ROLE ? USER_ROLES : USER_ENTITLEMENTS;
	const struct value *list = &user->values[field];

	return list->type == VALUE_ABSENT ? hidden : shown;
}

static unsigned char review_see(struct check *check, const struct access_subject *subject,
                                const struct decision *decision)
{
	const struct record *user = subject->record;
	bool younger = user && decisions_is_younger(&check->review->decisions, user);
	unsigned char mark = 0;
	bool there;

	if (decision->what == REVIEW_MEMBERSHIP) {
		there = review_is_member(check, subject, decision);
	} else if (decision->what == REVIEW_ACCOUNT || !user) {
		there = user && !(decision->what == REVIEW_ACCOUNT && decisions_is_disabled(user));
	} else {
		mark = review_mark_value(user, decision, MARK_SHOWN, MARK_HIDDEN);
		there = review_has_value(
			&user->values[decision->what == REVIEW_ROLE ? USER_ROLES : USER_ENTITLEMENTS],
			decision->access_id);
	}
	if (there)
		mark |= younger ? MARK_REPLACED : MARK_THERE;
	return mark;
}

int check_mark_nested(struct check *check, struct fault *fault)
{
	struct check_review *review = check->review;
	const struct nesting *nesting = &check->access.nesting;
	struct decision decision;

	for (size_t i = 0; i < nesting->arrow_count; i++) {
		struct span inner = nesting->groups[nesting->arrows[i].inner].key;
		struct span outer = nesting->groups[nesting->arrows[i].outer].key;
		size_t at = decisions_first(&review->decisions, inner);

		for (; at; at = review->decisions.places[at - 1].next) {
			if (decisions_get(&review->decisions, at - 1, &decision, fault) < 0)
				return -1;
			buf_clear(&review->key);
			record_put_text_key(&review->key, RECORD_GROUP, decision.source, decision.access_id);
			if (decision.what == REVIEW_MEMBERSHIP && span_is(outer, buf_span(&review->key)))
				review->marks[at - 1] |= MARK_THERE;
		}
	}
	return buf_check(&review->key, fault);
}

static int review_see_before(struct check *check, struct snapshot_reader *reader,
                             struct record *record, struct fault *fault)
{
	struct check_review *review = check->review;
	bool membership = reader->kind == RECORD_MEMBERSHIP;
	struct span key = reader->key;
	struct decision decision;
	size_t at;

	if (membership) {
		bool is_group = record_line_member_kind(reader->line) == MEMBER_GROUP;

		buf_clear(&review->key);
		record_put_end_key(&review->key, reader->line, MEMBERSHIP_MEMBER_ID,
		                   is_group ? RECORD_GROUP : RECORD_USER);
		if (buf_check(&review->key, fault) < 0)
			return -1;
		key = buf_span(&review->key);
	}
	at = decisions_first(&review->decisions, key);
	if (at && snapshot_reader_parse(reader, record, fault) < 0)
		return -1;
	for (; at; at = review->decisions.places[at - 1].next) {
		unsigned char *mark = &review->marks[at - 1];
		const struct value *values = record->values;

		if (decisions_get(&review->decisions, at - 1, &decision, fault) < 0)
			return -1;
		if (membership != (decision.what == REVIEW_MEMBERSHIP))
			continue;
		if (membership ? span_is(record_text(record, MEMBERSHIP_GROUP_ID), decision.access_id)
		    : decision.what == REVIEW_ACCOUNT
		        ? !decisions_is_disabled(record)
		        : review_has_value(
					  &values[decision.what == REVIEW_ROLE ? USER_ROLES : USER_ENTITLEMENTS],
					  decision.access_id))
			*mark |= MARK_BEFORE;
		else if (!membership && decision.what != REVIEW_ACCOUNT)
			*mark |= review_mark_value(record, &decision, 0, MARK_BEFORE_HIDDEN);
	}
	return 0;
}

int check_open_review(struct check *check, struct fault *fault)
{
	struct check_review *review = calloc(1, sizeof *review);

	if (!review)
		return fault_memory(fault);
	check->review = review;
	if (decisions_read(&review->decisions, check->options->decisions, fault) < 0)
		return -1;
	check->decisions = &review->decisions;
	check->see_before = review_see_before;
	review->marks = calloc(review->decisions.count + 1, 1);
	return review->marks ? review_index_names(review, fault) : fault_memory(fault);
}

void check_close_review(struct check *check)
{
	struct check_review *review = check->review;

	if (!review)
		return;
	decisions_release(&review->decisions);
	free(review->marks);
	set_release(&review->names);
	buf_release(&review->key);
	free(review);
	check->review = NULL;
}

/* ---- findings ---- */

/* ", ticket T-1", and the like. */
static void review_put_who(struct buf *says, const struct decision *decision)
{
	buf_puts(says, "revoked");
	if (decision->decided_by.len) {
		buf_puts(says, " by ");
		check_put_name(says, decision->decided_by);
	}
	if (decision->decided_at.len >= 10) {
		buf_puts(says, " on ");
		buf_put(says, decision->decided_at.data, 10);
	}
	if (decision->ticket.len) {
		buf_puts(says, " (ticket ");
		check_put_name(says, decision->ticket);
		buf_putc(says, ')');
	}
}

/* "still in Ops" or "has the role x again", and what makes the finding: "group:ops". */
static void review_put_thing(struct check *check, const struct decision *decision, bool again)
{
	static const char *const words[] = {"account", "group:", "role:", "entitlement:"};
	static const char *const verbs[] = {"there", "in ", "has the role ", "has the entitlement "};
	struct buf *says = &check->says;

	buf_clear(says);
	buf_clear(&check->what);
	buf_putf(says, "%s%s", again ? "" : "still ", verbs[decision->what]);
	buf_puts(&check->what, words[decision->what]);
	if (decision->what != REVIEW_ACCOUNT) {
		check_put_name(says, decision->access.len ? decision->access : decision->access_id);
		buf_put_span(&check->what, decision->access_id);
	}
	buf_puts(says, again ? " again, " : ", ");
	review_put_who(says, decision);
}

static int review_add(struct check *check, int number, const struct decision *decision,
                      struct check_source *source, struct span id, struct fault *fault)
{
	if (buf_check(&check->says, fault) < 0 || buf_check(&check->what, fault) < 0)
		return -1;
	return check_add(
		check,
		&(struct finding){.check = number,
	                      .severity = number == CHECK_RETURNED ? SEVERITY_HIGH : SEVERITY_CRITICAL,
	                      .source = source,
	                      .id = id,
	                      .label = decision->user_name.len ? decision->user_name : id,
	                      .what = buf_span(&check->what),
	                      .says = buf_span(&check->says)},
		fault);
}

/* An account that nobody decided upon: has it the name of one that was revoked? */
static int review_judge_name(struct check *check, const struct record *user, struct span id,
                             struct fault *fault)
{
	struct check_review *review = check->review;
	struct decision decision;
	struct set_entry *entry;
	size_t number;

	if (!check->runs[CHECK_RETURNED] || !record_name(user).len)
		return 0;
	if (review_put_name(review, record_text(user, USER_SOURCE), record_name(user), fault) < 0)
		return -1;
	entry = set_find(&review->names, buf_span(&review->key));
	number = entry ? (size_t)entry->value - 1 : 0;
	if (!entry || review->marks[number] & MARK_NAMED)
		return 0;
	review->marks[number] |= MARK_NAMED;
	if (decisions_get(&review->decisions, number, &decision, fault) < 0)
		return -1;
	check_settle(check->source, CHECK_RETURNED, answer_of(true));
	buf_clear(&check->says);
	buf_puts(&check->says, "a new account with the name of one that was ");
	review_put_who(&check->says, &decision);
	buf_clear(&check->what);
	buf_puts(&check->what, "account");
	return review_add(check, CHECK_RETURNED, &decision, check->source, id, fault);
}

int check_mark_subject(struct check *check, const struct access_subject *subject, struct span id,
                       struct fault *fault)
{
	struct check_review *review = check->review;
	struct decision decision;
	size_t at = subject->is_group ? 0 : decisions_first(&review->decisions, subject->key);

	if (!at && subject->record && review->names.count)
		return review_judge_name(check, subject->record, id, fault);
	for (; at; at = review->decisions.places[at - 1].next) {
		if (decisions_get(&review->decisions, at - 1, &decision, fault) < 0)
			return -1;
		if (decision.word == DECISION_REVOKE)
			review->marks[at - 1] |= review_see(check, subject, &decision);
	}
	return buf_check(&review->key, fault);
}

/* ---- answers ---- */

/* Of something that is not there: is it gone (yes), or may something hide it? */
static struct answer review_is_gone(const struct check *check, const struct check_source *source,
                                    const struct decision *decision, unsigned char mark)
{
	bool membership = decision->what == REVIEW_MEMBERSHIP, gap;

	if (mark & (MARK_REPLACED | MARK_SHOWN))
		return answer_of(true);
	if (mark & MARK_HIDDEN)
		return answer_unknown(UNKNOWN_NOT_SHOWN, decision->what == REVIEW_ROLE
		                                             ? MISSING(USER_ROLES)
		                                             : MISSING(USER_ENTITLEMENTS));
	gap = source->users_gap || (membership && (source->groups_gap || source->members_gap));
	for (size_t i = 0; membership && i < check->gap_count; i++)
		gap |= check->gaps[i].source == source->index && check->gaps[i].id.len &&
		       span_is(check->gaps[i].id, decision->access_id);
	if (gap)
		return answer_unknown(UNKNOWN_GAP, 0);
	return source->selected ? answer_unknown(UNKNOWN_SELECTED, 0) : answer_of(true);
}

/* Was it gone, and is it there again? */
static struct answer review_has_returned(const struct check *check,
                                         const struct check_source *source,
                                         const struct decision *decision, unsigned char mark)
{
	const struct decision_source *reviewed =
		decisions_source(&check->review->decisions, decision->source);

	if (mark & MARK_REPLACED)
		return answer_of(true);
	if (!(mark & MARK_THERE))
		return answer_not(review_is_gone(check, source, decision, mark));
	if (!check->before)
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	if (mark & MARK_BEFORE)
		return answer_of(false);
	if (mark & MARK_BEFORE_HIDDEN)
		return answer_unknown(UNKNOWN_NOT_SHOWN, 0);
	return check_before_lacks(check, decision->source, reviewed->fetched_at,
	                          decision->what == REVIEW_MEMBERSHIP, decision->access_id);
}

static int review_judge_revoke(struct check *check, const struct decision *decision,
                               unsigned char mark, struct fault *fault)
{
	struct check_source *source = check_find_source(check, decision->source);
	struct answer returned = answer_unknown(UNKNOWN_NOT_MATCHED, 0), not_done = returned;

	if (!source->is_missing) {
		returned = review_has_returned(check, source, decision, mark);
		not_done = mark & MARK_THERE ? answer_of(returned.is != ANSWER_YES)
		                             : answer_not(review_is_gone(check, source, decision, mark));
	}
	if (check->runs[CHECK_REVOKE_NOT_DONE] &&
	    check_settle(source, CHECK_REVOKE_NOT_DONE, not_done)) {
		review_put_thing(check, decision, false);
		if (review_add(check, CHECK_REVOKE_NOT_DONE, decision, source, decision->user_id, fault) <
		    0)
			return -1;
	}
	if (!check->runs[CHECK_RETURNED] || mark & MARK_NAMED ||
	    !check_settle(source, CHECK_RETURNED, returned))
		return 0;
	review_put_thing(check, decision, true);
	return review_add(check, CHECK_RETURNED, decision, source, decision->user_id, fault);
}

int check_judge_review(struct check *check, struct fault *fault)
{
	struct check_review *review = check->review;
	struct decision decision;

	for (size_t i = 0; review && i < review->decisions.count; i++)
		if (decisions_get(&review->decisions, i, &decision, fault) < 0 ||
		    (decision.word == DECISION_REVOKE &&
		     review_judge_revoke(check, &decision, review->marks[i], fault) < 0))
			return -1;
	return 0;
}

struct answer check_review_is_overdue(const struct check *check, const struct check_source *source,
                                      struct span *last)
{
	const struct decision_source *reviewed =
		decisions_source(&check->review->decisions, source->name);
	int64_t limit = source->seconds - (int64_t)check->settings.values[SET_OVERDUE_DAYS] * 86400;
	char day[] = "2026-01-01T23:59:59Z";
	int64_t signed_off;

	if (!reviewed || reviewed->counts[DECISION_UNDECIDED] ||
	    !(reviewed->counts[DECISION_KEEP] + reviewed->counts[DECISION_REVOKE] +
	      reviewed->counts[DECISION_MODIFY]))
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	*last = reviewed->last;
	if (last->len == 10)
		memcpy(day, last->data, 10);
	if (when_seconds(last->len == 10 ? span_of(day) : *last, &signed_off))
		return answer_of(signed_off < limit);
	/* nobody decides before the snapshot is there */
	return when_seconds(reviewed->fetched_at, &signed_off) && signed_off >= limit
	           ? answer_of(false)
	           : answer_unknown(UNKNOWN_NOT_SHOWN, 0);
}
