/* SPDX-License-Identifier: ISC */
/*
 * task_step: what the steps of a task share, for task.c, task_user.c and
 * task_group.c alone. A step ends in exactly one of these: it settles the task, or it
 * sends one request and names the step that takes the answer.
 */
#ifndef ROLLCALL_TASK_STEP_H
#define ROLLCALL_TASK_STEP_H

#include "push/task.h"

typedef void task_step(struct task *task, const struct reply *reply);

/* ---- ends ---- */

void task_settle(struct task *task, enum outcome outcome);

/* With the reason in task->fault. */
void task_settle_with(struct task *task, enum outcome outcome);

/* It is as it should be: done or already. */
void task_settle_well(struct task *task);

/* The same for somebody or something that is not there, which is as good: `why` is the
   reason where nothing was sent. */
void task_settle_gone(struct task *task, const char *why);

/* The service answered well and left `what` as it was. */
void task_settle_ignored(struct task *task, const char *what);

/* It would be done; `made` is who would be made by it, or NULL. */
void task_settle_planned(struct task *task, struct subject *made);

/* ---- questions ---- */

/* Asks `target`, which is released. */
void task_ask(struct task *task, struct buf *target, task_step *then);

/* Asks for "/Users/{id}" or "/Groups/{id}". */
void task_ask_one(struct task *task, const char *path, struct span id, task_step *then);

/* What a question came to: 1 a document, 0 there is no such thing, -1 settled. */
int task_take_answer(struct task *task, const struct reply *reply);

/* Keeps id and version of what was found. `asked`: the id that GET of one named, of which
   it must be; empty for one of a list. False: settled. */
bool task_keep_found(struct task *task, struct subject *subject, const struct reply *reply,
                     yyjson_val *resource, struct span asked);

/* ---- changes ---- */

/* Sends task->write; then it is looked again. */
void task_send(struct task *task);

/* The same with --apply (true), else keeps it for the plan (false). */
bool task_change(struct task *task);

/* ---- users and groups ---- */

/* The id by which it is asked for: as it is known by now, else as the input has it, else
   empty. */
static inline struct span task_id_of(const struct subject *subject, struct span given)
{
	return subject->state == SUBJECT_KNOWN ? buf_span(&subject->id) : given;
}

static inline bool task_wants_member(const struct task *task)
{
	return task->operation->op == OP_ADD_MEMBER || task->operation->op == OP_REMOVE_MEMBER;
}

/* Looks the user, or the group, of the operation up and does what is to be done. */
void task_find_user(struct task *task);
void task_find_group(struct task *task);

/* The same for a group whose id is known. */
void task_read_group(struct task *task);

#endif
