/* SPDX-License-Identifier: ISC */
/*
 * snapshot: records of one or more sources, sorted bytewise and sealed.
 *
 * Lines are gathered in any order; snapshot_write sorts them (the order of
 * `LC_ALL=C sort`), drops repeated ones, refuses two different records with one
 * identity, and writes the section. Nothing is written before that.
 */
#ifndef ROLLCALL_SNAPSHOT_H
#define ROLLCALL_SNAPSHOT_H

#include "arena.h"
#include "record.h"

struct snapshot_source {
	struct buf name;
	struct buf name_json;   /* as it stands in lines, with its quotes */
	struct buf head;        /* `{"source":...,"fetched_at":...` */
	struct buf not_covered; /* a JSON array */
	uint64_t gaps;          /* counted when written */
};

struct snapshot {
	struct snapshot_source *sources;
	size_t source_count;
	struct span *lines; /* with their LF */
	size_t count, cap;
	struct arena bytes; /* of the lines */
};

void snapshot_release(struct snapshot *snapshot);

/* Adds a source; NULL with a fault where it is there already. Valid until the
   next one is added. */
struct snapshot_source *snapshot_add_source(struct snapshot *snapshot, struct span name,
                                            struct fault *fault);
struct snapshot_source *snapshot_find_source(const struct snapshot *snapshot, struct span name);

/* Adds a copy of one canonical line with its LF. 0 or -1. */
int snapshot_add(struct snapshot *snapshot, struct span line, struct fault *fault);

/* Sorts, checks, and writes the whole section. 0 or -1; the caller closes or
   abandons `out`. */
int snapshot_write(struct snapshot *snapshot, struct out *out, struct fault *fault);

#endif
