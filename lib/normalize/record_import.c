/* SPDX-License-Identifier: ISC */
/*
 * record_import: the members in the order they come, each into its place.
 */
#include "normalize/record_import.h"

#include "base/inert.h"

#include <stdlib.h>

static int import_list(struct record *record, int field, yyjson_val *array, struct fault *fault)
{
	struct span *texts = calloc(yyjson_arr_size(array) + 1, sizeof(struct span));
	size_t i, max;
	yyjson_val *item;
	int result = 0;

	if (!texts)
		return fault_memory(fault);
	yyjson_arr_foreach(array, i, max, item)
		if (result == 0 && !json_text(item, &texts[i]))
			result = fault_set(fault, FAULT_DATA, "\"%s\" holds %s",
			                   record_forms[record->kind].fields[field].name.data, json_type(item));
	if (result == 0)
		result = record_set_list(record, field, texts, max, fault);
	free(texts);
	return result;
}

static int import_member(struct record *record, int field, yyjson_val *value, struct fault *fault)
{
	const char *name = record_forms[record->kind].fields[field].name.data;
	unsigned flags = record_forms[record->kind].fields[field].flags;
	struct span text;

	if ((flags & FIELD_LIST) && yyjson_is_arr(value))
		return import_list(record, field, value, fault);
	if ((flags & FIELD_DETAILS) && yyjson_is_arr(value))
		return record_set_details_from(record, field, value, fault);
	if ((flags & FIELD_OBJECT) && yyjson_is_obj(value))
		return record_set_object(record, field, value, fault);
	if (yyjson_is_null(value) && (flags & (FIELD_REQUIRED | FIELD_NOT_NULL)))
		return fault_set(fault, FAULT_DATA, "\"%s\" is null", name);
	if (!yyjson_is_null(value) &&
	    ((flags & (FIELD_LIST | FIELD_DETAILS | FIELD_OBJECT)) || !json_text(value, &text)))
		return fault_set(fault, FAULT_DATA, "\"%s\" is %s", name, json_type(value));
	if (flags & FIELD_TIME)
		record_set_time(record, field, value);
	else
		record_set_from(record, field, value);
	return yyjson_is_null(value) ? 0 : record_check_word(record, field, fault);
}

static int import_named(struct record *record, yyjson_val *key, yyjson_val *value,
                        struct span source, struct fault *fault)
{
	struct span name = {yyjson_get_str(key), yyjson_get_len(key)}, text = SPAN_EMPTY;
	int field = record_field_find(record->kind, name);

	if (yyjson_equals_str(key, "kind"))
		return 0;
	if (field < 0)
		return fault_set(fault, FAULT_DATA, "a %s has no member \"%s\"",
		                 record_words[record->kind].kind.data, INERT(name));
	if (field > 0)
		return import_member(record, field, value, fault);
	if (!json_text(value, &text) || !span_is(text, source))
		return fault_set(fault, FAULT_DATA, "\"source\" is not '%s'", INERT(source));
	return 0;
}

/* *kind stays where none is said. */
static int find_kind(yyjson_val *root, enum record_kind *kind, struct fault *fault)
{
	yyjson_val *value = yyjson_obj_get(root, "kind");
	struct span word = SPAN_EMPTY;
	int found;

	if (!value)
		return 0;
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
static int check_complete(const struct record *record, struct fault *fault)
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
			                 record_words[record->kind].kind.data, form->fields[field].name.data);
	}
	return record_check_gap(record, fault);
}

int record_import(struct record *record, yyjson_val *root, struct span source,
                  enum record_kind kind, struct fault *fault)
{
	yyjson_val *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(root))
		return fault_set(fault, FAULT_DATA, "%s, not an object", json_type(root));
	if (find_kind(root, &kind, fault) < 0)
		return -1;
	record_start(record, kind, source);
	if (kind == RECORD_USER) {
		record_set(record, USER_STATUS, span_of("unknown"));
		record_set(record, USER_ACCOUNT_TYPE, span_of("unknown"));
	}
	yyjson_obj_foreach(root, i, max, key, value)
		if (import_named(record, key, value, source, fault) < 0)
			return -1;
	default_id(record);
	return check_complete(record, fault);
}
