/* SPDX-License-Identifier: ISC */
/*
 * task: one operation, from looking the user or group up to the proof that
 * what was asked for is so.
 *
 *     LOOKING  -> it is so: already
 *              -> it is not: a change is sent, SENDING
 *     SENDING  -> the service took it: CHECKING
 *              -> it did not: refused
 *              -> its answer is lost, or a busy service put it off: DOUBTING
 *              -> the same of a create, which must not be sent twice: AWAITING
 *     CHECKING -> it is so: done; or the next change is sent, SENDING
 *              -> it is not: looked at again for some seconds, then refused
 *     DOUBTING -> it is so: done
 *              -> it is not: the change is sent again, SENDING; or, where patience is at
 *                 its end (LAST_LOOK), failed
 *
 *     AWAITING -> it is there: done
 *              -> it is not: looked for until --timeout has passed, then failed
 *
 * Changes of the members of one group are parked when their users are known, and then go on
 * together (bundle.h), or one by one. A user who is named by id is not looked up for that:
 * whether that is a member, the group says.
 *
 * So nothing is done twice, whatever method it has, and a second run finds everything as
 * it should be. The table of the steps, from a question to what takes its answer, is in
 * task_begin.c.
 */
#ifndef ROLLCALL_TASK_H
#define ROLLCALL_TASK_H

#include "http/service.h"
#include "push/journal.h"
#include "push/lookup.h"
#include "push/result.h"
#include "push/rules.h"

/* What all tasks of a run share. */
struct task_context {
	struct service *service; /* connected */
	const struct rules *rules;
	enum dialect dialect;
	struct lookup lookup; /* how users are found */
	bool allow_removal;
	bool apply; /* else nothing is sent that changes something */
	struct journal *journal;
	uint64_t changes_max; /* operations that may change something ... */
	uint64_t changes;     /* ... and those that have sent something */
	struct fault stop;    /* set: no later operation can come to anything */
	struct fault fatal;   /* set: nothing may go on */
};

/* A user or group of the service, as the operations on it know it in turn. */
struct subject {
	enum { SUBJECT_UNKNOWN, SUBJECT_KNOWN, SUBJECT_PLANNED, SUBJECT_BROKEN } state;
	struct buf id;     /* where it is known */
	struct buf name;   /* where one was shown */
	struct buf groups; /* the ids of the groups that a user was shown with, each with its size */
	bool is_changed;   /* an operation is about the user or group itself, not only about members */
	bool is_listed;    /* a roster looks for the user (roster.h) */
};

/* An id that names another place in a path is an attack, or soon an accident. */
static inline bool task_id_fits_path(struct span id)
{
	return id.len && !span_is(id, span_of(".")) && !span_is(id, span_of(".."));
}

/* From now on the operations on it know its id. */
void task_know(struct subject *subject, struct span id);

/* What is known of the change that the operation asks for. */
enum task_state {
	TASK_LOOKING,
	TASK_SENDING,
	TASK_CHECKING,
	TASK_DOUBTING,
	TASK_AWAITING,
	TASK_LAST_LOOK,
};

/* What the task waits for an answer to. */
enum task_step {
	TASK_FIND_USER,         /* a list by name */
	TASK_FIND_RENAMED_USER, /* a list by the new name: the old one has gone */
	TASK_READ_USER,         /* the user of an id */
	TASK_CONFIRM_USER,      /* a list: GET of the id was answered with a doubtful 404 */
	TASK_FIND_GROUP,        /* and the same for a group */
	TASK_FIND_RENAMED_GROUP,
	TASK_READ_GROUP,
	TASK_CONFIRM_GROUP,
	TASK_SEND,       /* a change */
	TASK_LOOK_AGAIN, /* no step of its own: that one of the above which shows the change */
	TASK_PARKED,     /* nothing: the user is known, and others of the crowd are to come */
	TASK_END,        /* nothing: it is settled, or the run has to stop */
};

/* What is known of a user or group whom the operation makes. */
enum task_made {
	TASK_NOT_MADE,
	TASK_MADE,     /* the service says so */
	TASK_CONFLICT, /* 409: it is there after all, the service says */
};

struct bundle;

struct task {
	struct task_context *context;
	struct bundle *bundle; /* the one whose steps it takes; NULL: it takes its own */
	const struct operation *operation;
	char key[DIGEST_HEX + 1];     /* of the operation in the journal */
	struct subject *user, *group; /* NULL: the operation is about none */
	struct result *result;
	bool together; /* with others of its crowd, from the group on */

	enum task_state state;
	enum task_step step;
	enum task_made made;
	struct request *request;       /* under way, or NULL */
	struct fault fault;            /* why there is no reply */
	struct write write;            /* the last change that was sent */
	struct buf version;            /* ETag of what was read, or empty */
	struct buf refused_version;    /* the last one that was answered with 412 ... */
	int version_refusals;          /* ... so many times */
	int surprises;                 /* how often a change was answered with 404 or 409 */
	int late_looks;                /* since the last change: what it did may show later */
	int64_t until_ms;              /* AWAITING: until when it is looked for */
	struct buf before;             /* the user or group before the first change, JSON ... */
	bool before_is_listed;         /* ... as a list shows it, which may be less */
	bool is_hidden;                /* the group showed nobody before, and that says nothing */
	unsigned sent;                 /* settings that were sent */
	unsigned given_up;             /* settings that the service did not take over */
	int changes;                   /* sent, in this run or an earlier one */
	bool under_way;                /* the last one may still be: nobody has turned it away */
	struct http_patience patience; /* with changes that came to nothing */
	int64_t pause_ms;              /* before the next request */
};

/* Starts: sends the first request, or settles at once. */
void task_begin(struct task *task);

/* Goes on to the group, as the one that takes the steps of a bundle. */
void task_go_to_group(struct task *task);

/* A parked one goes on, by itself. */
void task_go_alone(struct task *task);

/* Its request is settled: takes the answer and asks or sends what comes next, if anything. */
void task_advance(struct task *task);

/* Settles it as not tried, for the reason in `why`. */
void task_skip(struct task *task, const struct fault *why);

void task_release(struct task *task);

static inline bool task_is_settled(const struct task *task)
{
	return task->result->outcome != OUTCOME_OPEN;
}

#endif
