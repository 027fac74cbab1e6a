/* SPDX-License-Identifier: ISC */
/*
 * task: what comes before and after the steps on a user or group: questions,
 * changes, and the ends.
 */
#include "push/task_step.h"

#include "base/inert.h"
#include "scim/scim_page.h"

#include <stdio.h>

/* ---- ends ---- */

static void stop_everything(struct task *task, const struct fault *fault)
{
	if (task->context->fatal.kind == FAULT_NONE)
		task->context->fatal = *fault;
}

void task_settle(struct task *task, enum outcome outcome)
{
	const struct operation *operation = task->operation;
	struct result *result = task->result;
	bool about_user = operation->user_name.len || operation->user_id.len;
	struct subject *subject = about_user ? task->user : task->group;
	bool makes = operation->op == OP_PUSH || operation->op == OP_PUSH_GROUP;
	bool broken =
		outcome == OUTCOME_REFUSED || outcome == OUTCOME_FAILED || outcome == OUTCOME_SKIPPED;

	result->outcome = outcome;
	if (subject && subject->state == SUBJECT_KNOWN)
		buf_put_span(&result->id, buf_span(&subject->id));
	if (subject && makes && broken)
		subject->state = SUBJECT_BROKEN;
}

void task_settle_with(struct task *task, enum outcome outcome)
{
	task->result->why = task->fault;
	task_settle(task, outcome);
}

void task_settle_gone(struct task *task, const char *why)
{
	struct result *result = task->result;

	snprintf(result->why.text, sizeof result->why.text, "%s", task->changes ? "" : why);
	task_settle_well(task);
}

void task_settle_ignored(struct task *task, const char *what)
{
	fault_set(&task->fault, FAULT_REFUSED, "the service answered %ld and left %s as it was",
	          task->result->status, what);
	task_settle_with(task, OUTCOME_REFUSED);
}

void task_settle_well(struct task *task)
{
	task_settle(task, task->changes ? OUTCOME_DONE : OUTCOME_ALREADY);
}

void task_settle_planned(struct task *task, struct subject *made)
{
	if (made)
		made->state = SUBJECT_PLANNED;
	task_settle(task, OUTCOME_PLANNED);
}

void task_skip(struct task *task, const struct fault *why)
{
	task->fault = *why;
	task_settle_with(task, OUTCOME_SKIPPED);
}

void task_release(struct task *task)
{
	if (task->request)
		http_drop(task->context->service->http, task->request);
	task->request = NULL;
	write_release(&task->write);
	buf_release(&task->version);
	buf_release(&task->refused_version);
}

/* The service has said no. */
static void settle_refused_by(struct task *task, const struct reply *reply)
{
	const struct service *service = task->context->service;
	bool redirect = reply->status >= 300 && reply->status < 400;
	char text[DESCRIPTION_MAX];

	if (redirect || reply->status == 401) {
		service_unwanted(service, reply, &task->fault);
	} else {
		reply_describe(reply, &service->token, text);
		fault_set(&task->fault, FAULT_REFUSED, "HTTP %.600s", text);
	}
	if (reply->status == 401)
		task->context->stop = task->fault;
	task_settle_with(task, redirect ? OUTCOME_FAILED : OUTCOME_REFUSED);
}

/* ---- questions ---- */

void task_ask(struct task *task, struct buf *target, task_step *then)
{
	struct http *http = task->context->service->http;

	task->then = then;
	task->request = NULL; /* the one before is task_advance's */
	if (buf_check(target, &task->fault) == 0)
		task->request = http_ask(http, buf_text(target), NULL, &task->fault);
	if (task->request && task->pause_ms)
		http_delay(task->request, task->pause_ms);
	if (!task->request)
		stop_everything(task, &task->fault);
	task->pause_ms = 0;
	buf_release(target);
}

/* An id that names another place in a path is an attack, or soon an accident. */
static bool can_stand_in_path(struct span id)
{
	return id.len && !span_is(id, span_of(".")) && !span_is(id, span_of(".."));
}

static void settle_unusable(struct task *task, struct span id)
{
	fault_set(&task->fault, FAULT_PROTOCOL, "the id '%s' can not stand in a path", INERT(id));
	task_settle_with(task, OUTCOME_FAILED);
}

void task_ask_one(struct task *task, const char *path, struct span id, task_step *then)
{
	struct buf target = {0};

	if (!can_stand_in_path(id))
		return settle_unusable(task, id);
	buf_putf(&target, "%s/", path);
	url_put_encoded(&target, id);
	task_ask(task, &target, then);
}

/* A question, or the last try of a change, failed for good. */
static void settle_unanswered(struct task *task)
{
	if (task->fault.kind == FAULT_UNREACHABLE || http_expired(task->context->service->http))
		task->context->stop = task->fault;
	if (task->fault.kind == FAULT_INTERNAL)
		stop_everything(task, &task->fault);
	task_settle_with(task, OUTCOME_FAILED);
}

