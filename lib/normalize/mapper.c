/* SPDX-License-Identifier: ISC */
/*
 * mapper: one pass over each resource. What can be decided at once goes to the
 * snapshot's lines, the rest waits among the pending.
 */
#include "normalize/mapper.h"

#include "normalize/guid_case.h"
#include "normalize/record_import.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "base/set.h"

#include <stdio.h>

void mapper_release(struct mapper *mapper)
{
	json_reader_release(&mapper->json);
	json_shapes_release(&mapper->shapes);
	record_release(&mapper->record);
	buf_release(&mapper->line);
	buf_release(&mapper->id);
	buf_release(&mapper->other_id);
	buf_release(&mapper->output);
	unmapped_release(&mapper->unmapped);
	*mapper = (struct mapper){0};
}

static int mapper_add_record(struct mapper *mapper, const struct record *record,
                             struct fault *fault)
{
	buf_clear(&mapper->line);
	record_put(&mapper->line, record);
	if (buf_check(&mapper->line, fault) < 0)
		return -1;
	return sorter_add_to(mapper->lines, mapper->shard, buf_span(&mapper->line), fault);
}

/* ---- pending ---- */

static int mapper_add_membership(struct mapper *mapper, struct span group_id, struct span member_id,
                                 enum member_kind kind, struct fault *fault)
{
	struct record *record = &mapper->record;

	record_start(record, RECORD_MEMBERSHIP, buf_span(&mapper->section->source));
	record_set(record, MEMBERSHIP_GROUP_ID, group_id);
	record_set(record, MEMBERSHIP_MEMBER_ID, member_id);
	record_set(record, MEMBERSHIP_MEMBER_KIND, span_of(member_kind_words[kind]));
	return mapper_add_record(mapper, record, fault);
}

/* The members of one group can not be told whole. */
static int add_member_gap(struct mapper *mapper, struct span group_id, struct fault *fault)
{
	struct record *record = &mapper->record;

	record_start(record, RECORD_GAP, buf_span(&mapper->section->source));
	record_set(record, GAP_SCOPE, span_of("members"));
	record_set(record, GAP_ID, group_id);
	record_set(record, GAP_REASON, span_of("it has a member without an id"));
	return mapper_add_record(mapper, record, fault);
}

static int membership_from_group(void *context, struct span group_id, struct span member_id,
                                 enum member_kind kind, struct fault *fault)
{
	struct mapper *mapper = context;

	mapper->members += hash_bytes(member_id, 0); /* a sum: their order does not count */
	if (!member_id.len)
		return add_member_gap(mapper, group_id, fault);
	if (kind == MEMBER_USER && guid_case_has_capitals(member_id))
		return pending_in_capitals(mapper->pending, mapper->shard, &mapper->line,
		                           json_quote(&mapper->id, group_id),
		                           json_quote(&mapper->other_id, member_id), fault);
	if (kind != MEMBER_UNKNOWN)
		return mapper_add_membership(mapper, group_id, member_id, kind, fault);
	return pending_untyped(mapper->pending, mapper->shard, &mapper->line,
	                       json_quote(&mapper->id, group_id),
	                       json_quote(&mapper->other_id, member_id), fault);
}

static int membership_from_user(void *context, struct span group_id, struct span user_id,
                                enum member_kind kind, struct fault *fault)
{
	struct mapper *mapper = context;

	(void)kind;
	mapper->members += hash_bytes(group_id, 0);
	return pending_from_user(mapper->pending, mapper->shard, &mapper->line,
	                         json_quote(&mapper->id, group_id),
	                         json_quote(&mapper->other_id, user_id), fault);
}

static int mapper_see_group(struct mapper *mapper, struct span id, bool shows, uint64_t members,
                            struct fault *fault)
{
	return pending_see_group(mapper->pending, mapper->shard, &mapper->line,
	                         json_quote(&mapper->id, id), shows, members, fault);
}

/* ---- records ---- */

