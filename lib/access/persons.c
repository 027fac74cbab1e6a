/* SPDX-License-Identifier: ISC */
/*
 * persons: all names are sorted with the accounts that have them; accounts of one name are
 * joined in a forest of numbers, whose roots are the persons.
 */
#include "access/persons.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "base/unicode.h"
#include "sys/file_text.h"

#include <stdlib.h>

enum { PLACE_DIGITS = 8 }; /* of a place before a line */

int persons_open(struct persons *persons, size_t memory, struct fault *fault)
{
	*persons = (struct persons){0};
	persons->aliases = sorter_open(memory / 3, fault);
	persons->added = persons->aliases ? sorter_open(memory / 3, fault) : NULL;
	persons->lines = persons->added ? sorter_open(memory / 3, fault) : NULL;
	return persons->lines ? 0 : -1;
}

void persons_release(struct persons *persons)
{
	free(persons->parents);
	free(persons->given);
	set_release(&persons->names);
	arena_release(&persons->texts);
	sorter_close(persons->aliases);
	sorter_close(persons->added);
	sorter_close(persons->lines);
	buf_release(&persons->name);
	buf_release(&persons->other);
	buf_release(&persons->line);
	*persons = (struct persons){0};
}

void persons_put_folded(struct buf *buf, struct span name)
{
	size_t at = buf->len;

	unicode_put_composed(buf, name);
	for (; buf->state == BUF_OK && at < buf->len; at++)
		buf->data[at] = ascii_lower(buf->data[at]);
}

/* ---- the forest ---- */

static int64_t persons_plant(struct persons *persons, struct fault *fault)
{
	uint32_t *parents;

	if (persons->count == UINT32_MAX)
		return fault_set(fault, FAULT_DATA, "more than %u accounts", UINT32_MAX);
	parents = array_grow(persons->parents, persons->count, &persons->cap, sizeof *parents, fault);
	if (!parents)
		return -1;
	persons->parents = parents;
	parents[persons->count] = (uint32_t)persons->count;
	return (int64_t)persons->count++;
}

static uint32_t persons_root(struct persons *persons, uint32_t place)
{
	uint32_t *parents = persons->parents;

	for (; parents[place] != place; place = parents[place])
		parents[place] = parents[parents[place]];
	return place;
}

/* The least number is the root. Two persons whom people keep apart stay apart. */
static void persons_join(struct persons *persons, uint32_t one, uint32_t other)
{
	one = persons_root(persons, one);
	other = persons_root(persons, other);
	if (one > other) {
		uint32_t least = other;

		other = one;
		one = least;
	}
	if (other >= persons->given_count)
		persons->parents[other] = one;
}

/* ---- what people know ---- */

/* The name is one of the person at `place`, too. */
static int persons_call(struct persons *persons, uint32_t place, struct span name,
                        struct fault *fault)
{
	struct set_entry *entry;
	bool fresh;

	buf_clear(&persons->name);
	persons_put_folded(&persons->name, name);
	if (buf_check(&persons->name, fault) < 0)
		return -1;
	if (!persons->name.len)
		return fault_set(fault, FAULT_DATA, "a name is empty");
	entry = set_take(&persons->names, buf_span(&persons->name), &fresh);
	if (!entry)
		return fault_memory(fault);
	if (!fresh && entry->value != place + (uint64_t)1)
		return fault_set(fault, FAULT_DATA, "'%s' is a name of two persons: '%s' and '%s'",
		                 INERT(name), INERT(persons->given[entry->value - 1]),
		                 INERT(persons->given[place]));
	entry->value = place + (uint64_t)1;
	return 0;
}

/* The place of the person of this name, who is a new one where nobody is called so. -1. */
static int64_t persons_take(struct persons *persons, struct span name, struct fault *fault)
{
	struct set_entry *entry;
	struct span *given;
	int64_t place;

	buf_clear(&persons->name);
	persons_put_folded(&persons->name, name);
	if (buf_check(&persons->name, fault) < 0)
		return -1;
	entry = set_find(&persons->names, buf_span(&persons->name));
	if (entry && !span_is_nocase(persons->given[entry->value - 1], name))
		return fault_set(fault, FAULT_DATA, "'%s' is a person and a name of another one, '%s'",
		                 INERT(name), INERT(persons->given[entry->value - 1]));
	if (entry)
		return (int64_t)entry->value - 1;
	given =
		array_grow(persons->given, persons->given_count, &persons->given_cap, sizeof *given, fault);
	if (!given)
		return -1;
	persons->given = given;
	given[persons->given_count] = arena_copy(&persons->texts, name);
	if (!given[persons->given_count].data)
		return fault_memory(fault);
	persons->given_count++;
	place = persons_plant(persons, fault);
	return place < 0 || persons_call(persons, (uint32_t)place, name, fault) < 0 ? -1 : place;
}

