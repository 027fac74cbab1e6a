/* SPDX-License-Identifier: ISC */
/*
 * shard: runs of one level are merged into one of the next as soon as there are
 * RUNS_MAX of them, so a byte is written as often as the number of runs has digits,
 * and the files open at once are bounded.
 */
#include "sort/shard.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "sort/order.h"

#include <stdlib.h>

enum {
	AREA_MAX = 4 * 1024 * 1024,
	GRANT = 1024 * 1024, /* bytes taken from the budget at once */
};

void shard_init(struct shard *shard, struct budget *budget, size_t own)
{
	*shard = (struct shard){.budget = budget, .own = budget_take(budget, own, true)};
	shard->area_size = shard->own / 2 < AREA_MAX ? shard->own / 2 : AREA_MAX;
	shard->area_size -= shard->area_size % sizeof(struct place);
	shard->granted = shard->own - shard->area_size;
}

/* Gives the memory of the pieces back. */
static void drop_pieces(struct shard *shard)
{
	size_t least = shard->own - shard->area_size;

	region_release(&shard->kept);
	shard->kept_used = shard->piece_count = 0;
	budget_give(shard->budget, shard->granted - least);
	shard->granted = least;
}

static void drop_runs(struct shard *shard, size_t keep)
{
	while (shard->run_count > keep)
		run_release(&shard->runs[--shard->run_count]);
}

bool shard_is_empty(const struct shard *shard)
{
	return !shard->count && !shard->piece_count && !shard->run_count;
}

void shard_clear(struct shard *shard)
{
	region_release(&shard->area);
	shard->used = shard->count = 0;
	drop_pieces(shard);
	drop_runs(shard, 0);
}

void shard_release(struct shard *shard)
{
	shard_clear(shard);
	budget_give(shard->budget, shard->own);
	free(shard->pieces);
	free(shard->runs);
	*shard = (struct shard){0};
}

/* ---- runs ---- */

static int add_run(struct shard *shard, struct run *run, struct fault *fault)
{
	struct run *runs =
		array_grow(shard->runs, shard->run_count, &shard->run_cap, sizeof *runs, fault);

	if (!runs) {
		run_release(run);
		return -1;
	}
	shard->runs = runs;
	shard->runs[shard->run_count++] = *run;
	return 0;
}

/* How many of the last runs `memory` bytes can read at once; at least two. */
static size_t readable_runs(const struct shard *shard, size_t memory)
{
	size_t count = 0;

	while (count < shard->run_count && count < RUNS_MAX) {
		size_t need = run_reading(&shard->runs[shard->run_count - count - 1]);

		if (need > memory && count >= 2)
			break;
		memory -= need < memory ? need : memory;
		count++;
	}
	return count;
}

/* Makes one of the last `count` runs. */
static int join_runs(struct shard *shard, size_t count, struct fault *fault)
{
	struct merge merge = {0};
	struct run run = {.fd = -1};
	size_t first = shard->run_count - count;
	unsigned level = shard->runs[first].level + 1;
	int result = 0;

	for (size_t i = first; i < shard->run_count && result == 0; i++)
		result = merge_add_run(&merge, &shard->runs[i], fault);
	if (result == 0)
		result = merge_write(&merge, &run, fault);
	merge_release(&merge);
	if (result < 0)
		return -1;
	run.level = level;
	drop_runs(shard, first);
	return add_run(shard, &run, fault);
}

/* Joins what stands behind the first `keep` runs until it is one, as many at once
   as the memory can read. */
static int join_behind(struct shard *shard, size_t keep, struct fault *fault)
{
	unsigned level = shard->runs[keep].level + 1;

	while (shard->run_count > keep + 1) {
		size_t count = readable_runs(shard, shard->granted), all = shard->run_count - keep;

		if (join_runs(shard, count < all ? count : all, fault) < 0)
			return -1;
	}
	shard->runs[keep].level = level;
	return 0;
}

/* How many runs at the end have the level of the last one. */
static size_t equal_runs(const struct shard *shard)
{
	size_t count = 0;

	while (count < shard->run_count && shard->runs[shard->run_count - count - 1].level ==
	                                       shard->runs[shard->run_count - 1].level)
		count++;
	return count;
}

int shard_take_runs(struct shard *shard, struct shard *from, struct fault *fault)
{
	for (size_t i = 0; i < from->run_count; i++) {
		struct run run = from->runs[i];

		from->runs[i].fd = -1;
		if (add_run(shard, &run, fault) < 0)
			return -1;
	}
	from->run_count = 0;
	return 0;
}

size_t shard_reading(const struct shard *shard)
{
	size_t bytes = 0;

	for (size_t i = 0; i < shard->run_count; i++)
		bytes += run_reading(&shard->runs[i]);
	return bytes;
}

int shard_reduce_runs(struct shard *shard, size_t memory, struct fault *fault)
{
	for (size_t count; (count = readable_runs(shard, memory)) < shard->run_count;)
		if (join_runs(shard, count, fault) < 0)
			return -1;
	return 0;
}

/* ---- pieces ---- */

static int merge_pieces(const struct shard *shard, struct merge *merge, struct fault *fault)
{
	for (size_t i = 0; i < shard->piece_count; i++) {
		const struct piece *piece = &shard->pieces[i];
		struct span lines = {shard->kept.data + piece->from, piece->end - piece->from};

		if (merge_add_lines(merge, lines, fault) < 0)
			return -1;
	}
	return 0;
}

int shard_merge(const struct shard *shard, struct merge *merge, struct fault *fault)
{
	for (size_t i = 0; i < shard->run_count; i++)
		if (merge_add_run(merge, &shard->runs[i], fault) < 0)
			return -1;
	return merge_pieces(shard, merge, fault);
}

