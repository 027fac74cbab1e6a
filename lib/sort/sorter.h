/* SPDX-License-Identifier: ISC */
/*
 * sorter: lines in any order in, in bytewise order out (`LC_ALL=C sort`), within
 * a fixed amount of memory.
 *
 * Lines are sorted a few megabytes at a time, as they come. What does not fit into
 * memory goes to temporary files without a name ($TMPDIR), so that nothing is left
 * whatever ends the process; reading merges all of it. What comes in order already
 * is noticed and not sorted again. A line ends in LF and has no byte below it.
 *
 * A sorter has one shard or more. Each shard is fed by one thread at a time;
 * several sorters can share one budget, in whichever threads they are.
 */
#ifndef ROLLCALL_SORTER_H
#define ROLLCALL_SORTER_H

#include "base/fault.h"
#include "base/span.h"

#include <stdatomic.h>
#include <stdbool.h>

/* An amount of memory that several share. */
struct budget {
	size_t total;
	_Atomic size_t left; /* bytes that nobody has taken */
};

static inline void budget_init(struct budget *budget, size_t bytes)
{
	budget->total = bytes;
	atomic_init(&budget->left, bytes);
}

/* Takes `bytes`, or as many as there are where `some` will do. How many it got. */
static inline size_t budget_take(struct budget *budget, size_t bytes, bool some)
{
	size_t left = atomic_load(&budget->left), got;

	do {
		got = left >= bytes ? bytes : some ? left : 0;
	} while (!atomic_compare_exchange_weak(&budget->left, &left, left - got));
	return got;
}

static inline void budget_give(struct budget *budget, size_t bytes)
{
	atomic_fetch_add(&budget->left, bytes);
}

struct sorter;

/* An empty sorter of one shard that keeps at most about `memory` bytes. NULL with
   a fault. */
struct sorter *sorter_open(size_t memory, struct fault *fault);

/* The same with `shards` shards out of a shared budget, which must outlive it. A
   sixteenth of the budget is this sorter's own. */
struct sorter *sorter_share(struct budget *budget, size_t shards, struct fault *fault);

void sorter_close(struct sorter *sorter); /* NULL is fine */

/* Adds a copy of one line with its LF, to shard 0 or to shard `index`. 0 or -1
   (FAULT_CREATE, FAULT_IO: the temporary file). After sorter_sort, too: what is
   added then needs another sorter_sort. */
int sorter_add(struct sorter *sorter, struct span line, struct fault *fault);
int sorter_add_to(struct sorter *sorter, size_t index, struct span line, struct fault *fault);

/* Empty again, as it was opened. */
void sorter_clear(struct sorter *sorter);

/* Has nothing been added? */
bool sorter_is_empty(const struct sorter *sorter);

/* Makes everything readable in order, from the start. 0 or -1. */
int sorter_sort(struct sorter *sorter, struct fault *fault);

/* 1 and the next line (borrowed until the next call but one), equal lines as often as
   they were added; 0; -1. */
int sorter_next(struct sorter *sorter, struct span *line, struct fault *fault);

#endif
