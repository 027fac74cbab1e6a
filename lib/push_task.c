/* SPDX-License-Identifier: ISC */
/*
 * push_task: each step takes one answer and asks the next question. Steps end in
 * `settle` or in a request with the step that takes its answer.
 */
#include "push_task.h"

#include "inert.h"
#include "push_find.h"
#include "scim_page.h"

#include <stdio.h>

static void find_user_again(struct task *task);
static void find_group_again(struct task *task);
static void have_group_id(struct task *task);

/* ---- ends ---- */

static void stop_everything(struct task *task, const struct fault *fault)
{
	if (task->context->fatal.kind == FAULT_NONE)
		task->context->fatal = *fault;
}

static void settle(struct task *task, enum outcome outcome)
{
	struct result *result = task->result;
	const struct subject *subject =
		task->group && !task->operation->user_name.len && !task->operation->user_id.len
			? task->group
			: task->user;
	bool makes = task->operation->op == OP_PUSH || task->operation->op == OP_PUSH_GROUP;

	result->outcome = outcome;
	if (subject && subject->state == SUBJECT_KNOWN)
		buf_put_span(&result->id, buf_span(&subject->id));
	if (!makes)
		return;
	if (outcome == OUTCOME_REFUSED || outcome == OUTCOME_FAILED || outcome == OUTCOME_SKIPPED)
		(task->user ? task->user : task->group)->state = SUBJECT_BROKEN;
}

/* With the reason in task->fault. */
static void settle_with(struct task *task, enum outcome outcome)
{
	task->result->why = task->fault;
	settle(task, outcome);
}

void task_skip(struct task *task, const struct fault *why)
{
	task->fault = *why;
	settle_with(task, OUTCOME_SKIPPED);
}

void task_release(struct task *task)
{
	if (task->request)
		http_drop(task->context->fetch->http, task->request);
	task->request = NULL;
	write_release(&task->write);
	buf_release(&task->version);
	buf_release(&task->refused_version);
}

/* The service has said no. */
static void settle_refused_by(struct task *task, const struct reply *reply)
{
	const struct fetch *fetch = task->context->fetch;
	bool redirect = reply->status >= 300 && reply->status < 400;
	char text[DESCRIPTION_MAX];

	if (redirect || reply->status == 401) {
		fetch_unwanted(fetch, reply, &task->fault);
	} else {
		reply_describe(reply, &fetch->token, text);
		fault_set(&task->fault, FAULT_REFUSED, "HTTP %.600s", text);
	}
	if (reply->status == 401)
		task->context->stop = task->fault;
	settle_with(task, redirect ? OUTCOME_FAILED : OUTCOME_REFUSED);
}

/* ---- questions ---- */

/* Asks `target` (released here) and goes on with `then`. */
static void ask(struct task *task, struct buf *target,
                void (*then)(struct task *task, const struct reply *reply))
{
	struct http *http = task->context->fetch->http;

	task->then = then;
	if (buf_check(target, &task->fault) == 0)
		task->request = http_ask(http, buf_text(target), NULL, &task->fault);
	if (task->request && task->pause_ms)
		http_delay(task->request, task->pause_ms);
	if (!task->request)
		stop_everything(task, &task->fault);
	task->pause_ms = 0;
	buf_release(target);
}

static void ask_one(struct task *task, const char *path, struct span id,
                    void (*then)(struct task *task, const struct reply *reply))
{
	struct buf target = {0};

	buf_putf(&target, "%s/", path);
	url_put_encoded(&target, id);
	ask(task, &target, then);
}

/* A question failed for good. */
static void settle_unanswered(struct task *task)
{
	if (task->fault.kind == FAULT_UNREACHABLE || http_expired(task->context->fetch->http))
		task->context->stop = task->fault;
	if (task->fault.kind == FAULT_INTERNAL)
		stop_everything(task, &task->fault);
	settle_with(task, OUTCOME_FAILED);
}

/* What a question came to: 1 a document, 0 not there, -1 settled. */
static int take_answer(struct task *task, const struct reply *reply)
{
	if (reply && !task->changes)
		task->result->status = reply->status;
	if (!reply) {
		settle_unanswered(task);
	} else if (reply->status == 200 && reply->doc) {
		return 1;
	} else if (reply->status == 404 &&
	           (task->changes || yyjson_is_obj(yyjson_doc_get_root(reply->doc)))) {
		return 0; /* in SCIM's words, or of what has just been there */
	} else {
		fetch_unwanted(task->context->fetch, reply, &task->fault);
		if (reply->status == 401)
			task->context->stop = task->fault;
		settle_with(task, OUTCOME_FAILED);
	}
	return -1;
}

