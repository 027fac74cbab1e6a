/* SPDX-License-Identifier: ISC */
/*
 * push_run: a whole plan, carried out or only rehearsed.
 *
 * Operations run side by side, up to --jobs of them, but never two that change
 * the same user or the same group: these go one after the other in the order of
 * the plan (queue.h). Results come out in that order, too.
 */
#ifndef ROLLCALL_PUSH_RUN_H
#define ROLLCALL_PUSH_RUN_H

#include "base/option.h"
#include "push/push_report.h"
#include "push/queue.h"

struct push_options {
	bool apply, allow_removal, allow_other_origin;
	int dialect;        /* enum dialect; -1: the provider's */
	const char *source; /* of the change stream and the results; NULL: the provider's name */
	const char *lookup; /* NULL: the provider's */
	int removed;        /* enum plan_removed */
	const char *journal;
	const char *plan; /* a result stream that was looked at and is to be done; NULL: stdin */
	struct limit max_changes;
	bool is_text, color; /* results for people; with colours */
	void (*count)(const char *what, uint64_t found, uint64_t total); /* progress; NULL: none */
};

/* The caller has set what service_connect wants of `service`. Reads the plan, does it and
   writes the results. *status is the exit status where the run came to its
   end: 0, 3, 75, 76 or 77. 0 or -1. */
int push_run(struct service *service, const struct push_options *options, int *status,
             struct fault *fault);

#endif
