/* SPDX-License-Identifier: ISC */
/*
 * token_command: a small process that runs --token-command.
 *
 * It is forked before the run enters its sandbox, where no program can be started any more,
 * and lives as long as the run, because a token may run out before its end. It has nothing
 * but the command and one socket. All that it can be told there is "run it", and all that it
 * answers is what the command wrote; it keeps no token.
 */
#ifndef ROLLCALL_TOKEN_COMMAND_H
#define ROLLCALL_TOKEN_COMMAND_H

#include "base/inert.h"
#include "http/secret.h"

#include <sys/types.h>

struct token_command {
	int socket;           /* only where pid is set */
	pid_t pid;            /* 0: not started */
	char name[INERT_MAX]; /* of the command, inert */
};

/* Starts the process for the command in `text`, which is split into words without a shell.
   0, or -1 with FAULT_USAGE or FAULT_INTERNAL. */
int token_command_start(struct token_command *command, const char *text, struct fault *fault);

/* Runs the command and puts what it wrote into `secret`, unchecked. `timeout_ms` -1: as long
   as it takes; after a timeout the process is of no use any more. 0, or -1 with
   FAULT_CONFIG. */
int token_command_run(struct token_command *command, struct secret_text *secret, int timeout_ms,
                      struct fault *fault);

/* Ends the process; one that was not started is fine. */
void token_command_stop(struct token_command *command);

#endif
