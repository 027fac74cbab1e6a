/* SPDX-License-Identifier: ISC */
/*
 * trace_history: what differs, put together again: one record over all snapshots.
 */
#include "base/array.h"
#include "trace/trace_parts.h"

#include <stdlib.h>

enum { FILE_DIGITS = 8 };

int trace_history_open(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = calloc(1, sizeof *history);
	size_t most = 1;

	trace->history = history;
	if (!history)
		return fault_memory(fault);
	for (size_t i = 0; i < trace->source_count; i++)
		if (trace->sources[i].moment_count > most)
			most = trace->sources[i].moment_count;
	history->versions = calloc(trace->file_count + 1, sizeof *history->versions);
	history->values = calloc(trace->file_count + 1, sizeof *history->values);
	history->states = calloc(most, sizeof *history->states);
	if (!history->versions || !history->values || !history->states)
		return fault_memory(fault);
	history->more = sorter_next(trace->events, &history->next, fault);
	return history->more < 0 ? -1 : 0;
}

void trace_history_release(struct trace_history *history)
{
	if (!history)
		return;
	buf_release(&history->key);
	buf_release(&history->lines);
	free(history->versions);
	free(history->values);
	free(history->states);
	free(history->ends);
	free(history->ranges);
	free(history);
}

/* The key of an event. */
static struct span event_key(struct span event)
{
	const char *mark = memchr(event.data, TRACE_MARK, event.len);

	return (struct span){event.data, mark ? (size_t)(mark - event.data) : 0};
}

/* A version of the record at hand: its number, or 0 with a fault. */
static uint32_t history_add_version(struct trace_history *history, struct span rest,
                                    struct fault *fault)
{
	size_t *ends = array_grow(history->ends, history->version_count, &history->version_cap,
	                          sizeof *ends, fault);

	if (!ends)
		return 0;
	history->ends = ends;
	buf_put_buf(&history->lines, &history->key);
	buf_put_span(&history->lines, rest);
	if (buf_check(&history->lines, fault) < 0)
		return 0;
	ends[history->version_count++] = history->lines.len;
	return (uint32_t)history->version_count;
}

/* From a snapshot on, to the last of its chain, it is so. */
static int history_take(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	const char *at = history->next.data + history->key.len + 1, *rest = at + FILE_DIGITS + 1;
	size_t file = strtoul(at, NULL, 16);
	uint32_t version = 0;

	if (rest[-1] == '+') {
		size_t len = (size_t)(history->next.data + history->next.len - 1 - rest);

		version = history_add_version(history, (struct span){rest, len}, fault);
		if (!version)
			return -1;
	}
	for (size_t end = trace->files[file].chain_end; file < end; file++)
		history->versions[file] = version;
	history->more = sorter_next(trace->events, &history->next, fault);
	return history->more < 0 ? -1 : 0;
}

int trace_history_next(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	int64_t source;

	if (history->more <= 0)
		return history->more;
	buf_clear(&history->key);
	buf_clear(&history->lines);
	buf_put_span(&history->key, event_key(history->next));
	if (buf_check(&history->key, fault) < 0)
		return -1;
	history->version_count = 0;
	memset(history->versions, 0, trace->file_count * sizeof *history->versions);
	while (history->more > 0 && span_is(event_key(history->next), buf_span(&history->key)))
		if (history_take(trace, fault) < 0)
			return -1;
	if (history->more < 0)
		return -1;
	history->kind = record_line_kind(buf_span(&history->key));
	source = trace_find_source(trace, record_line_source(buf_span(&history->key)));
	if (source < 0)
		return fault_set(fault, FAULT_INTERNAL, "a record of no source");
	history->source = (size_t)source;
	return 1;
}

struct span trace_version(const struct trace_history *history, uint32_t version)
{
	size_t from = version > 1 ? history->ends[version - 2] : 0;

	return (struct span){history->lines.data + from, history->ends[version - 1] - from};
}

/* ---- intervals ---- */

/* What is known at each moment: of several snapshots what one shows, else that one could see
   it and it was not there. */
static void history_join(struct trace *trace, size_t number)
{
	struct trace_history *history = trace->history;

	memset(history->states, 0, trace->sources[number].moment_count * sizeof *history->states);
	for (size_t file = 0; file < trace->file_count; file++) {
		uint32_t moment = trace->files[file].points[number].moment;

		if (moment != UINT32_MAX && history->values[file] > history->states[moment])
			history->states[moment] = history->values[file];
	}
}

/* The moment could not see what was there before. */
static int range_take(struct trace_history *history, size_t moment, struct fault *fault)
{
	struct trace_range *ranges = history->ranges;

	if (history->range_count && ranges[history->range_count - 1].to + 1 == moment) {
		ranges[history->range_count - 1].to = moment;
		return 0;
	}
	ranges = array_grow(ranges, history->range_count, &history->range_cap, sizeof *ranges, fault);
	if (!ranges)
		return -1;
	history->ranges = ranges;
	ranges[history->range_count++] = (struct trace_range){moment, moment};
	return 0;
}

int trace_each_interval(struct trace *trace, size_t source,
                        int (*each)(void *context, const struct trace_interval *interval,
                                    struct fault *fault),
                        void *context, struct fault *fault)
{
	struct trace_history *history = trace->history;
	struct trace_interval open = {.source = &trace->sources[source]};
	size_t not_yet = TRACE_NEVER, count = trace->sources[source].moment_count;

	history_join(trace, source);
	for (size_t moment = 0; moment <= count; moment++) {
		uint32_t state = moment < count ? history->states[moment] : TRACE_HIDDEN;
		bool is_over = moment == count || (state != TRACE_HIDDEN && state != open.value);

		if (open.value && is_over) {
			open.until = moment < count ? moment : TRACE_NEVER;
			open.not_seen = history->ranges;
			open.not_seen_count = history->range_count;
			if (each(context, &open, fault) < 0)
				return -1;
			not_yet = open.last;
			open.value = 0;
		}
		if (moment == count)
			break;
		if (state == TRACE_ABSENT)
			not_yet = moment;
		else if (state == TRACE_HIDDEN && open.value && range_take(history, moment, fault) < 0)
			return -1;
		else if (state >= TRACE_SEEN && !open.value) {
			open.value = state;
			open.since = moment;
			open.not_yet = not_yet;
			history->range_count = 0;
		}
		if (state >= TRACE_SEEN)
			open.last = moment;
	}
	return 0;
}
