/* SPDX-License-Identifier: ISC */
/*
 * needles: where in the lines of a snapshot one of some names may stand.
 *
 * Nearly every line is about somebody else, and its bytes show it: none of the names stands in
 * them, whatever the case of its letters. A line with an escape or a byte beyond ASCII may spell
 * a name otherwise, so it counts as one that may have it.
 */
#ifndef ROLLCALL_NEEDLES_H
#define ROLLCALL_NEEDLES_H

#include "base/span.h"

enum { NEEDLES_MAX = 16 };

struct needle {
	struct span text;
	size_t middle, last; /* places in it that tell names apart */
	const char *next;    /* where it stands next; NULL: no more */
};

/* A zeroed struct has no names. */
struct needles {
	struct needle list[NEEDLES_MAX];
	size_t count;
	bool everywhere; /* too many names, or one that is too short: each line may have one */
	const char *odd; /* where the next line stands that may spell a name otherwise; NULL */
	struct span lines;
};

/* A name, folded as persons_put_folded does, which is borrowed. SOURCE:ID is looked for as ID. */
void needles_add(struct needles *needles, struct span folded);

/* Whole lines to look at, borrowed. */
void needles_start(struct needles *needles, struct span lines);

/* The next line that may have a name, with its LF: 1 or 0. */
bool needles_next(struct needles *needles, struct span *line);

#endif
