/* SPDX-License-Identifier: ISC */
/*
 * take_persons: the accounts of one person come together. Where one of them has a name of who
 * decides, all are kept.
 */
#include "review/take_persons.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/json_put.h"

#include <stdlib.h>

/* Before the name of a person that the file has: such names are no text of a sheet. */
enum { OF_FILE = 0x1f };

/* The lines of persons: one of these, and a JSON array of source, id, what the account is called,
   and its names that decide. */
enum { OWN_PLAIN = '0', OWN_MATCHED = '1' };
enum { OWN_SOURCE, OWN_ID, OWN_CALLED, OWN_NAMES };

int take_persons_open(struct take_persons *persons, const char *file, size_t memory,
                      struct fault *fault)
{
	*persons = (struct take_persons){0};
	if (persons_open(&persons->persons, memory, fault) < 0)
		return -1;
	return file ? persons_read(&persons->persons, file, fault) : 0;
}

void take_persons_release(struct take_persons *persons)
{
	persons_release(&persons->persons);
	set_release(&persons->deciders);
	set_release(&persons->accounts);
	set_release(&persons->owned);
	free(persons->labels);
	arena_release(&persons->texts);
	json_reader_release(&persons->json);
	buf_release(&persons->own);
	buf_release(&persons->key);
	buf_release(&persons->name);
	buf_release(&persons->last);
	*persons = (struct take_persons){0};
}

/* ---- names of who decides ---- */

static bool decider_is_of_address(char c)
{
	return (unsigned char)c > ' ' && !strchr("<>()[],;:\"", c);
}

/* The next address in a text, as in "Ada Byron <ada@example.com>."; empty: there is none. */
static struct span decider_next_address(struct span *rest)
{
	while (rest->len) {
		struct span word = {rest->data, 0};

		while (word.len < rest->len && decider_is_of_address(word.data[word.len]))
			word.len++;
		*rest = (struct span){rest->data + word.len, rest->len - word.len};
		if (rest->len)
			*rest = (struct span){rest->data + 1, rest->len - 1};
		while (word.len && word.data[word.len - 1] == '.')
			word.len--;
		if (word.len && memchr(word.data, '@', word.len))
			return word;
	}
	return (struct span)SPAN_EMPTY;
}

/* Appends a name in the form in which it is compared; what the file has for it, in its place. */
static void decider_put_name(struct take_persons *persons, struct buf *to, struct span name)
{
	int64_t place;

	buf_clear(&persons->name);
	persons_put_folded(&persons->name, name);
	place = persons_find(&persons->persons, buf_span(&persons->name));
	if (place < 0) {
		buf_put_buf(to, &persons->name);
		return;
	}
	buf_putc(to, OF_FILE);
	buf_put_span(to, persons->persons.given[place]);
}

static int decider_take(struct take_persons *persons, struct span name, struct fault *fault)
{
	bool fresh;

	buf_clear(&persons->key);
	decider_put_name(persons, &persons->key, name);
	if (buf_check(&persons->key, fault) < 0)
		return -1;
	if (!set_take(&persons->deciders, buf_span(&persons->key), &fresh))
		return fault_memory(fault);
	return persons->deciders.count > DECIDERS_MAX
	           ? fault_set(fault, FAULT_DATA, "more than %d people decide", DECIDERS_MAX)
	           : 0;
}

int take_persons_decides(struct take_persons *persons, struct span by, struct fault *fault)
{
	struct span rest = by, address;

	if (!by.len || span_is(by, buf_span(&persons->last)))
		return 0;
	buf_clear(&persons->last);
	buf_put_span(&persons->last, by);
	if (buf_check(&persons->last, fault) < 0 || decider_take(persons, by, fault) < 0)
		return -1;
	while ((address = decider_next_address(&rest)).len)
		if (decider_take(persons, address, fault) < 0)
			return -1;
	return 0;
}

/* ---- their accounts ---- */

int take_persons_add(struct take_persons *persons, const struct record *user, struct fault *fault)
{
	static const int named[] = {USER_ID, USER_USER_NAME, USER_EMAIL, USER_DISPLAY_NAME};
	struct span called = record_text(user, USER_USER_NAME), name;
	struct buf *own = &persons->own;

	if (!persons->deciders.count)
		return 0;
	buf_clear(own);
	buf_puts(own, "0[");
	json_put_string(own, record_text(user, USER_SOURCE));
	buf_putc(own, ',');
	json_put_string(own, record_text(user, USER_ID));
	buf_putc(own, ',');
	json_put_string(own, called.len ? called : record_text(user, USER_ID));
	for (size_t i = 0; i < sizeof named / sizeof *named; i++) {
		name = record_text(user, named[i]);
		buf_clear(&persons->name);
		persons_put_folded(&persons->name, name);
		if (!name.len || !set_find(&persons->deciders, buf_span(&persons->name)))
			continue;
		json_array_next(own);
		json_put_string(own, buf_span(&persons->name));
		if (own->state == BUF_OK)
			own->data[0] = OWN_MATCHED;
		persons->any_matched = true;
	}
	buf_putc(own, ']');
	return buf_check(own, fault) < 0 || buf_check(&persons->name, fault) < 0
	           ? -1
	           : persons_add(&persons->persons, user, buf_span(own), fault);
}

/* Fills persons->key with a number of a person, and appends a name. */
static void owned_begin(struct take_persons *persons, uint64_t person)
{
	buf_clear(&persons->key);
	buf_putf(&persons->key, "%llu%c", (unsigned long long)person, OF_FILE);
}

/* The person at hand is called so, in an account or, where `user` is NULL, in the file. */
static int owned_take(struct take_persons *persons, struct span decider, struct span called,
                      struct span source, struct fault *fault)
{
	struct set_entry *entry;
	struct span *labels;
	bool fresh;

