/* SPDX-License-Identifier: ISC */
/*
 * fetch_command: the frame of both fetchers: parse, read or only look, seal.
 */
#ifndef ROLLCALL_FETCH_COMMAND_H
#define ROLLCALL_FETCH_COMMAND_H

#include "fetch_options.h"

struct fetcher {
	const char *name, *help;
	bool scim; /* takes the options that only SCIM has */

	/* Sets fetch->provider, fetch->origin and, where there is one, fetch->account.
	   0 or -1. */
	int (*choose)(struct fetch *fetch, const char *operand, struct fault *fault);
	int (*read)(struct fetch *fetch, struct fault *fault);
	int (*check)(struct fetch *fetch, struct buf *report, struct fault *fault);
	void (*plan)(struct fetch *fetch, struct buf *lines);
};

/* The whole of main. Returns the exit status. */
int fetch_command(const struct fetcher *fetcher, int argc, char **argv);

/* The first of the provider's base URL variables that is set, or NULL. */
const char *base_from_environment(const struct provider *provider);

#endif
