/* SPDX-License-Identifier: ISC */
/*
 * report_stream: what one side could not see stands first, then the changes.
 */
#include "base/json_put.h"
#include "diff/report.h"
#include "diff/report_view.h"

static void put_value(struct buf *line, const struct value *value)
{
	switch (value->type) {
	case VALUE_TEXT: json_put_string(line, value->text); break;
	case VALUE_LIST: buf_put_span(line, value->text); break;
	case VALUE_NULL: buf_puts(line, "null"); break;
	case VALUE_ABSENT:
	default: buf_puts(line, "{}"); break;
	}
}

/* `"fields":{"status":["enabled","disabled"]}`; absent, which is not null, is {}. */
static void put_fields(struct buf *line, const struct report_view *view)
{
	const struct record_form *form = &record_forms[view->change->kind];
	bool first = true;

	buf_puts(line, ",\"fields\":{");
	for (size_t i = 0; i < form->count; i++) {
		if (!(view->change->fields & 1U << i))
			continue;
		buf_putf(line, "%s\"%s\":[", first ? "" : ",", form->fields[i].name.data);
		put_value(line, &view->before.values[i]);
		buf_putc(line, ',');
		put_value(line, &view->after.values[i]);
		buf_putc(line, ']');
		first = false;
	}
	buf_putc(line, '}');
}

/* The ids of a membership. One that was added by names is told in the ids of the
   older side, as far as it has them; `ids_of_after` lists those that it has not. */
static void put_membership_ids(const struct diff *diff, const struct report_view *view,
                               struct buf *line)
{
	static const int ids[] = {MEMBERSHIP_GROUP_ID, MEMBERSHIP_MEMBER_ID};
	const struct record *record = report_view_record(view), *compared = &view->compared;
	bool nested = span_is(record_text(compared, MEMBERSHIP_MEMBER_KIND), span_of("group"));
	struct span own[2] = {record_text(record, ids[0]), record_text(record, ids[1])};
	struct span source = record_text(record, 0);
	bool older[2] = {true, true};

	for (size_t i = 0; diff->options.match && !view->before_doc && i < 2; i++) {
		const struct label *label =
			labels_find(&diff->labels, i == 0 || nested ? RECORD_GROUP : RECORD_USER,
		                record_text(compared, 0), record_text(compared, ids[i]));

		older[i] = label && !label->newer;
		if (older[i]) {
			own[i] = label->id;
			source = record_text(compared, 0);
		}
	}
	json_put_member(line, "source", source);
	json_put_member(line, "group_id", own[0]);
	json_put_member(line, "member_id", own[1]);
	if (!older[0] || !older[1])
		buf_putf(line, ",\"ids_of_after\":[%s%s%s]", older[0] ? "" : "\"group_id\"",
		         older[0] || older[1] ? "" : ",", older[1] ? "" : "\"member_id\"");
}

static int put_change(const struct diff *diff, const struct change *change, struct buf *line,
                      struct fault *fault)
{
	struct buf label = {0};
	struct report_view view;
	int result = report_view_init(&view, change, fault);

	if (result == 0) {
		const struct record *identity = report_view_identity(diff, &view);

		diff_put_label(diff, report_view_label(&view, false), &label);
		buf_puts(line, "{\"kind\":\"change\",\"event\":\"");
		buf_puts(line, change_event_names[change->event]);
		buf_putc(line, '"');
		if (change->kind == RECORD_MEMBERSHIP) {
			put_membership_ids(diff, &view, line);
		} else { /* USER_ID and GROUP_ID are the same place */
			json_put_member(line, "source", record_text(identity, 0));
			json_put_member(line, "id", record_text(identity, USER_ID));
		}
		json_put_member(line, "label", buf_span(&label));
		if (view.before_doc && view.after_doc) {
			put_fields(line, &view);
		} else {
			buf_puts(line, view.after_doc ? ",\"after\":" : ",\"before\":");
			buf_put_span(line, view.after_doc ? change->after : change->before);
		}
		buf_puts(line, "}\n");
	}
	buf_release(&label);
	report_view_release(&view);
	return result;
}

