/* SPDX-License-Identifier: ISC */
/*
 * changes_stream: what one side could not see stands first, then the changes.
 */
#include "base/json_put.h"
#include "diff/changes_put.h"
#include "diff/change_view.h"
#include "stream/stream.h"

static void put_change_value(struct buf *line, const struct value *value)
{
	switch (value->type) {
	case VALUE_TEXT: json_put_string(line, value->text); break;
	case VALUE_LIST: buf_put_span(line, value->text); break;
	case VALUE_NULL: buf_puts(line, "null"); break;
	case VALUE_ABSENT:
	default: buf_puts(line, "{}"); break;
	}
}

/* `"status":["enabled","disabled"]`; absent, which is not null, is {}. */
static void put_field(void *to, struct span name, const struct value *before,
                      const struct value *after)
{
	struct buf *line = to;

	json_array_next(line);
	json_put_string(line, name);
	buf_puts(line, ":[");
	put_change_value(line, before);
	buf_putc(line, ',');
	put_change_value(line, after);
	buf_putc(line, ']');
}

/* The ids of a membership. One that was added by names is told in the ids of the
   older side, as far as it has them; `ids_of_after` lists those that it has not. */
static void put_membership_ids(const struct changes *changes, const struct change_view *view,
                               struct buf *line)
{
	static const int ids[] = {MEMBERSHIP_GROUP_ID, MEMBERSHIP_MEMBER_ID};
	const struct record *record = change_view_record(view), *compared = &view->compared;
	bool nested = record_member_kind(compared) == MEMBER_GROUP;
	struct span own[2] = {record_text(record, ids[0]), record_text(record, ids[1])};
	struct span source = record_text(record, 0);
	bool older[2] = {true, true};

	for (size_t i = 0; changes->options.match && !view->before_doc && i < 2; i++) {
		const struct label *label =
			labels_find(&changes->labels, i == 0 || nested ? RECORD_GROUP : RECORD_USER,
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
	if (older[0] && older[1])
		return;
	buf_puts(line, ",\"ids_of_after\":[");
	for (size_t i = 0; i < 2; i++)
		if (!older[i]) {
			json_array_next(line);
			buf_puts(line, i == 0 ? "\"group_id\"" : "\"member_id\"");
		}
	buf_putc(line, ']');
}

static int put_change(const struct changes *changes, const struct change *change, struct buf *line,
                      struct fault *fault)
{
	struct buf label = {0};
	struct change_view view;
	int result = change_view_init(&view, changes, change, fault);

	if (result == 0) {
		const struct record *identity = change_view_identity(changes, &view);

		labels_put_record(&changes->labels, change_view_label(&view, false), &label);
		buf_puts(line, "{\"kind\":\"change\",\"event\":\"");
		buf_puts(line, change_event_names[change->event]);
		buf_putc(line, '"');
		if (change->kind == RECORD_MEMBERSHIP) {
			put_membership_ids(changes, &view, line);
		} else { /* USER_ID and GROUP_ID are the same place */
			json_put_member(line, "source", record_text(identity, 0));
			json_put_member(line, "id", record_text(identity, USER_ID));
		}
		json_put_member(line, "label", buf_span(&label));
		if (view.before_doc && view.after_doc) {
			buf_puts(line, ",\"fields\":{");
			result = change_view_put_fields(&view, line, put_field, fault);
			buf_putc(line, '}');
		} else {
			buf_puts(line, view.after_doc ? ",\"after\":" : ",\"before\":");
			buf_put_span(line, view.after_doc ? change->after : change->before);
		}
		buf_puts(line, "}\n");
	}
	buf_release(&label);
	change_view_release(&view);
	return result;
}

static void put_blind_spot(const struct changes *changes, const struct blind_spot *spot,
                           struct buf *line)
{
	struct buf label = {0};

	buf_puts(line, "{\"kind\":\"unknown\"");
	json_put_member(line, "source", spot->own_source);
	json_put_member(line, "scope", spot->scope);
	if (spot->own_id.len)
		json_put_member(line, "id", spot->own_id);
	if (spot->id.len) {
		labels_put(&changes->labels, RECORD_GROUP, spot->source, spot->id, &label);
		json_put_member(line, "label", buf_span(&label));
	}
	if (spot->count)
		buf_putf(line, ",\"count\":%llu", (unsigned long long)spot->count);
	buf_puts(line, ",\"sides\":[");
	buf_puts(line, spot->before ? "\"before\"" : "");
	if (spot->after) {
		json_array_next(line);
		buf_puts(line, "\"after\"");
	}
	buf_putc(line, ']');
	json_put_member(line, "reason", spot->reason);
	buf_puts(line, "}\n");
	buf_release(&label);
}

/* `,"ignore":["email"]`: each name once, in the order of the forms. */
static void put_ignored(const struct changes *changes, struct buf *line)
{
	static const enum record_kind ignorable[] = {RECORD_USER, RECORD_GROUP};

	if (!changes->options.ignored[RECORD_USER] && !changes->options.ignored[RECORD_GROUP])
		return;
	buf_puts(line, ",\"ignore\":[");
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < record_forms[ignorable[k]].count; i++) {
			struct span name = record_forms[ignorable[k]].fields[i].name;
			int of_user = record_field_find(RECORD_USER, name);

			if (!(changes->options.ignored[ignorable[k]] & 1U << i) ||
			    (ignorable[k] == RECORD_GROUP && of_user >= 0))
				continue;
			json_array_next(line);
			buf_putf(line, "\"%s\"", name.data);
		}
	buf_putc(line, ']');
}

static void put_selected(const struct changes *changes, struct buf *line)
{
	if (!changes->options.only)
		return;
	buf_puts(line, ",\"only\":[");
	for (int event = 0; event < CHANGE_EVENTS; event++)
		if (changes->options.only & 1U << event) {
			json_array_next(line);
			buf_putf(line, "\"%s\"", change_event_names[event]);
		}
	buf_putc(line, ']');
}

static int put_changes_begin(const struct changes *changes, struct buf *line, struct fault *fault)
{
	static const char *const names[] = {"before", "after"};

	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"changes\"", STREAM_FORMAT);
	for (size_t i = 0; i < 2; i++) {
		buf_putf(line, ",\"%s\":{\"sha256\":\"%s\"", names[i], changes->sha256[i]);
		if (changes->vocabulary[i] > 1)
			buf_putf(line, ",\"vocabulary\":%u", changes->vocabulary[i]);
		buf_puts(line, ",\"sources\":");
		buf_put_span(line, changes->source_lists[i]);
		buf_putc(line, '}');
	}
	if (changes->options.match)
		buf_puts(line, ",\"match\":\"user_name\"");
	put_ignored(changes, line);
	put_selected(changes, line);
	buf_puts(line, "}\n");
	return buf_check(line, fault);
}

