/* SPDX-License-Identifier: ISC */
/*
 * plan_members: whom the memberships of a change stream are about.
 *
 * The ids of a membership may be those of a user or group whom the plan makes, or
 * whom the service has under another id. And where the plan leaves a user or group
 * alone that is not wanted any more, nobody is taken out of a group for that. All of
 * it is known only when all changes have been taken.
 */
#ifndef ROLLCALL_PLAN_MEMBERS_H
#define ROLLCALL_PLAN_MEMBERS_H

#include "push/plan.h"
#include "base/set.h"

/* What a change says of a user ('u') or group ('g'). */
enum member_fate {
	MEMBER_MADE = '+', /* the id is the newer side's, and the service has it not yet */
	MEMBER_GONE = '-', /* the id is the older side's, and the newer side has it not */
};

struct plan_members {
	struct set places; /* fate, kind and id -> place of the operation, or in `ids` */
	struct buf ids;    /* of those that were recreated: what the service has */
};

void plan_members_release(struct plan_members *members);

/* The operation that the plan got last is what a change asks for. 0 or -1. */
int plan_members_note(struct plan_members *members, enum member_fate fate, char kind,
                      struct span id, const struct plan *plan, struct fault *fault);

/* Somebody has the id `newer` on the newer side only, and `older` at the service. 0 or -1. */
int plan_members_note_recreated(struct plan_members *members, char kind, struct span newer,
                                struct span older, struct fault *fault);

/* Settles the memberships of the plan by what was noted; `match`: the sides were
   compared by names. A membership that is wanted of those who have it is no
   operation. 0 or -1. */
int plan_members_settle(const struct plan_members *members, struct plan *plan,
                        const struct plan_options *options, bool match, struct fault *fault);

#endif
