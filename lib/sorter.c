/* SPDX-License-Identifier: ISC */
/*
 * sorter: a lane is a region of bytes, an array of places in it, and the runs it
 * has written. Runs of one level are merged into one of the next as soon as
 * there are RUNS_MAX of them, so a byte is written as often as the number of
 * runs has digits, and the files open at once are bounded.
 */
#include "sorter.h"

#include "ceiling.h"
#include "region.h"
#include "run.h"
#include "undo.h"

#include <pthread.h>
#include <stdlib.h>

enum {
	OWN_PART = 16,        /* of the budget: 1 / OWN_PART is a sorter's own */
	GRANT = 1024 * 1024,  /* bytes taken from the budget at once */
	STRETCHES_MAX = 1024, /* in a lane; further cuts are passed over */
};

/* Lines that were added one after the other between two cuts. */
struct stretch {
	size_t from;   /* number of its first line */
	size_t common; /* bytes that all its lines share */
	bool in_order; /* so far */
};

struct lane {
	struct sorter *sorter;
	struct region bytes;  /* of lines */
	struct region places; /* struct place[] */
	size_t used, count;   /* bytes; lines */
	size_t own;           /* bytes of the budget that it never gives back */
	size_t granted;       /* bytes that may be in use; its own included */
	struct stretch *stretches;
	size_t stretch_count;
	struct run *runs; /* levels fall */
	size_t run_count, run_cap;

	/* while lanes are sorted side by side */
	pthread_t thread;
	struct fault fault;
	bool spill, failed;
};

struct sorter {
	struct budget *budget, own_budget;
	struct lane *lanes;
	size_t lane_count;
	struct merge merge;
	size_t reading; /* bytes of the budget that merging has taken */
};

/* ---- the budget ---- */

void budget_init(struct budget *budget, size_t bytes)
{
	budget->total = bytes;
	atomic_init(&budget->left, bytes);
}

/* Takes `bytes`, or as many as there are where `some` will do. How many it got. */
static size_t budget_take(struct budget *budget, size_t bytes, bool some)
{
	size_t left = atomic_load(&budget->left), got;

	do {
		got = left >= bytes ? bytes : some ? left : 0;
	} while (!atomic_compare_exchange_weak(&budget->left, &left, left - got));
	return got;
}

static void budget_give(struct budget *budget, size_t bytes)
{
	atomic_fetch_add(&budget->left, bytes);
}

/* ---- making and unmaking ---- */

