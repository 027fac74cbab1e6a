/* SPDX-License-Identifier: ISC */
/*
 * list_group: the rows of groups.
 */
#include "list/list_parts.h"

#include <stdlib.h>

/* Room for the members of each group of the snapshot at hand. */
static int list_grow_members(struct list *list, struct fault *fault)
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
	return 0;
}

int list_count_members(struct list *list, const struct access_subject *subject, struct fault *fault)
{
	if (list_grow_members(list, fault) < 0)
		return -1;
	for (size_t i = 0; i < subject->count && !subject->is_group; i++) {
		list->members[subject->reached[i].group].effective++;
		list->members[subject->reached[i].group].direct += subject->reached[i].level == 0;
	}
	return 0;
}

/* The groups whose members could not be read, and all that these are in. */
static int list_mark_blind(struct list *list, struct fault *fault)
{
	struct nesting *nesting = &list->access.nesting;

	if (list_grow_members(list, fault) < 0)
		return -1;
	for (uint32_t place = 0; place < nesting->count; place++) {
		const struct reached *reached;
		size_t count;

		if (list_take_source_of(list, nesting->groups[place].key, fault) < 0)
			return -1;
		if (list_sees_memberships(list->source) == LIST_SAW_LITTLE) {
			list->members[place].is_blind = list->members[place].is_partial = true;
			continue;
		}
		if (!list->source->hides_members || !set_find(&list->hidden, nesting->groups[place].key))
			continue;
		list->members[place].is_blind = true;
		reached = nesting_reach(nesting, &place, 1, &count);
		for (size_t at = 0; at < count; at++)
			list->members[reached[at].group].is_partial = true;
	}
	return 0;
}

/* How much of the members was seen? */
static enum list_sight members_sight(const struct list_members *members)
{
	return members->is_blind ? LIST_SAW_LITTLE : members->is_partial ? LIST_SAW_PART : LIST_SAW_ALL;
}

int list_put_group_rows(struct list *list, struct fault *fault)
{
	const struct nesting *nesting = &list->access.nesting;

	if (list_mark_blind(list, fault) < 0)
		return -1;
	for (size_t place = 0; place < nesting->count; place++) {
		const struct nested_group *group = &nesting->groups[place];
		const struct list_members *members = &list->members[place];

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
		list_set_count(list, COLUMN_MEMBERS, members->direct,
		               members->is_blind ? LIST_SAW_LITTLE : LIST_SAW_ALL);
		list_set_count(list, COLUMN_EFFECTIVE_MEMBERS, members->effective, members_sight(members));
		if (list_put_row(list, fault) < 0)
			return -1;
	}
	return 0;
}
