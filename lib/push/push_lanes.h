/* SPDX-License-Identifier: ISC */
/*
 * push_lanes: operations on the same user, or on the same group, go one after the
 * other; all others may go side by side.
 *
 * An operation stands in one lane for its user and in one for its group, and may
 * start when it is the first in both. Lanes are entered in the order of the plan,
 * so no two operations can wait for each other.
 */
#ifndef ROLLCALL_PUSH_LANES_H
#define ROLLCALL_PUSH_LANES_H

#include "push/push_task.h"

enum lane_side { LANE_USER, LANE_GROUP, LANE_SIDES };

struct push_lanes {
	struct lane *lanes;
	size_t lane_count;
	struct set names;                        /* of users and groups -> place in lanes */
	struct place *places;                    /* of each operation */
	size_t *ready, ready_first, ready_count; /* operations that may start, in order */
};

/* For `count` operations, numbered from 0. 0 or -1. */
int lanes_init(struct push_lanes *lanes, size_t count, struct fault *fault);
void lanes_release(struct push_lanes *lanes);

/* Puts an operation at the end of the lane of a user or group, known by id or, without
   one, by name; it stands in none where it has neither. 0 or -1. */
int lanes_enter(struct push_lanes *lanes, size_t operation, enum lane_side side, struct span id,
                struct span name, struct fault *fault);

/* Everybody has entered. */
void lanes_open(struct push_lanes *lanes, size_t count);

/* The next operation that may start; false: none may now. */
bool lanes_next(struct push_lanes *lanes, size_t *operation);

/* It has ended. */
void lanes_leave(struct push_lanes *lanes, size_t operation);

/* The user or group that it is about, or NULL. Lives as long as the lanes. */
struct subject *lanes_subject(struct push_lanes *lanes, size_t operation, enum lane_side side);

#endif
