/* SPDX-License-Identifier: ISC */
/*
 * record: the tables, and the two ways between a record and its line.
 */
#include "stream/record.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "base/unicode.h"

#include <stdio.h>
#include <stdlib.h>

const struct record_word record_words[RECORD_KINDS] = {
	[RECORD_GAP] = {SPAN("gap"), "gaps"},
	[RECORD_GROUP] = {SPAN("group"), "groups"},
	[RECORD_MEMBERSHIP] = {SPAN("membership"), "memberships"},
	[RECORD_USER] = {SPAN("user"), "users"},
};

const struct record_form record_forms[RECORD_KINDS] = {
	[RECORD_GAP] =
		{
			.count = GAP_REASON + 1,
			.fields =
				{
					[GAP_SOURCE] = {SPAN("source"), FIELD_REQUIRED, {NULL}},
					[GAP_SCOPE] = {SPAN("scope"),
                                   FIELD_REQUIRED,
                                   {"users", "groups", "members", "service_accounts"}},
					[GAP_ID] = {SPAN("id"), FIELD_NOT_NULL, {NULL}},
					[GAP_REASON] = {SPAN("reason"), FIELD_REQUIRED, {NULL}},
				},
		},
	[RECORD_GROUP] =
		{
			.count = GROUP_UPDATED_AT + 1,
			.fields =
				{
					[GROUP_SOURCE] = {SPAN("source"), FIELD_REQUIRED, {NULL}},
					[GROUP_ID] = {SPAN("id"), FIELD_REQUIRED, {NULL}},
					[GROUP_NAME] = {SPAN("name"), 0, {NULL}},
					[GROUP_DESCRIPTION] = {SPAN("description"), 0, {NULL}},
					[GROUP_EXTERNAL_ID] = {SPAN("external_id"), 0, {NULL}},
					[GROUP_EXTRA] = {SPAN("extra"),
                                     FIELD_OBJECT | FIELD_NOT_NULL | FIELD_NEW,
                                     {NULL}},
					[GROUP_CREATED_AT] = {SPAN("created_at"), FIELD_TIME, {NULL}},
					[GROUP_UPDATED_AT] = {SPAN("updated_at"), FIELD_TIME | FIELD_VOLATILE, {NULL}},
				},
		},
	[RECORD_MEMBERSHIP] =
		{
			.count = MEMBERSHIP_MEMBER_KIND + 1,
			.fields =
				{
					[MEMBERSHIP_SOURCE] = {SPAN("source"), FIELD_REQUIRED, {NULL}},
					[MEMBERSHIP_GROUP_ID] = {SPAN("group_id"), FIELD_REQUIRED, {NULL}},
					[MEMBERSHIP_MEMBER_ID] = {SPAN("member_id"), FIELD_REQUIRED, {NULL}},
					[MEMBERSHIP_MEMBER_KIND] = {SPAN("member_kind"),
                                                FIELD_REQUIRED,
                                                {"user", "group", "unknown"}},
				},
		},
	[RECORD_USER] =
		{
			.count = USER_UPDATED_AT + 1,
			.fields =
				{
					[USER_SOURCE] = {SPAN("source"), FIELD_REQUIRED, {NULL}},
					[USER_ID] = {SPAN("id"), FIELD_REQUIRED, {NULL}},
					[USER_USER_NAME] = {SPAN("user_name"), 0, {NULL}},
					[USER_EMAIL] = {SPAN("email"), 0, {NULL}},
					[USER_DISPLAY_NAME] = {SPAN("display_name"), 0, {NULL}},
					[USER_GIVEN_NAME] = {SPAN("given_name"), 0, {NULL}},
					[USER_FAMILY_NAME] = {SPAN("family_name"), 0, {NULL}},
					[USER_STATUS] = {SPAN("status"),
                                     FIELD_REQUIRED,
                                     {"enabled", "disabled", "unknown"}},
					[USER_PROVIDER_STATUS] = {SPAN("provider_status"), 0, {NULL}},
					[USER_ACCOUNT_TYPE] = {SPAN("account_type"),
                                           FIELD_REQUIRED,
                                           {"human", "service", "unknown"}},
					[USER_EXTERNAL_ID] = {SPAN("external_id"), 0, {NULL}},
					[USER_TITLE] = {SPAN("title"), FIELD_NEW, {NULL}},
					[USER_USER_TYPE] = {SPAN("user_type"), FIELD_NEW, {NULL}},
					[USER_DEPARTMENT] = {SPAN("department"), FIELD_NEW, {NULL}},
					[USER_MANAGER] = {SPAN("manager"), FIELD_NEW, {NULL}},
					[USER_MANAGER_NAME] = {SPAN("manager_name"), FIELD_NEW, {NULL}},
					[USER_EMPLOYEE_NUMBER] = {SPAN("employee_number"), FIELD_NEW, {NULL}},
					[USER_ROLES] = {SPAN("roles"), FIELD_LIST, {NULL}},
					[USER_ROLE_DETAILS] = {SPAN("role_details"),
                                           FIELD_DETAILS | FIELD_NOT_NULL | FIELD_NEW,
                                           {NULL}},
					[USER_ENTITLEMENTS] = {SPAN("entitlements"), FIELD_LIST | FIELD_NEW, {NULL}},
					[USER_ENTITLEMENT_DETAILS] = {SPAN("entitlement_details"),
                                                  FIELD_DETAILS | FIELD_NOT_NULL | FIELD_NEW,
                                                  {NULL}},
					[USER_OWNERS] = {SPAN("owners"), FIELD_LIST | FIELD_NEW, {NULL}},
					[USER_CREATED_BY] = {SPAN("created_by"), FIELD_NEW, {NULL}},
					[USER_EXTRA] = {SPAN("extra"),
                                    FIELD_OBJECT | FIELD_NOT_NULL | FIELD_NEW,
                                    {NULL}},
					[USER_CREATED_AT] = {SPAN("created_at"), FIELD_TIME, {NULL}},
					[USER_LAST_LOGIN_AT] = {SPAN("last_login_at"),
                                            FIELD_TIME | FIELD_VOLATILE,
                                            {NULL}},
					[USER_UPDATED_AT] = {SPAN("updated_at"), FIELD_TIME | FIELD_VOLATILE, {NULL}},
				},
		},
};

