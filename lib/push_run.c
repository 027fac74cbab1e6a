/* SPDX-License-Identifier: ISC */
/*
 * push_run: an operation waits in one line for its user and in one for its group,
 * and starts when it is the first in both. Lines are filled in the order of the
 * plan, so no two operations can wait for each other.
 */
#include "push_run.h"

#include "inert.h"
#include "scim_page.h"
#include "undo.h"
#include "when.h"

#include <stdio.h>
#include <stdlib.h>

enum { NONE = SIZE_MAX };

/* A user or group, and the operations that wait for it. */
struct lane {
	struct subject subject;
	size_t first, last; /* places of jobs; NONE: nobody waits */
};

struct job {
	struct task task;
	struct result result;
	struct span earlier; /* the result that the journal has */
	size_t lanes[2];     /* of its user and its group; NONE */
	size_t next[2];      /* behind it in these lanes */
	bool offered, running, over;
};

struct run {
	struct push_context context;
	const struct push_options *options;
	struct fetch *fetch;
	struct plan plan;
	struct journal journal;
	struct job *jobs;
	struct lane *lanes;
	size_t lane_count;
	struct set lane_names;
	size_t *ready, ready_first, ready_count; /* jobs that may start, in order */
	size_t running, finished;
	size_t told; /* results written so far */
	bool silent; /* a rehearsal: nothing is written */
	struct push_totals totals;
	int status;
};

/* ---- lanes ---- */

/* The lane of a user or group, made where it is new. NONE: there is none; a fault
   is for want of memory. */
static int lane_of(struct run *run, char kind, struct span id, struct span name, size_t *lane)
{
	struct buf key = {0};
	struct span text = id.len ? id : name;
	struct set_entry *entry;
	bool fresh = false;

	*lane = NONE;
	if (!text.len)
		return 0;
	buf_putf(&key, "%c%c", kind, id.len ? 'i' : 'n');
	for (size_t i = 0; i < text.len; i++)
		buf_putc(&key, id.len || kind == 'g' ? text.data[i] : ascii_lower(text.data[i]));
	entry = key.state == BUF_OK ? set_take(&run->lane_names, buf_span(&key), &fresh) : NULL;
	buf_release(&key);
	if (!entry)
		return -1;
	if (fresh) {
		entry->value = run->lane_count;
		run->lanes[run->lane_count++] = (struct lane){.first = NONE, .last = NONE};
	}
	*lane = entry->value;
	return 0;
}

static void queue(struct run *run, size_t at, int side)
{
	struct job *job = &run->jobs[at];
	struct lane *lane;

	job->next[side] = NONE;
	if (job->lanes[side] == NONE)
		return;
	lane = &run->lanes[job->lanes[side]];
	if (lane->first == NONE)
		lane->first = at;
	else /* it may be this very job that is last */
		run->jobs[lane->last].next[run->jobs[lane->last].lanes[0] == job->lanes[side] ? 0 : 1] = at;
	lane->last = at;
}

static bool may_start(const struct run *run, const struct job *job, size_t at)
{
	for (int side = 0; side < 2; side++)
		if (job->lanes[side] != NONE && run->lanes[job->lanes[side]].first != at)
			return false;
	return true;
}

static void offer(struct run *run, size_t at)
{
	if (at == NONE || run->jobs[at].offered || !may_start(run, &run->jobs[at], at))
		return;
	run->jobs[at].offered = true;
	run->ready[run->ready_count++] = at;
}

static void leave_lanes(struct run *run, size_t at)
{
	struct job *job = &run->jobs[at];

	for (int side = 0; side < 2; side++)
		if (job->lanes[side] != NONE)
			run->lanes[job->lanes[side]].first = job->next[side];
	for (int side = 0; side < 2; side++)
		if (job->lanes[side] != NONE)
			offer(run, job->next[side]);
}

/* ---- jobs ---- */

/* What an operation is called in the journal: its place and all that it says. */
static int name_job(struct job *job, const struct operation *operation, size_t at,
                    struct fault *fault)
{
	struct digest digest = {0};
	struct result none = {.outcome = OUTCOME_OPEN};
	struct buf text = {0};
	int result;

	buf_putf(&text, "%zu ", at);
	result_put(&text, operation, &none, false, (struct span){"", 0});
	result = buf_check(&text, fault);
	if (result == 0)
		result = digest_init(&digest, fault);
	if (result == 0) {
		digest_put(&digest, buf_span(&text));
		result = digest_hex(&digest, job->task.key, fault);
	}
	digest_release(&digest);
	buf_release(&text);
	return result;
}

