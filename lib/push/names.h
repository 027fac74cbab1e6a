/* SPDX-License-Identifier: ISC */
/*
 * names: which ids and names are of one user or group. Names are the same in any case
 * (userName and displayName are not caseExact, RFC 7643 section 8.7.1), ids are not.
 */
#ifndef ROLLCALL_NAMES_H
#define ROLLCALL_NAMES_H

#include "push/plan.h"
#include "base/set.h"

enum { NAMES_NONE = SIZE_MAX };

enum names_kind { NAMES_USER, NAMES_GROUP, NAMES_KINDS };

/* A zeroed struct is empty. */
struct names {
	struct set keys; /* id or name -> its number */
	size_t *parents; /* of each number: another of the same user or group, or itself */
	size_t count, cap;
};

void names_release(struct names *names);

/* Appends a name so that two spellings of one name are the same bytes: case (userName and
   displayName are not caseExact), and composed marks. */
void names_put_folded(struct buf *key, struct span name);

/* Are these two spellings of one name? */
bool names_are_same(struct span name, struct span other);

/* All that an operation calls its user or group is one from now on. *number is that of the id,
   else of the name; NAMES_NONE where it is about none. 0 or -1. */
int names_take(struct names *names, const struct operation *operation, enum names_kind kind,
               size_t *number, struct fault *fault);

/* The number that stands for all names of one user or group. */
size_t names_root(const struct names *names, size_t number);

#endif
