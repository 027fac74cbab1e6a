/* SPDX-License-Identifier: ISC */
/*
 * shard: the lines that one thread adds to a sorter.
 *
 * They are gathered in an area small enough for the caches, sorted there, and put
 * one behind the other into pieces in memory. Where the budget has no more, the
 * pieces become one run in a file. Whoever merges then reads all of them from front
 * to back: nothing is looked up here and there in much memory.
 */
#ifndef ROLLCALL_SHARD_H
#define ROLLCALL_SHARD_H

#include "sort/sorter.h"
#include "sort/region.h"
#include "sort/run.h"

struct shard {
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
void shard_init(struct shard *shard, struct budget *budget, size_t own);
void shard_release(struct shard *shard);

bool shard_is_empty(const struct shard *shard);

/* Empty again; its memory goes back, all but its own part. */
void shard_clear(struct shard *shard);

/* Adds a copy of a line with its LF. 0 or -1. */
int shard_add(struct shard *shard, struct span line, struct fault *fault);

/* Nothing is left in the area; nothing is left in memory. 0 or -1. */
int shard_settle(struct shard *shard, struct fault *fault);
int shard_spill(struct shard *shard, struct fault *fault);

/* The runs of `from` go to `shard`. 0 or -1. */
int shard_take_runs(struct shard *shard, struct shard *from, struct fault *fault);

/* Leaves so few runs that they can be read at once with `memory` bytes. 0 or -1. */
int shard_reduce_runs(struct shard *shard, size_t memory, struct fault *fault);

/* What reading all runs takes. */
size_t shard_reading(const struct shard *shard);

/* Adds runs and pieces, which the merge borrows. 0 or -1. */
int shard_merge(const struct shard *shard, struct merge *merge, struct fault *fault);

#endif
