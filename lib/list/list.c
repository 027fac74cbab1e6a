/* SPDX-License-Identifier: ISC */
/*
 * list: a row is filled cell by cell, whatever is shown of it, so that --where and --sort
 * may ask for any column.
 */
#include "list/list.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"

#include <stdio.h>
#include <stdlib.h>

struct list_members {
	uint64_t direct, effective;
};

/* ---- cells ---- */

static void list_set_text(struct list *list, enum list_column column, struct span text)
{
	list->cells[column] = (struct list_cell){LIST_TEXT, text, 0};
}

static void list_set_number(struct list *list, enum list_column column, uint64_t number)
{
	list->cells[column] = (struct list_cell){LIST_NUMBER, span_of(""), number};
}

static void list_set_type(struct list *list, enum list_column column, enum list_cell_type type)
{
	list->cells[column] = (struct list_cell){type, span_of(""), 0};
}

static void list_set_value(struct list *list, enum list_column column, const struct record *record,
                           int field)
{
	const struct value *value = &record->values[field];

	if (value->type == VALUE_ABSENT)
		list_set_type(list, column, LIST_NOT_SHOWN);
	else if (value->type == VALUE_NULL)
		list_set_type(list, column, LIST_NONE);
	else
		list_set_text(list, column, value->text);
}

/* ---- rows ---- */

/* The row as a JSON object, for --where. NULL with a fault. */
static yyjson_val *list_row_value(struct list *list, struct fault *fault)
{
	list_put_json(&list->json, list->options->by, list->cells);
	return buf_check(&list->json, fault) < 0
	           ? NULL
	           : json_read(&list->reader, buf_span(&list->json), fault);
}

/* Does --where hold for the row? 1, 0 or -1. */
static int list_holds(struct list *list, struct fault *fault)
{
	yyjson_val *row;
	int holds = -1;

	if (!list->where.jq)
		return 1;
	row = list_row_value(list, fault);
	if (row && filter_start(&list->where, row, buf_text(&list->json), fault) == 0)
		holds = filter_holds(&list->where, fault);
	return holds < 0 ? fault_hint(fault, " (%s)", INERT(buf_span(&list->json))) : holds;
}

static void list_sort_by(struct list *list, int column)
{
	const struct list_cell *cell = &list->cells[column];
	char digits[24];

	if (cell->type == LIST_NUMBER) {
		snprintf(digits, sizeof digits, "%llu", (unsigned long long)cell->number);
		table_sort_by(&list->table, span_of(digits), true);
	} else {
		table_sort_by(&list->table, cell->text, false);
	}
}

static void list_put_cell(struct list *list, const struct list_cell *cell)
{
	switch (cell->type) {
	case LIST_TEXT: table_put_text(&list->table, cell->text); break;
	case LIST_NUMBER: table_put_number(&list->table, cell->number); break;
	case LIST_NONE: table_put_none(&list->table); break;
	case LIST_NOT_SHOWN: table_put_not_shown(&list->table); break;
	default: table_put_empty(&list->table);
	}
}

/* The row is filled: 1 where it is one of the answer, 0 or -1. */
static int list_put_row(struct list *list, struct fault *fault)
{
	const int *order = list_orders[list->options->by];
	int holds = list_holds(list, fault);

	if (holds <= 0)
		return holds;
	table_begin_row(&list->table);
	if (list->sort >= 0)
		list_sort_by(list, list->sort);
	for (; *order >= 0; order++)
		list_sort_by(list, *order);
	for (size_t i = 0; i < list->column_count; i++)
		list_put_cell(list, &list->cells[list->columns[i]]);
	return table_end_row(&list->table, fault) < 0 ? -1 : 1;
}

/* ---- directories ---- */

/* The directory of this name, which is the one at hand from now on. 0 or -1. */
static int list_take_source(struct list *list, struct span name, struct fault *fault)
{
	struct list_source *sources;

	if (list->source && span_is(list->source->name, name))
		return 0;
	for (size_t i = 0; i < list->source_count; i++)
		if (span_is(list->sources[i].name, name)) {
			list->source = &list->sources[i];
			return i >= list->first_source
			           ? 0
			           : fault_set(fault, FAULT_DATA,
			                       "the source '%s' stands in two snapshots: list them one by one, "
			                       "or merge those of different sources with normalize",
			                       INERT(name));
		}
	sources =
		array_grow(list->sources, list->source_count, &list->source_cap, sizeof *sources, fault);
	if (!sources)
		return -1;
	list->sources = sources;
	list->source = &sources[list->source_count++];
	*list->source = (struct list_source){
		.name = arena_copy(&list->texts, name),
		.as_of = arena_copy(
			&list->texts,
			snapshot_source_text(snapshot_reader_source(&list->access.reader, name), "fetched_at")),
	};
	if (!list->source->name.data || !list->source->as_of.data)
		return fault_memory(fault);
	if (list->options->idle_days &&
	    !when_minus(list->source->as_of, list->options->idle_days * 86400, list->idle_before))
		return fault_set(fault, FAULT_DATA,
		                 "the snapshot does not say when '%s' was read, so --idle can not be "
		                 "answered",
		                 INERT(name));
	return 0;
}

