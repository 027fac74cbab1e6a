/* SPDX-License-Identifier: ISC */
/*
 * changes_text: the same in the same order, a line each.
 */
#include "base/inert.h"
#include "base/unicode.h"
#include "diff/changes_put.h"
#include "diff/change_view.h"
#include "base/text_name.h"
#include "stream/not_mapped.h"

/* Sign and words of an event; the sign has its colour in put_head. A comparison by names
   says which side has it, as nobody has added or removed it. */
static const struct {
	char sign;
	const char *words;
	const char *only; /* with `match`, before " only in SOURCE" */
} text_forms[CHANGE_EVENTS] = {
	[USER_ADDED] = {'+', "user added", "user"},
	[USER_REMOVED] = {'-', "user removed", "user"},
	[USER_ENABLED] = {'~', "user enabled", NULL},
	[USER_DISABLED] = {'~', "user disabled", NULL},
	[USER_RENAMED] = {'~', "user renamed", NULL},
	[USER_RECREATED] = {'~', "user recreated", NULL},
	[USER_MODIFIED] = {'~', "user modified", NULL},
	[GROUP_ADDED] = {'+', "group added", "group"},
	[GROUP_REMOVED] = {'-', "group removed", "group"},
	[GROUP_RENAMED] = {'~', "group renamed", NULL},
	[GROUP_RECREATED] = {'~', "group recreated", NULL},
	[GROUP_MODIFIED] = {'~', "group modified", NULL},
	[MEMBERSHIP_ADDED] = {'+', "membership added", "membership"},
	[MEMBERSHIP_REMOVED] = {'-', "membership removed", "membership"},
};

enum { WORDS_WIDTH = sizeof "membership removed" - 1 }; /* of the widest words */

/* How many columns the sources and the words take, so that lines line up. */
struct columns {
	size_t source, words;
	bool color;
};

static void put_event_words(struct buf *line, const struct changes *changes,
                            enum change_event event)
{
	if (!changes->options.match || !text_forms[event].only) {
		buf_puts(line, text_forms[event].words);
		return;
	}
	buf_puts(line, text_forms[event].only);
	buf_puts(line, " only in ");
	text_name_put(line, changes->sources[text_forms[event].sign == '+']);
}

/* Fills up what was written since `at` to a width, and two blanks. */
static void pad(struct buf *line, size_t at, size_t width)
{
	size_t used = line->state == BUF_OK
	                  ? unicode_width((struct span){line->data + at, line->len - at})
	                  : width;

	buf_putf(line, "%*s", (int)(used < width ? width - used : 0) + 2, "");
}

static void put_head(struct buf *line, char sign, struct span source, const struct columns *columns)
{
	static const char signs[] = "+-~?";
	static const char *const colors[] = {"\033[32m", "\033[31m", "\033[33m", "\033[35m"};
	size_t at;

	if (columns->color)
		buf_puts(line, colors[strchr(signs, sign) - signs]);
	buf_putc(line, sign);
	if (columns->color)
		buf_puts(line, "\033[0m");
	buf_putc(line, ' ');
	at = line->len;
	text_name_put(line, source);
	pad(line, at, columns->source);
}

static void put_text_value(struct buf *line, const struct value *value)
{
	if (value->type == VALUE_ABSENT)
		buf_puts(line, "(not shown)");
	else if (value->type == VALUE_NULL)
		buf_puts(line, "(none)");
	else if (value->type == VALUE_LIST)
		text_name_put_bare(line, value->text);
	else
		text_name_put(line, value->text);
}

struct text_fields {
	struct buf *line;
	const char *before; /* the next one */
};

static void put_text_field(void *to, struct span name, const struct value *before,
                           const struct value *after)
{
	struct text_fields *fields = to;

	buf_puts(fields->line, fields->before);
	fields->before = ", ";
	text_name_put(fields->line, name);
	buf_putc(fields->line, ' ');
	put_text_value(fields->line, before);
	buf_puts(fields->line, " -> ");
	put_text_value(fields->line, after);
}

/* What a newcomer's line, or a leaver's, says beside the name. */
static void put_person(struct buf *line, const struct record *record)
{
	struct span name = record_text(record, USER_DISPLAY_NAME);
	struct span status = record_text(record, USER_STATUS);

	if (name.len) {
		buf_puts(line, " (");
		text_name_put(line, name);
		buf_putc(line, ')');
	}
	if (!span_is(status, span_of("enabled")))
		buf_putf(line, ", status %s", INERT(status));
	if (span_is(record_text(record, USER_ACCOUNT_TYPE), span_of("service")))
		buf_puts(line, ", service account");
}

