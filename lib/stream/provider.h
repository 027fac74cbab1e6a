/* SPDX-License-Identifier: ISC */
/*
 * provider: what is known of each service, one row a provider.
 *
 * A new service that speaks SCIM is a row in provider.c and its line in the
 * manual; nothing else names a provider but rules.c, where what it allows to
 * be changed is another row.
 */
#ifndef ROLLCALL_PROVIDER_H
#define ROLLCALL_PROVIDER_H

#include "base/span.h"

struct provider {
	const char *name;              /* as on the command line and in streams */
	const char *schema;            /* "scim" or "scalr": which mapping reads it */
	const char *base_url;          /* NULL: it must be given */
	const char *base_variables[3]; /* environment, in this order, NULL behind the last */
	const char *token_variables[3];
	const char *auth;         /* how the token is sent, as http/sign_in.h reads it; NULL: Bearer */
	const char *account_type; /* of every user: "human" or "unknown" */
	const char *not_covered[4]; /* what the API can not show, in words */
	bool groups_optional;       /* 404, 405, 501 on /Groups is a gap, not a failure */
	const char *refused;        /* what 401 and 403 mean here, and what to do */
};

/* NULL where there is no such provider. */
const struct provider *provider_find(struct span name);

/* The i-th row, NULL behind the last. */
const struct provider *provider_at(size_t i);

#endif
