/* SPDX-License-Identifier: ISC */
/*
 * sheet: the rows of a list, be it CSV (csv.h) or a workbook (xlsx.h). Which it is, its first
 * bytes say.
 */
#ifndef ROLLCALL_SHEET_H
#define ROLLCALL_SHEET_H

#include "sheet/csv.h"
#include "sheet/xlsx.h"

struct sheet {
	/* the row at hand, borrowed until the next one */
	const struct sheet_cells *row;
	size_t number; /* as a spreadsheet counts rows, from 1 */

	/* its own */
	const char *name;
	bool is_workbook;
	struct csv csv;
	struct xlsx xlsx;
};

/* Opens FILE or "-". In a workbook the sheet is chosen as xlsx_open says. `digest`, unless it
   is NULL, gets all bytes of the file until the last row is read. 0 or -1; sheet_close is due
   in both cases. */
int sheet_open(struct sheet *sheet, const char *path, const char *wanted, bool is_needed,
               struct digest *digest, struct fault *fault);
void sheet_close(struct sheet *sheet);

/* 1 and the next row; 0 at the end; -1. */
int sheet_next(struct sheet *sheet, struct fault *fault);

static inline struct span sheet_text(const struct sheet *sheet, size_t cell)
{
	return sheet_cells_text(sheet->row, cell);
}

/* Why a cell says nothing that can be believed, as an error of a formula; NULL. */
const char *sheet_trouble(const struct sheet *sheet, size_t cell);

/* Where the row at hand begins, and what that counts: "line" in CSV, "row" in a workbook. */
static inline size_t sheet_place(const struct sheet *sheet)
{
	return sheet->is_workbook ? sheet->number : sheet->csv.line;
}
const char *sheet_place_word(const struct sheet *sheet);

/* Puts "FILE: line N: " of the row at hand, in a workbook "FILE: row N: ", before a fault.
   Returns -1. */
int sheet_fault(const struct sheet *sheet, struct fault *fault);

/* After the last row: the cells that are merged. */
static inline const struct sheet_area *sheet_merged(const struct sheet *sheet, size_t *count)
{
	*count = sheet->xlsx.merged_count;
	return sheet->xlsx.merged;
}

#endif
