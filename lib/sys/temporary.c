/* SPDX-License-Identifier: ISC */
/*
 * temporary: O_TMPFILE where the file system has it: no name, not even for a
 * moment. Elsewhere the name is removed at once, and signals wait meanwhile.
 */
#include "sys/temporary.h"

#include "base/buf.h"
#include "base/inert.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static int open_named(char *path)
{
	int fd, error;

	undo_hold();
	fd = mkostemp(path, O_CLOEXEC);
	error = errno;
	if (fd >= 0)
		unlink(path);
	undo_go_on();
	errno = error;
	return fd;
}

int temporary_open(struct fault *fault)
{
	const char *variable = getenv("TMPDIR");
	const char *directory = variable && *variable ? variable : "/tmp";
	struct buf path = {0};
	int fd = -1;

	buf_putf(&path, "%s/rollcall.XXXXXX", directory);
	if (buf_check(&path, fault) < 0)
		return -1;
#ifdef O_TMPFILE
	fd = open(directory, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
#endif
	if (fd < 0)
		fd = open_named(path.data);
	if (fd < 0)
		fault_set(fault, FAULT_CREATE, "cannot create temporary file '%s': %s",
		          INERT(buf_span(&path)), strerror(errno));
	buf_release(&path);
	return fd;
}

int temporary_write(int fd, struct span bytes, off_t at, struct fault *fault)
{
	while (bytes.len) {
		ssize_t n = pwrite(fd, bytes.data, bytes.len, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(fault, FAULT_IO, "cannot write a temporary file: %s", strerror(errno));
		at += n;
		bytes = (struct span){bytes.data + n, bytes.len - (size_t)n};
	}
	return 0;
}

ssize_t temporary_read(int fd, char *to, size_t len, off_t at, struct fault *fault)
{
	ssize_t n;

	do
		n = pread(fd, to, len, at);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return fault_set(fault, FAULT_IO, "cannot read a temporary file: %s",
		                 n < 0 ? strerror(errno) : "it was cut");
	return n;
}