/* A label, as labels_put_record has it; `label` is scratch. */
static void put_text_label(struct buf *line, const struct labels *labels,
                           const struct record *record, struct buf *label)
{
	struct span source = record_text(record, 0);
	bool nested;

	buf_clear(label);
	if (record->kind != RECORD_MEMBERSHIP) {
		labels_put_record(labels, record, label);
		text_name_put(line, buf_span(label));
		return;
	}
	nested = record_member_kind(record) == MEMBER_GROUP;
	labels_put(labels, nested ? RECORD_GROUP : RECORD_USER, source,
	           record_text(record, MEMBERSHIP_MEMBER_ID), label);
	text_name_put(line, buf_span(label));
	buf_puts(line, " in ");
	buf_clear(label);
	labels_put(labels, RECORD_GROUP, source, record_text(record, MEMBERSHIP_GROUP_ID), label);
	text_name_put(line, buf_span(label));
}

static int put_text_change(const struct changes *changes, const struct change *change,
                           const struct columns *columns, struct buf *line, struct fault *fault)
{
	struct buf label = {0};
	struct change_view view;
	int result = change_view_init(&view, changes, change, fault);
	size_t at;

	if (result == 0) {
		const struct record *record = change_view_record(&view);

		put_head(line, text_forms[change->event].sign,
		         record_text(change_view_identity(changes, &view), 0), columns);
		at = line->len;
		put_event_words(line, changes, change->event);
		pad(line, at, columns->words);
		put_text_label(line, &changes->labels, change_view_label(&view, true), &label);
		if (view.before_doc && view.after_doc)
			result = change_view_put_fields(&view, &(struct text_fields){line, ": "},
			                                put_text_field, fault);
		else if (change->kind == RECORD_USER)
			put_person(line, record);
		buf_putc(line, '\n');
		if (result == 0)
			result = buf_check(&label, fault);
	}
	buf_release(&label);
	change_view_release(&view);
	return result;
}

static void put_text_blind_spot(const struct changes *changes, const struct blind_spot *spot,
                                const struct columns *columns, struct buf *line)
{
	struct buf label = {0};
	size_t at;

	put_head(line, '?', spot->own_source, columns);
	at = line->len;
	buf_puts(line, spot->count ? "not matched" : "not readable");
	pad(line, at, columns->words);
	inert_put(line, spot->scope);
	if (spot->own_id.len) {
		labels_put(&changes->labels, RECORD_GROUP, spot->source,
		           spot->id.len ? spot->id : spot->own_id, &label);
		buf_puts(line, " of ");
		text_name_put(line, buf_span(&label));
	}
	buf_puts(line, !spot->after ? " (before)" : !spot->before ? " (now)" : "");
	buf_puts(line, ": ");
	text_name_put_bare(line, spot->reason);
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
			buf_putf(line, "%s%llu ", before, (unsigned long long)changes->events[event]);
			if (changes->options.match)
				put_event_words(line, changes, (enum change_event)event);
			else
				buf_puts(line, change_event_names[event]);
			before = ", ";
		}
	if (changes->blind_count)
		buf_putf(line, "; %zu not readable", changes->blind_count);
	if (*changes->unconfirmed)
		buf_puts(line, "; UNCONFIRMED");
	buf_putc(line, '\n');
}

/* ---- what nobody compares ---- */

/* One more thing that is not compared in a source; `items` counts them. */
static void put_not_compared(struct buf *line, struct span name, size_t *items, struct span text)
{
	if ((*items)++) {
		buf_puts(line, ", ");
	} else {
		buf_puts(line, "not compared in ");
		text_name_put(line, name);
		buf_puts(line, ": ");
	}
	text_name_put_bare(line, text);
}

/* A line for a source of which something is not compared: what only one vocabulary has, then
   the attributes that nobody maps, the newer side's before those that only the older one has.
   Either entry may be NULL. */
