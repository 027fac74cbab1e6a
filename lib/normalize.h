/* SPDX-License-Identifier: ISC */
/*
 * normalize: fetch streams and snapshots in, one snapshot out.
 *
 * Each section is read to its proved end; what it holds is mapped to the common
 * vocabulary as it passes, by our mappings or by the user's own. Memberships come from the groups' members; where a
 * group does not show them, from what its users show. A member whose kind is
 * not said is looked up among the ids of its section.
 */
#ifndef ROLLCALL_NORMALIZE_H
#define ROLLCALL_NORMALIZE_H

#include "map.h"
#include "selection.h"

struct normalizer {
	struct budget budget;
	struct snapshot snapshot;
	struct filter map;          /* the user's own, where there is one */
	struct selection selection; /* empty: all is kept */
	bool allow_empty;           /* plain lines or --map may say that there is nobody */

	/* of the section being read */
	struct stream_reader reader; /* of plain lines only its lines */
	const struct provider *provider;
	const struct mapping *mapping;
	struct buf source;
	struct set users;   /* ids */
	struct set groups;  /* ids; value: does the group show its members? */
	struct buf edges;   /* that wait for the end of the section */
	bool users_missing; /* there is a gap where users should be */
	uint64_t mapped;    /* lines that --map got */
	uint64_t adopted;   /* records that others wrote */
	struct buf last;    /* of a snapshot: the line before */
	struct record record;
	struct buf line;
	struct buf output; /* of --map */
};

/* Keeps at most `memory` bytes. 0 or -1; normalize_release is due in both cases. */
int normalize_open(struct normalizer *normalizer, size_t memory, struct fault *fault);

/* Reads every section of FILE or "-". 0 or -1. */
int normalize_read(struct normalizer *normalizer, const char *path, struct fault *fault);

/* For sections that are not read by normalize_read (plain.h). Opens one of `source`,
   which the snapshot knows already; takes a line of normalizer->reader: what --map
   makes of it, or where there is none the line itself, as a record; closes. */
int normalize_open_section(struct normalizer *normalizer, struct span source, struct fault *fault);
int normalize_take(struct normalizer *normalizer, yyjson_val *line, enum record_kind kind,
                   struct fault *fault);
int normalize_close_section(struct normalizer *normalizer, struct fault *fault);

void normalize_release(struct normalizer *normalizer);

#endif
