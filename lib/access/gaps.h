/* SPDX-License-Identifier: ISC */
/*
 * gaps: which lists of a source a snapshot could not read, from its gap records
 * (rollcall-stream(5)). Service accounts are users here.
 */
#ifndef ROLLCALL_GAPS_H
#define ROLLCALL_GAPS_H

#include "stream/record.h"

struct gaps {
	bool users, groups, members; /* members: of any group */
};

/* With each gap record of the source. */
void gaps_take(struct gaps *gaps, const struct record *gap);

#endif
