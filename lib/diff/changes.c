/* SPDX-License-Identifier: ISC */
/*
 * changes: the list, and which differences of two records are one.
 */
#include "diff/changes.h"

#include "base/array.h"

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

void changes_release(struct changes *changes)
{
	free(changes->list);
	for (size_t i = 0; i < changes->common_count; i++)
		buf_release(&changes->common[i].left_out);
	free(changes->common);
	free(changes->blind_spots);
	labels_release(&changes->labels);
	arena_release(&changes->arena);
	*changes = (struct changes){0};
}

int changes_add(struct changes *changes, struct change change, struct fault *fault)
{
	struct change *list =
		array_grow(changes->list, changes->count, &changes->cap, sizeof *list, fault);

	if (!list)
		return -1;
	changes->list = list;
	change.place = changes->count;
	changes->list[changes->count++] = change;
	return 0;
}

int changes_limit(const struct changes *changes, struct record *record, int side,
                  struct fault *fault)
{
	const struct common_part *common = NULL;
	unsigned least, known;

	for (size_t i = 0; i < changes->common_count && !common; i++)
		if (changes->options.match || span_is(changes->common[i].source, record_text(record, 0)))
			common = &changes->common[i];
	if (!common)
		return 0;
	if (record_check_vocabulary(record, common->vocabulary[side], fault) < 0)
		return -1;
	least = common->vocabulary[common->vocabulary[0] > common->vocabulary[1]];
	known = record_known_fields(record->kind, least);
	for (size_t i = 0; i < record_forms[record->kind].count; i++)
		if (!(known & 1U << i))
			record->values[i] = (struct value){.type = VALUE_ABSENT};
	if (!common->left_out.len || (record->kind != RECORD_USER && record->kind != RECORD_GROUP))
		return 0;
	return record_drop_members(record, record->kind == RECORD_USER ? USER_EXTRA : GROUP_EXTRA,
	                           &common->left_out, fault);
}

/* Of fields that differ between two directories, those that both show. */
static unsigned fields_of_both(unsigned fields, const struct record *before,
                               const struct record *after)
{
	for (unsigned i = 0; i < record_forms[before->kind].count; i++)
		if (before->values[i].type == VALUE_ABSENT || after->values[i].type == VALUE_ABSENT)
			fields &= ~(1U << i);
	if (before->kind != RECORD_USER)
		return fields;
	/* a status that one side does not say */
	if (span_is(record_text(before, USER_STATUS), span_of("unknown")) ||
	    span_is(record_text(after, USER_STATUS), span_of("unknown")))
		fields &= ~(1U << USER_STATUS);
	if (span_is_nocase(record_text(before, USER_EMAIL), record_text(after, USER_EMAIL)) &&
	    before->values[USER_EMAIL].type == after->values[USER_EMAIL].type)
		fields &= ~(1U << USER_EMAIL);
	/* kept in the line for what a blind spot hides */
	return fields & ~(1U << USER_ACCOUNT_TYPE);
}

unsigned changes_fields(const struct diff_options *options, const struct record *before,
                        const struct record *after)
{
	unsigned fields = record_differences(before, after, options->all_fields);

	fields &= ~options->ignored[before->kind];
	return options->match ? fields_of_both(fields, before, after) : fields;
}
