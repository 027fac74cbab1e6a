/* SPDX-License-Identifier: ISC */
/*
 * reread: seek, or copy and then seek.
 */
#include "sys/reread.h"

#include "base/inert.h"
#include "sys/ready.h"
#include "sys/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { REREAD_PIECE = 64 * 1024 };

static int reread_fault(const struct reread *input, struct fault *fault)
{
	return fault_set(fault, errno == EISDIR ? FAULT_NO_INPUT : FAULT_IO, "cannot read '%s': %s",
	                 INERT(span_of(input->name)), strerror(errno));
}

/* What comes is in a temporary file from now on. */
static int reread_copy(struct reread *input, struct fault *fault)
{
	char piece[REREAD_PIECE];
	int fd = temporary_open(fault), result = 0;
	off_t at = 0;
	ssize_t n = 1;

	while (fd >= 0 && result == 0 && n > 0) {
		do
			n = read(input->fd, piece, sizeof piece);
		while (n < 0 && ready_to_read(input->fd));
		if (n < 0)
			result = reread_fault(input, fault);
		else if (n > 0)
			result = temporary_write(fd, (struct span){piece, (size_t)n}, at, fault);
		at += n;
	}
	if (fd < 0)
		return -1;
	if (input->fd != STDIN_FILENO)
		close(input->fd);
	input->fd = fd;
	return result;
}

int reread_open(struct reread *input, const char *path, struct fault *fault)
{
	struct stat st;

	*input = (struct reread){.name = "standard input", .fd = STDIN_FILENO};
	if (strcmp(path, "-") != 0) {
		input->name = path;
		input->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (input->fd < 0)
			return fault_set(fault, FAULT_NO_INPUT, "cannot open '%s': %s", INERT(span_of(path)),
			                 strerror(errno));
	}
	if (fstat(input->fd, &st) < 0)
		return reread_fault(input, fault);
	if (!S_ISREG(st.st_mode))
		return reread_copy(input, fault);
	input->start = lseek(input->fd, 0, SEEK_CUR);
	return input->start < 0 ? reread_fault(input, fault) : 0;
}

void reread_close(struct reread *input)
{
	if (input->fd > STDIN_FILENO)
		close(input->fd);
	*input = (struct reread){.fd = -1};
}

int reread_start(const struct reread *input, struct fault *fault)
{
	return lseek(input->fd, input->start, SEEK_SET) < 0 ? reread_fault(input, fault) : 0;
}
