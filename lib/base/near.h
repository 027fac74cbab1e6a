/* SPDX-License-Identifier: ISC */
/*
 * near: which of the names that there are somebody meant who misspelt one.
 */
#ifndef ROLLCALL_NEAR_H
#define ROLLCALL_NEAR_H

#include "base/span.h"

struct fault;

struct near {
	struct span wanted;
	size_t distance;  /* of `name` */
	const char *name; /* the nearest so far; NULL: none is near */
};

/* Nothing has been tried yet. */
struct near near_to(struct span wanted);

/* Tries one more of the names, which is borrowed. */
void near_try(struct near *near, const char *name);

/* Appends "; did you mean NAME?" to a fault that is set already, with `before` in front of
   the name, if one is near. Returns -1. */
int near_hint(const struct near *near, const char *before, struct fault *fault);

#endif
