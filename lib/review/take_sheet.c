/* SPDX-License-Identifier: ISC */
/*
 * take_sheet: rows of sheets as people sent them back, CSV or a workbook, wait in the join for
 * the row of the snapshot.
 */
#include "review/take.h"

#include "base/array.h"
#include "base/inert.h"
#include "sheet/sheet.h"

const struct take_fixed take_columns[TAKE_COLUMNS] = {
	[TAKE_ROW] = {"row", true, false, 0},
	[TAKE_DECISION] = {"decision", true, false, 0},
	[TAKE_DECIDED_BY] = {"decided_by", true, false, 0},
	[TAKE_DECIDED_AT] = {"decided_at", false, false, 0},
	[TAKE_REASON] = {"reason", true, false, 0},
	[TAKE_TICKET] = {"ticket", false, false, 0},
	[TAKE_FINDINGS] = {"findings", false, false, FACT_FINDINGS},
	[TAKE_FIXED] = {"source", false, true, FACT_SOURCE},
	{"user_id", false, true, FACT_USER_ID},
	{"user_name", false, true, FACT_USER_NAME},
	{"email", false, true, FACT_EMAIL},
	{"display_name", false, true, FACT_DISPLAY_NAME},
	{"status", false, false, FACT_STATUS},
	{"account_type", false, true, FACT_ACCOUNT_TYPE},
	{"department", false, false, FACT_DEPARTMENT},
	{"manager", false, false, FACT_MANAGER},
	{"created_at", false, false, FACT_CREATED_AT},
	{"last_login_at", false, false, FACT_LAST_LOGIN_AT},
	{"what", false, true, FACT_WHAT},
	{"access_id", false, true, FACT_ACCESS_ID},
	{"access", false, true, FACT_ACCESS},
	{"gives_also", false, true, FACT_GIVES_ALSO},
	{"since", false, false, FACT_SINCE},
	{"previous", false, false, FACT_PREVIOUS},
};

/* ---- what is wrong ---- */

int take_wrong(struct take *take, size_t sheet, size_t row, enum take_column column,
               const char *text, struct fault *fault)
{
	return take_problems_add(
		&take->problems,
		&(struct take_problem){sheet, row, take_columns[column].name, span_of(text)},
		(struct span)SPAN_EMPTY, fault);
}

int take_wrong_scratch(struct take *take, size_t sheet, size_t row, enum take_column column,
                       struct fault *fault)
{
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	return take_wrong(take, sheet, row, column, buf_text(&take->scratch), fault);
}

void take_put_problem(const struct take *take, const struct take_problem *problem, struct buf *text)
{
	if (problem->sheet) {
		inert_put(text, span_of(take->sheets[problem->sheet - 1].name));
		buf_putf(text, ": row %zu: ", problem->row);
	}
	if (problem->column)
		buf_putf(text, "column %s: ", problem->column);
	buf_put_span(text, problem->text);
}

/* ---- cells ---- */