static void release_jobs(struct run *run)
{
	for (size_t i = 0; run->jobs && i < run->plan.count; i++) {
		task_release(&run->jobs[i].task);
		result_release(&run->jobs[i].result);
	}
	for (size_t i = 0; i < run->lane_count; i++)
		buf_release(&run->lanes[i].subject.id);
	free(run->jobs);
	free(run->lanes);
	free(run->ready);
	set_release(&run->lane_names);
	run->jobs = NULL;
	run->lanes = NULL;
	run->ready = NULL;
	run->lane_count = run->ready_first = run->ready_count = 0;
	run->running = run->finished = run->told = 0;
	run->totals = (struct push_totals){0};
	run->status = 0;
}

static int prepare_job(struct run *run, size_t at, struct fault *fault)
{
	const struct operation *operation = &run->plan.operations[at];
	struct job *job = &run->jobs[at];

	if (lane_of(run, 'u', operation->user_id, operation->user_name, &job->lanes[0]) < 0 ||
	    lane_of(run, 'g', operation->group_id, operation->group, &job->lanes[1]) < 0)
		return fault_memory(fault);
	job->task.context = &run->context;
	job->task.operation = operation;
	job->task.result = &job->result;
	queue(run, at, 0);
	queue(run, at, 1);
	return name_job(job, operation, at, fault);
}

static int prepare(struct run *run, struct fault *fault)
{
	size_t count = run->plan.count;

	run->jobs = calloc(count + 1, sizeof *run->jobs);
	run->lanes = calloc(2 * count + 1, sizeof *run->lanes);
	run->ready = calloc(count + 1, sizeof *run->ready);
	if (!run->jobs || !run->lanes || !run->ready)
		return fault_memory(fault);
	for (size_t i = 0; i < count; i++)
		if (prepare_job(run, i, fault) < 0)
			return -1;
	for (size_t i = 0; i < count; i++)
		offer(run, i);
	return 0;
}

/* ---- results ---- */

/* Writes the results that are due, in the order of the plan. 0 or -1. */
static int tell(struct run *run, struct fault *fault)
{
	struct buf *line = &run->fetch->line;

	for (; run->told < run->plan.count && run->jobs[run->told].over; run->told++) {
		struct job *job = &run->jobs[run->told];

		if (run->silent)
			continue;
		buf_clear(line);
		result_put(line, &run->plan.operations[run->told], &job->result, run->context.apply,
		           job->earlier);
		if (buf_check(line, fault) < 0)
			return -1;
		section_put(&run->fetch->section, buf_span(line));
		result_release(&job->result);
		if (out_flush(&run->fetch->out, fault) < 0)
			return -1;
	}
	return 0;
}

static int finish(struct run *run, size_t at, struct fault *fault)
{
	struct job *job = &run->jobs[at];
	struct result *result = &job->result;
	struct buf end = {0};
	int status = result_status(result), kept = 0;

	job->over = true;
	run->running -= job->running;
	run->finished++;
	run->totals.outcomes[result->outcome]++;
	if (status > run->status)
		run->status = status;
	if (!job->earlier.len && run->context.apply) {
		result_put_end(&end, result);
		kept = buf_check(&end, fault);
		if (kept == 0)
			kept = journal_settled(&run->journal, job->task.key, result->outcome == OUTCOME_DONE,
			                       buf_span(&end), fault);
		buf_release(&end);
	}
	task_release(&job->task);
	leave_lanes(run, at);
	return kept < 0 ? -1 : tell(run, fault);
}

/* ---- the run ---- */

static int start(struct run *run, size_t at, struct fault *fault)
{
	struct job *job = &run->jobs[at];

	for (int side = 0; side < 2; side++)
		if (job->lanes[side] != NONE)
			*(side ? &job->task.group : &job->task.user) = &run->lanes[job->lanes[side]].subject;
	job->earlier = journal_done(&run->journal, job->task.key);
	if (job->earlier.len) {
		job->result.outcome = OUTCOME_DONE;
		return finish(run, at, fault);
	}
	if (run->context.stop.kind != FAULT_NONE)
		task_skip(&job->task, &run->context.stop);
	else
		task_begin(&job->task);
	job->running = true;
	run->running++;
	return task_is_settled(&job->task) ? finish(run, at, fault) : 0;
}

static int advance(struct run *run, size_t *active, size_t *count, struct fault *fault)
{
	for (size_t i = 0; i < *count;) {
		struct task *task = &run->jobs[active[i]].task;

		if (task->request && request_is_settled(task->request))
			task_advance(task);
		if (run->context.fatal.kind != FAULT_NONE) {
			*fault = run->context.fatal;
			return -1;
		}
		if (!task_is_settled(task)) {
			i++;
			continue;
		}
		if (finish(run, active[i], fault) < 0)
			return -1;
		active[i] = active[--*count];
	}
	return 0;
}

