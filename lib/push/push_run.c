/* SPDX-License-Identifier: ISC */
/*
 * push_run: starts what may start, drives what is under way, tells what is over.
 */
#include "push/push_run.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "scim/scim_page.h"
#include "sys/undo.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>

/* An operation that goes on. */
struct slot {
	struct slot *next;
	size_t at; /* its place in the plan */
	struct task task;
	struct result result;
};

struct push {
	struct task_context context;
	const struct push_options *options;
	struct service *service;
	const char *source;
	struct plan plan;
	struct journal journal;
	struct queues queues;
	struct slot *active; /* operations that go on */
	struct slot *spare;  /* slots for others */
	size_t active_count;
	struct buf *lines; /* of each operation: its result, until it is written */
	size_t finished, told;
	bool silent; /* a rehearsal: nothing is written */
	struct push_totals totals;
	int status;
	struct out out;
	struct section_writer section;
	struct buf line;
};

/* ---- before and after ---- */

static void slots_release(struct slot *slot)
{
	while (slot) {
		struct slot *next = slot->next;

		task_release(&slot->task);
		result_release(&slot->result);
		free(slot);
		slot = next;
	}
}

static void push_release(struct push *push)
{
	slots_release(push->active);
	slots_release(push->spare);
	for (size_t i = 0; push->lines && i < push->plan.count; i++)
		buf_release(&push->lines[i]);
	free(push->lines);
	queue_release(&push->queues);
	push->lines = NULL;
	push->active = push->spare = NULL;
	push->active_count = push->finished = push->told = 0;
	push->totals = (struct push_totals){0};
	push->status = 0;
}

static int push_prepare(struct push *push, struct fault *fault)
{
	size_t count = push->plan.count;

	push->lines = calloc(count + 1, sizeof *push->lines);
	if (!push->lines)
		return fault_memory(fault);
	if (queue_init(&push->queues, count, fault) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		const struct operation *operation = &push->plan.operations[i];

		if (queue_enter(&push->queues, i, QUEUE_USER, operation->user_id, operation->user_name,
		                fault) < 0 ||
		    queue_enter(&push->queues, i, QUEUE_GROUP, operation->group_id, operation->group,
		                fault) < 0)
			return -1;
	}
	queue_open(&push->queues, count);
	return 0;
}

/* What an operation is called in the journal: its place and all that it says. */
static int push_put_key(const struct push *push, size_t at, char hex[DIGEST_HEX + 1],
                        struct fault *fault)
{
	struct digest digest = {0};
	struct buf text = {0};
	int result;

	buf_putf(&text, "%zu ", at);
	operation_put(&text, &push->plan.operations[at]);
	result = buf_check(&text, fault);
	if (result == 0)
		result = digest_init(&digest, fault);
	if (result == 0) {
		digest_put(&digest, buf_span(&text));
		result = digest_hex(&digest, hex, fault);
	}
	digest_release(&digest);
	buf_release(&text);
	return result;
}

/* ---- results ---- */

/* Writes the results that are due, in the order of the plan. 0 or -1. */
static int push_tell(struct push *push, struct fault *fault)
{
	for (; push->told < push->plan.count && push->lines[push->told].len; push->told++) {
		struct buf *line = &push->lines[push->told];

		if (!push->silent) {
			section_put(&push->section, buf_span(line));
			if (out_flush(&push->out, fault) < 0)
				return -1;
		}
		buf_release(line);
	}
	return 0;
}

static int push_keep_in_journal(struct push *push, const struct slot *slot, struct fault *fault)
{
	struct buf end = {0};
	int result;

	result_put_end(&end, &slot->result);
	result = buf_check(&end, fault);
	if (result == 0)
		result = journal_settled(&push->journal, slot->task.key,
		                         slot->result.outcome == OUTCOME_DONE, buf_span(&end), fault);
	buf_release(&end);
	return result;
}

/* The operation is over: its slot is free for another. `earlier` as in result_put. */
static int push_finish(struct push *push, struct slot *slot, struct span earlier,
                       struct fault *fault)
{
	struct buf *line = &push->lines[slot->at];
	int status = result_status(&slot->result), result = 0;
	struct slot **place = &push->active;

