/* SPDX-License-Identifier: ISC */
/*
 * input: the bytes of a file or a pipe, which may be compressed with zstd (RFC 8878).
 *
 * What is compressed is known by its first bytes, not by its name. Frames may follow each
 * other. Data that is damaged or cut, that needs a larger window than ZSTD_WINDOW_LOG_MAX,
 * or that grows by more than ZSTD_RATIO_MAX is FAULT_DATA and names the file.
 */
#ifndef ROLLCALL_INPUT_H
#define ROLLCALL_INPUT_H

#include "base/fault.h"

#include <sys/types.h>

struct input {
	int fd;           /* the caller's to close */
	const char *name; /* as in messages; borrowed */

	/* its own; zero at the start */
	bool started;
	struct unpacker *unpacker; /* NULL: the bytes are as they are */
};

/* Reads up to `cap` bytes, at least 16 of them asked for, from where `fd` stands at the
   first call. How many came, 0 at the end, -1 with a fault. */
ssize_t input_read(struct input *input, char *to, size_t cap, struct fault *fault);

/* `fd` stays open. */
void input_release(struct input *input);

#endif
