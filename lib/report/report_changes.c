/* SPDX-License-Identifier: ISC */
/*
 * report_changes: a change stream as rows for people.
 */
#include "report/report_parts.h"

#include "base/json.h"
#include "stream/not_mapped.h"

/* "status enabled -> disabled": a value of the pair in `fields`, which is [old, new]. */
static void change_put_value(struct buf *to, yyjson_val *value)
{
	struct span text;
	size_t i, max;
	yyjson_val *item;

	if (json_text(value, &text))
		buf_put_span(to, text);
	else if (yyjson_is_null(value))
		buf_puts(to, "(none)");
	else if (yyjson_is_arr(value)) {
		yyjson_arr_foreach(value, i, max, item) {
			buf_puts(to, i ? "; " : "");
			change_put_value(to, item);
		}
		if (!max)
			buf_puts(to, "(none)");
	} else if (yyjson_is_bool(value))
		buf_puts(to, yyjson_get_bool(value) ? "true" : "false");
	else
		buf_puts(to, "(not shown)");
}

static void change_put_fields(struct buf *to, yyjson_val *fields)
{
	yyjson_val *name, *pair;
	size_t i, max;

	if (!yyjson_is_obj(fields))
		return;
	yyjson_obj_foreach(fields, i, max, name, pair) {
		buf_puts(to, i ? ", " : "");
		buf_put_span(to, json_key(name));
		buf_putc(to, ' ');
		change_put_value(to, yyjson_arr_get(pair, 0));
		buf_puts(to, " \xe2\x86\x92 "); /* an arrow */
		change_put_value(to, yyjson_arr_get(pair, 1));
	}
}

/* "user.added" is "user added", and its sign; "users added" of several. */
static void report_put_event(struct report *report, yyjson_mut_val *item, struct span event,
                             uint64_t count)
{
	struct buf *text = &report->text;
	const char *sign = span_ends(event, span_of(".added"))     ? "+"
	                   : span_ends(event, span_of(".removed")) ? "\xe2\x88\x92"
	                                                           : "~";
	const char *class = *sign == '+' ? "plus" : *sign == '~' ? "tilde" : "minus";

	buf_clear(text);
	for (size_t i = 0; i < event.len; i++) {
		if (event.data[i] == '.' && count != 1)
			buf_putc(text, 's');
		buf_putc(text, event.data[i] == '.' || event.data[i] == '_' ? ' ' : event.data[i]);
	}
	model_text(&report->model, item, "sign", span_of(sign));
	model_text(&report->model, item, "sign_class", span_of(class));
	model_text(&report->model, item, "event", buf_span(text));
}

/* What diff-snapshot's text says of a user that was added or removed: the display name, and a
   state or type that is not the usual one. */
static void change_put_person(struct report *report, yyjson_val *user, yyjson_mut_val *item)
{
	struct span status = json_obj_text(user, "status");

	model_text(&report->model, item, "display_name", json_obj_text(user, "display_name"));
	if (status.len && !span_is(status, span_of("enabled"))) {
		buf_puts(&report->text, "status ");
		buf_put_span(&report->text, status);
	}
	if (span_is(json_obj_text(user, "account_type"), span_of("service"))) {
		buf_puts(&report->text, report->text.len ? ", " : "");
		buf_puts(&report->text, "service account");
	}
}

static void report_take_change(struct report *report, yyjson_val *change, yyjson_mut_val *list)
{
	yyjson_mut_val *item = model_item(&report->model, list);
	yyjson_val *record = yyjson_obj_get(change, "after");

	if (!record)
		record = yyjson_obj_get(change, "before");
	report_put_event(report, item, json_obj_text(change, "event"), 1);
	model_text(&report->model, item, "source", json_obj_text(change, "source"));
	model_text(&report->model, item, "label", json_obj_text(change, "label"));
	buf_clear(&report->text);
	change_put_fields(&report->text, yyjson_obj_get(change, "fields"));
	if (span_is(json_obj_text(record, "kind"), span_of("user")))
		change_put_person(report, record, item);
	model_text(&report->model, item, "what", buf_span(&report->text));
}

static void report_take_unknown(struct report *report, yyjson_val *unknown, yyjson_mut_val *list)
{
	yyjson_mut_val *item;

	if (yyjson_mut_arr_size(list) == REPORT_ROWS_MAX) {
		report->unknown_left_out++;
		return;
	}
	item = model_item(&report->model, list);
	model_text(&report->model, item, "source", json_obj_text(unknown, "source"));
	model_text(&report->model, item, "scope", json_obj_text(unknown, "scope"));
	model_text(&report->model, item, "label", json_obj_text(unknown, "label"));
	model_text(&report->model, item, "reason", json_obj_text(unknown, "reason"));
}

/* The sums of the end line, and what the safeguard said. */
static void report_take_sums(struct report *report, yyjson_val *end, yyjson_mut_val *changes,
                             uint64_t shown)
{
	yyjson_mut_val *sums = model_list(&report->model, changes, "sums");
	yyjson_val *events = yyjson_obj_get(end, "events"), *name, *value;
	uint64_t total = 0, count;
	size_t i, max;

	json_count(yyjson_obj_get(end, "changes"), &total);
	model_number(&report->model, changes, "total", total);
	model_number(&report->model, changes, "left_out", total - shown);
	model_text(&report->model, changes, "unconfirmed", json_obj_text(end, "unconfirmed"));
	if (!yyjson_is_obj(events))
		return;
	yyjson_obj_foreach(events, i, max, name, value)
		if (json_count(value, &count) == 1 && count) {
			yyjson_mut_val *item = model_item(&report->model, sums);

			report_put_event(report, item, json_key(name), count);
			model_number(&report->model, item, "count", count);
		}
}

