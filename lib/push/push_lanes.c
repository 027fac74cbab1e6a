/* SPDX-License-Identifier: ISC */
/*
 * push_lanes: queues that are linked through the places of the operations in them.
 */
#include "push/push_lanes.h"

#include <stdlib.h>

enum { NONE = SIZE_MAX };

struct lane {
	struct subject subject;
	size_t first, last; /* operations; NONE: nobody waits */
};

struct place {
	size_t lanes[LANE_SIDES]; /* NONE: it is about none */
	size_t next[LANE_SIDES];  /* the operation behind it */
	bool offered;
};

int lanes_init(struct push_lanes *lanes, size_t count, struct fault *fault)
{
	*lanes = (struct push_lanes){
		.lanes = calloc(LANE_SIDES * count + 1, sizeof *lanes->lanes),
		.places = calloc(count + 1, sizeof *lanes->places),
		.ready = calloc(count + 1, sizeof *lanes->ready),
	};
	if (!lanes->lanes || !lanes->places || !lanes->ready)
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++)
		lanes->places[i] = (struct place){.lanes = {NONE, NONE}, .next = {NONE, NONE}};
	return 0;
}

void lanes_release(struct push_lanes *lanes)
{
	for (size_t i = 0; i < lanes->lane_count; i++)
		buf_release(&lanes->lanes[i].subject.id);
	free(lanes->lanes);
	free(lanes->places);
	free(lanes->ready);
	set_release(&lanes->names);
	*lanes = (struct push_lanes){0};
}

/* User names are the same in any case, ids and group names are not. */
static void put_name(struct buf *key, enum lane_side side, struct span id, struct span name)
{
	struct span text = id.len ? id : name;

	buf_putf(key, "%d%c", side, id.len ? 'i' : 'n');
	for (size_t i = 0; i < text.len; i++)
		buf_putc(key, id.len || side == LANE_GROUP ? text.data[i] : ascii_lower(text.data[i]));
}

int lanes_enter(struct push_lanes *lanes, size_t operation, enum lane_side side, struct span id,
                struct span name, struct fault *fault)
{
	struct set_entry *entry;
	struct buf key = {0};
	struct lane *lane;
	bool fresh = false;

	if (!id.len && !name.len)
		return 0;
	put_name(&key, side, id, name);
	entry = key.state == BUF_OK ? set_take(&lanes->names, buf_span(&key), &fresh) : NULL;
	buf_release(&key);
	if (!entry)
		return fault_memory(fault);
	if (fresh) {
		entry->value = lanes->lane_count;
		lanes->lanes[lanes->lane_count++] = (struct lane){.first = NONE, .last = NONE};
	}
	lane = &lanes->lanes[entry->value];
	lanes->places[operation].lanes[side] = (size_t)entry->value;
	if (lane->first == NONE)
		lane->first = operation;
	else
		lanes->places[lane->last].next[side] = operation;
	lane->last = operation;
	return 0;
}

static void offer(struct push_lanes *lanes, size_t operation)
{
	struct place *place = &lanes->places[operation];

	for (int side = 0; side < LANE_SIDES; side++)
		if (place->lanes[side] != NONE && lanes->lanes[place->lanes[side]].first != operation)
			return;
	if (!place->offered)
		lanes->ready[lanes->ready_count++] = operation;
	place->offered = true;
}

void lanes_open(struct push_lanes *lanes, size_t count)
{
	for (size_t i = 0; i < count; i++)
		offer(lanes, i);
}

bool lanes_next(struct push_lanes *lanes, size_t *operation)
{
	if (lanes->ready_first == lanes->ready_count)
		return false;
	*operation = lanes->ready[lanes->ready_first++];
	return true;
}

void lanes_leave(struct push_lanes *lanes, size_t operation)
{
	const struct place *place = &lanes->places[operation];

	for (int side = 0; side < LANE_SIDES; side++)
		if (place->lanes[side] != NONE)
			lanes->lanes[place->lanes[side]].first = place->next[side];
	for (int side = 0; side < LANE_SIDES; side++)
		if (place->next[side] != NONE)
			offer(lanes, place->next[side]);
}

struct subject *lanes_subject(struct push_lanes *lanes, size_t operation, enum lane_side side)
{
	size_t lane = lanes->places[operation].lanes[side];

	return lane == NONE ? NULL : &lanes->lanes[lane].subject;
}
