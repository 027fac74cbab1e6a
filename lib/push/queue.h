/* SPDX-License-Identifier: ISC */
/*
 * queue: operations on the same user, or on the same group, go one after the
 * other; all others may go side by side.
 *
 * An operation stands in one queue for its user and in one for its group, and may
 * start when it is the first in both; or, in that of a group, one of the crowd that is
 * first; or, in that of a user, a membership before which there are only memberships in
 * other groups. All ids and names of one user are one queue, as
 * far as the plan or a rehearsal knows them. Queues are entered in the order of the
 * plan, so no two operations can wait for each other.
 */
#ifndef ROLLCALL_QUEUE_H
#define ROLLCALL_QUEUE_H

#include "push/names.h"
#include "push/task.h"

/* Operations that add members to one group, or that take members out of it, in a row: they
   may go side by side up to the group, and then together. */
struct crowd {
	size_t size;     /* operations */
	size_t waiting;  /* may start, and have not come to the group yet */
	size_t parked;   /* have come to it, and wait */
	bool busy;       /* some of them go on */
	size_t batches;  /* into how many parts it has come apart (slots.h) */
	size_t refusals; /* requests for several that were not taken ... */
	bool taken;      /* ... and whether one was */
	bool one_by_one; /* the service does not take several in one request */
};

struct queues {
	struct names names;
	struct crowd *crowds;                    /* of each first operation of one */
	struct queue *queues;                    /* of each root of names */
	struct subject *subjects;                /* of each id or name */
	struct queue_place *places;              /* of each operation */
	size_t *ready, ready_first, ready_count; /* operations that may start, in order */
};

/* The operations of a plan, numbered as there. 0 or -1. */
int queue_init(struct queues *queues, const struct plan *plan, struct fault *fault);
void queue_release(struct queues *queues);

/* The next operation that may start; false: none may now. */
bool queue_next(struct queues *queues, size_t *operation);

/* The operation has ended: the next in its queues may start. */
void queue_leave(struct queues *queues, size_t operation);

/* The user or group that an operation is about, or NULL. Lives as long as the queues. */
struct subject *queue_subject(struct queues *queues, size_t operation, enum names_kind kind);

/* Is an operation of the plan about that user or group itself, and not only about members? */
bool queue_is_changed(const struct queues *queues, size_t operation, enum names_kind kind);

/* The crowd of which an operation is, or NULL: it is of none, or the only one. Lives as long
   as the queues. */
struct crowd *queue_crowd(struct queues *queues, size_t operation);

#endif