/* Keeps the id and the version of what was found. */
static bool keep_found(struct task *task, struct subject *subject, const struct reply *reply,
                       yyjson_val *resource, bool is_whole)
{
	struct span id, version = {"", 0};

	if (!scim_id(resource, &id)) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service shows it without an id");
		settle_with(task, OUTCOME_FAILED);
		return false;
	}
	if (subject->state == SUBJECT_KNOWN && is_whole && !span_is(id, buf_span(&subject->id))) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service shows '%s' instead", INERT(id));
		settle_with(task, OUTCOME_FAILED);
		return false;
	}
	subject->state = SUBJECT_KNOWN;
	buf_clear(&subject->id);
	buf_put_span(&subject->id, id);
	task->is_whole = is_whole;
	buf_clear(&task->version);
	if (is_whole && *reply->etag)
		version = span_of(reply->etag);
	else
		json_member_text(json_member(resource, "meta"), "version", &version);
	for (size_t i = 0; i < version.len; i++)
		if (version.data[i] < ' ' || version.data[i] > '~')
			version.len = 0;
	buf_put_span(&task->version, version);
	return true;
}

/* ---- changes ---- */

static void written(struct task *task, const struct reply *reply);

/* Looks at the user or group of the operation once more. */
static void look_again(struct task *task)
{
	if (task->operation->op == OP_ADD_MEMBER || task->operation->op == OP_REMOVE_MEMBER)
		have_group_id(task);
	else if (task->user)
		find_user_again(task);
	else
		find_group_again(task);
}

static void send_write(struct task *task)
{
	struct push_context *context = task->context;
	struct write *write = &task->write;
	struct span version = buf_span(&task->version);

	if (buf_check(&write->target, &task->fault) < 0 || buf_check(&write->body, &task->fault) < 0 ||
	    journal_write(context->journal, task->key, http_method_names[write->method],
	                  buf_span(&write->target), &task->fault) < 0)
		return stop_everything(task, &task->fault);
	/* a service that refuses a version twice can not compare its own */
	if (write->method == HTTP_POST ||
	    (task->version_refusals > 1 && span_is(version, buf_span(&task->refused_version))))
		version.len = 0;
	task->looking_again = false;
	task->changes++;
	task->then = written;
	task->request =
		http_write(context->fetch->http, write->method, buf_text(&write->target),
	               write->body.len ? buf_text(&write->body) : NULL, version, &task->fault);
	if (!task->request)
		stop_everything(task, &task->fault);
}

/* Sends the change in task->write, or says that it would be. True: it is sent. */
static bool change(struct task *task)
{
	if (task->context->apply) {
		send_write(task);
		return true;
	}
	result_add_request(task->result, &task->write, 0);
	return false;
}

/* It may have happened or not: looks, and sends it again where it did not. */
static void try_again(struct task *task, long status, int64_t retry_after_s)
{
	const struct fetch *fetch = task->context->fetch;
	int64_t pause_ms;

	task->patience.tries++;
	pause_ms = http_pause_ms(fetch->http, &task->patience, status, retry_after_s, &task->fault);
	if (pause_ms < 0)
		return settle_unanswered(task);
	fetch_say(fetch, NOTE_PROGRESS, "%.300s: looking whether it happened, in %.1f s",
	          task->fault.text, (double)pause_ms / 1000);
	task->pause_ms = pause_ms;
	look_again(task);
}

/* The id of what was made, so that it is looked at by id. */
static void take_new_id(struct task *task, const struct reply *reply)
{
	struct subject *subject = task->user ? task->user : task->group;
	struct span id;

	task->created = true;
	if (!scim_id(yyjson_doc_get_root(reply->doc), &id))
		return; /* then by name */
	subject->state = SUBJECT_KNOWN;
	buf_clear(&subject->id);
	buf_put_span(&subject->id, id);
}

