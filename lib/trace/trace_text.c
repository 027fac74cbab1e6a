/* SPDX-License-Identifier: ISC */
/*
 * trace_text: intervals for people. Lines are sorted by names; what they are sorted by
 * stands before each, divided by TRACE_MARK.
 */
#include "base/inert.h"
#include "trace/trace_parts.h"

enum { PERIOD_WIDTH = 32 };

/* Can the day say when each source was read? */
static bool text_is_by_day(const struct trace *trace)
{
	for (size_t i = 0; i < trace->source_count; i++) {
		const struct trace_source *source = &trace->sources[i];

		for (size_t at = 0; at < source->moment_count; at++) {
			struct span time = source->moments[at].time;

			if (time.len < 11 || time.data[time.len - 1] != 'Z' ||
			    (at && memcmp(time.data, source->moments[at - 1].time.data, 10) == 0))
				return false;
		}
	}
	return true;
}

static void text_put_time(const struct trace *trace, struct buf *text,
                          const struct trace_source *source, size_t moment)
{
	struct span time = source->moments[moment].time;

	if (trace->writer->by_day)
		time.len = 10;
	inert_put(text, time);
}

/* When each source was read. */
static void text_put_readings(const struct trace *trace, struct buf *text)
{
	for (size_t i = 0; i < trace->source_count; i++) {
		const struct trace_source *source = trace->sources_by_name[i];
		size_t number = (size_t)(source - trace->sources), hidden = 0;

		for (size_t file = 0; file < trace->file_count; file++)
			hidden += trace->files[file].points[number].moment != UINT32_MAX &&
			          trace->files[file].points[number].is_partial;
		inert_put(text, source->name);
		buf_putf(text, ": %zu reading%s, ", source->moment_count,
		         source->moment_count == 1 ? "" : "s");
		text_put_time(trace, text, source, 0);
		if (source->moment_count > 1) {
			buf_puts(text, " .. ");
			text_put_time(trace, text, source, source->moment_count - 1);
		}
		if (hidden)
			buf_putf(text, ", %zu of them not complete", hidden);
		buf_putc(text, '\n');
	}
}

int trace_text_begin(struct trace *trace, struct fault *fault)
{
	trace->writer->by_day = text_is_by_day(trace);
	trace->writer->lines = sorter_open(trace->options->memory / 4, fault);
	return trace->writer->lines ? 0 : -1;
}

static void text_put_period(const struct trace *trace, struct buf *text,
                            const struct trace_interval *interval)
{
	size_t from = text->len;

	if (interval->not_yet == TRACE_NEVER)
		buf_puts(text, "before ");
	text_put_time(trace, text, interval->source, interval->since);
	buf_puts(text, " .. ");
	if (interval->until != TRACE_NEVER)
		text_put_time(trace, text, interval->source, interval->until);
	else if (interval->last + 1 == interval->source->moment_count)
		buf_puts(text, "now");
	else {
		text_put_time(trace, text, interval->source, interval->last);
		buf_putc(text, '?');
	}
	do
		buf_putc(text, ' ');
	while (text->len - from < PERIOD_WIDTH && text->state == BUF_OK);
}

/* The groups of a path before the last one, which is `access`. */
static struct span text_via(struct span via, struct span access)
{
	static const struct span arrow = SPAN(" < ");
	struct span rest = via;

	if (!span_ends(rest, access))
		return via;
	rest.len -= access.len;
	if (!span_ends(rest, arrow))
		return via;
	rest.len -= arrow.len;
	return rest;
}

static void text_put_what(struct buf *text, const struct trace_subject *subject)
{
	struct span access = subject->access.len ? subject->access : subject->access_id;

	switch (subject->what) {
	case TRACE_ACCOUNT: break;
	case TRACE_STATUS: buf_puts(text, " is "); break;
	case TRACE_ROLE: buf_puts(text, " has role "); break;
	case TRACE_ENTITLEMENT: buf_puts(text, " has entitlement "); break;
	case TRACE_GROUP: break;
	default: buf_puts(text, " in ");
	}
	inert_put(text, access);
	buf_puts(text, " (");
	inert_put(text, subject->source);
	buf_putc(text, ')');
	if (subject->via.len) {
		buf_puts(text, ", via ");
		inert_put(text, text_via(subject->via, access));
	}
}

static void text_put_field(struct buf *line, struct span text)
{
	inert_put(line, text);
	buf_putc(line, TRACE_MARK);
}

/* What the line is sorted by: the group first with --by group, which else comes last. */
static void text_put_order(const struct trace *trace, struct buf *line,
                           const struct trace_subject *subject,
                           const struct trace_interval *interval)
{
	struct span access = subject->access.len ? subject->access : subject->access_id;

	if (trace->options->by == TRACE_BY_GROUP) {
		text_put_field(line, access);
		text_put_field(line, subject->access_id);
		buf_putc(line, subject->what == TRACE_GROUP ? '1' : '2');
	} else {
		buf_putc(line,
		         subject->what == TRACE_GROUP || span_is(subject->member_kind, span_of("group"))
		             ? '2'
		             : '1');
	}
	text_put_field(line, subject->user_name.len ? subject->user_name : subject->user_id);
	text_put_field(line, subject->source);
	text_put_field(line, subject->user_id);
	buf_putf(line, "%d", (int)subject->what);
	text_put_field(line, access);
	text_put_field(line, subject->access_id);
	buf_putf(line, "%08zx%c", interval->since, TRACE_MARK);
}

int trace_text_put(struct trace *trace, const struct trace_subject *subject,
                   const struct trace_interval *interval, struct fault *fault)
{
	struct buf *line = &trace->writer->line;

	/* that an account is enabled is how most are */
	if (subject->what == TRACE_STATUS && span_is(subject->access_id, span_of("enabled")))
		return 0;
	buf_clear(line);
	text_put_order(trace, line, subject, interval);
	text_put_period(trace, line, interval);
	if (subject->what == TRACE_GROUP || span_is(subject->member_kind, span_of("group")))
		buf_puts(line, "group ");
	inert_put(line, subject->user_name.len ? subject->user_name : subject->user_id);
	text_put_what(line, subject);
	for (size_t i = 0; i < interval->not_seen_count; i++) {
		buf_puts(line, i ? ", " : ", not seen ");
		text_put_time(trace, line, interval->source, interval->not_seen[i].from);
		if (interval->not_seen[i].from != interval->not_seen[i].to) {
			buf_puts(line, " .. ");
			text_put_time(trace, line, interval->source, interval->not_seen[i].to);
		}
	}
	buf_putc(line, '\n');
	return buf_check(line, fault) < 0 ? -1
	                                  : sorter_add(trace->writer->lines, buf_span(line), fault);
}

int trace_text_end(struct trace *trace, struct fault *fault)
{
	struct trace_writer *writer = trace->writer;
	struct span line;
	int more;

	buf_clear(&writer->line);
	text_put_readings(trace, &writer->line);
	buf_putc(&writer->line, '\n');
	if (buf_check(&writer->line, fault) < 0 || sorter_sort(writer->lines, fault) < 0)
		return -1;
	out_put(writer->out, buf_span(&writer->line));
	while ((more = sorter_next(writer->lines, &line, fault)) > 0) {
		const char *mark = memrchr(line.data, TRACE_MARK, line.len);
		size_t at = mark ? (size_t)(mark + 1 - line.data) : 0;

		out_put(writer->out, (struct span){line.data + at, line.len - at});
	}
	return more;
}
