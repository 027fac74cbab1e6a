/* SPDX-License-Identifier: ISC */
/*
 * top: a heap (Knuth, volume 3, 5.2.3) of the rows that are kept. Its root is the last of
 * them, the first to go.
 */
#include "report/top.h"

#include <stdlib.h>

int top_init(struct top *top, size_t max, struct fault *fault)
{
	*top = (struct top){.rows = calloc(max, sizeof *top->rows), .max = max};
	return top->rows ? 0 : fault_memory(fault);
}

void top_release(struct top *top)
{
	for (size_t i = 0; i < top->max && top->rows; i++) {
		buf_release(&top->rows[i].key);
		buf_release(&top->rows[i].row);
	}
	free(top->rows);
	*top = (struct top){0};
}

static bool top_is_before(const struct top *top, size_t a, size_t b)
{
	return span_compare(buf_span(&top->rows[a].key), buf_span(&top->rows[b].key)) < 0;
}

static void top_swap(struct top *top, size_t a, size_t b)
{
	struct top_row row = top->rows[a];

	top->rows[a] = top->rows[b];
	top->rows[b] = row;
}

/* Lets the row at `at` sink among the first `count`. */
static void top_sink(struct top *top, size_t at, size_t count)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && top_is_before(top, child, child + 1))
			child++;
		if (!top_is_before(top, at, child))
			return;
		top_swap(top, at, child);
	}
}

bool top_wants(struct top *top, struct span key)
{
	top->seen++;
	return top->count < top->max || span_compare(key, buf_span(&top->rows[0].key)) < 0;
}

int top_add(struct top *top, struct span key, struct span row, struct fault *fault)
{
	size_t at = top->count < top->max ? top->count++ : 0;
	struct top_row *to = &top->rows[at];

	buf_clear(&to->key);
	buf_clear(&to->row);
	buf_put_span(&to->key, key);
	buf_put_span(&to->row, row);
	if (buf_check(&to->key, fault) < 0 || buf_check(&to->row, fault) < 0)
		return -1;
	for (; at && top_is_before(top, (at - 1) / 2, at); at = (at - 1) / 2)
		top_swap(top, at, (at - 1) / 2);
	top_sink(top, at, top->count);
	return 0;
}

void top_sort(struct top *top)
{
	for (size_t last = top->count; last > 1; last--) {
		top_swap(top, 0, last - 1);
		top_sink(top, 0, last - 1);
	}
}
