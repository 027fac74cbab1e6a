/* SPDX-License-Identifier: ISC */
/*
 * lane: runs of one level are merged into one of the next as soon as there are
 * RUNS_MAX of them, so a byte is written as often as the number of runs has digits,
 * and the files open at once are bounded.
 */
#include "sort/lane.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "sort/order.h"

#include <stdlib.h>

enum {
	AREA_MAX = 4 * 1024 * 1024,
	GRANT = 1024 * 1024, /* bytes taken from the budget at once */
};

void lane_init(struct lane *lane, struct budget *budget, size_t own)
{
	*lane = (struct lane){.budget = budget, .own = budget_take(budget, own, true)};
	lane->area_size = lane->own / 2 < AREA_MAX ? lane->own / 2 : AREA_MAX;
	lane->area_size -= lane->area_size % sizeof(struct place);
	lane->granted = lane->own - lane->area_size;
}

/* Gives the memory of the pieces back. */
static void drop_pieces(struct lane *lane)
{
	size_t least = lane->own - lane->area_size;

	region_release(&lane->kept);
	lane->kept_used = lane->piece_count = 0;
	budget_give(lane->budget, lane->granted - least);
	lane->granted = least;
}

static void drop_runs(struct lane *lane, size_t keep)
{
	while (lane->run_count > keep)
		run_release(&lane->runs[--lane->run_count]);
}

bool lane_is_empty(const struct lane *lane)
{
	return !lane->count && !lane->piece_count && !lane->run_count;
}

void lane_clear(struct lane *lane)
{
	region_release(&lane->area);
	lane->used = lane->count = 0;
	drop_pieces(lane);
	drop_runs(lane, 0);
}

void lane_release(struct lane *lane)
{
	lane_clear(lane);
	budget_give(lane->budget, lane->own);
	free(lane->pieces);
	free(lane->runs);
	*lane = (struct lane){0};
}

/* ---- runs ---- */

static int add_run(struct lane *lane, struct run *run, struct fault *fault)
{
	struct run *runs = array_grow(lane->runs, lane->run_count, &lane->run_cap, sizeof *runs, fault);

	if (!runs) {
		run_release(run);
		return -1;
	}
	lane->runs = runs;
	lane->runs[lane->run_count++] = *run;
	return 0;
}

/* How many of the last runs `memory` bytes can read at once; at least two. */
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

/* Makes one of the last `count` runs. */
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

int lane_take_runs(struct lane *lane, struct lane *from, struct fault *fault)
{
	for (size_t i = 0; i < from->run_count; i++) {
		struct run run = from->runs[i];

		from->runs[i].fd = -1;
		if (add_run(lane, &run, fault) < 0)
			return -1;
	}
	from->run_count = 0;
	return 0;
}

size_t lane_reading(const struct lane *lane)
{
	size_t bytes = 0;

	for (size_t i = 0; i < lane->run_count; i++)
		bytes += run_reading(&lane->runs[i]);
	return bytes;
}

int lane_reduce_runs(struct lane *lane, size_t memory, struct fault *fault)
{
	for (size_t count; (count = readable(lane, memory)) < lane->run_count;)
		if (join_runs(lane, count, fault) < 0)
			return -1;
	return 0;
}

/* ---- pieces ---- */

static int merge_pieces(const struct lane *lane, struct merge *merge, struct fault *fault)
{
	for (size_t i = 0; i < lane->piece_count; i++) {
		const struct piece *piece = &lane->pieces[i];
		struct span lines = {lane->kept.data + piece->from, piece->end - piece->from};

		if (merge_add_lines(merge, lines, fault) < 0)
			return -1;
	}
	return 0;
}

int lane_merge(const struct lane *lane, struct merge *merge, struct fault *fault)
{
	for (size_t i = 0; i < lane->run_count; i++)
		if (merge_add_run(merge, &lane->runs[i], fault) < 0)
			return -1;
	return merge_pieces(lane, merge, fault);
}

/* All pieces become a run. Memory of the lane's own stays for the next ones, because
   getting it back from the system costs time. */
static int write_pieces(struct lane *lane, struct fault *fault)
{
	struct merge merge = {0};
	struct run run = {.fd = -1};
	int result;

	if (!lane->piece_count)
		return 0;
	result = merge_pieces(lane, &merge, fault);
	if (result == 0)
		result = merge_write(&merge, &run, fault);
	merge_release(&merge);
	if (result < 0 || add_run(lane, &run, fault) < 0)
		return -1;
	if (lane->kept_used > lane->own - lane->area_size)
		drop_pieces(lane);
	lane->kept_used = lane->piece_count = 0;
	for (size_t count; (count = equal_runs(lane)) >= RUNS_MAX;) {
		drop_pieces(lane);
		if (join_behind(lane, lane->run_count - count, fault) < 0)
			return -1;
	}
	return 0;
}

