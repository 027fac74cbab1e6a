/* SPDX-License-Identifier: ISC */
/*
 * arena: copies of bytes that never move and are freed together.
 */
#ifndef ROLLCALL_ARENA_H
#define ROLLCALL_ARENA_H

#include "base/span.h"

struct arena {
	struct arena_chunk *chunks; /* the one in use first */
};

void arena_release(struct arena *arena);

/* Copies `bytes`; the copy lives until arena_release. data NULL: out of memory. */
struct span arena_copy(struct arena *arena, struct span bytes);

#endif
