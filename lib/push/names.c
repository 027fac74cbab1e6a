/* SPDX-License-Identifier: ISC */
/*
 * names: a union-find over the ids and names of a plan.
 */
#include "push/names.h"

#include "base/unicode.h"

#include <stdlib.h>

void names_put_folded(struct buf *key, struct span name)
{
	size_t from = key->len;

	unicode_put_composed(key, name);
	for (size_t i = from; i < key->len; i++)
		key->data[i] = ascii_lower(key->data[i]);
}

bool names_are_same(struct span name, struct span other)
{
	struct buf key = {0}, other_key = {0};
	bool same = span_is_nocase(name, other);

	if (same || span_is_ascii(name) || span_is_ascii(other))
		return same;
	names_put_folded(&key, name);
	names_put_folded(&other_key, other);
	same = key.state == BUF_OK && other_key.state == BUF_OK &&
	       span_is(buf_span(&key), buf_span(&other_key));
	buf_release(&key);
	buf_release(&other_key);
	return same;
}

void names_release(struct names *names)
{
	set_release(&names->keys);
	free(names->parents);
	*names = (struct names){0};
}

/* The number of an id ('i') or name ('n'). 0 or -1. */
static int names_number(struct names *names, enum names_kind kind, char form, struct span text,
                        size_t *number, struct fault *fault)
{
	struct set_entry *entry;
	struct buf key = {0};
	bool fresh = false;

	buf_putf(&key, "%d%c", kind, form);
	if (form == 'i')
		buf_put_span(&key, text);
	else
		names_put_folded(&key, text);
	entry = key.state == BUF_OK ? set_take(&names->keys, buf_span(&key), &fresh) : NULL;
	buf_release(&key);
	if (!entry)
		return fault_memory(fault);
	if (fresh && names->count == names->cap) {
		size_t cap = names->cap ? names->cap * 2 : 64;
		size_t *more = realloc(names->parents, cap * sizeof *more);

		if (!more)
			return fault_memory(fault);
		names->parents = more;
		names->cap = cap;
	}
	if (fresh) {
		entry->value = names->count;
		names->parents[names->count] = names->count;
		names->count++;
	}
	*number = (size_t)entry->value;
	return 0;
}

size_t names_root(const struct names *names, size_t number)
{
	while (names->parents[number] != number) {
		names->parents[number] = names->parents[names->parents[number]];
		number = names->parents[number];
	}
	return number;
}

int names_take(struct names *names, const struct operation *operation, enum names_kind kind,
               size_t *number, struct fault *fault)
{
	bool user = kind == NAMES_USER;
	const struct {
		char form;
		struct span text;
	} all[] = {
		{'i', user ? operation->user_id : operation->group_id},
		{'n', user ? operation->user_name : operation->group},
		{'n', user ? operation->values[SET_USER_NAME] : operation->new_group},
		{'i', user ? operation->found_user_id : operation->found_group_id},
	};

	*number = NAMES_NONE;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		size_t other = 0;

		if (!all[i].text.len)
			continue;
		if (names_number(names, kind, all[i].form, all[i].text, &other, fault) < 0)
			return -1;
		if (*number == NAMES_NONE)
			*number = other;
		names->parents[names_root(names, other)] = names_root(names, *number);
	}
	return 0;
}
