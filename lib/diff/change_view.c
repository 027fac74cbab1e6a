/* SPDX-License-Identifier: ISC */
/*
 * change_view: a membership has a third line, that by which it was compared.
 */
#include "diff/change_view.h"

#include "base/json_put.h"

void change_view_release(struct change_view *view)
{
	record_release(&view->before);
	record_release(&view->after);
	record_release(&view->compared);
	yyjson_doc_free(view->before_doc);
	yyjson_doc_free(view->after_doc);
	yyjson_doc_free(view->compared_doc);
}

static bool view_line(yyjson_doc **doc, struct record *record, enum record_kind kind,
                      struct span line, struct fault *fault)
{
	if (line.len)
		*doc = record_read(record, kind, line, fault);
	return !line.len || *doc;
}

int change_view_init(struct change_view *view, const struct changes *changes,
                     const struct change *change, struct fault *fault)
{
	bool membership = change->kind == RECORD_MEMBERSHIP;
	struct span none = SPAN_EMPTY;

	*view = (struct change_view){.change = change};
	if (!view_line(&view->before_doc, &view->before, change->kind, change->before, fault) ||
	    !view_line(&view->after_doc, &view->after, change->kind, change->after, fault) ||
	    !view_line(&view->compared_doc, &view->compared, change->kind,
	               membership ? change->line : none, fault))
		return -1;
	return view->before_doc && view->after_doc &&
	               (changes_limit(changes, &view->before, 0, fault) < 0 ||
	                changes_limit(changes, &view->after, 1, fault) < 0)
	           ? -1
	           : 0;
}

/* A value in `extra` as that of a field; `text` holds what is neither a text nor null. */
static struct value value_of_extra(yyjson_val *value, struct buf *text)
{
	if (!value)
		return (struct value){.type = VALUE_ABSENT};
	if (yyjson_is_null(value))
		return (struct value){.type = VALUE_NULL};
	if (yyjson_is_str(value))
		return (struct value){.type = VALUE_TEXT, .text = json_key(value)};
	buf_clear(text);
	json_put_value(text, value);
	return (struct value){.type = VALUE_LIST, .text = buf_span(text)};
}

/* Puts a member of `extra`, if it differs. */
static int put_extra_member(void *to, change_put_field *put, struct span name, yyjson_val *before,
                            yyjson_val *after, struct fault *fault)
{
	struct buf texts[2] = {{0}, {0}}, whole = {0};
	struct value old = value_of_extra(before, &texts[0]), new = value_of_extra(after, &texts[1]);
	int result;

	buf_puts(&whole, "extra.");
	buf_put_span(&whole, name);
	result = buf_check(&texts[0], fault) < 0 || buf_check(&texts[1], fault) < 0 ||
	                 buf_check(&whole, fault) < 0
	             ? -1
	             : 0;
	if (result == 0 && (old.type != new.type || !span_is(old.text, new.text)))
		put(to, buf_span(&whole), &old, &new);
	buf_release(&texts[0]);
	buf_release(&texts[1]);
	buf_release(&whole);
	return result;
}

/* Each member of `extra` that differs, in the order of their names. */
static int put_extra_fields(void *to, change_put_field *put, const struct value *before,
                            const struct value *after, struct fault *fault)
{
	static const struct span none = SPAN("{}");
	yyjson_doc *docs[2] = {
		json_parse(before->type == VALUE_LIST ? before->text : none, NULL, fault), NULL};
	yyjson_obj_iter members[2];
	yyjson_val *keys[2] = {NULL, NULL};
	int result = -1;

	if (docs[0])
		docs[1] = json_parse(after->type == VALUE_LIST ? after->text : none, NULL, fault);
	for (int side = 0; docs[1] && side < 2; side++) {
		yyjson_obj_iter_init(yyjson_doc_get_root(docs[side]), &members[side]);
		keys[side] = yyjson_obj_iter_next(&members[side]);
		result = 0;
	}
	while (result == 0 && (keys[0] || keys[1])) {
		int order = !keys[0]   ? 1
		            : !keys[1] ? -1
		                       : span_compare(json_key(keys[0]), json_key(keys[1]));

		result = put_extra_member(to, put, json_key(keys[order > 0]),
		                          order <= 0 ? yyjson_obj_iter_get_val(keys[0]) : NULL,
		                          order >= 0 ? yyjson_obj_iter_get_val(keys[1]) : NULL, fault);
		for (int side = 0; side < 2; side++)
			if (side ? order >= 0 : order <= 0)
				keys[side] = yyjson_obj_iter_next(&members[side]);
	}
	yyjson_doc_free(docs[0]);
	yyjson_doc_free(docs[1]);
	return result;
}

int change_view_put_fields(const struct change_view *view, void *to, change_put_field *put,
                           struct fault *fault)
{
	const struct record_form *form = &record_forms[view->change->kind];

	for (size_t i = 0; i < form->count; i++) {
		const struct value *before = &view->before.values[i], *after = &view->after.values[i];

		if (!(view->change->fields & 1U << i))
			continue;
		if (!(form->fields[i].flags & FIELD_OBJECT))
			put(to, form->fields[i].name, before, after);
		else if (put_extra_fields(to, put, before, after, fault) < 0)
			return -1;
	}
	return 0;
}

const struct record *change_view_record(const struct change_view *view)
{
	return view->after_doc ? &view->after : &view->before;
}

const struct record *change_view_label(const struct change_view *view, bool older)
{
	if (view->compared_doc)
		return &view->compared;
	return older && view->before_doc ? &view->before : change_view_record(view);
}

const struct record *change_view_identity(const struct changes *changes,
                                          const struct change_view *view)
{
	return changes->options.match && view->before_doc ? &view->before : change_view_record(view);
}
