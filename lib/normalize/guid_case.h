/* SPDX-License-Identifier: ISC */
/*
 * guid_case: memberships that name a GUID in other letters than its record. RFC 9562
 * section 4: it is the same GUID in capitals and in small letters, and some services show
 * both. Who names an id that a record has exactly is left alone, and so is who names one that
 * two records have in different letters.
 */
#ifndef ROLLCALL_GUID_CASE_H
#define ROLLCALL_GUID_CASE_H

#include "sort/sorter.h"
#include "stream/record.h"

/* Is an id a GUID with capital letters? */
bool guid_case_has_capitals(struct span id);

/* Gives the memberships among `lines` the ids that the users and groups among them have. *lines
   becomes another sorter, out of `budget`. 0 or -1. */
int guid_case_settle(struct sorter **lines, struct budget *budget, struct fault *fault);

#endif
