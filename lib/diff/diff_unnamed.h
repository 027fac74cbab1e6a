/* SPDX-License-Identifier: ISC */
/*
 * diff_unnamed: records of one side that --match can not match by a name. Users and
 * groups among them are refused unless they are allowed; what is allowed is told as
 * a blind spot, so that nobody takes it for a difference.
 */
#ifndef ROLLCALL_DIFF_UNNAMED_H
#define ROLLCALL_DIFF_UNNAMED_H

#include "diff/diff_parts.h"

enum unnamed_kind { UNNAMED_USERS, UNNAMED_GROUPS, UNNAMED_MEMBERS, UNNAMED_KINDS };

/* Zeroed: none. */
struct unnamed {
	struct {
		uint64_t count;
		struct buf first;
	} of[UNNAMED_KINDS];
};

void unnamed_release(struct unnamed *unnamed);

/* One more; `first` is shown if it is the first of its kind. 0 or -1. */
int unnamed_add(struct unnamed *unnamed, enum unnamed_kind kind, struct span first,
                struct fault *fault);

/* Refuses or tells them all; `source` is what the records are compared under, `newer`
   which side it is. 0 or -1. */
int unnamed_finish(const struct unnamed *unnamed, struct diff *diff, const struct diff_side *side,
                   bool newer, struct span source, struct fault *fault);

#endif
