/* SPDX-License-Identifier: ISC */
/*
 * sheet_cells: rows come and go in the same memory.
 */
#include "sheet/sheet_cells.h"

#include "base/array.h"

#include <stdlib.h>

void sheet_cells_release(struct sheet_cells *cells)
{
	free(cells->items);
	buf_release(&cells->text);
	*cells = (struct sheet_cells){0};
}

void sheet_cells_clear(struct sheet_cells *cells)
{
	cells->count = 0;
	buf_clear(&cells->text);
}

int sheet_cells_add(struct sheet_cells *cells, size_t from, struct fault *fault)
{
	struct sheet_cell *items =
		array_grow(cells->items, cells->count, &cells->cap, sizeof *items, fault);

	if (!items)
		return -1;
	cells->items = items;
	items[cells->count++] = (struct sheet_cell){.from = from, .len = cells->text.len - from};
	return 0;
}
