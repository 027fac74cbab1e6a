/* SPDX-License-Identifier: ISC */
/*
 * plan_changes: the changes of a change stream, each as the operations that it asks
 * for.
 *
 * The older side is what the service holds, the newer side what is wanted. Ids are
 * the older side's; whom only the newer side knows goes by name.
 */
#ifndef ROLLCALL_PLAN_CHANGES_H
#define ROLLCALL_PLAN_CHANGES_H

#include "push/plan_members.h"

/* A change stream that is being read into a plan. */
struct change_reader {
	struct plan *plan;
	const struct plan_options *options;
	bool match; /* the sides were compared by names */
	struct plan_members members;
	uint64_t changes, unknown;
};

/* Adds the operations of one change; those of other sources are none. 0 or -1. */
int plan_take_change(struct change_reader *reading, yyjson_val *root, struct fault *fault);

#endif
