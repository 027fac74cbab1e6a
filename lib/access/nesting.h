/* SPDX-License-Identifier: ISC */
/*
 * nesting: the groups of directories and which of them stands in which, so that it
 * can be said which groups a member of some groups is in effectively, and by what path.
 *
 * It is filled (groups, then the nested ones), closed once, and then asked any number
 * of times. An answer costs the groups it reaches and the nestings between them; a
 * circle of groups ends. Memory grows with groups and nestings, not with accounts.
 *
 * Of several paths the shortest counts; of several as short as that, the one whose
 * groups were taken first, read from the member on. So an answer never depends on
 * the order of memberships.
 */
#ifndef ROLLCALL_NESTING_H
#define ROLLCALL_NESTING_H

#include "base/arena.h"
#include "base/set.h"

struct nested_group {
	struct span key;  /* record_line_key */
	struct span name; /* text; empty: the directory does not show it */
	bool is_listed;   /* false: only memberships name it */
};

struct nesting_arrow {
	uint32_t inner, outer; /* places of groups: `inner` is a member of `outer` */
};

/* A group that was reached. */
struct reached {
	uint32_t group; /* its place */
	uint32_t level; /* 0: direct membership; else the nestings in between */
	uint32_t from;  /* the place in the answer of the group before it; its own at level 0 */
};

struct nesting {
	struct nested_group *groups; /* each stays at its place */
	size_t count, cap;
	struct nesting_arrow *arrows; /* after nesting_close in the order of `inner` */
	size_t arrow_count, arrow_cap;
	size_t *first;     /* of each group, and of one more: its first arrow */
	uint32_t *asked;   /* of each group: the last question that reached it */
	uint32_t question; /* the number of that at hand */
	struct reached *reached;
	struct set places; /* key -> place + 1 */
	struct arena texts;
};

/* A zeroed struct is empty. */
void nesting_release(struct nesting *nesting);

/* The place of the group with this key, which is added where it is new. -1 with a fault. */
int64_t nesting_take(struct nesting *nesting, struct span key, struct fault *fault);

/* The directory lists the group at `place` under this name. 0 or -1. */
int nesting_list(struct nesting *nesting, uint32_t place, struct span name, struct fault *fault);

/* The group at `inner` is a member of that at `outer`. 0 or -1. */
int nesting_add(struct nesting *nesting, uint32_t inner, uint32_t outer, struct fault *fault);

/* After the last group and nesting, before the first question. 0 or -1. */
int nesting_close(struct nesting *nesting, struct fault *fault);

/* Everything that a direct member of the groups at `direct` is in, the shortest path
   first. Borrowed until the next question; *count is their number. */
const struct reached *nesting_reach(struct nesting *nesting, const uint32_t *direct, size_t number,
                                    size_t *count);

#endif
