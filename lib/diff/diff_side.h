/* SPDX-License-Identifier: ISC */
/*
 * diff_side: one of the two snapshots, record by record, as the merge sees it: from its
 * file, or with --match from a sorter, in the order of names (diff_match.h).
 *
 * With --match a line of the sorter has two parts, what is compared and the record as
 * its snapshot has it.
 */
#ifndef ROLLCALL_DIFF_SIDE_H
#define ROLLCALL_DIFF_SIDE_H

#include "sort/sorter.h"
#include "stream/snapshot_reader.h"

/* Stands between the parts of a line; canonical JSON has no such byte. */
enum { SIDE_SEPARATOR = '\x1f' };

struct diff_side {
	struct snapshot_reader reader;
	struct sorter *matched;    /* NULL: the records come from `reader` */
	struct buf matched_source; /* that of all lines in `matched`, as JSON */
	yyjson_val *compared;      /* with --match: the entry of `begin` of the one source */

	bool has_record; /* false: the end was reached and is proved */
	enum record_kind kind;
	struct span line;   /* as it is compared */
	struct span own;    /* as the snapshot has it */
	struct span key;    /* empty before diff_side_check */
	struct span source; /* as it stands in `line`, with its quotes */
};

/* Opens a side; no record is at hand yet. 0 or -1; diff_side_close is due in both
   cases. */
int diff_side_open(struct diff_side *side, const char *path, struct fault *fault);
void diff_side_close(struct diff_side *side);

/* Goes to the next record. 0 or -1. */
int diff_side_advance(struct diff_side *side, struct fault *fault);

/* Checks the record at hand (snapshot_reader_check), and finds its key. 0 or -1. */
int diff_side_check(struct diff_side *side, struct fault *fault);

/* Puts file and line before a fault of the record at hand. Returns -1. */
int diff_side_fault(const struct diff_side *side, struct fault *fault);

/* The name of the source that --match compares. */
struct span diff_side_compared_source(const struct diff_side *side);

/* Cuts a line at the separator: leaves what is compared, returns the record as its
   snapshot has it. */
struct span diff_side_cut(struct span *line);

#endif
