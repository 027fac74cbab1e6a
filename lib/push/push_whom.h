/* SPDX-License-Identifier: ISC */
/*
 * push_whom: whom the memberships of a change stream are about.
 *
 * The ids of a membership may be those of a user or group whom the plan makes, or
 * whom the service has under another id. And where the plan leaves a user or group
 * alone that is not wanted any more, nobody is taken out of a group for that. All of
 * it is known only when all changes have been taken.
 */
#ifndef ROLLCALL_PUSH_WHOM_H
#define ROLLCALL_PUSH_WHOM_H

#include "push/push.h"
#include "base/set.h"

/* What a change says of a user ('u') or group ('g'). */
enum whom_fate {
	WHOM_MADE = '+', /* the id is the newer side's, and the service has it not yet */
	WHOM_GONE = '-', /* the id is the older side's, and the newer side has it not */
};

struct whom {
	struct set places; /* fate, kind and id -> place of the operation, or in `ids` */
	struct buf ids;    /* of those that were recreated: what the service has */
};

void whom_release(struct whom *whom);

/* The operation that the plan got last is what a change asks for. 0 or -1. */
int whom_note(struct whom *whom, enum whom_fate fate, char kind, struct span id,
              const struct plan *plan, struct fault *fault);

/* Somebody has the id `newer` on the newer side only, and `older` at the service. 0 or -1. */
int whom_note_recreated(struct whom *whom, char kind, struct span newer, struct span older,
                        struct fault *fault);

/* Settles the memberships of the plan by what was noted; `match`: the sides were
   compared by names. A membership that is wanted of those who have it is no
   operation. 0 or -1. */
int whom_settle(const struct whom *whom, struct plan *plan, const struct plan_options *options,
                bool match, struct fault *fault);

#endif
