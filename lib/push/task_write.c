/* SPDX-License-Identifier: ISC */
/*
 * task_write: changes, and what their answers mean. Whether a change is so is never
 * concluded here: that is for the look that follows.
 */
#include "push/task_step.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "scim/scim_page.h"

#include <time.h>

enum { LOOK_STEP_MS = 250, LOOK_ANSWERED_MS = 4000, LATE_LOOKS_MAX = 4, CONFLICTS_MAX = 2 };

static int64_t task_clock_ms(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int task_retries(const struct task *task)
{
	long retries = task->context->service->options->retries;

	return retries < 0 ? RETRIES_DEFAULT : (int)retries;
}

enum task_step task_look_later(struct task *task)
{
	int most = task_retries(task) < LATE_LOOKS_MAX ? task_retries(task) : LATE_LOOKS_MAX;

	if (task->late_looks >= most)
		return TASK_END;
	task->pause_ms = LOOK_STEP_MS << task->late_looks++;
	return TASK_LOOK_AGAIN;
}

void task_keep_before(struct task *task, yyjson_val *resource)
{
	if (task->context->apply && !task->before.len)
		json_put_value(&task->before, resource);
}

/* ---- a create that may be under way ---- */

static void task_start_waiting(struct task *task, int64_t ms)
{
	task->state = TASK_AWAITING;
	task->late_looks = 0;
	task->until_ms = task_clock_ms(CLOCK_MONOTONIC) + ms;
}

void task_await_earlier(struct task *task, int64_t sent_at, bool taken)
{
	int64_t timeout_ms = task->context->service->options->timeout_s * 1000;
	/* it may have been sent at the end of that second */
	int64_t since_ms = task_clock_ms(CLOCK_REALTIME) - (sent_at + 1) * 1000;

	if (taken) {
		task->made = TASK_MADE;
		task->state = TASK_CHECKING;
		return;
	}

	/* a clock that was put back says nothing about the time that has passed */
	task_start_waiting(task, since_ms < 0 ? timeout_ms : timeout_ms - since_ms);
}

enum task_step task_await(struct task *task)
{
	int64_t left_ms = task->until_ms - task_clock_ms(CLOCK_MONOTONIC);
	int64_t step_ms = LOOK_STEP_MS << (task->late_looks < LATE_LOOKS_MAX ? task->late_looks : 4);

	if (left_ms > 0) {
		task->late_looks++;
		task->pause_ms = step_ms < left_ms ? step_ms : left_ms;
		return TASK_LOOK_AGAIN;
	}
	if (task->result->requests.len) /* it was sent in this run: never a second time */
		return task_settle_unknown(task);
	task->state = TASK_LOOKING;
	return TASK_SEND;
}

enum task_step task_change(struct task *task, struct subject *made)
{
	if (task->context->apply)
		return TASK_SEND;
	result_add_request(task->result, &task->write, 0);
	return task_settle_planned(task, made);
}

bool task_may_change(struct task *task)
{
	struct task_context *context = task->context;

	if (task->result->requests.len)
		return true;
	if (context->changes == context->changes_max) {
		fault_set(&task->fault, FAULT_SAFEGUARD,
		          "%llu operations have changed something, and --max-changes allows no more",
		          (unsigned long long)context->changes);
		context->stop = task->fault;
		task_settle_with(task, OUTCOME_SKIPPED);
		return false;
	}
	context->changes++;
	return true;
}

/* Writes into the journal what is about to be sent, for each operation. 0 or -1. */
static int task_note_write(struct task *task)
{
	struct journal *journal = task->context->journal;
	const char *method = http_method_names[task->write.method];
	struct span target = buf_span(&task->write.target);

	if (!task->bundle && journal_write(journal, task->key, method, target, &task->fault) < 0)
		return -1;
	for (size_t i = 0; task->bundle && i < task->bundle->count; i++) {
		struct task *member = task->bundle->members[i];

		if (journal_write(journal, member->key, method, target, &task->fault) < 0)
			return -1;
		member->changes++;
	}
	return journal_sync(journal, &task->fault);
}

/* Keeps what was sent and how it was answered, for each operation. 0 or -1. */
static int task_note_written(struct task *task, long status, struct fault *fault)
{
	struct journal *journal = task->context->journal;

	task->result->status = status;
	result_add_request(task->result, &task->write, status);
	if (!task->bundle)
		return journal_wrote(journal, task->key, status, fault);
	for (size_t i = 0; i < task->bundle->count; i++) {
		struct task *member = task->bundle->members[i];

		member->result->status = status;
		if (i == 0)
			result_add_request(member->result, &task->write, status);
		else
			result_add_shared(member->result, &task->write, status);
		if (journal_wrote(journal, member->key, status, fault) < 0)
			return -1;
	}
	return 0;
}

/* The service says that it did nothing. */
static void task_undo_change(struct task *task)
{
	task->changes--;
	for (size_t i = 0; task->bundle && i < task->bundle->count; i++)
		task->bundle->members[i]->changes--;
}

enum task_step task_part(struct task *task)
{
	task->bundle->parted = true;
	return task_settle(task, OUTCOME_SKIPPED);
}

enum task_step task_send(struct task *task)
{
	struct task_context *context = task->context;
	struct write *write = &task->write;
	struct span version = buf_span(&task->version);

	if (task->state == TASK_LAST_LOOK) { /* with the fault of the last try */
		task->result->unknown = task->under_way;
		return task_settle_failed(task);
	}
	if (!task->bundle && !task_may_change(task))
		return TASK_END;
	if (buf_check(&write->target, &task->fault) < 0 || buf_check(&write->body, &task->fault) < 0 ||
	    task_note_write(task) < 0)
		return task_stop_run(task, &task->fault);
	/* a service that refuses a version twice can not compare its own */
	if (write->method == HTTP_POST ||
	    (task->version_refusals > 1 && span_is(version, buf_span(&task->refused_version))))
		version.len = 0;
	task->state = TASK_SENDING;
	task->late_looks = 0;
	task->sent |= write->set;
	task->changes++;
	task->request =
		http_write(context->service->http, write->method, buf_text(&write->target),
	               write->body.len ? buf_text(&write->body) : NULL, version, &task->fault);
	return task->request ? TASK_SEND : task_stop_run(task, &task->fault);
}

/* May it come from somebody between us and the service, who does not know what the service
   does? No answer at all, 408, and what gateways and content networks say. */
static bool status_is_of_gateway(long status)
{
	return status < 500 || (status >= 502 && status <= 504) || status >= 520;
}

/* It may have happened or not: looks, and sends it again where it did not and there is
   patience left. A create is looked for until it can be under way no more: a second one
   could make a second user or group. */
static enum task_step written_doubtful(struct task *task, long status, enum verdict verdict,
                                       int64_t wait_s)
{
	const struct service *service = task->context->service;
	/* a limit turns it away; who only waited for the answer (408) or has it from another
	   (a gateway) may have passed it on, even if asking to wait */
	bool put_off = (verdict == VERDICT_WAIT && status != 408 && (status < 500 || status == 503)) ||
	               status == 412;
	bool not_sent = task->fault.kind == FAULT_UNREACHABLE;
	int64_t pause_ms;

	task->under_way = !put_off;
	if (task->write.method == HTTP_POST && !put_off && !not_sent) {
		int64_t timeout_ms = service->options->timeout_s * 1000;

		service_say(service, NOTE_PROGRESS, "%.300s: looking for what it may make",
		            task->fault.text);
		/* who answers has ended; a gateway that answers has only waited */
		task_start_waiting(task, status_is_of_gateway(status) || timeout_ms < LOOK_ANSWERED_MS
		                             ? timeout_ms
		                             : LOOK_ANSWERED_MS);
		return TASK_LOOK_AGAIN;
	}
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
	return written_doubtful(task, 412, VERDICT_NOT_KNOWN, 0);
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

	reply_describe(reply, &service->token, text);
	if (redirect) {
		service_unwanted(service, reply, &task->fault);
	} else if (reply->status == 401) {
		bool known = strcmp(service->provider->name, "scim") != 0;

		fault_set(&task->fault, FAULT_REFUSED, "a change is refused with HTTP %.300s; %s", text,
		          known ? service->provider->refused
		                : "check that the token is current and may change users and groups");
	} else {
		fault_set(&task->fault, FAULT_REFUSED, "HTTP %.600s", text);
	}
	if (reply->status == 401)
		task->context->stop = task->fault;
	return task_settle_with(task, redirect ? OUTCOME_FAILED : OUTCOME_REFUSED);
}

/* 409 to a create: it is there after all, the service says; in which words? */
static enum task_step written_conflict(struct task *task, const struct reply *reply)
{
	yyjson_val *root = yyjson_doc_get_root(reply->doc);
	struct span detail = SPAN_EMPTY;
	char text[DESCRIPTION_MAX] = "";

	if (!json_member_text(root, "detail", &detail) && !root && reply->body.len)
		detail = span_of(reply_describe(reply, &task->context->service->token, text));
	fault_set(&task->fault, FAULT_PROTOCOL, "%s", INERT(detail));
	task->made = TASK_CONFLICT;
	return TASK_LOOK_AGAIN;
}

/* 404 or 409 to a change of what has just been there: gone, or changed by somebody else at
   the same time? Looks once more, and sends it again where it still has to be. */
static bool written_surprised(struct task *task, const struct reply *reply)
{
	yyjson_val *root = yyjson_doc_get_root(reply->doc);
	struct span type = SPAN_EMPTY;

	if (reply->status == 404)
		return task->surprises++ == 0;
	json_member_text(root, "scimType", &type);
	if (reply->status != 409 || span_is(type, span_of("uniqueness")) ||
	    task->surprises >= CONFLICTS_MAX || task->surprises >= task_retries(task))
		return false;
	task->pause_ms = (LOOK_STEP_MS * 2) << task->surprises++;
	return true;
}

enum task_step task_take_written(struct task *task, const struct reply *reply)
{
	bool creates = task->write.method == HTTP_POST;
	long status = reply ? reply->status : request_status(task->request);
	enum verdict verdict = request_verdict(task->request);
	struct fault fault = {0};

	if (task_note_written(task, status, &fault) < 0)
		return task_stop_run(task, &fault);
	if (!reply)
		return written_doubtful(task, status, verdict, request_wait_s(task->request));
	if (verdict == VERDICT_OK)
		return written_taken(task, reply);
	task_undo_change(task);
	task->state = TASK_LOOKING;
	if (status == 409 && creates && task->made != TASK_CONFLICT)
		return written_conflict(task, reply);
	if (status == 412)
		return written_stale(task);
	if (!creates && written_surprised(task, reply))
		return TASK_LOOK_AGAIN;
	/* others of them may come to something else */
	if (task->bundle && task->bundle->sent > 1 && status >= 400 && status != 401)
		return task_part(task);
	return written_refused(task, reply);
}
