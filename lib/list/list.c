/* SPDX-License-Identifier: ISC */
/*
 * list: the question, and what is made of each record as access hands it over.
 */
#include "list/list_parts.h"

#include <stdlib.h>

/* ---- what stands in a snapshot ---- */

static int list_take_group(void *context, const struct record *group, struct fault *fault)
{
	struct list *list = context;

	if (list_take_source(list, record_text(group, GROUP_SOURCE), fault) < 0)
		return -1;
	list->source->groups++;
	return 0;
}

static int list_take_subject(void *context, const struct access_subject *subject,
                             struct fault *fault)
{
	struct list *list = context;
	const struct record *user = subject->record;
	struct span status = user ? record_text(user, USER_STATUS) : span_of("");

	if ((user ? list_take_source(list, record_text(user, USER_SOURCE), fault)
	          : list_take_source_of(list, subject->key, fault)) < 0)
		return -1;
	list->source->users += user != NULL;
	list->source->enabled += span_is(status, span_of("enabled"));
	list->source->disabled += span_is(status, span_of("disabled"));
	if (list->options->by == LIST_GROUP)
		return list_count_members(list, subject, fault);
	if (list->options->by != LIST_ACCESS && list->options->by != LIST_USER)
		return 0;
	buf_clear(&list->name);
	if (user)
		buf_put_span(&list->name, record_text(user, USER_ID));
	else
		access_put_id(&list->name, subject->key);
	if (buf_check(&list->name, fault) < 0)
		return -1;
	return list_wants(list, user) ? list_put_account(list, subject, fault) : 0;
}

static int list_take_end(void *context, struct fault *fault)
{
	struct list *list = context;
	yyjson_val *entry;
	size_t i, max;

	if (list->options->by == LIST_GROUP && list_put_group_rows(list, fault) < 0)
		return -1;
	yyjson_arr_foreach(list->access.reader.sources, i, max, entry) {
		if (list_take_source(list, snapshot_source_text(entry, "source"), fault) < 0)
			return -1;
		if (!list_wants_source(list))
			continue;
		list_note_source(list, entry);
		if (buf_check(&list->notes, fault) < 0 || buf_check(&list->path, fault) < 0 ||
		    (list->options->by == LIST_SOURCE && list_put_source_row(list, entry, fault) < 0))
			return -1;
	}
	return 0;
}

int list_read(struct list *list, const char *path, struct fault *fault)
{
	list->first_source = list->source_count;
	list->source = NULL;
	if (list->members)
		memset(list->members, 0, list->member_cap * sizeof *list->members);
	return access_read(&list->access, path, fault);
}

/* ---- the question ---- */

static int list_choose_columns(struct list *list, struct fault *fault)
{
	const struct list_options *options = list->options;
	const char *rest = options->columns;
	const int *column =
		options->for_people ? list_people_columns[options->by] : list_all_columns[options->by];

	if (!rest) {
		for (; *column >= 0; column++)
			list->columns[list->column_count++] = *column;
		return 0;
	}
	while (*rest) {
		size_t len = strcspn(rest, ",");
		int found = list_column_find(options->by, (struct span){rest, len});

		if (found < 0 || list->column_count == TABLE_COLUMNS_MAX)
			return list_refuse_column(options->by, "--columns", (struct span){rest, len}, fault);
		list->columns[list->column_count++] = found;
		rest += len + (rest[len] == ',');
	}
	return list->column_count ? 0 : fault_set(fault, FAULT_USAGE, "--columns names no column");
}

int list_open(struct list *list, const struct list_options *options, struct fault *fault)
{
	*list = (struct list){.options = options, .sort = -1};
	list->access.context = list;
	list->access.each_gap = list_take_gap;
	list->access.each_group = list_take_group;
	list->access.each_subject = list_take_subject;
	list->access.each_end = list_take_end;
	list->access.memory = options->memory / 2;
	list->cells = calloc(LIST_COLUMNS, sizeof *list->cells);
	if (!list->cells)
		return fault_memory(fault);
	if (list_choose_columns(list, fault) < 0)
		return -1;
	if (options->sort) {
		list->sort = list_column_find(options->by, span_of(options->sort));
		if (list->sort < 0)
			return list_refuse_column(options->by, "--sort", span_of(options->sort), fault);
	}
	if (options->where && filter_init(&list->where, "--where", span_of(options->where), fault) < 0)
		return -1;
	for (size_t i = 0; i < list->column_count; i++)
		list->shown[i] = list_columns[list->columns[i]];
	return table_open(&list->table, list->shown, list->column_count,
	                  (enum table_format)options->format, options->memory / 2, fault);
}

void list_release(struct list *list)
{
	access_release(&list->access);
	table_release(&list->table);
	filter_release(&list->where);
	json_reader_release(&list->reader);
	free(list->sources);
	free(list->cells);
	free(list->members);
	buf_release(&list->notes);
	buf_release(&list->id);
	buf_release(&list->path);
	buf_release(&list->name);
	buf_release(&list->json);
	arena_release(&list->texts);
}
