/* SPDX-License-Identifier: ISC */
/*
 * list_row: a row is filled cell by cell, whatever is shown of it, so that --where and --sort
 * may ask for any column.
 */
#include "list/list_parts.h"

#include "base/inert.h"
#include "base/json_put.h"

#include <stdio.h>

void list_set_text(struct list *list, enum list_column column, struct span text)
{
	list->cells[column] = (struct list_cell){LIST_TEXT, text, 0};
}

void list_set_number(struct list *list, enum list_column column, uint64_t number)
{
	list->cells[column] = (struct list_cell){LIST_NUMBER, SPAN_EMPTY, number};
}

void list_set_type(struct list *list, enum list_column column, enum list_cell_type type)
{
	list->cells[column] = (struct list_cell){type, SPAN_EMPTY, 0};
}

void list_set_count(struct list *list, enum list_column column, uint64_t number,
                    enum list_sight sight)
{
	list_set_number(list, column, number);
	if (sight != LIST_SAW_ALL)
		list->cells[column].type =
			sight == LIST_SAW_LITTLE && !number ? LIST_NOT_READ : LIST_AT_LEAST;
}

/* The words of a cell that is neither a value nor one of the words of table.h. */
static struct span list_cell_words(const struct list_cell *cell, char *words, size_t size)
{
	if (cell->type == LIST_NOT_READ)
		return span_of("not read");
	snprintf(words, size, "%llu or more", (unsigned long long)cell->number);
	return span_of(words);
}

void list_set_value(struct list *list, enum list_column column, const struct record *record,
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

static void list_put_json_cell(struct buf *json, const char *name, const struct list_cell *cell)
{
	char words[40];

	if (cell->type == LIST_EMPTY || cell->type == LIST_NOT_SHOWN)
		return;
	json_array_next(json);
	json_put_string(json, span_of(name));
	buf_putc(json, ':');
	if (cell->type == LIST_NUMBER)
		buf_putf(json, "%llu", (unsigned long long)cell->number);
	else if (cell->type == LIST_NONE)
		buf_puts(json, "null");
	else if (cell->type != LIST_TEXT)
		json_put_string(json, list_cell_words(cell, words, sizeof words));
	else
		json_put_string(json, cell->text);
}

bool list_has_column(const struct list *list, int column)
{
	if (column == COLUMN_SINCE)
		return list->options->since_from;
	return list->options->decisions || !list_column_is_of_review(column);
}

/* The row as a JSON object, for --where. NULL with a fault. */
static yyjson_val *list_row_value(struct list *list, struct fault *fault)
{
	struct buf *json = &list->json;

	buf_clear(json);
	buf_putc(json, '{');
	for (const int *column = list_all_columns[list->options->by]; *column >= 0; column++)
		if (list_has_column(list, *column))
			list_put_json_cell(json, list_columns[*column].name, &list->cells[*column]);
	for (size_t i = 0; i < list->source_column_count; i++)
		list_put_json_cell(json, list->source_columns[i].name, &list->cells[LIST_COLUMNS + i]);
	buf_putc(json, '}');
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

	if (cell->type == LIST_NUMBER || cell->type == LIST_AT_LEAST) {
		snprintf(digits, sizeof digits, "%llu", (unsigned long long)cell->number);
		table_sort_by(&list->table, span_of(digits), true);
	} else {
		table_sort_by(&list->table, cell->text, false);
	}
}

static void list_put_cell(struct list *list, const struct list_cell *cell)
{
	char words[40];

	switch (cell->type) {
	case LIST_TEXT: table_put_text(&list->table, cell->text); break;
	case LIST_NUMBER: table_put_number(&list->table, cell->number); break;
	case LIST_NONE: table_put_none(&list->table); break;
	case LIST_NOT_SHOWN: table_put_not_shown(&list->table); break;
	case LIST_AT_LEAST:
	case LIST_NOT_READ:
		table_put_text(&list->table, list_cell_words(cell, words, sizeof words));
		break;
	default: table_put_empty(&list->table);
	}
}

int list_put_row(struct list *list, struct fault *fault)
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

void list_begin_row(struct list *list)
{
	const int *column = list_all_columns[list->options->by];

	for (; *column >= 0; column++)
		list->cells[*column] = (struct list_cell){LIST_EMPTY, SPAN_EMPTY, 0};
	for (size_t i = 0; i < list->source_column_count; i++)
		list->cells[LIST_COLUMNS + i] = (struct list_cell){LIST_EMPTY, SPAN_EMPTY, 0};
	list_set_text(list, COLUMN_SOURCE, list->source->name);
	list_set_text(list, COLUMN_AS_OF, list->source->as_of);
}
