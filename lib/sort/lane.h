/* SPDX-License-Identifier: ISC */
/*
 * lane: the lines that one thread adds to a sorter.
 *
 * They are gathered in an area small enough for the caches, sorted there, and put
 * one behind the other into pieces in memory. Where the budget has no more, the
 * pieces become one run in a file. Whoever merges then reads all of them from front
 * to back: nothing is looked up here and there in much memory.
 */
#ifndef ROLLCALL_LANE_H
#define ROLLCALL_LANE_H

#include "sort/budget.h"
#include "sort/region.h"
#include "sort/run.h"

struct lane {
	struct budget *budget;
	size_t own;     /* bytes of the budget that it never gives back: the area, and */
	size_t granted; /* the least that it has for pieces; all that it has for them */

	struct region area; /* lines from its start, their places from its end */
	size_t area_size, used, count;
	size_t common; /* bytes that all lines in the area share */
	bool in_order; /* the lines in the area, so far */

	struct region kept; /* pieces */
	size_t kept_used;
	struct piece {
		size_t from, end, last; /* in `kept`; where its last line begins */
	} * pieces;
	size_t piece_count, piece_cap;

	struct run *runs; /* levels fall */
	size_t run_count, run_cap;
};

/* Takes up to `own` bytes out of the budget, which must outlive it. */
void lane_init(struct lane *lane, struct budget *budget, size_t own);
void lane_release(struct lane *lane);

bool lane_is_empty(const struct lane *lane);

/* Empty again; its memory goes back, all but its own part. */
void lane_clear(struct lane *lane);

/* Adds a copy of a line with its LF. 0 or -1. */
int lane_add(struct lane *lane, struct span line, struct fault *fault);

/* Nothing is left in the area; nothing is left in memory. 0 or -1. */
int lane_settle(struct lane *lane, struct fault *fault);
int lane_spill(struct lane *lane, struct fault *fault);

/* The runs of `from` go to `lane`. 0 or -1. */
int lane_take_runs(struct lane *lane, struct lane *from, struct fault *fault);

/* Leaves so few runs that they can be read at once with `memory` bytes. 0 or -1. */
int lane_reduce_runs(struct lane *lane, size_t memory, struct fault *fault);

/* What reading all runs takes. */
size_t lane_reading(const struct lane *lane);

/* Adds runs and pieces, which the merge borrows. 0 or -1. */
int lane_merge(const struct lane *lane, struct merge *merge, struct fault *fault);

#endif
