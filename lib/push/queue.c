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
	size_t crowd;             /* its first operation; NAMES_NONE: it is of none */
	bool is_member;           /* only a membership is changed */
	bool offered, left;
};

enum { QUEUE_AHEAD_MAX = 64 /* memberships of one user that are looked at for each that waits */ };

/* The queue that an operation stands in. */
static struct queue *queue_of(const struct queues *queues, size_t operation, int kind)
{
	return &queues->queues[names_root(&queues->names, queues->places[operation].of[kind])];
}

/* Puts an operation at the end of its queue of this kind, if it has one. */
static void queue_enter(struct queues *queues, const struct plan *plan, size_t operation, int kind)
{
	struct queue_place *place = &queues->places[operation], *last;
	struct queue *queue;

	if (place->of[kind] == NAMES_NONE)
		return;
	queue = queue_of(queues, operation, kind);
	if (kind == NAMES_GROUP && place->is_member) {
		last = queue->first == NAMES_NONE ? NULL : &queues->places[queue->last];
		place->crowd = last && last->crowd != NAMES_NONE && last->of[kind] == place->of[kind] &&
		                       plan->operations[queue->last].op == plan->operations[operation].op
		                   ? last->crowd
		                   : operation;
		queues->crowds[place->crowd].size++;
	}
	if (queue->first == NAMES_NONE)
		queue->first = operation;
	else
		queues->places[queue->last].next[kind] = operation;
	queue->last = operation;
}

/* A membership does not wait for those of the same user in other groups: are all before it
   such ones? */
static bool queue_passes(const struct queues *queues, size_t first, size_t operation)
{
	const struct queue_place *place = &queues->places[operation], *other;

	for (size_t i = 0; i < QUEUE_AHEAD_MAX && place->is_member; i++) {
		if (first == operation)
			return true;
		other = &queues->places[first];
		if (!other->left && (!other->is_member || other->of[NAMES_GROUP] == place->of[NAMES_GROUP]))
			return false;
		first = other->next[NAMES_USER];
	}
	return false;
}

/* Is it its turn in the queue of this kind? */
static bool queue_is_due(const struct queues *queues, size_t operation, int kind)
{
	const struct queue_place *place = &queues->places[operation];
	size_t first;

	if (place->of[kind] == NAMES_NONE)
		return true;
	first = queue_of(queues, operation, kind)->first;
	if (kind == NAMES_USER)
		return first == operation || queue_passes(queues, first, operation);
	return first == operation ||
	       (place->crowd != NAMES_NONE && queues->places[first].crowd == place->crowd);
}

static void queue_offer(struct queues *queues, size_t operation)
{
	struct queue_place *place = &queues->places[operation];

	if (place->offered)
		return; /* it may have left, and its queues may be empty */
	for (int kind = 0; kind < NAMES_KINDS; kind++)
		if (!queue_is_due(queues, operation, kind))
			return;
	queues->ready[queues->ready_count++] = operation;
	place->offered = true;
	if (place->crowd != NAMES_NONE)
		queues->crowds[place->crowd].waiting++;
}

/* Who is made under a name waits until it has been given away. 0 or -1. */
static int queue_note_freed(struct queues *queues, const struct operation *operation,
                            struct fault *fault)
{
	bool user = operation->op == OP_PUSH;
	struct operation both = {
		.user_name = operation->user_name,
		.user_id = user ? operation->freed_from : operation->user_id,
		.group = operation->group,
		.group_id = user ? operation->group_id : operation->freed_from,
	};
	size_t number;

	return operation->freed_from.len
	           ? names_take(&queues->names, &both, user ? NAMES_USER : NAMES_GROUP, &number, fault)
	           : 0;
}

