/* SPDX-License-Identifier: ISC */
/*
 * child: a program that runs for a source. Its output goes to a temporary file without a
 * name, its messages come through a pipe. It ends when this process ends, however that does.
 */
#ifndef ROLLCALL_CHILD_H
#define ROLLCALL_CHILD_H

#include "base/buf.h"

#include <signal.h>
#include <sys/types.h>

enum { CHILD_WORDS = 1000 };

struct child {
	pid_t pid;               /* 0: does not run */
	int output;              /* of it; valid from the start on, the caller's to close */
	int said;                /* where its messages come from */
	const char *program;     /* its name, as its messages begin */
	bool is_silent;          /* it has closed them */
	struct buf line;         /* of a message that is not whole yet */
	char words[CHILD_WORDS]; /* its last message that is no warning; "": none */
};

/* What the child says, a line without the name of its program; `context` is the caller's. */
typedef void child_say(void *context, const char *text);

/* Starts the program at `path`. `input` becomes its standard input, and stays the caller's.
   `mask` is what its signals are. 0, or -1 with FAULT_CREATE or FAULT_INTERNAL; a program
   that can not be run is one that ends with 78 and says so. */
int child_start(struct child *child, const char *path, const char *const *words,
                char *const *environment, int input, const sigset_t *mask, struct fault *fault);

/* Takes what it has said so far. The last message is kept back: it may say why it failed. */
void child_hear(struct child *child, child_say *say, void *context);

/* Has it ended? Then takes the rest of what it said; *status is its exit status and, where it
   is not 0, `words` says why. */
bool child_ended(struct child *child, int *status, child_say *say, void *context);

/* Ends it, and waits until it has ended. One that does not run is fine. */
void child_stop(struct child *child);

#endif
