/* SPDX-License-Identifier: ISC */
/*
 * spool: lines held back until it is known that they may be written.
 *
 * A list is emitted only after its walk has proved complete, and a walk may
 * have to start again. Small lists stay in memory; beyond SPOOL_MEMORY they go
 * to a temporary file in $TMPDIR that is unlinked as soon as it exists.
 */
#ifndef ROLLCALL_SPOOL_H
#define ROLLCALL_SPOOL_H

#include "base/buf.h"

struct spool {
	struct buf memory; /* the end that is not in the file yet */
	int fd;            /* valid where `spilled` is not 0 */
	size_t spilled;    /* bytes in the file */
};

void spool_release(struct spool *spool);

/* Empty again; the file is kept for the next use. */
void spool_clear(struct spool *spool);

/* Appends. 0 or -1. */
int spool_put(struct spool *spool, struct span bytes, struct fault *fault);

/* Hands all bytes over in order, in pieces. `take` returns 0 or -1, which ends
   the drain and is returned. */
int spool_drain(struct spool *spool, int (*take)(void *to, struct span piece, struct fault *),
                void *to, struct fault *fault);

#endif