static bool list_wants_source(const struct list *list)
{
	return !list->options->source || span_is(list->source->name, span_of(list->options->source));
}

static void list_begin_row(struct list *list)
{
	for (int column = 0; column < LIST_COLUMNS; column++)
		list_set_type(list, (enum list_column)column, LIST_EMPTY);
	list_set_text(list, COLUMN_SOURCE, list->source->name);
	list_set_text(list, COLUMN_AS_OF, list->source->as_of);
}

/* The source in a key or a line, as text. 0 or -1. */
static int list_take_source_of(struct list *list, struct span key, struct fault *fault)
{
	yyjson_val *root = json_read(&list->reader, record_line_source(key), fault);
	struct span name = SPAN_EMPTY;

	if (!root)
		return -1;
	json_text(root, &name);
	return list_take_source(list, name, fault);
}

/* ---- gaps and groups ---- */

static int list_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct list *list = context;

	if (list_take_source(list, record_text(gap, GAP_SOURCE), fault) < 0)
		return -1;
	list->source->gaps++;
	if (!list_wants_source(list))
		return 0;
	buf_puts(&list->notes, "not readable: ");
	inert_put(&list->notes, list->source->name);
	buf_puts(&list->notes, " ");
	inert_put(&list->notes, record_text(gap, GAP_SCOPE));
	if (record_text(gap, GAP_ID).len) {
		buf_puts(&list->notes, " of ");
		inert_put(&list->notes, record_text(gap, GAP_ID));
	}
	buf_puts(&list->notes, ": ");
	inert_put(&list->notes, record_text(gap, GAP_REASON));
	buf_putc(&list->notes, '\n');
	if (list->options->by != LIST_GAP)
		return buf_check(&list->notes, fault);
	list_begin_row(list);
	list_set_text(list, COLUMN_SCOPE, record_text(gap, GAP_SCOPE));
	if (record_text(gap, GAP_ID).len)
		list_set_text(list, COLUMN_GROUP_ID, record_text(gap, GAP_ID));
	list_set_text(list, COLUMN_REASON, record_text(gap, GAP_REASON));
	return list_put_row(list, fault) < 0 ? -1 : 0;
}

static int list_take_group(void *context, const struct record *group, struct fault *fault)
{
	struct list *list = context;

	if (list_take_source(list, record_text(group, GROUP_SOURCE), fault) < 0)
		return -1;
	list->source->groups++;
	return 0;
}

/* ---- accounts ---- */

/* Is the group at `place` the one of --group? */
static bool list_is_group(struct list *list, uint32_t place)
{
	const struct nested_group *group = &list->access.nesting.groups[place];
	struct span asked = span_of(list->options->group);

	if (span_is(group->name, asked))
		return true;
	buf_clear(&list->id);
	access_put_id(&list->id, group->key);
	return span_is(buf_span(&list->id), asked);
}

static bool list_is_asked(struct list *list, const struct reached *reached)
{
	return !(list->options->direct && reached->level) &&
	       (!list->options->group || list_is_group(list, reached->group));
}

static bool list_is_user(const struct record *user, struct span asked, struct span id)
{
	return span_is(id, asked) ||
	       (user && (span_is_nocase(record_text(user, USER_USER_NAME), asked) ||
	                 span_is_nocase(record_text(user, USER_EMAIL), asked)));
}

/* Did the account not sign in since --idle? One that does not show it is counted. */
static bool list_is_idle(struct list *list, const struct record *user)
{
	const struct value *value = user ? &user->values[USER_LAST_LOGIN_AT] : NULL;

	if (!value || value->type == VALUE_ABSENT) {
		list->idle_unknown++;
		return false;
	}
	return value->type == VALUE_NULL || when_compare(value->text, span_of(list->idle_before)) < 0;
}

