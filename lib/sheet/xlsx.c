/* SPDX-License-Identifier: ISC */
/*
 * xlsx: the parser of the sheet stops at the end of each row.
 */
#include "sheet/xlsx.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/utf8.h"

#include <stdlib.h>

enum { XLSX_ROW_LAST = 1048576 };

int xlsx_row_fault(const struct xlsx *xlsx, struct fault *fault)
{
	return fault_prefix(fault, "%s: row %zu: ", INERT(span_of(xlsx->book.package.name)),
	                    xlsx->number);
}

/* "C", "AB": how people call a column. */
static const char *column_letters(size_t column, char letters[8])
{
	char *at = letters + 7;

	*at = '\0';
	do
		*--at = (char)('A' + column % 26);
	while ((column /= 26) && column--);
	return at;
}

static int xlsx_refuse(struct xlsx *xlsx, const char *why)
{
	char letters[8];

	fault_set(&xlsx->rows.fault, FAULT_DATA, "%s", why);
	if (xlsx->in_cell)
		fault_prefix(&xlsx->rows.fault, "column %s: ", column_letters(xlsx->column, letters));
	return xlsx_row_fault(xlsx, &xlsx->rows.fault);
}

/* ---- places ---- */

/* Takes "AB12" off the front: column 27, row 12, the column from 0 and the row from 1. */
static bool place_take(const char **text, size_t *column, size_t *row)
{
	const char *at = *text;
	size_t letters = 0, digits = 0;

	for (; *at >= 'A' && *at <= 'Z' && letters <= CSV_COLUMNS_MAX; at++)
		letters = letters * 26 + (size_t)(*at - 'A') + 1;
	for (; *at >= '0' && *at <= '9' && digits <= XLSX_ROW_LAST; at++)
		digits = digits * 10 + (size_t)(*at - '0');
	if (!letters || letters > CSV_COLUMNS_MAX || !digits || digits > XLSX_ROW_LAST)
		return false;
	*column = letters - 1;
	*row = digits;
	*text = at;
	return true;
}

static int merged_take(struct xlsx *xlsx, const char *text)
{
	struct sheet_area area = {0}, *merged;
	bool is_area = text && place_take(&text, &area.first_column, &area.first_row);

	if (is_area && *text == ':') {
		text++;
		is_area = place_take(&text, &area.last_column, &area.last_row);
	} else {
		area.last_row = 0;
	}
	if (!is_area || *text || area.last_row < area.first_row || area.last_column < area.first_column)
		return xlsx_refuse(xlsx, "an area of merged cells is none");
	if (xlsx->merged_count == XLSX_MERGED_MAX)
		return xlsx_refuse(xlsx, "more merged cells than can be looked at");
	merged = array_grow(xlsx->merged, xlsx->merged_count, &xlsx->merged_cap, sizeof *merged,
	                    &xlsx->rows.fault);
	if (!merged)
		return -1;
	xlsx->merged = merged;
	area.first_row--;
	area.last_row--;
	merged[xlsx->merged_count++] = area;
	return 0;
}

/* ---- cells ---- */

static int cell_begin(struct xlsx *xlsx, const char **attributes)
{
	static const struct {
		const char *word;
		enum xlsx_cell cell;
	} cells[] = {
		{"n", CELL_OF_NUMBER}, {"s", CELL_SHARED}, {"inlineStr", CELL_INLINE}, {"str", CELL_PLAIN},
		{"d", CELL_PLAIN},     {"b", CELL_TRUTH},  {"e", CELL_WRONG},
	};
	const char *place = xml_attribute(attributes, "r"), *type = xml_attribute(attributes, "t");
	const char *style = xml_attribute(attributes, "s");
	size_t column = xlsx->column + 1, row = xlsx->number, kind = 0;

	if (place && (!place_take(&place, &column, &row) || *place || row != xlsx->number))
		return xlsx_refuse(xlsx, "a cell is called like none of this row");
	if (xlsx->column != SIZE_MAX && column <= xlsx->column)
		return xlsx_refuse(xlsx, "its cells are not in their order");
	if (column >= CSV_COLUMNS_MAX)
		return xlsx_refuse(xlsx, "more columns than a spreadsheet has");
	xlsx->column = column;
	xlsx->in_cell = true;
	xlsx->in_run = xlsx->is_text = xlsx->has_formula = false;
	while (type && kind < sizeof cells / sizeof *cells && strcmp(type, cells[kind].word) != 0)
		kind++;
	if (kind == sizeof cells / sizeof *cells)
		return xlsx_refuse(xlsx, "it is of no kind that cells have");
	xlsx->cell = cells[kind].cell;
	if (!style || !xlsx_book_number(style, XLSX_STYLES_MAX, &xlsx->style))
		xlsx->style = XLSX_STYLES_MAX;
	buf_clear(&xlsx->value);
	return 0;
}