static void written(struct task *task, const struct reply *reply)
{
	struct push_context *context = task->context;
	long status = reply ? reply->status : request_status(task->request);
	int64_t retry_after_s = request_retry_after_s(task->request);
	struct fault fault = {0};

	task->result->status = status;
	result_add_request(task->result, &task->write, status);
	if (journal_wrote(context->journal, task->key, status, &fault) < 0)
		return stop_everything(task, &fault);
	if (!reply)
		return try_again(task, status, retry_after_s);
	if (status >= 200 && status < 300) {
		if (task->write.method == HTTP_POST)
			take_new_id(task, reply);
		task->looking_again = true;
		return look_again(task);
	}
	task->changes--; /* the service says that it did nothing */
	if (status == 409 && task->write.method == HTTP_POST && !task->conflict) {
		task->conflict = true; /* it is there after all: link */
		return look_again(task);
	}
	if (status == 412) { /* somebody else was there in between, or its own versions are no match */
		fault_set(&task->fault, FAULT_TRY_LATER, "HTTP 412: it was changed in between");
		if (!span_is(buf_span(&task->version), buf_span(&task->refused_version)))
			task->version_refusals = 0;
		task->version_refusals++;
		buf_clear(&task->refused_version);
		buf_put_span(&task->refused_version, buf_span(&task->version));
		return try_again(task, status, 0);
	}
	if (status == 404 && task->write.method != HTTP_POST && !task->missed) {
		task->missed = true;
		return look_again(task); /* gone in between? */
	}
	settle_refused_by(task, reply);
}

/* ---- what was found, against what is asked for ---- */

/* The service answered well and nothing changed. */
static void settle_ignored(struct task *task, const char *what)
{
	fault_set(&task->fault, FAULT_REFUSED, "the service answered %ld and left %s as it was",
	          task->result->status, what);
	settle_with(task, OUTCOME_REFUSED);
}

static void settle_as_it_should_be(struct task *task)
{
	settle(task, task->changes ? OUTCOME_DONE : OUTCOME_ALREADY);
}

static void settle_planned(struct task *task, struct subject *made)
{
	if (made)
		made->state = SUBJECT_PLANNED;
	settle(task, OUTCOME_PLANNED);
}

static void nobody(struct task *task)
{
	const struct push_rules *rules = task->context->rules;
	const struct operation *operation = task->operation;
	bool comes_back = operation->op == OP_REACTIVATE && rules->drops && operation->user_name.len;
	bool goes = operation->op == OP_REMOVE ||
	            (operation->op == OP_DEACTIVATE && (rules->drops || task->changes));

	if (goes)
		return settle_as_it_should_be(task);
	if (task->created)
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the user and does not show it");
	else if (task->conflict)
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service says that the user is there (409) and does not show it");
	else if (operation->op == OP_PUSH || comes_back) {
		task->user->state = SUBJECT_UNKNOWN;
		dialect_create_user(&task->write, task->context->dialect, operation, rules->created);
		task->result->not_sent = operation->set & ~rules->created & ~task->write.set;
		if (!change(task))
			settle_planned(task, task->user);
		return;
	} else
		fault_set(&task->fault, FAULT_PROTOCOL, "the service has no such user");
	settle_with(task, OUTCOME_FAILED);
}

/* Names what the service did not take over. */
static void settle_given_up(struct task *task)
{
	struct buf names = {0};

	if (task->created && task->operation->op == OP_PUSH) { /* the user is there */
		task->result->ignored = task->given_up;
		return settle(task, OUTCOME_DONE);
	}
	for (int setting = 0; setting < SETTINGS; setting++)
		if (task->given_up & 1U << setting)
			buf_putf(&names, "%s%s", names.len ? ", " : "", setting_names[setting]);
	settle_ignored(task, buf_text(&names));
	buf_release(&names);
}

/* The settings that matter on a user who is there. */
static unsigned settings_for(const struct task *task)
{
	const struct push_rules *rules = task->context->rules;

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
	settle_planned(task, NULL);
}

static void update_user(struct task *task, yyjson_val *user)
{
	unsigned mask = settings_for(task);
	unsigned differ = find_differences(task->operation, mask, user);

	if (task->looking_again) /* what the last change set and still differs, will not change */
		task->given_up |= differ & task->write.set;
	differ &= ~task->given_up;
	task->result->not_sent = find_differences(task->operation, ~mask, user);
	if (!differ)
		return task->given_up ? settle_given_up(task) : settle_as_it_should_be(task);
	if (dialect_puts(task->context->dialect, differ) && !task->is_whole)
		return find_user_again(task); /* by its id: a list may show less of it */
	if (!task->context->apply)
		return plan_updates(task, differ, user);
	dialect_update_user(&task->write, task->context->dialect, task->operation, differ,
	                    buf_span(&task->user->id), user);
	send_write(task);
}

