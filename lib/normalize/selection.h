/* SPDX-License-Identifier: ISC */
/*
 * selection: the records of a snapshot that --select keeps.
 *
 * The expression is asked about each user, group and membership, as it would
 * stand in the snapshot. A membership stays only where its group and its member
 * stay, too; a gap stays with its source: what nobody saw must not look complete.
 *
 * A source of which nothing is kept stays in the begin line: nobody in it is disabled, say.
 * It goes with its gaps where its name is why: none of the records that are kept would be,
 * were they of this source.
 */
#ifndef ROLLCALL_SELECTION_H
#define ROLLCALL_SELECTION_H

#include "jq/filter.h"
#include "sort/join.h"
#include "stream/snapshot.h"

struct selection {
	struct filter filter; /* empty: all is kept */
	const char *expression;
	bool allow_empty;    /* it may keep nothing */
	size_t asked, keeps; /* records, without gaps: how many there are, and are kept */
	bool *leaves;        /* for each source of the snapshot: it is left out by its name */
	struct sorter *kept;
	struct join ends[3]; /* memberships wait at one of their ends for what is left out */
	struct json_reader json;
	struct buf line, key;
};

/* Borrows `expression`. 0, or -1 with FAULT_USAGE; selection_release is due in both
   cases. */
int selection_init(struct selection *selection, const char *expression, struct fault *fault);
void selection_release(struct selection *selection);

/* Takes out of the snapshot's lines what is not kept, and has its begin line say so.
   Sorters come out of `budget`. 0, or -1 with FAULT_DATA that names the record on
   which the expression fails, or says that it keeps nothing. */
int selection_apply(struct selection *selection, struct snapshot *snapshot, struct budget *budget,
                    struct fault *fault);

#endif
