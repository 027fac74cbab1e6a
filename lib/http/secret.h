/* SPDX-License-Identifier: ISC */
/*
 * secret: the bearer token, from where it is read to where it is wiped.
 *
 * Sources, in this order: --token-file (or stdin), --token-command, a file of
 * $CREDENTIALS_DIRECTORY, the environment. Its value is never an argument and
 * never part of a message. Token variables leave the environment at once,
 * before any child can be started.
 */
#ifndef ROLLCALL_SECRET_H
#define ROLLCALL_SECRET_H

#include "base/ceiling.h"
#include "base/fault.h"
#include "base/span.h"

struct secret {
	char bytes[TOKEN_MAX_BYTES + 1]; /* NUL after the end */
	size_t len;                      /* 0: none */
};

struct secret_sources {
	const char *file;             /* "-" is stdin; NULL: not given */
	const char *command;          /* words for execvp, split without a shell; NULL: not given */
	const char *const *variables; /* environment, NULL after the last */
};

/* No core dumps, no ptrace by other processes of the user. */
void secret_harden(void);

/* Fills `secret`, checks that it can stand in a header (bytes 0x21 to 0x7E) and
   removes every provider's token variables from the environment. 0, or -1 with
   FAULT_CONFIG. The struct must not move until secret_wipe. */
int secret_init(struct secret *secret, const struct secret_sources *sources, struct fault *fault);
void secret_wipe(struct secret *secret);

static inline struct span secret_span(const struct secret *secret)
{
	return (struct span){secret->bytes, secret->len};
}

#endif
