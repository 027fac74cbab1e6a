/* SPDX-License-Identifier: ISC */
/*
 * sources_run: one loop: start what may start, wait for words and ends, write what is due.
 */
#include "sources/sources_run.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "sources/source_section.h"
#include "sys/lines.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct source_state {
	struct sources_run *run;
	const struct source *source;
	struct child child;
	enum { STATE_WAITS, STATE_RUNS, STATE_READ, STATE_FAILED } is;
	int status; /* of one that failed */
	struct fault failure;
	int64_t started_ms;
	long elapsed_ms;
};

static int64_t run_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* Wakes the wait; there is nothing else to be done. */
static void child_signal(int number)
{
	(void)number;
}

/* SIGCHLD comes within a wait only. */
static int run_hold_signals(struct sources_run *run, struct fault *fault)
{
	struct sigaction action = {.sa_handler = child_signal};
	sigset_t children;

	sigemptyset(&children);
	sigaddset(&children, SIGCHLD);
	if (sigaction(SIGCHLD, &action, NULL) < 0 || sigprocmask(SIG_BLOCK, &children, &run->mask) < 0)
		return fault_set(fault, FAULT_INTERNAL, "cannot wait for programs: %s", strerror(errno));
	sigdelset(&run->mask, SIGCHLD);
	return 0;
}

static void state_say(void *context, const char *text)
{
	const struct source_state *state = context;

	state->run->tell(NEWS_SAYS, state->source, text, 0);
}

/* ---- a source ---- */

static void state_fail(struct source_state *state, int status, const char *text)
{
	enum fault_kind kind = fault_kind_find((uint64_t)status);

	state->is = STATE_FAILED;
	state->status = status;
	state->failure.kind = kind ? kind : FAULT_INTERNAL;
	if (text != state->failure.text)
		snprintf(state->failure.text, sizeof state->failure.text, "%s", text);
}

/* The command line: the source's words, and what this run wants of the program. The
   caller's to free; NULL: no memory. */
static const char **state_words(const struct source_state *state, bool is_token)
{
	const struct sources_run *run = state->run;
	const struct source *source = state->source;
	bool fetches = source->kind == SOURCE_SCIM || source->kind == SOURCE_SCALR;
	const char **words = calloc(source->word_count + 4, sizeof *words);
	size_t count = 0;

	if (!words)
		return NULL;
	words[count++] = source->words[0];
	if (is_token)
		words[count++] = "--token-file=-";
	if (fetches && run->verbosity)
		words[count++] = run->verbosity < 0 ? "--quiet" : "--verbose";
	if (fetches && run->check)
		words[count++] = "--check";
	memcpy(words + count, source->words + 1, (source->word_count - 1) * sizeof *words);
	return words;
}

/* Starts its program. One that can not start is a source that failed; -1 only where nothing
   could be started at all. */
static int state_start(struct source_state *state, size_t i, struct fault *fault)
{
	struct sources_run *run = state->run;
	char **environment = source_environment(state->source, fault);
	const char **words = NULL;
	struct buf path = {0};
	bool is_token;
	int input, result = -1;

	if (!environment)
		return -1;
	state->started_ms = run_now_ms();
	input = source_token_open(&run->tokens, state->source, i, &is_token, &state->failure);
	if (input < 0) {
		free(environment);
		state_fail(state, fault_status(state->failure.kind), state->failure.text);
		run->ended++;
		return 0;
	}
	words = state_words(state, is_token);
	buf_putf(&path, "%s%s", run->programs, state->source->words[0]);
	if (!words)
		fault_memory(fault);
	else if (buf_check(&path, fault) == 0)
		result = child_start(&state->child, buf_text(&path), words, environment, input, &run->mask,
		                     fault);
	if (result == 0) {
		state->is = STATE_RUNS;
		run->running++;
	}
	close(input);
	buf_release(&path);
	free(words);
	free(environment);
	return result;
}

/* Its program has ended. */
static void state_end(struct source_state *state, int status)
{
	struct sources_run *run = state->run;
	struct buf counts = {0};

	run->running--;
	run->ended++;
	state->elapsed_ms = (long)(run_now_ms() - state->started_ms);
	state->is = STATE_READ;
	if (status)
		state_fail(state, status, state->child.words);
	else if (!run->check || state->source->kind >= SOURCE_CSV) {
		if (source_section_check(state->source, state->child.output, &counts, &state->failure) < 0)
			state_fail(state, fault_status(state->failure.kind), state->failure.text);
		else
			run->tell(NEWS_READ, state->source, counts.len ? buf_text(&counts) : "empty",
			          state->elapsed_ms);
	}
	if (status == fault_status(FAULT_IO))
		fault_hint(&state->failure, "; sections are kept in $TMPDIR (/tmp) until they are whole");
	buf_release(&counts);
	if (state->is == STATE_FAILED) {
		close(state->child.output);
		state->child.output = -1;
	}
}

/* ---- what is written ---- */

/* What a list that nobody fetches has, as a report of --check. */
static int run_tell_counts(struct source_state *state, struct fault *fault)
{
	struct buf counts = {0};
	int result = source_section_check(state->source, state->child.output, &counts, fault);

	if (result == 0)
		state->run->tell(NEWS_CHECKED, state->source, counts.len ? buf_text(&counts) : "empty",
		                 state->elapsed_ms);
	buf_release(&counts);
	return result;
}

/* A report of --check, each line with the name of the source. */
static int run_tell_report(struct source_state *state, struct fault *fault)
{
	struct lines lines;
	struct span line;
	struct buf text = {0};
	int more;

	if (lseek(state->child.output, 0, SEEK_SET) < 0)
		return fault_set(fault, FAULT_IO, "cannot read a temporary file");
	lines_open_fd(&lines, state->child.output, "a report");
	while ((more = lines_next(&lines, &line, fault)) == 1) {
		buf_clear(&text);
		buf_put_span(&text, line);
		state->run->tell(NEWS_CHECKED, state->source, buf_text(&text), state->elapsed_ms);
	}
	lines_close(&lines);
	buf_release(&text);
	return more;
}

