/* SPDX-License-Identifier: ISC */
/*
 * roster: many users who are named by name, found by few questions, before the operations
 * on their memberships begin.
 *
 * One question asks for up to a hundred of them (`userName eq "a" or userName eq "b"`, RFC
 * 7644 section 3.4.2.2). Where a service does not take that, its list of users is read, if
 * that takes fewer requests than to ask for each; and the list comes first, where the service
 * does not say that it has filters. Only whom a whole list shows once is
 * found. Nobody is absent by a roster, and nothing fails by it: all others are looked up
 * by their operations as if there were none.
 */
#ifndef ROLLCALL_ROSTER_H
#define ROLLCALL_ROSTER_H

#include "push/queue.h"

/* `by_filter`: filters come before the list. 0, or -1 where memory is out. */
int roster_find(struct queues *queues, const struct plan *plan, const struct task_context *context,
                bool by_filter, struct fault *fault);

#endif