int persons_give(struct persons *persons, yyjson_val *value, struct fault *fault)
{
	yyjson_val *key, *names, *name;
	struct span text;
	size_t i, max, at, count;

	if (!yyjson_is_obj(value))
		return fault_set(fault, FAULT_DATA, "\"persons\" is %s, not an object", json_type(value));
	yyjson_obj_foreach(value, i, max, key, names) {
		int64_t place = persons_take(persons, json_key(key), fault);

		if (place < 0)
			return fault_prefix(fault, "\"persons\": ");
		if (!yyjson_is_arr(names))
			return fault_set(fault, FAULT_DATA, "\"persons\": '%s' has %s, not a list of names",
			                 INERT(json_key(key)), json_type(names));
		yyjson_arr_foreach(names, at, count, name) {
			if (!yyjson_is_str(name) || !json_text(name, &text))
				return fault_set(fault, FAULT_DATA, "\"persons\": '%s' has a name that is %s",
				                 INERT(json_key(key)), json_type(name));
			if (persons_call(persons, (uint32_t)place, text, fault) < 0)
				return fault_prefix(fault, "\"persons\": ");
		}
	}
	return 0;
}

static struct span persons_trim(struct span text)
{
	for (; text.len && strchr(" \t\r\n", text.data[0]); text.data++)
		text.len--;
	for (; text.len && strchr(" \t\r\n", text.data[text.len - 1]); text.len--)
		;
	return text;
}

/* "Ada Byron,abyron" */
static int persons_read_line(struct persons *persons, struct span text, struct fault *fault)
{
	struct span person = text, name = text;
	const char *mark = memchr(text.data, '\t', text.len);
	int64_t place;

	if (!mark)
		mark = memchr(text.data, ',', text.len);
	if (mark) {
		person.len = (size_t)(mark - text.data);
		name = (struct span){mark + 1, text.len - person.len - 1};
	}
	person = persons_trim(person);
	name = persons_trim(name);
	if (!mark || !person.len || !name.len || memchr(name.data, *mark, name.len))
		return fault_set(fault, FAULT_DATA,
		                 "'%s' is not two columns with a tab or a comma between them: PERSON,NAME",
		                 INERT(text));
	place = persons_take(persons, person, fault);
	return place < 0 ? -1 : persons_call(persons, (uint32_t)place, name, fault);
}

static int persons_read_lines(struct persons *persons, struct span rest, struct fault *fault)
{
	for (size_t number = 1; rest.len; number++) {
		const char *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;
		struct span line = persons_trim((struct span){rest.data, len});

		if (line.len && line.data[0] != '#' && persons_read_line(persons, line, fault) < 0)
			return fault_prefix(fault, "line %zu: ", number);
		len += end != NULL;
		rest = (struct span){rest.data + len, rest.len - len};
	}
	return 0;
}

static int persons_read_json(struct persons *persons, struct span text, struct fault *fault)
{
	yyjson_doc *doc = json_parse(text, NULL, fault);
	yyjson_val *value = doc ? json_member(yyjson_doc_get_root(doc), "persons") : NULL;
	int result = -1;

	if (doc && !value)
		fault_set(fault, FAULT_DATA, "no member \"persons\"");
	else if (doc)
		result = persons_give(persons, value, fault);
	yyjson_doc_free(doc);
	return result;
}

int persons_read(struct persons *persons, const char *path, struct fault *fault)
{
	struct buf whole = {0};
	struct span text;
	int result;

	if (file_text_read(path, PERSONS_MAX_BYTES, &whole, fault) < 0) {
		buf_release(&whole);
		return -1;
	}
	text = persons_trim(buf_span(&whole));
	result = text.len && text.data[0] == '{' ? persons_read_json(persons, text, fault)
	                                         : persons_read_lines(persons, text, fault);
	buf_release(&whole);
	return result < 0 ? fault_prefix(fault, "%s: ", INERT(span_of(path))) : 0;
}

/* ---- accounts ---- */

int64_t persons_find(const struct persons *persons, struct span folded)
{
	const struct set_entry *entry = persons->given_count ? set_find(&persons->names, folded) : NULL;

	return entry ? (int64_t)entry->value - 1 : -1;
}

bool persons_joins_by_email(const struct record *user)
{
	return !record_text(user, USER_USER_NAME).len ||
	       !span_is(record_text(user, USER_ACCOUNT_TYPE), span_of("service"));
}

/* Looks for a name as it stands in a record. */
static int persons_find_name(struct persons *persons, struct span name, int64_t *place,
                             struct fault *fault)
{
	if (*place >= 0 || !name.len)
		return 0;
	buf_clear(&persons->name);
	persons_put_folded(&persons->name, name);
	*place = persons_find(persons, buf_span(&persons->name));
	return buf_check(&persons->name, fault);
}

