/* SPDX-License-Identifier: ISC */
/*
 * scim: what scim.c (requests, lists, errors) needs of scim_resource.c (one
 * user or group as a service shows it).
 */
#ifndef STAND_IN_SCIM_H
#define STAND_IN_SCIM_H

#include "call.h"

/* Who is meant by the id that a client sent; NULL: nobody that is shown. */
struct record *scim_find(const struct call *call, enum kind kind, const char *shown_id);

yyjson_mut_val *scim_user(const struct call *call, const struct record *user);

/* A service account of Databricks. */
yyjson_mut_val *scim_service(const struct call *call, const struct record *account);

enum members { MEMBERS_IN_LIST, MEMBERS_OF_ONE, MEMBERS_EXCLUDED };

yyjson_mut_val *scim_group(const struct call *call, const struct record *group,
                           enum members members);

/* POST to a list, PUT, PATCH or DELETE of one: does it and fills the answer. */
void scim_write(struct call *call, enum kind kind);

/* The ETag of a record; the caller frees it. */
char *scim_version(const struct record *record);

#endif
