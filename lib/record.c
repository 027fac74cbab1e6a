/* SPDX-License-Identifier: ISC */
/*
 * record: the tables, and the two ways between a record and its line.
 */
#include "record.h"

#include "inert.h"

#include <stdio.h>

const struct record_form record_forms[RECORD_KINDS] = {
	[RECORD_GAP] = {
		.count = GAP_REASON + 1,
		.fields = {
			[GAP_SOURCE] = {"source", FIELD_REQUIRED},
			[GAP_SCOPE] = {"scope", FIELD_REQUIRED},
			[GAP_ID] = {"id", 0},
			[GAP_REASON] = {"reason", FIELD_REQUIRED},
		},
	},
	[RECORD_GROUP] = {
		.count = GROUP_UPDATED_AT + 1,
		.fields = {
			[GROUP_SOURCE] = {"source", FIELD_REQUIRED},
			[GROUP_ID] = {"id", FIELD_REQUIRED},
			[GROUP_NAME] = {"name", 0},
			[GROUP_DESCRIPTION] = {"description", 0},
			[GROUP_EXTERNAL_ID] = {"external_id", 0},
			[GROUP_CREATED_AT] = {"created_at", 0},
			[GROUP_UPDATED_AT] = {"updated_at", FIELD_VOLATILE},
		},
	},
	[RECORD_MEMBERSHIP] = {
		.count = MEMBERSHIP_MEMBER_KIND + 1,
		.fields = {
			[MEMBERSHIP_SOURCE] = {"source", FIELD_REQUIRED},
			[MEMBERSHIP_GROUP_ID] = {"group_id", FIELD_REQUIRED},
			[MEMBERSHIP_MEMBER_ID] = {"member_id", FIELD_REQUIRED},
			[MEMBERSHIP_MEMBER_KIND] = {"member_kind", FIELD_REQUIRED},
		},
	},
	[RECORD_USER] = {
		.count = USER_UPDATED_AT + 1,
		.fields = {
			[USER_SOURCE] = {"source", FIELD_REQUIRED},
			[USER_ID] = {"id", FIELD_REQUIRED},
			[USER_USER_NAME] = {"user_name", 0},
			[USER_EMAIL] = {"email", 0},
			[USER_DISPLAY_NAME] = {"display_name", 0},
			[USER_GIVEN_NAME] = {"given_name", 0},
			[USER_FAMILY_NAME] = {"family_name", 0},
			[USER_STATUS] = {"status", FIELD_REQUIRED},
			[USER_PROVIDER_STATUS] = {"provider_status", 0},
			[USER_ACCOUNT_TYPE] = {"account_type", FIELD_REQUIRED},
			[USER_EXTERNAL_ID] = {"external_id", 0},
			[USER_ROLES] = {"roles", FIELD_LIST},
			[USER_CREATED_AT] = {"created_at", 0},
			[USER_LAST_LOGIN_AT] = {"last_login_at", FIELD_VOLATILE},
			[USER_UPDATED_AT] = {"updated_at", FIELD_VOLATILE},
		},
	},
};

void record_start(struct record *record, enum record_kind kind, struct span source)
{
	record->kind = kind;
	memset(record->values, 0, sizeof record->values);
	record->times_used = 0;
	buf_clear(&record->list);
	record_set(record, 0, source);
}

void record_release(struct record *record)
{
	buf_release(&record->list);
}

void record_set(struct record *record, int field, struct span text)
{
	record->values[field] = (struct value){VALUE_TEXT, text};
}

void record_set_from(struct record *record, int field, yyjson_val *value)
{
	struct span text;

	if (json_text(value, &text))
		record_set(record, field, text);
	else if (yyjson_is_null(value))
		record->values[field] = (struct value){VALUE_NULL, {"", 0}};
}

void record_set_time(struct record *record, int field, yyjson_val *value)
{
	char *utc = record->times[record->times_used];
	struct span text;

	record_set_from(record, field, value);
	if (json_text(value, &text) && when_utc(text, utc)) {
		record_set(record, field, span_of(utc));
		record->times_used++;
	}
}

