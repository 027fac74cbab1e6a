/* SPDX-License-Identifier: ISC */
/*
 * diff_finish: what can only be said when all changes are known.
 */
#include "base/json_put.h"
#include "base/unicode.h"
#include "diff/diff_parts.h"

#include <stdlib.h>

/* ---- recreated: the same name, a new id ---- */

static bool is_added(const struct change *change)
{
	return change->event == USER_ADDED || change->event == GROUP_ADDED;
}

static bool is_removed(const struct change *change)
{
	return change->event == USER_REMOVED || change->event == GROUP_REMOVED;
}

/* What a recreated record is known by: kind, source, and its name, folded or as it is.
   Empty where it has none. */
static int put_identity(const struct change *change, bool folded, struct buf *identity,
                        struct fault *fault)
{
	struct record record = {0};
	yyjson_doc *doc = record_read(&record, change->kind, change->line, fault);

	buf_clear(identity);
	if (doc && record_name(&record).len) {
		buf_putc(identity, change->kind == RECORD_USER ? 'u' : 'g');
		json_put_string(identity, record_text(&record, 0));
		if (folded)
			record_put_folded_name(identity, &record);
		else
			unicode_put_composed(identity, record_name(&record));
	}
	record_release(&record);
	yyjson_doc_free(doc);
	return doc ? buf_check(identity, fault) : -1;
}

/* Makes an added record and the removed one of the same name one change. */
static int pair_records(const struct changes *changes, struct change *gone, struct change *come,
                        struct fault *fault)
{
	struct record before = {0}, after = {0};
	yyjson_doc *before_doc = record_read(&before, gone->kind, gone->before, fault);
	yyjson_doc *after_doc = before_doc ? record_read(&after, come->kind, come->after, fault) : NULL;
	int result = after_doc && changes_limit(changes, &before, 0, fault) == 0 &&
	                     changes_limit(changes, &after, 1, fault) == 0
	                 ? 0
	                 : -1;

	if (result == 0) {
		come->event = come->kind == RECORD_USER ? USER_RECREATED : GROUP_RECREATED;
		come->before = gone->before;
		come->fields = changes_fields(&changes->options, &before, &after);
		gone->event = CHANGE_EVENTS; /* spent */
	}
	record_release(&before);
	record_release(&after);
	yyjson_doc_free(before_doc);
	yyjson_doc_free(after_doc);
	return result;
}

/* Pairs those of one name, which may be folded for that. 0 or -1. */
static int pair_by_name(struct changes *changes, bool folded, struct fault *fault)
{
	struct set gone = {0}; /* identity -> place of the removal + 1, 0 when used */
	struct buf identity = {0};
	int result = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < changes->count && result == 0; i++) {
			struct change *change = &changes->list[i];
			struct set_entry *entry;
			bool fresh;

			if (!(pass ? is_added : is_removed)(change))
				continue;
			result = put_identity(change, folded, &identity, fault);
			if (result < 0 || !identity.len)
				continue;
			if (!pass) {
				entry = set_take(&gone, buf_span(&identity), &fresh);
				if (!entry)
					result = fault_memory(fault);
				else if (fresh)
					entry->value = i + 1;
				continue;
			}
			entry = set_find(&gone, buf_span(&identity));
			if (!entry || !entry->value)
				continue;
			result = pair_records(changes, &changes->list[entry->value - 1], change, fault);
			entry->value = 0;
		}
	set_release(&gone);
	buf_release(&identity);
	return result;
}

/* Where two names differ by case only, each finds its own first. */
static int pair_recreated(struct changes *changes, struct fault *fault)
{
	return pair_by_name(changes, false, fault) < 0 ? -1 : pair_by_name(changes, true, fault);
}

/* ---- memberships of what was recreated ---- */

/* The records that were recreated (key before -> place), and the memberships that were
   added (key), while the removed ones ask. */
struct moves {
	struct changes *changes;
	struct set recreated, added;
	struct buf group, member, line; /* scratch */
};

static int note_change(struct set *set, struct span key, size_t place, struct fault *fault)
{
	bool fresh;
	struct set_entry *entry = set_take(set, key, &fresh);

	if (!entry)
		return fault_memory(fault);
	entry->value = place;
	return 0;
}

