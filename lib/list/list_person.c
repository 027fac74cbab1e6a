/* SPDX-License-Identifier: ISC */
/*
 * list_person: a row for each person, with a column for each directory. Accounts wait in
 * access/persons with all that a row may need; the columns are known after the last
 * snapshot only.
 */
#include "base/array.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "list/list_parts.h"

#include <stdlib.h>

/* ---- accounts ---- */

/* A line: SOURCE KIND WANTED GROUPS RECORD. Sources are numbered as they came. */
enum { LINE_SOURCE = 8, LINE_KIND = 9, LINE_WANTED = 10, LINE_GROUPS = 12 };

int list_add_account(struct list *list, const struct access_subject *subject, bool wanted,
                     uint64_t groups, struct fault *fault)
{
	struct record bare = {0};
	const struct record *user = subject->record;
	int result;

	buf_clear(&list->json);
	buf_putf(&list->json, "%08zx %c%c %llx ", (size_t)(list->source - list->sources),
	         user ? 'l' : 'u', wanted ? '1' : '0', (unsigned long long)groups);
	if (user) {
		buf_put_span(&list->json, list->access.reader.line);
		return buf_check(&list->json, fault) < 0
		           ? -1
		           : persons_add(&list->persons, user, buf_span(&list->json), fault);
	}
	json_put_string(&list->json, buf_span(&list->name));
	record_start(&bare, RECORD_USER, list->source->name);
	record_set(&bare, USER_ID, buf_span(&list->name));
	result = buf_check(&list->json, fault);
	if (result == 0)
		result = persons_add(&list->persons, &bare, buf_span(&list->json), fault);
	record_release(&bare);
	return result;
}

/* ---- the columns ---- */

/* A column a directory, called like it; one that is called like a column of ours has a
   prefix. */
static int list_add_source_columns(struct list *list, struct fault *fault)
{
	struct buf *name = &list->name;

	list->source_columns = calloc(list->source_count, sizeof *list->source_columns);
	list->person.standings = calloc(list->source_count, 1);
	if (!list->source_columns || !list->person.standings)
		return fault_memory(fault);
	for (size_t i = 0; i < list->source_count; i++) {
		struct span copy;

		buf_clear(name);
		if (list_column_find(LIST_PERSON, list->sources[i].name) >= 0)
			buf_puts(name, "source:");
		inert_put(name, list->sources[i].name);
		buf_putc(name, '\0');
		if (buf_check(name, fault) < 0)
			return -1;
		copy = arena_copy(&list->texts, buf_span(name));
		if (!copy.data)
			return fault_memory(fault);
		list->source_columns[i] =
			(struct table_column){.name = copy.data, .none = "none", .is_status = true};
		list->source_column_count++;
	}
	return 0;
}

/* ---- a person ---- */

static const char *const standing_words[] = {
	[STANDING_NONE] = "",
	[STANDING_DISABLED] = "disabled",
	[STANDING_UNLISTED] = "not listed",
	[STANDING_UNKNOWN] = "unknown",
	[STANDING_ENABLED] = "enabled",
};

static void person_clear(struct list *list)
{
	struct list_person *person = &list->person;

	buf_clear(&person->name);
	buf_clear(&person->email);
	buf_clear(&person->display_name);
	buf_clear(&person->last_login);
	memset(person->standings, STANDING_NONE, list->source_count);
	person->accounts = person->enabled = person->groups = 0;
	person->name_rank = 0;
	person->wanted = false;
	person->never = person->login_hidden = false;
}

/* Of several names the first user name counts, else the first e-mail, else an id. */
static void person_call(struct list_person *person, unsigned rank, struct span name)
{
	if (rank <= person->name_rank || !name.len)
		return;
	buf_clear(&person->name);
	buf_put_span(&person->name, name);
	person->name_rank = rank;
}

static void person_take_login(struct list_person *person, const struct value *login)
{
	person->never |= login->type == VALUE_NULL;
	person->login_hidden |= login->type == VALUE_ABSENT;
	if (login->type != VALUE_TEXT ||
	    (person->last_login.len && when_compare(login->text, buf_span(&person->last_login)) < 0))
		return;
	buf_clear(&person->last_login);
	buf_put_span(&person->last_login, login->text);
}

static void person_take_first(struct buf *kept, struct span text)
{
	if (!kept->len)
		buf_put_span(kept, text);
}

/* Of several accounts in one directory the one counts by which the person gets in most likely. */
static void person_take_standing(struct list_person *person, size_t source,
                                 enum list_standing standing)
{
	if (standing > person->standings[source])
		person->standings[source] = (unsigned char)standing;
	person->accounts++;
}

