/* SPDX-License-Identifier: ISC */
/*
 * check_stream: the finding stream of rollcall-stream(5): what was checked, how often each
 * answer was given, the findings, the exceptions.
 */
#include "check/check_parts.h"

#include "base/json_put.h"
#include "stream/stream.h"

static void stream_put_settings(const struct check *check, struct buf *line)
{
	buf_puts(line, ",\"set\":{");
	for (int i = 0; i < SETTINGS; i++)
		buf_putf(line, "%s\"%s\":%ld", i ? "," : "", setting_rows[i].name,
		         check->settings.values[i]);
	buf_putc(line, '}');
}

/* The checks that ran, and those that did not for want of something. */
static void stream_put_checks(const struct check *check, struct buf *line)
{
	const char *before = "";

	buf_puts(line, ",\"checks\":[");
	for (size_t i = 0; i < check->check_count; i++)
		if (check->runs[i]) {
			json_array_next(line);
			json_put_string(line, policy_check_name(&check->policy, (int)i));
		}
	buf_puts(line, "],\"not_run\":{");
	for (int i = 0; i < CHECKS && !check->by_name; i++)
		if (!check->runs[i]) {
			struct buf needs = {0};

			check_table_put_needs(&needs, check_table[i].needs);
			buf_putf(line, "%s\"%s\":", before, check_table[i].name);
			json_put_string(line, buf_span(&needs));
			buf_release(&needs);
			before = ",";
		}
	buf_putc(line, '}');
}

/* What each check that ran finds, its default and who asks for it: for readers who do not
   know the names. */
static void stream_put_about(const struct check *check, struct buf *line)
{
	const char *before = "";

	buf_puts(line, ",\"about\":{");
	for (size_t i = 0; i < check->check_count; i++) {
		const struct check_row *row = i < CHECKS ? &check_table[i] : NULL;

		if (!check->runs[i])
			continue;
		buf_puts(line, before);
		before = ",";
		json_put_string(line, policy_check_name(&check->policy, (int)i));
		buf_puts(line, ":{\"finds\":");
		json_put_string(line, row ? span_of(row->finds) : check->policy.rules[i - CHECKS].says);
		json_put_member(line, "of", span_of(finding_of_words[row ? row->of : FINDING_OF_ACCOUNT]));
		if (row && row->defaults)
			json_put_member(line, "default", span_of(row->defaults));
		if (row && row->standards) {
			buf_puts(line, ",\"standards\":[");
			for (const char *at = row->standards; *at; at += strspn(at, ", ")) {
				const char *end = strstr(at, ", ");
				size_t len = end ? (size_t)(end - at) : strlen(at);

				json_array_next(line);
				json_put_string(line, (struct span){at, len});
				at += len;
			}
			buf_putc(line, ']');
		}
		buf_putc(line, '}');
	}
	buf_putc(line, '}');
}

static int stream_put_begin(const struct check *check, struct buf *line, struct fault *fault)
{
	yyjson_doc *doc = json_parse(buf_span(&check->begin), NULL, fault);

	if (!doc)
		return -1;
	buf_putf(line,
	         "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"findings\",\"snapshot\":"
	         "{\"sha256\":\"%s\",\"sources\":",
	         STREAM_FORMAT, check->sha256);
	json_put_value(line, yyjson_obj_get(yyjson_doc_get_root(doc), "sources"));
	buf_putc(line, '}');
	yyjson_doc_free(doc);
	if (check->options->before)
		buf_putf(line, ",\"before\":{\"sha256\":\"%s\"}", check_before_sha256(check));
	if (check->review)
		buf_putf(line, ",\"decisions\":{\"sha256\":\"%s\"}", check_review_sha256(check));
	if (check->options->roster)
		buf_putf(line, ",\"roster\":{\"sha256\":\"%s\"}", check->roster_sha256);
	if (check->policy.is_given)
		buf_putf(line, ",\"policy\":{\"sha256\":\"%s\"}", check->policy.file.sha256);
	if (check->options->as_of)
		json_put_member(line, "as_of", span_of(check->options->as_of));
	stream_put_settings(check, line);
	stream_put_checks(check, line);
	stream_put_about(check, line);
	buf_puts(line, "}\n");
	return buf_check(line, fault);
}

