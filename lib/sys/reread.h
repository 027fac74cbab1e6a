/* SPDX-License-Identifier: ISC */
/*
 * reread: an input that is read more than once, be it a file or a pipe.
 *
 * A regular file is read again from where it began. Anything else is copied to a temporary
 * file first.
 */
#ifndef ROLLCALL_REREAD_H
#define ROLLCALL_REREAD_H

#include "base/fault.h"

#include <sys/types.h>

struct reread {
	const char *name; /* as in messages; borrowed */
	int fd;
	off_t start;
};

/* FILE or "-". 0 or -1 (FAULT_NO_INPUT, FAULT_IO); reread_close is due in both cases. */
int reread_open(struct reread *input, const char *path, struct fault *fault);
void reread_close(struct reread *input);

/* The next read of input->fd is that of the first byte. 0 or -1. */
int reread_start(const struct reread *input, struct fault *fault);

#endif