int queue_init(struct queues *queues, const struct plan *plan, struct fault *fault)
{
	size_t count = plan->count, number;

	*queues = (struct queues){
		.places = calloc(count + 1, sizeof *queues->places),
		.ready = calloc(count + 1, sizeof *queues->ready),
		.crowds = calloc(count + 1, sizeof *queues->crowds),
	};
	if (!queues->places || !queues->ready || !queues->crowds)
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++) {
		queues->places[i] =
			(struct queue_place){.next = {NAMES_NONE, NAMES_NONE}, .crowd = NAMES_NONE};
		for (int kind = 0; kind < NAMES_KINDS; kind++) {
			if (names_take(&queues->names, &plan->operations[i], (enum names_kind)kind, &number,
			               fault) < 0)
				return -1;
			queues->places[i].of[kind] = number;
		}
		if (queue_note_freed(queues, &plan->operations[i], fault) < 0)
			return -1;
		queues->places[i].is_member = queues->places[i].of[NAMES_USER] != NAMES_NONE &&
		                              queues->places[i].of[NAMES_GROUP] != NAMES_NONE;
	}
	queues->queues = calloc(queues->names.count + 1, sizeof *queues->queues);
	queues->subjects = calloc(queues->names.count + 1, sizeof *queues->subjects);
	if (!queues->queues || !queues->subjects)
		return fault_memory(fault);
	for (size_t i = 0; i < queues->names.count; i++)
		queues->queues[i] = (struct queue){NAMES_NONE, NAMES_NONE};
	for (size_t i = 0; i < count; i++)
		for (int kind = 0; kind < NAMES_KINDS; kind++)
			queue_enter(queues, plan, i, kind);
	for (size_t i = 0; i < count; i++)
		for (int kind = 0; kind < NAMES_KINDS; kind++)
			if (queues->places[i].of[kind] != NAMES_NONE && !queues->places[i].is_member)
				queues->subjects[names_root(&queues->names, queues->places[i].of[kind])]
					.is_changed = true;
	for (size_t i = 0; i < count; i++)
		queue_offer(queues, i);
	return 0;
}

void queue_release(struct queues *queues)
{
	for (size_t i = 0; queues->subjects && i < queues->names.count; i++) {
		buf_release(&queues->subjects[i].id);
		buf_release(&queues->subjects[i].name);
		buf_release(&queues->subjects[i].groups);
	}
	free(queues->subjects);
	free(queues->queues);
	free(queues->places);
	free(queues->ready);
	free(queues->crowds);
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

/* The queue of this kind has a new first one. `crowd`: of the one that has left. */
static void queue_offer_from(struct queues *queues, size_t first, int kind, size_t crowd)
{
	const struct queue_place *places = queues->places;
	size_t next = first;

	queue_offer(queues, first);
	for (size_t i = 0; kind == NAMES_USER && i < QUEUE_AHEAD_MAX; i++) {
		next = places[next].is_member ? places[next].next[kind] : NAMES_NONE;
		if (next == NAMES_NONE)
			return;
		queue_offer(queues, next);
	}
	if (kind == NAMES_USER || places[first].crowd == NAMES_NONE || places[first].crowd == crowd)
		return; /* those of the same crowd have been offered */
	while ((next = places[next].next[kind]) != NAMES_NONE &&
	       places[next].crowd == places[first].crowd)
		queue_offer(queues, next);
}

void queue_leave(struct queues *queues, size_t operation)
{
	struct queue_place *places = queues->places, *place = &places[operation];
	size_t first[NAMES_KINDS];

	place->left = true;
	for (int kind = 0; kind < NAMES_KINDS; kind++) {
		struct queue *queue =
			place->of[kind] == NAMES_NONE ? NULL : queue_of(queues, operation, kind);

		first[kind] = NAMES_NONE;
		if (!queue || queue->first != operation)
			continue;
		while (queue->first != NAMES_NONE && places[queue->first].left)
			queue->first = places[queue->first].next[kind];
		first[kind] = queue->first;
	}
	for (int kind = 0; kind < NAMES_KINDS; kind++)
		if (first[kind] != NAMES_NONE)
			queue_offer_from(queues, first[kind], kind, place->crowd);
}

struct crowd *queue_crowd(struct queues *queues, size_t operation)
{
	size_t crowd = queues->places[operation].crowd;

	return crowd == NAMES_NONE || queues->crowds[crowd].size == 1 ? NULL : &queues->crowds[crowd];
}

bool queue_is_changed(const struct queues *queues, size_t operation, enum names_kind kind)
{
	size_t number = queues->places[operation].of[kind];

	return queues->subjects[names_root(&queues->names, number)].is_changed;
}

struct subject *queue_subject(struct queues *queues, size_t operation, enum names_kind kind)
{
	size_t number = queues->places[operation].of[kind];

	return number == NAMES_NONE ? NULL : &queues->subjects[number];
}
