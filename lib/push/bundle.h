/* SPDX-License-Identifier: ISC */
/*
 * bundle: changes of the members of one group that go together, all additions or all
 * removals. The group is read once for all of them, what is not so yet is asked for by one
 * request, and the group is read once more.
 *
 * A bundle takes the steps of a task of its own (task.h), whose end is that of all
 * operations that have none yet. What each of them has come to is seen in the group, as
 * for one alone. If the service refuses the request, fails with it (500), or takes some
 * of the members only, the bundle parts: the operations that are left are parked again,
 * to go in smaller bundles (slots.h).
 */
#ifndef ROLLCALL_BUNDLE_H
#define ROLLCALL_BUNDLE_H

#include "base/set.h"
#include "push/queue.h"

enum { BUNDLE_MAX = 100 /* operations in one */ };

struct bundle {
	struct bundle *next;
	struct crowd *crowd; /* whose operations they are */
	struct task task;    /* that takes the steps */
	struct result result;
	struct task *members[BUNDLE_MAX]; /* operations that have no end yet, parked */
	size_t count;
	size_t sent;    /* of how many the last request was */
	struct set ids; /* of all users that were ever in it */
	bool parted;    /* those that are left are to go in smaller ones */
};

/* An empty one, or NULL with a fault. */
struct bundle *bundle_new(struct crowd *crowd, struct fault *fault);
void bundle_free(struct bundle *bundle);

/* Takes in a parked task, which is the caller's, lives as long as it is in and is left as
   soon as it is settled. 0 or -1. */
int bundle_add(struct bundle *bundle, struct task *task, struct fault *fault);

/* All are in: begins. */
void bundle_begin(struct bundle *bundle);

/* Its request is settled, if any: goes on. True: it is over, and all that were in it are
   settled, or, where it has parted, parked. */
bool bundle_advance(struct bundle *bundle);

#endif