/* All pieces become a run. Memory of the shard's own stays for the next ones, because
   getting it back from the system costs time. */
static int write_pieces(struct shard *shard, struct fault *fault)
{
	struct merge merge = {0};
	struct run run = {.fd = -1};
	int result;

	if (!shard->piece_count)
		return 0;
	result = merge_pieces(shard, &merge, fault);
	if (result == 0)
		result = merge_write(&merge, &run, fault);
	merge_release(&merge);
	if (result < 0 || add_run(shard, &run, fault) < 0)
		return -1;
	if (shard->kept_used > shard->own - shard->area_size)
		drop_pieces(shard);
	shard->kept_used = shard->piece_count = 0;
	for (size_t count; (count = equal_runs(shard)) >= RUNS_MAX;) {
		drop_pieces(shard);
		if (join_behind(shard, shard->run_count - count, fault) < 0)
			return -1;
	}
	return 0;
}

/* Are `bytes` granted for pieces? Asks for them where not. */
static bool is_granted(struct shard *shard, size_t bytes)
{
	if (bytes > shard->granted) {
		size_t missing = bytes - shard->granted;

		shard->granted +=
			budget_take(shard->budget, missing > GRANT ? missing : (size_t)GRANT, false);
	}
	return bytes <= shard->granted;
}

/* Memory for `more` bytes in pieces; where there is none, the pieces are written. A
   line that is longer than all there is gets its place nevertheless. */
static int shard_make_room(struct shard *shard, size_t more, struct fault *fault)
{
	if (!is_granted(shard, shard->kept_used + more)) {
		if (write_pieces(shard, fault) < 0)
			return -1;
		is_granted(shard, more);
	}
	if (region_need(&shard->kept, shard->kept_used + more, fault) < 0)
		return -1;
	region_make_ready(&shard->kept, shard->kept_used + more);
	return 0;
}

/* Makes the last piece, or begins one, for lines of which `first` is the least. */
static struct piece *piece_for(struct shard *shard, struct span first, struct fault *fault)
{
	struct piece *last, *pieces;

	if (shard->piece_count) {
		last = &shard->pieces[shard->piece_count - 1];
		if (span_compare(run_line(shard->kept.data + last->last), first) <= 0)
			return last;
	}
	pieces =
		array_grow(shard->pieces, shard->piece_count, &shard->piece_cap, sizeof *pieces, fault);
	if (!pieces)
		return NULL;
	shard->pieces = pieces;
	last = &shard->pieces[shard->piece_count++];
	*last = (struct piece){shard->kept_used, shard->kept_used, shard->kept_used};
	return last;
}

static void piece_put(struct shard *shard, struct piece *piece, struct span line)
{
	piece->last = shard->kept_used;
	shard->kept_used += run_put_line(shard->kept.data + shard->kept_used, line);
	piece->end = shard->kept_used;
}

/* ---- the area ---- */

/* The place of the line that was added last; those of earlier lines stand behind. */
static struct place *places_of(const struct shard *shard)
{
	return (struct place *)(void *)(shard->area.data + shard->area_size) - shard->count;
}

int shard_settle(struct shard *shard, struct fault *fault)
{
	struct place *places;
	struct piece *piece;
	size_t step = 1, at = 0;

	if (!shard->count)
		return 0;
	places = places_of(shard);
	if (shard->in_order) {
		/* backwards, as they were added */
		at = shard->count - 1;
		step = (size_t)-1;
	} else {
		order_lines(places, shard->count, shard->area.data, shard->common);
	}
	if (shard_make_room(shard, shard->used + shard->count * RUN_HEAD, fault) < 0)
		return -1;
	piece = piece_for(shard, place_line(&places[at], shard->area.data), fault);
	if (!piece)
		return -1;
	for (size_t i = 0; i < shard->count; i++, at += step)
		piece_put(shard, piece, place_line(&places[at], shard->area.data));
	shard->used = shard->count = 0;
	return 0;
}

int shard_spill(struct shard *shard, struct fault *fault)
{
	if (shard_settle(shard, fault) < 0 || write_pieces(shard, fault) < 0)
		return -1;
	region_release(&shard->area);
	drop_pieces(shard);
	return 0;
}

/* What the line is to those in the area. */
static void note_line(struct shard *shard, struct span line)
{
	const struct place *places = places_of(shard);
	struct span first;

	if (!shard->count) {
		shard->common = line.len;
		shard->in_order = true;
		return;
	}
	first = (struct span){shard->area.data, shard->common};
	shard->common = order_common(first, line);
	if (shard->in_order)
		shard->in_order = span_compare(place_line(places, shard->area.data), line) <= 0;
}

/* A line for which the area is too small is a piece by itself. */
static int add_long(struct shard *shard, struct span line, struct fault *fault)
{
	struct piece *piece = shard_make_room(shard, RUN_HEAD + line.len, fault) < 0
	                          ? NULL
	                          : piece_for(shard, line, fault);

	if (!piece)
		return -1;
	piece_put(shard, piece, line);
	return 0;
}

int shard_add(struct shard *shard, struct span line, struct fault *fault)
{
	size_t places = (shard->count + 1) * sizeof(struct place);

	if (shard->used + line.len + places > shard->area_size) {
		if (shard_settle(shard, fault) < 0)
			return -1;
		if (line.len + sizeof(struct place) > shard->area_size)
			return add_long(shard, line, fault);
	}
	if (region_need(&shard->area, shard->area_size, fault) < 0)
		return -1;
	note_line(shard, line);
	memcpy(shard->area.data + shard->used, line.data, line.len);
	shard->count++;
	*places_of(shard) = place_at(shard->used, line.len);
	shard->used += line.len;
	return 0;
}
