/* SPDX-License-Identifier: ISC */
/*
 * mapper_pool: mappers side by side. Lines are handed over in batches to threads that are
 * started when the first batch is full; the thread that hands over maps, too, where
 * it would have to wait. What comes out does not depend on who mapped what: the
 * sorters bring it in order, and of several faults that of the first line counts.
 */
#ifndef ROLLCALL_MAPPER_POOL_H
#define ROLLCALL_MAPPER_POOL_H

#include "normalize/mapper.h"

#include <pthread.h>

struct batch;

struct worker {
	struct mapper_pool *pool;
	struct mapper mapper;
	pthread_t thread;
};

struct mapper_pool {
	struct worker *workers; /* the first one is the calling thread */
	size_t count, running;  /* running: threads behind the first worker */

	struct batch *batches;
	struct batch *filling; /* by the calling thread; NULL: none */

	/* under the lock */
	pthread_mutex_t lock;
	pthread_cond_t work, done;
	bool over;
	size_t number; /* of the first line that has a fault; 0: none has */
	struct fault fault;
};

/* `mapper` is what all mappers begin as; each gets a shard of its own. The pool must
   not move. 0 or -1; mapper_pool_release is due in both cases. */
int mapper_pool_open(struct mapper_pool *pool, size_t count, const struct mapper *mapper,
                     struct fault *fault);
void mapper_pool_release(struct mapper_pool *pool);

/* Another section begins: nothing has come of it. */
void mapper_pool_begin(struct mapper_pool *pool);

/* Has a gap come where users should be? After mapper_pool_wait. */
bool mapper_pool_users_missing(const struct mapper_pool *pool);

/* Has a record with a GUID in capitals for its id come, in any section? */
bool mapper_pool_capital_ids(const struct mapper_pool *pool);

/* Appends to a JSON array what nobody maps (unmapped.h). After mapper_pool_wait. 0 or -1. */
int mapper_pool_put_unmapped(const struct mapper_pool *pool, struct buf *array,
                             struct fault *fault);

/* Takes a line of the section, as mapper_read. 0, or -1: no further one is wanted.
   Either way mapper_pool_wait is due, and says what is wrong. */
int mapper_pool_put(struct mapper_pool *pool, enum record_kind kind, struct span line,
                    size_t number);

/* Until all lines are mapped. 0, or -1 with the fault of line *number. */
int mapper_pool_wait(struct mapper_pool *pool, size_t *number, struct fault *fault);

#endif