static int cell_put_shared(struct xlsx *xlsx, const char *digits)
{
	unsigned long at;
	struct span text;

	if (!xlsx_book_number(digits, UINT32_MAX, &at) || !xlsx_book_string(&xlsx->book, at, &text))
		return xlsx_refuse(xlsx, "its text is none of those that the cells share");
	buf_put_span(&xlsx->row.text, text);
	return 0;
}

/* Appends what the cell shows. 0 or -1. */
static int cell_put(struct xlsx *xlsx)
{
	struct buf *to = &xlsx->row.text;
	struct span value = buf_span(&xlsx->value);
	size_t from = to->len;

	switch (xlsx->cell) {
	case CELL_SHARED: return value.len ? cell_put_shared(xlsx, buf_text(&xlsx->value)) : 0;
	case CELL_TRUTH:
		if (value.len)
			buf_puts(to, xlsx_book_is_true(buf_text(&xlsx->value)) ? "TRUE" : "FALSE");
		return 0;
	case CELL_OF_NUMBER:
		if (value.len && !xlsx_put_number(to, value, xlsx_book_form(&xlsx->book, xlsx->style),
		                                  xlsx->book.from_1904))
			return xlsx_refuse(xlsx, "its number is none");
		return 0;
	default:
		buf_put_span(to, value);
		xlsx_unescape(to, from);
		return 0;
	}
}

static int cell_end(struct xlsx *xlsx)
{
	struct sheet_cells *row = &xlsx->row;
	size_t from = row->text.len;
	enum sheet_kind kind = SHEET_TEXT;

	if (buf_check(&xlsx->value, &xlsx->rows.fault) < 0 || cell_put(xlsx) < 0)
		return -1;
	if (row->text.state != BUF_OK) {
		buf_check(&row->text, &xlsx->rows.fault);
		return xlsx->rows.fault.kind == FAULT_DATA ? xlsx_row_fault(xlsx, &xlsx->rows.fault) : -1;
	}
	if (memchr(buf_span(&row->text).data + from, 0, row->text.len - from))
		return xlsx_refuse(xlsx, "a NUL byte");
	if (xlsx->cell == CELL_WRONG)
		kind = SHEET_ERROR;
	else if (xlsx->has_formula && !xlsx->value.len && xlsx->cell != CELL_PLAIN)
		kind = SHEET_NO_VALUE;
	xlsx->in_cell = false;
	if (row->text.len == from && kind == SHEET_TEXT)
		return 0;
	xlsx->cells += xlsx->column + 1 - row->count;
	if (xlsx->cells > XLSX_CELLS_MAX)
		return xlsx_refuse(xlsx, "more cells than can be read from one sheet");
	while (row->count < xlsx->column) /* up to it there is nothing */
		if (sheet_cells_add(row, row->text.len, &xlsx->rows.fault) < 0)
			return -1;
	if (sheet_cells_add(row, from, &xlsx->rows.fault) < 0)
		return -1;
	row->items[row->count - 1].kind = kind;
	return 0;
}

/* ---- rows ---- */

static int row_begin(struct xlsx *xlsx, const char **attributes)
{
	const char *text = xml_attribute(attributes, "r");
	unsigned long number = xlsx->number + 1;

	if (text && (!xlsx_book_number(text, XLSX_ROW_LAST, &number) || !number))
		return xlsx_refuse(xlsx, "the next row has a number that rows do not have");
	if (number <= xlsx->number)
		return xlsx_refuse(xlsx, "the rows after it are not in their order");
	if (number > XLSX_ROW_LAST)
		return xlsx_refuse(xlsx, "more rows than a spreadsheet has");
	xlsx->number = number;
	xlsx->column = SIZE_MAX;
	xlsx->in_row = true;
	sheet_cells_clear(&xlsx->row);
	return 0;
}

/* worksheet, sheetData, row, c, then v, f or is, and in this t, or r with a t in it */
static int xlsx_start(struct xml_part *xml, const char *name, const char **attributes)
{
	struct xlsx *xlsx = xml->context;

	switch (xml->depth) {
	case 1: return strcmp(name, "worksheet") == 0 ? 0 : xlsx_refuse(xlsx, "this is no worksheet");
	case 2:
		xlsx->in_rows = strcmp(name, "sheetData") == 0;
		xlsx->in_merged = strcmp(name, "mergeCells") == 0;
		return 0;
	case 3:
		if (xlsx->in_rows && strcmp(name, "row") == 0)
			return row_begin(xlsx, attributes);
		if (xlsx->in_merged && strcmp(name, "mergeCell") == 0)
			return merged_take(xlsx, xml_attribute(attributes, "ref"));
		return 0;
	case 4: return xlsx->in_row && strcmp(name, "c") == 0 ? cell_begin(xlsx, attributes) : 0;
	case 5:
		xlsx->in_run = false;
		xlsx->is_text = xlsx->in_cell && xlsx->cell != CELL_INLINE && strcmp(name, "v") == 0;
		xlsx->has_formula |= xlsx->in_cell && strcmp(name, "f") == 0;
		xlsx->in_spoken = strcmp(name, "is") != 0;
		return 0;
	default:
		if (xml->depth == 6)
			xlsx->in_run = strcmp(name, "r") == 0;
		xlsx->is_text = xlsx->in_cell && xlsx->cell == CELL_INLINE && !xlsx->in_spoken &&
		                strcmp(name, "t") == 0 &&
		                (xml->depth == 6 || (xml->depth == 7 && xlsx->in_run));
		return 0;
	}
}

