/* SPDX-License-Identifier: ISC */
/*
 * task_write: changes, and what their answers mean. Whether a change is so is never
 * concluded here: that is for the look that follows.
 */
#include "push/task_step.h"

#include "scim/scim_page.h"

enum task_step task_change(struct task *task, struct subject *made)
{
	if (task->context->apply)
		return TASK_SEND;
	result_add_request(task->result, &task->write, 0);
	return task_settle_planned(task, made);
}

enum task_step task_send(struct task *task)
{
	struct task_context *context = task->context;
	struct write *write = &task->write;
	struct span version = buf_span(&task->version);

	if (task->state == TASK_LAST_LOOK) {                   /* with the fault of the last try */
		task->result->unknown = task->result->status == 0; /* it may still be under way */
		return task_settle_failed(task);
	}
	if (buf_check(&write->target, &task->fault) < 0 || buf_check(&write->body, &task->fault) < 0 ||
	    journal_write(context->journal, task->key, http_method_names[write->method],
	                  buf_span(&write->target), &task->fault) < 0)
		return task_stop_run(task, &task->fault);
	/* a service that refuses a version twice can not compare its own */
	if (write->method == HTTP_POST ||
	    (task->version_refusals > 1 && span_is(version, buf_span(&task->refused_version))))
		version.len = 0;
	task->state = TASK_SENDING;
	task->changes++;
	task->request =
		http_write(context->service->http, write->method, buf_text(&write->target),
	               write->body.len ? buf_text(&write->body) : NULL, version, &task->fault);
	return task->request ? TASK_SEND : task_stop_run(task, &task->fault);
}

/* It may have happened or not: looks, and sends it again where it did not and there is
   patience left. */
static enum task_step written_doubtful(struct task *task, enum verdict verdict, int64_t wait_s)
{
	const struct service *service = task->context->service;
	int64_t pause_ms;

	task->patience.tries++;
	pause_ms = http_pause_ms(service->http, &task->patience, verdict, wait_s, &task->fault);
	task->state = pause_ms < 0 ? TASK_LAST_LOOK : TASK_DOUBTING;
	task->pause_ms = pause_ms < 0 ? 0 : pause_ms;
	service_say(service, NOTE_PROGRESS, "%.300s: looking whether it happened, in %.1f s",
	            task->fault.text, (double)task->pause_ms / 1000);
	return TASK_LOOK_AGAIN;
}

/* 412: somebody else was there in between, or its own versions are no match. */
static enum task_step written_stale(struct task *task)
{
	fault_set(&task->fault, FAULT_TRY_LATER, "HTTP 412: it was changed in between");
	if (!span_is(buf_span(&task->version), buf_span(&task->refused_version)))
		task->version_refusals = 0;
	task->version_refusals++;
	buf_clear(&task->refused_version);
	buf_put_span(&task->refused_version, buf_span(&task->version));
	return written_doubtful(task, VERDICT_NOT_KNOWN, 0);
}

/* The service took it. */
static enum task_step written_taken(struct task *task, const struct reply *reply)
{
	struct subject *subject = task->user ? task->user : task->group;
	struct span id;

	task->state = TASK_CHECKING;
	if (task->write.method == HTTP_POST) {
		task->made = TASK_MADE;
		if (scim_id(yyjson_doc_get_root(reply->doc), &id) && task_id_fits_path(id))
			task_know(subject, id); /* else it is found by name */
	}
	return TASK_LOOK_AGAIN;
}

/* The service has said no. */
static enum task_step written_refused(struct task *task, const struct reply *reply)
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
	return task_settle_with(task, redirect ? OUTCOME_FAILED : OUTCOME_REFUSED);
}

enum task_step task_take_written(struct task *task, const struct reply *reply)
{
	struct task_context *context = task->context;
	bool creates = task->write.method == HTTP_POST;
	long status = reply ? reply->status : request_status(task->request);
	enum verdict verdict = request_verdict(task->request);
	struct fault fault = {0};

	task->result->status = status;
	result_add_request(task->result, &task->write, status);
	if (journal_wrote(context->journal, task->key, status, &fault) < 0)
		return task_stop_run(task, &fault);
	if (!reply)
		return written_doubtful(task, verdict, request_wait_s(task->request));
	if (verdict == VERDICT_OK)
		return written_taken(task, reply);
	task->changes--; /* the service says that it did nothing */
	task->state = TASK_LOOKING;
	if (status == 409 && creates && task->made != TASK_CONFLICT) {
		task->made = TASK_CONFLICT; /* it is there after all: link */
		return TASK_LOOK_AGAIN;
	}
	if (status == 412)
		return written_stale(task);
	if (status == 404 && !creates && task->absences++ == 0)
		return TASK_LOOK_AGAIN; /* gone in between? */
	return written_refused(task, reply);
}