	push->finished++;
	push->totals.outcomes[slot->result.outcome]++;
	if (status > push->status)
		push->status = status;
	if (!earlier.len && push->context.apply)
		result = push_keep_in_journal(push, slot, fault);
	result_put(line, &push->plan.operations[slot->at], &slot->result, push->context.apply, earlier);
	if (result == 0)
		result = buf_check(line, fault);
	task_release(&slot->task);
	result_release(&slot->result);
	queue_leave(&push->queues, slot->at);
	while (*place != slot)
		place = &(*place)->next;
	*place = slot->next;
	slot->next = push->spare;
	push->spare = slot;
	push->active_count--;
	return result < 0 ? -1 : push_tell(push, fault);
}

/* ---- the run ---- */

/* A slot for the operation at this place of the plan; NULL with a fault. */
static struct slot *push_take_slot(struct push *push, size_t at, struct fault *fault)
{
	struct slot *slot = push->spare ? push->spare : malloc(sizeof *slot), **place = &push->active;

	if (!slot) {
		fault_memory(fault);
		return NULL;
	}
	if (slot == push->spare)
		push->spare = slot->next;
	*slot = (struct slot){
		.at = at,
		.task =
			{
				.context = &push->context,
				.operation = &push->plan.operations[at],
				.result = &slot->result,
				.user = queue_subject(&push->queues, at, QUEUE_USER),
				.group = queue_subject(&push->queues, at, QUEUE_GROUP),
			},
	};
	while (*place)
		place = &(*place)->next;
	*place = slot;
	push->active_count++;
	return slot;
}

static int push_start(struct push *push, size_t at, struct fault *fault)
{
	struct slot *slot = push_take_slot(push, at, fault);
	struct span earlier;

	if (!slot || push_put_key(push, at, slot->task.key, fault) < 0)
		return -1;
	earlier = journal_done(&push->journal, slot->task.key);
	if (earlier.len) {
		slot->result.outcome = OUTCOME_DONE;
		return push_finish(push, slot, earlier, fault);
	}
	if (push->context.stop.kind != FAULT_NONE)
		task_skip(&slot->task, &push->context.stop);
	else
		task_begin(&slot->task);
	return task_is_settled(&slot->task) ? push_finish(push, slot, earlier, fault) : 0;
}

static int push_advance(struct push *push, struct fault *fault)
{
	struct slot *slot, *next;

	for (slot = push->active; slot; slot = next) {
		next = slot->next;
		if (slot->task.request && request_is_settled(slot->task.request))
			task_advance(&slot->task);
		if (task_is_settled(&slot->task) &&
		    push_finish(push, slot, (struct span){"", 0}, fault) < 0)
			return -1;
	}
	return 0;
}

/* The deadline has passed: what is under way has an end that nobody knows. */
static int push_give_up(struct push *push, const struct fault *why, struct fault *fault)
{
	push->context.stop = *why;
	while (push->active) {
		struct slot *slot = push->active;

		slot->result.outcome = OUTCOME_FAILED;
		slot->result.why = *why;
		if (slot->task.changes)
			fault_hint(&slot->result.why, "; whether the last change happened is not known");
		if (push_finish(push, slot, (struct span){"", 0}, fault) < 0)
			return -1;
	}
	return 0;
}

static int push_run_all(struct push *push, struct fault *fault)
{
	size_t jobs = push->plan.mixed ? 1 : (size_t)push->service->options->jobs, at;

	while (push->finished < push->plan.count) {
		struct fault why = {0};

		while (push->active_count < jobs && queue_next(&push->queues, &at))
			if (push_start(push, at, fault) < 0)
				return -1;
		if (push->active && push->context.fatal.kind == FAULT_NONE &&
		    http_turn(push->service->http, &why) < 0) {
			*fault = why;
			if (why.kind != FAULT_TRY_LATER || push_give_up(push, &why, fault) < 0)
				return -1;
		}
		if (push_advance(push, fault) < 0)
			return -1;
		if (push->context.fatal.kind != FAULT_NONE) {
			*fault = push->context.fatal;
			return -1;
		}
	}
	return 0;
}

/* ---- what is asked first ---- */