static int xlsx_take_text(struct xml_part *xml, struct span text)
{
	struct xlsx *xlsx = xml->context;

	if (xlsx->is_text)
		buf_put_span(&xlsx->value, text);
	return 0;
}

static int xlsx_end(struct xml_part *xml, const char *name)
{
	struct xlsx *xlsx = xml->context;

	(void)name;
	xlsx->is_text = false;
	if (xml->depth == 3 && xlsx->in_cell)
		return cell_end(xlsx);
	if (xml->depth == 2 && xlsx->in_row) {
		xlsx->in_row = false;
		return xlsx->row.count ? 1 : 0;
	}
	return 0;
}

/* ---- the sheet ---- */

/* "; the sheets are 'A', 'B'" */
static int sheet_hint(const struct xlsx_book *book, struct fault *fault)
{
	for (size_t i = 0; i < book->sheet_count; i++)
		fault_hint(fault, "%s '%s'%s", i ? "," : "; the sheets are", INERT(book->sheets[i].name),
		           book->sheets[i].is_hidden ? " (hidden)" : "");
	return -1;
}

/* NULL with a fault. */
static const struct xlsx_sheet *sheet_choose(const struct xlsx_book *book, const char *wanted,
                                             bool is_needed, struct fault *fault)
{
	const struct xlsx_sheet *found = NULL, *seen = NULL;
	size_t alike = 0, visible = 0;

	for (size_t i = 0; i < book->sheet_count; i++) {
		const struct xlsx_sheet *sheet = &book->sheets[i];

		if (wanted && span_is_nocase(sheet->name, span_of(wanted)) && !alike++)
			found = sheet;
		if (!sheet->is_hidden && !visible++)
			seen = sheet;
	}
	if (alike > 1) {
		fault_set(fault, FAULT_DATA, "%s: two sheets are called '%s'",
		          INERT(span_of(book->package.name)), INERT(span_of(wanted)));
		return NULL;
	}
	if (found && found->is_hidden) {
		fault_set(fault, FAULT_DATA, "%s: the sheet '%s' is hidden: show it, so that people see it",
		          INERT(span_of(book->package.name)), INERT(span_of(wanted)));
		return NULL;
	}
	if (found || (visible == 1 && !is_needed))
		return found ? found : seen;
	if (wanted)
		fault_set(fault, FAULT_DATA, "%s: no sheet '%s'", INERT(span_of(book->package.name)),
		          INERT(span_of(wanted)));
	else if (visible)
		fault_set(fault, FAULT_DATA, "%s: several sheets: say which, with --sheet",
		          INERT(span_of(book->package.name)));
	else
		fault_set(fault, FAULT_DATA, "%s: no sheet that people can see",
		          INERT(span_of(book->package.name)));
	sheet_hint(book, fault);
	return NULL;
}

int xlsx_open(struct xlsx *xlsx, const char *wanted, bool is_needed, struct fault *fault)
{
	const struct xlsx_sheet *sheet;
	const char *part;

	xlsx->row.text.max = LINE_MAX_BYTES;
	xlsx->value.max = LINE_MAX_BYTES;
	if (xlsx_book_open(&xlsx->book, fault) < 0)
		return -1;
	sheet = sheet_choose(&xlsx->book, wanted, is_needed, fault);
	if (!sheet)
		return -1;
	xlsx->title = sheet->name;
	part = xlsx_book_sheet_part(&xlsx->book, sheet, fault);
	xlsx->rows = (struct xml_part){.space = XML_SHEET_SPACE,
	                               .start = xlsx_start,
	                               .end = xlsx_end,
	                               .text = xlsx_take_text,
	                               .context = xlsx,
	                               .is_large = true};
	return part ? xml_part_open(&xlsx->rows, &xlsx->book.package, part, fault) : -1;
}

void xlsx_close(struct xlsx *xlsx)
{
	xml_part_close(&xlsx->rows);
	xlsx_book_close(&xlsx->book);
	sheet_cells_release(&xlsx->row);
	buf_release(&xlsx->value);
	free(xlsx->merged);
	*xlsx = (struct xlsx){0};
}

int xlsx_next(struct xlsx *xlsx, struct fault *fault)
{
	return xml_part_next(&xlsx->rows, fault);
}
