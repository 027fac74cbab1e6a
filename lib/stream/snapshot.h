/* SPDX-License-Identifier: ISC */
/*
 * snapshot: records of one or more sources, sorted bytewise and sealed.
 *
 * Lines are gathered in any order; snapshot_write sorts them (the order of
 * `LC_ALL=C sort`), drops repeated ones and memberships without their member's kind that
 * another line has with it, refuses two different records with one identity, and writes
 * the section. Nothing is written before that, so they are
 * read twice: once to be checked, once to be written.
 *
 * `lines` is one sorter that several passes read and add to. Each pass calls
 * sorter_sort first, which brings what was added since the last one into order and starts
 * from the first line again; what is sorted already is not sorted a second time, only
 * merged again. In their order the passes are: memberships whose member's kind had to
 * wait (normalize), --select, the check, and the writing.
 */
#ifndef ROLLCALL_SNAPSHOT_H
#define ROLLCALL_SNAPSHOT_H

#include "stream/record.h"
#include "stream/stream.h"
#include "sort/sorter.h"

struct snapshot_source {
	struct buf name;
	struct buf name_json;   /* as it stands in lines, with its quotes */
	struct buf head;        /* `{"source":...,"fetched_at":...` */
	struct buf not_covered; /* a JSON array */
	unsigned vocabulary;
	struct buf select; /* what was kept of it when it was made; empty: all */
	uint64_t gaps;     /* counted when written */
};

struct snapshot {
	struct snapshot_source *sources;
	size_t source_count;
	struct sorter *lines; /* sorted anew by each pass, see below */
	struct span select;   /* what is kept of every source now; borrowed; empty: all */
	struct counts counts; /* of the records that were written */
};

/* Room for the lines of `shards` threads. 0 or -1; snapshot_release is due in both
   cases. */
int snapshot_open(struct snapshot *snapshot, struct budget *budget, size_t shards,
                  struct fault *fault);

void snapshot_release(struct snapshot *snapshot);

/* Adds a source; NULL with a fault where it is there already. Valid until the
   next one is added. */
struct snapshot_source *snapshot_add_source(struct snapshot *snapshot, struct span name,
                                            struct fault *fault);
struct snapshot_source *snapshot_find_source(const struct snapshot *snapshot, struct span name);

/* Takes the i-th source out; its lines are the caller's to leave out. */
void snapshot_remove_source(struct snapshot *snapshot, size_t i);

/* Sorts the lines and refuses those that contradict each other. 0 or -1. */
int snapshot_check(struct snapshot *snapshot, struct fault *fault);

/* Sorts and checks the lines, which the caller has added to snapshot->lines,
   canonical and with their LF; then writes the whole section. 0 or -1; the caller
   closes or abandons `out`. */
int snapshot_write(struct snapshot *snapshot, struct out *out, struct fault *fault);

#endif
