/* SPDX-License-Identifier: ISC */
/*
 * trace: the parts, one after the other.
 */
#include "access/persons.h"
#include "trace/trace_parts.h"

const char *const trace_by_names[TRACE_BYS] = {"access", "user", "group"};
const char *const trace_format_names[TRACE_FORMATS] = {"text", "csv", "ndjson"};

int trace_open(struct trace *trace, const struct trace_options *options, char *const *paths,
               struct fault *fault)
{
	*trace = (struct trace){.options = options};
	trace->events = sorter_open(options->memory / 4, fault);
	trace->memberships = trace->events ? sorter_open(options->memory / 4, fault) : NULL;
	if (options->user)
		persons_put_folded(&trace->user, span_of(options->user));
	if (options->group)
		persons_put_folded(&trace->group, span_of(options->group));
	if (buf_check(&trace->user, fault) < 0 || buf_check(&trace->group, fault) < 0)
		return -1;
	return trace->memberships ? trace_files_open(trace, paths, fault) : -1;
}

void trace_release(struct trace *trace)
{
	trace_files_release(trace);
	set_release(&trace->hidden);
	sorter_close(trace->events);
	sorter_close(trace->memberships);
	trace_groups_release(trace->groups);
	trace_nested_release(trace->nested);
	trace_history_release(trace->history);
	trace_writer_release(trace->writer);
	arena_release(&trace->texts);
	buf_release(&trace->user);
	buf_release(&trace->group);
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