void record_put(struct buf *buf, const struct record *record)
{
	const struct record_form *form = &record_forms[record->kind];

	buf_puts(buf, "{\"kind\":\"");
	buf_puts(buf, record_words[record->kind].kind);
	buf_putc(buf, '"');
	for (size_t i = 0; i < form->count; i++) {
		const struct value *value = &record->values[i];

		if (value->type == VALUE_TEXT) {
			json_put_member(buf, form->fields[i].name, value->text);
		} else if (value->type != VALUE_ABSENT) {
			buf_puts(buf, ",\"");
			buf_puts(buf, form->fields[i].name);
			buf_puts(buf, "\":");
			buf_put_span(buf, value->type == VALUE_NULL ? span_of("null") : value->text);
		}
	}
	buf_puts(buf, "}\n");
}

static int field_find(const struct record_form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return (int)i;
	return -1;
}

static int parse_member(struct record *record, const char *name, yyjson_val *value,
                        struct fault *fault)
{
	const struct record_form *form = &record_forms[record->kind];
	int field = field_find(form, name);

	if (field < 0)
		return fault_set(fault, FAULT_DATA, "a %s has no member \"%s\"",
		                 record_words[record->kind].kind, INERT(span_of(name)));
	if (yyjson_is_arr(value) && (form->fields[field].flags & FIELD_LIST)) {
		json_put_value(&record->list, value);
		record->values[field] = (struct value){VALUE_LIST, buf_span(&record->list)};
		return buf_check(&record->list, fault);
	}
	if (!yyjson_is_str(value) && !yyjson_is_null(value))
		return fault_set(fault, FAULT_DATA, "\"%s\" is %s", form->fields[field].name,
		                 json_type(value));
	record_set_from(record, field, value);
	return 0;
}

int record_parse(struct record *record, enum record_kind kind, yyjson_val *root,
                 struct fault *fault)
{
	const struct record_form *form = &record_forms[kind];
	yyjson_val *key, *value;
	size_t i, max;

	record_start(record, kind, span_of(""));
	record->values[0].type = VALUE_ABSENT;
	yyjson_obj_foreach(root, i, max, key, value)
		if (i && parse_member(record, yyjson_get_str(key), value, fault) < 0)
			return -1;
	for (size_t field = 0; field < form->count; field++)
		if ((form->fields[field].flags & FIELD_REQUIRED) &&
		    record->values[field].type != VALUE_TEXT)
			return fault_set(fault, FAULT_DATA, "a %s without \"%s\"", record_words[kind].kind,
			                 form->fields[field].name);
	return 0;
}

/* Behind the string that starts at `at`, or 0. */
static size_t skip_string(struct span line, size_t at)
{
	if (at >= line.len || line.data[at] != '"')
		return 0;
	for (at++; at < line.len; at++) {
		if (line.data[at] == '\\')
			at++;
		else if (line.data[at] == '"')
			return at + 1;
	}
	return 0;
}

struct span record_line_key(enum record_kind kind, struct span line)
{
	static const char *const heads[RECORD_KINDS] = {
		[RECORD_GAP] = "{\"kind\":\"gap\",\"source\":",
		[RECORD_GROUP] = "{\"kind\":\"group\",\"source\":",
		[RECORD_MEMBERSHIP] = "{\"kind\":\"membership\",\"source\":",
		[RECORD_USER] = "{\"kind\":\"user\",\"source\":",
	};
	static const struct span none = {"", 0}, id = {",\"id\":", 6};
	size_t at;

	if (!span_begins(line, span_of(heads[kind])))
		return none;
	if (kind != RECORD_USER && kind != RECORD_GROUP)
		return line;
	at = skip_string(line, strlen(heads[kind]));
	if (!at || !span_begins((struct span){line.data + at, line.len - at}, id))
		return none;
	at = skip_string(line, at + id.len);
	return (struct span){line.data, at};
}

struct span record_line_stable(enum record_kind kind, struct span line)
{
	const struct record_form *form = &record_forms[kind];
	size_t len = line.len ? line.len - 1 : 0; /* without the closing brace */

	/* in a canonical line these bytes can only be a member's name: a quote inside
	   a string is escaped, and behind a string comes no letter */
	for (size_t i = 0; i < form->count; i++) {
		char name[32];
		int n;
		const char *at;

		if (!(form->fields[i].flags & FIELD_VOLATILE))
			continue;
		n = snprintf(name, sizeof name, ",\"%s\":", form->fields[i].name);
		at = memmem(line.data, line.len, name, (size_t)n);
		if (at && (size_t)(at - line.data) < len)
			len = (size_t)(at - line.data);
	}
	return (struct span){line.data, len};
}