static void put_end_counts(const struct changes *changes, struct buf *text)
{
	buf_putf(text, ",\"changes\":%llu,\"events\":{", (unsigned long long)changes->count);
	for (int event = 0; event < CHANGE_EVENTS; event++)
		if (changes->events[event]) {
			json_array_next(text);
			buf_putf(text, "\"%s\":%llu", change_event_names[event],
			         (unsigned long long)changes->events[event]);
		}
	buf_putf(text, "},\"unknown\":%zu", changes->blind_count);
	if (*changes->unconfirmed)
		json_put_member(text, "unconfirmed", span_of(changes->unconfirmed));
}

static int put_records(const struct changes *changes, struct section_writer *section,
                       struct buf *line, struct fault *fault)
{
	for (size_t i = 0; i < changes->blind_count; i++) {
		buf_clear(line);
		put_blind_spot(changes, &changes->blind_spots[i], line);
		section_put(section, buf_span(line));
	}
	for (size_t i = 0; i < changes->count; i++) {
		buf_clear(line);
		if (put_change(changes, &changes->list[i], line, fault) < 0 || buf_check(line, fault) < 0)
			return -1;
		section_put(section, buf_span(line));
	}
	return 0;
}

int changes_put_stream(const struct changes *changes, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct buf line = {0}, counts = {0};
	int result = -1;

	put_end_counts(changes, &counts);
	if (put_changes_begin(changes, &line, fault) == 0 &&
	    section_open(&section, out, buf_span(&line), fault) == 0 &&
	    put_records(changes, &section, &line, fault) == 0)
		result = section_close(&section, buf_text(&counts), 0, "", fault);
	section_release(&section);
	buf_release(&line);
	buf_release(&counts);
	return result;
}