/* What is known of the tree of a line. */
struct mapper_memo {
	yyjson_val *source, *resource, *included;
	struct unmapped_memo unmapped;
	max_align_t of_mapping[MAPPING_MEMO / sizeof(max_align_t)];
};

static int mapper_read_user(struct mapper *mapper, struct mapper_memo *memo, struct fault *fault)
{
	yyjson_val *resource = memo->resource, *included = memo->included;
	const struct section *section = mapper->section;
	const struct membership_sink sink = {membership_from_user, mapper};
	struct record *record = &mapper->record;
	struct span id;
	int shows;

	if (section->mapping->user(record, resource, included, section->provider, memo->of_mapping,
	                           fault) < 0 ||
	    (mapper->extras->count &&
	     extra_set(mapper->extras, record, section->mapping, resource, included, fault) < 0) ||
	    mapper_add_record(mapper, record, fault) < 0 ||
	    unmapped_see(&mapper->unmapped, section->mapping, record, resource, included,
	                 &memo->unmapped, fault) < 0)
		return -1;
	id = record->values[USER_ID].text;
	mapper->capital_ids |= guid_case_has_capitals(id);
	mapper->members = 0;
	shows = section->mapping->groups(resource, id, memo->of_mapping, &sink, fault);
	if (shows <= 0)
		return shows;
	return pending_see_user(mapper->pending, mapper->shard, &mapper->line, &mapper->id, id,
	                        mapper->members, fault);
}

static int mapper_read_group(struct mapper *mapper, struct mapper_memo *memo, struct fault *fault)
{
	yyjson_val *resource = memo->resource;
	const struct mapping *mapping = mapper->section->mapping;
	const struct membership_sink sink = {membership_from_group, mapper};
	struct record *record = &mapper->record;
	struct span id;
	int shows;

	if (mapping->group(record, resource, mapper->section->provider, fault) < 0 ||
	    (mapper->extras->count &&
	     extra_set(mapper->extras, record, mapping, resource, NULL, fault) < 0) ||
	    mapper_add_record(mapper, record, fault) < 0 ||
	    unmapped_see(&mapper->unmapped, mapping, record, resource, NULL, &memo->unmapped, fault) <
	        0)
		return -1;
	id = record->values[GROUP_ID].text;
	mapper->capital_ids |= guid_case_has_capitals(id);
	mapper->members = 0;
	shows = mapping->members(resource, id, &sink, fault);
	return shows < 0 ? -1 : mapper_see_group(mapper, id, shows, mapper->members, fault);
}

/* The next two take mapper->record. */

static int take_gap(struct mapper *mapper, struct fault *fault)
{
	mapper->users_missing |= span_is(record_text(&mapper->record, GAP_SCOPE), span_of("users"));
	return mapper_add_record(mapper, &mapper->record, fault);
}

static int take_imported(struct mapper *mapper, struct fault *fault)
{
	const struct record *record = &mapper->record;
	const struct value *values = record->values;

	mapper->imported++;
	if (mapper->section->names &&
	    plain_names_look(mapper->section->names, record, mapper->number, fault) < 0)
		return -1;
	if (record->kind == RECORD_MEMBERSHIP)
		return membership_from_group(mapper, values[MEMBERSHIP_GROUP_ID].text,
		                             values[MEMBERSHIP_MEMBER_ID].text, record_member_kind(record),
		                             fault);
	if (record->kind == RECORD_GAP)
		return take_gap(mapper, fault);
	mapper->capital_ids |= guid_case_has_capitals(values[USER_ID].text);
	if (mapper_add_record(mapper, record, fault) < 0)
		return -1;
	/* which side a program takes memberships from is not known: where users are
	   missing, members may be */
	return record->kind == RECORD_GROUP
	           ? mapper_see_group(mapper, values[GROUP_ID].text, !mapper->program, 0, fault)
	           : 0;
}

