/* SPDX-License-Identifier: ISC */
/*
 * labels: a set of keys with offsets into one buffer of names.
 */
#include "labels.h"

void labels_release(struct labels *labels)
{
	set_release(&labels->keys);
	buf_release(&labels->names);
}

static void put_key(struct buf *key, enum record_kind kind, struct span source, struct span id)
{
	buf_putf(key, "{\"kind\":\"%s\"", record_words[kind].kind);
	json_put_member(key, "source", source);
	json_put_member(key, "id", id);
}

int labels_want(struct labels *labels, enum record_kind kind, struct span source, struct span id,
                struct fault *fault)
{
	struct buf key = {0};
	bool fresh;
	int result;

	put_key(&key, kind, source, id);
	result = set_take(&labels->keys, buf_span(&key), &fresh) ? 0 : fault_memory(fault);
	buf_release(&key);
	return result;
}

bool labels_wants(const struct labels *labels, struct span key, bool again)
{
	const struct set_entry *entry = set_find(&labels->keys, key);

	return entry && (again || !entry->value);
}

int labels_keep(struct labels *labels, struct span key, struct span label, struct fault *fault)
{
	bool fresh;
	struct set_entry *entry = set_take(&labels->keys, key, &fresh);

	if (!entry)
		return fault_memory(fault);
	entry->value = labels->names.len + 1;
	buf_put(&labels->names, &label.len, sizeof label.len);
	buf_put_span(&labels->names, label);
	return buf_check(&labels->names, fault);
}

void labels_put(const struct labels *labels, enum record_kind kind, struct span source,
                struct span id, struct buf *to)
{
	const struct set_entry *entry;
	struct buf key = {0};
	const char *at;
	size_t len;

	put_key(&key, kind, source, id);
	entry = set_find(&labels->keys, buf_span(&key));
	buf_release(&key);
	if (!entry || !entry->value) {
		buf_put_span(to, id);
		return;
	}
	at = labels->names.data + entry->value - 1;
	memcpy(&len, at, sizeof len);
	buf_put(to, at + sizeof len, len);
}
