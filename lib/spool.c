/* SPDX-License-Identifier: ISC */
/*
 * spool: memory first, then one unlinked temporary file written at its end.
 */
#include "spool.h"

#include "ceiling.h"
#include "inert.h"
#include "undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

void spool_release(struct spool *spool)
{
	if (spool->fd > 0)
		close(spool->fd);
	buf_release(&spool->memory);
	*spool = (struct spool){0};
}

void spool_clear(struct spool *spool)
{
	buf_clear(&spool->memory);
	spool->spilled = 0;
}

static int open_file(struct spool *spool, struct fault *fault)
{
	const char *directory = getenv("TMPDIR");
	struct buf path = {0};
	int result = -1;

	buf_putf(&path, "%s/rollcall.XXXXXX", directory && *directory ? directory : "/tmp");
	if (buf_check(&path, fault) < 0)
		return -1;
	undo_hold();
	spool->fd = mkostemp(path.data, O_CLOEXEC);
	if (spool->fd >= 0)
		unlink(path.data);
	undo_go_on();
	if (spool->fd < 0) {
		spool->fd = 0;
		fault_set(fault, FAULT_CREATE, "cannot create temporary file '%s': %s",
		          INERT(buf_span(&path)), strerror(errno));
	} else {
		result = 0;
	}
	buf_release(&path);
	return result;
}

static int spill(struct spool *spool, struct fault *fault)
{
	struct span rest = buf_span(&spool->memory);

	if (spool->fd <= 0 && open_file(spool, fault) < 0)
		return -1;
	while (rest.len) {
		ssize_t n = pwrite(spool->fd, rest.data, rest.len, (off_t)spool->spilled);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(fault, FAULT_IO, "cannot write a temporary file: %s", strerror(errno));
		spool->spilled += (size_t)n;
		rest = (struct span){rest.data + n, rest.len - (size_t)n};
	}
	buf_clear(&spool->memory);
	return 0;
}

int spool_put(struct spool *spool, struct span bytes, struct fault *fault)
{
	buf_put_span(&spool->memory, bytes);
	if (buf_check(&spool->memory, fault) < 0)
		return -1;
	return spool->memory.len > SPOOL_MEMORY ? spill(spool, fault) : 0;
}

int spool_drain(struct spool *spool, int (*take)(void *to, struct span piece, struct fault *),
                void *to, struct fault *fault)
{
	enum { PIECE = 256 * 1024 };
	char *piece;
	int result = 0;

	if (!spool->spilled)
		return take(to, buf_span(&spool->memory), fault);
	piece = malloc(PIECE);
	if (!piece)
		return fault_memory(fault);
	for (size_t at = 0; at < spool->spilled && result == 0;) {
		size_t want = spool->spilled - at < PIECE ? spool->spilled - at : PIECE;
		ssize_t n = pread(spool->fd, piece, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			result = fault_set(fault, FAULT_IO, "cannot read a temporary file: %s",
			                   n < 0 ? strerror(errno) : "it was cut");
			break;
		}
		at += (size_t)n;
		result = take(to, (struct span){piece, (size_t)n}, fault);
	}
	free(piece);
	return result < 0 ? -1 : take(to, buf_span(&spool->memory), fault);
}
