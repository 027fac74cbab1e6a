/* SPDX-License-Identifier: ISC */
/*
 * spool: memory first, then one unlinked temporary file written at its end.
 */
#include "sys/spool.h"

#include "base/ceiling.h"
#include "sys/temporary.h"

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

static int spool_spill(struct spool *spool, struct fault *fault)
{
	if (spool->fd <= 0) {
		int fd = temporary_open(fault);

		if (fd < 0)
			return -1;
		spool->fd = fd;
	}
	if (temporary_write(spool->fd, buf_span(&spool->memory), (off_t)spool->spilled, fault) < 0)
		return -1;
	spool->spilled += spool->memory.len;
	buf_clear(&spool->memory);
	return 0;
}

int spool_put(struct spool *spool, struct span bytes, struct fault *fault)
{
	buf_put_span(&spool->memory, bytes);
	if (buf_check(&spool->memory, fault) < 0)
		return -1;
	return spool->memory.len > SPOOL_MEMORY ? spool_spill(spool, fault) : 0;
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
		ssize_t n = temporary_read(spool->fd, piece, want, (off_t)at, fault);

		if (n > 0)
			at += (size_t)n;
		result = n < 0 ? -1 : take(to, (struct span){piece, (size_t)n}, fault);
	}
	free(piece);
	return result < 0 ? -1 : take(to, buf_span(&spool->memory), fault);
}
