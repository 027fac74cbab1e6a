/* SPDX-License-Identifier: ISC */
/*
 * account_search: a set of names that grows until a pass adds none.
 */
#include "access/account_search.h"

#include "base/json_put.h"
#include "stream/record_scan.h"
#include "sys/lines.h"

#include <unistd.h>

/* How near to the first user a pass begins, and what is read to find it. */
enum { SEARCH_PIECE = 16 * 1024, SEARCH_NEAR = 256 * 1024 };

/* One of 64 bits for a name: texts of ASCII that fold to one name have the same. */
static uint64_t search_mark(struct span name)
{
	size_t first = (unsigned char)ascii_lower(name.data[0]);
	size_t middle = (unsigned char)ascii_lower(name.data[name.len / 2]);

	return (uint64_t)1 << ((name.len * 7 + first * 3 + middle) & 63);
}

/* The same for an id as JSON, or for a key, by the last two letters; one letter and its quote. */
static uint64_t search_mark_id(struct span id)
{
	size_t one = (unsigned char)id.data[id.len - 3], other = (unsigned char)id.data[id.len - 2];

	return (uint64_t)1 << ((one * 7 + other) & 63);
}

static int search_take_name(struct account_search *search, struct span folded, bool *grew,
                            struct fault *fault)
{
	bool fresh;

	if (!set_take(&search->names, folded, &fresh))
		return fault_memory(fault);
	search->marks |= folded.len ? search_mark(folded) : 0;
	*grew |= fresh;
	return 0;
}

/* All names that people give to the person at `place`. */
static int search_take_person(struct account_search *search, int64_t place, bool *grew,
                              struct fault *fault)
{
	const struct set *names = &search->persons.names;

	search->person = place;
	for (size_t i = 0; i < names->cap; i++)
		if (names->slots[i].hash && (int64_t)names->slots[i].value - 1 == place &&
		    search_take_name(search, set_key(names, &names->slots[i]), grew, fault) < 0)
			return -1;
	return 0;
}

int account_search_open(struct account_search *search, const char *asked, const char *persons,
                        struct fault *fault)
{
	int64_t place;
	bool grew = false;

	*search = (struct account_search){.asked = span_of(asked), .person = -1};
	if (persons && persons_read(&search->persons, persons, fault) < 0)
		return -1;
	persons_put_folded(&search->folded, search->asked);
	json_put_string(&search->id, search->asked);
	if (buf_check(&search->folded, fault) < 0 || buf_check(&search->id, fault) < 0)
		return -1;
	place = persons_find(&search->persons, buf_span(&search->folded));
	if (place >= 0)
		return search_take_person(search, place, &grew, fault);
	return search_take_name(search, buf_span(&search->folded), &grew, fault);
}

void account_search_release(struct account_search *search)
{
	persons_release(&search->persons);
	set_release(&search->names);
	set_release(&search->keys);
	record_release(&search->record);
	buf_release(&search->folded);
	buf_release(&search->spelt);
	buf_release(&search->id);
	*search = (struct account_search){0};
}

/* Is the person called so? The name is in `folded` then. */
static bool search_is_called(struct account_search *search, struct span name)
{
	if (!name.len || (!(search->marks & search_mark(name)) && span_is_ascii(name)))
		return false;
	buf_clear(&search->folded);
	persons_put_folded(&search->folded, name);
	return set_find(&search->names, buf_span(&search->folded)) != NULL;
}

int account_search_has(struct account_search *search, const struct record *user,
                       struct fault *fault)
{
	struct span email = record_text(user, USER_EMAIL);
	int64_t place = -1;

	if (persons_given(&search->persons, user, &place, fault) < 0)
		return -1;
	if (place >= 0 && search->person >= 0)
		return place == search->person;
	if (span_is(record_text(user, USER_ID), search->asked) || span_is_nocase(email, search->asked))
		return 1;
	return search_is_called(search, record_text(user, USER_USER_NAME)) ||
	       (persons_joins_by_email(user) && search_is_called(search, email));
}

bool account_search_may_have(const struct account_search *search, struct span id)
{
	return id.len < 3 || (search->key_marks & search_mark_id(id)) ||
	       span_is(id, buf_span(&search->id));
}

bool account_search_found(const struct account_search *search, struct span key)
{
	struct span id = buf_span(&search->id);

	return set_find(&search->keys, key) || (span_ends(key, id) && span_is(record_key_id(key), id));
}

/* The account is one of the person: what else is the person called? */
static int search_learn(struct account_search *search, struct span line, bool *grew,
                        struct fault *fault)
{
	const struct record *user = &search->record;
	struct span names[] = {record_text(user, USER_USER_NAME), record_text(user, USER_EMAIL)};
	struct span key = record_line_key(RECORD_USER, line);
	int64_t place = -1;
	bool fresh;