static void stream_put_tally(const struct check *check, const struct check_source *source,
                             int number, struct buf *line)
{
	const struct answers *counts = &source->answers[number];
	const char *before = "";

	buf_clear(line);
	buf_puts(line, "{\"kind\":\"check\"");
	json_put_member(line, "check", policy_check_name(&check->policy, number));
	json_put_member(line, "source", source->name);
	buf_putf(line,
	         ",\"subjects\":%llu,\"ok\":%llu,\"found\":%llu,\"unknown\":%llu,"
	         "\"excepted\":%llu",
	         (unsigned long long)answers_subjects(counts), (unsigned long long)counts->ok,
	         (unsigned long long)counts->found, (unsigned long long)answers_unknown(counts),
	         (unsigned long long)counts->excepted);
	if (answers_unknown(counts)) {
		buf_puts(line, ",\"why\":{");
		for (int why = 0; why < UNKNOWNS; why++)
			if (counts->unknown[why]) {
				buf_putf(line, "%s\"%s\":%llu", before, unknown_words[why],
				         (unsigned long long)counts->unknown[why]);
				before = ",";
			}
		buf_putc(line, '}');
	}
	if (counts->missing) {
		buf_puts(line, ",\"not_shown\":[");
		answers_put_missing(line, counts->missing, true);
		buf_putc(line, ']');
	}
	buf_puts(line,
	         source->accepted[number] && answers_unknown(counts) ? ",\"accepted\":true}\n" : "}\n");
}

static void stream_put_exception(const struct check *check,
                                 const struct policy_exception *exception, struct buf *line)
{
	buf_clear(line);
	buf_puts(line, "{\"kind\":\"exception\"");
	json_put_member(line, "check", exception->check);
	json_put_member(line, "source", exception->source);
	if (exception->accepts_unknown)
		buf_puts(line, ",\"accept\":\"unknown\"");
	else
		json_put_member(line, "id", exception->id);
	if (exception->what.len)
		json_put_member(line, "what", exception->what);
	json_put_member(line, "reason", exception->reason);
	json_put_member(line, "by", exception->by);
	json_put_member(line, "until", exception->until);
	if (!exception->ran_out)
		buf_putf(line, ",\"days_left\":%ld", exception->days_left);
	buf_putf(line, ",\"state\":\"%s\",\"matched\":%llu}\n", check_exception_word(check, exception),
	         (unsigned long long)exception->matched);
}

static int stream_put_records(struct check *check, struct section_writer *section, struct buf *line,
                              struct fault *fault)
{
	struct span next;
	int more;

	for (size_t number = 0; number < check->check_count; number++)
		for (size_t i = 0; i < check->source_count; i++) {
			const struct check_source *source = check->sources[i];

			if (!check->runs[number] ||
			    (source->is_missing && !answers_subjects(&source->answers[number])))
				continue;
			stream_put_tally(check, source, (int)number, line);
			if (buf_check(line, fault) < 0)
				return -1;
			section_put(section, buf_span(line));
		}
	while ((more = sorter_next(check->lines, &next, fault)) > 0)
		section_put(section, finding_line(next));
	for (size_t i = 0; more == 0 && i < check->policy.exception_count; i++) {
		stream_put_exception(check, &check->policy.exceptions[i], line);
		more = buf_check(line, fault);
		section_put(section, buf_span(line));
	}
	return more;
}

/* `,"findings":3,"found":{"high":1,"low":2}` */
static void stream_put_counts(const struct check *check, struct buf *text)
{
	const char *before = "";

	buf_putf(text, ",\"findings\":%llu,\"found\":{", (unsigned long long)check->finding_count);
	for (int severity = SEVERITIES; severity-- > 0;)
		if (check->found[severity]) {
			buf_putf(text, "%s\"%s\":%llu", before, severity_words[severity],
			         (unsigned long long)check->found[severity]);
			before = ",";
		}
	buf_putc(text, '}');
	if (check->baseline)
		buf_putf(text, ",\"new\":%llu,\"known\":%llu,\"gone\":%llu",
		         (unsigned long long)check->fresh, (unsigned long long)check->known,
		         (unsigned long long)check->gone);
}

int check_put_stream(struct check *check, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct buf line = {0}, counts = {0};
	int result = -1;

	stream_put_counts(check, &counts);
	if (stream_put_begin(check, &line, fault) == 0 &&
	    section_open(&section, out, buf_span(&line), fault) == 0 &&
	    stream_put_records(check, &section, &line, fault) == 0)
		result = section_close(&section, buf_text(&counts), 0, "", fault);
	section_release(&section);
	buf_release(&line);
	buf_release(&counts);
	return result;
}