const char *const member_kind_words[] = {
	[MEMBER_UNKNOWN] = "unknown",
	[MEMBER_USER] = "user",
	[MEMBER_GROUP] = "group",
};

int record_kind_find(struct span word)
{
	for (int kind = 0; kind < RECORD_KINDS; kind++)
		if (span_is(word, record_words[kind].kind))
			return kind;
	return -1;
}

void record_start(struct record *record, enum record_kind kind, struct span source)
{
	record->kind = kind;
	memset(record->values, 0, sizeof record->values);
	record->times_used = 0;
	record->lists_used = 0;
	record->taken = 0;
	record_set(record, 0, source);
}

void record_release(struct record *record)
{
	for (size_t i = 0; i < LISTS_MAX; i++)
		buf_release(&record->lists[i]);
}

void record_set(struct record *record, int field, struct span text)
{
	record->values[field] = (struct value){.type = VALUE_TEXT, .text = text};
}

void record_set_json(struct record *record, int field, struct span json)
{
	record->values[field] = (struct value){.type = VALUE_JSON, .text = json};
}

void record_set_from(struct record *record, int field, yyjson_val *value)
{
	struct span text;

	if (json_text(value, &text))
		record->values[field] = (struct value){VALUE_TEXT, text, json_is_plain(value)};
	else if (yyjson_is_null(value))
		record->values[field] = (struct value){.type = VALUE_NULL};
}

void record_set_time(struct record *record, int field, yyjson_val *value)
{
	char *utc = record->times[record->times_used];
	struct span text;
	size_t len;

	record_set_from(record, field, value);
	len = json_text(value, &text) ? when_utc(text, utc) : 0;
	if (len) {
		record->values[field] = (struct value){VALUE_TEXT, {utc, len}, true};
		record->times_used++;
	}
}

