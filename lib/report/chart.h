/* SPDX-License-Identifier: ISC */
/*
 * chart: numbers as inline SVG. Lengths are shares of the width and fonts are not, so a
 * chart reads the same on a phone and on a wall. Each has a title and its facts in words
 * for who can not see it; the page has a table beside it. No colour speaks alone: each
 * mark has a name, and what is not known is hatched.
 *
 * A row may have any number of parts, one for each mark. Sums are never scaled by hand:
 * the longest row takes the width.
 */
#ifndef ROLLCALL_CHART_H
#define ROLLCALL_CHART_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum { CHART_MARKS_MAX = 8 };

struct chart_mark {
	const char *name;  /* for people */
	const char *label; /* the same for the foot of a column, where there is little room */
	const char *class; /* of the page's style: its fill */
};

struct chart_row {
	struct span label; /* foreign text */
	uint64_t parts[CHART_MARKS_MAX];
	int64_t at;      /* of a line: its time in seconds, in the order of rows */
	bool is_partial; /* of a line: its dots are hollow */
};

struct chart {
	const char *id;    /* a name within the page: letters and hyphens */
	const char *title; /* what the bars show */
	const struct chart_mark *marks;
	size_t mark_count;
	const struct chart_row *rows;
	size_t row_count;
};

/* Appends the SVG: a bar across for each row, its parts side by side. */
void chart_put_bars(struct buf *to, const struct chart *chart);

/* A column for each mark of the only row: a histogram. */
void chart_put_columns(struct buf *to, const struct chart *chart);

/* A line for each mark over the rows, which are points in time: as far apart as their times. */
void chart_put_lines(struct buf *to, const struct chart *chart);

#endif
