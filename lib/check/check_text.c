/* SPDX-License-Identifier: ISC */
/*
 * check_text: the same for people: the four counts, what could not be decided, and then a
 * line a finding.
 */
#include "check/check_parts.h"

#include "base/inert.h"
#include "base/unicode.h"

/* How many columns sources and checks take, so that lines line up. */
struct check_columns {
	size_t source, check;
	bool color;
};

void check_put_reasons(struct buf *text, const struct answers *counts)
{
	const char *before = "";

	for (int why = 0; why < UNKNOWNS; why++) {
		if (!counts->unknown[why])
			continue;
		buf_putf(text, "%s%s", before, unknown_words[why]);
		if (why == UNKNOWN_NOT_SHOWN && counts->missing) {
			buf_puts(text, ": ");
			answers_put_missing(text, counts->missing, false);
		}
		if (counts->unknown[why] != answers_unknown(counts))
			buf_putf(text, " (%llu)", (unsigned long long)counts->unknown[why]);
		before = "; ";
	}
}

/* ---- lines ---- */

/* A foreign text that can not be taken for a row: no blank stands after a sign. */
static void text_put_bare(struct buf *line, struct span text)
{
	size_t start = 0;

	for (size_t at = 1; at < text.len; at++) {
		if (text.data[at] != ' ' || !strchr("!?=*", text.data[at - 1]))
			continue;
		inert_put(line, (struct span){text.data + start, at - start});
		buf_puts(line, "\\u{20}");
		start = at + 1;
	}
	inert_put(line, (struct span){text.data + start, text.len - start});
}

static void text_put_name(struct buf *line, struct span name)
{
	struct buf quoted = {0};

	check_put_name(&quoted, name);
	text_put_bare(line, buf_span(&quoted));
	buf_release(&quoted);
}

static void text_pad(struct buf *line, size_t at, size_t width)
{
	size_t used = line->state == BUF_OK
	                  ? unicode_width((struct span){line->data + at, line->len - at})
	                  : width;

	buf_putf(line, "%*s", (int)(used < width ? width - used : 0) + 2, "");
}

static void text_put_head(struct buf *line, char sign, const char *color, struct span source,
                          struct span check, const struct check_columns *columns)
{
	size_t at;

	if (columns->color)
		buf_putf(line, "\033[%sm%c\033[0m ", color, sign);
	else
		buf_putf(line, "%c ", sign);
	at = line->len;
	text_put_name(line, source);
	text_pad(line, at, columns->source);
	at = line->len;
	inert_put(line, check);
	text_pad(line, at, columns->check);
}

static const char *text_color(struct span severity)
{
	if (span_is(severity, span_of("critical")) || span_is(severity, span_of("high")))
		return "31";
	return span_is(severity, span_of("medium")) ? "33" : "36";
}

static void text_put_exception(struct buf *line, yyjson_val *exception, bool ran_out)
{
	buf_puts(line, ran_out ? " (the exception ran out on " : " (excepted until ");
	inert_put(line, json_obj_text(exception, "until"));
	if (!ran_out) {
		buf_puts(line, ", ");
		inert_put(line, json_obj_text(exception, "days_left"));
		buf_puts(line, " days left");
	}
	buf_puts(line, ", by ");
	text_put_bare(line, json_obj_text(exception, "by"));
	buf_puts(line, ": ");
	text_put_bare(line, json_obj_text(exception, "reason"));
	buf_putc(line, ')');
}

/* An older finding that is not there any more, or that nobody can know of. */
static void text_put_gone(yyjson_val *root, const struct check_columns *columns, struct buf *line)
{
	text_put_head(line, '-', "32", json_obj_text(root, "source"), json_obj_text(root, "check"),
	              columns);
	inert_put(line, json_obj_text(root, "state"));
	buf_puts(line, ": ");
	text_put_name(line, json_obj_text(root, "label"));
	buf_puts(line, ": ");
	text_put_bare(line, json_obj_text(root, "says"));
	buf_putc(line, '\n');
}

static int text_put_finding(struct check *check, struct span json,
                            const struct check_columns *columns, struct buf *line,
                            struct fault *fault)
{
	yyjson_val *root = json_read(&check->json, json, fault), *excepted;
	struct span severity, status;

	if (!root)
		return -1;
	if (yyjson_obj_get(root, "state")) {
		text_put_gone(root, columns, line);
		return buf_check(line, fault);
	}
	excepted = yyjson_obj_get(root, "excepted");
	severity = json_obj_text(root, "severity");
	status = json_obj_text(root, "status");
	text_put_head(line, excepted ? '=' : '!', excepted ? "2" : text_color(severity),
	              json_obj_text(root, "source"), json_obj_text(root, "check"), columns);
	buf_putf(line, "%-10s", INERT(severity));
	text_put_name(line, json_obj_text(root, "label"));
	if (status.len && !span_is(status, span_of("enabled"))) {
		buf_puts(line, " (");
		buf_puts(line, span_is(status, span_of("unknown")) ? "status not shown" : INERT(status));
		buf_putc(line, ')');
	}
	buf_puts(line, ": ");
	text_put_bare(line, json_obj_text(root, "says"));
	if (excepted || yyjson_obj_get(root, "exception_ran_out"))
		text_put_exception(line, excepted ? excepted : yyjson_obj_get(root, "exception_ran_out"),
		                   !excepted);
	if (span_is(json_obj_text(root, "baseline"), span_of("new")))
		buf_puts(line, " (new)");
	buf_putc(line, '\n');
	return buf_check(line, fault);
}

