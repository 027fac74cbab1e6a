/* SPDX-License-Identifier: ISC */
/*
 * task_group: a group that was found, or not, against what is asked for.
 */
#include "push/lookup.h"
#include "push/task_step.h"

#include <stdio.h>

static void no_group(struct task *task)
{
	enum op op = task->operation->op;
	const char *why = "the service has no such group";

	if (op == OP_REMOVE_GROUP || op == OP_REMOVE_MEMBER)
		return task_settle_gone(task, why);
	if (op == OP_PUSH_GROUP && !task->created && !task->conflict) {
		dialect_create_group(&task->write, task->operation->group);
		if (!task_change(task))
			task_settle_planned(task, task->group);
		return;
	}
	if (task->created)
		why = "the service made the group and does not show it";
	else if (task->conflict)
		why = "the service says that the group is there (409) and does not show it";
	fault_set(&task->fault, FAULT_PROTOCOL, "%s", why);
	task_settle_with(task, OUTCOME_FAILED);
}

static void rename_group(struct task *task, yyjson_val *group)
{
	struct span name = {"", 0};

	json_member_text(group, "displayName", &name);
	if (span_is(name, task->operation->new_group))
		return task_settle_well(task);
	if (task->looking_again)
		return task_settle_ignored(task, "the name");
	dialect_rename_group(&task->write, task->context->dialect, buf_span(&task->group->id),
	                     task->operation->new_group);
	if (!task_change(task))
		task_settle_planned(task, NULL);
}

static void remove_group(struct task *task)
{
	if (task->looking_again)
		return task_settle_ignored(task, "the group");
	dialect_remove(&task->write, "/Groups", buf_span(&task->group->id));
	if (!task_change(task))
		task_settle_planned(task, NULL);
}

static void change_member(struct task *task, yyjson_val *group)
{
	bool add = task->operation->op == OP_ADD_MEMBER;
	int is_member = lookup_member(group, buf_span(&task->user->id));

	if (is_member == add)
		return task_settle_well(task);
	if (task->looking_again && is_member < 0) { /* absent is none, RFC 7643 section 2.5 */
		if (add)
			snprintf(task->result->why.text, sizeof task->result->why.text,
			         "the service does not show members, so it is not proved");
		return task_settle_well(task);
	}
	if (task->looking_again)
		return task_settle_ignored(task, "the members");
	dialect_member(&task->write, task->context->dialect, add, buf_span(&task->group->id),
	               buf_span(&task->user->id), task->operation->user_name);
	if (!task_change(task))
		task_settle_planned(task, NULL);
}

static void group_read(struct task *task, const struct reply *reply)
{
	int found = task_take_answer(task, reply);
	yyjson_val *group = found > 0 ? yyjson_doc_get_root(reply->doc) : NULL;
	struct span asked = task_id_of(task->group, task->operation->group_id);

	if (found == 0)
		return no_group(task);
	if (found < 0 || !task_keep_found(task, task->group, reply, group, asked))
		return;
	switch (task->operation->op) {
	case OP_PUSH_GROUP: return task_settle_well(task);
	case OP_RENAME_GROUP: return rename_group(task, group);
	case OP_REMOVE_GROUP: return remove_group(task);
	default: return change_member(task, group);
	}
}

void task_read_group(struct task *task)
{
	task_ask_one(task, "/Groups", buf_span(&task->group->id), group_read);
}

static struct span group_name_of(const struct task *task)
{
	return task->by_new_name ? task->operation->new_group : task->operation->group;
}

static void group_listed(struct task *task, const struct reply *reply)
{
	yyjson_val *group = NULL;
	int found = task_take_answer(task, reply);

	if (found > 0) {
		found = lookup_group(yyjson_doc_get_root(reply->doc), group_name_of(task), &group,
		                     &task->fault);
		if (found < 0)
			task_settle_with(task, OUTCOME_FAILED);
	}
	if (found > 0 && task_keep_found(task, task->group, reply, group, span_of(""))) {
		if (task->operation->op == OP_PUSH_GROUP)
			return task_settle_well(task);
		return task_read_group(task);
	}
	if (found != 0)
		return;
	if (task->operation->op == OP_RENAME_GROUP && !task->by_new_name) {
		task->by_new_name = true;
		return task_find_group(task);
	}
	no_group(task);
}

void task_find_group(struct task *task)
{
	struct span id = task_id_of(task->group, task->operation->group_id);
	struct buf target = {0};

	if (id.len)
		return task_ask_one(task, "/Groups", id, group_read);
	lookup_put_group_query(&target, task->context->dialect, group_name_of(task));
	task_ask(task, &target, group_listed);
}
