/* SPDX-License-Identifier: ISC */
/*
 * sandbox: what a process gives up before it reads a foreign byte, so that a
 * mistake in a parser or in a library can do less.
 *
 * Files: with Landlock only those that were named here can be opened, read or
 * created. Calls: with seccomp no program can be started, no other process
 * touched and no port listened on; without sandbox_allow_network there is no
 * socket at all. Both hold for every thread and can not be taken back.
 *
 * A kernel that lacks one of them is no error; `--version` says what is there.
 * ROLLCALL_SANDBOX=require makes it one, ROLLCALL_SANDBOX=off leaves all open.
 */
#ifndef ROLLCALL_SANDBOX_H
#define ROLLCALL_SANDBOX_H

#include "base/fault.h"

struct sandbox {
	int rules; /* Landlock's; -1: none */
	bool network;
};

/* Starts a list of what stays allowed. */
void sandbox_init(struct sandbox *sandbox);

/* A file, or a directory and all below it, may be read. Nothing happens where
   there is none: opening it will say so. */
void sandbox_allow_read(struct sandbox *sandbox, const char *path);

/* A file may be made, written, cut and replaced. */
void sandbox_allow_output(struct sandbox *sandbox, const char *path);

/* An empty directory may be removed, as may others below its parent: Landlock allows no less. */
void sandbox_allow_remove(struct sandbox *sandbox, const char *path);

/* Temporary files in $TMPDIR. */
void sandbox_allow_temporary(struct sandbox *sandbox);

/* Connections, and the files that names and TLS need. */
void sandbox_allow_network(struct sandbox *sandbox);

/* Gives up the rest. 0, or -1 with FAULT_CONFIG where ROLLCALL_SANDBOX requires
   more than there is, or is not understood. The list is released. */
int sandbox_enter(struct sandbox *sandbox, struct fault *fault);

/* What this kernel and ROLLCALL_SANDBOX allow: "Landlock 7, seccomp". Returns `to`. */
enum { SANDBOX_TEXT = 64 };
const char *sandbox_describe(char to[SANDBOX_TEXT]);

/* "libseccomp/2.5.4", or "" where it is not in use. Returns `to`. */
const char *sandbox_library(char to[SANDBOX_TEXT]);

#endif