static int note_moves(struct moves *moves, struct fault *fault)
{
	for (size_t i = 0; i < moves->changes->count; i++) {
		const struct change *change = &moves->changes->list[i];

		if ((change->event == USER_RECREATED || change->event == GROUP_RECREATED) &&
		    note_change(&moves->recreated, record_line_key(change->kind, change->before), i,
		                fault) < 0)
			return -1;
	}
	for (size_t i = 0; i < moves->changes->count && moves->recreated.count; i++) {
		const struct change *change = &moves->changes->list[i];

		if (change->event == MEMBERSHIP_ADDED &&
		    note_change(&moves->added, record_line_key(RECORD_MEMBERSHIP, change->after), i,
		                fault) < 0)
			return -1;
	}
	return 0;
}

/* The key that the record of a key has now; the same where it was not recreated. */
static struct span key_now(const struct moves *moves, struct span key)
{
	const struct set_entry *entry = set_find(&moves->recreated, key);
	const struct change *change = entry ? &moves->changes->list[entry->value] : NULL;

	return change ? record_line_key(change->kind, change->after) : key;
}

/* Is a membership that was removed there under the new ids of its group and member? */
static int find_move(struct moves *moves, struct change *removed, struct fault *fault)
{
	bool nested = record_line_member_kind(removed->before) == MEMBER_GROUP;
	struct span group, member;

	buf_clear(&moves->group);
	buf_clear(&moves->member);
	record_put_end_key(&moves->group, removed->before, MEMBERSHIP_GROUP_ID, RECORD_GROUP);
	record_put_end_key(&moves->member, removed->before, MEMBERSHIP_MEMBER_ID,
	                   nested ? RECORD_GROUP : RECORD_USER);
	if (buf_check(&moves->group, fault) < 0 || buf_check(&moves->member, fault) < 0)
		return -1;
	group = key_now(moves, buf_span(&moves->group));
	member = key_now(moves, buf_span(&moves->member));
	if (group.data == moves->group.data && member.data == moves->member.data)
		return 0;
	buf_clear(&moves->line);
	record_put_membership(&moves->line, record_line_source(removed->before), record_key_id(group),
	                      record_key_id(member), MEMBER_UNKNOWN);
	if (buf_check(&moves->line, fault) < 0)
		return -1;
	removed->moved =
		set_find(&moves->added, record_line_key(RECORD_MEMBERSHIP, buf_span(&moves->line)));
	return 0;
}

/* Who was recreated together with the memberships has lost none of them. */
static int find_moves(struct changes *changes, struct fault *fault)
{
	struct moves moves = {.changes = changes};
	int result = note_moves(&moves, fault);

	for (size_t i = 0; i < changes->count && result == 0 && moves.added.count; i++)
		if (changes->list[i].event == MEMBERSHIP_REMOVED)
			result = find_move(&moves, &changes->list[i], fault);
	set_release(&moves.recreated);
	set_release(&moves.added);
	buf_release(&moves.group);
	buf_release(&moves.member);
	buf_release(&moves.line);
	return result;
}

/* ---- order ---- */

static int compare_changes(const void *a, const void *b)
{
	static const int rank[] = {
		[RECORD_USER] = 0,
		[RECORD_GROUP] = 1,
		[RECORD_MEMBERSHIP] = 2,
		[RECORD_GAP] = 3,
	};
	const struct change *x = a, *y = b;
	int order = span_compare(record_line_source(x->line), record_line_source(y->line));

	if (!order)
		order = rank[x->kind] - rank[y->kind];
	return order ? order : (x->place > y->place) - (x->place < y->place);
}

static void sort_changes(struct changes *changes)
{
	size_t kept = 0;

	for (size_t i = 0; i < changes->count; i++)
		if (changes->list[i].event != CHANGE_EVENTS)
			changes->list[kept++] = changes->list[i];
	changes->count = kept;
	if (kept)
		qsort(changes->list, kept, sizeof *changes->list, compare_changes);
}

/* ---- what is reported ---- */

static void select_and_count(struct changes *changes)
{
	size_t kept = 0;

	for (size_t i = 0; i < changes->count; i++) {
		enum change_event event = changes->list[i].event;

		if (changes->options.only && !(changes->options.only & 1U << event))
			continue;
		changes->events[event]++;
		changes->list[kept++] = changes->list[i];
	}
	changes->count = kept;
}

int diff_finish(struct diff *diff, struct fault *fault)
{
	/* by names nothing is recreated */
	if (!diff->options->match &&
	    (pair_recreated(diff->changes, fault) < 0 || find_moves(diff->changes, fault) < 0))
		return -1;
	sort_changes(diff->changes);
	if (diff_limit(diff, fault) < 0)
		return -1;
	select_and_count(diff->changes);
	return 0;
}
