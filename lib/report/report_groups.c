/* SPDX-License-Identifier: ISC */
/* report_groups: how many members each group has, and the rows of groups. */
#include "report/report_parts.h"

#include "base/json_put.h"

#include <stdlib.h>

int report_count_members(struct report *report, const struct access_subject *subject,
                         struct fault *fault)
{
	size_t groups = report->access.nesting.count;

	if (groups > report->member_cap) {
		struct report_members *members = reallocarray(report->members, groups, sizeof *members);

		if (!members)
			return fault_memory(fault);
		memset(members + report->member_cap, 0, (groups - report->member_cap) * sizeof *members);
		report->members = members;
		report->member_cap = groups;
	}
	for (size_t i = 0; i < subject->count && !subject->is_group; i++) {
		report->members[subject->reached[i].group].direct += subject->reached[i].level == 0;
		report->members[subject->reached[i].group].effective++;
	}
	return 0;
}

/* The largest first: the key counts down. */
static void put_largest_key(struct buf *key, uint64_t members, const struct nested_group *group)
{
	buf_putf(key, "%016llx", (unsigned long long)(UINT64_MAX - members));
	buf_put_span(key, group->key);
}

int report_put_group(struct report *report, uint32_t place, struct fault *fault)
{
	const struct nesting *nesting = &report->access.nesting;
	const struct nested_group *group = &nesting->groups[place];
	uint64_t direct = place < report->member_cap ? report->members[place].direct : 0;
	uint64_t effective = place < report->member_cap ? report->members[place].effective : 0;
	size_t outer = nesting->first[place + 1] - nesting->first[place];
	struct buf *key = &report->key, *row = &report->row;
	bool wants_largest, wants;

	if (report_take_source_of(report, group->key, fault) < 0)
		return -1;
	report->source->nestings += outer;
	report->source->empty_groups += group->is_listed && !effective;
	buf_clear(&report->text);
	access_put_group(&report->text, nesting, place);
	buf_clear(row);
	buf_puts(row, "{\"name\":");
	json_put_string(row, buf_span(&report->text));
	json_put_member(row, "source", report->source->name);
	buf_puts(&report->text, " (");
	buf_put_span(&report->text, report->source->name);
	buf_puts(&report->text, ")");
	json_put_member(row, "where", buf_span(&report->text));
	buf_putf(row, ",\"direct\":%llu,\"effective\":%llu,\"inherited\":%llu,\"outer\":%zu}",
	         (unsigned long long)direct, (unsigned long long)effective,
	         (unsigned long long)(effective - direct), outer);
	buf_clear(key);
	put_largest_key(key, effective, group);
	wants_largest = effective && top_wants(&report->largest, buf_span(key));
	if (buf_check(row, fault) < 0 || buf_check(key, fault) < 0 ||
	    (wants_largest && top_add(&report->largest, buf_span(key), buf_span(row), fault) < 0))
		return -1;
	buf_clear(key);
	for (size_t i = 0; i < report->text.len; i++)
		buf_putc(key, ascii_lower(report->text.data[i]));
	buf_putc(key, '\0');
	buf_put_span(key, group->key);
	wants = top_wants(&report->groups, buf_span(key));
	if (buf_check(key, fault) < 0)
		return -1;
	return wants ? top_add(&report->groups, buf_span(key), buf_span(row), fault) : 0;
}
