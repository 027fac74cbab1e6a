/* SPDX-License-Identifier: ISC */
/*
 * fetch_options: the command line that the fetchers share.
 */
#ifndef ROLLCALL_FETCH_OPTIONS_H
#define ROLLCALL_FETCH_OPTIONS_H

#include "fetch/fetch.h"

#include <getopt.h>

enum option_code {
	OPTION_BASE_URL = 256,
	OPTION_SOURCE,
	OPTION_TOKEN_FILE,
	OPTION_TOKEN_COMMAND,
	OPTION_CA_FILE,
	OPTION_PROXY,
	OPTION_SCOPE,
	OPTION_COUNT,
	OPTION_JOBS,
	OPTION_TIMEOUT,
	OPTION_DEADLINE,
	OPTION_RETRIES,
	OPTION_MAX_WAIT,
	OPTION_KEEP_GOING,
	OPTION_CHECK,
	OPTION_DRY_RUN,
	OPTION_SCIM_ONLY, /* those behind it */
	OPTION_PAGING,
	OPTION_METHOD,
	OPTION_MEMBERS,
	OPTION_SORT_BY,
	OPTION_QUERY,
	OPTION_OWN, /* a program's own codes start here */
};

/* Rows for getopt_long of every program that talks to a service. */
/* clang-format off */
#define CONNECTION_OPTIONS \
	{"base-url", required_argument, NULL, OPTION_BASE_URL}, \
	{"source", required_argument, NULL, OPTION_SOURCE}, \
	{"token-file", required_argument, NULL, OPTION_TOKEN_FILE}, \
	{"token-command", required_argument, NULL, OPTION_TOKEN_COMMAND}, \
	{"ca-file", required_argument, NULL, OPTION_CA_FILE}, \
	{"proxy", required_argument, NULL, OPTION_PROXY}, \
	{"jobs", required_argument, NULL, OPTION_JOBS}, \
	{"timeout", required_argument, NULL, OPTION_TIMEOUT}, \
	{"deadline", required_argument, NULL, OPTION_DEADLINE}, \
	{"retries", required_argument, NULL, OPTION_RETRIES}, \
	{"max-wait", required_argument, NULL, OPTION_MAX_WAIT}, \
	{"quiet", no_argument, NULL, 'q'}, \
	{"verbose", no_argument, NULL, 'v'}, \
	{"help", no_argument, NULL, 'h'}, \
	{"version", no_argument, NULL, 'V'}
/* clang-format on */

enum options_want { WANT_RUN, WANT_HELP, WANT_VERSION };

/* Parses argv (getopt_long permutes it); *operand is the one operand or NULL.
   `scim` allows the options that only SCIM has. Returns what is wanted, or -1
   with FAULT_USAGE. Borrows from argv; `scratch` holds what had to be built. */
int fetch_options_parse(struct fetch_options *options, int argc, char **argv, bool scim,
                        const char **operand, struct buf *scratch, struct fault *fault);

/* The parts of it, for programs with a table of their own: what holds where nothing is
   said; one option as getopt_long returned it; what can not go together. 0 or -1. */
void fetch_options_init(struct fetch_options *options);
int fetch_options_set(struct fetch_options *options, int code, const char *text,
                      struct buf *scratch, struct fault *fault);
int fetch_options_check(const struct fetch_options *options, struct fault *fault);

#endif