static void put_blind_spot(const struct diff *diff, const struct blind_spot *spot, struct buf *line)
{
	struct buf label = {0};

	buf_puts(line, "{\"kind\":\"unknown\"");
	json_put_member(line, "source", spot->own_source);
	json_put_member(line, "scope", spot->scope);
	if (spot->own_id.len)
		json_put_member(line, "id", spot->own_id);
	if (spot->id.len) {
		labels_put(&diff->labels, RECORD_GROUP, spot->source, spot->id, &label);
		json_put_member(line, "label", buf_span(&label));
	}
	if (spot->count)
		buf_putf(line, ",\"count\":%llu", (unsigned long long)spot->count);
	buf_putf(line, ",\"sides\":[%s%s%s]", spot->before ? "\"before\"" : "",
	         spot->before && spot->after ? "," : "", spot->after ? "\"after\"" : "");
	json_put_member(line, "reason", spot->reason);
	buf_puts(line, "}\n");
	buf_release(&label);
}

/* `,"ignore":["email"]`: each name once, in the order of the forms. */
static void put_ignored(const struct diff *diff, struct buf *line)
{
	static const enum record_kind kinds[] = {RECORD_USER, RECORD_GROUP};
	const char *comma = "";

	if (!diff->options.ignored[RECORD_USER] && !diff->options.ignored[RECORD_GROUP])
		return;
	buf_puts(line, ",\"ignore\":[");
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < record_forms[kinds[k]].count; i++) {
			struct span name = record_forms[kinds[k]].fields[i].name;
			int of_user = record_field_find(RECORD_USER, name);

			if (!(diff->options.ignored[kinds[k]] & 1U << i) ||
			    (kinds[k] == RECORD_GROUP && of_user >= 0))
				continue;
			buf_putf(line, "%s\"%s\"", comma, name.data);
			comma = ",";
		}
	buf_putc(line, ']');
}

static void put_selected(const struct diff *diff, struct buf *line)
{
	const char *comma = "";

	if (!diff->options.only)
		return;
	buf_puts(line, ",\"only\":[");
	for (int event = 0; event < CHANGE_EVENTS; event++)
		if (diff->options.only & 1U << event) {
			buf_putf(line, "%s\"%s\"", comma, change_event_names[event]);
			comma = ",";
		}
	buf_putc(line, ']');
}

static int put_begin(const struct diff *diff, struct buf *line, struct fault *fault)
{
	static const char *const names[] = {"before", "after"};

	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"changes\"", STREAM_FORMAT);
	for (size_t i = 0; i < 2; i++) {
		yyjson_doc *doc = json_parse(diff->begins[i], NULL, fault);

		if (!doc)
			return -1;
		buf_putf(line, ",\"%s\":{\"sha256\":\"%s\",\"sources\":", names[i], diff->sha256[i]);
		json_put_value(line, yyjson_obj_get(yyjson_doc_get_root(doc), "sources"));
		buf_putc(line, '}');
		yyjson_doc_free(doc);
	}
	if (diff->options.match)
		buf_puts(line, ",\"match\":\"user_name\"");
	put_ignored(diff, line);
	put_selected(diff, line);
	buf_puts(line, "}\n");
	return buf_check(line, fault);
}

static void put_end_counts(const struct diff *diff, struct buf *text)
{
	const char *comma = "";

	buf_putf(text, ",\"changes\":%llu,\"events\":{", (unsigned long long)diff->count);
	for (int event = 0; event < CHANGE_EVENTS; event++)
		if (diff->events[event]) {
			buf_putf(text, "%s\"%s\":%llu", comma, change_event_names[event],
			         (unsigned long long)diff->events[event]);
			comma = ",";
		}
	buf_putf(text, "},\"unknown\":%zu", diff->blind_count);
	if (*diff->unconfirmed)
		json_put_member(text, "unconfirmed", span_of(diff->unconfirmed));
}

static int put_records(const struct diff *diff, struct section_writer *section, struct buf *line,
                       struct fault *fault)
{
	for (size_t i = 0; i < diff->blind_count; i++) {
		buf_clear(line);
		put_blind_spot(diff, &diff->blind_spots[i], line);
		section_put(section, buf_span(line));
	}
	for (size_t i = 0; i < diff->count; i++) {
		buf_clear(line);
		if (put_change(diff, &diff->changes[i], line, fault) < 0 || buf_check(line, fault) < 0)
			return -1;
		section_put(section, buf_span(line));
	}
	return 0;
}

int report_stream(const struct diff *diff, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct buf line = {0}, counts = {0};
	int result = -1;

	put_end_counts(diff, &counts);
	if (put_begin(diff, &line, fault) == 0 &&
	    section_open(&section, out, buf_span(&line), fault) == 0 &&
	    put_records(diff, &section, &line, fault) == 0)
		result = section_close(&section, buf_text(&counts), 0, "", fault);
	section_release(&section);
	buf_release(&line);
	buf_release(&counts);
	return result;
}
