/* SPDX-License-Identifier: ISC */
/*
 * oauth: access tokens from a token endpoint, by client credentials (RFC 6749 section 4.4).
 *
 * The endpoint is an origin of its own: the secret of the client goes there and nowhere else,
 * and the access token goes to the service and nowhere else. Requests are those of http/http.h,
 * with its retries, and follow no redirect. A token that says how long it lasts (expires_in) is
 * replaced before that; http.c asks for another one after a 401, too.
 */
#ifndef ROLLCALL_OAUTH_H
#define ROLLCALL_OAUTH_H

#include "http/http.h"
#include "http/service_options.h"
#include "http/token_command.h"

struct oauth {
	const struct service_options *options;
	struct origin origin; /* of the endpoint, without the last part of its path */
	char *target;         /* that part, "/token" */
	struct sign_in sign_in;
	struct secret secret; /* of the client */
	struct secret *token; /* what is filled: the access token */
	struct token_command *runner;
	struct http *http;
	bool worked; /* the endpoint has given a token */
};

/* Are the options of OAuth complete, and can they be sent? 0, or -1 with FAULT_USAGE. */
int oauth_check(const struct service_options *options, struct fault *fault);

/* For OPTION_PARSE of a struct oauth_parameters. */
int oauth_add_parameter(void *value, const char *text, struct fault *fault);

/* Reads the secret as secret_init does, and gets ready to ask. `like` says how requests are
   sent: its origin is the service's, which alone gets the certificate. `token` is what
   oauth_renew fills. The struct must not move until oauth_close. 0 or -1. */
int oauth_open(struct oauth *oauth, const struct service_options *options,
               const struct secret_sources *sources, const struct http_config *like,
               struct secret *token, struct fault *fault);

/* Asks for an access token, which takes the place of the one before. 0 or -1 with what the
   endpoint says (RFC 6749 section 5.2). */
int oauth_renew(struct oauth *oauth, struct fault *fault);

/* Wipes the secret; a zeroed struct is fine. */
void oauth_close(struct oauth *oauth);

#endif