static int compare_texts(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

/* An empty buf for the JSON of one more field. */
static struct buf *record_take_buf(struct record *record)
{
	struct buf *list = &record->lists[record->lists_used++];

	buf_clear(list);
	return list;
}

/* What was put into a buf of the record is the field's. 0 or -1. */
static int record_keep_buf(struct record *record, int field, const struct buf *list,
                           struct fault *fault)
{
	record->values[field] = (struct value){.type = VALUE_LIST, .text = buf_span(list)};
	return buf_check(list, fault);
}

int record_set_list(struct record *record, int field, struct span *texts, size_t count,
                    struct fault *fault)
{
	struct buf *list = record_take_buf(record);

	if (count > 1)
		qsort(texts, count, sizeof *texts, compare_texts);
	buf_putc(list, '[');
	for (size_t i = 0; i < count; i++) {
		if (i && span_is(texts[i], texts[i - 1]))
			continue;
		if (i)
			buf_putc(list, ',');
		json_put_string(list, texts[i]);
	}
	buf_putc(list, ']');
	return record_keep_buf(record, field, list, fault);
}

/* What is not shown comes first. */
static int compare_shown(struct span a, struct span b)
{
	return a.data && b.data ? span_compare(a, b) : !!a.data - !!b.data;
}

static int compare_items(const void *a, const void *b)
{
	const struct record_item *x = a, *y = b;
	int order = span_compare(x->value, y->value);

	if (!order)
		order = compare_shown(x->type, y->type);
	return order ? order : compare_shown(x->display, y->display);
}

int record_set_details(struct record *record, int field, struct record_item *items, size_t count,
                       struct fault *fault)
{
	struct buf *list;
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		/* what it is called where it has no value of its own */
		if (items[i].display.data && span_is(items[i].display, items[i].value))
			items[i].display.data = NULL;
		if (items[i].type.data && span_is(items[i].type, items[i].value))
			items[i].type.data = NULL;
		if (items[i].type.data || items[i].display.data)
			items[kept++] = items[i];
	}
	if (!kept)
		return 0;
	if (kept > 1)
		qsort(items, kept, sizeof *items, compare_items);
	list = record_take_buf(record);
	for (size_t i = 0; i < kept; i++) {
		if (i && compare_items(&items[i], &items[i - 1]) == 0)
			continue;
		buf_puts(list, i ? ",{\"value\":" : "[{\"value\":");
		json_put_string(list, items[i].value);
		if (items[i].type.data)
			json_put_member(list, "type", items[i].type);
		if (items[i].display.data)
			json_put_member(list, "display", items[i].display);
		buf_putc(list, '}');
	}
	buf_putc(list, ']');
	return record_keep_buf(record, field, list, fault);
}

static int refuse_field(const struct record *record, int field, const char *why,
                        struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "\"%s\" %s",
	                 record_forms[record->kind].fields[field].name.data, why);
}

/* An object with a value, and a type, a display or both. */
static bool read_item(yyjson_val *object, struct record_item *item)
{
	size_t known = 1;

	*item = (struct record_item){{NULL, 0}, {NULL, 0}, {NULL, 0}};
	if (!yyjson_is_obj(object) || !json_text(yyjson_obj_get(object, "value"), &item->value))
		return false;
	known += json_text(yyjson_obj_get(object, "type"), &item->type);
	known += json_text(yyjson_obj_get(object, "display"), &item->display);
	return known > 1 && known == yyjson_obj_size(object);
}

int record_set_details_from(struct record *record, int field, yyjson_val *array,
                            struct fault *fault)
{
	struct record_item *items = calloc(yyjson_arr_size(array) + 1, sizeof *items);
	yyjson_val *object;
	size_t i, max;
	int result = yyjson_is_arr(array) ? 0 : -1;

	if (!items)
		return fault_memory(fault);
	yyjson_arr_foreach(array, i, max, object)
		result = result == 0 && read_item(object, &items[i]) ? 0 : -1;
	result = result < 0
	             ? refuse_field(record, field,
	                            "is no array of objects with a value, and a type or display", fault)
	             : record_set_details(record, field, items, max, fault);
	free(items);
	return result;
}

int record_set_object(struct record *record, int field, yyjson_val *object, struct fault *fault)
{
	struct buf *list;

	if (!yyjson_is_obj(object))
		return fault_set(fault, FAULT_DATA, "\"%s\" is %s, not an object",
		                 record_forms[record->kind].fields[field].name.data, json_type(object));
	if (!yyjson_obj_size(object))
		return 0;
	list = record_take_buf(record);
	json_put_canonical(list, object);
	return record_keep_buf(record, field, list, fault);
}

/* How the line of each kind begins, up to its source. */
static const struct span heads[RECORD_KINDS] = {
	[RECORD_GAP] = SPAN("{\"kind\":\"gap\",\"source\":"),
	[RECORD_GROUP] = SPAN("{\"kind\":\"group\",\"source\":"),
	[RECORD_MEMBERSHIP] = SPAN("{\"kind\":\"membership\",\"source\":"),
	[RECORD_USER] = SPAN("{\"kind\":\"user\",\"source\":"),
};

