/* SPDX-License-Identifier: ISC */
/*
 * selection: the records of a snapshot that --select keeps.
 *
 * The expression is asked about each user, group and membership, as it would
 * stand in the snapshot. A membership stays only where its group and its member
 * stay, too; a gap always stays: what nobody saw must not look complete.
 */
#ifndef ROLLCALL_SELECTION_H
#define ROLLCALL_SELECTION_H

#include "filter.h"
#include "snapshot.h"

struct selection {
	struct filter filter;
	struct snapshot *snapshot;
};

/* From now on the begin line of `snapshot` says that it is a selection. Borrows
   `expression`. 0, or -1 with FAULT_USAGE; selection_release is due in both cases. */
int selection_init(struct selection *selection, struct snapshot *snapshot, const char *expression,
                   struct fault *fault);
void selection_release(struct selection *selection);

/* Does a canonical line with its LF stay, as far as the line itself tells? 1, 0 or
   -1. `where` as in filter_start. */
int selection_keeps(struct selection *selection, enum record_kind kind, struct span line,
                    const char *where, struct fault *fault);

#endif
