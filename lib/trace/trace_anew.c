/* SPDX-License-Identifier: ISC */
/*
 * trace_anew: an account that was made anew under the id of an old one has another
 * created_at. It is another account, so intervals end where the new one begins.
 */
#include "base/array.h"
#include "trace/trace_parts.h"

#include <stdlib.h>

void trace_births_release(struct trace_births *births)
{
	buf_release(&births->texts);
	free(births->ends);
	free(births->of);
	free(births->at);
}

void trace_births_begin(struct trace_births *births)
{
	buf_clear(&births->texts);
	births->count = 0;
	births->of_count = 0;
	births->is_anew = false;
}

/* The number of a birth, from 1 on; 0 with a fault. */
static uint32_t births_find(struct trace_births *births, struct span created_at,
                            struct fault *fault)
{
	size_t from = 0, *ends;

	for (size_t i = 0; i < births->count; i++) {
		if (span_is((struct span){births->texts.data + from, births->ends[i] - from}, created_at))
			return (uint32_t)i + 1;
		from = births->ends[i];
	}
	ends = array_grow(births->ends, births->count, &births->cap, sizeof *ends, fault);
	if (!ends)
		return 0;
	births->ends = ends;
	buf_put_span(&births->texts, created_at);
	if (buf_check(&births->texts, fault) < 0)
		return 0;
	ends[births->count++] = births->texts.len;
	return (uint32_t)births->count;
}

int trace_births_take(struct trace_births *births, struct span created_at, struct fault *fault)
{
	uint32_t *of = array_grow(births->of, births->of_count, &births->of_cap, sizeof *of, fault);
	uint32_t birth = 0;

	if (!of)
		return -1;
	births->of = of;
	if (created_at.len && !(birth = births_find(births, created_at, fault)))
		return -1;
	of[births->of_count++] = birth;
	return 0;
}

int trace_births_settle(const struct trace *trace, struct trace_births *births, struct fault *fault)
{
	const struct trace_history *history = trace->history;
	size_t count = trace->sources[history->source].moment_count;
	uint32_t *at, last = 0;

	births->is_anew = births->count > 1;
	if (!births->is_anew)
		return 0;
	at = realloc(births->at, count * sizeof *at);
	if (!at)
		return fault_memory(fault);
	births->at = at;
	memset(at, 0, count * sizeof *at);
	for (size_t file = 0; file < trace->file_count; file++) {
		uint32_t moment = trace->files[file].points[history->source].moment;
		uint32_t version = history->versions[file];

		if (moment != UINT32_MAX && version && births->of[version - 1])
			at[moment] = births->of[version - 1];
	}
	/* a reading that shows none is of the account before it */
	for (size_t moment = 0; moment < count; moment++)
		last = at[moment] = at[moment] ? at[moment] : last;
	return 0;
}

void trace_births_split(struct trace *trace, size_t source, const struct trace_births *births,
                        uint32_t step)
{
	uint32_t *values = trace->history->values;

	for (size_t file = 0; births->is_anew && file < trace->file_count; file++) {
		uint32_t moment = trace->files[file].points[source].moment;

		if (moment != UINT32_MAX && values[file] >= TRACE_SEEN)
			values[file] += step * births->at[moment];
	}
}
