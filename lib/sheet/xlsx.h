/* SPDX-License-Identifier: ISC */
/*
 * xlsx: the rows of one sheet of a workbook, one at a time.
 *
 * A cell is the text that people see: shared and inline texts without how they look and how
 * they are spoken, numbers and days as xlsx_value.h says, TRUE and FALSE, the last value of a
 * formula. Hidden rows and columns are rows and columns. A row without any text is passed
 * over. Rows and cells must stand in their order, each once.
 *
 * Memory does not grow with the rows, only with the texts that cells share.
 */
#ifndef ROLLCALL_XLSX_H
#define ROLLCALL_XLSX_H

#include "sheet/sheet_cells.h"
#include "sheet/xlsx_book.h"
#include "sheet/xml_part.h"

/* Cells that are shown as one; only the first has a text. All from 0. */
struct sheet_area {
	size_t first_row, last_row, first_column, last_column;
};

struct xlsx {
	struct xlsx_book book; /* its package: name, fd and size are given */
	struct span title;     /* of the sheet */

	/* the row at hand */
	size_t number; /* from 1 */
	struct sheet_cells row;

	/* after the last row */
	struct sheet_area *merged;
	size_t merged_count, merged_cap;

	/* its own */
	struct xml_part rows;
	size_t column; /* of the cell at hand */
	uint64_t cells;
	struct buf value;
	unsigned long style;
	enum xlsx_cell {
		CELL_OF_NUMBER,
		CELL_SHARED,
		CELL_INLINE,
		CELL_PLAIN,
		CELL_TRUTH,
		CELL_WRONG
	} cell;
	bool in_rows, in_row, in_cell, in_run, in_spoken, in_merged, is_text, has_formula;
};

/* Opens the sheet called `wanted`, which people can see; NULL: the only one that they can see.
   Where there is none of that name and `is_needed` is false, the only one, too. 0 or -1;
   xlsx_close is due in both cases. */
int xlsx_open(struct xlsx *xlsx, const char *wanted, bool is_needed, struct fault *fault);
void xlsx_close(struct xlsx *xlsx);

/* 1 and the next row, borrowed until the next call; 0 at the end; -1. */
int xlsx_next(struct xlsx *xlsx, struct fault *fault);

/* Puts "FILE: row N: " of the row at hand before a fault. Returns -1. */
int xlsx_row_fault(const struct xlsx *xlsx, struct fault *fault);

#endif
