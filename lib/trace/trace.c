/* SPDX-License-Identifier: ISC */
/*
 * trace: the parts, one after the other.
 */
#include "trace/trace_parts.h"

const char *const trace_format_names[TRACE_FORMATS] = {"text", "csv", "ndjson"};

int trace_open(struct trace *trace, const struct trace_options *options, char *const *paths,
               struct fault *fault)
{
	*trace = (struct trace){.options = options};
	trace->events = sorter_open(options->memory / 4, fault);
	trace->memberships = trace->events ? sorter_open(options->memory / 4, fault) : NULL;
	return trace->memberships ? trace_files_open(trace, paths, fault) : -1;
}

void trace_release(struct trace *trace)
{
	trace_files_release(trace);
	set_release(&trace->hidden);
	sorter_close(trace->events);
	sorter_close(trace->memberships);
	trace_groups_release(trace->groups);
	trace_history_release(trace->history);
	trace_writer_release(trace->writer);
	arena_release(&trace->texts);
	buf_release(&trace->line);
	buf_release(&trace->key);
	*trace = (struct trace){0};
}

int trace_read(struct trace *trace, struct fault *fault)
{
	return trace_merge(trace, fault) < 0 ? -1 : sorter_sort(trace->events, fault);
}

int trace_write(struct trace *trace, struct out *out, struct fault *fault)
{
	return trace_put_begin(trace, out, fault) < 0 || trace_subjects(trace, fault) < 0
	           ? -1
	           : trace_put_end(trace, fault);
}
