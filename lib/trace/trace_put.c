/* SPDX-License-Identifier: ISC */
/*
 * trace_put: intervals as the trace stream of rollcall-stream(5).
 */
#include "base/json_put.h"
#include "trace/trace_parts.h"

#include <stdlib.h>

const char *const trace_what_words[TRACE_WHATS] = {"account", "status", "group",      "membership",
                                                   "access",  "role",   "entitlement"};

static const struct table_column columns[] = {
	{.name = "what", .none = "none"},
	{.name = "source", .none = "none"},
	{.name = "user_id", .none = "none"},
	{.name = "user_name", .none = "none"},
	{.name = "member_kind", .none = "none"},
	{.name = "access_id", .none = "none"},
	{.name = "access", .none = "none"},
	{.name = "via", .none = "none"},
	{.name = "state", .none = "none"},
	{.name = "not_yet", .none = "none", .is_time = true},
	{.name = "since", .none = "none", .is_time = true},
	{.name = "last", .none = "none", .is_time = true},
	{.name = "until", .none = "none", .is_time = true},
	{.name = "not_seen", .none = "none"},
};

void trace_writer_release(struct trace_writer *writer)
{
	if (!writer)
		return;
	section_release(&writer->section);
	table_release(&writer->table);
	sorter_close(writer->lines);
	sorter_close(writer->names);
	set_release(&writer->alike);
	buf_release(&writer->line);
	buf_release(&writer->cell);
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

/* Did the last reading of a source see everything? */
static bool source_is_complete(const struct trace *trace, const struct trace_source *source)
{
	for (size_t file = 0; file < trace->file_count; file++) {
		const struct trace_point *point = &trace->files[file].points[source - trace->sources];

		if (point->moment + 1 == source->moment_count && point->is_partial)
			return false;
	}
	return true;
}

/* When each source was read: first, last, and how often. */
static void begin_put_sources(const struct trace *trace, struct buf *line)
{
	buf_puts(line, ",\"sources\":[");
	for (size_t i = 0; i < trace->source_count; i++) {
		const struct trace_source *source = trace->sources_by_name[i];

		json_array_next(line);
		buf_puts(line, "{\"source\":");
		buf_put_span(line, source->name_json);
		json_put_member(line, "first", source->moments[0].time);
		json_put_member(line, "last", source->moments[source->moment_count - 1].time);
		buf_putf(line, ",\"readings\":%zu,\"complete\":%s}", source->moment_count,
		         source_is_complete(trace, source) ? "true" : "false");
	}
	buf_putc(line, ']');
}

static int stream_put_head(struct trace *trace, struct fault *fault)
{
	struct trace_writer *writer = trace->writer;

	buf_putf(
		&writer->line,
		"{\"kind\":\"begin\",\"format\":%d,\"stage\":\"trace\",\"tool\":\"trace-snapshots %s\"",
		STREAM_FORMAT, ROLLCALL_VERSION);
	if (begin_put_snapshots(trace, &writer->line, fault) < 0)
		return -1;
	begin_put_sources(trace, &writer->line);
	buf_puts(&writer->line, "}\n");
	return buf_check(&writer->line, fault) < 0
	           ? -1
	           : section_open(&writer->section, writer->out, buf_span(&writer->line), fault);
}

int trace_put_begin(struct trace *trace, struct out *out, struct fault *fault)
{
	struct trace_writer *writer = calloc(1, sizeof *writer);

	trace->writer = writer;
	if (!writer)
		return fault_memory(fault);
	writer->out = out;
	switch (trace->options->format) {
	case TRACE_NDJSON: return stream_put_head(trace, fault);
	case TRACE_CSV:
		return table_open(&writer->table, columns, sizeof columns / sizeof *columns, TABLE_CSV,
		                  trace->options->memory / 4, fault);
	default: return trace_text_begin(trace, fault);
	}
}

/* ---- intervals ---- */

const char *trace_state(const struct trace_interval *interval)
{
	return interval->until != TRACE_NEVER                         ? "gone"
	       : interval->last + 1 == interval->source->moment_count ? "there"
	                                                              : "not seen";
}

static struct span moment_time(const struct trace_interval *interval, size_t moment)
{
	return moment == TRACE_NEVER ? (struct span)SPAN_EMPTY : interval->source->moments[moment].time;
}

static void stream_put_time(struct buf *line, const char *name, struct span time)
{
	if (time.len)
		json_put_member(line, name, time);
}

static int stream_put(struct trace *trace, const struct trace_subject *subject,
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
	json_put_member(line, "state", span_of(trace_state(interval)));
	stream_put_time(line, "not_yet", moment_time(interval, interval->not_yet));
	stream_put_time(line, "since", moment_time(interval, interval->since));
	stream_put_time(line, "last", moment_time(interval, interval->last));
	if (interval->until == TRACE_NEVER)
		buf_puts(line, ",\"until\":null");
	stream_put_time(line, "until", moment_time(interval, interval->until));
	for (size_t i = 0; i < interval->not_seen_count; i++) {
		buf_puts(line, i ? ",{\"from\":" : ",\"not_seen\":[{\"from\":");
		json_put_string(line, moment_time(interval, interval->not_seen[i].from));
		json_put_member(line, "to", moment_time(interval, interval->not_seen[i].to));
		buf_putc(line, '}');
	}
	buf_puts(line, interval->not_seen_count ? "]}\n" : "}\n");
	if (buf_check(line, fault) < 0)
		return -1;
	section_put(&writer->section, buf_span(line));
	return 0;
}

static int row_put(struct trace *trace, const struct trace_subject *subject,
                   const struct trace_interval *interval, struct fault *fault)
{
	struct trace_writer *writer = trace->writer;
	struct table *table = &writer->table;
	const struct span cells[] = {
		span_of(trace_what_words[subject->what]),
		subject->source,
		subject->user_id,
		subject->user_name,
		subject->member_kind,
		subject->access_id,
		subject->access,
		subject->via,
		span_of(trace_state(interval)),
		moment_time(interval, interval->not_yet),
		moment_time(interval, interval->since),
		moment_time(interval, interval->last),
		moment_time(interval, interval->until),
	};

	buf_clear(&writer->cell);
	for (size_t i = 0; i < interval->not_seen_count; i++) {
		buf_puts(&writer->cell, i ? "; " : "");
		buf_put_span(&writer->cell, moment_time(interval, interval->not_seen[i].from));
		buf_puts(&writer->cell, " .. ");
		buf_put_span(&writer->cell, moment_time(interval, interval->not_seen[i].to));
	}
	table_begin_row(table);
	if (trace->options->by == TRACE_BY_GROUP)
		table_sort_by(table, subject->access.len ? subject->access : subject->access_id, false);
	table_sort_by(table, subject->user_name.len ? subject->user_name : subject->user_id, false);
	table_sort_by(table, subject->source, false);
	table_sort_by(table, subject->user_id, false);
	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		if (cells[i].len)
			table_put_text(table, cells[i]);
		else
			table_put_empty(table);
	}
	if (writer->cell.len)
		table_put_text(table, buf_span(&writer->cell));
	else
		table_put_empty(table);
	return buf_check(&writer->cell, fault) < 0 ? -1 : table_end_row(table, fault);
}

