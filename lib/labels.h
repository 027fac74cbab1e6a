/* SPDX-License-Identifier: ISC */
/*
 * labels: the names that people know users and groups by, for those that a
 * report will speak of. Known by the key of the record's canonical line.
 */
#ifndef ROLLCALL_LABELS_H
#define ROLLCALL_LABELS_H

#include "record.h"
#include "set.h"

struct labels {
	struct set keys;  /* key -> offset in `names` + 1; 0: wanted, not known yet */
	struct buf names; /* each: length, bytes */
};

void labels_release(struct labels *labels);

/* Asks for the label of a record to be kept when it passes. 0 or -1. */
int labels_want(struct labels *labels, enum record_kind kind, struct span source, struct span id,
                struct fault *fault);

/* Is the label of the record with this key wanted? `again`: also where it is
   known already. */
bool labels_wants(const struct labels *labels, struct span key, bool again);

/* Keeps the label of a record. 0 or -1. */
int labels_keep(struct labels *labels, struct span key, struct span label, struct fault *fault);

/* Appends the label, or the id where none is known. */
void labels_put(const struct labels *labels, enum record_kind kind, struct span source,
                struct span id, struct buf *to);

#endif
