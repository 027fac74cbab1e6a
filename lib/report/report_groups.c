/* SPDX-License-Identifier: ISC */
/*
 * report_groups: how many members each group has, who the first of them are, and the rows of
 * groups. Members are named of those groups alone that may come into the table.
 */
#include "report/report_parts.h"

#include "base/array.h"
#include "base/json_put.h"

#include <stdlib.h>

enum { MEMBERS_NAMED = 10 };

/* "admins (okta)" in small letters, then the key: the order of the table. Makes the text of
   report "Admins (okta)", and the source of the group the one at hand. 0 or -1. */
static int groups_put_key(struct report *report, uint32_t place, struct fault *fault)
{
	const struct nested_group *group = &report->access.nesting.groups[place];
	struct buf *text = &report->text, *key = &report->key;

	if (report_take_source_of(report, group->key, fault) < 0)
		return -1;
	buf_clear(text);
	access_put_group(text, &report->access.nesting, place);
	buf_puts(text, " (");
	buf_put_span(text, report->source->name);
	buf_puts(text, ")");
	buf_clear(key);
	for (size_t i = 0; i < text->len; i++)
		buf_putc(key, ascii_lower(text->data[i]));
	buf_putc(key, '\0');
	buf_put_span(key, group->key);
	return buf_check(text, fault) < 0 ? -1 : buf_check(key, fault);
}

/* ---- what could not be read ---- */

int report_take_blind(struct report *report, const struct record *gap, struct fault *fault)
{
	struct span id = record_text(gap, GAP_ID), *blind;

	if (!id.len || !span_is(record_text(gap, GAP_SCOPE), span_of("members")))
		return 0;
	buf_clear(&report->key);
	record_put_text_key(&report->key, RECORD_GROUP, record_text(gap, GAP_SOURCE), id);
	blind = buf_check(&report->key, fault) < 0
	            ? NULL
	            : array_grow(report->blind, report->blind_count, &report->blind_cap, sizeof *blind,
	                         fault);
	if (!blind)
		return -1;
	report->blind = blind;
	blind += report->blind_count++;
	*blind = arena_copy(&report->texts, buf_span(&report->key));
	return blind->data ? 0 : fault_memory(fault);
}

/* Groups that gaps name, and all that these are in. */
static void groups_mark_blind(struct report *report)
{
	struct nesting *nesting = &report->access.nesting;

	for (size_t i = 0; i < report->blind_count; i++) {
		const struct set_entry *entry = set_find(&nesting->places, report->blind[i]);
		const struct reached *reached;
		uint32_t place;
		size_t count;

		if (!entry)
			continue;
		place = (uint32_t)entry->value - 1;
		reached = nesting_reach(nesting, &place, 1, &count);
		report->members[place].is_blind = true;
		for (size_t at = 0; at < count; at++)
			report->members[reached[at].group].is_partial = true;
	}
}

/* ---- who is in them ---- */

void report_release_groups(struct report *report)
{
	for (size_t i = 0; i < report->named_count; i++)
		top_release(&report->named[i]);
	free(report->named);
	report->named = NULL;
	report->named_count = 0;
}

/* Finds the groups that come first in the order of the table. */
static int groups_find_first(struct report *report, struct top *first, struct fault *fault)
{
	if (top_init(first, REPORT_ROWS_MAX, fault) < 0)
		return -1;
	for (uint32_t place = 0; place < report->access.nesting.count; place++) {
		struct span row = {(const char *)&place, sizeof place};

		if (groups_put_key(report, place, fault) < 0)
			return -1;
		if (report->source->lists.members || report->source->lists.groups)
			report->members[place].is_blind = report->members[place].is_partial = true;
		if (top_wants(first, buf_span(&report->key)) &&
		    top_add(first, buf_span(&report->key), row, fault) < 0)
			return -1;
	}
	return 0;
}

int report_begin_groups(struct report *report, struct fault *fault)
{
	size_t groups = report->access.nesting.count;
	struct top first = {0};
	int result = 0;

	report_release_groups(report);
	free(report->members);
	report->members = calloc(groups + 1, sizeof *report->members);
	report->named = calloc(REPORT_ROWS_MAX, sizeof *report->named);
	if (!report->members || !report->named)
		return fault_memory(fault);
	groups_mark_blind(report);
	result = groups_find_first(report, &first, fault);
	for (size_t i = 0; i < first.count && result == 0; i++) {
		uint32_t place;

		memcpy(&place, first.rows[i].row.data, sizeof place);
		report->members[place].named = (uint32_t)i + 1;
		report->members[place].last = UINT64_MAX;
		result = top_init(&report->named[report->named_count++], MEMBERS_NAMED, fault);
	}
	top_release(&first);
	return result;
}

struct span report_subject_name(struct report *report, const struct access_subject *subject)
{
	struct span name = subject->record ? record_text(subject->record, USER_USER_NAME) : span_of("");

