/* SPDX-License-Identifier: ISC */
/*
 * adopt: records that somebody else wrote, held to the contract.
 *
 * A plain line or what a --map program put out is taken member by member: its
 * order does not matter, a number becomes its text, a time becomes UTC, roles
 * become a set. What has no place in the vocabulary is refused, not dropped, and
 * so is null where something must be said: nothing that the writer meant is lost.
 */
#ifndef ROLLCALL_ADOPT_H
#define ROLLCALL_ADOPT_H

#include "record.h"

/* What a group says of its members beyond the record. */
enum group_shows { SHOWS_NOT_SAID, SHOWS_NO_MEMBERS, SHOWS_MEMBERS };

struct adopted {
	struct record record; /* borrows from the document it was made of */
	enum group_shows shows;
};

void adopt_release(struct adopted *adopted);

/* Where a record comes from: a plain line is a user where it does not say its
   kind, and has its user_name (a group: its name) for an id where it has no other;
   what a --map program puts out says both. */
enum adopt_from { ADOPT_LINE, ADOPT_OUTPUT };

/* Makes a record of `source` from the object `root`. A status and an account_type
   that are not said are unknown; a member_kind that is not said is absent. 0, or
   -1 with a FAULT_DATA that names the member. */
int adopt(struct adopted *adopted, yyjson_val *root, struct span source, enum adopt_from from,
          struct fault *fault);

#endif