/* Is it an account that was asked for, but for its groups? */
static bool list_wants(struct list *list, const struct record *user)
{
	const struct list_options *options = list->options;

	if (!list_wants_source(list) ||
	    (options->user && !list_is_user(user, span_of(options->user), buf_span(&list->name))))
		return false;
	if (options->enabled && !(user && span_is(record_text(user, USER_STATUS), span_of("enabled"))))
		return false;
	return !options->idle_days || list_is_idle(list, user);
}

static void list_set_account(struct list *list, const struct record *user, bool is_group)
{
	static const struct {
		enum list_column column;
		int field;
	} cells[] = {
		{COLUMN_USER_NAME, USER_USER_NAME},         {COLUMN_EMAIL, USER_EMAIL},
		{COLUMN_DISPLAY_NAME, USER_DISPLAY_NAME},   {COLUMN_STATUS, USER_STATUS},
		{COLUMN_ACCOUNT_TYPE, USER_ACCOUNT_TYPE},   {COLUMN_CREATED_AT, USER_CREATED_AT},
		{COLUMN_LAST_LOGIN_AT, USER_LAST_LOGIN_AT},
	};

	list_begin_row(list);
	list_set_text(list, COLUMN_USER_ID, buf_span(&list->name));
	list_set_type(list, COLUMN_DEPARTMENT, LIST_NOT_SHOWN);
	list_set_type(list, COLUMN_MANAGER, LIST_NOT_SHOWN);
	list_set_type(list, COLUMN_PRIVILEGED, LIST_NOT_SHOWN);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
		if (user)
			list_set_value(list, cells[i].column, user, cells[i].field);
		else
			list_set_type(list, cells[i].column, LIST_NOT_SHOWN);
	if (list->options->for_people && list->cells[COLUMN_USER_NAME].type != LIST_TEXT)
		list_set_text(list, COLUMN_USER_NAME,
		              buf_span(&list->name)); /* the id is better than none */
	if (user)
		return;
	list_set_text(list, COLUMN_STATUS, span_of("not listed"));
	list_set_text(list, COLUMN_ACCOUNT_TYPE, span_of(is_group ? "group" : "unknown"));
}

/* The roles in one cell: "admin; viewer". */
static int list_set_roles(struct list *list, const struct record *user, struct fault *fault)
{
	const struct value *roles = user ? &user->values[USER_ROLES] : NULL;
	yyjson_val *role;
	struct span text;
	size_t i, max;

	if (!roles || roles->type != VALUE_LIST) {
		list_set_type(list, COLUMN_ROLES,
		              roles && roles->type == VALUE_NULL ? LIST_NONE : LIST_NOT_SHOWN);
		return 0;
	}
	role = json_read(&list->reader, roles->text, fault);
	if (!role)
		return -1;
	buf_clear(&list->path);
	for (i = 0, max = yyjson_arr_size(role); i < max; i++)
		if (json_text(yyjson_arr_get(role, i), &text)) {
			buf_puts(&list->path, list->path.len ? "; " : "");
			buf_put_span(&list->path, text);
		}
	list_set_text(list, COLUMN_ROLES, buf_span(&list->path));
	return buf_check(&list->path, fault);
}

/* A row for each group that was asked for; how many, or -1. */
static int list_put_groups(struct list *list, const struct access_subject *subject,
                           struct fault *fault)
{
	int rows = 0, put;

	for (size_t i = 0; i < subject->count; i++) {
		const struct reached *reached = &subject->reached[i];
		const struct nested_group *group = &list->access.nesting.groups[reached->group];

		if (!list_is_asked(list, reached))
			continue;
		buf_clear(&list->id);
		access_put_id(&list->id, group->key);
		list_set_text(list, COLUMN_ACCESS_KIND, span_of("group"));
		list_set_text(list, COLUMN_ACCESS_ID, buf_span(&list->id));
		list_set_text(list, COLUMN_ACCESS, group->name);
		if (!group->name.len)
			list_set_type(list, COLUMN_ACCESS, LIST_NOT_SHOWN);
		list_set_type(list, COLUMN_VIA, LIST_EMPTY);
		if (reached->level) {
			buf_clear(&list->path);
			access_put_path(&list->path, &list->access.nesting, subject->reached, i);
			list_set_text(list, COLUMN_VIA, buf_span(&list->path));
		}
		list_set_number(list, COLUMN_LEVEL, reached->level);
		if (buf_check(&list->id, fault) < 0 || buf_check(&list->path, fault) < 0 ||
		    (put = list_put_row(list, fault)) < 0)
			return -1;
		rows += put;
	}
	return rows;
}