static int person_take_user(struct list *list, size_t source, struct span line, struct fault *fault)
{
	struct list_person *person = &list->person;
	struct record *user = &person->record;
	struct span status;
	yyjson_val *root = json_read(&list->reader, line, fault);

	if (!root || record_parse(user, RECORD_USER, root, fault) < 0)
		return -1;
	status = record_text(user, USER_STATUS);
	person_call(person, 1, record_text(user, USER_ID));
	person_call(person, 2, record_text(user, USER_EMAIL));
	person_call(person, 3, record_text(user, USER_USER_NAME));
	person_take_first(&person->email, record_text(user, USER_EMAIL));
	person_take_first(&person->display_name, record_text(user, USER_DISPLAY_NAME));
	person_take_login(person, &user->values[USER_LAST_LOGIN_AT]);
	person_take_standing(person, source,
	                     span_is(status, span_of("enabled"))    ? STANDING_ENABLED
	                     : span_is(status, span_of("disabled")) ? STANDING_DISABLED
	                                                            : STANDING_UNKNOWN);
	person->enabled += span_is(status, span_of("enabled"));
	return 0;
}

static int person_take(struct list *list, struct span line, struct fault *fault)
{
	struct list_person *person = &list->person;
	size_t source = (size_t)strtoul(line.data, NULL, 16);
	const char *rest = memchr(line.data + LINE_GROUPS, ' ', line.len - LINE_GROUPS);
	struct span record = {rest + 1, (size_t)(line.data + line.len - (rest + 1))}, id;
	yyjson_val *value;

	person->wanted |= line.data[LINE_WANTED] == '1';
	person->groups += strtoull(line.data + LINE_GROUPS, NULL, 16);
	if (line.data[LINE_KIND] == 'l')
		return person_take_user(list, source, record, fault);
	value = json_read(&list->reader, record, fault);
	if (!json_text(value, &id))
		return -1;
	person_call(person, 1, id);
	person->login_hidden = true;
	person_take_standing(person, source, STANDING_UNLISTED);
	return 0;
}

static void list_set_text_or(struct list *list, enum list_column column, const struct buf *text)
{
	if (text->len)
		list_set_text(list, column, buf_span(text));
	else
		list_set_type(list, column, LIST_NOT_SHOWN);
}

static int person_put_row(struct list *list, struct fault *fault)
{
	struct list_person *person = &list->person;
	int put;

	if (!person->accounts || !person->wanted)
		return 0;
	if (buf_check(&person->name, fault) < 0 || buf_check(&person->email, fault) < 0 ||
	    buf_check(&person->display_name, fault) < 0 || buf_check(&person->last_login, fault) < 0)
		return -1;
	list_begin_row(list);
	list_set_text(list, COLUMN_PERSON, buf_span(&person->name));
	list_set_text_or(list, COLUMN_EMAIL, &person->email);
	list_set_text_or(list, COLUMN_DISPLAY_NAME, &person->display_name);
	list_set_count(list, COLUMN_ACCOUNTS, person->accounts, list->sight);
	list_set_count(list, COLUMN_ENABLED, person->enabled, list->sight);
	list_set_count(list, COLUMN_GROUPS, person->groups, list->membership_sight);
	list_set_text_or(list, COLUMN_LAST_LOGIN_AT, &person->last_login);
	if (!person->last_login.len && person->never && !person->login_hidden)
		list_set_type(list, COLUMN_LAST_LOGIN_AT, LIST_NONE);
	for (size_t i = 0; i < list->source_count; i++) {
		enum list_standing standing = person->standings[i];
		struct list_cell *cell = &list->cells[LIST_COLUMNS + i];

		cell->type = standing ? LIST_TEXT : list->sources[i].is_partial ? LIST_NOT_READ : LIST_NONE;
		cell->text = span_of(standing_words[standing]);
	}
	put = list_put_row(list, fault);
	list->accounts += put > 0 ? person->accounts : 0;
	return put < 0 ? -1 : 0;
}

int list_put_persons(struct list *list, struct fault *fault)
{
	struct person_line next;
	uint32_t number = UINT32_MAX;
	int more;

	if (persons_close(&list->persons, fault) < 0)
		return -1;
	person_clear(list);
	while ((more = persons_next(&list->persons, &next, fault)) > 0) {
		if (next.person != number) {
			if (person_put_row(list, fault) < 0)
				return -1;
			person_clear(list);
			person_call(&list->person, 4, next.given);
			number = next.person;
		}
		if (person_take(list, next.line, fault) < 0)
			return -1;
	}
	return more < 0 ? -1 : person_put_row(list, fault);
}

int list_open_persons(struct list *list, struct fault *fault)
{
	struct list_cell *cells;

	if (list_add_source_columns(list, fault) < 0)
		return -1;
	cells = reallocarray(list->cells, LIST_COLUMNS + list->source_count, sizeof *cells);
	if (!cells)
		return fault_memory(fault);
	list->cells = cells;
	for (size_t i = 0; i < list->source_count; i++) {
		const struct list_source *source = &list->sources[i];

		if (source->is_partial)
			list->sight = list->membership_sight = LIST_SAW_PART;
		if (list_sees_memberships(source) != LIST_SAW_ALL)
			list->membership_sight = LIST_SAW_PART;
	}
	return 0;
}

void list_release_persons(struct list *list)
{
	struct list_person *person = &list->person;

	persons_release(&list->persons);
	buf_release(&person->name);
	buf_release(&person->email);
	buf_release(&person->display_name);
	buf_release(&person->last_login);
	free(person->standings);
	record_release(&person->record);
	free(list->source_columns);
}
