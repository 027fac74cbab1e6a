/* SPDX-License-Identifier: ISC */
/*
 * task: one operation, from looking the user or group up to the proof that
 * what was asked for is so.
 *
 *     look up -> nothing to do: already
 *             -> send one change -> look again -> it is so: done, or the next change
 *                                              -> it is not: refused
 *
 * A change whose answer is lost, or that a busy service turned away, is looked up
 * in the same way before it is sent again. So nothing is done twice, whatever
 * method it has, and a second run finds everything as it should be.
 */
#ifndef ROLLCALL_TASK_H
#define ROLLCALL_TASK_H

#include "http/service.h"
#include "push/journal.h"
#include "push/result.h"
#include "push/rules.h"

/* What all tasks of a run share. */
struct task_context {
	const struct service *service; /* connected */
	const struct rules *rules;
	enum dialect dialect;
	const char *lookup; /* the attribute by which users are found */
	bool allow_removal;
	bool apply; /* else nothing is sent that changes something */
	struct journal *journal;
	struct fault stop;  /* set: no later operation can come to anything */
	struct fault fatal; /* set: nothing may go on */
};

/* A user or group of the service, as the operations on it know it in turn. */
struct subject {
	enum { SUBJECT_UNKNOWN, SUBJECT_KNOWN, SUBJECT_PLANNED, SUBJECT_BROKEN } state;
	struct buf id; /* where it is known */
};

struct task {
	struct task_context *context;
	const struct operation *operation;
	char key[DIGEST_HEX + 1];     /* of the operation in the journal */
	struct subject *user, *group; /* NULL: the operation is about none */
	struct result *result;

	struct request *request; /* under way, or NULL */
	void (*then)(struct task *task, const struct reply *reply);
	struct fault fault;            /* why there is no reply */
	struct write write;            /* the last change that was sent */
	struct buf version;            /* ETag of what was read, or empty */
	struct buf refused_version;    /* the last one that was answered with 412 ... */
	int version_refusals;          /* ... so many times */
	unsigned given_up;             /* settings that the service did not take over */
	int changes;                   /* sent, in this run or an earlier one */
	struct http_patience patience; /* with changes that came to nothing */
	int64_t pause_ms;              /* before the next request */
	bool looking_again;            /* after a change that the service accepted */
	bool is_last_look;             /* after a change that is not sent again: the fault says why */
	bool created, conflict, missed, by_new_name, is_whole;
};

/* Starts: sends the first request, or settles at once. */
void task_begin(struct task *task);

/* Its request is settled: goes on, until it has none any more. */
void task_advance(struct task *task);

/* Settles it as not tried, for the reason in `why`. */
void task_skip(struct task *task, const struct fault *why);

void task_release(struct task *task);

static inline bool task_is_settled(const struct task *task)
{
	return task->result->outcome != OUTCOME_OPEN;
}

#endif
