/* SPDX-License-Identifier: ISC */
/*
 * report_changes: a change stream as rows for people.
 */
#include "report/report_parts.h"

#include "base/json.h"

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

/* "user.added" is "user added", and its sign. */
static void report_put_event(struct report *report, yyjson_mut_val *item, struct span event)
{
	struct buf *text = &report->text;
	const char *sign = span_ends(event, span_of(".added"))     ? "+"
	                   : span_ends(event, span_of(".removed")) ? "\xe2\x88\x92"
	                                                           : "~";
	const char *class = *sign == '+' ? "plus" : *sign == '~' ? "tilde" : "minus";

	buf_clear(text);
	for (size_t i = 0; i < event.len; i++)
		buf_putc(text, event.data[i] == '.' || event.data[i] == '_' ? ' ' : event.data[i]);
	model_text(&report->model, item, "sign", span_of(sign));
	model_text(&report->model, item, "sign_class", span_of(class));
	model_text(&report->model, item, "event", buf_span(text));
}

static void report_take_change(struct report *report, yyjson_val *change, yyjson_mut_val *list)
{
	yyjson_mut_val *item = model_item(&report->model, list);

	report_put_event(report, item, json_obj_text(change, "event"));
	model_text(&report->model, item, "source", json_obj_text(change, "source"));
	model_text(&report->model, item, "label", json_obj_text(change, "label"));
	buf_clear(&report->text);
	change_put_fields(&report->text, yyjson_obj_get(change, "fields"));
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

			report_put_event(report, item, json_key(name));
			model_number(&report->model, item, "count", count);
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