static void put_value(struct buf *buf, const struct value *value)
{
	if (value->type == VALUE_TEXT)
		json_put_string(buf, value->text);
	else
		buf_put_span(buf, value->type == VALUE_NULL ? span_of("null") : value->text);
}

void record_put(struct buf *buf, const struct record *record)
{
	const struct record_form *form = &record_forms[record->kind];

	buf_put_span(buf, heads[record->kind]);
	put_value(buf, &record->values[0]);
	for (size_t i = 1; i < form->count; i++) {
		const struct value *value = &record->values[i];

		if (value->type == VALUE_TEXT) {
			json_put_named(buf, form->fields[i].name, value->text, value->plain);
		} else if (value->type != VALUE_ABSENT) {
			buf_puts(buf, ",\"");
			buf_put_span(buf, form->fields[i].name);
			buf_puts(buf, "\":");
			put_value(buf, value);
		}
	}
	buf_puts(buf, "}\n");
}

int record_field_find(enum record_kind kind, struct span name)
{
	const struct record_form *form = &record_forms[kind];

	for (size_t i = 0; i < form->count; i++)
		if (span_is(name, form->fields[i].name))
			return (int)i;
	return -1;
}

int record_check_word(const struct record *record, int field, struct fault *fault)
{
	const char *const *words = record_forms[record->kind].fields[field].words;

	for (size_t i = 0; words[i]; i++)
		if (span_is(record->values[field].text, span_of(words[i])))
			return 0;
	if (!words[0])
		return 0;
	fault_set(fault, FAULT_DATA, "\"%s\" is '%s', not",
	          record_forms[record->kind].fields[field].name.data,
	          INERT(record->values[field].text));
	for (size_t i = 0; words[i]; i++)
		fault_hint(fault, "%s %s", i == 0 ? "" : words[i + 1] ? "," : " or", words[i]);
	return -1;
}

static bool is_set_of_texts(yyjson_val *array)
{
	struct span text, before = {NULL, 0};
	yyjson_val *item;
	size_t i, max;

	yyjson_arr_foreach(array, i, max, item) {
		if (!yyjson_is_str(item))
			return false;
		text = json_key(item);
		if (before.data && span_compare(before, text) >= 0)
			return false;
		before = text;
	}
	return true;
}

int record_set_members(struct record *record, int field, const struct record_member *members,
                       size_t count, struct fault *fault)
{
	struct buf *list;

	if (!count) {
		record->values[field] = (struct value){.type = VALUE_ABSENT};
		return 0;
	}
	list = record_take_buf(record);
	for (size_t i = 0; i < count; i++) {
		buf_putc(list, i ? ',' : '{');
		json_put_string(list, members[i].name);
		buf_putc(list, ':');
		json_put_canonical(list, members[i].value);
	}
	buf_putc(list, '}');
	return record_keep_buf(record, field, list, fault);
}

static bool is_listed(const struct buf *names, struct span name)
{
	struct span listed;

	for (size_t at = 0; buf_next_sized(names, &at, &listed);)
		if (span_is(listed, name))
			return true;
	return false;
}

int record_drop_members(struct record *record, int field, const struct buf *names,
                        struct fault *fault)
{
	struct record_member *members;
	yyjson_val *root, *key, *value;
	yyjson_doc *doc;
	size_t i, max, count = 0;
	int result = -1;

	if (record->values[field].type != VALUE_LIST)
		return 0;
	doc = json_parse(record->values[field].text, NULL, fault);
	if (!doc)
		return -1;
	root = yyjson_doc_get_root(doc);
	members = calloc(yyjson_obj_size(root) + 1, sizeof *members);
	if (members) {
		yyjson_obj_foreach(root, i, max, key, value)
			if (!is_listed(names, json_key(key)))
				members[count++] = (struct record_member){json_key(key), value};
		result = record_set_members(record, field, members, count, fault);
	} else {
		fault_memory(fault);
	}
	free(members);
	yyjson_doc_free(doc);
	return result;
}

unsigned record_known_fields(enum record_kind kind, unsigned vocabulary)
{
	const struct record_form *form = &record_forms[kind];
	unsigned known = 0;

	for (size_t i = 0; i < form->count; i++)
		if (vocabulary >= VOCABULARY || !(form->fields[i].flags & FIELD_NEW))
			known |= 1U << i;
	return known;
}

