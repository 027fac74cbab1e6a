/* SPDX-License-Identifier: ISC */
/*
 * diff_match: two directories that give the same people different ids, made
 * comparable by names.
 *
 * Each record becomes one in which names stand for ids: a user's id is the user
 * name, a group's id its name, both folded (record_put_folded_name), a membership joins
 * the two, and all are of the source of the older side. What can not be compared
 * between directories is left out. Sorted, these lines go through the same merge
 * as a snapshot's own; the record as its snapshot has it stands after each, in the
 * same line (diff_side.h).
 *
 * Nothing is guessed: records without a name, and members who are nobody in
 * their snapshot, are counted as unknown; two records of one name are refused.
 */
#ifndef ROLLCALL_DIFF_MATCH_H
#define ROLLCALL_DIFF_MATCH_H

#include "diff/diff_parts.h"

/* Reads both sides to their proved ends; from then on diff_side_advance gives their
   records in the order of names. 0 or -1. */
int diff_match(struct diff *diff, struct diff_side *before, struct diff_side *after,
               struct fault *fault);

#endif
