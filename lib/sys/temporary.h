/* SPDX-License-Identifier: ISC */
/*
 * temporary: files without a name in $TMPDIR (default /tmp), gone with the
 * process whatever ends it. Every write and read is checked.
 */
#ifndef ROLLCALL_TEMPORARY_H
#define ROLLCALL_TEMPORARY_H

#include "base/fault.h"
#include "base/span.h"

#include <sys/types.h>

/* A file descriptor, the caller's to close; -1 with FAULT_CREATE. */
int temporary_open(struct fault *fault);

/* Writes all bytes at `at`. 0 or -1 (FAULT_IO). */
int temporary_write(int fd, struct span bytes, off_t at, struct fault *fault);

/* Reads up to `len` > 0 bytes at `at`, where at least one byte must be. How many
   came, or -1 (FAULT_IO). */
ssize_t temporary_read(int fd, char *to, size_t len, off_t at, struct fault *fault);

#endif
