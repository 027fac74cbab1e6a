/* SPDX-License-Identifier: ISC */
/*
 * diff_side: one snapshot as diff reads it: records in strictly ascending order,
 * exactly one section, its digest at the end.
 */
#ifndef ROLLCALL_DIFF_SIDE_H
#define ROLLCALL_DIFF_SIDE_H

#include "record.h"

struct diff_side {
	struct stream_reader reader;
	struct buf begin; /* the line */
	yyjson_doc *begin_doc;
	struct buf previous;         /* the line before, for the order */
	struct buf source;           /* of the line at hand, as it stands there */
	char sha256[DIGEST_HEX + 1]; /* from the end line */

	bool has_record; /* false: the end was reached and is proved */
	enum record_kind kind;
	struct span line, key;
};

/* Opens and reads up to the first record. 0 or -1. */
int diff_side_open(struct diff_side *side, const char *path, struct fault *fault);
void diff_side_close(struct diff_side *side);

/* Goes to the next record. 0 or -1. */
int diff_side_advance(struct diff_side *side, struct fault *fault);

/* Puts file and line before a fault of the record at hand. Returns -1. */
int diff_side_fault(const struct diff_side *side, struct fault *fault);

/* An entry of `sources` in begin; NULL where the source is not there. */
yyjson_val *diff_side_source(const struct diff_side *side, struct span name);

#endif
