/* SPDX-License-Identifier: ISC */
/*
 * trace_nested: groups in groups can change from snapshot to snapshot. Snapshots with the
 * same nesting are one epoch, and each epoch has a nesting of its own (lib/access).
 */
#include "access/access.h"
#include "base/array.h"
#include "trace/trace_parts.h"

#include <stdlib.h>

struct arrow {
	size_t inner, outer;
};

/* A group of an account. */
struct taken {
	uint32_t place;      /* in the nestings */
	bool is_wanted;      /* the account was in it through another one at some time */
	size_t at;           /* its values in nested->values: of each file a byte */
	size_t via, via_len; /* its path in nested->paths, of the latest moment */
	uint32_t moment;
};

struct trace_nested {
	struct arrow *arrows;
	size_t arrow_count, arrow_cap;
	struct buf has;     /* of each arrow, of each file: 1 or 0 */
	uint32_t *places;   /* of each group: its place in the nestings, and 1; 0: in none */
	size_t *groups;     /* of each place: the group */
	size_t group_count; /* that `places` has */
	struct nesting *epochs;
	size_t epoch_count, epoch_cap;
	size_t *epoch_of; /* of each file */

	/* of the account at hand */
	struct taken *taken;
	size_t taken_count, taken_cap;
	size_t direct_count; /* the first of them; the others are reached only */
	size_t next;         /* to be handed over */
	bool is_walked;
	uint32_t *taken_at; /* of each place: its place in `taken`, and 1 */
	uint32_t *direct;   /* of a file */
	struct buf values, paths;
};

void trace_nested_release(struct trace_nested *nested)
{
	if (!nested)
		return;
	for (size_t i = 0; i < nested->epoch_count; i++)
		nesting_release(&nested->epochs[i]);
	free(nested->arrows);
	free(nested->places);
	free(nested->groups);
	free(nested->epochs);
	free(nested->epoch_of);
	free(nested->taken);
	free(nested->taken_at);
	free(nested->direct);
	buf_release(&nested->has);
	buf_release(&nested->values);
	buf_release(&nested->paths);
	free(nested);
}

int trace_nested_add(struct trace *trace, size_t inner, size_t outer, const uint32_t *values,
                     struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	struct arrow *arrows;

	if (!nested)
		nested = trace->nested = calloc(1, sizeof *nested);
	if (!nested)
		return fault_memory(fault);
	arrows =
		array_grow(nested->arrows, nested->arrow_count, &nested->arrow_cap, sizeof *arrows, fault);
	if (!arrows)
		return -1;
	nested->arrows = arrows;
	arrows[nested->arrow_count++] = (struct arrow){inner, outer};
	for (size_t file = 0; file < trace->file_count; file++)
		buf_putc(&nested->has, values[file] == TRACE_SEEN);
	return buf_check(&nested->has, fault);
}

/* ---- epochs ---- */

static int epoch_add(struct trace *trace, const struct trace_group *groups, size_t file,
                     struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	struct nesting *epochs =
		array_grow(nested->epochs, nested->epoch_count, &nested->epoch_cap, sizeof *epochs, fault);

	if (!epochs)
		return -1;
	nested->epochs = epochs;
	epochs += nested->epoch_count++;
	*epochs = (struct nesting){0};
	for (size_t i = 0; nested->groups[i] != SIZE_MAX; i++) {
		const struct trace_group *group = &groups[nested->groups[i]];
		int64_t place = nesting_take(epochs, group->key, fault);

		if (place < 0 || nesting_list(epochs, (uint32_t)place, group->name, fault) < 0)
			return -1;
	}
	for (size_t i = 0; i < nested->arrow_count; i++)
		if (nested->has.data[i * trace->file_count + file] &&
		    nesting_add(epochs, nested->places[nested->arrows[i].inner] - 1,
		                nested->places[nested->arrows[i].outer] - 1, fault) < 0)
			return -1;
	return nesting_close(epochs, fault);
}

static void nested_place(struct trace_nested *nested, size_t group, uint32_t *count)
{
	if (nested->places[group])
		return;
	nested->groups[*count] = group;
	nested->places[group] = ++*count;
}

int trace_nested_close(struct trace *trace, const struct trace_group *groups, struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	struct set known = {0};
	size_t most = 0;
	uint32_t count = 0;
	int result = 0;

	if (!nested)
		return 0;
	for (size_t i = 0; i < nested->arrow_count; i++) {
		most = nested->arrows[i].inner > most ? nested->arrows[i].inner : most;
		most = nested->arrows[i].outer > most ? nested->arrows[i].outer : most;
	}
	nested->group_count = most + 1;
	nested->places = calloc(most + 1, sizeof *nested->places);
	nested->groups = calloc(2 * nested->arrow_count + 1, sizeof *nested->groups);
	nested->epoch_of = calloc(trace->file_count, sizeof *nested->epoch_of);
	nested->taken_at = calloc(2 * nested->arrow_count + 1, sizeof *nested->taken_at);
	nested->direct = calloc(2 * nested->arrow_count + 1, sizeof *nested->direct);
	if (!nested->places || !nested->groups || !nested->epoch_of || !nested->taken_at ||
	    !nested->direct)
		return fault_memory(fault);
	for (size_t i = 0; i < nested->arrow_count; i++) {
		nested_place(nested, nested->arrows[i].inner, &count);
		nested_place(nested, nested->arrows[i].outer, &count);
	}
	nested->groups[count] = SIZE_MAX;
	for (size_t file = 0; result == 0 && file < trace->file_count; file++) {
		struct set_entry *entry;
		bool fresh;

		buf_clear(&trace->line);
		for (size_t i = 0; i < nested->arrow_count; i++)
			buf_putc(&trace->line, nested->has.data[i * trace->file_count + file] ? '1' : '0');
		entry = set_take(&known, buf_span(&trace->line), &fresh);
		if (!entry || buf_check(&trace->line, fault) < 0)
			result = fault_memory(fault);
		else if (fresh)
			result = epoch_add(trace, groups, file, fault);
		if (result == 0 && fresh)
			entry->value = nested->epoch_count - 1;
		if (result == 0)
			nested->epoch_of[file] = (size_t)entry->value;
	}
	set_release(&known);
	return result;
}

