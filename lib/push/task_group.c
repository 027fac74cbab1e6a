/* SPDX-License-Identifier: ISC */
/*
 * task_group: asks for a group, and holds one that was found, or not, against what is
 * asked for.
 */
#include "push/lookup.h"
#include "push/task_step.h"

#include <stdio.h>

static enum task_step group_absent(struct task *task)
{
	enum op op = task->operation->op;
	const char *why = "the service has no such group";

	if (op == OP_REMOVE_GROUP || op == OP_REMOVE_MEMBER)
		return task_settle_gone(task, why);
	if (op == OP_PUSH_GROUP && task->made == TASK_NOT_MADE) {
		dialect_create_group(&task->write, task->operation->group);
		return task_change(task, task->group);
	}
	if (task->made == TASK_MADE)
		why = "the service made the group and does not show it";
	else if (task->made == TASK_CONFLICT)
		why = "the service says that the group is there (409) and does not show it";
	fault_set(&task->fault, FAULT_PROTOCOL, "%s", why);
	return task_settle_with(task, OUTCOME_FAILED);
}

static enum task_step group_rename(struct task *task, yyjson_val *group)
{
	struct span name = {"", 0};

	json_member_text(group, "displayName", &name);
	if (span_is(name, task->operation->new_group))
		return task_settle_well(task);
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "the name");
	dialect_rename_group(&task->write, task->context->dialect, buf_span(&task->group->id),
	                     task->operation->new_group);
	return task_change(task, NULL);
}

static enum task_step group_remove(struct task *task)
{
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "the group");
	dialect_remove(&task->write, "/Groups", buf_span(&task->group->id));
	return task_change(task, NULL);
}

static enum task_step group_change_member(struct task *task, yyjson_val *group)
{
	bool add = task->operation->op == OP_ADD_MEMBER;
	int is_member = lookup_member(group, buf_span(&task->user->id));

	if (is_member == add)
		return task_settle_well(task);
	if (task->state == TASK_CHECKING && is_member < 0) { /* absent is none, RFC 7643 section 2.5 */
		if (add)
			snprintf(task->result->why.text, sizeof task->result->why.text,
			         "the service does not show members, so it is not proved");
		return task_settle_well(task);
	}
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "the members");
	dialect_member(&task->write, task->context->dialect, add, buf_span(&task->group->id),
	               buf_span(&task->user->id), task->operation->user_name);
	return task_change(task, NULL);
}

enum task_step task_take_group(struct task *task, const struct reply *reply)
{
	struct span asked = task_id_of(task->group, task->operation->group_id);
	yyjson_val *group;

	switch (task_take_answer(task, reply, true)) {
	case TASK_SHOWN: break;
	case TASK_ABSENT: return group_absent(task);
	case TASK_DOUBTFUL: return task->made == TASK_MADE ? group_absent(task) : TASK_CONFIRM_GROUP;
	default: return TASK_END;
	}
	group = yyjson_doc_get_root(reply->doc);
	if (!task_keep_found(task, task->group, reply, group, asked))
		return TASK_END;
	switch (task->operation->op) {
	case OP_PUSH_GROUP: return task_settle_well(task);
	case OP_RENAME_GROUP: return group_rename(task, group);
	case OP_REMOVE_GROUP: return group_remove(task);
	default: return group_change_member(task, group);
	}
}

static struct span group_name_at(const struct task *task, enum task_step step)
{
	return step == TASK_FIND_RENAMED_GROUP ? task->operation->new_group : task->operation->group;
}

enum task_step task_take_groups(struct task *task, const struct reply *reply)
{
	enum op op = task->operation->op;
	yyjson_val *group = NULL;
	int found;

	if (task_take_answer(task, reply, false) != TASK_SHOWN)
		return TASK_END;
	found = lookup_group(yyjson_doc_get_root(reply->doc), group_name_at(task, task->step), &group,
	                     &task->fault);
	if (found < 0)
		return task_settle_unknown(task);
	if (found == 0 && op == OP_RENAME_GROUP && task->step == TASK_FIND_GROUP)
		return TASK_FIND_RENAMED_GROUP;
	if (found == 0)
		return group_absent(task);
	if (!task_keep_found(task, task->group, reply, group, span_of("")))
		return TASK_END;
	return op == OP_PUSH_GROUP ? task_settle_well(task) : TASK_READ_GROUP;
}

static enum task_step group_ask_by_name(struct task *task, enum task_step step)
{
	struct buf target = {0};

	lookup_put_group_query(&target, task->context->dialect, group_name_at(task, step));
	return task_ask(task, &target, step);
}

enum task_step task_ask_renamed_group(struct task *task)
{
	return group_ask_by_name(task, TASK_FIND_RENAMED_GROUP);
}

enum task_step task_ask_group(struct task *task)
{
	struct span id = task_id_of(task->group, task->operation->group_id);

	return id.len ? task_ask_one(task, "/Groups", id, TASK_READ_GROUP)
	              : group_ask_by_name(task, TASK_FIND_GROUP);
}

enum task_step task_ask_group_list(struct task *task)
{
	struct span id = task_id_of(task->group, task->operation->group_id);
	struct span name = task->operation->group;
	struct buf target = {0};

	if (!name.len)
		name = buf_span(&task->group->name);
	if (name.len)
		lookup_put_group_query(&target, task->context->dialect, name);
	else
		lookup_put_id_query(&target, "/Groups", id);
	return task_ask(task, &target, TASK_CONFIRM_GROUP);
}

enum task_step task_confirm_group(struct task *task, const struct reply *reply)
{
	struct span id = task_id_of(task->group, task->operation->group_id);

	return task_take_confirmation(task, reply, id) == 0 ? group_absent(task) : TASK_END;
}
