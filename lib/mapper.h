/* SPDX-License-Identifier: ISC */
/*
 * mapper: the records of a section as common records and memberships, into one
 * lane of the sorters. Several mappers work on one section side by side.
 *
 * Memberships come from the groups' members; where a group does not show them,
 * from what its users show (edges.h).
 */
#ifndef ROLLCALL_MAPPER_H
#define ROLLCALL_MAPPER_H

#include "edges.h"
#include "map.h"

/* What is the same for all mappers of a section. */
struct section {
	struct buf source;
	const struct provider *provider; /* NULL: none that is known here */
	const struct mapping *mapping;   /* NULL: the records come from elsewhere */
};

struct mapper {
	const struct section *section;
	struct sorter *lines;
	struct edges *edges;
	size_t lane;
	bool users_missing; /* a gap where users should be has come */

	size_t number; /* of the line at hand */
	struct json_reader json;
	struct record record;
	struct buf line, id, other_id;
};

void mapper_release(struct mapper *mapper);

/* Takes a line of a fetch section, without its LF: it is number `number`, and its
   first member says `kind`. 0, or -1 with a fault that does not name the line. */
int mapper_read(struct mapper *mapper, enum record_kind kind, struct span line, size_t number,
                struct fault *fault);

/* Takes a record of the section's source as it is; `shows`: a group shows its
   members. 0 or -1. */
int mapper_take(struct mapper *mapper, const struct record *record, bool shows,
                struct fault *fault);

#endif