/* The deadline has passed: what is under way has an end that nobody knows. */
static int give_up(struct run *run, size_t *active, size_t *count, const struct fault *why,
                   struct fault *fault)
{
	run->context.stop = *why;
	for (; *count; --*count) {
		struct task *task = &run->jobs[active[*count - 1]].task;

		task->result->outcome = OUTCOME_FAILED;
		task->result->why = *why;
		if (task->changes)
			fault_hint(&task->result->why, "; whether the last change happened is not known");
		if (finish(run, active[*count - 1], fault) < 0)
			return -1;
	}
	return 0;
}

static int run_all(struct run *run, struct fault *fault)
{
	size_t jobs = run->plan.mixed ? 1 : (size_t)run->fetch->options->jobs;
	size_t active[JOBS_MAX], count = 0;

	while (run->finished < run->plan.count) {
		struct fault why = {0};

		while (count < jobs && run->ready_first < run->ready_count) {
			size_t at = run->ready[run->ready_first++];

			if (start(run, at, fault) < 0)
				return -1;
			if (!run->jobs[at].over)
				active[count++] = at;
		}
		if (run->context.fatal.kind != FAULT_NONE) {
			*fault = run->context.fatal;
			return -1;
		}
		if (count && http_turn(run->fetch->http, &why) < 0) {
			*fault = why;
			if (why.kind != FAULT_TRY_LATER || give_up(run, active, &count, &why, fault) < 0)
				return -1;
		}
		if (advance(run, active, &count, fault) < 0)
			return -1;
	}
	return 0;
}

/* ---- before it ---- */

/* How many users the service says it has: for a percentage. */
static int count_users(struct fetch *fetch, uint64_t *users, struct fault *fault)
{
	struct request *request = NULL;
	const struct reply *reply =
		fetch_ask(fetch, "/Users?startIndex=1&count=2", NULL, &request, fault);
	struct scim_page page;
	int result = -1;

	if (reply && (reply->status != 200 || !reply->doc))
		fetch_unwanted(fetch, reply, fault);
	else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0) {
		*users = page.total;
		result = page.has_total ? 0
		                        : fault_set(fault, FAULT_PROTOCOL,
		                                    "the service does not say how many users it has, so "
		                                    "--max-changes takes a number, not a percentage");
	}
	http_drop(fetch->http, request);
	return result;
}

/* What a service says of itself is a hint: it only chooses between ways that would
   all be tried. */
static enum dialect choose_dialect(struct run *run)
{
	const struct push_rules *rules = run->context.rules;
	struct request *request = NULL;
	const struct reply *reply;
	struct fault ignored = {0};
	enum dialect dialect = rules->dialect;

	if (run->options->dialect >= 0)
		return (enum dialect)run->options->dialect;
	if (rules->host)
		return dialect;
	reply = fetch_ask(run->fetch, "/ServiceProviderConfig", NULL, &request, &ignored);
	if (reply && reply->status == 200) {
		yyjson_val *patch = json_member(yyjson_doc_get_root(reply->doc), "patch");

		if (yyjson_is_false(json_member(patch, "supported")))
			dialect = DIALECT_OKTA_AIW;
	}
	http_drop(run->fetch->http, request);
	return dialect;
}

static int digest_plan(const struct run *run, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	struct digest digest = {0};
	int result = digest_init(&digest, fault);

	if (result == 0) {
		for (size_t i = 0; i < run->plan.count; i++)
			digest_put(&digest, span_of(run->jobs[i].task.key));
		result = digest_hex(&digest, hex, fault);
	}
	digest_release(&digest);
	return result;
}

/* ---- the result stream ---- */

static int begin_stream(struct run *run, struct fault *fault)
{
	struct fetch *fetch = run->fetch;
	struct buf *line = &fetch->line;
	char now[WHEN_MAX], tool[64];

	snprintf(tool, sizeof tool, "%s %s", fetch->tool, ROLLCALL_VERSION);
	buf_clear(line);
	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"results\"", STREAM_FORMAT);
	json_put_member(line, "source", span_of(fetch->source));
	json_put_member(line, "provider", span_of(run->context.rules->provider));
	json_put_member(line, "origin", span_of(fetch->origin.base));
	json_put_member(line, "dialect", span_of(dialect_names[run->context.dialect]));
	buf_putf(line, ",\"applied\":%s", run->context.apply ? "true" : "false");
	json_put_member(line, "tool", span_of(tool));
	json_put_member(line, "started_at", span_of(when_now(now)));
	buf_puts(line, "}\n");
	if (buf_check(line, fault) < 0 ||
	    section_open(&fetch->section, &fetch->out, buf_span(line), fault) < 0)
		return -1;
	fetch->began = true;
	return out_flush(&fetch->out, fault);
}

