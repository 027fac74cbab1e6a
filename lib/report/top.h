/* SPDX-License-Identifier: ISC */
/*
 * top: of any number of rows the first few in the order of their keys, in memory that
 * does not grow with the rest. A row is bytes.
 */
#ifndef ROLLCALL_TOP_H
#define ROLLCALL_TOP_H

#include "base/buf.h"

struct top_row {
	struct buf key, row;
};

struct top {
	struct top_row *rows; /* the first `count`; a heap whose root is the last of them */
	size_t count, max;
	uint64_t seen; /* all that were asked for */
};

/* Room for `max` rows. 0 or -1; top_release is due in both cases. A zeroed struct is empty. */
int top_init(struct top *top, size_t max, struct fault *fault);
void top_release(struct top *top);

/* Counts a row; true where it is one of the first so far: then it is due with top_add. */
bool top_wants(struct top *top, struct span key);

/* Takes a row in the place of the last one, where there is no room. 0 or -1. */
int top_add(struct top *top, struct span key, struct span row, struct fault *fault);

/* Puts the rows in order; nothing may be added after it. */
void top_sort(struct top *top);

#endif