/* Are `bytes` granted for pieces? Asks for them where not. */
static bool is_granted(struct lane *lane, size_t bytes)
{
	if (bytes > lane->granted) {
		size_t missing = bytes - lane->granted;

		lane->granted +=
			budget_take(lane->budget, missing > GRANT ? missing : (size_t)GRANT, false);
	}
	return bytes <= lane->granted;
}

/* Memory for `more` bytes in pieces; where there is none, the pieces are written. A
   line that is longer than all there is gets its place nevertheless. */
static int make_room(struct lane *lane, size_t more, struct fault *fault)
{
	if (!is_granted(lane, lane->kept_used + more)) {
		if (write_pieces(lane, fault) < 0)
			return -1;
		is_granted(lane, more);
	}
	return region_need(&lane->kept, lane->kept_used + more, fault);
}

/* Makes the last piece, or begins one, for lines of which `first` is the least. */
static struct piece *piece_for(struct lane *lane, struct span first, struct fault *fault)
{
	struct piece *last, *pieces;

	if (lane->piece_count) {
		last = &lane->pieces[lane->piece_count - 1];
		if (span_compare(run_line(lane->kept.data + last->last), first) <= 0)
			return last;
	}
	pieces = array_grow(lane->pieces, lane->piece_count, &lane->piece_cap, sizeof *pieces, fault);
	if (!pieces)
		return NULL;
	lane->pieces = pieces;
	last = &lane->pieces[lane->piece_count++];
	*last = (struct piece){lane->kept_used, lane->kept_used, lane->kept_used};
	return last;
}

static void put(struct lane *lane, struct piece *piece, struct span line)
{
	piece->last = lane->kept_used;
	lane->kept_used += run_put_line(lane->kept.data + lane->kept_used, line);
	piece->end = lane->kept_used;
}

/* ---- the area ---- */

/* The place of the line that was added last; those of earlier lines stand behind. */
static struct place *places_of(const struct lane *lane)
{
	return (struct place *)(void *)(lane->area.data + lane->area_size) - lane->count;
}

int lane_settle(struct lane *lane, struct fault *fault)
{
	struct place *places;
	struct piece *piece;
	size_t step = 1, at = 0;

	if (!lane->count)
		return 0;
	places = places_of(lane);
	if (lane->in_order) {
		/* backwards, as they were added */
		at = lane->count - 1;
		step = (size_t)-1;
	} else {
		order_lines(places, lane->count, lane->area.data, lane->common);
	}
	if (make_room(lane, lane->used + lane->count * RUN_HEAD, fault) < 0)
		return -1;
	piece = piece_for(lane, place_line(&places[at], lane->area.data), fault);
	if (!piece)
		return -1;
	for (size_t i = 0; i < lane->count; i++, at += step)
		put(lane, piece, place_line(&places[at], lane->area.data));
	lane->used = lane->count = 0;
	return 0;
}

int lane_spill(struct lane *lane, struct fault *fault)
{
	if (lane_settle(lane, fault) < 0 || write_pieces(lane, fault) < 0)
		return -1;
	region_release(&lane->area);
	drop_pieces(lane);
	return 0;
}

/* What the line is to those in the area. */
static void note(struct lane *lane, struct span line)
{
	const struct place *places = places_of(lane);
	struct span first;

	if (!lane->count) {
		lane->common = line.len;
		lane->in_order = true;
		return;
	}
	first = (struct span){lane->area.data, lane->common};
	lane->common = order_common(first, line);
	if (lane->in_order)
		lane->in_order = span_compare(place_line(places, lane->area.data), line) <= 0;
}

/* A line for which the area is too small is a piece by itself. */
static int add_long(struct lane *lane, struct span line, struct fault *fault)
{
	struct piece *piece =
		make_room(lane, RUN_HEAD + line.len, fault) < 0 ? NULL : piece_for(lane, line, fault);

	if (!piece)
		return -1;
	put(lane, piece, line);
	return 0;
}

int lane_add(struct lane *lane, struct span line, struct fault *fault)
{
	size_t places = (lane->count + 1) * sizeof(struct place);

	if (lane->used + line.len + places > lane->area_size) {
		if (lane_settle(lane, fault) < 0)
			return -1;
		if (line.len + sizeof(struct place) > lane->area_size)
			return add_long(lane, line, fault);
	}
	if (region_need(&lane->area, lane->area_size, fault) < 0)
		return -1;
	note(lane, line);
	memcpy(lane->area.data + lane->used, line.data, line.len);
	lane->count++;
	*places_of(lane) = place_of(lane->used, line.len);
	lane->used += line.len;
	return 0;
}
