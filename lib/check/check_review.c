/* SPDX-License-Identifier: ISC */
/*
 * check_review: what a review revoked, and when it was signed off. Records are marked in
 * the list of decisions as they pass; what follows from the marks is said at the end.
 */
#include "check/check_parts.h"

#include "access/sight.h"

#include <stdlib.h>

/* What else is known of a revoke. */
enum {
	REVOKE_BEFORE = 1, /* the older snapshot has it */
	REVOKE_BEFORE_HIDDEN = 2,
	REVOKE_NAMED = 4, /* an account that nobody decided upon has its name: that was said */
};

struct check_review {
	struct sight sight;
	unsigned char *marks; /* of each decision */
	struct set names;     /* source and folded name of revoked accounts -> number + 1 */
	struct buf key;
};

/* ---- names ---- */

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

	for (size_t i = 0; i < review->sight.decisions.count; i++) {
		struct set_entry *entry;

		if (decisions_get(&review->sight.decisions, i, &decision, fault) < 0)
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
	return check->review->sight.decisions.sha256;
}

/* ---- what is seen ---- */

int check_mark_nested(struct check *check, struct fault *fault)
{
	return sight_take_nesting(&check->review->sight, &check->access.nesting, fault);
}

/* Is it there in the record of a membership or of an account? */
static unsigned char review_see_before(const struct record *record, const struct decision *decision)
{
	const struct value *list;

	if (decision->what == REVIEW_MEMBERSHIP)
		return span_is(record_text(record, MEMBERSHIP_GROUP_ID), decision->access_id)
		           ? REVOKE_BEFORE
		           : 0;
	if (decision->what == REVIEW_ACCOUNT)
		return decisions_is_disabled(record) ? 0 : REVOKE_BEFORE;
	list = &record->values[review_field(decision->what)];
	if (list->type == VALUE_ABSENT)
		return REVOKE_BEFORE_HIDDEN;
	return sight_has_value(list, decision->access_id) ? REVOKE_BEFORE : 0;
}

static int review_mark_before(struct check *check, struct snapshot_reader *reader,
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
	at = decisions_first(&review->sight.decisions, key);
	if (at && snapshot_reader_parse(reader, record, fault) < 0)
		return -1;
	for (; at; at = review->sight.decisions.places[at - 1].next) {
		if (decisions_get(&review->sight.decisions, at - 1, &decision, fault) < 0)
			return -1;
		if (membership == (decision.what == REVIEW_MEMBERSHIP))
			review->marks[at - 1] |= review_see_before(record, &decision);
	}
	return 0;
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

	if (!check->runs[CHECK_RETURNED] || !record_name(user).len || decisions_is_disabled(user))
		return 0;
	if (review_put_name(review, record_text(user, USER_SOURCE), record_name(user), fault) < 0)
		return -1;
	entry = set_find(&review->names, buf_span(&review->key));
	number = entry ? (size_t)entry->value - 1 : 0;
	if (!entry || review->marks[number] & REVOKE_NAMED)
		return 0;
	review->marks[number] |= REVOKE_NAMED;
	if (decisions_get(&review->sight.decisions, number, &decision, fault) < 0)
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

	if (subject->record && review->names.count &&
	    !decisions_first(&review->sight.decisions, subject->key))
		return review_judge_name(check, subject->record, id, fault);
	return sight_take_subject(&review->sight, &check->access.nesting, subject, fault);
}

/* ---- answers ---- */

/* Nobody knows whether something is there, or was gone; why. */
static struct answer review_unknown(enum sight_state state, const struct decision *decision)
{
	switch (state) {
	case SIGHT_GAP: return answer_unknown(UNKNOWN_GAP, 0);
	case SIGHT_SELECTED: return answer_unknown(UNKNOWN_SELECTED, 0);
	case SIGHT_NOT_SHOWN:
		return answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(review_field(decision->what)));
	default: return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	}
}

