/* SPDX-License-Identifier: ISC */
/*
 * out: where a program's data goes, stdout or a file that is replaced whole.
 *
 * Bytes are gathered and written in large pieces. The first error is kept and
 * reported by out_flush and out_close, so that a full disk can not go unseen.
 * A regular file is written beside its target (mode 0600, O_EXCL), synced and
 * renamed by out_close; until then the target is as it was. A link is followed, also
 * one that leads to no file yet. A device or a pipe is written in place, and so is what
 * is open already (/dev/stdout, /dev/fd/N).
 *
 * On a terminal, what could act on it or can not be seen is written as \u and four digits,
 * which is the same text in JSON. In a file or a pipe all bytes are as they were put.
 */
#ifndef ROLLCALL_OUT_H
#define ROLLCALL_OUT_H

#include "base/buf.h"
#include "sys/digest.h"

struct out {
	int fd;
	bool is_terminal;
	bool has_colors; /* the caller's to set: what is put is inert, but for colors */
	int error;       /* the first errno; 0: none */
	char *path;      /* target, symbolic links resolved; NULL: stdout */
	char *temporary; /* NULL: written in place */
	struct buf pending;
	struct digest
		*digest; /* the caller's, may be set after out_open: what is put goes there, too */
};

/* `path` NULL or "-" is stdout. 0 or -1 (FAULT_CREATE). */
int out_open(struct out *out, const char *path, struct fault *fault);

/* What `path` stands for with all links followed: a file that may not be there yet, or
   where it is open already, *descriptor is its number (else -1). The caller's; NULL: no
   memory. */
char *out_target(const char *path, int *descriptor);

void out_put(struct out *out, struct span bytes);

/* 0, or -1 with the first error: FAULT_IO, or FAULT_CLOSED_PIPE. */
int out_flush(struct out *out, struct fault *fault);

/* Flushes, syncs, closes and renames. 0 or -1; in both cases all is released,
   and after -1 no temporary file is left and the target is as it was. */
int out_close(struct out *out, struct fault *fault);

/* Gives up: removes the temporary file and releases all. */
void out_abandon(struct out *out);

#endif
