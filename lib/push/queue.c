/* SPDX-License-Identifier: ISC */
/*
 * queue: queues that are linked through the places of the operations in them.
 */
#include "push/queue.h"

#include <stdlib.h>

struct queue {
	size_t first, last; /* operations; NAMES_NONE: nothing waits */
};

struct queue_place {
	size_t of[NAMES_KINDS];   /* which subject and, by its root, which queue; NAMES_NONE: none */
	size_t next[NAMES_KINDS]; /* the operation after it */
	bool offered;
};

/* The queue that an operation stands in. */
static struct queue *queue_of(const struct queues *queues, size_t operation, int kind)
{
	return &queues->queues[names_root(&queues->names, queues->places[operation].of[kind])];
}

/* Puts an operation at the end of its queue of this kind, if it has one. */
static void queue_enter(struct queues *queues, size_t operation, int kind)
{
	struct queue *queue;

	if (queues->places[operation].of[kind] == NAMES_NONE)
		return;
	queue = queue_of(queues, operation, kind);
	if (queue->first == NAMES_NONE)
		queue->first = operation;
	else
		queues->places[queue->last].next[kind] = operation;
	queue->last = operation;
}

static void queue_offer(struct queues *queues, size_t operation)
{
	struct queue_place *place = &queues->places[operation];

	for (int kind = 0; kind < NAMES_KINDS; kind++)
		if (place->of[kind] != NAMES_NONE && queue_of(queues, operation, kind)->first != operation)
			return;
	if (!place->offered)
		queues->ready[queues->ready_count++] = operation;
	place->offered = true;
}

int queue_init(struct queues *queues, const struct plan *plan, struct fault *fault)
{
	size_t count = plan->count, number;

	*queues = (struct queues){
		.places = calloc(count + 1, sizeof *queues->places),
		.ready = calloc(count + 1, sizeof *queues->ready),
	};
	if (!queues->places || !queues->ready)
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++) {
		queues->places[i] = (struct queue_place){.next = {NAMES_NONE, NAMES_NONE}};
		for (int kind = 0; kind < NAMES_KINDS; kind++) {
			if (names_take(&queues->names, &plan->operations[i], (enum names_kind)kind, &number,
			               fault) < 0)
				return -1;
			queues->places[i].of[kind] = number;
		}
	}
	queues->queues = calloc(queues->names.count + 1, sizeof *queues->queues);
	queues->subjects = calloc(queues->names.count + 1, sizeof *queues->subjects);
	if (!queues->queues || !queues->subjects)
		return fault_memory(fault);
	for (size_t i = 0; i < queues->names.count; i++)
		queues->queues[i] = (struct queue){NAMES_NONE, NAMES_NONE};
	for (size_t i = 0; i < count; i++)
		for (int kind = 0; kind < NAMES_KINDS; kind++)
			queue_enter(queues, i, kind);
	for (size_t i = 0; i < count; i++)
		queue_offer(queues, i);
	return 0;
}

void queue_release(struct queues *queues)
{
	for (size_t i = 0; queues->subjects && i < queues->names.count; i++) {
		buf_release(&queues->subjects[i].id);
		buf_release(&queues->subjects[i].name);
	}
	free(queues->subjects);
	free(queues->queues);
	free(queues->places);
	free(queues->ready);
	names_release(&queues->names);
	*queues = (struct queues){0};
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

	for (int kind = 0; kind < NAMES_KINDS; kind++)
		if (place->of[kind] != NAMES_NONE)
			queue_of(queues, operation, kind)->first = place->next[kind];
	for (int kind = 0; kind < NAMES_KINDS; kind++)
		if (place->next[kind] != NAMES_NONE)
			queue_offer(queues, place->next[kind]);
}

struct subject *queue_subject(struct queues *queues, size_t operation, enum names_kind kind)
{
	size_t number = queues->places[operation].of[kind];

	return number == NAMES_NONE ? NULL : &queues->subjects[number];
}
