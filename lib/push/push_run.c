/* SPDX-License-Identifier: ISC */
/*
 * push_run: starts what may start, drives what is under way, tells what is over.
 */
#include "push/push_run.h"

#include "base/inert.h"
#include "push/roster.h"
#include "push/slots.h"
#include "scim/scim_page.h"

#include <stdio.h>

struct push {
	struct task_context context;
	const struct push_options *options;
	struct service *service;
	const char *source;
	struct plan plan;
	struct journal journal;
	struct queues queues;
	struct slots slots;
	size_t finished, planned;
	bool no_filters;      /* the service does not say that it has any */
	bool silent;          /* a rehearsal: nothing is written */
	struct buf no_longer; /* the first operation that is not as it was looked at */
	int status;
	struct push_report report;
	bool unknown;  /* of something it is not known what is there */
	bool in_doubt; /* what came of a change that was sent is not known: the journal stays open */
};

/* ---- before and after ---- */

static void push_release(struct push *push)
{
	slots_release(&push->slots);
	queue_release(&push->queues);
	push->finished = push->planned = 0;
	push->status = 0;
	push->in_doubt = push->unknown = false;
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

/* In a rehearsal of a plan that was looked at: would the same be done today? 0 or -1. */
static int push_compare(struct push *push, const struct slot *slot, struct fault *fault)
{
	const struct operation *operation = &push->plan.operations[slot->at];
	struct buf line = {0};
	int result;

	/* a run that continues has found it as it was, and changed it since */
	if (!operation->looked_at.len || push->no_longer.len || journal_is_resumed(&push->journal))
		return 0;
	result_put(&line, operation, &slot->result, false, (struct span)SPAN_EMPTY);
	result = buf_check(&line, fault);
	if (result == 0 && !span_is((struct span){line.data, line.len - 1}, operation->looked_at)) {
		buf_putf(&push->no_longer, "%s of ", op_names[operation->op]);
		plan_text_put_subject(&push->no_longer, operation, &slot->result);
		result = buf_check(&push->no_longer, fault);
	}
	buf_release(&line);
	return result;
}

/* In a rehearsal: keeps the id of whom an operation names, which another may name by id.
   0 or -1. */
static int push_keep_found(struct push *push, const struct slot *slot, struct fault *fault)
{
	struct operation *operation = &push->plan.operations[slot->at];
	const struct subject *user = slot->task.user, *group = slot->task.group;

	if (user && user->state == SUBJECT_KNOWN)
		operation->found_user_id = plan_keep(&push->plan, buf_span(&user->id), fault);
	if (group && group->state == SUBJECT_KNOWN)
		operation->found_group_id = plan_keep(&push->plan, buf_span(&group->id), fault);
	return fault->kind == FAULT_NONE ? 0 : -1;
}

/* Why something will not be or was not done is for people, whatever the results are for. */
static void push_say(const struct push *push, const struct slot *slot)
{
	const struct operation *operation = &push->plan.operations[slot->at];
	struct buf subject = {0};

	if (slot->result.outcome != OUTCOME_REFUSED && slot->result.outcome != OUTCOME_FAILED)
		return;
	plan_text_put_subject(&subject, operation, &slot->result);
	service_say(push->service, NOTE_WARNING, "%s%s%.300s: %s: %s", op_names[operation->op],
	            subject.len ? " " : "", buf_text(&subject), outcome_names[slot->result.outcome],
	            slot->result.why.text);
	buf_release(&subject);
}

/* The operation is over: its slot is free for another. `earlier` as in result_put. */
static int push_finish(struct push *push, struct slot *slot, struct span earlier,
                       struct fault *fault)
{
	const struct operation *operation = &push->plan.operations[slot->at];
	int result = 0;

	push->finished++;
	/* what could not be looked at may be changed */
	push->planned += slot->result.outcome == OUTCOME_PLANNED || slot->result.unknown;
	push->unknown |= slot->result.unknown;
	push->status = result_status_of_both(push->status, result_status(&slot->result));
	push->in_doubt |= slot->result.unknown && slot->task.changes > 0;
	if (!earlier.len && push->context.apply)
		result = push_keep_in_journal(push, slot, fault);
	if (result == 0 && push->silent) {
		result = push_compare(push, slot, fault);
		if (result == 0 && push->plan.mixed)
			result = push_keep_found(push, slot, fault);
	} else if (result == 0) {
		push_say(push, slot);
		result = push_report_put(&push->report, slot->at, operation, &slot->result, earlier, fault);
	}
	if (push->options->count && !push->silent)
		push->options->count("operations", push->finished, push->plan.count);
	queue_leave(&push->queues, slot->at);
	slots_put_back(&push->slots, slot);
	return result;
}

/* ---- the run ---- */

/* A slot for the operation at this place of the plan; NULL with a fault. */
static struct slot *push_take_slot(struct push *push, size_t at, struct fault *fault)
{
	struct slot *slot = slots_take(&push->slots, fault);

	if (!slot)
		return NULL;
	slot->at = at;
	slot->crowd = queue_crowd(&push->queues, at);
	slot->task = (struct task){
		.context = &push->context,
		.operation = &push->plan.operations[at],
		.result = &slot->result,
		.together = slot->crowd != NULL,
		.user = queue_subject(&push->queues, at, NAMES_USER),
		.group = queue_subject(&push->queues, at, NAMES_GROUP),
	};
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
	if (task_is_settled(&slot->task))
		return push_finish(push, slot, earlier, fault);
	slots_park(&push->slots, slot);
	return 0;
}

static int push_advance(struct push *push, struct fault *fault)
{
	struct slot *slot, *next;

	slots_advance_bundles(&push->slots);
	for (slot = push->slots.active; slot; slot = next) {
		next = slot->next;
		if (slot->task.request && request_is_settled(slot->task.request))
			task_advance(&slot->task);
		slots_park(&push->slots, slot);
		if (task_is_settled(&slot->task) &&
		    push_finish(push, slot, (struct span)SPAN_EMPTY, fault) < 0)
			return -1;
	}
	return 0;
}

/* The deadline has passed: what is under way has an end that nobody knows. */
static int push_give_up(struct push *push, const struct fault *why, struct fault *fault)
{
	push->context.stop = *why;
	slots_end_bundles(&push->slots);
	while (push->slots.active) {
		struct slot *slot = push->slots.active;

		slot->result.outcome = OUTCOME_FAILED;
		slot->result.why = *why;
		if (slot->task.changes)
			fault_hint(&slot->result.why, "; whether the last change happened is not known");
		if (push_finish(push, slot, (struct span)SPAN_EMPTY, fault) < 0)
			return -1;
	}
	return 0;
}

static int push_run_all(struct push *push, struct fault *fault)
{
	struct slots *slots = &push->slots;
	size_t at;

	/* a look that changes nothing can not come between two operations */
	slots->jobs =
		push->plan.mixed && push->context.apply ? 1 : (size_t)push->service->options->jobs;
	while (push->finished < push->plan.count) {
		struct fault why = {0};

		if (slots_gather(slots, &push->context.stop, fault) < 0)
			return -1;
		while (slots_have_room(slots) && queue_next(&push->queues, &at))
			if (push_start(push, at, fault) < 0)
				return -1;
		if (slots_gather(slots, &push->context.stop, fault) < 0)
			return -1;
		if (slots_await_answer(slots) && push->context.fatal.kind == FAULT_NONE &&
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

	if (reply && !reply_is_good(reply))
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
	yyjson_val *filter = NULL;

	if (push->options->dialect >= 0)
		return (enum dialect)push->options->dialect;
	if (dialect != DIALECT_SCIM)
		return dialect;
	reply = service_ask(push->service, "/ServiceProviderConfig", NULL, &request, &ignored);
	if (reply && reply_is_good(reply)) {
		yyjson_val *patch = json_member(yyjson_doc_get_root(reply->doc), "patch");

		if (yyjson_is_false(json_member(patch, "supported")))
			dialect = DIALECT_OKTA_AIW;
		filter = json_member(yyjson_doc_get_root(reply->doc), "filter");
	}
	push->no_filters = !yyjson_is_true(json_member(filter, "supported"));
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

/* ---- the whole ---- */

/* Does it all, and lets the results out. 0 or -1. */
static int push_perform(struct push *push, bool apply, bool silent, struct fault *fault)
{
	push->context.apply = apply;
	push->silent = silent;
	if (roster_find(&push->queues, &push->plan, &push->context, !push->no_filters, fault) < 0)
		return -1;
	return push_run_all(push, fault);
}

/* Would more change than --max-changes allows, or is a plan no longer as it was looked at?
   1 with the reason, 0 or -1. */
static int push_rehearse(struct push *push, struct buf *stopped, struct fault *fault)
{
	const struct limit *limit = &push->options->max_changes;
	uint64_t users = 0, most;

	if (push_perform(push, false, true, fault) < 0)
		return -1;
	if (push->no_longer.len)
		buf_putf(stopped, "the service is no longer as the plan found it (%s)",
		         buf_text(&push->no_longer));
	if (!stopped->len && push->options->max_changes.is_given) {
		if (limit->is_percent && push_count_users(push->service, &users, fault) < 0)
			return -1;
		most = limit_of(limit, users);
		push->context.changes_max = most;
		if (push->planned > most)
			buf_putf(stopped, "%zu changes are more than the %llu that --max-changes allows",
			         push->planned, (unsigned long long)most);
	}
	return buf_check(stopped, fault) < 0 ? -1 : stopped->len > 0;
}

static int push_report_all(struct push *push, bool apply, const char *stopped, struct fault *fault)
{
	const struct push_report_head head = {
		.source = push->source,
		.provider = push->context.rules->provider,
		.origin = push->service->origin.base,
		.dialect = dialect_names[push->context.dialect],
		.tool = push->service->tool,
	};

	push->context.apply = apply;
	if (push_report_begin(&push->report, &head, apply, fault) < 0 ||
	    push_perform(push, apply, false, fault) < 0)
		return -1;
	if (push->context.stop.kind == FAULT_NONE && !push->in_doubt &&
	    journal_end(&push->journal, fault) < 0)
		return -1;
	if (push->context.stop.kind == FAULT_SAFEGUARD) {
		stopped = push->context.stop.text;
		service_say(push->service, NOTE_WARNING, "%s", stopped);
	}
	return push_report_end(&push->report, stopped, http_requests(push->service->http), fault);
}

static int push_do_plan(struct push *push, struct buf *stopped, int *status, struct fault *fault)
{
	const struct push_options *options = push->options;
	char hex[DIGEST_HEX + 1];
	int stop = 0;

	push->context.dialect = push_choose_dialect(push);
	if (queue_init(&push->queues, &push->plan, fault) < 0 || push_digest_plan(push, hex, fault) < 0)
		return -1;
	if (options->apply &&
	    journal_open(&push->journal, options->journal, hex, push->service->origin.base, fault) < 0)
		return -1;
	push->context.changes_max = UINT64_MAX;
	if (options->max_changes.is_given || options->plan || push->plan.mixed) {
		stop = push_rehearse(push, stopped, fault);
		/* whom it did not find can not be told from the others: one at a time */
		push->plan.mixed &= push->unknown;
		push->context.stop = (struct fault){0};
		push_release(push);
		if (stop < 0 || plan_check(&push->plan, fault) < 0 ||
		    queue_init(&push->queues, &push->plan, fault) < 0)
			return -1;
	}
	if (stop)
		service_say(push->service, NOTE_WARNING, "%s: nothing was changed", buf_text(stopped));
	if (push_report_all(push, options->apply && !stop, buf_text(stopped), fault) < 0)
		return -1;
	*status = stop || push->context.stop.kind == FAULT_SAFEGUARD ? fault_status(FAULT_SAFEGUARD)
	                                                             : push->status;
	if (push->context.stop.kind == FAULT_UNREACHABLE)
		*status = fault_status(FAULT_UNREACHABLE);
	return 0;
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

int push_run(struct service *service, const struct push_options *options, int *status,
             struct fault *fault)
{
	struct push push = {.options = options, .service = service, .journal.fd = -1};
	struct plan_options plan_options = {
		.source = options->source,
		.origin = service->origin.base,
		.is_looked_at = options->plan != NULL,
		.removed = (enum plan_removed)options->removed,
		.allow_other_origin = options->allow_other_origin,
		.rules = rules_find(service->provider->name, service->origin.base),
		.allow_removal = options->allow_removal,
	};
	struct buf stopped = {0};
	int result = -1;

	push.context = (struct task_context){
		.service = service,
		.rules = plan_options.rules,
		.allow_removal = options->allow_removal,
		.journal = &push.journal,
	};
	push.report.is_text = options->is_text;
	push.report.color = options->color;
	push.context.lookup = (struct lookup){
		.attribute = options->lookup ? options->lookup : push.context.rules->lookup,
		.sent = push.context.rules->created,
	};
	push.source = options->source ? options->source : service->provider->name;
	if (plan_read(&push.plan, &plan_options, options->plan ? options->plan : "-", fault) == 0 &&
	    service_connect(service, options->apply, options->journal, fault) == 0 &&
	    push_report_open(&push.report, push.plan.count, fault) == 0) {
		if (push.context.rules->warning)
			service_say(service, NOTE_WARNING, "%s", push.context.rules->warning);
		push_say_missing(&push);
		result = push_do_plan(&push, &stopped, status, fault);
	}
	if (result == 0) /* what failed on the way stands in the results */
		*fault = (struct fault){0};
	push_release(&push);
	push_report_release(&push.report);
	journal_close(&push.journal);
	plan_release(&push.plan);
	buf_release(&push.no_longer);
	buf_release(&stopped);
	return result;
}
