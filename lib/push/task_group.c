/* SPDX-License-Identifier: ISC */
/*
 * task_group: asks for a group, and holds one that was found, or not, against what is
 * asked for.
 */
#include "base/inert.h"
#include "push/loss.h"
#include "push/task_step.h"
#include "scim/scim_page.h"

#include <stdio.h>

static enum task_step group_absent(struct task *task)
{
	enum op op = task->operation->op;
	const char *no_such_group = "the service has no such group";
	struct fault said = task->fault;

	if (op == OP_REMOVE_GROUP || op == OP_REMOVE_MEMBER)
		return task_settle_gone(task, no_such_group);
	if ((task->state == TASK_CHECKING || task->made == TASK_CONFLICT) &&
	    task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (op == OP_PUSH_GROUP && task->made == TASK_NOT_MADE) {
		enum task_step next = task->state == TASK_AWAITING ? task_await(task) : TASK_SEND;

		if (next != TASK_SEND)
			return next;
		dialect_create_group(&task->write, task->operation->group);
		return task_change(task, task->group);
	}
	if (task->made == TASK_MADE)
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the group and does not show it");
	else if (task->made == TASK_CONFLICT)
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service says that the group is there (409) and does not show it%s%.400s",
		          *said.text ? ": " : "", said.text);
	else
		fault_set(&task->fault, FAULT_PROTOCOL, "%s", no_such_group);
	return task_settle_with(task, OUTCOME_FAILED);
}

static bool group_is_touched(struct span name, void *context)
{
	(void)context;
	return span_is_nocase(name, span_of("displayName"));
}

/* The group is as asked, but for `id`, who comes or goes. Is the rest of it as it was? */
static enum task_step group_settle_well(struct task *task, yyjson_val *group, struct span id)
{
	struct loss_members members = {0};
	struct buf lost = {0};
	struct fault fault = {0};
	yyjson_doc *doc = task->before.len ? json_parse(buf_span(&task->before), NULL, &fault) : NULL;
	yyjson_val *before = yyjson_doc_get_root(doc);
	enum task_step end;

	if (doc && loss_of_members(&members, before, group, id, &fault) < 0)
		task_stop_run(task, &fault);
	if (doc)
		loss_put(&lost, before, group, group_is_touched, NULL);
	if (members.gone)
		buf_putf(&lost, "%s%zu other member%s: %s", lost.len ? ", " : "", members.gone,
		         members.gone == 1 ? "" : "s", buf_text(&members.names));
	if (lost.len) {
		end = task_settle_damage(task, "the group", &lost);
	} else {
		if (members.come)
			snprintf(task->result->why.text, sizeof task->result->why.text,
			         "the group has %zu other new member%s", members.come,
			         members.come == 1 ? "" : "s");
		end = task_settle_well(task);
	}
	yyjson_doc_free(doc);
	buf_release(&members.names);
	buf_release(&lost);
	return end;
}

static enum task_step group_rename(struct task *task, yyjson_val *group)
{
	struct span name = {"", 0}, older = {"", 0};
	struct fault ignored = {0};
	char words[INERT_MAX + 64];
	yyjson_doc *doc;

	json_member_text(group, "displayName", &name);
	if (span_is(name, task->operation->new_group))
		return group_settle_well(task, group, span_of(""));
	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->state == TASK_CHECKING) {
		doc = json_parse(buf_span(&task->before), NULL, &ignored);
		json_member_text(yyjson_doc_get_root(doc), "displayName", &older);
		snprintf(words, sizeof words, "shows the name as '%s'", INERT(name));
		if (span_is(name, older))
			snprintf(words, sizeof words, "left the name as it was");
		yyjson_doc_free(doc);
		return task_settle_ignored(task, words);
	}
	if (task->operation->old_group.len && !task->changes && !task->result->requests.len &&
	    !span_is(name, task->operation->old_group)) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the name is '%s' now, not '%s' as in the older snapshot: compare again",
		          INERT(name), INERT(task->operation->old_group));
		return task_settle_with(task, OUTCOME_FAILED);
	}
	task_keep_before(task, group);
	dialect_rename_group(&task->write, task->context->dialect, buf_span(&task->group->id),
	                     task->operation->new_group);
	return task_change(task, NULL);
}

static enum task_step group_remove(struct task *task)
{
	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "left the group as it was");
	dialect_remove(&task->write, "/Groups", buf_span(&task->group->id));
	return task_change(task, NULL);
}

/* Did the group show its members before? Then one that shows none now has none (RFC 7643
   section 2.5). */
static bool group_showed_members(const struct task *task)
{
	struct fault ignored = {0};
	yyjson_doc *doc = task->before.len ? json_parse(buf_span(&task->before), NULL, &ignored) : NULL;
	bool showed = lookup_member(yyjson_doc_get_root(doc), buf_span(&task->user->id)) >= 0;

	yyjson_doc_free(doc);
	return showed;
}

static enum task_step group_change_member(struct task *task, yyjson_val *group)
{
	bool add = task->operation->op == OP_ADD_MEMBER;
	struct span id = buf_span(&task->user->id);
	int is_member = lookup_member(group, id);

	if (is_member < 0 && task->state == TASK_CHECKING && !add && !scim_shows(group, "members") &&
	    group_showed_members(task))
		is_member = 0;
	if (is_member == add)
		return group_settle_well(task, group, id);
	if (task->state == TASK_CHECKING && is_member < 0) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service answered %ld and does not show members, so it is not proved",
		          task->result->status);
		return task_settle_with(task, OUTCOME_FAILED);
	}
	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "left the members as they were");
	task_keep_before(task, group);
	dialect_member(&task->write, task->context->dialect, add, buf_span(&task->group->id), id,
	               task->operation->user_name);
	return task_change(task, NULL);
}

/* The group that is to be there is. */
static enum task_step group_push(struct task *task, yyjson_val *group)
{
	struct span name;

	if (!json_member_text(group, "displayName", &name) || span_is(name, task->operation->group))
		return task_settle_well(task);
	if (task->made == TASK_MADE && !span_is_nocase(name, task->operation->group)) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the group under the name '%s'",
		          INERT(name));
		return task_settle_with(task, OUTCOME_FAILED);
	}
	snprintf(task->result->why.text, sizeof task->result->why.text,
	         "the service calls the group '%s'", INERT(name));
	return task_settle_well(task);
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
	case OP_PUSH_GROUP: return group_push(task, group);
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
	return op == OP_PUSH_GROUP ? group_push(task, group) : TASK_READ_GROUP;
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
