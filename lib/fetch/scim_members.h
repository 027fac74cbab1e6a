/* SPDX-License-Identifier: ISC */
/*
 * scim_members: the memberships that lists do not show, read group by group or
 * user by user.
 */
#ifndef ROLLCALL_SCIM_MEMBERS_H
#define ROLLCALL_SCIM_MEMBERS_H

#include "fetch/scim_walk.h"

/* Reads GET /Groups/{id} (RFC 7644 section 3.4.1) for each group of the walk's
   `memberless`, side by side, and holds the groups in that order. *shown becomes
   true where one shows members. 0 or -1. */
int scim_members_by_group(struct scim_reading *reading, const struct buf *memberless, bool *shown,
                          struct fault *fault);

/* Writes a membership for each that a filter finds (section 3.4.2.2), several questions side
   by side: the groups of each user, by `members.value eq`, or with --members users the users
   of each group, by `groups.value eq`. `ids`: of those that are asked about; `groups`, `users`:
   the ids of all there are (no users: they were not read). The values of `groups` become the
   number of users found. 0 or -1. */
int scim_members_by_filter(struct scim_reading *reading, const struct buf *ids, struct set *groups,
                           struct set *users, struct fault *fault);

/* Does the group `id` show a member where it is asked for alone? 1, 0 where it does not, 2 where
   it can not be read so, -1. */
int scim_members_ask_one(const struct scim_reading *reading, struct span id, struct fault *fault);

/* Nothing has shown a membership: that is not knowing, not having none. A gap: 0 or
   -1 as fetch_gap. */
int scim_members_unproven(struct fetch *fetch, struct fault *fault);

#endif
