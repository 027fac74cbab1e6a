/* SPDX-License-Identifier: ISC */
/*
 * task_user: asks for a user, and holds one who was found, or not, against what is asked
 * for.
 */
#include "base/inert.h"
#include "push/lookup.h"
#include "push/task_step.h"
#include "scim/scim_page.h"

static const char no_such_user[] = "the service has no such user";

/* Nobody was found. */
static enum task_step user_absent(struct task *task)
{
	const struct rules *rules = task->context->rules;
	const struct operation *operation = task->operation;
	bool comes_back = operation->op == OP_REACTIVATE && rules->drops && operation->user_name.len;
	bool goes = operation->op == OP_REMOVE || operation->op == OP_REMOVE_MEMBER ||
	            (operation->op == OP_DEACTIVATE && (rules->drops || task->changes));

	if (goes)
		return task_settle_gone(task, no_such_user);
	if (task->made == TASK_MADE)
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the user and does not show it");
	else if (task->made == TASK_CONFLICT)
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service says that the user is there (409) and does not show it");
	else if (operation->op == OP_PUSH || comes_back) {
		task->user->state = SUBJECT_UNKNOWN;
		dialect_create_user(&task->write, task->context->dialect, operation, rules->created);
		task->result->not_sent = operation->set & ~rules->created & ~task->write.set;
		return task_change(task, task->user);
	} else
		fault_set(&task->fault, FAULT_PROTOCOL, "%s", no_such_user);
	return task_settle_with(task, OUTCOME_FAILED);
}

/* Names what the service did not take over. */
static enum task_step user_settle_given_up(struct task *task, yyjson_val *user)
{
	struct buf names = {0};
	enum task_step end;

	if (task->made == TASK_MADE && task->operation->op == OP_PUSH) { /* the user is there */
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
	end = task_settle_ignored(task, buf_text(&names));
	buf_release(&names);
	return end;
}

/* The settings that matter on a user who is there. */
static unsigned user_settings(const struct task *task)
{
	const struct rules *rules = task->context->rules;

	return task->made == TASK_MADE ? rules->created : rules->kept;
}

static enum task_step user_plan_updates(struct task *task, unsigned differ, yyjson_val *user)
{
	while (differ) {
		dialect_update_user(&task->write, task->context->dialect, task->operation, differ,
		                    buf_span(&task->user->id), user);
		result_add_request(task->result, &task->write, 0);
		differ &= ~task->write.set;
	}
	return task_settle_planned(task, NULL);
}

static enum task_step user_update(struct task *task, yyjson_val *user)
{
	unsigned mask = user_settings(task);
	unsigned differ = lookup_differences(task->operation, mask, user);

	if (task->state ==
	    TASK_CHECKING) /* what the last change set and still differs, will not change */
		task->given_up |= differ & task->write.set;
	differ &= ~task->given_up;
	task->result->not_sent = lookup_differences(task->operation, ~mask, user);
	if (!task->changes && !task->result->fields.len)
		lookup_put_fields(&task->result->fields, task->operation, differ, user);
	if (!differ)
		return task->given_up ? user_settle_given_up(task, user) : task_settle_well(task);
	if (task->step != TASK_READ_USER && dialect_wants_whole(task->context->dialect, differ, user))
		return TASK_READ_USER; /* by its id: a list may show less of it */
	if (!task->context->apply)
		return user_plan_updates(task, differ, user);
	dialect_update_user(&task->write, task->context->dialect, task->operation, differ,
	                    buf_span(&task->user->id), user);
	return TASK_SEND;
}

static enum task_step user_remove(struct task *task)
{
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "the user");
	dialect_remove(&task->write, "/Users", buf_span(&task->user->id));
	return task_change(task, NULL);
}

static enum task_step user_present(struct task *task, yyjson_val *user)
{
	if (task_wants_member(task))
		return TASK_FIND_GROUP;
	return task->operation->op == OP_REMOVE ? user_remove(task) : user_update(task, user);
}

/* Where the input has both an id and a name: are they the same user's? */
static bool user_is_meant(struct task *task, yyjson_val *user)
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

enum task_step task_take_user(struct task *task, const struct reply *reply)
{
	struct span asked = task_id_of(task->user, task->operation->user_id);
	yyjson_val *user;

	switch (task_take_answer(task, reply, true)) {
	case TASK_SHOWN: break;
	case TASK_ABSENT: return user_absent(task);
	case TASK_DOUBTFUL: return task->made == TASK_MADE ? user_absent(task) : TASK_CONFIRM_USER;
	default: return TASK_END;
	}
	user = yyjson_doc_get_root(reply->doc);
	if (!task_keep_found(task, task->user, reply, user, asked) || !user_is_meant(task, user))
		return TASK_END;
	return user_present(task, user);
}

/* The name by which the user is looked for: the new one, where the old is gone. */
static struct span user_name_at(const struct task *task, enum task_step step)
{
	return step == TASK_FIND_RENAMED_USER ? task->operation->values[SET_USER_NAME]
	                                      : task->operation->user_name;
}

enum task_step task_take_users(struct task *task, const struct reply *reply)
{
	yyjson_val *user = NULL;
	int found;

	if (task_take_answer(task, reply, false) != TASK_SHOWN)
		return TASK_END;
	found = lookup_user(yyjson_doc_get_root(reply->doc), task->context->lookup, task->operation,
	                    user_name_at(task, task->step), &user, &task->fault);
	if (found < 0)
		return task_settle_unknown(task);
	if (found == 0 && task->operation->set & 1U << SET_USER_NAME && task->step == TASK_FIND_USER)
		return TASK_FIND_RENAMED_USER;
	if (found == 0)
		return user_absent(task);
	return task_keep_found(task, task->user, reply, user, span_of("")) ? user_present(task, user)
	                                                                   : TASK_END;
}

static enum task_step user_ask_by_name(struct task *task, enum task_step step)
{
	struct buf target = {0};

	lookup_put_user_query(&target, task->context->dialect, task->context->lookup, task->operation,
	                      user_name_at(task, step));
	return task_ask(task, &target, step);
}

enum task_step task_ask_renamed_user(struct task *task)
{
	return user_ask_by_name(task, TASK_FIND_RENAMED_USER);
}

enum task_step task_ask_user(struct task *task)
{
	struct span id = task_id_of(task->user, task->operation->user_id);

	return id.len ? task_ask_one(task, "/Users", id, TASK_READ_USER)
	              : user_ask_by_name(task, TASK_FIND_USER);
}

/* A list of whoever is called absent in other words than SCIM's, by name where one is known. */
enum task_step task_ask_user_list(struct task *task)
{
	struct span id = task_id_of(task->user, task->operation->user_id);
	struct span name = task->operation->user_name;
	struct buf target = {0};

	if (!name.len)
		name = buf_span(&task->user->name);
	if (name.len)
		lookup_put_user_query(&target, task->context->dialect, task->context->lookup,
		                      task->operation, name);
	else
		lookup_put_id_query(&target, "/Users", id);
	return task_ask(task, &target, TASK_CONFIRM_USER);
}

enum task_step task_confirm_user(struct task *task, const struct reply *reply)
{
	struct span id = task_id_of(task->user, task->operation->user_id);

	return task_take_confirmation(task, reply, id) == 0 ? user_absent(task) : TASK_END;
}