static void change_put_not_compared(struct buf *to, struct span text)
{
	buf_puts(to, to->len ? ", " : "");
	buf_put_span(to, text);
}

static void change_put_extras(struct buf *to, yyjson_val *paths, yyjson_val *other, bool is_first)
{
	yyjson_obj_iter iter = yyjson_obj_iter_with(paths);
	struct span name;

	while (not_mapped_extra_next(&iter, other, is_first, &name)) {
		change_put_not_compared(to, span_of("extra."));
		buf_put_span(to, name);
	}
}

/* A line for a source of which something is not compared: what only one vocabulary has, what only
   one --map-extra keeps, then what nobody maps, the newer side's before what only the older one has. Either may be NULL. */
static void report_put_not_compared(struct report *report, yyjson_val *begin, yyjson_mut_val *list,
                                    yyjson_val *older, yyjson_val *newer)
{
	struct buf *to = &report->text;
	yyjson_mut_val *item;
	struct span text;

	buf_clear(to);
	if (older && newer) {
		yyjson_val *paths = yyjson_obj_get(older, "map_extra");
		yyjson_val *other = yyjson_obj_get(newer, "map_extra");

		if (stream_vocabulary(yyjson_obj_get(begin, "before"), older) !=
		    stream_vocabulary(yyjson_obj_get(begin, "after"), newer))
			change_put_not_compared(to, span_of("members that vocabulary 1 does not have"));
		change_put_extras(to, paths, other, true);
		change_put_extras(to, other, paths, false);
	}
	for (size_t i = 0; not_mapped_next(newer, &i, &text);)
		change_put_not_compared(to, text);
	for (size_t i = 0; not_mapped_next(older, &i, &text);)
		if (!not_mapped_has(newer, text))
			change_put_not_compared(to, text);
	if (!to->len)
		return;
	item = model_item(&report->model, list);
	model_text(&report->model, item, "source", json_obj_text(newer ? newer : older, "source"));
	model_text(&report->model, item, "text", buf_span(to));
}

/* What neither side can say of each source, those of the newer one first. */
static void report_take_not_compared(struct report *report, yyjson_val *begin,
                                     yyjson_mut_val *changes)
{
	yyjson_val *older = yyjson_obj_get(yyjson_obj_get(begin, "before"), "sources");
	yyjson_val *newer = yyjson_obj_get(yyjson_obj_get(begin, "after"), "sources");
	yyjson_mut_val *list = model_list(&report->model, changes, "not_compared");
	yyjson_val *source;
	size_t i, max;

	yyjson_arr_foreach(newer, i, max, source) {
		struct span name = json_obj_text(source, "source");

		report_put_not_compared(report, begin, list, not_mapped_source(older, name), source);
	}
	yyjson_arr_foreach(older, i, max, source) {
		struct span name = json_obj_text(source, "source");

		if (!not_mapped_source(newer, name))
			report_put_not_compared(report, begin, list, source, NULL);
	}
}

/* When the two were read: the latest of their sources. 0, or -1 where the newer one is none
   of the snapshots. */
static int report_take_times(struct report *report, yyjson_val *begin, yyjson_mut_val *changes,
                             struct fault *fault)
{
	static const char *const sides[] = {"before", "after"};
	yyjson_mut_val *compared = model_list(&report->model, changes, "compared");
	yyjson_val *sources = NULL, *source;
	size_t i, max;

	for (int side = 0; side < 2; side++) {
		sources = yyjson_obj_get(yyjson_obj_get(begin, sides[side]), "sources");
		model_text(&report->model, changes, sides[side], report_latest(sources));
	}
	yyjson_arr_foreach(sources, i, max, source) { /* those of after */
		yyjson_mut_val *item = model_item(&report->model, compared);

		model_text(&report->model, item, "source", json_obj_text(source, "source"));
		model_text(&report->model, item, "origin", json_obj_text(source, "origin"));
	}
	report_take_not_compared(report, begin, changes);
	return !report->source_count ||
	               report_has_snapshot(report,
	                                   json_obj_text(yyjson_obj_get(begin, "after"), "sha256"))
	           ? 0
	           : fault_set(fault, FAULT_DATA,
	                       "the changes do not end in this snapshot: compare an older one with it");
}

int report_read_changes(struct report *report, const char *path, struct fault *fault)
{
	yyjson_mut_val *changes = model_object(&report->model, report->model.root, "changes");
	yyjson_mut_val *rows = model_list(&report->model, changes, "rows");
	yyjson_mut_val *unknown = model_list(&report->model, changes, "unknown");
	struct stream_reader reader;
	struct stream_item item;
	uint64_t shown = 0;
	int more = stream_open(&reader, path, STAGE_CHANGES, true, fault);

	while (more == 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		more = 0;
		if (item.type == ITEM_BEGIN)
			more = report_take_times(report, item.root, changes, fault);
		else if (item.type == ITEM_END) {
			report_take_sums(report, item.root, changes, shown);
			report_put_input(report, "--changes", path, json_obj_text(item.root, "sha256"),
			                 span_of(reader.begin_hex));
			report_put_file(report, changes, path);
		} else if (span_is(json_obj_text(item.root, "kind"), span_of("unknown")))
			report_take_unknown(report, item.root, unknown);
		else if (shown < REPORT_ROWS_MAX && ++shown)
			report_take_change(report, item.root, rows);
	}
	stream_close(&reader);
	return more < 0 ? -1 : model_check(&report->model, fault);
}
