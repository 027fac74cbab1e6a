/* SPDX-License-Identifier: ISC */
/*
 * index: what follows from the records of a directory; part of directory.h,
 * and only directory.c and index.c look inside.
 *
 * Building it costs a sort of the directory; it happens once after a change,
 * at the first question.
 */
#ifndef STAND_IN_INDEX_H
#define STAND_IN_INDEX_H

#include "directory.h"

struct index {
	struct records views[SERVICES][KINDS];
	struct records by_name[KINDS];  /* sorted; an record without a name is not in it */
	struct membership *memberships; /* sorted by member id */
	size_t membership_count;
};

#endif
