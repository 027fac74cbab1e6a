/* SPDX-License-Identifier: ISC */
/*
 * crew: mappers side by side. Lines are handed over in batches to threads that are
 * started when the first batch is full; the thread that hands over maps, too, where
 * it would have to wait. What comes out does not depend on who mapped what: the
 * sorters bring it in order, and of several faults that of the first line counts.
 */
#ifndef ROLLCALL_CREW_H
#define ROLLCALL_CREW_H

#include "normalize/mapper.h"

#include <pthread.h>

struct batch;

struct worker {
	struct crew *crew;
	struct mapper mapper;
	pthread_t thread;
};

struct crew {
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

/* `mapper` is what all mappers begin as; each gets a lane of its own. The crew must
   not move. 0 or -1; crew_release is due in both cases. */
int crew_open(struct crew *crew, size_t count, const struct mapper *mapper, struct fault *fault);
void crew_release(struct crew *crew);

/* Another section begins: nothing has come of it. */
void crew_begin(struct crew *crew);

/* Has a gap come where users should be? After crew_wait. */
bool crew_users_missing(const struct crew *crew);

/* Takes a line of the section, as mapper_read. 0, or -1: no further one is wanted.
   Either way crew_wait is due, and says what is wrong. */
int crew_put(struct crew *crew, enum record_kind kind, struct span line, size_t number);

/* Until all lines are mapped. 0, or -1 with the fault of line *number. */
int crew_wait(struct crew *crew, size_t *number, struct fault *fault);

#endif