static void remove_user(struct task *task)
{
	if (task->looking_again)
		return settle_ignored(task, "the user");
	dialect_remove(&task->write, "/Users", buf_span(&task->user->id));
	if (!change(task))
		settle_planned(task, NULL);
}

/* ---- users ---- */

static bool wants_member(const struct task *task)
{
	return task->operation->op == OP_ADD_MEMBER || task->operation->op == OP_REMOVE_MEMBER;
}

static void have_user(struct task *task, yyjson_val *user)
{
	if (wants_member(task))
		find_group_again(task);
	else if (task->operation->op == OP_REMOVE)
		remove_user(task);
	else
		update_user(task, user);
}

/* A member who is not there: nobody to add, and nobody to take out. */
static void have_no_user(struct task *task)
{
	if (task->operation->op == OP_REMOVE_MEMBER)
		return settle_as_it_should_be(task);
	if (!wants_member(task))
		return nobody(task);
	fault_set(&task->fault, FAULT_PROTOCOL, "the service has no such user");
	settle_with(task, OUTCOME_FAILED);
}

static void user_read(struct task *task, const struct reply *reply)
{
	int found = take_answer(task, reply);
	yyjson_val *user = found > 0 ? yyjson_doc_get_root(reply->doc) : NULL;

	if (found > 0 && keep_found(task, task->user, reply, user, true))
		have_user(task, user);
	else if (found == 0)
		have_no_user(task);
}

/* The name by which the user is looked for: the new one, where the old is gone. */
static struct span name_of(const struct task *task)
{
	return task->by_new_name ? task->operation->values[SET_USER_NAME] : task->operation->user_name;
}

static void user_listed(struct task *task, const struct reply *reply)
{
	yyjson_val *user = NULL;
	int found = take_answer(task, reply);

	if (found > 0) {
		found = find_user(yyjson_doc_get_root(reply->doc), task->context->lookup, task->operation,
		                  name_of(task), &user, &task->fault);
		if (found < 0)
			settle_with(task, OUTCOME_FAILED);
	}
	if (found > 0 && keep_found(task, task->user, reply, user, false))
		return have_user(task, user);
	if (found != 0)
		return;
	if (task->operation->set & 1U << SET_USER_NAME && !task->by_new_name) {
		task->by_new_name = true;
		return find_user_again(task);
	}
	have_no_user(task);
}

static void find_user_again(struct task *task)
{
	struct span id = task->operation->user_id;
	struct buf target = {0};

	if (task->user->state == SUBJECT_KNOWN)
		id = buf_span(&task->user->id);
	if (id.len)
		return ask_one(task, "/Users", id, user_read);
	find_put_user_query(&target, task->context->dialect, task->context->lookup, task->operation,
	                    name_of(task));
	ask(task, &target, user_listed);
}

/* ---- groups ---- */

static void no_group(struct task *task)
{
	enum op op = task->operation->op;

	if (op == OP_REMOVE_GROUP || op == OP_REMOVE_MEMBER)
		return settle_as_it_should_be(task);
	if (op == OP_PUSH_GROUP && !task->created && !task->conflict) {
		dialect_create_group(&task->write, task->operation->group);
		if (!change(task))
			settle_planned(task, task->group);
		return;
	}
	fault_set(&task->fault, FAULT_PROTOCOL,
	          task->created ? "the service made the group and does not show it"
	                        : "the service has no such group");
	settle_with(task, OUTCOME_FAILED);
}

static void rename_group(struct task *task, yyjson_val *group)
{
	struct span name = {"", 0};

	json_member_text(group, "displayName", &name);
	if (span_is(name, task->operation->new_group))
		return settle_as_it_should_be(task);
	if (task->looking_again)
		return settle_ignored(task, "the name");
	dialect_rename_group(&task->write, task->context->dialect, buf_span(&task->group->id),
	                     task->operation->new_group);
	if (!change(task))
		settle_planned(task, NULL);
}

static void remove_group(struct task *task)
{
	if (task->looking_again)
		return settle_ignored(task, "the group");
	dialect_remove(&task->write, "/Groups", buf_span(&task->group->id));
	if (!change(task))
		settle_planned(task, NULL);
}

