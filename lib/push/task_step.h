/* SPDX-License-Identifier: ISC */
/*
 * task_step: what the steps of a task share, for task_begin.c, task_write.c, task_user.c
 * and task_group.c alone.
 *
 * A step is a question or a change. `ask` sends it and returns the step whose answer is
 * awaited; `take` takes the answer and returns the step that comes next. Both return
 * TASK_END where the task has been settled, or where the run has to stop.
 */
#ifndef ROLLCALL_TASK_STEP_H
#define ROLLCALL_TASK_STEP_H

#include "push/bundle.h"

/* ---- ends: each settles the task and returns TASK_END ---- */

enum task_step task_settle(struct task *task, enum outcome outcome);

/* With the reason in task->fault. */
enum task_step task_settle_with(struct task *task, enum outcome outcome);

/* It is as it should be: done or already. */
enum task_step task_settle_well(struct task *task);

/* The same for somebody or something that is not there, which is as good: `why` is the
   reason where nothing was sent. */
enum task_step task_settle_gone(struct task *task, const char *why);

/* The service answered well, and what is there is not as asked: "left the name as it was". */
enum task_step task_settle_ignored(struct task *task, const char *what);

/* Something is different that nobody asked for: failed. `damage` says what ("the user lost
   roles"), `is_made` whether it is as asked besides. */
enum task_step task_settle_damage(struct task *task, bool is_made, struct buf *damage);

/* It would be done; `made` is who would be made by it, or NULL. */
enum task_step task_settle_planned(struct task *task, struct subject *made);

/* It failed for good, for the reason in task->fault, which may concern all others, too. */
enum task_step task_settle_failed(struct task *task);

/* Nothing may go on, for the reason in `fault`. */
enum task_step task_stop_run(struct task *task, const struct fault *fault);

/* ---- questions ---- */

/* Asks `target`, which is released. Returns `step`. */
enum task_step task_ask(struct task *task, struct buf *target, enum task_step step);

/* Asks for "/Users/{id}" or "/Groups/{id}". */
enum task_step task_ask_one(struct task *task, const char *path, struct span id,
                            enum task_step step);

/* What a question came to. */
enum task_answer {
	TASK_SHOWN,    /* a document */
	TASK_ABSENT,   /* there is no such thing: a 404 in SCIM's words */
	TASK_DOUBTFUL, /* 404 in other words: to be confirmed by a list */
	TASK_SETTLED,  /* nothing is known */
};

/* `one`: it was a question for one user or group, not for a list. */
enum task_answer task_take_answer(struct task *task, const struct reply *reply, bool one);

/* What is there is not known: failed, with the reason in task->fault. Where a change was
   sent the journal stays open. */
enum task_step task_settle_unknown(struct task *task);

/* Takes the list that confirms a doubtful 404: 0 there is no such thing, -1 settled. */
int task_take_confirmation(struct task *task, const struct reply *reply, struct span id);

/* Is it the one that has the name until the plan gives it another one? */
bool task_is_freed(const struct task *task, yyjson_val *resource);

/* It still has it: skipped. */
enum task_step task_settle_not_freed(struct task *task);

/* Keeps id and version of what was found. `asked`: the id that GET of one named, of which
   it must be; empty for one of a list. False: settled. */
bool task_keep_found(struct task *task, struct subject *subject, const struct reply *reply,
                     yyjson_val *resource, struct span asked);

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

/* ---- changes (task_write.c) ---- */

/* task->write is what comes next: sent with --apply, else kept for the plan, of which
   `made` is who would be made by it, or NULL. */
enum task_step task_change(struct task *task, struct subject *made);

/* May it change something, by --max-changes? Counts it with its first change. False:
   settled. */
bool task_may_change(struct task *task);

/* Leaves the operations of a bundle that are left to go in smaller ones. Returns TASK_END. */
enum task_step task_part(struct task *task);

enum task_step task_send(struct task *task);
enum task_step task_take_written(struct task *task, const struct reply *reply);

/* What a change came to is not to be seen: TASK_LOOK_AGAIN where it may show later, else
   TASK_END, and it is for the caller to say so. */
enum task_step task_look_later(struct task *task);

/* What an awaited create was to make is not there: TASK_LOOK_AGAIN until the time is over;
   then settled; or TASK_SEND where an earlier run sent it and it may be sent once more. */
enum task_step task_await(struct task *task);

/* An earlier run sent a create, in this second, and has no answer to it; `taken`: the service
   said that it made something. */
void task_await_earlier(struct task *task, int64_t sent_at, bool taken);

/* Keeps what is there before the first change. */
void task_keep_before(struct task *task, yyjson_val *resource);

/* ---- users (task_user.c) and groups (task_group.c) ---- */

enum task_step task_ask_user(struct task *task);
enum task_step task_ask_renamed_user(struct task *task);
enum task_step task_take_user(struct task *task, const struct reply *reply);
enum task_step task_take_users(struct task *task, const struct reply *reply);

enum task_step task_ask_user_list(struct task *task);
enum task_step task_confirm_user(struct task *task, const struct reply *reply);

/* The step of a change of members that comes when the user is known. */
static inline enum task_step task_next_to_group(const struct task *task)
{
	return task->together ? TASK_PARKED : TASK_FIND_GROUP;
}

/* Of a user who is known, or named by id. */
static inline struct span task_user_id(const struct task *task)
{
	return task_id_of(task->user, task->operation->user_id);
}

enum task_step task_ask_group(struct task *task);
enum task_step task_ask_renamed_group(struct task *task);
enum task_step task_take_group(struct task *task, const struct reply *reply);
enum task_step task_take_groups(struct task *task, const struct reply *reply);
enum task_step task_ask_group_list(struct task *task);
enum task_step task_confirm_group(struct task *task, const struct reply *reply);

#endif
