/* SPDX-License-Identifier: ISC */
/*
 * normalize: fetch streams and snapshots in, one snapshot out.
 *
 * Each section is read to its proved end; what it holds is mapped to the common
 * vocabulary as it passes. Memberships come from the groups' members; where a
 * group does not show them, from what its users show. A member whose kind is
 * not said is looked up among the ids of its section.
 */
#ifndef ROLLCALL_NORMALIZE_H
#define ROLLCALL_NORMALIZE_H

#include "adopt.h"
#include "map.h"
#include "set.h"
#include "snapshot.h"

struct normalizer {
	struct budget budget;
	struct snapshot snapshot;

	/* of the section being read */
	const struct provider *provider;
	const struct mapping *mapping;
	struct buf source;
	struct set users;   /* ids */
	struct set groups;  /* ids; value: does the group show its members? */
	struct buf edges;   /* that wait for the end of the section */
	bool users_missing; /* there is a gap where users should be */
	struct buf last;    /* of a snapshot: the line before */
	struct record record;
	struct adopted adopted;
	struct buf line;
};

/* Keeps at most `memory` bytes. 0 or -1; normalize_release is due in both cases. */
int normalize_open(struct normalizer *normalizer, size_t memory, struct fault *fault);

/* Reads every section of FILE or "-". 0 or -1. */
int normalize_read(struct normalizer *normalizer, const char *path, struct fault *fault);

/* For sections that are not read by normalize_read (plain.h): opens one of
   `source`, which the snapshot knows already; takes normalizer->adopted; closes. */
int normalize_open_section(struct normalizer *normalizer, struct span source, struct fault *fault);
int normalize_take(struct normalizer *normalizer, struct fault *fault);
int normalize_close_section(struct normalizer *normalizer, struct fault *fault);

void normalize_release(struct normalizer *normalizer);

#endif