/* Does the interval begin or end from the time of --since on? */
static bool is_since(const struct trace *trace, const struct trace_interval *interval)
{
	const char *text = trace->options->since;
	struct span since = span_of(text ? text : "");

	if (!text)
		return true;
	if (interval->not_yet != TRACE_NEVER &&
	    when_compare(moment_time(interval, interval->since), since) >= 0)
		return true;
	if (interval->until != TRACE_NEVER)
		return when_compare(moment_time(interval, interval->until), since) >= 0;
	return interval->last + 1 < interval->source->moment_count &&
	       when_compare(interval->source->moments[interval->source->moment_count - 1].time,
	                    since) >= 0;
}

static bool is_by(int by, enum trace_what what)
{
	return by == TRACE_BY_ACCESS ||
	       (by == TRACE_BY_USER
	            ? what == TRACE_ACCOUNT || what == TRACE_STATUS
	            : what == TRACE_GROUP || what == TRACE_MEMBERSHIP || what == TRACE_ACCESS);
}

int trace_put(struct trace *trace, const struct trace_subject *subject,
              const struct trace_interval *interval, struct fault *fault)
{
	if (!subject->is_asked || !is_by(trace->options->by, subject->what) ||
	    !is_since(trace, interval))
		return 0;
	trace->writer->counts[subject->what]++;
	switch (trace->options->format) {
	case TRACE_NDJSON: return stream_put(trace, subject, interval, fault);
	case TRACE_CSV: return row_put(trace, subject, interval, fault);
	default: return trace_text_put(trace, subject, interval, fault);
	}
}

static int stream_put_end(struct trace *trace, struct fault *fault)
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

int trace_put_end(struct trace *trace, struct fault *fault)
{
	switch (trace->options->format) {
	case TRACE_NDJSON: return stream_put_end(trace, fault);
	case TRACE_CSV:
		return table_write(&trace->writer->table, &(struct table_look){0}, trace->writer->out,
		                   fault);
	default: return trace_text_end(trace, fault);
	}
}
