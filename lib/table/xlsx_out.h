/* SPDX-License-Identifier: ISC */
/*
 * xlsx_out: a workbook of Office Open XML (ECMA-376) that is written once, by libxlsxwriter.
 *
 *	xlsx_out_open, then for each sheet xlsx_out_add_sheet, xlsx_out_put_... and
 *	xlsx_out_end_row for each row, xlsx_out_finish; then xlsx_out_close, xlsx_out_release
 *
 * Text is always text: no cell is a formula or a link, whatever it says. The same calls make
 * the same bytes; the clock is never asked. A cell holds XLSX_CELL_MAX bytes of text; what is
 * longer is cut and ends in an ellipsis. Memory does not grow with the rows, which wait in
 * temporary files.
 */
#ifndef ROLLCALL_XLSX_OUT_H
#define ROLLCALL_XLSX_OUT_H

#include "sys/out.h"

#define XLSX_ROWS_MAX 1048576 /* of a sheet, with its head */
enum { XLSX_CELL_MAX = 32700 };

struct xlsx_out {
	int fd; /* the file that the library writes; -1: none */
	struct lxw_workbook *workbook;
	struct lxw_worksheet *sheet; /* at hand */
	struct lxw_format *head, *title, *open, *open_day, *time, *wrapped;
	uint32_t row;
	int error; /* the first of libxlsxwriter's */
	struct buf text;
};

/* `created` is when the document was made: seconds from 1970-01-01. 0 or -1;
   xlsx_out_release is due in both cases. */
int xlsx_out_open(struct xlsx_out *book, int64_t created, struct fault *fault);
void xlsx_out_release(struct xlsx_out *book);

/* At most 31 characters of ASCII. 0 or -1. */
int xlsx_out_add_sheet(struct xlsx_out *book, const char *name, struct fault *fault);

/* What people may do with a column: nothing, fill it in, or fill in days. */
enum xlsx_column { XLSX_FIXED, XLSX_OPEN, XLSX_OPEN_DAY };

/* A column of a table, before its head is written. */
void xlsx_out_set_column(struct xlsx_out *book, size_t at, size_t width, enum xlsx_column column);

void xlsx_out_put_head(struct xlsx_out *book, size_t at, const char *name);
void xlsx_out_put_title(struct xlsx_out *book, const char *text);
void xlsx_out_put_text(struct xlsx_out *book, size_t at, struct span text);
void xlsx_out_put_wrapped(struct xlsx_out *book, size_t at, struct span text);
void xlsx_out_put_number(struct xlsx_out *book, size_t at, struct span digits);

/* An RFC 3339 time in whole seconds as a date; any other text as text. */
void xlsx_out_put_time(struct xlsx_out *book, size_t at, struct span text);

/* 0, or -1 where a sheet can not have one more. */
int xlsx_out_end_row(struct xlsx_out *book, struct fault *fault);

/* The cells of a column below the head offer these words, NULL after the last. */
void xlsx_out_offer(struct xlsx_out *book, size_t at, const char *const *words);

/* The sheet is a table of so many columns: its head stays in sight and has filters. With
   `is_locked` only open columns can be changed; there is no password. */
void xlsx_out_finish(struct xlsx_out *book, size_t columns, bool is_locked);

/* Writes the workbook. 0 or -1. */
int xlsx_out_close(struct xlsx_out *book, struct out *out, struct fault *fault);

/* "libxlsxwriter/1.1.4" */
const char *xlsx_out_library(void);

#endif
