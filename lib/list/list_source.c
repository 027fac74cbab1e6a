/* SPDX-License-Identifier: ISC */
/*
 * list_source: the directories, what could not be read of them, and what they can not show.
 */
#include "list/list_parts.h"

#include "base/array.h"
#include "base/inert.h"

int list_take_source(struct list *list, struct span name, struct fault *fault)
{
	struct list_source *sources;
	yyjson_val *entry;

	if (list->source && span_is(list->source->name, name))
		return 0;
	for (size_t i = 0; i < list->source_count; i++)
		if (span_is(list->sources[i].name, name)) {
			list->source = &list->sources[i];
			return i >= list->first_source
			           ? 0
			           : fault_set(fault, FAULT_DATA,
			                       "the source '%s' stands in two snapshots: list them one by one, "
			                       "or merge those of different sources with normalize",
			                       INERT(name));
		}
	entry = snapshot_reader_source(&list->access.reader, name);
	sources =
		array_grow(list->sources, list->source_count, &list->source_cap, sizeof *sources, fault);
	if (!sources)
		return -1;
	list->sources = sources;
	list->source = &sources[list->source_count++];
	*list->source = (struct list_source){
		.name = arena_copy(&list->texts, name),
		.as_of = arena_copy(&list->texts, json_obj_text(entry, "fetched_at")),
	};
	if (!list->source->name.data || !list->source->as_of.data)
		return fault_memory(fault);
	list->source->is_partial = json_obj_text(entry, "select").len != 0;
	if (list->options->idle_days &&
	    !when_minus(list->source->as_of, list->options->idle_days * 86400,
	                list->source->idle_before))
		return fault_set(fault, FAULT_DATA,
		                 "the snapshot does not say when '%s' was read, so --idle can not be "
		                 "answered",
		                 INERT(name));
	return 0;
}

bool list_wants_source(const struct list *list)
{
	return !list->options->source || span_is(list->source->name, span_of(list->options->source));
}

int list_take_source_of(struct list *list, struct span key, struct fault *fault)
{
	yyjson_val *root = json_read(&list->reader, record_line_source(key), fault);
	struct span name = SPAN_EMPTY;

	if (!root)
		return -1;
	json_text(root, &name);
	return list_take_source(list, name, fault);
}

/* The group whose members could not be read, if the gap is of one. */
static int list_hide_members(struct list *list, const struct record *gap, struct fault *fault)
{
	bool fresh;

	list->source->hides_members |= span_is(record_text(gap, GAP_SCOPE), span_of("members"));
	if (!record_text(gap, GAP_ID).len)
		return 0;
	buf_clear(&list->id);
	record_put_text_key(&list->id, RECORD_GROUP, list->source->name, record_text(gap, GAP_ID));
	if (buf_check(&list->id, fault) < 0)
		return -1;
	return set_take(&list->hidden, buf_span(&list->id), &fresh) ? 0 : fault_memory(fault);
}

enum list_sight list_sees_memberships(const struct list_source *source)
{
	return source->lists.groups || source->lists.members ? LIST_SAW_LITTLE
	       : source->hides_members                       ? LIST_SAW_PART
	                                                     : LIST_SAW_ALL;
}

int list_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct list *list = context;

	if (list_take_source(list, record_text(gap, GAP_SOURCE), fault) < 0)
		return -1;
	list->source->gaps++;
	gaps_take(&list->source->lists, gap);
	if (list_hide_members(list, gap, fault) < 0)
		return -1;
	list->source->is_partial |= !span_is(record_text(gap, GAP_SCOPE), span_of("groups")) &&
	                            !span_is(record_text(gap, GAP_SCOPE), span_of("members"));
	if (!list_wants_source(list))
		return 0;
	buf_puts(&list->notes, "not readable: ");
	inert_put(&list->notes, list->source->name);
	buf_puts(&list->notes, " ");
	inert_put(&list->notes, record_text(gap, GAP_SCOPE));
	if (record_text(gap, GAP_ID).len) {
		buf_puts(&list->notes, " of ");
		inert_put(&list->notes, record_text(gap, GAP_ID));
	}
	buf_puts(&list->notes, ": ");
	inert_put(&list->notes, record_text(gap, GAP_REASON));
	buf_putc(&list->notes, '\n');
	if (list->options->by != LIST_GAP)
		return buf_check(&list->notes, fault);
	list_begin_row(list);
	list_set_text(list, COLUMN_SCOPE, record_text(gap, GAP_SCOPE));
	if (record_text(gap, GAP_ID).len)
		list_set_text(list, COLUMN_GROUP_ID, record_text(gap, GAP_ID));
	list_set_text(list, COLUMN_REASON, record_text(gap, GAP_REASON));
	return list_put_row(list, fault) < 0 ? -1 : 0;
}

static void list_note(struct list *list, const char *what, struct span text)
{
	buf_puts(&list->notes, what);
	buf_puts(&list->notes, ": ");
	inert_put(&list->notes, list->source->name);
	buf_puts(&list->notes, ": ");
	inert_put(&list->notes, text);
	buf_putc(&list->notes, '\n');
}

void list_note_source(struct list *list, yyjson_val *entry)
{
	struct span text;
	yyjson_val *item;
	size_t i, max;

	buf_clear(&list->path);
	yyjson_arr_foreach(yyjson_obj_get(entry, "not_covered"), i, max, item)
		if (json_text(item, &text)) {
			list_note(list, "not covered", text);
			buf_puts(&list->path, list->path.len ? "; " : "");
			buf_put_span(&list->path, text);
		}
	text = json_obj_text(entry, "select");
	if (text.len)
		list_note(list, "only a selection", text);
}

int list_put_source_row(struct list *list, yyjson_val *entry, struct fault *fault)
{
	struct span select = json_obj_text(entry, "select");
	enum list_sight users = LIST_SAW_ALL, statuses = LIST_SAW_ALL;

	if (list->source->lists.users)
		users = statuses = LIST_SAW_LITTLE;
	if (list->source->users)
		statuses = users ? LIST_SAW_PART : LIST_SAW_ALL;
	list_begin_row(list);
	list_set_text(list, COLUMN_PROVIDER, json_obj_text(entry, "provider"));
	list_set_text(list, COLUMN_ORIGIN, json_obj_text(entry, "origin"));
	list_set_count(list, COLUMN_USERS, list->source->users, users);
	list_set_count(list, COLUMN_ENABLED, list->source->enabled, statuses);
	list_set_count(list, COLUMN_DISABLED, list->source->disabled, statuses);
	list_set_count(list, COLUMN_GROUPS, list->source->groups,
	               list->source->lists.groups ? LIST_SAW_LITTLE : LIST_SAW_ALL);
	list_set_number(list, COLUMN_GAPS, list->source->gaps);
	if (select.len)
		list_set_text(list, COLUMN_SELECTED, select);
	if (list->path.len)
		list_set_text(list, COLUMN_NOT_COVERED, buf_span(&list->path));
	return list_put_row(list, fault) < 0 ? -1 : 0;
}
