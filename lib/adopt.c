/* SPDX-License-Identifier: ISC */
/*
 * adopt: the members in the order they come, each into its place.
 */
#include "adopt.h"

#include "inert.h"

#include <stdlib.h>

void adopt_release(struct adopted *adopted)
{
	record_release(&adopted->record);
}

static int compare_texts(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* The texts of an array, sorted, each once. */
static int put_set(struct buf *list, yyjson_val *array, const char *name, struct fault *fault)
{
	struct span *texts = calloc(yyjson_arr_size(array) + 1, sizeof(struct span));
	size_t i, max, count = 0;
	yyjson_val *item;
	int result = 0;

	if (!texts)
		return fault_memory(fault);
	yyjson_arr_foreach(array, i, max, item)
		if (result == 0 && !json_text(item, &texts[count++]))
			result = fault_set(fault, FAULT_DATA, "\"%s\" holds %s", name, json_type(item));
	qsort(texts, count, sizeof(struct span), compare_texts);
	buf_putc(list, '[');
	for (i = 0; result == 0 && i < count; i++) {
		if (i && span_is(texts[i], texts[i - 1]))
			continue;
		if (i)
			buf_putc(list, ',');
		json_put_string(list, texts[i]);
	}
	buf_putc(list, ']');
	free(texts);
	return result < 0 ? -1 : buf_check(list, fault);
}

static int take_list(struct record *record, int field, yyjson_val *array, struct fault *fault)
{
	if (put_set(&record->list, array, record_forms[record->kind].fields[field].name, fault) < 0)
		return -1;
	record->values[field] = (struct value){VALUE_LIST, buf_span(&record->list)};
	return 0;
}

static int take_member(struct record *record, int field, yyjson_val *value, struct fault *fault)
{
	const char *name = record_forms[record->kind].fields[field].name;
	unsigned flags = record_forms[record->kind].fields[field].flags;
	struct span text;

	if ((flags & FIELD_LIST) && yyjson_is_arr(value))
		return take_list(record, field, value, fault);
	if (yyjson_is_null(value) && (flags & (FIELD_REQUIRED | FIELD_NOT_NULL)))
		return fault_set(fault, FAULT_DATA, "\"%s\" is null", name);
	if (!yyjson_is_null(value) && ((flags & FIELD_LIST) || !json_text(value, &text)))
		return fault_set(fault, FAULT_DATA, "\"%s\" is %s", name, json_type(value));
	if (flags & FIELD_TIME)
		record_set_time(record, field, value);
	else
		record_set_from(record, field, value);
	return yyjson_is_null(value) ? 0 : record_check_word(record, field, fault);
}

static int take_shows(struct adopted *adopted, yyjson_val *value, struct fault *fault)
{
	if (!yyjson_is_bool(value))
		return fault_set(fault, FAULT_DATA, "\"shows_members\" is %s", json_type(value));
	adopted->shows = yyjson_get_bool(value) ? SHOWS_MEMBERS : SHOWS_NO_MEMBERS;
	return 0;
}

static int take_named(struct adopted *adopted, yyjson_val *key, yyjson_val *value,
                      struct span source, struct fault *fault)
{
	struct record *record = &adopted->record;
	const char *name = yyjson_get_str(key);
	int field = record_field_find(record->kind, (struct span){name, yyjson_get_len(key)});
	struct span text = {"", 0};

	if (yyjson_equals_str(key, "kind"))
		return 0;
	if (yyjson_equals_str(key, "shows_members") && record->kind == RECORD_GROUP)
		return take_shows(adopted, value, fault);
	if (field < 0)
		return fault_set(fault, FAULT_DATA, "a %s has no member \"%s\"",
		                 record_words[record->kind].kind,
		                 INERT(((struct span){name, yyjson_get_len(key)})));
	if (field > 0)
		return take_member(record, field, value, fault);
	if (!json_text(value, &text) || !span_is(text, source))
		return fault_set(fault, FAULT_DATA, "\"source\" is not '%s'", INERT(source));
	return 0;
}

static int find_kind(yyjson_val *root, enum adopt_from from, enum record_kind *kind,
                     struct fault *fault)
{
	yyjson_val *value = yyjson_obj_get(root, "kind");
	struct span word = {"", 0};
	int found;

	*kind = RECORD_USER;
	if (!value && from == ADOPT_LINE)
		return 0;
	if (!value)
		return fault_set(fault, FAULT_DATA, "no \"kind\"");
	if (!yyjson_is_str(value))
		return fault_set(fault, FAULT_DATA, "\"kind\" is %s", json_type(value));
	json_text(value, &word);
	found = record_kind_find(word);
	if (found < 0)
		return fault_set(fault, FAULT_DATA, "unknown kind of record '%s'", INERT(word));
	*kind = (enum record_kind)found;
	return 0;
}

/* An id that is not said is the user_name, or the group's name. */
static void default_id(struct record *record)
{
	struct value *values = record->values;

	if (record->kind == RECORD_USER && values[USER_ID].type == VALUE_ABSENT &&
	    values[USER_USER_NAME].type == VALUE_TEXT)
		values[USER_ID] = values[USER_USER_NAME];
	if (record->kind == RECORD_GROUP && values[GROUP_ID].type == VALUE_ABSENT &&
	    values[GROUP_NAME].type == VALUE_TEXT)
		values[GROUP_ID] = values[GROUP_NAME];
}

/* Is all there that must be? */
static int check(const struct record *record, struct fault *fault)
{
	const struct record_form *form = &record_forms[record->kind];

	for (size_t field = 0; field < form->count; field++) {
		bool empty = record->values[field].type != VALUE_TEXT || !record->values[field].text.len;
		bool required = (form->fields[field].flags & FIELD_REQUIRED) != 0;

		/* a kind of member that is not said can be found out */
		if (record->kind == RECORD_MEMBERSHIP && field == MEMBERSHIP_MEMBER_KIND)
			required = false;
		if (required && empty)
			return fault_set(fault, FAULT_DATA, "a %s without \"%s\"",
			                 record_words[record->kind].kind, form->fields[field].name);
	}
	return 0;
}

int adopt(struct adopted *adopted, yyjson_val *root, struct span source, enum adopt_from from,
          struct fault *fault)
{
	struct record *record = &adopted->record;
	enum record_kind kind;
	yyjson_val *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(root))
		return fault_set(fault, FAULT_DATA, "%s, not an object", json_type(root));
	if (find_kind(root, from, &kind, fault) < 0)
		return -1;
	record_start(record, kind, source);
	adopted->shows = SHOWS_NOT_SAID;
	if (kind == RECORD_USER) {
		record_set(record, USER_STATUS, span_of("unknown"));
		record_set(record, USER_ACCOUNT_TYPE, span_of("unknown"));
	}
	yyjson_obj_foreach(root, i, max, key, value)
		if (take_named(adopted, key, value, source, fault) < 0)
			return -1;
	if (from == ADOPT_LINE && adopted->shows != SHOWS_NOT_SAID)
		return fault_set(fault, FAULT_DATA, "a group has no member \"shows_members\"");
	if (from == ADOPT_LINE)
		default_id(record);
	return check(record, fault);
}
