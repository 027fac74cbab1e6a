/* SPDX-License-Identifier: ISC */
/*
 * list_group: the rows of groups.
 */
#include "list/list_parts.h"

#include <stdlib.h>

int list_count_members(struct list *list, const struct access_subject *subject, struct fault *fault)
{
	size_t groups = list->access.nesting.count;

	if (groups > list->member_cap) {
		struct list_members *members = reallocarray(list->members, groups, sizeof *members);

		if (!members)
			return fault_memory(fault);
		memset(members + list->member_cap, 0, (groups - list->member_cap) * sizeof *members);
		list->members = members;
		list->member_cap = groups;
	}
	for (size_t i = 0; i < subject->count && !subject->is_group; i++) {
		list->members[subject->reached[i].group].effective++;
		list->members[subject->reached[i].group].direct += subject->reached[i].level == 0;
	}
	return 0;
}

int list_put_group_rows(struct list *list, struct fault *fault)
{
	const struct nesting *nesting = &list->access.nesting;

	for (size_t place = 0; place < nesting->count; place++) {
		const struct nested_group *group = &nesting->groups[place];
		struct list_members none = {0, 0},
							*members = place < list->member_cap ? &list->members[place] : &none;

		if (list_take_source_of(list, group->key, fault) < 0)
			return -1;
		if (!list_wants_source(list) ||
		    (list->options->group && !list_is_group(list, (uint32_t)place)))
			continue;
		list_begin_row(list);
		buf_clear(&list->name);
		access_put_id(&list->name, group->key);
		list_set_text(list, COLUMN_GROUP_ID, buf_span(&list->name));
		list_set_text(list, COLUMN_GROUP, group->name);
		if (!group->name.len)
			list_set_type(list, COLUMN_GROUP, LIST_NOT_SHOWN);
		list_set_number(list, COLUMN_MEMBERS, members->direct);
		list_set_number(list, COLUMN_EFFECTIVE_MEMBERS, members->effective);
		if (list_put_row(list, fault) < 0)
			return -1;
	}
	return 0;
}