static bool take_is_white(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

struct span take_trim(struct span text)
{
	while (text.len && take_is_white(text.data[0]))
		text = (struct span){text.data + 1, text.len - 1};
	while (text.len && take_is_white(text.data[text.len - 1]))
		text.len--;
	return text;
}

struct span take_unquote(struct span text)
{
	struct span rest;

	if (text.len < 2 || text.data[0] != '\'')
		return text;
	rest = (struct span){text.data + 1, text.len - 1};
	return inert_is_formula(rest) ? rest : text;
}

static struct span take_cell(const struct sheet *sheet, size_t cell)
{
	return take_unquote(take_trim(sheet_text(sheet, cell)));
}

/* ---- the head ---- */

/* Which column of the sheet is which; -1: there is none. 0 or -1. */
static int take_read_head(const struct sheet *sheet, int places[TAKE_COLUMNS], struct fault *fault)
{
	for (int i = 0; i < TAKE_COLUMNS; i++) {
		places[i] = -1;
		for (size_t cell = 0; cell < sheet->row->count; cell++) {
			if (!span_is_nocase(take_cell(sheet, cell), span_of(take_columns[i].name)))
				continue;
			if (places[i] >= 0)
				return fault_set(fault, FAULT_DATA, "%s: row %zu: two columns are called '%s'",
				                 INERT(span_of(sheet->name)), sheet->number, take_columns[i].name);
			places[i] = (int)cell;
		}
		if (places[i] < 0 && take_columns[i].is_needed)
			return fault_set(
				fault, FAULT_DATA,
				"%s: row %zu: no column '%s': a sheet has the columns that issue-review "
				"wrote, in any order",
				INERT(span_of(sheet->name)), sheet->number, take_columns[i].name);
	}
	return 0;
}

/* ---- rows ---- */

static bool take_is_row_name(struct span text)
{
	if (text.len != REVIEW_ROW_NAME || text.data[0] != 'r')
		return false;
	for (size_t i = 1; i < text.len; i++)
		if ((text.data[i] < '0' || text.data[i] > '9') &&
		    (text.data[i] < 'a' || text.data[i] > 'f'))
			return false;
	return true;
}

static bool take_is_blank(const struct sheet *sheet)
{
	for (size_t cell = 0; cell < sheet->row->count; cell++)
		if (take_trim(sheet_text(sheet, cell)).len || sheet_trouble(sheet, cell))
			return false;
	return true;
}

/* Cells that say nothing to believe. How many, or -1. */
static int take_find_trouble(struct take *take, const struct sheet *sheet, const int *places,
                             struct fault *fault)
{
	int found = 0;

	for (int i = TAKE_DECISION; i < TAKE_COLUMNS; i++) {
		const char *trouble = places[i] < 0 ? NULL : sheet_trouble(sheet, (size_t)places[i]);

		if (trouble && take_wrong(take, take->sheet_count, sheet->number, (enum take_column)i,
		                          trouble, fault) < 0)
			return -1;
		found += trouble != NULL;
	}
	return found;
}

/* Digits in front of others, so that they sort as the number does. */
static void take_put_place(struct buf *line, size_t number)
{
	enum { DIGITS = 12 };
	char digits[DIGITS];

	for (size_t i = DIGITS; i--; number /= 10)
		digits[i] = (char)('0' + number % 10);
	fields_put(line, (struct span){digits, DIGITS});
}

/* Keeps the sheet, the row and its cells; a column that is not there is NULL. Where cells are
   in trouble, the row is there and says nothing. */
static int take_keep_row(struct take *take, const struct sheet *sheet, const int *places,
                         struct span name, struct fault *fault)
{
	int trouble = take_find_trouble(take, sheet, places, fault);
	struct buf *line = &take->scratch;

	if (trouble < 0)
		return -1;
	buf_clear(line);
	take_put_place(line, take->sheet_count);
	take_put_place(line, sheet->number);
	for (int i = TAKE_DECISION; i < TAKE_COLUMNS; i++) {
		size_t place = (size_t)places[i];

		if (places[i] < 0 || trouble)
			fields_put(line, (struct span){NULL, 0});
		else
			fields_put(line, i < TAKE_FIXED ? take_cell(sheet, place)
			                                : take_trim(sheet_text(sheet, place)));
	}
	if (buf_check(line, fault) < 0 ||
	    (!trouble &&
	     take_persons_decides(&take->persons, take_cell(sheet, (size_t)places[TAKE_DECIDED_BY]),
	                          fault) < 0))
		return -1;
	return join_add_waiting(&take->join, 0, &take->line, name, WAITS_SHEET, buf_span(line), fault);
}

/* `width`: of the first row. */
static int take_row(struct take *take, const struct sheet *sheet, const int *places, size_t width,
                    struct fault *fault)
{
	struct span name = take_cell(sheet, (size_t)places[TAKE_ROW]);
	size_t number = sheet->number;

	if (take_is_blank(sheet))
		return 0;
	take->read++;
	for (size_t cell = width; cell < sheet->row->count; cell++)
		if (take_trim(sheet_text(sheet, cell)).len)
			return take_wrong(take, take->sheet_count, number, TAKE_ROW,
			                  "more cells than the first row has: the cells of this row moved",
			                  fault);
	if (take_is_row_name(name))
		return take_keep_row(take, sheet, places, name, fault);
	buf_clear(&take->scratch);
	if (name.len)
		buf_putf(&take->scratch, "'%s' is no name of a row: it was edited", INERT(name));
	else
		buf_puts(&take->scratch, "the row has no name: it was added, or its name was removed");
	return take_wrong_scratch(take, take->sheet_count, number, TAKE_ROW, fault);
}

/* Of merged cells only the first has a text: the others would say nothing, in silence. */
static int take_find_merged(struct take *take, const struct sheet *sheet, const int *places,
                            struct fault *fault)
{
	size_t count;
	const struct sheet_area *merged = sheet_merged(sheet, &count);

	for (size_t i = 0; i < count; i++)
		for (int column = 0; merged[i].first_row < sheet->number && column < TAKE_COLUMNS; column++)
			if (places[column] >= 0 && (size_t)places[column] >= merged[i].first_column &&
			    (size_t)places[column] <= merged[i].last_column) {
				if (take_wrong(take, take->sheet_count, merged[i].first_row + 1,
				               (enum take_column)column,
				               "cells are merged here: split them, so that each row has its own",
				               fault) < 0)
					return -1;
				break;
			}
	return 0;
}

int take_read_sheet(struct take *take, const char *path, struct fault *fault)
{
	struct take_sheet *sheets =
		array_grow(take->sheets, take->sheet_count, &take->sheet_cap, sizeof *sheets, fault);
	int places[TAKE_COLUMNS], more;
	struct digest digest = {0};
	struct take_sheet *entry;
	struct sheet sheet;
	size_t width = 0;

	if (!sheets)
		return -1;
	if (strcmp(path, "-") == 0)
		return fault_set(fault, FAULT_NO_INPUT, "cannot open '-': a sheet is a file");
	take->sheets = sheets;
	entry = &sheets[take->sheet_count++];
	entry->name = path;
	if (digest_init(&digest, fault) < 0)
		return -1;
	digest_run_apart(&digest);
	more = sheet_open(&sheet, path, "Review", false, &digest, fault);
	if (more == 0) {
		more = sheet_next(&sheet, fault);
		if (more == 0)
			more = fault_set(fault, FAULT_DATA, "%s: empty: its first row names the columns",
			                 INERT(span_of(path)));
	}
	if (more > 0)
		more = take_read_head(&sheet, places, fault);
	if (more == 0)
		width = sheet.row->count;
	while (more == 0 && (more = sheet_next(&sheet, fault)) > 0)
		more = take_row(take, &sheet, places, width, fault);
	if (more == 0)
		more = take_find_merged(take, &sheet, places, fault);
	if (more == 0) /* to its end, so all of it has been read */
		more = digest_hex(&digest, entry->sha256, fault);
	digest_release(&digest);
	sheet_close(&sheet);
	return more;
}