/* Was it gone, and is it there again? */
static struct answer review_has_returned(const struct check *check, enum sight_state state,
                                         const struct decision *decision, unsigned char mark)
{
	const struct decision_source *reviewed =
		decisions_source(&check->review->sight.decisions, decision->source);

	if (state != SIGHT_THERE && state < SIGHT_GAP)
		return answer_of(state == SIGHT_YOUNGER);
	if (state != SIGHT_THERE || !check->before)
		return review_unknown(state, decision);
	if (mark & REVOKE_BEFORE)
		return answer_of(false);
	if (mark & REVOKE_BEFORE_HIDDEN)
		return review_unknown(SIGHT_NOT_SHOWN, decision);
	return check_before_lacks(check, decision->source, reviewed->fetched_at,
	                          decision->what == REVIEW_MEMBERSHIP, decision->access_id);
}

static int review_judge_revoke(struct check *check, size_t number, const struct decision *decision,
                               struct fault *fault)
{
	struct check_source *source = check_find_source(check, decision->source);
	unsigned char mark = check->review->marks[number];
	enum sight_state state = sight_find(&check->review->sight, number, decision);
	struct answer returned = review_has_returned(check, state, decision, mark);
	struct answer not_done = answer_of(state == SIGHT_THERE && returned.is != ANSWER_YES);

	if (state >= SIGHT_GAP)
		not_done = review_unknown(state, decision);
	if (check->runs[CHECK_REVOKE_NOT_DONE] &&
	    check_settle(source, CHECK_REVOKE_NOT_DONE, not_done)) {
		review_put_thing(check, decision, false);
		if (review_add(check, CHECK_REVOKE_NOT_DONE, decision, source, decision->user_id, fault) <
		    0)
			return -1;
	}
	if (!check->runs[CHECK_RETURNED] || mark & REVOKE_NAMED ||
	    !check_settle(source, CHECK_RETURNED, returned))
		return 0;
	review_put_thing(check, decision, true);
	return review_add(check, CHECK_RETURNED, decision, source, decision->user_id, fault);
}

int check_judge_review(struct check *check, struct fault *fault)
{
	struct check_review *review = check->review;
	struct decision decision;

	for (size_t i = 0; review && i < review->sight.decisions.count; i++)
		if (decisions_get(&review->sight.decisions, i, &decision, fault) < 0 ||
		    (decision.word == DECISION_REVOKE &&
		     review_judge_revoke(check, i, &decision, fault) < 0))
			return -1;
	return 0;
}

struct answer check_review_is_overdue(const struct check *check, const struct check_source *source,
                                      struct span *last)
{
	const struct decision_source *reviewed =
		decisions_source(&check->review->sight.decisions, source->name);
	int64_t limit = source->seconds - (int64_t)check->settings.values[SET_OVERDUE_DAYS] * 86400;
	int64_t signed_off;

	if (!reviewed || reviewed->counts[DECISION_UNDECIDED] ||
	    !(reviewed->counts[DECISION_KEEP] + reviewed->counts[DECISION_REVOKE] +
	      reviewed->counts[DECISION_MODIFY]))
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	*last = reviewed->last;
	if (when_day_or_time(*last, &signed_off))
		return answer_of(signed_off < limit);
	/* nobody decides before the snapshot is there */
	return when_seconds(reviewed->fetched_at, &signed_off) && signed_off >= limit
	           ? answer_of(false)
	           : answer_unknown(UNKNOWN_NOT_SHOWN, 0);
}

/* ---- begin and end ---- */

int check_open_review(struct check *check, struct fault *fault)
{
	struct check_review *review = calloc(1, sizeof *review);

	if (!review)
		return fault_memory(fault);
	check->review = review;
	check->see_before = review_mark_before;
	if (sight_open(&review->sight, check->options->decisions, fault) < 0)
		return -1;
	check->sight = &review->sight;
	review->marks = calloc(review->sight.decisions.count + 1, 1);
	return review->marks ? review_index_names(review, fault) : fault_memory(fault);
}

void check_close_review(struct check *check)
{
	struct check_review *review = check->review;

	if (!review)
		return;
	sight_release(&review->sight);
	free(review->marks);
	set_release(&review->names);
	buf_release(&review->key);
	free(review);
	check->review = NULL;
	check->sight = NULL;
}
