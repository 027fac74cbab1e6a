/* SPDX-License-Identifier: ISC */
/*
 * labels: a list that is sorted once, when the first record passes; from then on
 * a record that passes is compared with one label, the next.
 */
#include "diff/labels.h"

#include "base/array.h"
#include "base/json_put.h"

#include <stdlib.h>

void labels_release(struct labels *labels)
{
	free(labels->list);
	arena_release(&labels->bytes);
}

static void put_key(struct buf *key, enum record_kind kind, struct span source, struct span id)
{
	buf_puts(key, "{\"kind\":\"");
	buf_put_span(key, record_words[kind].kind);
	buf_putc(key, '"');
	json_put_member(key, "source", source);
	json_put_member(key, "id", id);
}

static int add(struct labels *labels, struct span key, struct fault *fault)
{
	struct label *list = array_grow(labels->list, labels->count, &labels->cap, sizeof *list, fault);

	if (!list)
		return -1;
	labels->list = list;
	key = arena_copy(&labels->bytes, key);
	if (!key.data)
		return fault_memory(fault);
	labels->list[labels->count++] = (struct label){.key = key, .text = {"", 0}, .id = {"", 0}};
	labels->sorted = false;
	return 0;
}

int labels_want(struct labels *labels, enum record_kind kind, struct span source, struct span id,
                struct fault *fault)
{
	struct buf key = {0};
	int result;

	put_key(&key, kind, source, id);
	result = buf_check(&key, fault);
	if (result == 0)
		result = add(labels, buf_span(&key), fault);
	buf_release(&key);
	return result;
}

static int compare(const void *a, const void *b)
{
	return span_compare(((const struct label *)a)->key, ((const struct label *)b)->key);
}

/* Sorts, each key once. */
static void sort(struct labels *labels)
{
	size_t kept = 0;

	if (labels->count)
		qsort(labels->list, labels->count, sizeof *labels->list, compare);
	for (size_t i = 0; i < labels->count; i++)
		if (!kept || !span_is(labels->list[i].key, labels->list[kept - 1].key))
			labels->list[kept++] = labels->list[i];
	labels->count = kept;
	labels->sorted = true;
}

void labels_rewind(struct labels *labels)
{
	if (!labels->sorted)
		sort(labels);
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

const struct label *labels_find(const struct labels *labels, enum record_kind kind,
                                struct span source, struct span id)
{
	struct label *found = NULL;
	struct buf key = {0};

	put_key(&key, kind, source, id);
	if (key.state == BUF_OK && labels->count && labels->sorted)
		found = bsearch(&(struct label){.key = buf_span(&key)}, labels->list, labels->count,
		                sizeof *labels->list, compare);
	buf_release(&key);
	return found && found->text.len ? found : NULL;
}

void labels_put(const struct labels *labels, enum record_kind kind, struct span source,
                struct span id, struct buf *to)
{
	const struct label *label = labels_find(labels, kind, source, id);

	buf_put_span(to, label ? label->text : id);
}
