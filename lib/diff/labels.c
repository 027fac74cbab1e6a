/* SPDX-License-Identifier: ISC */
/*
 * labels: a list that is sorted once, when the first record passes; from then on
 * a record that passes is compared with one label, the next.
 */
#include "diff/labels.h"

#include "base/array.h"

#include <stdlib.h>

void labels_release(struct labels *labels)
{
	free(labels->list);
	arena_release(&labels->bytes);
}

int labels_want_key(struct labels *labels, struct span key, struct fault *fault)
{
	struct label *list = array_grow(labels->list, labels->count, &labels->cap, sizeof *list, fault);

	if (!list)
		return -1;
	labels->list = list;
	key = arena_copy(&labels->bytes, key);
	if (!key.data)
		return fault_memory(fault);
	labels->list[labels->count++] =
		(struct label){.key = key, .text = SPAN_EMPTY, .id = SPAN_EMPTY};
	labels->sorted = false;
	return 0;
}

int labels_want(struct labels *labels, enum record_kind kind, struct span source, struct span id,
                struct fault *fault)
{
	struct buf key = {0};
	int result;

	record_put_text_key(&key, kind, source, id);
	result = buf_check(&key, fault);
	if (result == 0)
		result = labels_want_key(labels, buf_span(&key), fault);
	buf_release(&key);
	return result;
}

static int compare_labels(const void *a, const void *b)
{
	return span_compare(((const struct label *)a)->key, ((const struct label *)b)->key);
}

/* Sorts, each key once. */
static void labels_sort(struct labels *labels)
{
	size_t kept = 0;

	if (labels->count)
		qsort(labels->list, labels->count, sizeof *labels->list, compare_labels);
	for (size_t i = 0; i < labels->count; i++)
		if (!kept || !span_is(labels->list[i].key, labels->list[kept - 1].key))
			labels->list[kept++] = labels->list[i];
	labels->count = kept;
	labels->sorted = true;
}

void labels_rewind(struct labels *labels)
{
	if (!labels->sorted)
		labels_sort(labels);
	labels->next = 0;
}

struct label *labels_pass(struct labels *labels, struct span key)
{
	if (!labels->sorted)
		labels_rewind(labels);
	for (; labels->next < labels->count; labels->next++) {
		int order = span_compare(labels->list[labels->next].key, key);

		if (order >= 0)
			return order == 0 ? &labels->list[labels->next] : NULL;
	}
	return NULL;
}

int labels_keep(struct labels *labels, struct label *label, struct span text, struct span id,
                struct fault *fault)
{
	label->text = arena_copy(&labels->bytes, text);
	label->id = arena_copy(&labels->bytes, id);
	return label->text.data && label->id.data ? 0 : fault_memory(fault);
}

static const struct label *labels_find_key(const struct labels *labels, struct span key)
{
	const struct label *found = NULL;

	if (labels->count && labels->sorted)
		found = bsearch(&(struct label){.key = key}, labels->list, labels->count,
		                sizeof *labels->list, compare_labels);
	return found && found->text.len ? found : NULL;
}

const struct label *labels_find(const struct labels *labels, enum record_kind kind,
                                struct span source, struct span id)
{
	const struct label *found = NULL;
	struct buf key = {0};

	record_put_text_key(&key, kind, source, id);
	if (key.state == BUF_OK)
		found = labels_find_key(labels, buf_span(&key));
	buf_release(&key);
	return found;
}

void labels_put(const struct labels *labels, enum record_kind kind, struct span source,
                struct span id, struct buf *to)
{
	const struct label *label = labels_find(labels, kind, source, id);

	buf_put_span(to, label ? label->text : id);
}

void labels_put_key(const struct labels *labels, struct span key, struct buf *to)
{
	const struct label *label = labels_find_key(labels, key);

	buf_put_span(to, label ? label->text : record_key_id(key));
}

void labels_put_record(const struct labels *labels, const struct record *record, struct buf *to)
{
	static const int user_names[] = {USER_USER_NAME, USER_EMAIL, USER_DISPLAY_NAME, USER_ID};
	struct span text = SPAN_EMPTY, source = record_text(record, 0);

	if (record->kind == RECORD_MEMBERSHIP) {
		bool nested = record_member_kind(record) == MEMBER_GROUP;

		labels_put(labels, nested ? RECORD_GROUP : RECORD_USER, source,
		           record_text(record, MEMBERSHIP_MEMBER_ID), to);
		buf_puts(to, " in ");
		labels_put(labels, RECORD_GROUP, source, record_text(record, MEMBERSHIP_GROUP_ID), to);
		return;
	}
	if (record->kind == RECORD_GROUP)
		text = record_text(record, record_text(record, GROUP_NAME).len ? GROUP_NAME : GROUP_ID);
	for (size_t i = 0; record->kind == RECORD_USER && !text.len && i < 4; i++)
		text = record_text(record, user_names[i]);
	buf_put_span(to, text);
}