static void text_put_unknown(const struct check *check, const struct check_source *source,
                             int number, const struct check_columns *columns, struct buf *line)
{
	const struct answers *counts = &source->answers[number];

	text_put_head(line, '?', "35", source->name, policy_check_name(&check->policy, number),
	              columns);
	buf_putf(line, "not decided for %llu of %llu: ", (unsigned long long)answers_unknown(counts),
	         (unsigned long long)answers_subjects(counts));
	check_put_reasons(line, counts);
	buf_puts(line, source->accepted[number] ? " (accepted by the policy)\n" : "\n");
}

/* ---- around them ---- */

static void text_put_summary(const struct check *check, struct buf *line)
{
	uint64_t ok = 0, found = 0, unknown = 0, excepted = 0;
	const char *before = " (";

	for (size_t i = 0; i < check->source_count; i++)
		for (size_t number = 0; number < check->check_count; number++) {
			const struct answers *counts = &check->sources[i]->answers[number];

			ok += counts->ok;
			found += counts->found;
			unknown += answers_unknown(counts);
			excepted += counts->excepted;
		}
	buf_putf(line, "%llu found", (unsigned long long)found);
	for (int severity = SEVERITIES; severity-- > 0;)
		if (check->found[severity]) {
			buf_putf(line, "%s%llu %s", before, (unsigned long long)check->found[severity],
			         severity_words[severity]);
			before = ", ";
		}
	buf_puts(line, found ? ")" : "");
	buf_putf(line, ", %llu not decided, %llu excepted, %llu ok\n", (unsigned long long)unknown,
	         (unsigned long long)excepted, (unsigned long long)ok);
	if (check->baseline)
		buf_putf(line, "since the baseline: %llu new, %llu known, %llu gone\n",
		         (unsigned long long)check->fresh, (unsigned long long)check->known,
		         (unsigned long long)check->gone);
}

static int text_put_sources(const struct check *check, struct buf *line, struct fault *fault)
{
	yyjson_doc *doc = json_parse(buf_span(&check->begin), NULL, fault);
	yyjson_val *entry, *item;
	size_t i, max, at, count;
	struct span text;

	if (!doc)
		return -1;
	yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(doc), "sources"), i, max, entry) {
		yyjson_val *list = yyjson_obj_get(entry, "not_covered");

		if (!yyjson_is_arr(list))
			continue;
		yyjson_arr_foreach(list, at, count, item)
			if (json_text(item, &text)) {
				buf_puts(line, "not covered: ");
				text_put_name(line, json_obj_text(entry, "source"));
				buf_puts(line, ": ");
				text_put_bare(line, text);
				buf_putc(line, '\n');
			}
	}
	yyjson_doc_free(doc);
	return buf_check(line, fault);
}

static void text_put_exceptions(const struct check *check, struct buf *line)
{
	for (size_t i = 0; i < check->policy.exception_count; i++) {
		const struct policy_exception *exception = &check->policy.exceptions[i];
		const char *word = check_exception_word(check, exception);

		if (strcmp(word, "used") == 0 || strcmp(word, "not checked") == 0)
			continue;
		buf_putf(line, "exception of line %zu %s: ", exception->line,
		         strcmp(word, "unused") == 0    ? "matches nothing"
		         : strcmp(word, "run out") == 0 ? "has run out"
		                                        : "could not be judged");
		text_put_name(line, exception->source);
		buf_puts(line, "  ");
		inert_put(line, exception->check);
		buf_puts(line, "  ");
		text_put_name(line, exception->accepts_unknown ? span_of("unknown") : exception->id);
		buf_puts(line, ", until ");
		inert_put(line, exception->until);
		buf_putc(line, '\n');
	}
}

static void text_put_not_run(const struct check *check, struct buf *line)
{
	for (int i = 0; i < CHECKS && !check->by_name; i++)
		if (!check->runs[i]) {
			buf_putf(line, "not run: %s needs ", check_table[i].name);
			check_table_put_needs(line, check_table[i].needs);
			buf_putc(line, '\n');
		}
}

static void text_measure(const struct check *check, struct check_columns *columns, struct buf *text)
{
	for (size_t i = 0; i < check->source_count; i++) {
		size_t width;

		buf_clear(text);
		text_put_name(text, check->sources[i]->name);
		width = unicode_width(buf_span(text));
		if (width > columns->source)
			columns->source = width;
	}
	for (size_t number = 0; number < check->check_count; number++) {
		size_t width = policy_check_name(&check->policy, (int)number).len;

		if (check->runs[number] && width > columns->check)
			columns->check = width;
	}
	buf_clear(text);
}

int check_put_text(struct check *check, bool color, struct out *out, struct fault *fault)
{
	struct check_columns columns = {.color = color};
	struct buf line = {0};
	struct span next;
	int more;

	text_measure(check, &columns, &line);
	text_put_summary(check, &line);
	for (size_t number = 0; number < check->check_count; number++)
		for (size_t i = 0; i < check->source_count; i++)
			if (answers_unknown(&check->sources[i]->answers[number]))
				text_put_unknown(check, check->sources[i], (int)number, &columns, &line);
	more = text_put_sources(check, &line, fault);
	out_put(out, buf_span(&line));
	while (more >= 0 && (more = sorter_next(check->lines, &next, fault)) > 0) {
		buf_clear(&line);
		more = text_put_finding(check, finding_line(next), &columns, &line, fault);
		out_put(out, buf_span(&line));
	}
	buf_clear(&line);
	text_put_exceptions(check, &line);
	text_put_not_run(check, &line);
	if (more == 0)
		more = buf_check(&line, fault);
	out_put(out, buf_span(&line));
	buf_release(&line);
	return more;
}
