/* SPDX-License-Identifier: ISC */
/*
 * sorter: lanes are filled side by side, and read through one merge.
 */
#include "sort/sorter.h"

#include "sort/lane.h"
#include "sort/order.h"

#include <stdlib.h>

enum { OWN_PART = 16 }; /* of a shared budget: 1 / OWN_PART is a sorter's own */

struct sorter {
	struct budget *budget, own_budget;
	struct lane *lanes;
	size_t lane_count;
	struct merge merge;
	size_t reading; /* bytes of the budget that merging has taken */
};

static struct sorter *make(struct budget *shared, size_t memory, size_t lanes, struct fault *fault)
{
	struct sorter *sorter = calloc(1, sizeof *sorter);
	size_t own = shared ? shared->total / OWN_PART : memory;

	if (sorter)
		sorter->lanes = calloc(lanes, sizeof *sorter->lanes);
	if (!sorter || !sorter->lanes) {
		free(sorter);
		fault_memory(fault);
		return NULL;
	}
	budget_init(&sorter->own_budget, memory);
	sorter->budget = shared ? shared : &sorter->own_budget;
	sorter->lane_count = lanes;
	for (size_t i = 0; i < lanes; i++)
		lane_init(&sorter->lanes[i], sorter->budget, own / lanes);
	return sorter;
}

struct sorter *sorter_open(size_t memory, struct fault *fault)
{
	return make(NULL, memory, 1, fault);
}

struct sorter *sorter_share(struct budget *budget, size_t lanes, struct fault *fault)
{
	return make(budget, 0, lanes, fault);
}

static void end_reading(struct sorter *sorter)
{
	merge_release(&sorter->merge);
	budget_give(sorter->budget, sorter->reading);
	sorter->reading = 0;
}

void sorter_close(struct sorter *sorter)
{
	if (!sorter)
		return;
	end_reading(sorter);
	for (size_t i = 0; i < sorter->lane_count; i++)
		lane_release(&sorter->lanes[i]);
	free(sorter->lanes);
	free(sorter);
}

void sorter_clear(struct sorter *sorter)
{
	end_reading(sorter);
	for (size_t i = 0; i < sorter->lane_count; i++)
		lane_clear(&sorter->lanes[i]);
}

bool sorter_is_empty(const struct sorter *sorter)
{
	for (size_t i = 0; i < sorter->lane_count; i++)
		if (!lane_is_empty(&sorter->lanes[i]))
			return false;
	return true;
}

int sorter_add_to(struct sorter *sorter, size_t index, struct span line, struct fault *fault)
{
	if (line.len > PLACE_LEN_MAX)
		return fault_set(fault, FAULT_DATA, "longer than the limit of %zu bytes", PLACE_LEN_MAX);
	return lane_add(&sorter->lanes[index], line, fault);
}

int sorter_add(struct sorter *sorter, struct span line, struct fault *fault)
{
	return sorter_add_to(sorter, 0, line, fault);
}

/* ---- reading ---- */

/* Where one lane has runs in files, all go there: reading those takes memory. */
static int settle(struct sorter *sorter, struct fault *fault)
{
	bool in_files = false;

	for (size_t i = 0; i < sorter->lane_count; i++) {
		if (lane_settle(&sorter->lanes[i], fault) < 0)
			return -1;
		in_files |= sorter->lanes[i].run_count > 0;
	}
	for (size_t i = 0; in_files && i < sorter->lane_count; i++)
		if (lane_spill(&sorter->lanes[i], fault) < 0 ||
		    (i && lane_take_runs(&sorter->lanes[0], &sorter->lanes[i], fault) < 0))
			return -1;
	return 0;
}

/* So few runs that they can be read at once within the sorter's memory. */
static int reduce_runs(struct sorter *sorter, struct fault *fault)
{
	struct lane *lane = &sorter->lanes[0];
	size_t room;

	sorter->reading = budget_take(sorter->budget, lane_reading(lane), true);
	room = sorter->reading;
	for (size_t i = 0; i < sorter->lane_count; i++)
		room += sorter->lanes[i].own;
	return lane_reduce_runs(lane, room, fault);
}

int sorter_sort(struct sorter *sorter, struct fault *fault)
{
	end_reading(sorter);
	if (settle(sorter, fault) < 0 || reduce_runs(sorter, fault) < 0)
		return -1;
	for (size_t i = 0; i < sorter->lane_count; i++)
		if (lane_merge(&sorter->lanes[i], &sorter->merge, fault) < 0)
			return -1;
	return 0;
}

int sorter_next(struct sorter *sorter, struct span *line, struct fault *fault)
{
	return merge_next(&sorter->merge, line, fault);
}