/* How many users the service says it has: for a percentage. */
static int push_count_users(struct service *service, uint64_t *users, struct fault *fault)
{
	struct request *request = NULL;
	const struct reply *reply =
		service_ask(service, "/Users?startIndex=1&count=2", NULL, &request, fault);
	struct scim_page page;
	int result = -1;

	if (reply && (reply->status != 200 || !reply->doc))
		service_unwanted(service, reply, fault);
	else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0) {
		*users = page.total;
		result = page.has_total ? 0
		                        : fault_set(fault, FAULT_PROTOCOL,
		                                    "the service does not say how many users it has, so "
		                                    "--max-changes takes a number, not a percentage");
	}
	http_drop(service->http, request);
	return result;
}

/* What a service says of itself is a hint: it only chooses how a change is asked for,
   and what came of it is read back. */
static enum dialect push_choose_dialect(struct push *push)
{
	const struct rules *rules = push->context.rules;
	struct request *request = NULL;
	const struct reply *reply;
	struct fault ignored = {0};
	enum dialect dialect = rules->dialect;

	if (push->options->dialect >= 0)
		return (enum dialect)push->options->dialect;
	if (rules->host)
		return dialect;
	reply = service_ask(push->service, "/ServiceProviderConfig", NULL, &request, &ignored);
	if (reply && reply->status == 200) {
		yyjson_val *patch = json_member(yyjson_doc_get_root(reply->doc), "patch");

		if (yyjson_is_false(json_member(patch, "supported")))
			dialect = DIALECT_OKTA_AIW;
	}
	http_drop(push->service->http, request);
	return dialect;
}

static int push_digest_plan(const struct push *push, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	struct digest digest = {0};
	int result = digest_init(&digest, fault);

	for (size_t i = 0; i < push->plan.count && result == 0; i++) {
		result = push_put_key(push, i, hex, fault);
		digest_put(&digest, span_of(hex));
	}
	if (result == 0)
		result = digest_hex(&digest, hex, fault);
	digest_release(&digest);
	return result;
}

/* ---- the result stream ---- */

static int push_begin_stream(struct push *push, struct fault *fault)
{
	struct buf *line = &push->line;
	char now[WHEN_MAX], tool[64];

	snprintf(tool, sizeof tool, "%s %s", push->service->tool, ROLLCALL_VERSION);
	buf_clear(line);
	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"results\"", STREAM_FORMAT);
	json_put_member(line, "source", span_of(push->source));
	json_put_member(line, "provider", span_of(push->context.rules->provider));
	json_put_member(line, "origin", span_of(push->service->origin.base));
	json_put_member(line, "dialect", span_of(dialect_names[push->context.dialect]));
	buf_putf(line, ",\"applied\":%s", push->context.apply ? "true" : "false");
	json_put_member(line, "tool", span_of(tool));
	json_put_member(line, "started_at", span_of(when_now(now)));
	buf_puts(line, "}\n");
	if (buf_check(line, fault) < 0 ||
	    section_open(&push->section, &push->out, buf_span(line), fault) < 0)
		return -1;
	return out_flush(&push->out, fault);
}

static int push_end_stream(struct push *push, const char *stopped, struct fault *fault)
{
	struct buf before = {0};
	const char *comma = "";
	char now[WHEN_MAX];
	int result;

	buf_putf(&before, ",\"results\":%zu,\"outcomes\":{", push->plan.count);
	for (int outcome = 0; outcome < OUTCOMES; outcome++)
		if (push->totals.outcomes[outcome]) {
			buf_putf(&before, "%s\"%s\":%llu", comma, outcome_names[outcome],
			         (unsigned long long)push->totals.outcomes[outcome]);
			comma = ",";
		}
	buf_puts(&before, "}");
	if (*stopped)
		json_put_member(&before, "stopped", span_of(stopped));
	buf_putf(&before, ",\"requests\":%llu,\"finished_at\":\"%s\"",
	         (unsigned long long)http_requests(push->service->http), when_now(now));
	undo_hold(); /* a sealed section and a signal's status must not go together */
	result = section_close(&push->section, buf_text(&before), 0, "", fault);
	buf_release(&before);
	return result < 0 ? -1 : out_close(&push->out, fault);
}

/* ---- the whole ---- */

/* Does it all, and lets the results out. 0 or -1. */
static int push_perform(struct push *push, bool apply, bool silent, struct fault *fault)
{
	push->context.apply = apply;
	push->silent = silent;
	return push_run_all(push, fault);
}

