/* SPDX-License-Identifier: ISC */
/*
 * pending: memberships that wait until something else is known: whether a group
 * shows its members itself, or whether a member is a user or a group.
 *
 * They wait in joins for the id they wait for, and meet it there. So nothing in memory
 * grows with the number of ids.
 *
 * Ids and sources are given as they stand in lines: JSON strings with their quotes.
 */
#ifndef ROLLCALL_PENDING_H
#define ROLLCALL_PENDING_H

#include "sort/join.h"
#include "stream/record.h"

struct pending {
	struct join by_group;   /* of one section: groups, and what waits for them */
	struct join by_user;    /* of all sections: what waits for users */
	struct sorter *settled; /* memberships */
	struct record record;
	struct buf line, key;
};

/* Sorters of `shards` shards out of the budget. 0 or -1; pending_release is due in both
   cases. */
int pending_open(struct pending *pending, struct budget *budget, size_t shards,
                 struct fault *fault);
void pending_release(struct pending *pending);

/* The next five are for one thread a shard at a time; `line` is its scratch. 0 or -1. */

/* A group that shows its members or not; `members` is a hash of them, 0 where there are
   none. Where it comes twice, it must be the same. */
int pending_see_group(struct pending *pending, size_t shard, struct buf *line, struct span id,
                      bool shows, uint64_t members, struct fault *fault);

/* A user, by its id as text, that shows its groups; `groups` is a hash of them. Where it comes
   twice, they must be the same. `key` is scratch, too. */
int pending_see_user(struct pending *pending, size_t shard, struct buf *line, struct buf *key,
                     struct span id, uint64_t groups, struct fault *fault);

/* A user shows that it is a member; it counts where the group shows no members, were it
   with an empty list. */
int pending_from_user(struct pending *pending, size_t shard, struct buf *line, struct span group_id,
                      struct span user_id, struct fault *fault);

/* A group shows a member of unknown kind: what its id is in the section decides. */
int pending_untyped(struct pending *pending, size_t shard, struct buf *line, struct span group_id,
                    struct span member_id, struct fault *fault);

/* A group shows a user whose id is a GUID with capitals (guid_case.h): it is that user's in whose line it stands
   so, else in small letters. */
int pending_in_capitals(struct pending *pending, size_t shard, struct buf *line,
                        struct span group_id, struct span member_id, struct fault *fault);

/* The section of `source` ends: what waited for its groups is added to `lines`.
   Where its users could not be read (`users_missing`), the members of groups that
   do not show them are gaps. 0 or -1 (FAULT_DATA: a group twice,
   with different members, or a user with different groups). */
int pending_end_section(struct pending *pending, struct span source, bool users_missing,
                        struct sorter *lines, struct fault *fault);

/* All sections have ended: what waited for users is added to `lines`. 0 or -1. */
int pending_end(struct pending *pending, struct sorter *lines, struct fault *fault);

#endif
