/* SPDX-License-Identifier: ISC */
/*
 * scalr: what scalr.c (requests, pages, errors) needs of scalr_resource.c (one
 * resource of each type).
 */
#ifndef STAND_IN_SCALR_H
#define STAND_IN_SCALR_H

#include "call.h"

#define ACCOUNT_ID   "acc-acme1"
#define ACCOUNT_NAME "acme"

extern const char *const scalr_id_prefix[KINDS];

/* What `included` will hold, each record once; `at` is the caller's to free. */
struct included {
	bool users, teams, created_by, account, identity_provider; /* asked for */
	const struct record **at;
	size_t count;
};

/* Each fills an empty object and adds to `included` what was asked for. */
typedef void scalr_put(struct call *call, yyjson_mut_val *object, const struct record *record,
                       struct included *included);

scalr_put scalr_put_user, scalr_put_account_user, scalr_put_service_account, scalr_put_team;

void scalr_put_account(struct call *call, yyjson_mut_val *object);
void scalr_put_identity_provider(struct call *call, yyjson_mut_val *object);

#endif
