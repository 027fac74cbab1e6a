/* SPDX-License-Identifier: ISC */
/*
 * order: lines in memory brought in bytewise order, in place.
 *
 * Lines of a stream share long beginnings, so each is sorted by eight bytes
 * behind what it shares with its neighbours, kept beside its place (multikey
 * quicksort over eight-byte letters). A line is looked at again only where
 * those are equal; what all of a group share is skipped in one step, however
 * long. Pivots are drawn at random: no input makes it slow.
 */
#ifndef ROLLCALL_ORDER_H
#define ROLLCALL_ORDER_H

#include "base/span.h"

#include <stdint.h>

/* Where a line lies behind some base, and its length in the low bits. */
struct place {
	uint64_t key;
	uint64_t where;
};

enum { PLACE_LEN_BITS = 28 };

#define PLACE_LEN_MAX  (((size_t)1 << PLACE_LEN_BITS) - 1)
#define PLACE_FROM_MAX (((uint64_t)1 << (64 - PLACE_LEN_BITS)) - 1)

static inline struct place place_at(size_t from, size_t len)
{
	return (struct place){0, (uint64_t)from << PLACE_LEN_BITS | len};
}

static inline struct span place_line(const struct place *place, const char *base)
{
	return (struct span){base + (place->where >> PLACE_LEN_BITS), place->where & PLACE_LEN_MAX};
}

/* How many bytes two lines share from their beginning. */
size_t order_common(struct span a, struct span b);

/* Sorts. `common`: so many bytes all of the lines share; 0 is always right. No
   line is the beginning of a longer one (each ends in an LF, and has no other). */
void order_lines(struct place *places, size_t count, const char *base, size_t common);

#endif
