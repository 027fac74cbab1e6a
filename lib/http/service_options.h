/* SPDX-License-Identifier: ISC */
/*
 * service_options: what the command lines of all programs have in common that talk to
 * a service: its address, its token, and how it is asked.
 */
#ifndef ROLLCALL_SERVICE_OPTIONS_H
#define ROLLCALL_SERVICE_OPTIONS_H

#include "base/ceiling.h"
#include "http/preset.h"

/* --oauth-param: what else stands in the request for a token. */
struct oauth_parameters {
	const char *texts[OAUTH_PARAMETERS_MAX]; /* NAME=VALUE */
	size_t count;
};

/* Where the client of OAuth gives its id and secret. */
enum client_auth { CLIENT_BASIC = 1, CLIENT_POST };

/* What the command line says. Texts are borrowed from argv or the environment. */
struct service_options {
	const char *base_url, *token_file, *token_command, *ca_file, *proxy;
	const char *oauth_token_url, *client_id, *oauth_scope; /* NULL: no OAuth */
	struct oauth_parameters oauth_parameters;
	int client_auth;        /* enum client_auth */
	const char *cert, *key; /* files of the client certificate and its key; NULL: none */
	const char *auth; /* how the token is sent (http/sign_in.h); NULL: as the provider's row says */
	long jobs, timeout_s, deadline_s, max_wait_s;
	long retries;  /* -1: not said; then 429 is waited for as long as max_wait_s allows */
	int verbosity; /* -1 quiet, 0, 1 verbose */
	struct preset_options preset; /* of the programs that speak SCIM */
};

/* The rows, with headings: for the end of a program's table. */
extern const struct option_row service_option_rows[];

/* What holds where nothing is said. */
void service_options_init(struct service_options *options);

/* Do they go together? 0, or -1 with FAULT_USAGE. */
int service_options_check(const struct service_options *options, struct fault *fault);

#endif
