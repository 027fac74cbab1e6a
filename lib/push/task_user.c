/* SPDX-License-Identifier: ISC */
/*
 * task_user: asks for a user, and holds one who was found, or not, against what is asked
 * for.
 */
#include "base/inert.h"
#include "push/loss.h"
#include "push/merge.h"
#include "push/names.h"
#include "push/task_step.h"
#include "scim/scim_page.h"
#include "scim/scim_user.h"

#include <stdio.h>

static const char no_such_user[] = "the service has no such user";

static bool user_wants_access(const struct operation *operation)
{
	return span_is(operation->values[SET_ACTIVE], span_of("true"));
}

static enum task_step user_create(struct task *task)
{
	const struct rules *rules = task->context->rules;

	task->user->state = SUBJECT_UNKNOWN;
	dialect_create_user(&task->write, task->context->dialect, task->operation, rules->created);
	task->result->not_sent = task->operation->set & ~rules->created & ~task->write.set;
	return task_change(task, task->user);
}

/* Is it what the operation wants, that there is no such user? */
static bool user_may_be_absent(const struct task *task)
{
	const struct operation *operation = task->operation;
	bool drops = task->context->rules->drops;

	switch (operation->op) {
	case OP_REMOVE:
	case OP_REMOVE_MEMBER: return true;
	case OP_DEACTIVATE: return drops || task->changes;
	case OP_PUSH: return drops && !user_wants_access(operation); /* gone is what inactive is */
	default: return false;
	}
}

/* Nobody was found. */
static enum task_step user_absent(struct task *task)
{
	const struct operation *operation = task->operation;
	bool comes_back =
		operation->op == OP_REACTIVATE && task->context->rules->drops && operation->user_name.len;
	struct fault said = task->fault;

	if (user_may_be_absent(task))
		return task_settle_gone(task, no_such_user);
	if ((task->state == TASK_CHECKING || task->made == TASK_CONFLICT) &&
	    task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->made == TASK_MADE) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the user and does not show it");
	} else if (task->made == TASK_CONFLICT) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service says that the user is there (409) and does not show it%s%.400s",
		          *said.text ? ": " : "", said.text);
	} else if (operation->op == OP_PUSH || comes_back) {
		enum task_step next = task->state == TASK_AWAITING ? task_await(task) : TASK_SEND;

		return next == TASK_SEND ? user_create(task) : next;
	} else {
		fault_set(&task->fault, FAULT_PROTOCOL, "%s", no_such_user);
	}
	return task_settle_with(task, OUTCOME_FAILED);
}

/* Was it for the change to touch this attribute? */
static bool user_is_touched(struct span name, void *context)
{
	unsigned sent = *(const unsigned *)context;

	if (span_is_nocase(name, span_of("name")))
		return sent & USER_NAMES;
	for (int setting = 0; setting < SETTINGS; setting++)
		if (span_is_nocase(name, span_of(user_attributes[setting])))
			return sent & 1U << setting;
	return false;
}

/* What else is different from before the first change: damage, and what is only worth a word. */
static void user_find_loss(struct task *task, yyjson_val *user, struct buf *damage,
                           struct buf *also)
{
	static const char *const identity[] = {"userName", "active", NULL};
	/* with access goes what was given with it */
	bool leaves = task->operation->op == OP_DEACTIVATE;
	struct fault ignored = {0};
	yyjson_doc *doc =
		task->before.len && task->sent ? json_parse(buf_span(&task->before), NULL, &ignored) : NULL;
	yyjson_val *before = yyjson_doc_get_root(doc);
	struct buf lost = {0}, other = {0};

	if (doc) {
		loss_put(&lost, before, user, user_is_touched, &task->sent);
		loss_put_identity(&other, before, user, identity, false, user_is_touched, &task->sent);
		if (leaves)
			loss_put_damage(also, "the user also lost", &lost, &other);
		else
			loss_put_damage(damage, "the user lost", &lost, &other);
		loss_put_others(also, before, user, identity, user_is_touched, &task->sent);
	}
	yyjson_doc_free(doc);
	buf_release(&lost);
	buf_release(&other);
}

