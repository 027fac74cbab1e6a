/* SPDX-License-Identifier: ISC */
/*
 * undo: what must not outlive the process, whatever ends it.
 *
 * One temporary file and some secrets can be registered; each signal that
 * ends a process from outside (SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGXCPU, SIGALRM, ...)
 * removes the one and wipes the others, then ends the process as it would have. SIGPIPE and SIGXFSZ are ignored, so that writing to a closed pipe or socket is
 * an ordinary error; undo_die_of_pipe ends the process as SIGPIPE does.
 */
#ifndef ROLLCALL_UNDO_H
#define ROLLCALL_UNDO_H

#include <stddef.h>

void undo_arm(void);

/* Between the two a signal waits in this thread: for what must not be done by half.
   Pairs may nest. */
void undo_hold(void);
void undo_go_on(void);

/* `path` must stay valid until undo_unlink(NULL). */
void undo_unlink(const char *path);

/* `bytes` must stay valid until undo_forget. There is room for SECRETS_MAX at once. */
enum { SECRETS_MAX = 8 };
void undo_wipe(void *bytes, size_t len);

/* It is wiped already, or was never registered, as NULL. */
void undo_forget(const void *bytes);

/* What a signal would have done, without ending the process; safe in a handler. */
void undo_now(void);

_Noreturn void undo_die_of_pipe(void);

#endif
