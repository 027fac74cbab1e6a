/* SPDX-License-Identifier: ISC */
/*
 * token: a token endpoint at /oauth/token (RFC 6749 section 4.4): whoever shows the client's id
 * and secret gets access tokens, one after the other: ACCESS-1, ACCESS-2 ... Only the
 * newest one lets a request in, for so many requests or seconds.
 */
#ifndef STAND_IN_TOKEN_H
#define STAND_IN_TOKEN_H

#include "call.h"

struct token_endpoint {
	const char *client; /* ID:SECRET; NULL: there is no endpoint */
	const char *access; /* what access tokens begin with */
	const char *auth;   /* "basic" or "post": the only way to show the client; NULL: either */
	const char *scope;  /* the only one there is; NULL: any */
	const char *type;   /* token_type; NULL: Bearer */
	long lasts_s;       /* expires_in; 0: it does not say, and they last */
	long uses;          /* requests that a token lets in; 0: any number */
	unsigned made;
	long used;
	struct timespec born;
};

bool token_is_asked(const struct token_endpoint *endpoint, const char *target);

/* Fills the answer; `authorization` is the header, or NULL. */
void token_serve(struct token_endpoint *endpoint, struct call *call, const char *authorization);

/* Does this header let a request in? Counts it. */
bool token_lets_in(struct token_endpoint *endpoint, const char *authorization);

#endif
