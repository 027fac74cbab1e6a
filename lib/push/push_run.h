/* SPDX-License-Identifier: ISC */
/*
 * push_run: a whole plan, carried out or only rehearsed.
 *
 * Operations run side by side, up to --jobs of them, but never two that are about
 * the same user or the same group: these go one after the other in the order of
 * the plan. Results come out in that order, too.
 */
#ifndef ROLLCALL_PUSH_RUN_H
#define ROLLCALL_PUSH_RUN_H

#include "base/option.h"
#include "push/queue.h"

struct push_options {
	bool apply, allow_removal, allow_other_origin;
	int dialect;        /* enum dialect; -1: the provider's */
	const char *source; /* of the change stream and the results; NULL: the provider's name */
	const char *lookup; /* NULL: the provider's */
	int removed;        /* enum plan_removed */
	const char *journal;
	bool limited; /* --max-changes was given */
	struct limit max_changes;
};

struct push_totals {
	uint64_t outcomes[OUTCOMES];
	uint64_t writes; /* requests that change something, sent or planned */
};

/* The caller has set what service_connect wants of `service`. Reads the plan from `path`, does it and
   writes the result stream. *status is the exit status where the run came to its
   end: 0, 3, 75, 76 or 77. 0 or -1. */
int push_run(struct service *service, const struct push_options *options, const char *path,
             int *status, struct fault *fault);

#endif
