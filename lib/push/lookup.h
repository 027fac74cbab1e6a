/* SPDX-License-Identifier: ISC */
/*
 * lookup: the questions by which a user or group is found, and what the answers
 * say. A filter that the service ignores finds nobody: each record is held against
 * what was asked for, and a list that may be cut proves nothing.
 */
#ifndef ROLLCALL_LOOKUP_H
#define ROLLCALL_LOOKUP_H

#include "http/reply.h"
#include "push/dialect.h"

/* How users are found. */
struct lookup {
	const char *attribute;
	unsigned sent; /* the settings that the service gets: what is not sent finds nobody */
};

/* "/Users?filter=userName%20eq%20%22...%22&startIndex=1&count=100" */
void lookup_put_user_query(struct buf *target, enum dialect dialect, const struct lookup *lookup,
                           const struct operation *operation, struct span user_name);
void lookup_put_group_query(struct buf *target, enum dialect dialect, struct span name);

/* `userName eq "..."`, of the user whom an operation names. */
void lookup_put_term(struct buf *filter, const struct lookup *lookup,
                     const struct operation *operation);

/* Is it a record of that user? */
bool lookup_fits(yyjson_val *user, const struct lookup *lookup, const struct operation *operation);

/* "/Users?filter=id%20eq%20%22...%22&...", for `path` "/Users" or "/Groups" */
void lookup_put_id_query(struct buf *target, const char *path, struct span id);

/* Does the answer to a GET of one say in SCIM's words that there is none: 404 with an Error
   body (RFC 7644 section 3.12)? Any other 404 may be a gateway's, or of another address. */
bool lookup_says_absent(const struct reply *reply);

/* Does a list answer to a question for one prove that there is none? 0, or -1 with a
   fault: it shows somebody, or not all. `id` is for the message. */
int lookup_absent(yyjson_val *root, struct span id, struct fault *fault);

/* The record of a list answer that is meant. 1 and *found, 0: there is none, -1: a
   fault (FAULT_PROTOCOL where the answer does not prove anything). */
int lookup_user(yyjson_val *root, const struct lookup *lookup, const struct operation *operation,
                struct span user_name, yyjson_val **found, struct fault *fault);
int lookup_group(yyjson_val *root, struct span name, yyjson_val **found, struct fault *fault);

/* What a user shows of a setting but SET_ACTIVE; false where that is no text. */
bool lookup_shown(yyjson_val *user, enum setting setting, struct span *text);

/* The settings among `set` that a user does not show as the operation wants them. */
unsigned lookup_differences(const struct operation *operation, unsigned set, yyjson_val *user);

/* Appends, of each setting in `set`, `,"email":["a@x.org","b@x.org"]`: what a user shows
   (null: nothing) and what the operation wants. */
void lookup_put_fields(struct buf *fields, const struct operation *operation, unsigned set,
                       yyjson_val *user);

/* Does the group show members, one at least? */
bool lookup_shows_members(yyjson_val *group);

/* Appends the ids of the groups that a user shows, each with its size (buf_put_sized). */
void lookup_put_groups(struct buf *ids, yyjson_val *user);

/* Is a user a member of the group? 1 yes, 0 no, -1: the group does not show it. */
int lookup_member(yyjson_val *group, struct span user_id);

#endif