/* A row for each role; how many, or -1. */
static int list_put_roles(struct list *list, const struct record *user, struct fault *fault)
{
	const struct value *roles = user ? &user->values[USER_ROLES] : NULL;
	yyjson_doc *doc;
	yyjson_val *role;
	size_t i, max;
	int rows = 0;

	if (!roles || roles->type != VALUE_LIST || list->options->group)
		return 0;
	doc = json_parse(roles->text, NULL, fault);
	if (!doc)
		return -1;
	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, max, role) {
		struct span text = SPAN_EMPTY;
		int put;

		json_text(role, &text);
		list_set_text(list, COLUMN_ACCESS_KIND, span_of("role"));
		list_set_text(list, COLUMN_ACCESS_ID, text);
		list_set_text(list, COLUMN_ACCESS, text);
		list_set_type(list, COLUMN_VIA, LIST_EMPTY);
		list_set_number(list, COLUMN_LEVEL, 0);
		put = rows < 0 ? -1 : list_put_row(list, fault);
		rows = put < 0 ? -1 : rows + put;
	}
	yyjson_doc_free(doc);
	return rows;
}

/* The rows of one account. */
static int list_put_account(struct list *list, const struct access_subject *subject,
                            struct fault *fault)
{
	uint64_t groups = 0;
	int rows, roles = 0;

	list_set_account(list, subject->record, subject->is_group);
	if (list->options->by == LIST_USER) {
		for (size_t i = 0; i < subject->count; i++)
			groups += list_is_asked(list, &subject->reached[i]);
		if (list->options->group && !groups)
			return 0;
		list_set_number(list, COLUMN_GROUPS, groups);
		rows = list_set_roles(list, subject->record, fault) < 0 ? -1 : list_put_row(list, fault);
	} else {
		rows = list_put_groups(list, subject, fault);
		if (rows >= 0)
			roles = list_put_roles(list, subject->record, fault);
		if (rows == 0 && roles == 0 && !list->options->group && subject->record) {
			for (int column = COLUMN_ACCESS_KIND; column <= COLUMN_LEVEL; column++)
				list_set_type(list, (enum list_column)column, LIST_EMPTY);
			rows = list_put_row(list, fault);
		}
	}
	if (rows < 0 || roles < 0)
		return -1;
	list->accounts += rows + roles > 0;
	return 0;
}

/* For the rows of groups: who is in them. */
static int list_count_members(struct list *list, const struct access_subject *subject,
                              struct fault *fault)
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

/* ---- the end of a snapshot ---- */

static int list_put_group_rows(struct list *list, struct fault *fault)
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

static void list_note(struct list *list, const char *what, struct span text)
{
	buf_puts(&list->notes, what);
	buf_puts(&list->notes, ": ");
	inert_put(&list->notes, list->source->name);
	buf_puts(&list->notes, ": ");
	inert_put(&list->notes, text);
	buf_putc(&list->notes, '\n');
}

/* What the directory can not show, and whether it was cut to a selection. */
static void list_note_source(struct list *list, yyjson_val *entry)
{
	struct span text;
	yyjson_val *item;
	size_t i, max;

	buf_clear(&list->path);
	yyjson_arr_foreach(yyjson_obj_get(entry, "not_covered"), i, max, item)
		if (json_text(item, &text)) {
			list_note(list, "not covered", text);
			buf_puts(&list->path, list->path.len ? "; " : "");
			buf_put_span(&list->path, text);
		}
	text = snapshot_source_text(entry, "select");
	if (text.len)
		list_note(list, "only a selection", text);
}

static int list_put_source_row(struct list *list, yyjson_val *entry, struct fault *fault)
{
	struct span select = snapshot_source_text(entry, "select");

	list_begin_row(list);
	list_set_text(list, COLUMN_PROVIDER, snapshot_source_text(entry, "provider"));
	list_set_text(list, COLUMN_ORIGIN, snapshot_source_text(entry, "origin"));
	list_set_number(list, COLUMN_USERS, list->source->users);
	list_set_number(list, COLUMN_ENABLED, list->source->enabled);
	list_set_number(list, COLUMN_DISABLED, list->source->disabled);
	list_set_number(list, COLUMN_GROUPS, list->source->groups);
	list_set_number(list, COLUMN_GAPS, list->source->gaps);
	if (select.len)
		list_set_text(list, COLUMN_SELECTED, select);
	if (list->path.len)
		list_set_text(list, COLUMN_NOT_COVERED, buf_span(&list->path));
	return list_put_row(list, fault) < 0 ? -1 : 0;
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