int record_check_vocabulary(const struct record *record, unsigned vocabulary, struct fault *fault)
{
	const struct record_form *form = &record_forms[record->kind];
	unsigned known = record_known_fields(record->kind, vocabulary);

	for (size_t i = 0; i < form->count; i++)
		if (record->values[i].type != VALUE_ABSENT && !(known & 1U << i))
			return fault_set(fault, FAULT_DATA, "a %s of vocabulary %u has no member \"%s\"",
			                 record_words[record->kind].kind.data, vocabulary,
			                 form->fields[i].name.data);
	return 0;
}

int record_check_gap(const struct record *record, struct fault *fault)
{
	struct span scope = record_text(record, GAP_SCOPE);

	if (record->kind != RECORD_GAP || record->values[GAP_ID].type == VALUE_ABSENT ||
	    span_is(scope, span_of("members")))
		return 0;
	return fault_set(fault, FAULT_DATA,
	                 "a gap of %s names an id: only a gap of members can, with its group's",
	                 INERT(scope));
}

static int parse_list(struct record *record, int field, yyjson_val *array, struct fault *fault)
{
	struct buf *list;

	if (!is_set_of_texts(array))
		return refuse_field(record, field, "is not in canonical form: texts in order, each once",
		                    fault);
	list = record_take_buf(record);
	json_put_value(list, array);
	return record_keep_buf(record, field, list, fault);
}

/* Details or an object, as we would write them. */
static int parse_canonical(struct record *record, int field, yyjson_val *value, struct fault *fault)
{
	bool object = record_forms[record->kind].fields[field].flags & FIELD_OBJECT;
	struct buf *list;
	size_t len;
	bool same;

	if ((object ? record_set_object : record_set_details_from)(record, field, value, fault) < 0)
		return -1;
	if (record->values[field].type != VALUE_LIST) /* nothing is written for nothing */
		return refuse_field(record, field, "is not in canonical form", fault);
	list = &record->lists[record->lists_used - 1];
	len = list->len;
	json_put_value(list, value);
	if (buf_check(list, fault) < 0)
		return -1;
	same = list->len == 2 * len && memcmp(list->data, list->data + len, len) == 0;
	list->len = len;
	record->values[field].text = buf_span(list);
	return same ? 0 : refuse_field(record, field, "is not in canonical form", fault);
}

static int parse_member(struct record *record, struct span name, yyjson_val *value,
                        struct fault *fault)
{
	const struct record_form *form = &record_forms[record->kind];
	int field = record_field_find(record->kind, name);

	if (field < 0)
		return fault_set(fault, FAULT_DATA, "a %s has no member \"%s\"",
		                 record_words[record->kind].kind.data, INERT(name));
	if (yyjson_is_arr(value) && (form->fields[field].flags & FIELD_LIST))
		return parse_list(record, field, value, fault);
	if (form->fields[field].flags & (FIELD_DETAILS | FIELD_OBJECT) && !yyjson_is_null(value))
		return parse_canonical(record, field, value, fault);
	if (!yyjson_is_str(value) && !yyjson_is_null(value))
		return fault_set(fault, FAULT_DATA, "\"%s\" is %s", form->fields[field].name.data,
		                 json_type(value));
	if (yyjson_is_null(value) && (form->fields[field].flags & (FIELD_REQUIRED | FIELD_NOT_NULL)))
		return fault_set(fault, FAULT_DATA, "\"%s\" is null", form->fields[field].name.data);
	record_set_from(record, field, value);
	return record_check_word(record, field, fault);
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
		if (i && parse_member(record, (struct span){yyjson_get_str(key), yyjson_get_len(key)},
		                      value, fault) < 0)
			return -1;
	for (size_t field = 0; field < form->count; field++)
		if ((form->fields[field].flags & FIELD_REQUIRED) &&
		    record->values[field].type != VALUE_TEXT)
			return fault_set(fault, FAULT_DATA, "a %s without \"%s\"", record_words[kind].kind.data,
			                 form->fields[field].name.data);
	return record_check_gap(record, fault);
}

yyjson_doc *record_read(struct record *record, enum record_kind kind, struct span line,
                        struct fault *fault)
{
	yyjson_doc *doc = json_parse(line, NULL, fault);

	if (doc && record_parse(record, kind, yyjson_doc_get_root(doc), fault) < 0) {
		yyjson_doc_free(doc);
		doc = NULL;
	}
	return doc;
}

