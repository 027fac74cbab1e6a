/* SPDX-License-Identifier: ISC */
/*
 * report_text: the same in the same order, a line each.
 */
#include "base/inert.h"
#include "diff/report.h"
#include "diff/report_view.h"

/* Sign and words of an event; the sign has its colour in put_head. */
static const struct {
	char sign;
	const char *words;
} text_forms[CHANGE_EVENTS] = {
	[USER_ADDED] = {'+', "user added"},
	[USER_REMOVED] = {'-', "user removed"},
	[USER_ENABLED] = {'~', "user enabled"},
	[USER_DISABLED] = {'~', "user disabled"},
	[USER_RENAMED] = {'~', "user renamed"},
	[USER_RECREATED] = {'~', "user recreated"},
	[USER_MODIFIED] = {'~', "user modified"},
	[GROUP_ADDED] = {'+', "group added"},
	[GROUP_REMOVED] = {'-', "group removed"},
	[GROUP_RENAMED] = {'~', "group renamed"},
	[GROUP_RECREATED] = {'~', "group recreated"},
	[GROUP_MODIFIED] = {'~', "group modified"},
	[MEMBERSHIP_ADDED] = {'+', "membership added"},
	[MEMBERSHIP_REMOVED] = {'-', "membership removed"},
};

enum { WORDS_WIDTH = sizeof "membership removed" - 1 };

static void put_head(struct buf *line, char sign, struct span source, size_t width,
                     const char *words, bool color)
{
	static const char signs[] = "+-~?";
	static const char *const colors[] = {"\033[32m", "\033[31m", "\033[33m", "\033[35m"};
	size_t at;

	if (color)
		buf_puts(line, colors[strchr(signs, sign) - signs]);
	buf_putc(line, sign);
	if (color)
		buf_puts(line, "\033[0m");
	buf_putc(line, ' ');
	at = line->len;
	inert_put(line, source);
	while (line->state == BUF_OK && line->len - at < width)
		buf_putc(line, ' ');
	buf_putf(line, "  %-*s  ", (int)WORDS_WIDTH, words);
}

static void put_text_value(struct buf *line, const struct value *value)
{
	if (value->type == VALUE_ABSENT)
		buf_puts(line, "(not shown)");
	else if (value->type == VALUE_NULL)
		buf_puts(line, "(none)");
	else
		inert_put(line, value->text);
}

static void put_text_fields(struct buf *line, const struct report_view *view)
{
	const struct record_form *form = &record_forms[view->change->kind];
	const char *before = ": ";

	for (size_t i = 0; i < form->count; i++) {
		if (!(view->change->fields & 1U << i))
			continue;
		buf_putf(line, "%s%s ", before, form->fields[i].name.data);
		put_text_value(line, &view->before.values[i]);
		buf_puts(line, " -> ");
		put_text_value(line, &view->after.values[i]);
		before = ", ";
	}
}

/* What a newcomer's line, or a leaver's, says beside the name. */
static void put_person(struct buf *line, const struct record *record)
{
	struct span name = record_text(record, USER_DISPLAY_NAME);
	struct span status = record_text(record, USER_STATUS);

	if (name.len) {
		buf_puts(line, " (");
		inert_put(line, name);
		buf_putc(line, ')');
	}
	if (!span_is(status, span_of("enabled")))
		buf_putf(line, ", status %s", INERT(status));
	if (span_is(record_text(record, USER_ACCOUNT_TYPE), span_of("service")))
		buf_puts(line, ", service account");
}

static int put_text_change(const struct changes *changes, const struct change *change, size_t width,
                           bool color, struct buf *line, struct fault *fault)
{
	struct buf label = {0};
	struct report_view view;
	int result = report_view_init(&view, change, fault);

	if (result == 0) {
		const struct record *record = report_view_record(&view);

		put_head(line, text_forms[change->event].sign,
		         record_text(report_view_identity(changes, &view), 0), width,
		         text_forms[change->event].words, color);
		labels_put_record(&changes->labels, report_view_label(&view, true), &label);
		inert_put(line, buf_span(&label));
		if (view.before_doc && view.after_doc)
			put_text_fields(line, &view);
		else if (change->kind == RECORD_USER)
			put_person(line, record);
		buf_putc(line, '\n');
	}
	buf_release(&label);
	report_view_release(&view);
	return result;
}

static void put_text_blind_spot(const struct changes *changes, const struct blind_spot *spot,
                                size_t width, bool color, struct buf *line)
{
	struct buf label = {0};

	put_head(line, '?', spot->own_source, width, spot->count ? "not matched" : "not readable",
	         color);
	inert_put(line, spot->scope);
	if (spot->own_id.len) {
		labels_put(&changes->labels, RECORD_GROUP, spot->source,
		           spot->id.len ? spot->id : spot->own_id, &label);
		buf_puts(line, " of ");
		inert_put(line, buf_span(&label));
	}
	buf_puts(line, !spot->after ? " (before)" : !spot->before ? " (now)" : "");
	buf_puts(line, ": ");
	inert_put(line, spot->reason);
	buf_putc(line, '\n');
	buf_release(&label);
}

static void put_summary(const struct changes *changes, struct buf *line)
{
	const char *before = ": ";

	if (changes->count == 0)
		buf_puts(line, "no changes");
	else
		buf_putf(line, "%zu change%s", changes->count, changes->count == 1 ? "" : "s");
	for (int event = 0; event < CHANGE_EVENTS; event++)
		if (changes->events[event]) {
			buf_putf(line, "%s%llu %s", before, (unsigned long long)changes->events[event],
			         change_event_names[event]);
			before = ", ";
		}
	if (changes->blind_count)
		buf_putf(line, "; %zu not readable", changes->blind_count);
	if (*changes->unconfirmed)
		buf_puts(line, "; UNCONFIRMED");
	buf_putc(line, '\n');
}

/* The widest source, so that columns line up. */
static size_t source_width(const struct changes *changes)
{
	size_t width = 0;

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];
		bool older = !change->after.len || (changes->options.match && change->before.len);
		struct span source = record_line_source(older ? change->before : change->after);

		if (source.len > width + 2) /* it has its quotes */
			width = source.len - 2;
	}
	for (size_t i = 0; i < changes->blind_count; i++)
		if (changes->blind_spots[i].own_source.len > width)
			width = changes->blind_spots[i].own_source.len;
	return width;
}

int report_text(const struct changes *changes, bool color, struct out *out, struct fault *fault)
{
	size_t width = source_width(changes);
	struct buf line = {0};
	int result = 0;

	put_summary(changes, &line);
	out_put(out, buf_span(&line));
	for (size_t i = 0; i < changes->blind_count && result == 0; i++) {
		buf_clear(&line);
		put_text_blind_spot(changes, &changes->blind_spots[i], width, color, &line);
		result = buf_check(&line, fault);
		out_put(out, buf_span(&line));
	}
	for (size_t i = 0; i < changes->count && result == 0; i++) {
		buf_clear(&line);
		if (put_text_change(changes, &changes->list[i], width, color, &line, fault) < 0)
			result = -1;
		else
			result = buf_check(&line, fault);
		out_put(out, buf_span(&line));
	}
	buf_release(&line);
	return result;
}
