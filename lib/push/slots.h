/* SPDX-License-Identifier: ISC */
/*
 * slots: the operations that go on, a slot each, and which of a crowd go on together.
 *
 * An operation of a crowd (queue.h) goes to its group alone, as one of a bundle
 * (bundle.h), or waits, parked, until enough of its crowd have come. A bundle that parts
 * comes in again as two halves, until what the service does not take stands alone. Where
 * it takes neither half, all go one by one.
 */
#ifndef ROLLCALL_SLOTS_H
#define ROLLCALL_SLOTS_H

#include "push/bundle.h"

enum slot_place { SLOT_GOES, SLOT_PARKED, SLOT_IN_BUNDLE, SLOT_ALONE, SLOT_LEFT };

/* An operation that goes on. */
struct slot {
	struct slot *next;
	size_t at;           /* its place in the plan */
	struct crowd *crowd; /* of changes of one group's members; NULL: of none */
	enum slot_place in_crowd;
	size_t batch; /* of the crowd: only operations of one go together */
	struct task task;
	struct result result;
};

/* A zeroed struct is empty. */
struct slots {
	struct slot *active; /* operations that go on */
	struct slot *spare;  /* slots for others */
	size_t active_count;
	size_t held_count;      /* of those: parked or in a bundle, so without a request */
	struct bundle *bundles; /* that go on */
	size_t bundle_count;
	size_t jobs; /* requests under way at most; for the caller to set */
};

void slots_release(struct slots *slots);

/* An empty one, last among those that go on; NULL with a fault. */
struct slot *slots_take(struct slots *slots, struct fault *fault);

/* The operation is over: its slot is free for another. */
void slots_put_back(struct slots *slots, struct slot *slot);

/* May one more operation start? */
bool slots_have_room(const struct slots *slots);

/* Parks it if it has come to the group of its crowd. */
void slots_park(struct slots *slots, struct slot *slot);

/* Crowds go on whose operations have all come to the group, or as many as fit into one
   request. With a fault in `stop` they are skipped. 0 or -1. */
int slots_gather(struct slots *slots, const struct fault *stop, struct fault *fault);

/* Bundles whose requests are settled go on or end. */
void slots_advance_bundles(struct slots *slots);

/* Ends all bundles, whatever their state. */
void slots_end_bundles(struct slots *slots);

/* Is there nothing to do before an answer comes? */
bool slots_await_answer(const struct slots *slots);

#endif
