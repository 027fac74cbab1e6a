/* SPDX-License-Identifier: ISC */
/*
 * mapper: the records of a section as common records and memberships, into one
 * shard of the sorters. Several mappers work on one section side by side, but a
 * program of the user (--map) has only one.
 *
 * Memberships come from the groups' members; where a group does not show them,
 * from what its users show (pending.h).
 */
#ifndef ROLLCALL_MAPPER_H
#define ROLLCALL_MAPPER_H

#include "normalize/pending.h"
#include "normalize/plain_names.h"
#include "normalize/unmapped.h"
#include "jq/filter.h"
#include "base/json_shape.h"
#include "stream/mapping.h"

/* What is the same for all mappers of a section. */
struct section {
	struct buf source;
	const struct provider *provider; /* NULL: none that is known here */
	const struct mapping *mapping;   /* NULL: the records come from elsewhere */
	const char *input;               /* what is being read, for messages; borrowed */
	struct plain_names *names;       /* of plain lines: they are looked at; NULL */
};

struct mapper {
	const struct section *section;
	struct sorter *lines;
	struct pending *pending;
	size_t shard;
	const struct extras *extras;
	struct filter *program;   /* in place of the mapping; NULL: none */
	struct unmapped unmapped; /* attributes of this section */
	bool capital_ids;         /* a record whose id is a GUID with capitals has come, ever */
	bool users_missing;       /* a gap where users should be has come */
	uint64_t programmed;      /* lines of this section that the program got */
	uint64_t imported;        /* records of this section that others wrote (record_import.h) */

	size_t number;             /* of the line at hand */
	uint64_t members;          /* of the group at hand, or the groups of the user, a hash */
	struct json_reader json;   /* of what a program makes */
	struct json_shapes shapes; /* of lines */
	struct record record;
	struct buf line, id, other_id, output;
};

void mapper_release(struct mapper *mapper);

/* Takes a line of a fetch section, without its LF: it is number `number`, and its
   first member says `kind`. 0, or -1 with a fault that does not name the line. */
int mapper_read(struct mapper *mapper, enum record_kind kind, struct span line, size_t number,
                struct fault *fault);

/* Takes a plain line in the same way: what the program makes of it, or where there
   is none the line itself, as a record. */
int mapper_read_plain(struct mapper *mapper, struct span line, size_t number, struct fault *fault);

#endif
