/* SPDX-License-Identifier: ISC */
/*
 * diff_match: two directories that give the same people different ids, made
 * comparable by names.
 *
 * Each record becomes one in which names stand for ids: a user's id is the user
 * name (ASCII letters in lower case), a group's id its name, a membership joins
 * the two, and all are of the source of the older side. What can not be compared
 * between directories is left out. Sorted, these lines go through the same merge
 * as a snapshot's own; the record as its snapshot has it travels behind each.
 *
 * Nothing is guessed: records without a name, and members who are nobody in
 * their snapshot, are counted as unknown; two records of one name are refused.
 */
#ifndef ROLLCALL_DIFF_MATCH_H
#define ROLLCALL_DIFF_MATCH_H

#include "diff/diff.h"
#include "diff/diff_side.h"

/* Reads both sides, which stand at their first records, to their proved ends, and
   leaves each at the first of its records in the order of names. 0 or -1. */
int diff_match(struct diff *diff, struct diff_side *before, struct diff_side *after,
               struct fault *fault);

/* Cuts a line at the separator: leaves what is compared, returns the record as
   its snapshot has it. */
struct span diff_match_own(struct span *line);

/* Of fields that differ, those that both sides show. */
unsigned diff_match_fields(unsigned fields, const struct record *before,
                           const struct record *after);

#endif
