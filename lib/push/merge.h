/* SPDX-License-Identifier: ISC */
/*
 * merge: a user as the service shows it, with new values in the places of the
 * old ones. Everything else stays as the server sent it, number text and unknown
 * members, too.
 */
#ifndef ROLLCALL_MERGE_H
#define ROLLCALL_MERGE_H

#include "push/plan.h"

#define SCIM_CORE "urn:ietf:params:scim:schemas:core:2.0:"

/* The settings that are the parts of `name`. */
enum { USER_NAMES = 1 << SET_GIVEN_NAME | 1 << SET_FAMILY_NAME };

/* Where each setting stands in a user; the parts of `name` stand one level down. */
extern const char *const user_attributes[SETTINGS];

/* Appends `emails` with `email` as the address that speaks for the user. */
void merge_put_emails(struct buf *body, yyjson_val *emails, struct span email);

/* Appends the whole user with the values of `operation` that are in `set`. A password
   that the service shows is left out: it is a hash. */
void merge_put_user(struct buf *body, const struct operation *operation, unsigned set,
                    yyjson_val *resource);

#endif
