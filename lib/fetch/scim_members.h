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

/* Lists the groups of each user of the walk's `user_ids` by the filter
   `members.value eq` (section 3.4.2.2), users side by side, and writes a membership
   for each. `groups`: the ids of all groups there are; their values become the number
   of users found. 0 or -1. */
int scim_members_by_user(struct scim_reading *reading, const struct buf *user_ids,
                         struct set *groups, struct fault *fault);

/* Nothing has shown a membership: that is not knowing, not having none. A gap: 0 or
   -1 as fetch_gap. */
int scim_members_unproven(struct fetch *fetch, struct fault *fault);

#endif
