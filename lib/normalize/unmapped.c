/* SPDX-License-Identifier: ISC */
/*
 * unmapped: a set of names, each with the last resource that has it and the count.
 */
#include "normalize/unmapped.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"

#include <stdlib.h>

void unmapped_release(struct unmapped *unmapped)
{
	set_release(&unmapped->users.counts);
	set_release(&unmapped->groups.counts);
}

void unmapped_clear(struct unmapped *unmapped)
{
	set_clear(&unmapped->users.counts);
	set_clear(&unmapped->groups.counts);
	unmapped->users.too_many = unmapped->groups.too_many = false;
	unmapped->resource = 0;
	unmapped->sections++;
}

/* Adds `count` to that of a name. */
static int unmapped_count(struct unmapped_names *names, struct span name, uint32_t resource,
                          uint32_t count, struct fault *fault)
{
	struct set_entry *entry;
	bool fresh;

	if (names->too_many)
		return 0;
	entry = set_take(&names->counts, name, &fresh);
	if (!entry)
		return fault_memory(fault);
	if (names->counts.count > ATTRIBUTES_MAX)
		names->too_many = true;
	else if (fresh || !resource || entry->value >> 32 != resource)
		entry->value = (uint64_t)resource << 32 | (uint32_t)((uint32_t)entry->value + count);
	return 0;
}

/* Cuts a text to ATTRIBUTE_NAME_MAX bytes, between two characters, with three dots. */
static void cut_name(struct buf *name)
{
	size_t len = ATTRIBUTE_NAME_MAX - strlen("...");

	if (name->len <= ATTRIBUTE_NAME_MAX)
		return;
	while (len && ((unsigned char)name->data[len] & 0xc0) == 0x80)
		len--;
	name->len = len;
	buf_puts(name, "...");
}

/* Counts a name of the resource at hand, and notes its place. */
static int unmapped_count_one(struct unmapped *unmapped, struct span name, struct fault *fault)
{
	const struct unmapped_names *names = unmapped->at_hand;
	struct unmapped_memo *memo = unmapped->memo;
	const struct set_entry *entry;

	if (unmapped_count(unmapped->at_hand, name, unmapped->resource, 1, fault) < 0)
		return -1;
	entry = names->too_many ? NULL : set_find(&names->counts, name);
	if (!entry || memo->count == sizeof memo->slots / sizeof *memo->slots)
		memo->names = NULL;
	else
		memo->slots[memo->count++] = (size_t)(entry - names->counts.slots);
	return 0;
}

/* Counts the names that are known to be those of a resource. */
static void unmapped_count_known(struct unmapped *unmapped, const struct unmapped_memo *memo)
{
	for (size_t i = 0; i < memo->count; i++) {
		uint64_t *value = &unmapped->at_hand->counts.slots[memo->slots[i]].value;

		if (*value >> 32 != unmapped->resource)
			*value = (uint64_t)unmapped->resource << 32 | (uint32_t)((uint32_t)*value + 1);
	}
}

/* Takes a name from a mapping. What is long is cut, but not yet made inert: most names
   come again and again. */
static int unmapped_take(void *context, struct span schema, struct span name, struct fault *fault)
{
	char whole[ATTRIBUTE_NAME_MAX];
	struct buf cut = {0};
	int result;

	if (!schema.len && name.len <= ATTRIBUTE_NAME_MAX)
		return unmapped_count_one(context, name, fault);
	if (schema.len + 1 + name.len <= ATTRIBUTE_NAME_MAX) {
		memcpy(whole, schema.data, schema.len);
		whole[schema.len] = ':';
		memcpy(whole + schema.len + 1, name.data, name.len);
		return unmapped_count_one(context, (struct span){whole, schema.len + 1 + name.len}, fault);
	}
	buf_put_span(&cut, schema);
	buf_puts(&cut, schema.len ? ":" : "");
	buf_put_span(&cut, name);
	cut_name(&cut);
	result = buf_check(&cut, fault);
	if (result == 0)
		result = unmapped_count_one(context, buf_span(&cut), fault);
	buf_release(&cut);
	return result;
}

int unmapped_see(struct unmapped *unmapped, const struct mapping *mapping,
                 const struct record *record, yyjson_val *resource, yyjson_val *included,
                 struct unmapped_memo *memo, struct fault *fault)
{
	const struct attribute_sink sink = {unmapped_take, unmapped};
	struct unmapped_names *names =
		record->kind == RECORD_USER ? &unmapped->users : &unmapped->groups;