/* Appends what became of the settings that are not as asked, and of those that are. */
static void user_put_given_up(const struct task *task, struct buf *words, yyjson_val *before,
                              yyjson_val *user)
{
	unsigned made = task->sent & ~task->given_up;
	struct buf left = {0};

	for (int setting = 0; setting < SETTINGS; setting++) {
		struct span older = SPAN_EMPTY, newer = SPAN_EMPTY;

		if (!(task->given_up & 1U << setting))
			continue;
		if (setting != SET_ACTIVE)
			lookup_shown(user, (enum setting)setting, &newer);
		if (setting != SET_ACTIVE && before)
			lookup_shown(before, (enum setting)setting, &older);
		if (span_is(older, newer) || !before)
			buf_putf(&left, "%s%s", left.len ? ", " : "", setting_names[setting]);
		else
			buf_putf(words, "%sshows %s as '%s'", words->len ? ", " : "", setting_names[setting],
			         INERT(newer));
	}
	if (left.len)
		buf_putf(words, "%sleft %s as it was", words->len ? ", and " : "", buf_text(&left));
	for (int setting = 0; setting < SETTINGS; setting++)
		if (made & 1U << setting)
			buf_putf(words, "%s%s",
			         made & ((1U << setting) - 1) ? ", " : "; changed: ", setting_names[setting]);
	buf_release(&left);
}

/* Names what the service did not take over. */
static enum task_step user_settle_given_up(struct task *task, yyjson_val *user)
{
	yyjson_doc *doc = NULL;
	struct buf words = {0}, damage = {0}, also = {0};
	struct fault ignored = {0};
	enum task_step end;

	if (task->made == TASK_MADE && task->operation->op == OP_PUSH &&
	    !(task->given_up & 1U << SET_ACTIVE)) { /* the user is there */
		task->result->ignored = task->given_up;
		return task_settle(task, OUTCOME_DONE);
	}
	if (task->given_up & 1U << SET_ACTIVE && !scim_shows(user, "active")) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service answered %ld and does not show active, so it is not proved",
		          task->result->status);
		return task_settle_with(task, OUTCOME_FAILED);
	}
	if (task->before.len)
		doc = json_parse(buf_span(&task->before), NULL, &ignored);
	user_put_given_up(task, &words, yyjson_doc_get_root(doc), user);
	user_find_loss(task, user, &damage, &also);
	if (damage.len) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service answered %ld and %.300s; and %.500s",
		          task->result->status, buf_text(&words), buf_text(&damage));
		end = task_settle_with(task, OUTCOME_FAILED);
	} else {
		end = task_settle_ignored(task, buf_text(&words));
	}
	yyjson_doc_free(doc);
	buf_release(&words);
	buf_release(&damage);
	buf_release(&also);
	return end;
}

/* The user is as asked. Is the rest of him as it was? */
static enum task_step user_settle_well(struct task *task, yyjson_val *user)
{
	struct buf damage = {0}, also = {0};
	enum task_step end;

	user_find_loss(task, user, &damage, &also);
	if (also.len)
		snprintf(task->result->why.text, sizeof task->result->why.text, "%.600s", buf_text(&also));
	end = damage.len ? task_settle_damage(task, true, &damage) : task_settle_well(task);
	buf_release(&damage);
	buf_release(&also);
	return end;
}

/* A create that was answered with somebody of another name. */
static bool user_has_name(struct task *task, yyjson_val *user)
{
	struct span name;

	if (task->made != TASK_MADE || !json_member_text(user, "userName", &name) ||
	    names_are_same(name, task->operation->user_name))
		return true;
	fault_set(&task->fault, FAULT_PROTOCOL, "the service made the user under the name '%s'",
	          INERT(name));
	task_settle_with(task, OUTCOME_FAILED);
	return false;
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

/* A change stream says what the service had. What is something else by now was changed by
   somebody who knew more. */
static bool user_has_old_values(struct task *task, unsigned differ, yyjson_val *user)
{
	const struct operation *operation = task->operation;

	for (int setting = 0; setting < SET_ACTIVE; setting++) {
		struct span shown = SPAN_EMPTY, old = operation->old[setting];

		if (!(differ & operation->old_known & 1U << setting))
			continue;
		lookup_shown(user, (enum setting)setting, &shown);
		if (setting == SET_EMAIL ? span_is_nocase(shown, old) : span_is(shown, old))
			continue;
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "%s is '%s' now, not '%s' as in the older snapshot: compare again",
		          setting_names[setting], INERT(shown), INERT(old));
		task_settle_with(task, OUTCOME_FAILED);
		return false;
	}
	return true;
}

static enum task_step user_update(struct task *task, yyjson_val *user)
{
	unsigned mask = user_settings(task);
	unsigned differ = lookup_differences(task->operation, mask, user);

	unsigned open = differ & task->write.set;

