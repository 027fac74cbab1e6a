/* SPDX-License-Identifier: ISC */
/*
 * result: what came of one operation, as a record of the result stream.
 */
#ifndef ROLLCALL_RESULT_H
#define ROLLCALL_RESULT_H

#include "push/dialect.h"

enum outcome {
	OUTCOME_OPEN,
	OUTCOME_PLANNED, /* it would be done */
	OUTCOME_DONE,    /* and read back */
	OUTCOME_ALREADY, /* nothing was to be done */
	OUTCOME_REFUSED, /* by the rules, by the service, or without a word */
	OUTCOME_FAILED,
	OUTCOME_SKIPPED, /* not tried */
	OUTCOMES,
};

extern const char *const outcome_names[OUTCOMES];

struct result {
	enum outcome outcome;
	long status;                      /* of the last request that changes something, else of the
	                            last one; 0: none */
	struct buf id;                    /* of the user or group */
	struct buf user_name, group_name; /* as the service shows them, for people */
	struct fault why;                 /* the reason, if there is one to give */
	struct buf fields;   /* what a user shows and what is asked for, of each setting that
	                        differs: JSON, comma in front */
	struct buf requests; /* what was sent, or would be: JSON, comma in front */
	unsigned ignored;    /* settings that the service did not take over */
	bool unknown;        /* failed, and what is there now is not known */
	unsigned not_sent;   /* settings that the service is known not to take */
};

void result_release(struct result *result);

/* Adds a request; `status` 0 where it was not answered or not sent. */
void result_add_request(struct result *result, const struct write *write, long status);

/* The same for a request that serves several operations and whose body stands in the result
   of another. */
void result_add_shared(struct result *result, const struct write *write, long status);

/* Appends the members that say how it ended: `"outcome":"done","status":200,...`. */
void result_put_end(struct buf *line, const struct result *result);

/* Is it an object of the members that result_put_end writes, and of no others? */
bool result_is_end(yyjson_val *end);

/* Appends the whole line with its LF. `earlier`: the end as the journal has it, or
   empty. */
void result_put(struct buf *line, const struct operation *operation, const struct result *result,
                bool applied, struct span earlier);

/* The exit status that it asks for. */
int result_status(const struct result *result);

/* Of two such statuses the one that a whole run has: 75 before all others, because a rerun
   may still come to something; else the higher one. */
int result_status_of_both(int status, int other);

#endif
