/* SPDX-License-Identifier: ISC */
/*
 * queue: queues that are linked through the places of the operations in them.
 */
#include "push/queue.h"

#include <stdlib.h>

enum { NONE = SIZE_MAX };

struct queue {
	struct subject subject;
	size_t first, last; /* operations; NONE: nobody waits */
};

struct queue_place {
	size_t queues[QUEUE_SIDES]; /* NONE: it is about none */
	size_t next[QUEUE_SIDES];   /* the operation behind it */
	bool offered;
};

int queue_init(struct queues *queues, size_t count, struct fault *fault)
{
	*queues = (struct queues){
		.queues = calloc(QUEUE_SIDES * count + 1, sizeof *queues->queues),
		.places = calloc(count + 1, sizeof *queues->places),
		.ready = calloc(count + 1, sizeof *queues->ready),
	};
	if (!queues->queues || !queues->places || !queues->ready)
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++)
		queues->places[i] = (struct queue_place){.queues = {NONE, NONE}, .next = {NONE, NONE}};
	return 0;
}

void queue_release(struct queues *queues)
{
	for (size_t i = 0; i < queues->queue_count; i++) {
		buf_release(&queues->queues[i].subject.id);
		buf_release(&queues->queues[i].subject.name);
	}
	free(queues->queues);
	free(queues->places);
	free(queues->ready);
	set_release(&queues->names);
	*queues = (struct queues){0};
}

/* User names are the same in any case, ids and group names are not. */
static void queue_put_name(struct buf *key, enum queue_side side, struct span id, struct span name)
{
	struct span text = id.len ? id : name;

	buf_putf(key, "%d%c", side, id.len ? 'i' : 'n');
	for (size_t i = 0; i < text.len; i++)
		buf_putc(key, id.len || side == QUEUE_GROUP ? text.data[i] : ascii_lower(text.data[i]));
}

int queue_enter(struct queues *queues, size_t operation, enum queue_side side, struct span id,
                struct span name, struct fault *fault)
{
	struct set_entry *entry;
	struct buf key = {0};
	struct queue *queue;
	bool fresh = false;

	if (!id.len && !name.len)
		return 0;
	queue_put_name(&key, side, id, name);
	entry = key.state == BUF_OK ? set_take(&queues->names, buf_span(&key), &fresh) : NULL;
	buf_release(&key);
	if (!entry)
		return fault_memory(fault);
	if (fresh) {
		entry->value = queues->queue_count;
		queues->queues[queues->queue_count++] = (struct queue){.first = NONE, .last = NONE};
	}
	queue = &queues->queues[entry->value];
	queues->places[operation].queues[side] = (size_t)entry->value;
	if (queue->first == NONE)
		queue->first = operation;
	else
		queues->places[queue->last].next[side] = operation;
	queue->last = operation;
	return 0;
}

static void queue_offer(struct queues *queues, size_t operation)
{
	struct queue_place *place = &queues->places[operation];

	for (int side = 0; side < QUEUE_SIDES; side++)
		if (place->queues[side] != NONE && queues->queues[place->queues[side]].first != operation)
			return;
	if (!place->offered)
		queues->ready[queues->ready_count++] = operation;
	place->offered = true;
}

void queue_open(struct queues *queues, size_t count)
{
	for (size_t i = 0; i < count; i++)
		queue_offer(queues, i);
}

bool queue_next(struct queues *queues, size_t *operation)
{
	if (queues->ready_first == queues->ready_count)
		return false;
	*operation = queues->ready[queues->ready_first++];
	return true;
}

void queue_leave(struct queues *queues, size_t operation)
{
	const struct queue_place *place = &queues->places[operation];

	for (int side = 0; side < QUEUE_SIDES; side++)
		if (place->queues[side] != NONE)
			queues->queues[place->queues[side]].first = place->next[side];
	for (int side = 0; side < QUEUE_SIDES; side++)
		if (place->next[side] != NONE)
			queue_offer(queues, place->next[side]);
}

struct subject *queue_subject(struct queues *queues, size_t operation, enum queue_side side)
{
	size_t queue = queues->places[operation].queues[side];

	return queue == NONE ? NULL : &queues->queues[queue].subject;
}