/* A membership that its user's groups were asked for (scim-fetch --members filter). */
static int mapper_read_membership(struct mapper *mapper, yyjson_val *root, struct fault *fault)
{
	struct span group_id, member_id;

	if (!json_text(yyjson_obj_get(root, "group_id"), &group_id) || !group_id.len ||
	    !json_text(yyjson_obj_get(root, "member_id"), &member_id) || !member_id.len)
		return fault_set(fault, FAULT_DATA, "a membership without group_id or member_id");
	return mapper_add_membership(mapper, group_id, member_id, MEMBER_USER, fault);
}

static int mapper_read_gap(struct mapper *mapper, yyjson_val *root, struct fault *fault)
{
	return record_parse(&mapper->record, RECORD_GAP, root, fault) < 0 ? -1
	                                                                  : take_gap(mapper, fault);
}

static int run_program(struct mapper *mapper, yyjson_val *line, enum record_kind kind,
                       struct fault *fault)
{
	struct span source = buf_span(&mapper->section->source);
	char where[INERT_MAX + 32];
	int more;

	snprintf(where, sizeof where, "%s: line %zu", INERT(span_of(mapper->section->input)),
	         mapper->number);
	mapper->programmed++;
	if (filter_start(mapper->program, line, where, fault) < 0)
		return -1;
	while ((more = filter_next(mapper->program, &mapper->output, fault)) > 0) {
		/* the line is the program's now */
		yyjson_val *root = json_read(&mapper->json, buf_span(&mapper->output), fault);

		if (!root || record_import(&mapper->record, root, source, kind, fault) < 0 ||
		    take_imported(mapper, fault) < 0)
			return fault_prefix(fault, "record %zu of --map: ", mapper->program->outputs);
	}
	return more;
}

/* What is known of the tree at `root`, which is that of the last line. NULL with a fault where
   there is no memory. */
static struct mapper_memo *mapper_know(struct mapper *mapper, yyjson_val *root, struct fault *fault)
{
	struct mapper_memo *memo = json_shapes_memo(&mapper->shapes, sizeof *memo, fault);

	if (!memo || memo->source)
		return memo;
	memo->source = yyjson_obj_get(root, "source");
	memo->resource = yyjson_obj_get(root, "resource");
	memo->included = yyjson_obj_get(root, "included");
	return memo;
}

int mapper_read(struct mapper *mapper, enum record_kind kind, struct span line, size_t number,
                struct fault *fault)
{
	yyjson_val *root = json_shapes_read(&mapper->shapes, line, fault);
	struct mapper_memo *memo = root ? mapper_know(mapper, root, fault) : NULL;
	struct span source = SPAN_EMPTY;

	mapper->number = number;
	if (!memo)
		return -1;
	if (!json_text(memo->source, &source) || !span_is(source, buf_span(&mapper->section->source)))
		return fault_set(fault, FAULT_DATA, "a record of source '%s' in the section of '%s'",
		                 INERT(source), INERT(buf_span(&mapper->section->source)));
	if (kind == RECORD_GAP)
		return mapper_read_gap(mapper, root, fault);
	if (kind == RECORD_MEMBERSHIP)
		return mapper_read_membership(mapper, root, fault);
	if (!yyjson_is_obj(memo->resource))
		return fault_set(fault, FAULT_DATA, "a %s without a resource",
		                 record_words[kind].kind.data);
	if (mapper->program)
		return run_program(mapper, root, kind, fault);
	record_start(&mapper->record, kind, source);
	return kind == RECORD_USER ? mapper_read_user(mapper, memo, fault)
	                           : mapper_read_group(mapper, memo, fault);
}

int mapper_read_plain(struct mapper *mapper, struct span line, size_t number, struct fault *fault)
{
	yyjson_val *root = json_shapes_read(&mapper->shapes, line, fault);

	mapper->number = number;
	if (!root)
		return -1;
	if (mapper->program)
		return run_program(mapper, root, RECORD_USER, fault);
	if (record_import(&mapper->record, root, buf_span(&mapper->section->source), RECORD_USER,
	                  fault) < 0)
		return -1;
	return take_imported(mapper, fault);
}