static void put_source_unmapped(const struct changes *changes, struct buf *line, struct span name,
                                yyjson_val *older, yyjson_val *newer)
{
	struct buf extra = {0};
	size_t items = 0;
	struct span text;

	for (size_t i = 0; older && newer && i < changes->common_count; i++) {
		const struct common_part *common = &changes->common[i];

		if (!span_is(common->source, name))
			continue;
		if (common->vocabulary[0] != common->vocabulary[1])
			put_not_compared(line, name, &items,
			                 span_of("members that vocabulary 1 does not have"));
		for (size_t at = 0; buf_next_sized(&common->left_out, &at, &text);) {
			buf_clear(&extra);
			buf_puts(&extra, "extra.");
			buf_put_span(&extra, text);
			put_not_compared(line, name, &items, buf_span(&extra));
		}
	}
	buf_release(&extra);
	for (int side = 1; side >= 0; side--)
		for (size_t i = 0; not_mapped_next(side ? newer : older, &i, &text);)
			if (side || !not_mapped_has(newer, text))
				put_not_compared(line, name, &items, text);
	buf_puts(line, items ? "\n" : "");
}

static int put_all_unmapped(const struct changes *changes, struct buf *line, struct fault *fault)
{
	yyjson_doc *docs[2] = {json_parse(changes->source_lists[0], NULL, fault), NULL};
	yyjson_val *sources[2], *source;
	struct span name;
	size_t i, max;

	if (docs[0])
		docs[1] = json_parse(changes->source_lists[1], NULL, fault);
	for (int side = 0; docs[1] && side < 2; side++)
		sources[side] = yyjson_doc_get_root(docs[side]);
	for (int side = 1; docs[1] && side >= 0; side--)
		yyjson_arr_foreach(sources[side], i, max, source) {
			yyjson_val *other;

			if (!json_text(yyjson_obj_get(source, "source"), &name))
				continue;
			other = not_mapped_source(sources[!side], name);
			if (side || !other)
				put_source_unmapped(changes, line, name, side ? other : source,
				                    side ? source : NULL);
		}
	yyjson_doc_free(docs[0]);
	yyjson_doc_free(docs[1]);
	return docs[1] ? buf_check(line, fault) : -1;
}

static void widen(size_t *width, const struct buf *text)
{
	size_t wanted = unicode_width(buf_span(text));

	if (wanted > *width)
		*width = wanted;
}

/* The widest source, asked once for many lines of one source. */
static int measure_sources(const struct changes *changes, struct columns *columns, struct buf *text,
                           struct fault *fault)
{
	struct span last = SPAN_EMPTY, name;

	for (size_t i = 0; i < changes->count; i++) {
		const struct change *change = &changes->list[i];
		bool older = !change->after.len || (changes->options.match && change->before.len);
		struct span source = record_line_source(older ? change->before : change->after);
		yyjson_doc *doc;

		if (span_is(source, last))
			continue;
		doc = json_parse(source, NULL, fault);
		if (!doc)
			return -1;
		buf_clear(text);
		if (json_text(yyjson_doc_get_root(doc), &name))
			text_name_put(text, name);
		yyjson_doc_free(doc);
		widen(&columns->source, text);
		last = source;
	}
	for (size_t i = 0; i < changes->blind_count; i++) {
		buf_clear(text);
		text_name_put(text, changes->blind_spots[i].own_source);
		widen(&columns->source, text);
	}
	return buf_check(text, fault);
}

static void measure_words(const struct changes *changes, struct columns *columns, struct buf *text)
{
	columns->words = WORDS_WIDTH;
	for (int event = 0; event < CHANGE_EVENTS && changes->options.match; event++)
		if (changes->events[event]) {
			buf_clear(text);
			put_event_words(text, changes, (enum change_event)event);
			widen(&columns->words, text);
		}
}

int changes_put_text(const struct changes *changes, bool color, struct out *out,
                     struct fault *fault)
{
	struct columns columns = {.color = color};
	struct buf line = {0};
	int result = measure_sources(changes, &columns, &line, fault);

	measure_words(changes, &columns, &line);
	buf_clear(&line);
	put_summary(changes, &line);
	if (result == 0)
		result = put_all_unmapped(changes, &line, fault);
	out_put(out, buf_span(&line));
	for (size_t i = 0; i < changes->blind_count && result == 0; i++) {
		buf_clear(&line);
		put_text_blind_spot(changes, &changes->blind_spots[i], &columns, &line);
		result = buf_check(&line, fault);
		out_put(out, buf_span(&line));
	}
	for (size_t i = 0; i < changes->count && result == 0; i++) {
		buf_clear(&line);
		if (put_text_change(changes, &changes->list[i], &columns, &line, fault) < 0)
			result = -1;
		else
			result = buf_check(&line, fault);
		out_put(out, buf_span(&line));
	}
	buf_release(&line);
	return result;
}