static int end_stream(struct run *run, const char *stopped, struct fault *fault)
{
	struct fetch *fetch = run->fetch;
	struct buf before = {0};
	const char *comma = "";
	char now[WHEN_MAX];
	int result;

	buf_putf(&before, ",\"results\":%zu,\"outcomes\":{", run->plan.count);
	for (int outcome = 0; outcome < OUTCOMES; outcome++)
		if (run->totals.outcomes[outcome]) {
			buf_putf(&before, "%s\"%s\":%llu", comma, outcome_names[outcome],
			         (unsigned long long)run->totals.outcomes[outcome]);
			comma = ",";
		}
	buf_puts(&before, "}");
	if (*stopped)
		json_put_member(&before, "stopped", span_of(stopped));
	buf_putf(&before, ",\"requests\":%llu,\"finished_at\":\"%s\"",
	         (unsigned long long)http_requests(fetch->http), when_now(now));
	undo_hold(); /* a sealed section and a signal's status must not go together */
	result = section_close(&fetch->section, buf_text(&before), 0, "", fault);
	buf_release(&before);
	return result < 0 ? -1 : out_close(&fetch->out, fault);
}

/* ---- the whole ---- */

/* Does it all, and lets the results out. 0 or -1. */
static int perform(struct run *run, bool apply, bool silent, struct fault *fault)
{
	run->context.apply = apply;
	run->silent = silent;
	return run_all(run, fault);
}

/* Stops where more would change than --max-changes allows: 1 with the reason. */
static int check_limit(struct run *run, char stopped[256], struct fault *fault)
{
	uint64_t users = 0, most = run->options->max_changes, changes;

	if (perform(run, false, true, fault) < 0)
		return -1;
	changes = run->totals.outcomes[OUTCOME_PLANNED];
	if (run->options->limit_is_percent) {
		if (count_users(run->fetch, &users, fault) < 0)
			return -1;
		most = users * most / 100;
	}
	if (changes <= most)
		return 0;
	snprintf(stopped, 256, "%llu changes are more than the %llu that --max-changes allows",
	         (unsigned long long)changes, (unsigned long long)most);
	return 1;
}

static int do_plan(struct run *run, int *status, struct fault *fault)
{
	const struct push_options *options = run->options;
	char hex[DIGEST_HEX + 1], stopped[256] = "";
	int limit = 0;

	run->context.dialect = choose_dialect(run);
	if (prepare(run, fault) < 0 || digest_plan(run, hex, fault) < 0)
		return -1;
	if (options->limited) {
		limit = check_limit(run, stopped, fault);
		release_jobs(run);
		if (limit < 0 || prepare(run, fault) < 0)
			return -1;
	}
	if (options->apply && !limit &&
	    journal_open(&run->journal, options->journal, hex, run->fetch->origin.base, fault) < 0)
		return -1;
	run->context.apply = options->apply && !limit;
	if (begin_stream(run, fault) < 0 || perform(run, run->context.apply, false, fault) < 0)
		return -1;
	if (run->context.stop.kind == FAULT_NONE && journal_end(&run->journal, fault) < 0)
		return -1;
	*status = limit ? fault_status(FAULT_SAFEGUARD) : run->status;
	if (run->context.stop.kind == FAULT_UNREACHABLE)
		*status = fault_status(FAULT_UNREACHABLE);
	if (limit)
		fetch_say(run->fetch, NOTE_WARNING, "%s: nothing was changed", stopped);
	return end_stream(run, stopped, fault);
}

int push_run(struct fetch *fetch, const struct push_options *options, const char *path, int *status,
             struct fault *fault)
{
	struct run run = {.options = options, .fetch = fetch, .journal.fd = -1};
	struct plan_options plan_options = {
		.source = fetch->options->source,
		.origin = fetch->origin.base,
		.removed = (enum removed)options->removed,
		.allow_other_origin = options->allow_other_origin,
	};
	int result = -1;

	run.context = (struct push_context){
		.fetch = fetch,
		.rules = push_rules_find(fetch->provider->name, fetch->origin.base),
		.allow_removal = options->allow_removal,
		.journal = &run.journal,
	};
	run.context.lookup = options->lookup ? options->lookup : run.context.rules->lookup;
	plan_options.kept = run.context.rules->kept;
	fetch->source = fetch->options->source ? fetch->options->source : fetch->provider->name;
	if (plan_read(&run.plan, &plan_options, path, fault) == 0 && fetch_connect(fetch, fault) == 0 &&
	    out_open(&fetch->out, NULL, fault) == 0)
		result = do_plan(&run, status, fault);
	*fault = result == 0 ? (struct fault){0} : *fault;
	release_jobs(&run);
	journal_close(&run.journal);
	plan_release(&run.plan);
	return result;
}