	if (!key.len) /* refused when it is proved */
		return 0;
	if (!set_take(&search->keys, key, &fresh))
		return fault_memory(fault);
	search->key_marks |= search_mark_id(key);
	if (persons_given(&search->persons, user, &place, fault) < 0 ||
	    (place >= 0 && search->person < 0 && search_take_person(search, place, grew, fault) < 0))
		return -1;
	names[1].len = persons_joins_by_email(user) ? names[1].len : 0;
	for (size_t i = 0; i < 2; i++) {
		if (!names[i].len)
			continue;
		buf_clear(&search->folded);
		persons_put_folded(&search->folded, names[i]);
		if (buf_check(&search->folded, fault) < 0 ||
		    search_take_name(search, buf_span(&search->folded), grew, fault) < 0)
			return -1;
	}
	return 0;
}

/* The names in the line of a user; 1, 0 where it is none, -1. What is wrong with a line is
   said when it is proved. */
static int search_read_user(struct account_search *search, struct span line, yyjson_doc **doc,
                            struct fault *fault)
{
	struct fault ignored;

	if (!record_line_is(RECORD_USER, line))
		return 0;
	/* nearly every line is another person's: its names are enough to see that */
	if (record_scan_to(&search->record, RECORD_USER, line, USER_EMAIL)) {
		int has = account_search_has(search, &search->record, fault);

		if (has <= 0)
			return has;
	}
	if (record_scan_to(&search->record, RECORD_USER, line, USER_ACCOUNT_TYPE))
		return 1;
	if (!record_line_key(RECORD_USER, line).len)
		return 0;
	*doc = record_read(&search->record, RECORD_USER, line, &ignored);
	if (!*doc && ignored.kind == FAULT_INTERNAL) {
		*fault = ignored;
		return -1;
	}
	return *doc != NULL;
}

/* A line of the whole lines at hand that may be one of the person's. 0 or -1. */
static int search_look(struct account_search *search, struct span line, bool *grew,
                       struct fault *fault)
{
	yyjson_doc *doc = NULL;
	int more = search_read_user(search, (struct span){line.data, line.len - 1}, &doc, fault);

	if (more > 0)
		more = account_search_has(search, &search->record, fault);
	if (more > 0)
		more = search_learn(search, line, grew, fault);
	yyjson_doc_free(doc);
	return more < 0 ? -1 : 0;
}

/* All names that are known by now. 0 or -1. */
static int search_put_needles(struct account_search *search, struct fault *fault)
{
	const struct set *names = &search->names;

	buf_clear(&search->spelt);
	buf_put_span(&search->spelt, buf_span(&names->keys));
	if (buf_check(&search->spelt, fault) < 0)
		return -1;
	search->needles = (struct needles){0};
	for (size_t i = 0; i < names->cap; i++)
		if (names->slots[i].hash && names->slots[i].len)
			needles_add(&search->needles, (struct span){search->spelt.data + names->slots[i].at,
			                                            names->slots[i].len});
	return 0;
}

/* Is it a line after which no user stands whose line is before it? */
static bool search_is_at_users(struct span line)
{
	return span_begins(line, span_of("{\"kind\":\"user\"")) ||
	       span_begins(line, span_of("{\"kind\":\"end\""));
}

/* Users stand together, and last: goes to where they begin or somewhat before, if the input is
   plain text. One that is not in order is refused when it is proved. */
static void search_skip(const struct reread *input)
{
	static const struct span begin = SPAN("{\"kind\":\"begin\"");
	off_t least = input->start, most = lseek(input->fd, 0, SEEK_END), middle;
	char piece[SEARCH_PIECE];
	ssize_t n = pread(input->fd, piece, begin.len, least);

	if (n < 0 || !span_begins((struct span){piece, (size_t)n}, begin))
		most = least;
	while (most - least > SEARCH_NEAR) {
		const char *newline;
		size_t len;

		middle = least + (most - least) / 2;
		n = pread(input->fd, piece, sizeof piece, middle);
		newline = n > 0 ? memchr(piece, '\n', (size_t)n) : NULL;
		len = newline ? (size_t)(newline + 1 - piece) : 0;
		if (!newline || (size_t)n - len < begin.len)
			break; /* a long line */
		if (search_is_at_users((struct span){newline + 1, (size_t)n - len}))
			most = middle;
		else
			least = middle + (off_t)len;
	}
	lseek(input->fd, least, SEEK_SET); /* it worked before */
}

static int search_pass(struct account_search *search, const struct reread *input, bool *grew,
                       struct fault *fault)
{
	struct lines lines;
	struct span window, line;
	struct fault ignored;
	int more = reread_start(input, fault);

	if (more < 0)
		return -1;
	search_skip(input);
	lines_open_fd(&lines, input->fd, input->name);
	while (more == 0 && lines_widen(&lines, &ignored) > 0) {
		window = lines_window(&lines);
		if (!window.len)
			continue;
		needles_start(&search->needles, window);
		while (more == 0 && needles_next(&search->needles, &line))
			more = search_look(search, line, grew, fault);
		lines_pass(&lines, window, 1);
	}
	lines_close(&lines);
	return more;
}

int account_search_run(struct account_search *search, const struct reread *inputs, size_t count,
                       struct fault *fault)
{
	bool grew;

	do {
		grew = false;
		if (search_put_needles(search, fault) < 0)
			return -1;
		for (size_t i = 0; i < count; i++)
			if (search_pass(search, &inputs[i], &grew, fault) < 0)
				return -1;
	} while (grew);
	return 0;
}