	unmapped->at_hand = names;
	unmapped->resource++;
	if (memo->names == names && memo->sections == unmapped->sections &&
	    memo->cap == names->counts.cap && !names->too_many) {
		unmapped_count_known(unmapped, memo);
		return 0;
	}
	*memo = (struct unmapped_memo){.sections = unmapped->sections, .cap = names->counts.cap};
	memo->names = mapping->unmapped_by_shape ? names : NULL;
	unmapped->memo = memo;
	return mapping->unmapped(record, resource, included, &sink, fault);
}

static int add_names(struct unmapped_names *names, const struct unmapped_names *other,
                     struct fault *fault)
{
	names->too_many |= other->too_many;
	for (size_t i = 0; i < other->counts.cap; i++) {
		const struct set_entry *entry = &other->counts.slots[i];

		if (entry->hash && unmapped_count(names, set_key(&other->counts, entry), 0,
		                                  (uint32_t)entry->value, fault) < 0)
			return -1;
	}
	return 0;
}

int unmapped_add(struct unmapped *unmapped, const struct unmapped *other, struct fault *fault)
{
	return add_names(&unmapped->users, &other->users, fault) < 0
	           ? -1
	           : add_names(&unmapped->groups, &other->groups, fault);
}

/* ---- in words ---- */

struct unmapped_line {
	struct span name;
	uint32_t count;
	bool of_groups;
};

static int compare_lines(const void *a, const void *b)
{
	const struct unmapped_line *x = a, *y = b;
	int order = span_compare(x->name, y->name);

	return order ? order : x->of_groups - y->of_groups;
}

/* Is a name, as it was counted, that of an attribute which is taken? */
static bool is_taken(const struct extras *extras, struct span name)
{
	struct buf cut = {0};
	bool taken = extra_has_path(extras, name);

	for (size_t i = 0; i < extras->count && !taken; i++)
		if (extras->list[i].path.len > ATTRIBUTE_NAME_MAX) {
			buf_clear(&cut);
			buf_put_span(&cut, extras->list[i].path);
			cut_name(&cut);
			taken = span_is_nocase(buf_span(&cut), name);
		}
	buf_release(&cut);
	return taken;
}

static size_t list_names(const struct unmapped_names *names, bool of_groups,
                         const struct extras *extras, struct unmapped_line *lines)
{
	size_t count = 0;

	for (size_t i = 0; !names->too_many && i < names->counts.cap; i++) {
		const struct set_entry *entry = &names->counts.slots[i];

		if (entry->hash && !is_taken(extras, set_key(&names->counts, entry)))
			lines[count++] = (struct unmapped_line){set_key(&names->counts, entry),
			                                        (uint32_t)entry->value, of_groups};
	}
	return count;
}

/* A blank in a name would let it end our words and go on with its own. */
static void put_name(struct buf *text, struct span name, struct buf *inert)
{
	buf_clear(inert);
	for (size_t from = 0, to; from <= name.len; from = to + 1) {
		for (to = from; to < name.len && name.data[to] != ' ';)
			to++;
		inert_put(inert, (struct span){name.data + from, to - from});
		buf_puts(inert, to < name.len ? "\\u{20}" : "");
	}
	cut_name(inert);
	buf_put_span(text, buf_span(inert));
}

static void put_item(struct buf *array, struct buf *text)
{
	json_array_next(array);
	json_put_string(array, buf_span(text));
}

int unmapped_put(const struct unmapped *unmapped, const struct extras *extras, struct buf *array,
                 struct fault *fault)
{
	struct unmapped_line lines[2 * ATTRIBUTES_MAX];
	const struct unmapped_names *both[] = {&unmapped->users, &unmapped->groups};
	static const char *const words[] = {"user", "group"};
	struct buf text = {0}, inert = {0};
	size_t count = list_names(both[0], false, extras, lines);
	int result;

	count += list_names(both[1], true, extras, lines + count);
	qsort(lines, count, sizeof *lines, compare_lines);
	if (array->len)
		array->len--; /* the bracket that closes it */
	for (size_t i = 0; i < count; i++) {
		buf_clear(&text);
		buf_puts(&text, "not mapped: ");
		put_name(&text, lines[i].name, &inert);
		buf_putf(&text, " (%u %s%s)", (unsigned)lines[i].count, words[lines[i].of_groups],
		         lines[i].count == 1 ? "" : "s");
		put_item(array, &text);
	}
	for (size_t i = 0; i < 2; i++)
		if (both[i]->too_many) {
			buf_clear(&text);
			buf_putf(&text, "not mapped: more than %d attributes of %ss", ATTRIBUTES_MAX, words[i]);
			put_item(array, &text);
		}
	buf_putc(array, ']');
	result =
		buf_check(&text, fault) < 0 || buf_check(&inert, fault) < 0 ? -1 : buf_check(array, fault);
	buf_release(&text);
	buf_release(&inert);
	return result;
}