static int run_put_gaps(struct sources_run *run, size_t until, struct fault *fault)
{
	for (; run->written < until; run->written++) {
		struct source_state *state = &run->states[run->written];

		if (source_section_put_gaps(state->source, &state->failure, run->out, fault) < 0)
			return -1;
	}
	return 0;
}

static int run_settle(struct sources_run *run, size_t i, struct fault *fault)
{
	struct source_state *state = &run->states[i];
	int result = 0;

	if (state->is == STATE_FAILED) {
		run->tell(run->check ? NEWS_FAILED : NEWS_GAP, state->source, state->failure.text,
		          run->check ? state->elapsed_ms : state->status);
		if (run->check && !run->status)
			run->status = state->status;
		return run->any_read && !run->check ? run_put_gaps(run, i + 1, fault) : 0;
	}
	if (run->check) {
		result = state->source->kind < SOURCE_CSV ? run_tell_report(state, fault)
		                                          : run_tell_counts(state, fault);
	} else {
		run->any_read = true;
		result = run_put_gaps(run, i, fault) < 0
		             ? -1
		             : source_section_copy(state->child.output, run->out, fault);
		if (result == 0)
			result = out_flush(run->out, fault);
		run->written = i + 1;
	}
	close(state->child.output);
	state->child.output = -1;
	return result;
}

/* The run ends with this source. */
static void run_give_up(struct sources_run *run, const struct source_state *state)
{
	run->tell(NEWS_FAILED, state->source, state->failure.text, state->elapsed_ms);
	source_section_put_failure(state->source, &state->failure, run->out);
	run->status = state->status;
}

/* ---- the loop ---- */

static int run_start_some(struct sources_run *run, struct fault *fault)
{
	while (run->started < run->wanted && run->running < (size_t)run->jobs &&
	       run->started < run->settled + SOURCES_AHEAD_MAX) {
		struct source_state *state = &run->states[run->started];

		if (state_start(state, (size_t)(state->source - run->sources->at), fault) < 0)
			return -1;
		run->started++;
		if (state->is == STATE_FAILED)
			break;
	}
	return 0;
}

/* Until a program says something or ends. */
static int run_wait(struct sources_run *run, struct fault *fault)
{
	struct pollfd from[JOBS_MAX];
	struct source_state *of[JOBS_MAX];
	nfds_t count = 0;

	for (size_t i = run->settled; i < run->started && count < JOBS_MAX; i++)
		if (run->states[i].is == STATE_RUNS) {
			of[count] = &run->states[i];
			from[count++] = (struct pollfd){.fd = run->states[i].child.said, .events = POLLIN};
		}
	/* one whose messages have ended, but which has not: poll would come back at once */
	for (nfds_t i = 0; i < count; i++)
		if (of[i]->child.is_silent)
			from[i].fd = -1;
	if (ppoll(from, count, NULL, &run->mask) < 0 && errno != EINTR)
		return fault_set(fault, FAULT_INTERNAL, "cannot wait for programs: %s", strerror(errno));
	for (nfds_t i = 0; i < count; i++) {
		int status;

		child_hear(&of[i]->child, state_say, of[i]);
		if (child_ended(&of[i]->child, &status, state_say, of[i]))
			state_end(of[i], status);
	}
	return 0;
}

/* The first that failed of those that have ended; NULL: none. */
static const struct source_state *run_failed(const struct sources_run *run)
{
	for (size_t i = 0; i < run->started; i++)
		if (run->states[i].is == STATE_FAILED)
			return &run->states[i];
	return NULL;
}

static int run_all(struct sources_run *run, struct fault *fault)
{
	while (run->settled < run->wanted) {
		const struct source_state *failed;

		if (run_start_some(run, fault) < 0)
			return -1;
		if (run->running && run_wait(run, fault) < 0)
			return -1;
		run->count(run->ended, run->wanted);
		failed = run->keep_going || run->check ? NULL : run_failed(run);
		if (failed) {
			run_give_up(run, failed);
			return 0;
		}
		while (run->settled < run->started && run->states[run->settled].is >= STATE_READ)
			if (run_settle(run, run->settled++, fault) < 0)
				return -1;
	}
	if (!run->check && !run->any_read) /* nothing is there to be compared */
		run_give_up(run, &run->states[0]);
	return 0;
}

static int run_prepare(struct sources_run *run, struct fault *fault)
{
	run->states = calloc(run->sources->count + 1, sizeof *run->states);
	if (!run->states)
		return fault_memory(fault);
	for (size_t i = 0; i < run->sources->count; i++)
		if (run->sources->at[i].is_wanted)
			run->states[run->wanted++] = (struct source_state){
				.run = run, .source = &run->sources->at[i], .child = {.output = -1}};
	return run_hold_signals(run, fault) < 0 ? -1
	                                        : source_tokens_init(&run->tokens, run->sources, fault);
}

int sources_run(struct sources_run *run, int *status, struct fault *fault)
{
	int result = run_prepare(run, fault);

	if (result == 0)
		result = run_all(run, fault);
	for (size_t i = 0; run->states && i < run->wanted; i++) {
		child_stop(&run->states[i].child);
		if (run->states[i].is == STATE_READ && run->states[i].child.output >= 0)
			close(run->states[i].child.output);
	}
	source_tokens_release(&run->tokens);
	free(run->states);
	run->states = NULL;
	*status = run->status;
	return result;
}
