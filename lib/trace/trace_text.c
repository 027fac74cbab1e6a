/* SPDX-License-Identifier: ISC */
/*
 * trace_text: intervals for people. Lines are sorted by names; what they are sorted by
 * stands before each, divided by TRACE_MARK. After a name stands its id, between TEXT_IDs;
 * it is shown where another one of its source has the same name.
 */
#include "base/inert.h"
#include "trace/trace_parts.h"

enum { PERIOD_WIDTH = 32 };

/* Inert text has none of these. */
enum { TEXT_ID = 0x1e, TEXT_OF = 0x1d, TEXT_IN = 0x1c };

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
	if (!trace->writer->lines)
		return -1;
	trace->writer->names = sorter_open(trace->options->memory / 8, fault);
	return trace->writer->names ? 0 : -1;
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

/* A name, and its id in case another one has the same name. `letter`: u or g. */
static int text_put_known(const struct trace *trace, char letter, struct span name, struct span id,
                          struct span source, struct fault *fault)
{
	struct buf *text = &trace->writer->line, *key = &trace->writer->cell;

	inert_put(text, name.len ? name : id);
	if (!name.len)
		return 0;
	buf_clear(key);
	buf_putc(key, letter);
	inert_put(key, name);
	buf_putc(key, TEXT_IN);
	inert_put(key, source);
	buf_putc(key, TEXT_OF);
	inert_put(key, id);
	buf_putc(text, TEXT_ID);
	buf_put_buf(text, key);
	buf_putc(text, TEXT_ID);
	buf_putc(key, '\n');
	return buf_check(key, fault) < 0 ? -1 : sorter_add(trace->writer->names, buf_span(key), fault);
}

/* Which names several ids have. */
static int text_find_alike(struct trace_writer *writer, struct fault *fault)
{
	struct buf last = {0};
	struct span line;
	bool fresh;
	int more = sorter_sort(writer->names, fault);

	while (more >= 0 && (more = sorter_next(writer->names, &line, fault)) > 0) {
		const char *of = memchr(line.data, TEXT_OF, line.len);
		size_t len = of ? (size_t)(of - line.data) : 0;
		const char *was = last.len ? memchr(last.data, TEXT_OF, last.len) : NULL;

		if (was && (size_t)(was - last.data) == len && memcmp(last.data, line.data, len) == 0 &&
		    !span_is(buf_span(&last), line) &&
		    !set_take(&writer->alike, (struct span){line.data, len}, &fresh))
			more = fault_memory(fault);
		buf_clear(&last);
		buf_put_span(&last, line);
		if (more > 0 && buf_check(&last, fault) < 0)
			more = -1;
	}
	buf_release(&last);
	return more;
}

/* The line as it is shown. */
static void text_show(struct trace_writer *writer, struct span line)
{
	const char *at = line.data, *end = line.data + line.len, *id;

	while ((id = memchr(at, TEXT_ID, (size_t)(end - at)))) {
		const char *of = memchr(id, TEXT_OF, (size_t)(end - id));
		const char *close = of ? memchr(of, TEXT_ID, (size_t)(end - of)) : NULL;

		if (!close)
			break;
		out_put(writer->out, (struct span){at, (size_t)(id - at)});
		if (set_find(&writer->alike, (struct span){id + 1, (size_t)(of - id - 1)})) {
			out_put(writer->out, span_of(" ["));
			out_put(writer->out, (struct span){of + 1, (size_t)(close - of - 1)});
			out_put(writer->out, span_of("]"));
		}
		at = close + 1;
	}
	out_put(writer->out, (struct span){at, (size_t)(end - at)});
}

static int text_put_what(const struct trace *trace, const struct trace_subject *subject,
                         struct fault *fault)
{
	struct buf *text = &trace->writer->line;
	struct span access = subject->access.len ? subject->access : subject->access_id;

	switch (subject->what) {
	case TRACE_ACCOUNT: break;
	case TRACE_STATUS: buf_puts(text, " is "); break;
	case TRACE_ROLE: buf_puts(text, " has role "); break;
	case TRACE_ENTITLEMENT: buf_puts(text, " has entitlement "); break;
	case TRACE_GROUP: break;
	default: buf_puts(text, " in ");
	}
	if (subject->what != TRACE_GROUP && subject->what != TRACE_MEMBERSHIP &&
	    subject->what != TRACE_ACCESS)
		inert_put(text, access);
	else if (text_put_known(trace, 'g', subject->access, subject->access_id, subject->source,
	                        fault) < 0)
		return -1;
	buf_puts(text, " (");
	inert_put(text, subject->source);
	buf_putc(text, ')');
	if (subject->via.len) {
		buf_puts(text, ", via ");
		inert_put(text, text_via(subject->via, access));
	}
	return 0;
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
	bool is_group = subject->what == TRACE_GROUP || span_is(subject->member_kind, span_of("group"));
	struct buf *line = &trace->writer->line;

	/* that an account is enabled is how most are */
	if (subject->what == TRACE_STATUS && span_is(subject->access_id, span_of("enabled")))
		return 0;
	buf_clear(line);
	text_put_order(trace, line, subject, interval);
	text_put_period(trace, line, interval);
	if (is_group)
		buf_puts(line, "group ");
	if (text_put_known(trace, is_group ? 'g' : 'u', subject->user_name, subject->user_id,
	                   subject->source, fault) < 0 ||
	    text_put_what(trace, subject, fault) < 0)
		return -1;
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
	const struct trace_options *options = trace->options;
	struct trace_writer *writer = trace->writer;
	bool is_empty = true;
	struct span line;
	int more;

	buf_clear(&writer->line);
	text_put_readings(trace, &writer->line);
	buf_putc(&writer->line, '\n');
	if (buf_check(&writer->line, fault) < 0 || sorter_sort(writer->lines, fault) < 0 ||
	    text_find_alike(writer, fault) < 0)
		return -1;
	out_put(writer->out, buf_span(&writer->line));
	while ((more = sorter_next(writer->lines, &line, fault)) > 0) {
		const char *mark = memrchr(line.data, TRACE_MARK, line.len);
		size_t at = mark ? (size_t)(mark + 1 - line.data) : 0;

		is_empty = false;
		text_show(writer, (struct span){line.data + at, line.len - at});
	}
	if (is_empty)
		out_put(writer->out, span_of(options->user || options->group
		                                 ? "nothing: no reading shows what was asked for\n"
		                                 : "nothing: no interval\n"));
	return more;
}
