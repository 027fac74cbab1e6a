/* SPDX-License-Identifier: ISC */
/*
 * diff_settle: what can only be said when all changes are known.
 */
#include "diff/diff.h"
#include "base/json_put.h"

#include <stdlib.h>

const char *const change_event_names[CHANGE_EVENTS] = {
	[USER_ADDED] = "user.added",
	[USER_REMOVED] = "user.removed",
	[USER_ENABLED] = "user.enabled",
	[USER_DISABLED] = "user.disabled",
	[USER_RENAMED] = "user.renamed",
	[USER_RECREATED] = "user.recreated",
	[USER_MODIFIED] = "user.modified",
	[GROUP_ADDED] = "group.added",
	[GROUP_REMOVED] = "group.removed",
	[GROUP_RENAMED] = "group.renamed",
	[GROUP_RECREATED] = "group.recreated",
	[GROUP_MODIFIED] = "group.modified",
	[MEMBERSHIP_ADDED] = "membership.added",
	[MEMBERSHIP_REMOVED] = "membership.removed",
};

/* ---- recreated: the same name, a new id ---- */

static bool is_added(const struct change *change)
{
	return change->event == USER_ADDED || change->event == GROUP_ADDED;
}

static bool is_removed(const struct change *change)
{
	return change->event == USER_REMOVED || change->event == GROUP_REMOVED;
}

/* What a recreated record is known by: kind, source, and the user name in lower
   case (ASCII only) or the group's name as it is. Empty where it has none. */
static int put_identity(const struct change *change, struct buf *identity, struct fault *fault)
{
	bool user = change->kind == RECORD_USER;
	struct record record = {0};
	yyjson_doc *doc = record_read(&record, change->kind, change->line, fault);
	struct span name;

	buf_clear(identity);
	name = doc ? record_name(&record) : span_of("");
	if (name.len) {
		buf_putc(identity, user ? 'u' : 'g');
		json_put_string(identity, record_text(&record, 0));
		for (size_t i = 0; i < name.len; i++)
			buf_putc(identity, user ? ascii_lower(name.data[i]) : name.data[i]);
	}
	record_release(&record);
	yyjson_doc_free(doc);
	return doc ? buf_check(identity, fault) : -1;
}

/* Makes an added record and the removed one of the same name one change. */
static int pair(struct diff *diff, struct change *gone, struct change *come, struct fault *fault)
{
	struct record before = {0}, after = {0};
	yyjson_doc *before_doc = record_read(&before, gone->kind, gone->before, fault);
	yyjson_doc *after_doc = before_doc ? record_read(&after, come->kind, come->after, fault) : NULL;

	if (after_doc) {
		come->event = come->kind == RECORD_USER ? USER_RECREATED : GROUP_RECREATED;
		come->before = gone->before;
		come->fields = diff_fields(diff, &before, &after);
		gone->event = CHANGE_EVENTS; /* spent */
	}
	record_release(&before);
	record_release(&after);
	yyjson_doc_free(before_doc);
	yyjson_doc_free(after_doc);
	return after_doc ? 0 : -1;
}

static int pair_recreated(struct diff *diff, struct fault *fault)
{
	struct set gone = {0}; /* identity -> place of the removal + 1, 0 when used */
	struct buf identity = {0};
	int result = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < diff->count && result == 0; i++) {
			struct change *change = &diff->changes[i];
			struct set_entry *entry;
			bool fresh;

			if (!(pass ? is_added : is_removed)(change))
				continue;
			result = put_identity(change, &identity, fault);
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
			result = pair(diff, &diff->changes[entry->value - 1], change, fault);
			entry->value = 0;
		}
	set_release(&gone);
	buf_release(&identity);
	return result;
}

/* ---- the same membership, its member's kind lost or found ---- */

/* A membership's line without the kind of its member. */
static struct span edge_of(struct span line)
{
	const char *at = memmem(line.data, line.len, ",\"member_kind\":", 15);

	return (struct span){line.data, at ? (size_t)(at - line.data) : line.len};
}

static bool is_kindless(struct span line)
{
	return memmem(line.data, line.len, "\"member_kind\":\"unknown\"", 23) != NULL;
}

/* A member without a type is known to be a user only as long as it is listed.
   When it no longer is, that is the user's change, not the membership's. */
static int drop_kind_changes(struct diff *diff, struct fault *fault)
{
	struct set gone = {0}; /* edge -> place of the removal + 1 */
	struct set_entry *entry;
	bool fresh;
	int result = 0;

	for (size_t i = 0; i < diff->count && result == 0; i++)
		if (diff->changes[i].event == MEMBERSHIP_REMOVED) {
			entry = set_take(&gone, edge_of(diff->changes[i].before), &fresh);
			result = entry ? 0 : fault_memory(fault);
			if (entry)
				entry->value = i + 1;
		}
	for (size_t i = 0; i < diff->count && result == 0 && gone.count; i++) {
		struct change *come = &diff->changes[i], *left;

		if (come->event != MEMBERSHIP_ADDED)
			continue;
		entry = set_find(&gone, edge_of(come->after));
		left = entry && entry->value ? &diff->changes[entry->value - 1] : NULL;
		if (left && (is_kindless(left->before) || is_kindless(come->after))) {
			come->event = left->event = CHANGE_EVENTS;
			entry->value = 0;
		}
	}
	set_release(&gone);
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

static void put_in_order(struct diff *diff)
{
	size_t kept = 0;

	for (size_t i = 0; i < diff->count; i++)
		if (diff->changes[i].event != CHANGE_EVENTS)
			diff->changes[kept++] = diff->changes[i];
	diff->count = kept;
	if (kept)
		qsort(diff->changes, kept, sizeof *diff->changes, compare_changes);
}

/* ---- what is reported ---- */

static void select_and_count(struct diff *diff)
{
	size_t kept = 0;

	for (size_t i = 0; i < diff->count; i++) {
		enum change_event event = diff->changes[i].event;

		if (diff->options.only && !(diff->options.only & 1U << event))
			continue;
		diff->events[event]++;
		diff->changes[kept++] = diff->changes[i];
	}
	diff->count = kept;
}

int diff_settle(struct diff *diff, struct fault *fault)
{
	/* by names nothing is recreated, and the kind of each member is known */
	if (!diff->options.match &&
	    (pair_recreated(diff, fault) < 0 || drop_kind_changes(diff, fault) < 0))
		return -1;
	put_in_order(diff);
	if (diff_guard(diff, fault) < 0)
		return -1;
	select_and_count(diff);
	return 0;
}