	if (!set_find(&persons->deciders, decider))
		return 0;
	persons->is_matched = true;
	owned_begin(persons, persons->person_count);
	buf_put_span(&persons->key, decider);
	if (buf_check(&persons->key, fault) < 0)
		return -1;
	entry = set_take(&persons->owned, buf_span(&persons->key), &fresh);
	if (!entry)
		return fault_memory(fault);
	if (!fresh)
		return 0;
	labels = array_grow(persons->labels, persons->label_count, &persons->label_cap, sizeof *labels,
	                    fault);
	if (!labels)
		return -1;
	persons->labels = labels;
	buf_clear(&persons->key);
	buf_put_span(&persons->key, called);
	buf_puts(&persons->key, source.len ? " in " : " in the file of --persons");
	buf_put_span(&persons->key, source);
	labels[persons->label_count] = arena_copy(&persons->texts, buf_span(&persons->key));
	if (buf_check(&persons->key, fault) < 0 || !labels[persons->label_count].data)
		return fault_memory(fault);
	entry->value = ++persons->label_count;
	return 0;
}

/* The names of one account of the person at hand. */
static int owned_take_account(struct take_persons *persons, struct span line, struct span given,
                              struct fault *fault)
{
	struct span source = SPAN_EMPTY, called = SPAN_EMPTY, name;
	yyjson_val *root;
	struct buf decider = {0};
	int result;

	if (line.data[0] == OWN_MATCHED) {
		root = json_read(&persons->json, (struct span){line.data + 1, line.len - 1}, fault);
		if (!root)
			return -1;
		json_text(yyjson_arr_get(root, OWN_SOURCE), &source);
		json_text(yyjson_arr_get(root, OWN_CALLED), &called);
		for (size_t i = OWN_NAMES; json_text(yyjson_arr_get(root, i), &name); i++)
			if (owned_take(persons, name, called, source, fault) < 0)
				return -1;
	}
	if (!given.len)
		return 0;
	buf_putc(&decider, OF_FILE);
	buf_put_span(&decider, given);
	result = buf_check(&decider, fault) < 0
	             ? -1
	             : owned_take(persons, buf_span(&decider), given, (struct span)SPAN_EMPTY, fault);
	buf_release(&decider);
	return result;
}

static int account_keep(struct take_persons *persons, struct span line, struct fault *fault)
{
	yyjson_val *root = json_read(&persons->json, (struct span){line.data + 1, line.len - 1}, fault);
	struct span source = SPAN_EMPTY, id = SPAN_EMPTY;
	struct set_entry *entry;
	bool fresh;

	if (!root)
		return -1;
	json_text(yyjson_arr_get(root, OWN_SOURCE), &source);
	json_text(yyjson_arr_get(root, OWN_ID), &id);
	buf_clear(&persons->key);
	json_put_string(&persons->key, source);
	json_put_string(&persons->key, id);
	if (buf_check(&persons->key, fault) < 0)
		return -1;
	entry = set_take(&persons->accounts, buf_span(&persons->key), &fresh);
	if (!entry)
		return fault_memory(fault);
	entry->value = persons->person_count;
	return persons->accounts.count > DECIDERS_MAX
	           ? fault_set(fault, FAULT_DATA, "people who decide have more than %d accounts",
	                       DECIDERS_MAX)
	           : 0;
}

/* All accounts of a person are in persons->own. */
static int person_end(struct take_persons *persons, struct fault *fault)
{
	struct span line;
	size_t at = 0;

	if (persons->is_matched)
		while (buf_next_sized(&persons->own, &at, &line))
			if (account_keep(persons, line, fault) < 0)
				return -1;
	buf_clear(&persons->own);
	persons->is_matched = false;
	persons->person_count++;
	return 0;
}

int take_persons_close(struct take_persons *persons, struct fault *fault)
{
	struct person_line next;
	uint32_t person = 0;
	bool any = false;
	int more;

	if (!persons->any_matched && !persons->persons.given_count)
		return 0;
	if (persons_close(&persons->persons, fault) < 0)
		return -1;
	persons->own.max = LINE_MAX_BYTES;
	buf_clear(&persons->own);
	while ((more = persons_next(&persons->persons, &next, fault)) > 0) {
		if (any && next.person != person && person_end(persons, fault) < 0)
			return -1;
		any = true;
		person = next.person;
		buf_put_sized(&persons->own, next.line);
		if (buf_check(&persons->own, fault) < 0 ||
		    owned_take_account(persons, next.line, next.given, fault) < 0)
			return -1;
	}
	return more < 0 ? -1 : person_end(persons, fault);
}

/* ---- a row ---- */

int take_persons_find(struct take_persons *persons, struct span source, struct span id,
                      struct span by, struct span *label, struct fault *fault)
{
	const struct set_entry *account, *entry;
	struct span rest = by, name = by;

	if (!persons->accounts.count)
		return 0;
	buf_clear(&persons->key);
	json_put_string(&persons->key, source);
	json_put_string(&persons->key, id);
	if (buf_check(&persons->key, fault) < 0)
		return -1;
	account = set_find(&persons->accounts, buf_span(&persons->key));
	for (; account && name.len; name = decider_next_address(&rest)) {
		owned_begin(persons, account->value);
		decider_put_name(persons, &persons->key, name);
		if (buf_check(&persons->key, fault) < 0)
			return -1;
		entry = set_find(&persons->owned, buf_span(&persons->key));
		if (entry) {
			*label = persons->labels[entry->value - 1];
			return 1;
		}
	}
	return 0;
}