/* Times are the same where they are the same moment, however it is written. */
static bool values_differ(const struct value *a, const struct value *b, unsigned flags)
{
	if (a->type != b->type)
		return true;
	if ((flags & FIELD_TIME) && a->type == VALUE_TEXT)
		return when_compare(a->text, b->text) != 0;
	return !span_is(a->text, b->text);
}

unsigned record_differences(const struct record *before, const struct record *after,
                            bool volatile_too)
{
	const struct record_form *form = &record_forms[before->kind];
	unsigned fields = 0;

	for (size_t i = 0; i < form->count; i++)
		if (values_differ(&before->values[i], &after->values[i], form->fields[i].flags) &&
		    (volatile_too || !(form->fields[i].flags & FIELD_VOLATILE)))
			fields |= 1U << i;
	return fields;
}

enum member_kind record_member_kind(const struct record *record)
{
	struct span word = record_text(record, MEMBERSHIP_MEMBER_KIND);
	enum member_kind kind = MEMBER_GROUP;

	while (kind > MEMBER_UNKNOWN && !span_is(word, span_of(member_kind_words[kind])))
		kind--;
	return kind;
}

void record_put_folded_name(struct buf *buf, const struct record *record)
{
	size_t at = buf->len;

	unicode_put_composed(buf, record_name(record));
	for (; buf->state == BUF_OK && at < buf->len; at++)
		buf->data[at] = ascii_lower(buf->data[at]);
}

/* ---- lines as bytes ---- */

static const struct span id_name = SPAN(",\"id\":");
static const struct span group_id_name = SPAN(",\"group_id\":");
static const struct span member_id_name = SPAN(",\"member_id\":");

/* How the line of a membership ends, after its member's id. */
static const struct span member_kind_ends[] = {
	[MEMBER_UNKNOWN] = SPAN(",\"member_kind\":\"unknown\"}"),
	[MEMBER_USER] = SPAN(",\"member_kind\":\"user\"}"),
	[MEMBER_GROUP] = SPAN(",\"member_kind\":\"group\"}"),
};

static struct span without_lf(struct span line)
{
	line.len -= line.len && line.data[line.len - 1] == '\n';
	return line;
}

enum record_kind record_line_kind(struct span line)
{
	/* the kinds differ in their first two letters, and each line is ours */
	const char *word = line.data + strlen("{\"kind\":\"");

	return word[0] == 'u'   ? RECORD_USER
	       : word[0] == 'm' ? RECORD_MEMBERSHIP
	       : word[1] == 'r' ? RECORD_GROUP
	                        : RECORD_GAP;
}

bool record_line_is(enum record_kind kind, struct span line)
{
	return span_begins(line, heads[kind]);
}

struct span record_line_source(struct span line)
{
	static const struct span before = SPAN(",\"source\":");
	size_t word = json_string_end(line, strlen("{\"kind\":"));
	bool has = word && span_begins((struct span){line.data + word, line.len - word}, before);
	size_t from = has ? word + before.len : 0, end = has ? json_string_end(line, from) : 0;

	return (struct span){line.data + from, end ? end - from : 0};
}

/* The place in member_kind_ends of how a membership's line ends, its LF taken off; -1
   where it ends in another way. */
static int find_member_kind(struct span line)
{
	for (int kind = MEMBER_GROUP; kind >= MEMBER_UNKNOWN; kind--)
		if (span_ends(line, member_kind_ends[kind]))
			return kind;
	return -1;
}

enum member_kind record_line_member_kind(struct span line)
{
	int kind = find_member_kind(without_lf(line));

	return kind < 0 ? MEMBER_UNKNOWN : (enum member_kind)kind;
}

/* The end of the string that stands at `at` after this name; 0 where none does. */
static size_t line_string_end(struct span line, size_t at, struct span name)
{
	bool has = at && span_begins((struct span){line.data + at, line.len - at}, name);

	return has ? json_string_end(line, at + name.len) : 0;
}

struct span record_line_key(enum record_kind kind, struct span line)
{
	static const struct span none = SPAN_EMPTY;
	size_t at;
	int end;

	if (!record_line_is(kind, line))
		return none;
	line = without_lf(line);
	if (kind == RECORD_GAP)
		return line;
	at = json_string_end(line, heads[kind].len);
	if (kind == RECORD_MEMBERSHIP) {
		at = line_string_end(line, line_string_end(line, at, group_id_name), member_id_name);
		end = find_member_kind(line);
		return at && end >= 0 && at + member_kind_ends[end].len == line.len
		           ? (struct span){line.data, at}
		           : none;
	}
	return (struct span){line.data, line_string_end(line, at, id_name)};
}