int task_take_answer(struct task *task, const struct reply *reply)
{
	if (reply && !task->changes)
		task->result->status = reply->status;
	if (!reply) {
		if (task->changes)
			fault_hint(&task->fault, "; whether the last change happened is not known");
		settle_unanswered(task);
	} else if (reply->status == 200 && yyjson_is_obj(yyjson_doc_get_root(reply->doc))) {
		return 1;
	} else if (reply->status == 404 &&
	           (task->changes || yyjson_is_obj(yyjson_doc_get_root(reply->doc)))) {
		return 0; /* in SCIM's words, or of what has just been there */
	} else {
		service_unwanted(task->context->service, reply, &task->fault);
		if (reply->status == 401)
			task->context->stop = task->fault;
		task_settle_with(task, OUTCOME_FAILED);
	}
	return -1;
}

static void know(struct subject *subject, struct span id)
{
	subject->state = SUBJECT_KNOWN;
	buf_clear(&subject->id);
	buf_put_span(&subject->id, id);
}

bool task_keep_found(struct task *task, struct subject *subject, const struct reply *reply,
                     yyjson_val *resource, struct span asked)
{
	struct span id, version = {"", 0};

	if (!scim_id(resource, &id)) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service shows it without an id");
		task_settle_with(task, OUTCOME_FAILED);
		return false;
	}
	if (asked.len && !span_is(id, asked)) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service shows '%s' instead", INERT(id));
		task_settle_with(task, OUTCOME_FAILED);
		return false;
	}
	if (!can_stand_in_path(id)) {
		settle_unusable(task, id);
		return false;
	}
	task->is_whole = asked.len > 0;
	know(subject, id);
	buf_clear(&task->version);
	if (task->is_whole && *reply->etag)
		version = span_of(reply->etag);
	else
		json_member_text(json_member(resource, "meta"), "version", &version);
	for (size_t i = 0; i < version.len; i++)
		if (version.data[i] < ' ' || version.data[i] > '~')
			version.len = 0;
	buf_put_span(&task->version, version);
	if (buf_check(&subject->id, &task->fault) == 0)
		return true;
	stop_everything(task, &task->fault);
	return false;
}

/* ---- changes ---- */

static void written(struct task *task, const struct reply *reply);

/* Looks at the user or group of the operation once more. */
static void look_again(struct task *task)
{
	if (task_wants_member(task))
		task_read_group(task);
	else if (task->user)
		task_find_user(task);
	else
		task_find_group(task);
}

void task_send(struct task *task)
{
	struct task_context *context = task->context;
	struct write *write = &task->write;
	struct span version = buf_span(&task->version);

	if (task->is_last_look) /* with the fault of the last try */
		return settle_unanswered(task);
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
		http_write(context->service->http, write->method, buf_text(&write->target),
	               write->body.len ? buf_text(&write->body) : NULL, version, &task->fault);
	if (!task->request)
		stop_everything(task, &task->fault);
}

bool task_change(struct task *task)
{
	if (task->context->apply) {
		task_send(task);
		return true;
	}
	result_add_request(task->result, &task->write, 0);
	return false;
}

/* It may have happened or not: looks, and sends it again where it did not and there is
   patience left. */
static void try_again(struct task *task, long status, int64_t retry_after_s)
{
	const struct service *service = task->context->service;
	int64_t pause_ms;

	task->patience.tries++;
	pause_ms = http_pause_ms(service->http, &task->patience, status, retry_after_s, &task->fault);
	task->is_last_look = pause_ms < 0;
	task->pause_ms = pause_ms < 0 ? 0 : pause_ms;
	service_say(service, NOTE_PROGRESS, "%.300s: looking whether it happened, in %.1f s",
	            task->fault.text, (double)task->pause_ms / 1000);
	look_again(task);
}

/* The id of what was made, so that it is looked at by id. */
static void take_new_id(struct task *task, const struct reply *reply)
{
	struct subject *subject = task->user ? task->user : task->group;
	struct span id;

	task->created = true;
	if (scim_id(yyjson_doc_get_root(reply->doc), &id) && can_stand_in_path(id))
		know(subject, id); /* else it is found by name */
}

static void written(struct task *task, const struct reply *reply)
{
	struct task_context *context = task->context;
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

/* ---- the whole ---- */

/* Is the user or group one that an earlier operation should have made? */
static bool is_settled_before(struct task *task)
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

void task_begin(struct task *task)
{
	const struct operation *operation = task->operation;
	const char *why = rules_refusal(task->context->rules, operation, task->context->allow_removal);

	if (journal_begun(task->context->journal, task->key))
		task->changes = 1; /* an earlier run sent something: what is so now is its work */
	if (why && !operation->skipped) {
		fault_set(&task->fault, FAULT_REFUSED, "%s", why);
		return task_settle_with(task, OUTCOME_REFUSED);
	}
	if (operation->refusal.len) {
		fault_set(&task->fault, FAULT_REFUSED, "%.*s", (int)operation->refusal.len,
		          operation->refusal.data);
		return task_settle_with(task, operation->skipped ? OUTCOME_SKIPPED : OUTCOME_REFUSED);
	}
	if (is_settled_before(task))
		return;
	if (!task->user || (task_wants_member(task) && task->user->state == SUBJECT_KNOWN))
		task_find_group(task);
	else
		task_find_user(task);
}

void task_advance(struct task *task)
{
	struct http *http = task->context->service->http;
	struct request *request = task->request;
	const struct reply *reply = http_wait(http, request, &task->fault);

	task->then(task, reply);
	if (task->request == request)
		task->request = NULL;
	http_drop(http, request);
}
