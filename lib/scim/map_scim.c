/* SPDX-License-Identifier: ISC */
/*
 * map_scim: User and Group resources (RFC 7643 sections 4.1 and 4.2), in the
 * shapes that real servers give them: names in any case, single objects and
 * bare strings where arrays are due, dotted keys, booleans as text.
 */
#include "scim/map_scim.h"

#include "scim/scim_page.h"

#include <stdlib.h>

/* What a resource shows, in the order of the names' length. */
enum attribute {
	META,
	NAME,
	ROLES,
	ACTIVE,
	EMAILS,
	USER_NAME,
	EXTERNAL_ID,
	DISPLAY_NAME,
	META_CREATED,
	NAME_FORMATTED,
	NAME_GIVEN_NAME,
	NAME_FAMILY_NAME,
	META_LAST_MODIFIED,
	ATTRIBUTES,
};

static const struct span names[ATTRIBUTES] = {
	[META] = SPAN("meta"),
	[NAME] = SPAN("name"),
	[ROLES] = SPAN("roles"),
	[ACTIVE] = SPAN("active"),
	[EMAILS] = SPAN("emails"),
	[USER_NAME] = SPAN("userName"),
	[EXTERNAL_ID] = SPAN("externalId"),
	[DISPLAY_NAME] = SPAN("displayName"),
	[META_CREATED] = SPAN("meta.created"),
	[NAME_FORMATTED] = SPAN("name.formatted"),
	[NAME_GIVEN_NAME] = SPAN("name.givenName"),
	[NAME_FAMILY_NAME] = SPAN("name.familyName"),
	[META_LAST_MODIFIED] = SPAN("meta.lastModified"),
};

/* parent.child as an object path, else as one dotted key. */
static yyjson_val *path_member(yyjson_val *const *shown, enum attribute parent,
                               enum attribute dotted)
{
	size_t skip = names[parent].len + strlen(".");
	struct span child = {names[dotted].data + skip, names[dotted].len - skip};
	yyjson_val *found = json_find(shown[parent], child);

	return found ? found : shown[dotted];
}

static bool is_true(yyjson_val *value)
{
	struct span text;

	return yyjson_is_true(value) ||
	       (json_text(value, &text) &&
	        (span_is_nocase(text, span_of("true")) || span_is(text, span_of("1"))));
}

static bool is_false(yyjson_val *value)
{
	struct span text;

	return yyjson_is_false(value) ||
	       (json_text(value, &text) &&
	        (span_is_nocase(text, span_of("false")) || span_is(text, span_of("0"))));
}

/* The items of a multi-valued attribute; a single value is an array of one. */
struct items {
	yyjson_val *next;
	size_t left;
};

static struct items items_of(yyjson_val *value)
{
	if (yyjson_is_arr(value))
		return (struct items){yyjson_arr_get_first(value), yyjson_arr_size(value)};
	return (struct items){value, value && !yyjson_is_null(value)};
}

static yyjson_val *items_next(struct items *items)
{
	yyjson_val *item = items->next;

	if (!items->left)
		return NULL;
	if (--items->left)
		items->next = unsafe_yyjson_get_next(item);
	return item;
}

/* The text of a multi-valued attribute's item, a bare string or its `value`; NULL where there
   is none. */
static yyjson_val *item_text(yyjson_val *item, struct span *text)
{
	yyjson_val *value = yyjson_is_obj(item) ? json_member(item, "value") : item;

	return json_text(value, text) && text->len > 0 ? value : NULL;
}

/* something@something, no blanks: what may stand for an e-mail address. */
static bool is_address(struct span text)
{
	const char *at = memchr(text.data, '@', text.len);

	if (!at || at == text.data || at == text.data + text.len - 1)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.data[i] <= ' ')
			return false;
	return true;
}

/* The primary e-mail, else the work one, else the first; NULL where there is none. */
static yyjson_val *find_email(yyjson_val *emails)
{
	enum { NONE, FIRST, WORK, PRIMARY };
	int best = NONE;
	struct items items = items_of(emails);
	yyjson_val *item, *email = NULL;

	while (best != PRIMARY && (item = items_next(&items))) {
		struct span text, type = {"", 0};
		yyjson_val *value = item_text(item, &text);
		int rank = FIRST;

		if (!value)
			continue;
		json_member_text(item, "type", &type);
		if (is_true(json_member(item, "primary")))
			rank = PRIMARY;
		else if (span_is_nocase(type, span_of("work")))
			rank = WORK;
		if (rank > best) {
			best = rank;
			email = value;
		}
	}
	return email;
}

static void map_scim_email(struct record *record, yyjson_val *emails)
{
	const struct value *user_name = &record->values[USER_USER_NAME];
	yyjson_val *email = find_email(emails);

	if (email)
		record_set_from(record, USER_EMAIL, email);
	else if (user_name->type == VALUE_TEXT && is_address(user_name->text))
		record_set(record, USER_EMAIL, user_name->text);
	else if (emails)
		record->values[USER_EMAIL] = (struct value){.type = VALUE_NULL};
}

static void map_scim_status(struct record *record, yyjson_val *active)
{
	record_set(record, USER_STATUS, span_of("unknown"));
	if (is_true(active))
		record_set(record, USER_STATUS, span_of("enabled"));
	else if (is_false(active))
		record_set(record, USER_STATUS, span_of("disabled"));
	else if (yyjson_is_str(active) || yyjson_is_raw(active))
		record_set_from(record, USER_PROVIDER_STATUS, active); /* the word we do not know */
}

