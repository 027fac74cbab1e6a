/* SPDX-License-Identifier: ISC */
/*
 * trace_put: intervals as the trace stream of rollcall-stream(5).
 */
#include "base/json_put.h"
#include "trace/trace_parts.h"

#include <stdlib.h>

const char *const trace_what_words[TRACE_WHATS] = {"account", "status", "group",      "membership",
                                                   "access",  "role",   "entitlement"};

struct trace_writer {
	struct section_writer section;
	struct buf line;
	uint64_t counts[TRACE_WHATS];
};

void trace_writer_release(struct trace_writer *writer)
{
	if (!writer)
		return;
	section_release(&writer->section);
	buf_release(&writer->line);
	free(writer);
}

/* ---- the begin line ---- */

static int begin_compare_snapshots(const void *a, const void *b)
{
	const struct trace_file *one = *(const struct trace_file *const *)a;
	const struct trace_file *other = *(const struct trace_file *const *)b;
	int order = when_compare(one->time, other->time);

	return order ? order : strcmp(one->sha256, other->sha256);
}

static int begin_compare_sources(const void *a, const void *b)
{
	const struct trace_source *one = *(const struct trace_source *const *)a;
	const struct trace_source *other = *(const struct trace_source *const *)b;

	return span_compare(one->name, other->name);
}

/* Each snapshot once, the earliest first. */
static int begin_put_snapshots(const struct trace *trace, struct buf *line, struct fault *fault)
{
	const struct trace_file **files = calloc(trace->file_count + 1, sizeof *files);

	if (!files)
		return fault_memory(fault);
	for (size_t i = 0; i < trace->file_count; i++)
		files[i] = &trace->files[i];
	qsort(files, trace->file_count, sizeof *files, begin_compare_snapshots);
	buf_puts(line, ",\"snapshots\":[");
	for (size_t i = 0; i < trace->file_count; i++) {
		if (i && strcmp(files[i]->sha256, files[i - 1]->sha256) == 0 &&
		    strcmp(files[i]->begin_hex, files[i - 1]->begin_hex) == 0)
			continue;
		json_array_next(line);
		buf_putf(line, "{\"sha256\":\"%s\"", files[i]->sha256);
		json_put_member(line, "fetched_at", files[i]->time);
		buf_putc(line, '}');
	}
	buf_putc(line, ']');
	free(files);
	return 0;
}

/* When each source was read: first, last, and how often. */
static int begin_put_sources(const struct trace *trace, struct buf *line, struct fault *fault)
{
	const struct trace_source **sources = calloc(trace->source_count + 1, sizeof *sources);

	if (!sources)
		return fault_memory(fault);
	for (size_t i = 0; i < trace->source_count; i++)
		sources[i] = &trace->sources[i];
	qsort(sources, trace->source_count, sizeof *sources, begin_compare_sources);
	buf_puts(line, ",\"sources\":[");
	for (size_t i = 0; i < trace->source_count; i++) {
		const struct trace_source *source = sources[i];

		json_array_next(line);
		buf_puts(line, "{\"source\":");
		buf_put_span(line, source->name_json);
		json_put_member(line, "first", source->moments[0].time);
		json_put_member(line, "last", source->moments[source->moment_count - 1].time);
		buf_putf(line, ",\"readings\":%zu}", source->moment_count);
	}
	buf_putc(line, ']');
	free(sources);
	return 0;
}

int trace_put_begin(struct trace *trace, struct out *out, struct fault *fault)
{
	struct trace_writer *writer = calloc(1, sizeof *writer);

	trace->writer = writer;
	if (!writer)
		return fault_memory(fault);
	buf_putf(
		&writer->line,
		"{\"kind\":\"begin\",\"format\":%d,\"stage\":\"trace\",\"tool\":\"trace-snapshots %s\"",
		STREAM_FORMAT, ROLLCALL_VERSION);
	if (begin_put_snapshots(trace, &writer->line, fault) < 0 ||
	    begin_put_sources(trace, &writer->line, fault) < 0)
		return -1;
	buf_puts(&writer->line, "}\n");
	return buf_check(&writer->line, fault) < 0
	           ? -1
	           : section_open(&writer->section, out, buf_span(&writer->line), fault);
}

/* ---- intervals ---- */

static void line_put_time(struct buf *line, const char *name, const struct trace_interval *interval,
                          size_t moment)
{
	if (moment != TRACE_NEVER)
		json_put_member(line, name, interval->source->moments[moment].time);
}

int trace_put(struct trace *trace, const struct trace_subject *subject,
              const struct trace_interval *interval, struct fault *fault)
{
	const struct {
		const char *name;
		struct span text;
	} members[] = {
		{"user_id", subject->user_id},         {"user_name", subject->user_name},
		{"member_kind", subject->member_kind}, {"access_id", subject->access_id},
		{"access", subject->access},           {"via", subject->via},
	};
	struct trace_writer *writer = trace->writer;
	struct buf *line = &writer->line;

	buf_clear(line);
	buf_putf(line, "{\"kind\":\"interval\",\"what\":\"%s\"", trace_what_words[subject->what]);
	json_put_member(line, "source", subject->source);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		if (members[i].text.len)
			json_put_member(line, members[i].name, members[i].text);
	line_put_time(line, "since", interval, interval->since);
	line_put_time(line, "not_yet", interval, interval->not_yet);
	line_put_time(line, "last", interval, interval->last);
	if (interval->until == TRACE_NEVER)
		buf_puts(line, ",\"until\":null");
	line_put_time(line, "until", interval, interval->until);
	for (size_t i = 0; i < interval->not_seen_count; i++) {
		buf_puts(line, i ? ",{\"from\":" : ",\"not_seen\":[{\"from\":");
		json_put_string(line, interval->source->moments[interval->not_seen[i].from].time);
		json_put_member(line, "to", interval->source->moments[interval->not_seen[i].to].time);
		buf_putc(line, '}');
	}
	buf_puts(line, interval->not_seen_count ? "]}\n" : "}\n");
	if (buf_check(line, fault) < 0)
		return -1;
	writer->counts[subject->what]++;
	section_put(&writer->section, buf_span(line));
	return 0;
}

int trace_put_end(struct trace *trace, struct fault *fault)
{
	struct trace_writer *writer = trace->writer;
	uint64_t sum = 0;

	for (int what = 0; what < TRACE_WHATS; what++)
		sum += writer->counts[what];
	buf_clear(&writer->line);
	buf_putf(&writer->line, ",\"intervals\":%llu", (unsigned long long)sum);
	return buf_check(&writer->line, fault) < 0
	           ? -1
	           : section_close(&writer->section, buf_text(&writer->line), 0, "", fault);
}
