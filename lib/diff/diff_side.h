/* SPDX-License-Identifier: ISC */
/*
 * diff_side: one snapshot as diff reads it: records in strictly ascending order,
 * exactly one section, its digest at the end. With --match the records come in
 * the order of their names instead (diff_match.h).
 */
#ifndef ROLLCALL_DIFF_SIDE_H
#define ROLLCALL_DIFF_SIDE_H

#include "stream/record.h"
#include "stream/stream.h"

struct diff_side {
	struct stream_reader reader;
	struct sorter *matched; /* NULL: the records come from `reader` */
	struct buf begin;       /* the line */
	yyjson_doc *begin_doc;
	struct buf head;             /* kind and source, as lines of this run begin */
	struct span source;          /* in `head`, with its quotes */
	char sha256[DIGEST_HEX + 1]; /* from the end line */

	bool has_record; /* false: the end was reached and is proved */
	enum record_kind kind;
	struct span line; /* as it is compared */
	struct span own;  /* as the snapshot has it */
	struct span key;  /* empty before diff_side_check */
};

/* Opens and reads up to the first record. 0 or -1. */
int diff_side_open(struct diff_side *side, const char *path, struct fault *fault);
void diff_side_close(struct diff_side *side);

/* Goes to the next record. 0 or -1. */
int diff_side_advance(struct diff_side *side, struct fault *fault);

/* Finds the key of the record at hand, and checks its form and its place in the
   order. Not needed where its bytes are those of a record of the other side that
   was checked: what stood before it was compared with that side. 0 or -1. */
int diff_side_check(struct diff_side *side, struct fault *fault);

/* Puts file and line before a fault of the record at hand. Returns -1. */
int diff_side_fault(const struct diff_side *side, struct fault *fault);

/* The name of the first source, for a side that has no other. */
struct span diff_side_only_source(const struct diff_side *side);

/* An entry of `sources` in begin; NULL where the source is not there. */
yyjson_val *diff_side_source(const struct diff_side *side, struct span name);

#endif