static struct sorter *make(struct budget *shared, size_t memory, size_t lanes, struct fault *fault)
{
	struct sorter *sorter = calloc(1, sizeof *sorter);

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
	for (size_t i = 0; i < lanes; i++) {
		struct lane *lane = &sorter->lanes[i];

		lane->sorter = sorter;
		lane->own = budget_take(sorter->budget, sorter->budget->total / OWN_PART / lanes, true);
		lane->granted = lane->own;
	}
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

static void drop_runs(struct lane *lane, size_t keep)
{
	while (lane->run_count > keep)
		run_release(&lane->runs[--lane->run_count]);
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
	for (size_t i = 0; i < sorter->lane_count; i++) {
		struct lane *lane = &sorter->lanes[i];

		region_release(&lane->bytes);
		region_release(&lane->places);
		budget_give(sorter->budget, lane->granted);
		drop_runs(lane, 0);
		free(lane->runs);
		free(lane->stretches);
	}
	free(sorter->lanes);
	free(sorter);
}

/* ---- a lane in memory ---- */

static struct place *places_of(const struct lane *lane)
{
	return (struct place *)(void *)lane->places.data;
}

static size_t stretch_end(const struct lane *lane, size_t stretch)
{
	return stretch + 1 < lane->stretch_count ? lane->stretches[stretch + 1].from : lane->count;
}

static void order_lane(struct lane *lane)
{
	for (size_t i = 0; i < lane->stretch_count; i++) {
		struct stretch *stretch = &lane->stretches[i];

		if (!stretch->in_order)
			order_lines(places_of(lane) + stretch->from, stretch_end(lane, i) - stretch->from,
			            lane->bytes.data, stretch->common);
		stretch->in_order = true;
	}
}

static int add_stretches(struct merge *merge, const struct lane *lane, struct fault *fault)
{
	for (size_t i = 0; i < lane->stretch_count; i++) {
		const struct stretch *stretch = &lane->stretches[i];

		if (merge_add_places(merge, places_of(lane) + stretch->from,
		                     stretch_end(lane, i) - stretch->from, lane->bytes.data, fault) < 0)
			return -1;
	}
	return 0;
}

/* Gives the lane's memory back, all but its own part. */
static void empty_lane(struct lane *lane)
{
	region_release(&lane->bytes);
	region_release(&lane->places);
	lane->used = lane->count = lane->stretch_count = 0;
	budget_give(lane->sorter->budget, lane->granted - lane->own);
	lane->granted = lane->own;
}

/* ---- runs ---- */

static int add_run(struct lane *lane, struct run *run, struct fault *fault)
{
	if (lane->run_count == lane->run_cap) {
		size_t cap = lane->run_cap ? lane->run_cap * 2 : RUNS_MAX;
		struct run *runs = reallocarray(lane->runs, cap, sizeof *runs);

		if (!runs) {
			run_release(run);
			return fault_memory(fault);
		}
		lane->runs = runs;
		lane->run_cap = cap;
	}
	lane->runs[lane->run_count++] = *run;
	return 0;
}

/* How many of the lane's last runs `memory` bytes can read at once; at least two. */
static size_t readable(const struct lane *lane, size_t memory)
{
	size_t count = 0;

	while (count < lane->run_count && count < RUNS_MAX) {
		size_t need = run_reading(&lane->runs[lane->run_count - count - 1]);

		if (need > memory && count >= 2)
			break;
		memory -= need < memory ? need : memory;
		count++;
	}
	return count;
}

/* Makes one of the lane's last `count` runs. */
static int join_runs(struct lane *lane, size_t count, struct fault *fault)
{
	struct merge merge = {0};
	struct run run = {.fd = -1};
	size_t first = lane->run_count - count;
	unsigned level = lane->runs[first].level + 1;
	int result = 0;

	for (size_t i = first; i < lane->run_count && result == 0; i++)
		result = merge_add_run(&merge, &lane->runs[i], fault);
	if (result == 0)
		result = merge_write(&merge, &run, fault);
	merge_release(&merge);
	if (result < 0)
		return -1;
	run.level = level;
	drop_runs(lane, first);
	return add_run(lane, &run, fault);
}

/* Joins what stands behind the first `keep` runs until it is one, as many at once
   as the memory can read. */
static int join_behind(struct lane *lane, size_t keep, struct fault *fault)
{
	unsigned level = lane->runs[keep].level + 1;

	while (lane->run_count > keep + 1) {
		size_t count = readable(lane, lane->granted), all = lane->run_count - keep;

		if (join_runs(lane, count < all ? count : all, fault) < 0)
			return -1;
	}
	lane->runs[keep].level = level;
	return 0;
}

/* How many runs at the end have the level of the last one. */
static size_t equal_runs(const struct lane *lane)
{
	size_t count = 0;

	while (count < lane->run_count &&
	       lane->runs[lane->run_count - count - 1].level == lane->runs[lane->run_count - 1].level)
		count++;
	return count;
}

/* Writes what the lane has in memory as a run, and makes its memory free. */
static int spill(struct lane *lane, struct fault *fault)
{
	struct merge merge = {0};
	struct run run = {.fd = -1};
	int result;

	order_lane(lane);
	result = add_stretches(&merge, lane, fault);
	if (result == 0)
		result = merge_write(&merge, &run, fault);
	merge_release(&merge);
	if (result < 0 || add_run(lane, &run, fault) < 0)
		return -1;
	empty_lane(lane);
	for (size_t count; (count = equal_runs(lane)) >= RUNS_MAX;)
		if (join_behind(lane, lane->run_count - count, fault) < 0)
			return -1;
	return 0;
}

/* ---- adding ---- */

static int begin_stretch(struct lane *lane, struct fault *fault)
{
	if (!lane->stretches)
		lane->stretches = calloc(STRETCHES_MAX, sizeof *lane->stretches);
	if (!lane->stretches)
		return fault_memory(fault);
	lane->stretches[lane->stretch_count++] = (struct stretch){.from = lane->count};
	return 0;
}

void sorter_cut(struct sorter *sorter, size_t index)
{
	struct lane *lane = &sorter->lanes[index];

	if (lane->stretch_count && lane->stretch_count < STRETCHES_MAX &&
	    lane->stretches[lane->stretch_count - 1].from < lane->count)
		lane->stretches[lane->stretch_count++] = (struct stretch){.from = lane->count};
}

/* Memory for one more line; where there is none, the lane is written out. A line
   that is longer than all there is gets its place nevertheless. */
static int make_room(struct lane *lane, size_t more, struct fault *fault)
{
	size_t need = lane->used + lane->count * sizeof(struct place) + more;

	if (need > lane->granted)
		lane->granted +=
			budget_take(lane->sorter->budget, more > GRANT ? more : (size_t)GRANT, false);
	if ((need > lane->granted || (uint64_t)lane->used + more > PLACE_FROM_MAX) && lane->count &&
	    spill(lane, fault) < 0)
		return -1;
	if (region_need(&lane->bytes, lane->used + more, fault) < 0)
		return -1;
	return region_need(&lane->places, (lane->count + 1) * sizeof(struct place), fault);
}

/* What the line is to the stretch it joins. */
static void note(const struct lane *lane, struct stretch *stretch, struct span line)
{
	const struct place *places = places_of(lane);
	struct span first = {line.data, stretch->common};

	if (lane->count == stretch->from) {
		stretch->common = line.len;
		stretch->in_order = true;
		return;
	}
	first.data = place_line(&places[stretch->from], lane->bytes.data).data;
	stretch->common = order_common(first, line);
	if (stretch->in_order)
		stretch->in_order =
			span_compare(place_line(&places[lane->count - 1], lane->bytes.data), line) <= 0;
}

int sorter_add_to(struct sorter *sorter, size_t index, struct span line, struct fault *fault)
{
	struct lane *lane = &sorter->lanes[index];

	if (line.len > PLACE_LEN_MAX)
		return fault_set(fault, FAULT_DATA, "longer than the limit of %zu bytes", PLACE_LEN_MAX);
	if (make_room(lane, line.len + sizeof(struct place), fault) < 0)
		return -1;
	if (!lane->stretch_count && begin_stretch(lane, fault) < 0)
		return -1;
	note(lane, &lane->stretches[lane->stretch_count - 1], line);
	memcpy(lane->bytes.data + lane->used, line.data, line.len);
	places_of(lane)[lane->count++] = place_of(lane->used, line.len);
	lane->used += line.len;
	return 0;
}

int sorter_add(struct sorter *sorter, struct span line, struct fault *fault)
{
	return sorter_add_to(sorter, 0, line, fault);
}

void sorter_clear(struct sorter *sorter)
{
	end_reading(sorter);
	for (size_t i = 0; i < sorter->lane_count; i++) {
		empty_lane(&sorter->lanes[i]);
		drop_runs(&sorter->lanes[i], 0);
	}
}

bool sorter_is_empty(const struct sorter *sorter)
{
	for (size_t i = 0; i < sorter->lane_count; i++)
		if (sorter->lanes[i].count || sorter->lanes[i].run_count)
			return false;
	return true;
}

/* ---- reading ---- */

static void *settle_lane(void *context)
{
	struct lane *lane = context;

	if (lane->spill)
		lane->failed = lane->count && spill(lane, &lane->fault) < 0;
	else
		order_lane(lane);
	return NULL;
}

static void *settle_beside(void *context)
{
	undo_hold(); /* signals are the first thread's */
	return settle_lane(context);
}

/* All lanes at once, the first one in this thread. */
static int settle_lanes(struct sorter *sorter, struct fault *fault)
{
	struct lane *lanes = sorter->lanes;
	bool spill_all = false;
	int result = 0;

	for (size_t i = 0; i < sorter->lane_count; i++)
		spill_all |= lanes[i].run_count > 0;
	undo_hold();
	for (size_t i = 0; i < sorter->lane_count; i++) {
		lanes[i].spill = spill_all;
		lanes[i].failed = false;
		if (i && pthread_create(&lanes[i].thread, NULL, settle_beside, &lanes[i]) != 0) {
			lanes[i].thread = pthread_self();
			settle_lane(&lanes[i]);
		}
	}
	undo_go_on();
	settle_lane(&lanes[0]);
	for (size_t i = 0; i < sorter->lane_count; i++) {
		if (i && !pthread_equal(lanes[i].thread, pthread_self()))
			pthread_join(lanes[i].thread, NULL);
		if (lanes[i].failed && result == 0) {
			*fault = lanes[i].fault;
			result = -1;
		}
	}
	return result;
}

/* All runs become those of the first lane. */
static int gather_runs(struct sorter *sorter, struct fault *fault)
{
	for (size_t i = 1; i < sorter->lane_count; i++) {
		struct lane *lane = &sorter->lanes[i];

		for (size_t j = 0; j < lane->run_count; j++) {
			struct run run = lane->runs[j];

			lane->runs[j].fd = -1;
			if (add_run(&sorter->lanes[0], &run, fault) < 0)
				return -1;
		}
		lane->run_count = 0;
	}
	return 0;
}

/* So few that they can be read at once within the sorter's memory. */
static int reduce_runs(struct sorter *sorter, struct fault *fault)
{
	struct lane *lane = &sorter->lanes[0];
	size_t need = 0, room;
	int result = 0;

	for (size_t i = 0; i < lane->run_count; i++)
		need += run_reading(&lane->runs[i]);
	sorter->reading = budget_take(sorter->budget, need, true);
	room = sorter->reading;
	for (size_t i = 0; i < sorter->lane_count; i++)
		room += sorter->lanes[i].own;
	for (size_t count; result == 0 && (count = readable(lane, room)) < lane->run_count;)
		result = join_runs(lane, count, fault);
	return result;
}

int sorter_sort(struct sorter *sorter, struct fault *fault)
{
	struct lane *first = &sorter->lanes[0];

	end_reading(sorter);
	if (settle_lanes(sorter, fault) < 0 || gather_runs(sorter, fault) < 0)
		return -1;
	if (first->run_count && reduce_runs(sorter, fault) < 0)
		return -1;
	for (size_t i = 0; i < first->run_count; i++)
		if (merge_add_run(&sorter->merge, &first->runs[i], fault) < 0)
			return -1;
	for (size_t i = 0; i < sorter->lane_count; i++)
		if (add_stretches(&sorter->merge, &sorter->lanes[i], fault) < 0)
			return -1;
	return 0;
}

int sorter_next(struct sorter *sorter, struct span *line, struct fault *fault)
{
	return merge_next(&sorter->merge, line, fault);
}
