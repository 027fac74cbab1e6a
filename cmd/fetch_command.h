/* SPDX-License-Identifier: ISC */
/*
 * fetch_command: the frame of both fetchers: parse, read or only look, seal.
 */
#ifndef ROLLCALL_FETCH_COMMAND_H
#define ROLLCALL_FETCH_COMMAND_H

#include "command.h"
#include "fetch/fetch_options.h"

struct fetcher {
	struct command command; /* name, texts and options; the rest is filled in */
	const char *schema;

	/* Sets the provider and the origin, as `operand` and the environment say. 0 or -1. */
	int (*choose)(struct service *service, const char *operand, struct fault *fault);
	int (*read)(struct fetch *fetch, struct fault *fault);
	int (*check)(struct fetch *fetch, struct buf *report, struct fault *fault);
	void (*plan)(struct fetch *fetch, struct buf *lines);
};

/* The whole of main. Returns the exit status. */
int fetch_command(const struct fetcher *fetcher, int argc, char **argv);

/* The library that talks to services, for `library` of struct command. */
const char *service_library(void);

/* Sets provider and origin of a SCIM service from the operand and the environment.
   0 or -1. */
int choose_scim(struct service *service, const char *operand, struct fault *fault);

/* The Scalr account that is named, else that of the environment; NULL: none. */
const char *scalr_account(const char *operand);

/* Sets provider and origin of a Scalr account (NULL: none is named). 0 or -1. */
int choose_scalr(struct service *service, const char *account, struct fault *fault);

/* What `note` of struct service is in all programs: a line on stderr, if it is wanted. */
void service_note(const struct service *service, enum note_level level, const char *text);

/* The first of the provider's base URL variables that is set, or NULL. */
const char *base_from_environment(const struct provider *provider);

#endif
