/* SPDX-License-Identifier: ISC */
/*
 * list: the question, and what is made of each record as access hands it over.
 */
#include "list/list_parts.h"

#include "base/inert.h"
#include "base/near.h"

#include <stdlib.h>

/* ---- what stands in a snapshot ---- */

/* A copy that ends in NUL, made in list->name; data NULL: out of memory. */
static struct span list_text_of(struct list *list, struct span text)
{
	struct span copy = SPAN_EMPTY;

	buf_clear(&list->name);
	buf_put_span(&list->name, text);
	buf_putc(&list->name, '\0');
	copy.data = NULL;
	return list->name.state == BUF_OK ? arena_copy(&list->texts, buf_span(&list->name)) : copy;
}

/* Is it the group of --group, or one that may be meant? */
static int list_try_group(struct list *list, const struct record *group, struct fault *fault)
{
	struct span asked = span_of(list->options->group), name = record_text(group, GROUP_NAME);
	const char *nearest = list->near_group.name;

	list->group_is_there |=
		span_is_nocase(name, asked) || span_is(record_text(group, GROUP_ID), asked);
	buf_clear(&list->name);
	inert_put(&list->name, name);
	near_try(&list->near_group, buf_text(&list->name));
	if (list->near_group.name == nearest)
		return 0;
	list->near_group.name = list_text_of(list, name).data;
	return list->near_group.name ? 0 : fault_memory(fault);
}

static int list_take_group(void *context, const struct record *group, struct fault *fault)
{
	struct list *list = context;

	if (list_take_source(list, record_text(group, GROUP_SOURCE), fault) < 0)
		return -1;
	list->source->groups++;
	return list->options->group && list_wants_source(list) ? list_try_group(list, group, fault) : 0;
}

/* For --by person every account counts, whichever are asked for. */
static int list_take_account(struct list *list, const struct access_subject *subject,
                             struct fault *fault)
{
	int wanted = list_wants(list, subject->record, fault);
	uint64_t groups = 0;

	if (wanted < 0)
		return -1;
	for (size_t i = 0; i < subject->count; i++)
		groups += list_is_asked(list, &subject->reached[i]);
	return list_add_account(list, subject, wanted && !(list->options->group && !groups), groups,
	                        fault);
}

static int list_take_subject(void *context, const struct access_subject *subject,
                             struct fault *fault)
{
	struct list *list = context;
	const struct record *user = subject->record;
	struct span status = user ? record_text(user, USER_STATUS) : span_of("");
	int wanted;

	if ((user ? list_take_source(list, record_text(user, USER_SOURCE), fault)
	          : list_take_source_of(list, subject->key, fault)) < 0)
		return -1;
	list->source->users += user != NULL;
	list->source->enabled += span_is(status, span_of("enabled"));
	list->source->disabled += span_is(status, span_of("disabled"));
	if (list->options->by == LIST_GROUP)
		return list_count_members(list, subject, fault);
	if (list->options->by == LIST_SOURCE || list->options->by == LIST_GAP)
		return 0;
	buf_clear(&list->name);
	if (user)
		buf_put_span(&list->name, record_text(user, USER_ID));
	else
		access_put_id(&list->name, subject->key);
	if (buf_check(&list->name, fault) < 0)
		return -1;
	if (list->options->by == LIST_PERSON)
		return list_take_account(list, subject, fault);
	wanted = list_wants(list, user, fault);
	return wanted > 0 ? list_put_account(list, subject, fault) : wanted;
}

