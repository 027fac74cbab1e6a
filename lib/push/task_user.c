/* SPDX-License-Identifier: ISC */
/*
 * task_user: a user who was found, or not, against what is asked for.
 */
#include "base/inert.h"
#include "push/lookup.h"
#include "push/task_step.h"
#include "scim/scim_page.h"

static const char no_such_user[] = "the service has no such user";

/* Nobody was found. */
static void nobody(struct task *task)
{
	const struct rules *rules = task->context->rules;
	const struct operation *operation = task->operation;
	bool comes_back = operation->op == OP_REACTIVATE && rules->drops && operation->user_name.len;
	bool goes = operation->op == OP_REMOVE || operation->op == OP_REMOVE_MEMBER ||
	            (operation->op == OP_DEACTIVATE && (rules->drops || task->changes));

	if (goes)
		return task_settle_gone(task, no_such_user);
	if (task->created)
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the user and does not show it");
	else if (task->conflict)
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service says that the user is there (409) and does not show it");
	else if (operation->op == OP_PUSH || comes_back) {
		task->user->state = SUBJECT_UNKNOWN;
		dialect_create_user(&task->write, task->context->dialect, operation, rules->created);
		task->result->not_sent = operation->set & ~rules->created & ~task->write.set;
		if (!task_change(task))
			task_settle_planned(task, task->user);
		return;
	} else
		fault_set(&task->fault, FAULT_PROTOCOL, "%s", no_such_user);
	task_settle_with(task, OUTCOME_FAILED);
}

/* Names what the service did not take over. */
static void settle_given_up(struct task *task, yyjson_val *user)
{
	struct buf names = {0};

	if (task->created && task->operation->op == OP_PUSH) { /* the user is there */
		task->result->ignored = task->given_up;
		return task_settle(task, OUTCOME_DONE);
	}
	if (task->given_up & 1U << SET_ACTIVE && !scim_shows(user, "active")) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service answered %ld and does not show active, so it is not proved",
		          task->result->status);
		return task_settle_with(task, OUTCOME_FAILED);
	}
	for (int setting = 0; setting < SETTINGS; setting++)
		if (task->given_up & 1U << setting)
			buf_putf(&names, "%s%s", names.len ? ", " : "", setting_names[setting]);
	task_settle_ignored(task, buf_text(&names));
	buf_release(&names);
}

/* The settings that matter on a user who is there. */
static unsigned settings_for(const struct task *task)
{
	const struct rules *rules = task->context->rules;

	return task->created ? rules->created : rules->kept;
}

static void plan_updates(struct task *task, unsigned differ, yyjson_val *user)
{
	while (differ) {
		dialect_update_user(&task->write, task->context->dialect, task->operation, differ,
		                    buf_span(&task->user->id), user);
		result_add_request(task->result, &task->write, 0);
		differ &= ~task->write.set;
	}
	task_settle_planned(task, NULL);
}

static void update_user(struct task *task, yyjson_val *user)
{
	unsigned mask = settings_for(task);
	unsigned differ = lookup_differences(task->operation, mask, user);

	if (task->looking_again) /* what the last change set and still differs, will not change */
		task->given_up |= differ & task->write.set;
	differ &= ~task->given_up;
	task->result->not_sent = lookup_differences(task->operation, ~mask, user);
	if (!differ)
		return task->given_up ? settle_given_up(task, user) : task_settle_well(task);
	if (!task->is_whole && dialect_wants_whole(task->context->dialect, differ, user))
		return task_find_user(task); /* by its id: a list may show less of it */
	if (!task->context->apply)
		return plan_updates(task, differ, user);
	dialect_update_user(&task->write, task->context->dialect, task->operation, differ,
	                    buf_span(&task->user->id), user);
	task_send(task);
}

static void remove_user(struct task *task)
{
	if (task->looking_again)
		return task_settle_ignored(task, "the user");
	dialect_remove(&task->write, "/Users", buf_span(&task->user->id));
	if (!task_change(task))
		task_settle_planned(task, NULL);
}

static void have_user(struct task *task, yyjson_val *user)
{
	if (task_wants_member(task))
		task_find_group(task);
	else if (task->operation->op == OP_REMOVE)
		remove_user(task);
	else
		update_user(task, user);
}

/* Where the input has both an id and a name: are they the same user's? */
static bool is_whom_we_mean(struct task *task, yyjson_val *user)
{
	const struct operation *operation = task->operation;
	struct span name = {"", 0};

	json_member_text(user, "userName", &name);
	if (!operation->user_id.len || !operation->user_name.len || task->changes ||
	    span_is_nocase(name, operation->user_name) ||
	    span_is(name, operation->values[SET_USER_NAME]))
		return true;
	fault_set(&task->fault, FAULT_PROTOCOL, "the user with this id is '%s'", INERT(name));
	task_settle_with(task, OUTCOME_FAILED);
	return false;
}

static void user_read(struct task *task, const struct reply *reply)
{
	int found = task_take_answer(task, reply);
	yyjson_val *user = found > 0 ? yyjson_doc_get_root(reply->doc) : NULL;
	struct span asked = task_id_of(task->user, task->operation->user_id);

	if (found > 0 && task_keep_found(task, task->user, reply, user, asked) &&
	    is_whom_we_mean(task, user))
		have_user(task, user);
	else if (found == 0)
		nobody(task);
}

/* The name by which the user is looked for: the new one, where the old is gone. */
static struct span name_of(const struct task *task)
{
	return task->by_new_name ? task->operation->values[SET_USER_NAME] : task->operation->user_name;
}

static void user_listed(struct task *task, const struct reply *reply)
{
	yyjson_val *user = NULL;
	int found = task_take_answer(task, reply);

	if (found > 0) {
		found = lookup_user(yyjson_doc_get_root(reply->doc), task->context->lookup, task->operation,
		                    name_of(task), &user, &task->fault);
		if (found < 0)
			task_settle_with(task, OUTCOME_FAILED);
	}
	if (found > 0 && task_keep_found(task, task->user, reply, user, span_of("")))
		return have_user(task, user);
	if (found != 0)
		return;
	if (task->operation->set & 1U << SET_USER_NAME && !task->by_new_name) {
		task->by_new_name = true;
		return task_find_user(task);
	}
	nobody(task);
}

void task_find_user(struct task *task)
{
	struct span id = task_id_of(task->user, task->operation->user_id);
	struct buf target = {0};

	if (id.len)
		return task_ask_one(task, "/Users", id, user_read);
	lookup_put_user_query(&target, task->context->dialect, task->context->lookup, task->operation,
	                      name_of(task));
	task_ask(task, &target, user_listed);
}
