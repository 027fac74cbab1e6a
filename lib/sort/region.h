/* SPDX-License-Identifier: ISC */
/*
 * region: memory that grows to any size without being copied, and goes back to
 * the system at once when it is released. What was not written to yet takes
 * none. Growing may move it.
 */
#ifndef ROLLCALL_REGION_H
#define ROLLCALL_REGION_H

#include "base/fault.h"

#include <stddef.h>

struct region {
	char *data;
	size_t cap, ready; /* bytes; of those that are ready the system was asked for pages */
};

/* At least `bytes`. 0 or -1. */
int region_need(struct region *region, size_t bytes, struct fault *fault);

/* The first `bytes`, which region_need has given, are all written soon: their pages come at once,
   which takes a third of the time of a fault for each. */
void region_make_ready(struct region *region, size_t bytes);

void region_release(struct region *region);

#endif
