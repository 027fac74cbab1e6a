/* SPDX-License-Identifier: ISC */
/*
 * change_view: a membership has a third line, that by which it was compared.
 */
#include "diff/change_view.h"

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