static void change_member(struct task *task, yyjson_val *group)
{
	bool add = task->operation->op == OP_ADD_MEMBER;
	int is_member = find_member(group, buf_span(&task->user->id));

	if (is_member == add || (task->looking_again && is_member < 0))
		return settle_as_it_should_be(task);
	if (task->looking_again)
		return settle_ignored(task, "the members");
	dialect_member(&task->write, task->context->dialect, add, buf_span(&task->group->id),
	               buf_span(&task->user->id), task->operation->user_name);
	if (!change(task))
		settle_planned(task, NULL);
}

static void group_read(struct task *task, const struct reply *reply)
{
	int found = take_answer(task, reply);
	yyjson_val *group = found > 0 ? yyjson_doc_get_root(reply->doc) : NULL;

	if (found == 0)
		return no_group(task);
	if (found < 0 || !keep_found(task, task->group, reply, group, true))
		return;
	switch (task->operation->op) {
	case OP_PUSH_GROUP: return settle_as_it_should_be(task);
	case OP_RENAME_GROUP: return rename_group(task, group);
	case OP_REMOVE_GROUP: return remove_group(task);
	default: return change_member(task, group);
	}
}

static void have_group_id(struct task *task)
{
	ask_one(task, "/Groups", buf_span(&task->group->id), group_read);
}

static struct span group_name_of(const struct task *task)
{
	return task->by_new_name ? task->operation->new_group : task->operation->group;
}

static void group_listed(struct task *task, const struct reply *reply)
{
	yyjson_val *group = NULL;
	int found = take_answer(task, reply);

	if (found > 0) {
		found =
			find_group(yyjson_doc_get_root(reply->doc), group_name_of(task), &group, &task->fault);
		if (found < 0)
			settle_with(task, OUTCOME_FAILED);
	}
	if (found > 0 && keep_found(task, task->group, reply, group, false)) {
		if (task->operation->op == OP_PUSH_GROUP)
			return settle_as_it_should_be(task);
		return have_group_id(task);
	}
	if (found != 0)
		return;
	if (task->operation->op == OP_RENAME_GROUP && !task->by_new_name) {
		task->by_new_name = true;
		return find_group_again(task);
	}
	no_group(task);
}

static void find_group_again(struct task *task)
{
	struct span id = task->operation->group_id;
	struct buf target = {0};

	if (task->group->state == SUBJECT_KNOWN)
		id = buf_span(&task->group->id);
	if (id.len)
		return ask_one(task, "/Groups", id, group_read);
	find_put_group_query(&target, task->context->dialect, group_name_of(task));
	ask(task, &target, group_listed);
}

/* ---- the whole ---- */

/* Is the user or group one that an earlier operation should have made? */
static bool is_settled_before(struct task *task)
{
	const struct subject *subjects[] = {task->user, task->group};
	bool planned = false;

	for (size_t i = 0; i < 2; i++) {
		if (subjects[i] && subjects[i]->state == SUBJECT_BROKEN) {
			fault_set(&task->fault, FAULT_DATA, "an earlier operation on it did not succeed");
			settle_with(task, OUTCOME_SKIPPED);
			return true;
		}
		planned |= subjects[i] && subjects[i]->state == SUBJECT_PLANNED;
	}
	if (planned) {
		snprintf(task->result->why.text, sizeof task->result->why.text,
		         "after what it needs has been made");
		settle(task, OUTCOME_PLANNED);
	}
	return planned;
}

void task_begin(struct task *task)
{
	const struct operation *operation = task->operation;
	const char *why =
		push_rules_refusal(task->context->rules, operation, task->context->allow_removal);

	if (journal_begun(task->context->journal, task->key))
		task->changes = 1; /* an earlier run sent something: what is so now is its work */
	if (why) {
		fault_set(&task->fault, FAULT_REFUSED, "%s", why);
		return settle_with(task, OUTCOME_REFUSED);
	}
	if (operation->refusal.len) {
		fault_set(&task->fault, FAULT_REFUSED, "%.*s", (int)operation->refusal.len,
		          operation->refusal.data);
		return settle_with(task, operation->skipped ? OUTCOME_SKIPPED : OUTCOME_REFUSED);
	}
	if (is_settled_before(task))
		return;
	if (!task->user)
		find_group_again(task);
	else if (wants_member(task) && task->user->state == SUBJECT_KNOWN)
		find_group_again(task);
	else
		find_user_again(task);
}

void task_advance(struct task *task)
{
	struct http *http = task->context->fetch->http;
	struct request *request = task->request;
	const struct reply *reply = http_wait(http, request, &task->fault);

	task->then(task, reply);
	if (task->request == request)
		task->request = NULL;
	http_drop(http, request);
}