static int list_take_end(void *context, struct fault *fault)
{
	struct list *list = context;
	yyjson_val *entry;
	size_t i, max;

	if (list->options->by == LIST_GROUP && list_put_group_rows(list, fault) < 0)
		return -1;
	yyjson_arr_foreach(list->access.reader.sources, i, max, entry) {
		if (list_take_source(list, json_obj_text(entry, "source"), fault) < 0)
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

static void list_start(struct list *list)
{
	list->first_source = list->source_count;
	list->source = NULL;
	if (list->members)
		memset(list->members, 0, list->member_cap * sizeof *list->members);
}

int list_read(struct list *list, const char *path, struct fault *fault)
{
	list_start(list);
	return access_read(&list->access, path, fault);
}

static bool list_wants_key(void *context, struct span key)
{
	const struct list *list = context;

	return account_search_found(&list->search, key);
}

static bool list_may_want_id(void *context, struct span id)
{
	const struct list *list = context;

	return account_search_may_have(&list->search, id);
}

int list_read_since(struct list *list, struct fault *fault)
{
	return since_read(&list->since, list->options->since_from, fault);
}

int list_read_decisions(struct list *list, struct fault *fault)
{
	list->access.each_nesting = list_check_decisions;
	return decisions_read(&list->decisions, list->options->decisions, fault);
}

int list_search(struct list *list, const struct reread *inputs, size_t count, struct fault *fault)
{
	if (list->options->by == LIST_ACCESS || list->options->by == LIST_USER) {
		list->access.wants = list_wants_key;
		list->access.may_want = list_may_want_id;
	}
	return account_search_run(&list->search, inputs, count, fault);
}

int list_reread(struct list *list, const struct reread *input, struct fault *fault)
{
	list_start(list);
	return access_reread(&list->access, input, fault);
}

/* ---- the question ---- */

/* The column of this name, or -1. */
static int list_find_column(const struct list *list, struct span name)
{
	int found = list_column_find(list->options->by, name);

	if (!list_has_column(list, found))
		return -1;

	for (size_t i = 0; found < 0 && i < list->source_column_count; i++)
		if (span_is(name, span_of(list->source_columns[i].name)))
			found = LIST_COLUMNS + (int)i;
	return found;
}

/* The fault of a column that the question does not have, with those that it has. */
static int list_refuse_column(const struct list *list, const char *option, struct span name,
                              struct fault *fault)
{
	struct near near = near_to(name);
	int by = list->options->by;

	if (list_column_find(by, name) == COLUMN_SINCE)
		return fault_set(fault, FAULT_USAGE,
		                 "%s: the column 'since' is that of a trace: give it with --since-from",
		                 option);
	if (list_column_is_of_review(list_column_find(by, name)))
		return fault_set(fault, FAULT_USAGE,
		                 "%s: the column '%s' is that of a review: give its --decisions", option,
		                 INERT(name));
	fault_set(fault, FAULT_USAGE, "%s: --by %s has no column '%s'; it has", option,
	          list_by_names[by], INERT(name));
	for (const int *column = list_all_columns[by]; *column >= 0; column++) {
		if (!list_has_column(list, *column))
			continue;
		fault_hint(fault, "%s %s", column == list_all_columns[by] ? "" : ",",
		           list_columns[*column].name);
		near_try(&near, list_columns[*column].name);
	}
	for (size_t i = 0; i < list->source_column_count; i++) {
		fault_hint(fault, ", %s", list->source_columns[i].name);
		near_try(&near, list->source_columns[i].name);
	}
	return near_hint(&near, "", fault);
}

static int list_add_column(struct list *list, int column, struct fault *fault)
{
	if (list->column_count == TABLE_COLUMNS_MAX)
		return fault_set(fault, FAULT_USAGE, "more than %d columns: choose some with --columns",
		                 TABLE_COLUMNS_MAX);
	list->columns[list->column_count++] = column;
	return 0;
}

static struct span list_trim(struct span text)
{
	for (; text.len && *text.data == ' '; text.data++)
		text.len--;
	while (text.len && text.data[text.len - 1] == ' ')
		text.len--;
	return text;
}

static int list_choose_columns(struct list *list, struct fault *fault)
{
	const struct list_options *options = list->options;
	const char *rest = options->columns;
	const int *column =
		options->for_people ? list_people_columns[options->by] : list_all_columns[options->by];

	if (!rest) {
		for (; *column >= 0; column++)
			if (list_has_column(list, *column))
				list->columns[list->column_count++] = *column;
		for (size_t i = 0; i < list->source_column_count; i++)
			if (list_add_column(list, LIST_COLUMNS + (int)i, fault) < 0)
				return -1;
		return 0;
	}
	while (*rest) {
		size_t len = strcspn(rest, ",");
		const char *equals = memchr(rest, '=', len), *name = equals ? equals + 1 : rest;
		struct span wanted = list_trim((struct span){name, (size_t)(rest + len - name)}), title;
		int found = list_find_column(list, wanted);

		if (found < 0)
			return list_refuse_column(list, "--columns", wanted, fault);
		if (list_add_column(list, found, fault) < 0)
			return -1;
		if (equals) {
			title = list_text_of(list, list_trim((struct span){rest, (size_t)(equals - rest)}));
			if (!title.data)
				return fault_memory(fault);
			list->titles[list->column_count - 1] = title.data;
		}
		rest += len + (rest[len] == ',');
	}
	return list->column_count ? 0 : fault_set(fault, FAULT_USAGE, "--columns names no column");
}

/* When all columns are known. */
static int list_open_table(struct list *list, struct fault *fault)
{
	const struct list_options *options = list->options;
	struct span name;

	if (list_choose_columns(list, fault) < 0)
		return -1;
	for (size_t i = 0; filter_sees_name(&list->where, i, &name); i++)
		if (list_find_column(list, name) < 0)
			return list_refuse_column(list, "--where", name, fault);
	if (options->sort) {
		list->sort = list_find_column(list, span_of(options->sort));
		if (list->sort < 0)
			return list_refuse_column(list, "--sort", span_of(options->sort), fault);
	}
	for (size_t i = 0; i < list->column_count; i++) {
		int column = list->columns[i];

		list->shown[i] = column < LIST_COLUMNS ? list_columns[column]
		                                       : list->source_columns[column - LIST_COLUMNS];
		if (list->titles[i])
			list->shown[i].name = list->titles[i];
	}
	return table_open(&list->table, list->shown, list->column_count,
	                  (enum table_format)options->format, options->memory / 2, fault);
}

int list_open(struct list *list, const struct list_options *options, struct fault *fault)
{
	*list = (struct list){.options = options, .sort = -1};
	if (options->group)
		list->near_group = near_to(span_of(options->group));
	list->access.context = list;
	list->access.each_gap = list_take_gap;
	list->access.each_group = list_take_group;
	list->access.each_subject = list_take_subject;
	list->access.each_end = list_take_end;
	list->access.memory = options->by == LIST_PERSON ? options->memory / 4 : options->memory / 2;
	list->cells = calloc(LIST_COLUMNS, sizeof *list->cells);
	if (!list->cells)
		return fault_memory(fault);
	if (options->where &&
	    (filter_init(&list->where, "--where", span_of(options->where), fault) < 0 ||
	     filter_ask_truth(&list->where, span_of(options->where), fault) < 0))
		return -1;
	if (options->user &&
	    account_search_open(&list->search, options->user, options->persons, fault) < 0)
		return -1;
	if (options->by != LIST_PERSON)
		return list_open_table(list, fault);
	if (persons_open(&list->persons, options->memory / 4, fault) < 0)
		return -1;
	return options->persons ? persons_read(&list->persons, options->persons, fault) : 0;
}

/* Is that of --source there? */
static int list_check_source(struct list *list, struct fault *fault)
{
	struct span asked, copy;
	struct near near;

	if (!list->options->source)
		return 0;
	asked = span_of(list->options->source);
	for (size_t i = 0; i < list->source_count; i++)
		if (span_is(list->sources[i].name, asked))
			return 0;
	near = near_to(asked);
	fault_set(fault, FAULT_USAGE, "--source: no source '%s' in what was read; it has",
	          INERT(asked));
	for (size_t i = 0; i < list->source_count; i++) {
		fault_hint(fault, "%s %s", i ? "," : "", INERT(list->sources[i].name));
		copy = list_text_of(list, list->sources[i].name);
		if (!copy.data)
			return fault_memory(fault);
		near_try(&near, copy.data);
	}
	return near_hint(&near, "", fault);
}

/* --group and --user that nothing is called are no fault: then nobody has such access. */
static void list_note_missing(struct list *list)
{
	const struct list_options *options = list->options;
	struct buf *notes = &list->notes;

	if (options->group && options->by <= LIST_GROUP && !list->group_is_there) {
		buf_puts(notes, "no group is called '");
		inert_put(notes, span_of(options->group));
		buf_puts(notes, "', nor has one this id: a name is given as a whole");
		if (list->near_group.name) {
			buf_puts(notes, "; did you mean '");
			inert_put(notes, span_of(list->near_group.name));
			buf_puts(notes, "'?");
		}
		buf_putc(notes, '\n');
	}
	if (options->user && options->by <= LIST_PERSON && !list->user_is_there) {
		buf_puts(notes, "no account has the user name, e-mail or id '");
		inert_put(notes, span_of(options->user));
		buf_puts(notes, "': a name is given as a whole\n");
	}
}

int list_end(struct list *list, struct fault *fault)
{
	if (list_check_source(list, fault) < 0)
		return -1;
	list_note_missing(list);
	if (buf_check(&list->notes, fault) < 0)
		return -1;
	if (list->options->by != LIST_PERSON)
		return 0;
	return list_open_persons(list, fault) < 0 || list_open_table(list, fault) < 0
	           ? -1
	           : list_put_persons(list, fault);
}

void list_release(struct list *list)
{
	access_release(&list->access);
	account_search_release(&list->search);
	table_release(&list->table);
	list_release_persons(list);
	decisions_release(&list->decisions);
	since_release(&list->since);
	buf_release(&list->direct_id);
	filter_release(&list->where);
	json_reader_release(&list->reader);
	free(list->sources);
	free(list->cells);
	free(list->members);
	set_release(&list->hidden);
	buf_release(&list->notes);
	buf_release(&list->id);
	buf_release(&list->path);
	buf_release(&list->name);
	buf_release(&list->json);
	arena_release(&list->texts);
}
