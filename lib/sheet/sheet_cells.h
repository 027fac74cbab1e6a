/* SPDX-License-Identifier: ISC */
/*
 * sheet_cells: the cells of one row, side by side in one text.
 */
#ifndef ROLLCALL_SHEET_CELLS_H
#define ROLLCALL_SHEET_CELLS_H

#include "base/buf.h"

/* What a cell is. Only a workbook knows the last two. */
enum sheet_kind { SHEET_TEXT, SHEET_ERROR, SHEET_NO_VALUE };

struct sheet_cell {
	size_t from, len; /* in `text` */
	enum sheet_kind kind;
};

struct sheet_cells {
	struct sheet_cell *items;
	size_t count, cap;
	struct buf text;
};

void sheet_cells_release(struct sheet_cells *cells);
void sheet_cells_clear(struct sheet_cells *cells);

/* One more cell, which is the text from `from` to its end. 0 or -1. */
int sheet_cells_add(struct sheet_cells *cells, size_t from, struct fault *fault);

/* The text of a cell, empty where the row has no such cell. Borrowed until it changes. */
static inline struct span sheet_cells_text(const struct sheet_cells *cells, size_t at)
{
	if (at >= cells->count)
		return (struct span)SPAN_EMPTY;
	return (struct span){buf_span(&cells->text).data + cells->items[at].from, cells->items[at].len};
}

#endif
