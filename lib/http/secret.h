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
	char older[TOKEN_MAX_BYTES];     /* the one before it, which an answer may still repeat */
	size_t older_len;
};

struct token_command;

struct secret_sources {
	const char *file;             /* "-" is stdin; NULL: not given */
	const char *command;          /* words for execvp, split without a shell; NULL: not given */
	const char *const *variables; /* environment, NULL after the last */
	struct token_command *runner; /* is started for `command`, which may be run again */
};

/* No core dumps, no ptrace by other processes of the user. */
void secret_harden(void);

/* Fills `secret`, checks that it can stand in a header (bytes 0x21 to 0x7E) and
   removes every provider's token variables from the environment. 0, or -1 with
   FAULT_CONFIG. The struct must not move until secret_wipe. */
int secret_init(struct secret *secret, const struct secret_sources *sources, struct fault *fault);
void secret_wipe(struct secret *secret);

/* Runs --token-command again and takes the new token in place of the old one, which becomes
   `older`. `timeout_ms` -1: as long as it takes. 0, or -1 with FAULT_CONFIG or
   FAULT_TRY_LATER and the token as it was. */
int secret_renew(struct secret *secret, struct token_command *runner, int timeout_ms,
                 struct fault *fault);

static inline struct span secret_span(const struct secret *secret)
{
	return (struct span){secret->bytes, secret->len};
}

#endif
