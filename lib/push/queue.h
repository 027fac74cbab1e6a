/* SPDX-License-Identifier: ISC */
/*
 * queue: operations on the same user, or on the same group, go one after the
 * other; all others may go side by side.
 *
 * An operation stands in one queue for its user and in one for its group, and may
 * start when it is the first in both. Lanes are entered in the order of the plan,
 * so no two operations can wait for each other.
 */
#ifndef ROLLCALL_QUEUE_H
#define ROLLCALL_QUEUE_H

#include "push/task.h"

enum queue_side { QUEUE_USER, QUEUE_GROUP, QUEUE_SIDES };

struct queues {
	struct queue *queues;
	size_t queue_count;
	struct set names;                        /* of users and groups -> place in queues */
	struct queue_place *places;              /* of each operation */
	size_t *ready, ready_first, ready_count; /* operations that may start, in order */
};

/* For `count` operations, numbered from 0. 0 or -1. */
int queue_init(struct queues *queues, size_t count, struct fault *fault);
void queue_release(struct queues *queues);

/* Puts an operation at the end of the queue of a user or group, known by id or, without
   one, by name; it stands in none where it has neither. 0 or -1. */
int queue_enter(struct queues *queues, size_t operation, enum queue_side side, struct span id,
                struct span name, struct fault *fault);

/* Everybody has entered. */
void queue_open(struct queues *queues, size_t count);

/* The next operation that may start; false: none may now. */
bool queue_next(struct queues *queues, size_t *operation);

/* It has ended. */
void queue_leave(struct queues *queues, size_t operation);

/* The user or group that it is about, or NULL. Lives as long as the queues. */
struct subject *queue_subject(struct queues *queues, size_t operation, enum queue_side side);

#endif
