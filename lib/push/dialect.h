/* SPDX-License-Identifier: ISC */
/*
 * dialect: the requests that identity providers send, byte for byte.
 *
 * okta-oin  an app of Okta's catalogue: PUT of the whole merged object for the
 *           profile, PATCH without a path for `active`
 * okta-aiw  an app of Okta's wizard: PUT for everything
 * entra     PATCH with paths, capitalised operations, "True" and "False"
 * scim      PATCH with paths as RFC 7644 section 3.5.2 has it
 */
#ifndef ROLLCALL_DIALECT_H
#define ROLLCALL_DIALECT_H

#include "http/http.h"
#include "push/plan.h"

enum dialect { DIALECT_OKTA_OIN, DIALECT_OKTA_AIW, DIALECT_ENTRA, DIALECT_SCIM, DIALECTS };

extern const char *const dialect_names[DIALECTS];

/* One request that changes something. A zeroed struct is empty. */
struct write {
	enum http_method method;
	struct buf target; /* "/Users/2Ck9" */
	struct buf body;   /* empty: none */
	unsigned set;      /* the settings of a user that it sets, a bit each */
};

void write_release(struct write *write);

/* These fill `write`, whatever was in it; buf_check on target and body finds what
   failed. */

/* A new user with those of its settings that are in `kept`. */
void dialect_create_user(struct write *write, enum dialect dialect,
                         const struct operation *operation, unsigned kept);

/* The next request that sets some of `set` on a user, who is now `resource`;
   write->set says which. */
void dialect_update_user(struct write *write, enum dialect dialect,
                         const struct operation *operation, unsigned set, struct span id,
                         yyjson_val *resource);

/* Does that request send back what it does not change, and so wants the resource as
   GET /Users/{id} shows it? */
bool dialect_wants_whole(enum dialect dialect, unsigned set, yyjson_val *resource);

/* DELETE of "/Users" or "/Groups". */
void dialect_remove(struct write *write, const char *path, struct span id);

void dialect_create_group(struct write *write, struct span name);
void dialect_rename_group(struct write *write, enum dialect dialect, struct span id,
                          struct span name);

/* A request that adds members to a group or takes them out: begun, each put, ended.
   `user_name` may be empty. */
void dialect_begin_members(struct write *write, enum dialect dialect, bool add,
                           struct span group_id);
void dialect_put_member(struct write *write, enum dialect dialect, bool add, struct span user_id,
                        struct span user_name);
void dialect_end_members(struct write *write, enum dialect dialect, bool add);

/* The same for one. */
void dialect_member(struct write *write, enum dialect dialect, bool add, struct span group_id,
                    struct span user_id, struct span user_name);

#endif