	if (name.len)
		return name;
	buf_clear(&report->text);
	access_put_id(&report->text, subject->key);
	return buf_span(&report->text);
}

/* The subject is one of the first members of the group that it reached at `at`. */
static int groups_name_member(struct report *report, struct top *named,
                              const struct access_subject *subject, size_t at, struct fault *fault)
{
	struct buf *row = &report->row;

	buf_clear(row);
	buf_puts(row, "{\"name\":");
	json_put_string(row, report_subject_name(report, subject));
	if (subject->reached[at].level) {
		buf_clear(&report->text);
		access_put_path(&report->text, &report->access.nesting, subject->reached, at);
		json_put_member(row, "via", buf_span(&report->text));
	}
	buf_putc(row, '}');
	if (buf_check(row, fault) < 0 || buf_check(&report->text, fault) < 0)
		return -1;
	return top_add(named, buf_span(&report->key), buf_span(row), fault);
}

/* The first 8 bytes of a key as a number in the same order. */
static uint64_t key_begin(struct span key)
{
	uint64_t begin = 0;

	for (size_t i = 0; i < sizeof begin; i++)
		begin = begin << 8 | (i < key.len ? (unsigned char)key.data[i] : 0);
	return begin;
}

int report_count_members(struct report *report, const struct access_subject *subject,
                         struct fault *fault)
{
	struct span key = buf_span(&report->key);
	uint64_t begin = key_begin(key);

	for (size_t i = 0; i < subject->count && !subject->is_group; i++) {
		struct report_members *members = &report->members[subject->reached[i].group];
		struct top *named = members->named ? &report->named[members->named - 1] : NULL;

		members->direct += subject->reached[i].level == 0;
		members->effective++;
		/* most come after the last one that is named, and that is seen without it */
		if (!named || begin > members->last || !top_wants(named, key))
			continue;
		if (groups_name_member(report, named, subject, i, fault) < 0)
			return -1;
		if (named->count == named->max)
			members->last = key_begin(buf_span(&named->rows[0].key));
	}
	return 0;
}

/* ---- their rows ---- */

/* The largest first: the key counts down. */
static void put_largest_key(struct buf *key, uint64_t members, const struct nested_group *group)
{
	buf_putf(key, "%016llx", (unsigned long long)(UINT64_MAX - members));
	buf_put_span(key, group->key);
}

/* The first members, and how many more there are. */
static void row_put_members(struct report *report, const struct report_members *members)
{
	struct top *named = members->named ? &report->named[members->named - 1] : NULL;
	struct buf *row = &report->row;

	if (!named)
		return;
	top_sort(named);
	buf_puts(row, ",\"members\":[");
	for (size_t i = 0; i < named->count; i++) {
		json_array_next(row);
		buf_put_span(row, buf_span(&named->rows[i].row));
	}
	buf_putf(row, "],\"more\":%llu", (unsigned long long)(members->effective - named->count));
}

int report_put_group(struct report *report, uint32_t place, struct fault *fault)
{
	const struct nesting *nesting = &report->access.nesting;
	const struct nested_group *group = &nesting->groups[place];
	const struct report_members *members = &report->members[place];
	size_t outer = nesting->first[place + 1] - nesting->first[place];
	struct buf *key = &report->key, *row = &report->row;

	if (report_take_source_of(report, group->key, fault) < 0)
		return -1;
	report->source->nestings += outer;
	report->source->empty_groups += group->is_listed && !members->effective && !members->is_partial;
	report->source->blind_groups += group->is_listed && members->is_blind;
	buf_clear(&report->text);
	access_put_group(&report->text, nesting, place);
	buf_clear(row);
	buf_puts(row, "{\"name\":");
	json_put_string(row, buf_span(&report->text));
	json_put_member(row, "source", report->source->name);
	if (groups_put_key(report, place, fault) < 0)
		return -1;
	json_put_member(row, "where", buf_span(&report->text));
	buf_putf(row, ",\"direct\":%llu,\"effective\":%llu,\"inherited\":%llu",
	         (unsigned long long)members->direct, (unsigned long long)members->effective,
	         (unsigned long long)(members->effective - members->direct));
	if (members->is_partial)
		buf_puts(row, ",\"is_partial\":true");
	if (members->is_blind)
		buf_puts(row, ",\"is_blind\":true");
	if (top_wants(&report->groups, buf_span(key))) {
		size_t len = row->len;

		row_put_members(report, members);
		buf_putc(row, '}');
		if (buf_check(row, fault) < 0 ||
		    top_add(&report->groups, buf_span(key), buf_span(row), fault) < 0)
			return -1;
		row->len = len;
	}
	buf_putc(row, '}');
	buf_clear(key);
	put_largest_key(key, members->effective, group);
	if (buf_check(row, fault) < 0 || buf_check(key, fault) < 0)
		return -1;
	return members->effective && top_wants(&report->largest, buf_span(key))
	           ? top_add(&report->largest, buf_span(key), buf_span(row), fault)
	           : 0;
}