/* ---- an account ---- */

void trace_nested_begin(struct trace *trace)
{
	struct trace_nested *nested = trace->nested;

	if (!nested)
		return;
	for (size_t i = 0; i < nested->taken_count; i++)
		nested->taken_at[nested->taken[i].place] = 0;
	nested->taken_count = nested->direct_count = nested->next = 0;
	nested->is_walked = false;
	buf_clear(&nested->values);
	buf_clear(&nested->paths);
}

/* The group at a place, which is added where it is new; NULL with a fault. */
static struct taken *taken_find(struct trace *trace, uint32_t place, struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	struct taken *taken;

	if (nested->taken_at[place])
		return &nested->taken[nested->taken_at[place] - 1];
	taken =
		array_grow(nested->taken, nested->taken_count, &nested->taken_cap, sizeof *taken, fault);
	if (!taken)
		return NULL;
	nested->taken = taken;
	taken += nested->taken_count++;
	nested->taken_at[place] = (uint32_t)nested->taken_count;
	*taken = (struct taken){.place = place, .at = nested->values.len};
	for (size_t file = 0; file < trace->file_count; file++)
		buf_putc(&nested->values, 0);
	return buf_check(&nested->values, fault) < 0 ? NULL : taken;
}

int trace_nested_take(struct trace *trace, size_t group, const uint32_t *values,
                      struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	struct taken *taken;

	if (!nested || group >= nested->group_count || !nested->places[group])
		return 0;
	taken = taken_find(trace, nested->places[group] - 1, fault);
	if (!taken)
		return -1;
	for (size_t file = 0; file < trace->file_count; file++)
		if (values[file] == TRACE_SEEN)
			nested->values.data[taken->at + file] = 1;
	nested->direct_count = nested->taken_count;
	return 0;
}

/* What the account reached in one snapshot. */
static int nested_walk_file(struct trace *trace, size_t file, uint32_t moment, struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	struct nesting *nesting = &nested->epochs[nested->epoch_of[file]];
	const struct reached *reached;
	size_t number = 0, count;

	for (size_t i = 0; i < nested->direct_count; i++)
		if (nested->values.data[nested->taken[i].at + file] == 1)
			nested->direct[number++] = nested->taken[i].place;
	reached = nesting_reach(nesting, nested->direct, number, &count);
	for (size_t i = 0; i < count; i++) {
		struct taken *taken = taken_find(trace, reached[i].group, fault);

		if (!taken)
			return -1;
		nested->values.data[taken->at + file] |= 2;
		if (reached[i].level)
			taken->is_wanted = true;
		if (moment < taken->moment && taken->via_len)
			continue;
		taken->moment = moment;
		taken->via = nested->paths.len;
		if (reached[i].level)
			access_put_path(&nested->paths, nesting, reached, i);
		taken->via_len = nested->paths.len - taken->via;
	}
	return buf_check(&nested->paths, fault);
}

static int nested_walk(struct trace *trace, size_t source, struct fault *fault)
{
	for (size_t file = 0; file < trace->file_count; file++) {
		uint32_t moment = trace->files[file].points[source].moment;

		if (moment != UINT32_MAX && nested_walk_file(trace, file, moment, fault) < 0)
			return -1;
	}
	trace->nested->is_walked = true;
	return 0;
}

int trace_nested_next(struct trace *trace, size_t source, size_t *group, struct span *via,
                      struct fault *fault)
{
	struct trace_nested *nested = trace->nested;
	uint32_t *values = trace->history->values;

	if (!nested || !nested->direct_count ||
	    (!nested->is_walked && nested_walk(trace, source, fault) < 0))
		return nested && nested->direct_count ? -1 : 0;
	while (nested->next < nested->taken_count) {
		const struct taken *taken = &nested->taken[nested->next++];

		if (!taken->is_wanted)
			continue;
		for (size_t file = 0; file < trace->file_count; file++) {
			const struct trace_point *point = &trace->files[file].points[source];

			if (nested->values.data[taken->at + file])
				values[file] = TRACE_SEEN;
			else
				values[file] = point->moment == UINT32_MAX ||
				                       point->hides & (TRACE_HIDES_ALL | TRACE_HIDES_MEMBERS |
				                                       TRACE_HIDES_SOME)
				                   ? TRACE_HIDDEN
				                   : TRACE_ABSENT;
		}
		*group = nested->groups[taken->place];
		*via = (struct span){nested->paths.data ? nested->paths.data + taken->via : "",
		                     taken->via_len};
		return 1;
	}
	return 0;
}