static int map_scim_roles(struct record *record, yyjson_val *roles, struct fault *fault)
{
	size_t max = yyjson_is_arr(roles) ? yyjson_arr_size(roles) : 1, count = 0;
	struct items items = items_of(roles);
	struct span *texts;
	yyjson_val *item;
	int result;

	if (!roles || yyjson_is_null(roles)) {
		record_set_from(record, USER_ROLES, roles);
		return 0;
	}
	texts = calloc(max + 1, sizeof(struct span));
	if (!texts)
		return fault_memory(fault);
	while ((item = items_next(&items)))
		if (item_text(item, &texts[count]) || json_member_text(item, "display", &texts[count]))
			count++;
	result = record_set_list(record, USER_ROLES, texts, count, fault);
	free(texts);
	return result;
}

static int map_scim_id(struct record *record, int field, yyjson_val *resource, struct fault *fault)
{
	struct span id;

	if (!scim_id(resource, &id))
		return fault_set(fault, FAULT_DATA, "a %s without an id",
		                 record_words[record->kind].kind.data);
	record_set(record, field, id);
	return 0;
}

static void map_scim_times(struct record *record, yyjson_val *const *shown, int created,
                           int updated)
{
	record_set_time(record, created, path_member(shown, META, META_CREATED));
	record_set_time(record, updated, path_member(shown, META, META_LAST_MODIFIED));
}

static int map_scim_user(struct record *record, yyjson_val *resource, yyjson_val *included,
                         const struct provider *provider, struct fault *fault)
{
	yyjson_val *shown[ATTRIBUTES], *display_name, *formatted;

	(void)included;
	if (map_scim_id(record, USER_ID, resource, fault) < 0)
		return -1;
	json_find_all(resource, names, ATTRIBUTES, shown);
	display_name = shown[DISPLAY_NAME];
	formatted = path_member(shown, NAME, NAME_FORMATTED);
	record_set_from(record, USER_USER_NAME, shown[USER_NAME]);
	map_scim_email(record, shown[EMAILS]);
	record_set_from(record, USER_DISPLAY_NAME,
	                yyjson_is_str(formatted) && !yyjson_is_str(display_name) ? formatted
	                                                                         : display_name);
	record_set_from(record, USER_GIVEN_NAME, path_member(shown, NAME, NAME_GIVEN_NAME));
	record_set_from(record, USER_FAMILY_NAME, path_member(shown, NAME, NAME_FAMILY_NAME));
	map_scim_status(record, shown[ACTIVE]);
	record_set(record, USER_ACCOUNT_TYPE, span_of(provider ? provider->account_type : "unknown"));
	record_set_from(record, USER_EXTERNAL_ID, shown[EXTERNAL_ID]);
	if (map_scim_roles(record, shown[ROLES], fault) < 0)
		return -1;
	map_scim_times(record, shown, USER_CREATED_AT, USER_UPDATED_AT);
	return 0;
}

static int map_scim_group(struct record *record, yyjson_val *resource, struct fault *fault)
{
	yyjson_val *shown[ATTRIBUTES];

	if (map_scim_id(record, GROUP_ID, resource, fault) < 0)
		return -1;
	json_find_all(resource, names, ATTRIBUTES, shown);
	record_set_from(record, GROUP_NAME, shown[DISPLAY_NAME]);
	record_set_from(record, GROUP_EXTERNAL_ID, shown[EXTERNAL_ID]);
	map_scim_times(record, shown, GROUP_CREATED_AT, GROUP_UPDATED_AT);
	return 0;
}

/* By the path in $ref, then by `type`; servers write odd things into both. */
static enum member_kind map_scim_member_kind(yyjson_val *member)
{
	struct span text, before;

	if (json_member_text(member, "$ref", &text)) {
		scim_ref_part(text, &before);
		text = scim_ref_part(before, &before);
		if (span_is_nocase(text, span_of("Users")))
			return MEMBER_USER;
		if (span_is_nocase(text, span_of("Groups")))
			return MEMBER_GROUP;
	}
	if (json_member_text(member, "type", &text)) {
		if (span_is_nocase(text, span_of("User")))
			return MEMBER_USER;
		if (span_is_nocase(text, span_of("Group")))
			return MEMBER_GROUP;
	}
	return MEMBER_UNKNOWN;
}

static int map_scim_members(yyjson_val *resource, struct span group_id,
                            const struct membership_sink *sink, struct fault *fault)
{
	yyjson_val *members = json_member(resource, "members"), *member;
	struct items items = items_of(members);
	struct buf scratch = {0};
	int result = 1;

	if (!members || yyjson_is_null(members))
		return 0;
	while (result == 1 && (member = items_next(&items))) {
		struct span id;

		if (yyjson_is_null(member))
			continue;
		if (!scim_member_id(member, &id, &scratch))
			id = span_of(""); /* a member that can not be told: the sink makes it a gap */
		if (sink->put(sink->context, group_id, id, map_scim_member_kind(member), fault) < 0)
			result = -1;
	}
	buf_release(&scratch);
	return result;
}

static int map_scim_groups(yyjson_val *resource, struct span user_id,
                           const struct membership_sink *sink, struct fault *fault)
{
	yyjson_val *groups = json_member(resource, "groups"), *group;
	struct items items = items_of(groups);
	struct buf scratch = {0};
	int result = 0;

	while (result == 0 && (group = items_next(&items))) {
		struct span id, type = {"", 0};

		json_member_text(group, "type", &type);
		if (!span_is_nocase(type, span_of("indirect")) && scim_member_id(group, &id, &scratch))
			result = sink->put(sink->context, id, user_id, MEMBER_USER, fault);
	}
	buf_release(&scratch);
	return result;
}

const struct mapping map_scim = {"scim", map_scim_user, map_scim_group, map_scim_members,
                                 map_scim_groups};
