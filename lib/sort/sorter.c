/* SPDX-License-Identifier: ISC */
/*
 * sorter: shards are filled side by side, and read through one merge.
 */
#include "sort/sorter.h"

#include "sort/shard.h"
#include "sort/order.h"

#include <stdlib.h>

enum { OWN_PART = 16 }; /* of a shared budget: 1 / OWN_PART is a sorter's own */

struct sorter {
	struct budget *budget, own_budget;
	struct shard *shards;
	size_t shard_count;
	struct merge merge;
	size_t reading; /* bytes of the budget that merging has taken */
};

static struct sorter *sorter_make(struct budget *shared, size_t memory, size_t shards,
                                  struct fault *fault)
{
	struct sorter *sorter = calloc(1, sizeof *sorter);
	size_t own = shared ? shared->total / OWN_PART : memory;

	if (sorter)
		sorter->shards = calloc(shards, sizeof *sorter->shards);
	if (!sorter || !sorter->shards) {
		free(sorter);
		fault_memory(fault);
		return NULL;
	}
	budget_init(&sorter->own_budget, memory);
	sorter->budget = shared ? shared : &sorter->own_budget;
	sorter->shard_count = shards;
	for (size_t i = 0; i < shards; i++)
		shard_init(&sorter->shards[i], sorter->budget, own / shards);
	return sorter;
}

struct sorter *sorter_open(size_t memory, struct fault *fault)
{
	return sorter_make(NULL, memory, 1, fault);
}

struct sorter *sorter_share(struct budget *budget, size_t shards, struct fault *fault)
{
	return sorter_make(budget, 0, shards, fault);
}

static void sorter_end_reading(struct sorter *sorter)
{
	merge_release(&sorter->merge);
	budget_give(sorter->budget, sorter->reading);
	sorter->reading = 0;
}

void sorter_close(struct sorter *sorter)
{
	if (!sorter)
		return;
	sorter_end_reading(sorter);
	for (size_t i = 0; i < sorter->shard_count; i++)
		shard_release(&sorter->shards[i]);
	free(sorter->shards);
	free(sorter);
}

void sorter_clear(struct sorter *sorter)
{
	sorter_end_reading(sorter);
	for (size_t i = 0; i < sorter->shard_count; i++)
		shard_clear(&sorter->shards[i]);
}

bool sorter_is_empty(const struct sorter *sorter)
{
	for (size_t i = 0; i < sorter->shard_count; i++)
		if (!shard_is_empty(&sorter->shards[i]))
			return false;
	return true;
}

int sorter_add_to(struct sorter *sorter, size_t index, struct span line, struct fault *fault)
{
	if (line.len > PLACE_LEN_MAX)
		return fault_set(fault, FAULT_DATA, "longer than the limit of %zu bytes", PLACE_LEN_MAX);
	return shard_add(&sorter->shards[index], line, fault);
}

int sorter_add(struct sorter *sorter, struct span line, struct fault *fault)
{
	return sorter_add_to(sorter, 0, line, fault);
}

/* ---- reading ---- */

/* Where one shard has runs in files, all go there: reading those takes memory. */
static int settle_shards(struct sorter *sorter, struct fault *fault)
{
	bool in_files = false;

	for (size_t i = 0; i < sorter->shard_count; i++) {
		if (shard_settle(&sorter->shards[i], fault) < 0)
			return -1;
		in_files |= sorter->shards[i].run_count > 0;
	}
	for (size_t i = 0; in_files && i < sorter->shard_count; i++)
		if (shard_spill(&sorter->shards[i], fault) < 0 ||
		    (i && shard_take_runs(&sorter->shards[0], &sorter->shards[i], fault) < 0))
			return -1;
	return 0;
}

/* So few runs that they can be read at once within the sorter's memory. */
static int sorter_reduce_runs(struct sorter *sorter, struct fault *fault)
{
	struct shard *shard = &sorter->shards[0];
	size_t room;

	sorter->reading = budget_take(sorter->budget, shard_reading(shard), true);
	room = sorter->reading;
	for (size_t i = 0; i < sorter->shard_count; i++)
		room += sorter->shards[i].own;
	return shard_reduce_runs(shard, room, fault);
}

int sorter_sort(struct sorter *sorter, struct fault *fault)
{
	sorter_end_reading(sorter);
	if (settle_shards(sorter, fault) < 0 || sorter_reduce_runs(sorter, fault) < 0)
		return -1;
	for (size_t i = 0; i < sorter->shard_count; i++)
		if (shard_merge(&sorter->shards[i], &sorter->merge, fault) < 0)
			return -1;
	return 0;
}

int sorter_next(struct sorter *sorter, struct span *line, struct fault *fault)
{
	return merge_next(&sorter->merge, line, fault);
}
