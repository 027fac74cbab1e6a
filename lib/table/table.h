/* SPDX-License-Identifier: ISC */
/*
 * table: rows of cells, sorted, for people, spreadsheets and programs.
 *
 * Three things are kept apart in every format: a value; that there is none, which a
 * column has a word for ("none", "never"); and "not shown", where nobody can know. In
 * NDJSON they are the value, null and an absent member. A cell that does not arise (the
 * group of an account that is in none) is empty, and absent in NDJSON.
 *
 * Foreign text can do nothing in any format: not to a terminal, not to a spreadsheet
 * (a cell that would be a formula gets a leading '), not to a page made of Markdown.
 */
#ifndef ROLLCALL_TABLE_H
#define ROLLCALL_TABLE_H

#include "sort/sorter.h"
#include "sys/out.h"
#include "table/xlsx_out.h"

enum table_format {
	TABLE_TEXT,
	TABLE_CSV, /* RFC 4180, but LF */
	TABLE_TSV, /* one line a row: what would break it is shown as \u{...} */
	TABLE_MARKDOWN,
	TABLE_NDJSON,
	TABLE_XLSX, /* a sheet of a workbook: table_write_sheet */
	TABLE_FORMATS,
};

extern const char *const table_format_names[TABLE_FORMATS];

struct table_column {
	const char *name;
	const char *none; /* the word for "there is none" */
	bool is_number;
	bool is_status; /* coloured by what it says */
	/* of xlsx */
	bool is_time;               /* a date where it is one */
	bool is_open;               /* people fill it in: then all other columns are locked */
	const char *const *choices; /* what they can choose, NULL after the last; NULL: anything */
};

enum { TABLE_COLUMNS_MAX = 256 };

struct table {
	const struct table_column *columns;
	size_t count;
	enum table_format format;
	struct sorter *rows;
	uint64_t row_count;
	size_t widths[TABLE_COLUMNS_MAX]; /* of the text format: columns on a screen */
	/* the row at hand */
	struct buf line, scratch;
	size_t at;
	size_t row_from; /* where its cells begin in `line` */
	bool is_first;   /* nothing of a JSON object stands there yet */
	bool is_plain;   /* nothing that the sorter can not hold stands there */
	/* on the way out: the row that comes next, and its part */
	bool is_sorted;
	int more; /* 1, 0 or -1, as sorter_next */
	struct span next;
	struct buf part;
};

/* Up to TABLE_COLUMNS_MAX columns, borrowed; rows up to `memory` bytes in memory. 0 or -1;
   table_release is due in both cases. */
int table_open(struct table *table, const struct table_column *columns, size_t count,
               enum table_format format, size_t memory, struct fault *fault);
void table_release(struct table *table);

/* A row: it begins, gets each cell in the order of the columns, and ends. Rows are sorted
   by what was given to table_sort_by, one after the other, then by their cells. */
void table_begin_row(struct table *table);
void table_sort_by(struct table *table, struct span text, bool by_number);
void table_put_text(struct table *table, struct span text);
void table_put_number(struct table *table, uint64_t number);
void table_put_none(struct table *table);
void table_put_not_shown(struct table *table);
void table_put_empty(struct table *table);
int table_end_row(struct table *table, struct fault *fault); /* 0 or -1 */

/* Rows can belong to parts, each a table of its own. Directly after table_begin_row: its
   part, a name of printable ASCII characters. */
void table_put_part(struct table *table, struct span part);

struct table_look {
	bool excel;   /* CSV with a byte-order mark and CRLF */
	bool color;   /* for a terminal */
	size_t width; /* of the text format: no line is wider; 0: as wide as it gets */
};

/* After the last row, in the place of table_write: 1 and the next part, in bytewise order,
   whose rows table_write_part takes; 0; -1. */
int table_next_part(struct table *table, struct span *part, struct fault *fault);
int table_write_part(struct table *table, const struct table_look *look, struct out *out,
                     struct fault *fault);

/* In the place of table_write and table_write_part where the format is TABLE_XLSX: a sheet
   of this name with the rows of the part, or without parts with all. 0 or -1. */
int table_write_sheet(struct table *table, struct xlsx_out *book, const char *name,
                      struct fault *fault);

/* Writes the head and the rows in order. 0 or -1. */
int table_write(struct table *table, const struct table_look *look, struct out *out,
                struct fault *fault);

#endif