size_t record_key_stem(enum record_kind kind, struct span key)
{
	struct span source;

	if (kind == RECORD_MEMBERSHIP)
		return record_line_group_part(key).len;
	source = record_line_source(key);
	return (size_t)(source.data - key.data) + source.len + id_name.len;
}

struct span record_line_last_id(enum record_kind kind, struct span line, size_t stem)
{
	size_t end = json_string_end(line, stem);
	struct span rest = {line.data + end, line.len - end};
	bool fits = kind == RECORD_MEMBERSHIP ? span_is(rest, member_kind_ends[MEMBER_USER])
	                                      : kind == RECORD_USER;

	return (struct span){line.data + stem, end && fits ? end - stem : 0};
}

void record_put_key(struct buf *buf, enum record_kind kind, struct span source, struct span id)
{
	buf_put_span(buf, heads[kind]);
	buf_put_span(buf, source);
	buf_put_span(buf, id_name);
	buf_put_span(buf, id);
}

void record_put_text_key(struct buf *buf, enum record_kind kind, struct span source, struct span id)
{
	buf_put_span(buf, heads[kind]);
	json_put_string(buf, source);
	buf_put_span(buf, id_name);
	json_put_string(buf, id);
}

struct span record_key_id(struct span key)
{
	struct span source = record_line_source(key);
	const char *id = source.data + source.len + id_name.len;

	return (struct span){id, (size_t)(key.data + key.len - id)};
}

struct span record_key_rest(struct span key)
{
	size_t head = heads[record_line_kind(key)].len;

	return (struct span){key.data + head, key.len - head};
}

void record_put_key_rest(struct buf *buf, enum record_kind kind, struct span rest)
{
	buf_put_span(buf, heads[kind]);
	buf_put_span(buf, rest);
}

void record_put_membership(struct buf *buf, struct span source, struct span group_id,
                           struct span member_id, enum member_kind kind)
{
	buf_put_span(buf, heads[RECORD_MEMBERSHIP]);
	buf_put_span(buf, source);
	buf_put_span(buf, group_id_name);
	buf_put_span(buf, group_id);
	buf_put_span(buf, member_id_name);
	buf_put_span(buf, member_id);
	buf_put_span(buf, member_kind_ends[kind]);
	buf_putc(buf, '\n');
}

struct span record_line_group_part(struct span line)
{
	struct span source = record_line_source(line);
	size_t group = (size_t)(source.data - line.data) + source.len + group_id_name.len;
	size_t end = json_string_end(line, group);

	return (struct span){line.data, end ? end + member_id_name.len : line.len};
}

void record_put_end_key(struct buf *buf, struct span line, enum membership_field field,
                        enum record_kind kind)
{
	struct span source = record_line_source(line);
	size_t id = (size_t)(source.data - line.data) + source.len + group_id_name.len;
	size_t end = json_string_end(line, id);

	if (field == MEMBERSHIP_MEMBER_ID) {
		id = end + member_id_name.len;
		end = json_string_end(line, id);
	}
	record_put_key(buf, kind, source, (struct span){line.data + id, end - id});
}

/* Where the line, without its brace, has this volatile member last; its length where not.
   Within `extra` the same bytes can stand, but then more than a text or null follows. */
static size_t find_last_member(struct span line, struct span name)
{
	char bytes[32];
	size_t n = (size_t)snprintf(bytes, sizeof bytes, ",\"%s\":", name.data);
	const char *at = line.data;

	while ((at = memmem(at, line.len - (size_t)(at - line.data), bytes, n))) {
		size_t from = (size_t)(at - line.data);
		struct span value = {at + n, line.len - from - n};

		if (span_is(value, span_of("null")) || json_string_end(value, 0) == value.len)
			return from;
		at += n;
	}
	return line.len;
}

struct span record_line_stable(enum record_kind kind, struct span line)
{
	const struct record_form *form = &record_forms[kind];

	line = without_lf(line);
	line.len -= line.len > 0; /* the closing brace */
	/* volatile members stand last */
	for (size_t i = form->count; i-- && (form->fields[i].flags & FIELD_VOLATILE);)
		line.len = find_last_member(line, form->fields[i].name);
	return line;
}
