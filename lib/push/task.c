/* SPDX-License-Identifier: ISC */
/*
 * task: what is before and after the steps on a user or group: questions and ends.
 */
#include "push/lookup.h"
#include "push/task_step.h"

#include "base/inert.h"
#include "scim/scim_page.h"

#include <stdio.h>

/* ---- ends ---- */

enum task_step task_stop_run(struct task *task, const struct fault *fault)
{
	if (task->context->fatal.kind == FAULT_NONE)
		task->context->fatal = *fault;
	return TASK_END;
}

enum task_step task_settle(struct task *task, enum outcome outcome)
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
	if (task->user)
		buf_put_span(&result->user_name, buf_span(&task->user->name));
	if (task->group)
		buf_put_span(&result->group_name, buf_span(&task->group->name));
	if (subject && makes && broken)
		subject->state = SUBJECT_BROKEN;
	return TASK_END;
}

enum task_step task_settle_with(struct task *task, enum outcome outcome)
{
	task->result->why = task->fault;
	return task_settle(task, outcome);
}

enum task_step task_settle_gone(struct task *task, const char *why)
{
	struct result *result = task->result;

	snprintf(result->why.text, sizeof result->why.text, "%s", task->changes ? "" : why);
	return task_settle_well(task);
}

enum task_step task_settle_ignored(struct task *task, const char *what)
{
	fault_set(&task->fault, FAULT_REFUSED, "the service answered %ld and %s", task->result->status,
	          what);
	return task_settle_with(task, OUTCOME_REFUSED);
}

enum task_step task_settle_damage(struct task *task, bool is_made, struct buf *damage)
{
	fault_set(&task->fault, FAULT_PROTOCOL,
	          is_made ? "the change is made, but %.600s" : "the change is not made, and %.600s",
	          buf_text(damage));
	return task_settle_with(task, OUTCOME_FAILED);
}

enum task_step task_settle_well(struct task *task)
{
	return task_settle(task, task->changes ? OUTCOME_DONE : OUTCOME_ALREADY);
}

enum task_step task_settle_planned(struct task *task, struct subject *made)
{
	if (made)
		made->state = SUBJECT_PLANNED;
	return task_settle(task, OUTCOME_PLANNED);
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
	buf_release(&task->before);
}

/* ---- questions ---- */

enum task_step task_ask(struct task *task, struct buf *target, enum task_step step)
{
	struct http *http = task->context->service->http;

	if (buf_check(target, &task->fault) == 0)
		task->request = http_ask(http, buf_text(target), NULL, &task->fault);
	if (task->request && task->pause_ms)
		http_delay(task->request, task->pause_ms);
	task->pause_ms = 0;
	buf_release(target);
	return task->request ? step : task_stop_run(task, &task->fault);
}

static enum task_step task_settle_unusable(struct task *task, struct span id)
{
	fault_set(&task->fault, FAULT_PROTOCOL, "the id '%s' can not stand in a path", INERT(id));
	return task_settle_with(task, OUTCOME_FAILED);
}

enum task_step task_ask_one(struct task *task, const char *path, struct span id,
                            enum task_step step)
{
	struct buf target = {0};

	if (!task_id_fits_path(id))
		return task_settle_unusable(task, id);
	buf_putf(&target, "%s/", path);
	url_put_encoded(&target, id);
	if (strcmp(path, "/Groups") == 0)
		preset_put_group_query(&target, task->context->service->provider);
	return task_ask(task, &target, step);
}

enum task_step task_settle_failed(struct task *task)
{
	if (task->fault.kind == FAULT_UNREACHABLE || http_expired(task->context->service->http))
		task->context->stop = task->fault;
	if (task->fault.kind == FAULT_INTERNAL)
		task_stop_run(task, &task->fault);
	return task_settle_with(task, OUTCOME_FAILED);
}

enum task_step task_settle_unknown(struct task *task)
{
	task->result->unknown = true;
	if (task->changes && task->state != TASK_LOOKING) {
		fault_hint(&task->fault, "; whether the last change happened is not known");
		if (task->fault.kind == FAULT_REFUSED) /* the look was, not the change */
			task->fault.kind = FAULT_PROTOCOL;
	}
	return task_settle_failed(task);
}

enum task_answer task_take_answer(struct task *task, const struct reply *reply, bool one)
{
	bool sent = task->result->requests.len > 0;

	if (reply && !sent)
		task->result->status = reply->status;
	if (!reply) {
		task_settle_unknown(task);
		return TASK_SETTLED;
	}
	if (reply_is_good(reply) && yyjson_is_obj(yyjson_doc_get_root(reply->doc)))
		return TASK_SHOWN;
	if (one && reply->status == 404)
		return lookup_says_absent(reply) ? TASK_ABSENT : TASK_DOUBTFUL;
	service_unwanted(task->context->service, reply, &task->fault);
	if (reply->status == 401)
		task->context->stop = task->fault;
	task_settle_unknown(task);
	return TASK_SETTLED;
}

int task_take_confirmation(struct task *task, const struct reply *reply, struct span id)
{
	if (task_take_answer(task, reply, false) != TASK_SHOWN)
		return -1;
	if (lookup_absent(yyjson_doc_get_root(reply->doc), id, &task->fault) == 0)
		return 0;
	task_settle_unknown(task);
	return -1;
}

void task_know(struct subject *subject, struct span id)
{
	subject->state = SUBJECT_KNOWN;
	buf_clear(&subject->id);
	buf_put_span(&subject->id, id);
}

bool task_is_freed(const struct task *task, yyjson_val *resource)
{
	struct span id;

	return task->operation->freed_from.len && scim_id(resource, &id) &&
	       span_is(id, task->operation->freed_from);
}

enum task_step task_settle_not_freed(struct task *task)
{
	fault_set(&task->fault, FAULT_PROTOCOL,
	          "the name still belongs to '%s', which this plan renames: that did not succeed",
	          INERT(task->operation->freed_from));
	return task_settle_with(task, OUTCOME_FAILED);
}

/* An entity tag (RFC 9110 section 8.8.3). A version without quotes gets them; one that could
   break out of its header is none. */
static void task_put_version(struct buf *tag, struct span version)
{
	bool quoted = version.len > 1 && version.data[version.len - 1] == '"' &&
	              (version.data[0] == '"' || span_begins(version, span_of("W/\"")));

	for (size_t i = 0; i < version.len; i++)
		if (version.data[i] < ' ' || version.data[i] > '~' || (!quoted && version.data[i] == '"'))
			return;
	if (version.len)
		buf_putf(tag, quoted ? "%.*s" : "\"%.*s\"", (int)version.len, version.data);
}

bool task_keep_found(struct task *task, struct subject *subject, const struct reply *reply,
                     yyjson_val *resource, struct span asked)
{
	struct span id, name, version = SPAN_EMPTY;

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
	if (!task_id_fits_path(id)) {
		task_settle_unusable(task, id);
		return false;
	}
	task_know(subject, id);
	if (json_member_text(resource, subject == task->user ? "userName" : "displayName", &name)) {
		buf_clear(&subject->name);
		buf_put_span(&subject->name, name);
	}
	buf_clear(&task->version);
	if (asked.len && *reply->etag)
		version = span_of(reply->etag);
	else
		json_member_text(json_member(resource, "meta"), "version", &version);
	task_put_version(&task->version, version);
	if (buf_check(&subject->id, &task->fault) == 0)
		return true;
	task_stop_run(task, &task->fault);
	return false;
}
