/* SPDX-License-Identifier: ISC */
/*
 * task_begin: the table of the steps, and the way from one to the next.
 */
#include "push/task_step.h"

#include <stdio.h>

static const struct {
	enum task_step (*ask)(struct task *task);
	enum task_step (*take)(struct task *task, const struct reply *reply);
} task_steps[] = {
	[TASK_FIND_USER] = {task_ask_user, task_take_users},
	[TASK_FIND_RENAMED_USER] = {task_ask_renamed_user, task_take_users},
	[TASK_READ_USER] = {task_ask_user, task_take_user},
	[TASK_CONFIRM_USER] = {task_ask_user_list, task_confirm_user},
	[TASK_FIND_GROUP] = {task_ask_group, task_take_groups},
	[TASK_FIND_RENAMED_GROUP] = {task_ask_renamed_group, task_take_groups},
	[TASK_READ_GROUP] = {task_ask_group, task_take_group},
	[TASK_CONFIRM_GROUP] = {task_ask_group_list, task_confirm_group},
	[TASK_SEND] = {task_send, task_take_written},
};

/* The step that shows what a change came to. */
static enum task_step task_look_again(const struct task *task)
{
	return task->user && !task_wants_member(task) ? TASK_FIND_USER : TASK_FIND_GROUP;
}

static void task_go(struct task *task, enum task_step next)
{
	if (next == TASK_LOOK_AGAIN)
		next = task_look_again(task);
	task->step = next == TASK_END || next == TASK_PARKED ? next : task_steps[next].ask(task);
}

/* Is the user or group one that an earlier operation should have made? */
static bool task_is_settled_before(struct task *task)
{
	const struct subject *subjects[] = {task->user, task->group};
	bool planned = false;

	for (size_t i = 0; i < 2; i++) {
		if (subjects[i] && subjects[i]->state == SUBJECT_BROKEN) {
			fault_set(&task->fault, FAULT_DATA, "an earlier operation on it did not succeed");
			task_settle_with(task, OUTCOME_SKIPPED);
			return true;
		}
		planned |= subjects[i] && subjects[i]->state == SUBJECT_PLANNED;
	}
	if (planned) {
		snprintf(task->result->why.text, sizeof task->result->why.text,
		         "after what it needs has been made");
		task_settle(task, OUTCOME_PLANNED);
	}
	return planned;
}

/* Is it ruled out by the provider or by the input itself? */
static bool task_is_ruled_out(struct task *task)
{
	const struct operation *operation = task->operation;
	const char *why = rules_refusal(task->context->rules, operation, task->context->allow_removal);

	if (why && !operation->skipped) {
		fault_set(&task->fault, FAULT_REFUSED, "%s", why);
		task_settle_with(task, OUTCOME_REFUSED);
		return true;
	}
	if (!operation->refusal.len)
		return false;
	fault_set(&task->fault, FAULT_REFUSED, "%.*s", (int)operation->refusal.len,
	          operation->refusal.data);
	task_settle_with(task, operation->skipped ? OUTCOME_SKIPPED : OUTCOME_REFUSED);
	return true;
}

void task_go_to_group(struct task *task)
{
	task_go(task, TASK_FIND_GROUP);
}

/* Can the user be named in a change of members as it is? */
static bool task_knows_user(const struct task *task)
{
	const struct operation *operation = task->operation;

	return task->user->state == SUBJECT_KNOWN ||
	       (task->together && operation->user_id.len && !operation->user_name.len);
}

void task_go_alone(struct task *task)
{
	task->together = false;
	task_go(task, task_knows_user(task) ? TASK_FIND_GROUP : TASK_FIND_USER);
}

void task_begin(struct task *task)
{
	bool taken;
	int64_t sent_at = journal_pending_create(task->context->journal, task->key, &taken);

	if (journal_begun(task->context->journal, task->key))
		task->changes = 1; /* an earlier run sent something: what is so now is its work */
	if (sent_at)
		task_await_earlier(task, sent_at, taken);
	if (task_is_ruled_out(task) || task_is_settled_before(task))
		return;
	if (!task->user || (task_wants_member(task) && task_knows_user(task)))
		task_go(task, task_next_to_group(task));
	else
		task_go(task, TASK_FIND_USER);
}

void task_advance(struct task *task)
{
	struct http *http = task->context->service->http;
	struct request *request = task->request;
	const struct reply *reply = http_wait(http, request, &task->fault);
	enum task_step next = task_steps[task->step].take(task, reply);

	http_drop(http, request);
	task->request = NULL;
	task_go(task, next);
}