/* Stops where more would change than --max-changes allows: 1 with the reason. */
static int push_check_limit(struct push *push, char stopped[256], struct fault *fault)
{
	const struct limit *limit = &push->options->max_changes;
	uint64_t users = 0, most, changes;

	if (push_perform(push, false, true, fault) < 0)
		return -1;
	changes = push->totals.outcomes[OUTCOME_PLANNED];
	if (limit->is_percent && push_count_users(push->service, &users, fault) < 0)
		return -1;
	most = limit_of(limit, users);
	if (changes <= most)
		return 0;
	snprintf(stopped, 256, "%llu changes are more than the %llu that --max-changes allows",
	         (unsigned long long)changes, (unsigned long long)most);
	return 1;
}

static int push_do_plan(struct push *push, int *status, struct fault *fault)
{
	const struct push_options *options = push->options;
	char hex[DIGEST_HEX + 1], stopped[256] = "";
	int limit = 0;

	push->context.dialect = push_choose_dialect(push);
	if (push_prepare(push, fault) < 0 || push_digest_plan(push, hex, fault) < 0)
		return -1;
	if (options->limited) {
		limit = push_check_limit(push, stopped, fault);
		push_release(push);
		if (limit < 0 || push_prepare(push, fault) < 0)
			return -1;
	}
	if (options->apply && !limit &&
	    journal_open(&push->journal, options->journal, hex, push->service->origin.base, fault) < 0)
		return -1;
	push->context.apply = options->apply && !limit;
	if (push_begin_stream(push, fault) < 0 ||
	    push_perform(push, push->context.apply, false, fault) < 0)
		return -1;
	if (push->context.stop.kind == FAULT_NONE && journal_end(&push->journal, fault) < 0)
		return -1;
	*status = limit ? fault_status(FAULT_SAFEGUARD) : push->status;
	if (push->context.stop.kind == FAULT_UNREACHABLE)
		*status = fault_status(FAULT_UNREACHABLE);
	if (limit)
		service_say(push->service, NOTE_WARNING, "%s: nothing was changed", stopped);
	return push_end_stream(push, stopped, fault);
}

/* The reason stands at each of them in the results; here they are counted once. */
static void push_say_missing(const struct push *push)
{
	size_t users = push->plan.missing_users, groups = push->plan.missing_groups;
	char groups_too[64] = "";

	if (push->options->removed != REMOVED_ASK || users + groups == 0)
		return;
	if (groups)
		snprintf(groups_too, sizeof groups_too, "%s%zu group%s", users ? " and " : "", groups,
		         groups == 1 ? "" : "s");
	if (users)
		service_say(push->service, NOTE_WARNING,
		            "%zu user%s%s %s missing in the newer snapshot: choose "
		            "--removed=deactivate, delete or skip",
		            users, users == 1 ? "" : "s", groups_too, users + groups == 1 ? "is" : "are");
	else
		service_say(push->service, NOTE_WARNING,
		            "%s %s missing in the newer snapshot: choose --removed=delete or skip",
		            groups_too, groups == 1 ? "is" : "are");
}

int push_run(struct service *service, const struct push_options *options, const char *path,
             int *status, struct fault *fault)
{
	struct push push = {.options = options, .service = service, .journal.fd = -1};
	struct plan_options plan_options = {
		.source = options->source,
		.origin = service->origin.base,
		.removed = (enum plan_removed)options->removed,
		.allow_other_origin = options->allow_other_origin,
		.rules = rules_find(service->provider->name, service->origin.base),
		.allow_removal = options->allow_removal,
	};
	int result = -1;

	push.context = (struct task_context){
		.service = service,
		.rules = plan_options.rules,
		.allow_removal = options->allow_removal,
		.journal = &push.journal,
	};
	push.context.lookup = options->lookup ? options->lookup : push.context.rules->lookup;
	push.source = options->source ? options->source : service->provider->name;
	if (plan_read(&push.plan, &plan_options, path, fault) == 0 &&
	    service_connect(service, options->apply, options->journal, fault) == 0 &&
	    out_open(&push.out, NULL, fault) == 0) {
		push_say_missing(&push);
		result = push_do_plan(&push, status, fault);
	}
	if (result == 0) /* what failed on the way stands in the results */
		*fault = (struct fault){0};
	push_release(&push);
	journal_close(&push.journal);
	plan_release(&push.plan);
	section_release(&push.section);
	buf_release(&push.out.pending);
	buf_release(&push.line);
	return result;
}