int persons_given(struct persons *persons, const struct record *user, int64_t *place,
                  struct fault *fault)
{
	*place = -1;
	if (!persons->given_count)
		return 0;
	buf_clear(&persons->other);
	buf_put_span(&persons->other, record_text(user, USER_SOURCE));
	buf_putc(&persons->other, ':');
	buf_put_span(&persons->other, record_text(user, USER_ID));
	if (buf_check(&persons->other, fault) < 0 ||
	    persons_find_name(persons, buf_span(&persons->other), place, fault) < 0 ||
	    persons_find_name(persons, record_text(user, USER_USER_NAME), place, fault) < 0)
		return -1;
	return persons_joins_by_email(user)
	           ? persons_find_name(persons, record_text(user, USER_EMAIL), place, fault)
	           : 0;
}

static int persons_take_name(struct persons *persons, struct span name, uint32_t place,
                             struct fault *fault)
{
	if (!name.len)
		return 0;
	buf_clear(&persons->name);
	persons_put_folded(&persons->name, name);
	buf_clear(&persons->line);
	json_put_string(&persons->line, buf_span(&persons->name));
	buf_putf(&persons->line, " %x\n", place);
	if (buf_check(&persons->name, fault) < 0 || buf_check(&persons->line, fault) < 0)
		return -1;
	return sorter_add(persons->aliases, buf_span(&persons->line), fault);
}

int persons_add(struct persons *persons, const struct record *user, struct span line,
                struct fault *fault)
{
	struct span name = record_text(user, USER_USER_NAME), email = record_text(user, USER_EMAIL);
	int64_t place = persons_plant(persons, fault), given;

	if (place < 0 || persons_given(persons, user, &given, fault) < 0)
		return -1;
	if (given >= 0)
		persons_join(persons, (uint32_t)given, (uint32_t)place);
	if (!persons_joins_by_email(user))
		email.len = 0;
	if (persons_take_name(persons, name, (uint32_t)place, fault) < 0 ||
	    (!span_is_nocase(name, email) &&
	     persons_take_name(persons, email, (uint32_t)place, fault) < 0))
		return -1;
	buf_clear(&persons->line);
	buf_putf(&persons->line, "%08x ", (uint32_t)place);
	buf_put_span(&persons->line, line);
	buf_putc(&persons->line, '\n');
	return buf_check(&persons->line, fault) < 0
	           ? -1
	           : sorter_add(persons->added, buf_span(&persons->line), fault);
}

/* ---- persons ---- */

/* Accounts of one name stand together. */
static int persons_join_aliases(struct persons *persons, struct fault *fault)
{
	struct span line;
	uint32_t first = 0;
	int more;

	buf_clear(&persons->name);
	if (sorter_sort(persons->aliases, fault) < 0)
		return -1;
	while ((more = sorter_next(persons->aliases, &line, fault)) > 0) {
		const char *mark = memrchr(line.data, ' ', line.len);
		struct span name = {line.data, (size_t)(mark - line.data)};
		uint32_t place = (uint32_t)strtoul(mark, NULL, 16);

		if (persons->name.len && span_is(name, buf_span(&persons->name))) {
			persons_join(persons, first, place);
			continue;
		}
		buf_clear(&persons->name);
		buf_put_span(&persons->name, name);
		first = place;
		if (buf_check(&persons->name, fault) < 0)
			return -1;
	}
	sorter_clear(persons->aliases);
	return more;
}

int persons_close(struct persons *persons, struct fault *fault)
{
	struct span line;
	int more;

	if (persons_join_aliases(persons, fault) < 0 || sorter_sort(persons->added, fault) < 0)
		return -1;
	while ((more = sorter_next(persons->added, &line, fault)) > 0) {
		uint32_t place = (uint32_t)strtoul(line.data, NULL, 16);

		buf_clear(&persons->line);
		buf_putf(&persons->line, "%08x", persons_root(persons, place));
		buf_put(&persons->line, line.data + PLACE_DIGITS, line.len - PLACE_DIGITS);
		if (buf_check(&persons->line, fault) < 0 ||
		    sorter_add(persons->lines, buf_span(&persons->line), fault) < 0)
			return -1;
	}
	sorter_clear(persons->added);
	return more < 0 ? -1 : sorter_sort(persons->lines, fault);
}

int persons_next(struct persons *persons, struct person_line *next, struct fault *fault)
{
	struct span line;
	int more = sorter_next(persons->lines, &line, fault);

	if (more <= 0)
		return more;
	next->person = (uint32_t)strtoul(line.data, NULL, 16);
	next->given = next->person < persons->given_count ? persons->given[next->person]
	                                                  : (struct span)SPAN_EMPTY;
	next->line = (struct span){line.data + PLACE_DIGITS + 1, line.len - PLACE_DIGITS - 2};
	return 1;
}