	if (!user_has_name(task, user))
		return TASK_END;
	/* access is taken from whoever was made with it */
	if (task->write.method == HTTP_POST && !user_wants_access(task->operation))
		open &= ~(1U << SET_ACTIVE);
	if (task->state == TASK_CHECKING && open) {
		if (task_look_later(task) == TASK_LOOK_AGAIN)
			return TASK_LOOK_AGAIN;
		task->given_up |= open; /* what the last change set and still differs, will not change */
	}
	differ &= ~task->given_up;
	task->result->not_sent = lookup_differences(task->operation, ~mask, user);
	if (!task->changes && !task->result->requests.len && !user_has_old_values(task, differ, user))
		return TASK_END;
	if (!task->changes && !task->result->fields.len)
		lookup_put_fields(&task->result->fields, task->operation, differ, user);
	if (!differ)
		return task->given_up ? user_settle_given_up(task, user) : user_settle_well(task, user);
	if (task->step != TASK_READ_USER && dialect_wants_whole(task->context->dialect, differ, user))
		return TASK_READ_USER; /* by its id: a list may show less of it */
	if (!task->context->apply)
		return user_plan_updates(task, differ, user);
	if (task->made == TASK_NOT_MADE)
		task_keep_before(task, user);
	dialect_update_user(&task->write, task->context->dialect, task->operation, differ,
	                    buf_span(&task->user->id), user);
	return TASK_SEND;
}

static enum task_step user_remove(struct task *task, yyjson_val *user)
{
	struct scim_user shown;

	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	scim_user_read(&shown, user);
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task,
		                           scim_user_active(&shown) == SCIM_INACTIVE
		                               ? "did not remove the user, who is there and not active"
		                               : "left the user as it was");
	dialect_remove(&task->write, "/Users", buf_span(&task->user->id));
	return task_change(task, NULL);
}

static enum task_step user_present(struct task *task, yyjson_val *user)
{
	if (task_wants_member(task)) {
		buf_clear(&task->user->groups);
		lookup_put_groups(&task->user->groups, user);
		return task_next_to_group(task);
	}
	return task->operation->op == OP_REMOVE ? user_remove(task, user) : user_update(task, user);
}

/* Is the user the one whom the change stream calls so? An id may mean somebody else at
   another service. */
static bool user_has_label(struct task *task, yyjson_val *user)
{
	const struct operation *operation = task->operation;
	static const enum setting called[] = {SET_USER_NAME, SET_DISPLAY_NAME, SET_EMAIL,
	                                      SET_EXTERNAL_ID};
	struct span shown = SPAN_EMPTY;

	if (!operation->label.len || !operation->user_id.len || task_wants_member(task) ||
	    task->changes || task->result->requests.len ||
	    span_is(operation->label, operation->user_id))
		return true;
	for (size_t i = 0; i < sizeof called / sizeof *called; i++) {
		if (names_are_same(operation->label, operation->values[called[i]]) ||
		    names_are_same(operation->label, operation->old[called[i]]) ||
		    (lookup_shown(user, called[i], &shown) && names_are_same(operation->label, shown)))
			return true;
	}
	shown = span_of("");
	lookup_shown(user, SET_USER_NAME, &shown);
	fault_set(&task->fault, FAULT_PROTOCOL,
	          "the user with this id is '%s', not '%s' as in the change stream", INERT(shown),
	          INERT(operation->label));
	task_settle_with(task, OUTCOME_FAILED);
	return false;
}

/* Where the input has both an id and a name: are they the same user's? */
static bool user_is_meant(struct task *task, yyjson_val *user)
{
	const struct operation *operation = task->operation;
	struct span name = SPAN_EMPTY;

	json_member_text(user, "userName", &name);
	if (!operation->user_id.len || !operation->user_name.len || task->changes ||
	    names_are_same(name, operation->user_name) ||
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
	if (!task_keep_found(task, task->user, reply, user, asked) || !user_is_meant(task, user) ||
	    !user_has_label(task, user))
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
	found = lookup_user(yyjson_doc_get_root(reply->doc), &task->context->lookup, task->operation,
	                    user_name_at(task, task->step), &user, &task->fault);
	if (found < 0)
		return task_settle_unknown(task);
	if (found == 0 && task->operation->set & 1U << SET_USER_NAME && task->step == TASK_FIND_USER)
		return TASK_FIND_RENAMED_USER;
	if (found && task_is_freed(task, user))
		return task->context->apply ? task_settle_not_freed(task) : user_absent(task);
	if (found == 0)
		return user_absent(task);
	return task_keep_found(task, task->user, reply, user, span_of("")) ? user_present(task, user)
	                                                                   : TASK_END;
}

static enum task_step user_ask_by_name(struct task *task, enum task_step step)
{
	struct buf target = {0};

	lookup_put_user_query(&target, task->context->dialect, &task->context->lookup, task->operation,
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
		lookup_put_user_query(&target, task->context->dialect, &task->context->lookup,
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
