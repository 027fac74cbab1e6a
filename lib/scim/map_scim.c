/* SPDX-License-Identifier: ISC */
/*
 * map_scim: User and Group resources (RFC 7643 sections 4.1 and 4.2) as scim_user
 * reads them.
 */
#include "scim/map_scim.h"

#include "scim/scim_page.h"
#include "scim/scim_user.h"

#include <stdlib.h>

static void map_scim_email(struct record *record, const struct scim_user *user)
{
	yyjson_val *email = scim_user_email(user);

	if (email)
		record_set_from(record, USER_EMAIL, email);
	else if (scim_items_none(user->emails)) /* what is not understood is not none */
		record->values[USER_EMAIL] = (struct value){.type = VALUE_NULL};
}

static void map_scim_status(struct record *record, const struct scim_user *user)
{
	static const char *const words[] = {
		[SCIM_ACTIVE_UNKNOWN] = "unknown",
		[SCIM_ACTIVE] = "enabled",
		[SCIM_INACTIVE] = "disabled",
	};
	enum scim_active active = scim_user_active(user);

	record_set(record, USER_STATUS, span_of(words[active]));
	if (active == SCIM_ACTIVE_UNKNOWN && !yyjson_is_null(user->active))
		record_set_from(record, USER_PROVIDER_STATUS, user->active); /* the word we do not know */
}

enum { FEW_ITEMS = 4 }; /* need no memory of their own */

/* The items of a list that is there. Those of which none can be read are not known: that is
   not []. */
static int map_scim_items(struct record *record, int field, int details, yyjson_val *list,
                          struct fault *fault)
{
	struct scim_items items = scim_items_of(list);
	struct record_item few_shown[FEW_ITEMS], *shown = few_shown;
	struct span few_texts[FEW_ITEMS], *texts = few_texts;
	yyjson_val *item;
	size_t count = 0;
	int result = 0;

	if (items.left > FEW_ITEMS) {
		shown = calloc(items.left, sizeof *shown + sizeof *texts);
		if (!shown)
			return fault_memory(fault);
		texts = (struct span *)(void *)(shown + items.left);
	}
	while ((item = scim_items_next(&items))) {
		struct record_item *as = &shown[count];

		if (!scim_item_name(item, &as->value))
			continue;
		texts[count++] = as->value;
		as->type.data = as->display.data = NULL;
		if (yyjson_obj_size(item) < 2)
			continue;
		if (!json_member_text(item, "type", &as->type) || !as->type.len)
			as->type.data = NULL;
		if (!json_member_text(item, "display", &as->display) || !as->display.len)
			as->display.data = NULL;
	}
	if (count || scim_items_none(list))
		result = record_set_list(record, field, texts, count, fault);
	if (result == 0)
		result = record_set_details(record, details, shown, count, fault);
	if (shown != few_shown)
		free(shown);
	return result;
}

/* A list of texts, and the types and displays of its items. */
static int map_scim_list(struct record *record, int field, int details, yyjson_val *list,
                         struct fault *fault)
{
	if (list && !yyjson_is_null(list))
		return map_scim_items(record, field, details, list, fault);
	record_set_from(record, field, list);
	return 0;
}

/* A text, also where it is written as an item with a value or a display, or as a list. */
static void map_scim_text(struct record *record, int field, yyjson_val *value)
{
	struct scim_items items;
	struct span text;
	yyjson_val *item;

	if (!value || yyjson_is_str(value)) {
		record_set_from(record, field, value);
		return;
	}
	items = scim_items_of(value);
	if (scim_items_none(value)) {
		record->values[field] = (struct value){.type = VALUE_NULL};
		return;
	}
	while ((item = scim_items_next(&items)) && record->values[field].type == VALUE_ABSENT) {
		if (json_text(item, &text))
			record_set_from(record, field, item);
		else if (scim_item_text(item, &text))
			record_set(record, field, text);
		else if ((json_member_text(item, "displayName", &text) ||
		          json_member_text(item, "display", &text)) &&
		         text.len)
			record_set(record, field, text);
	}
}

static void map_scim_manager(struct record *record, const struct scim_user *user)
{
	struct span id;
	yyjson_val *item = scim_manager_item(user->manager, &id), *name;

	name = json_member(item, "displayName");
	if (!name)
		name = json_member(item, "display");
	record_set_from(record, USER_MANAGER_NAME, name ? name : user->manager_name);
	if (id.data)
		record_set(record, USER_MANAGER, id);
	else if (user->manager && scim_items_none(user->manager))
		record->values[USER_MANAGER] = (struct value){.type = VALUE_NULL};
	else if (item) /* "" or null: there is none, as far as it says so */
		record_set_from(record, USER_MANAGER,
		                yyjson_is_obj(item) ? json_member(item, "value") : item);
	if (record->values[USER_MANAGER].type == VALUE_ABSENT)
		record_set_from(record, USER_MANAGER, user->manager_id);
}

static int map_scim_id(struct record *record, int field, yyjson_val *value, struct fault *fault)
{
	struct span id;

	if (!json_text(value, &id) || !id.len)
		return fault_set(fault, FAULT_DATA, "a %s without an id",
		                 record_words[record->kind].kind.data);
	record_set(record, field, id);
	return 0;
}

/* What the provider's row says of all users. */
static void map_scim_row(struct record *record, const struct provider *provider)
{
	if (provider->times_mean_nothing) {
		record->values[USER_CREATED_AT] = (struct value){0};
		record->values[USER_UPDATED_AT] = (struct value){0};
	}
	if (provider->roles_are_titles) {
		record->values[USER_ROLES] = (struct value){0};
		record->values[USER_ROLE_DETAILS] = (struct value){0};
	}
	for (int i = 0; provider->no_name && i < 3; i++) {
		static const int names[] = {USER_DISPLAY_NAME, USER_GIVEN_NAME, USER_FAMILY_NAME};

		if (span_is(record_text(record, names[i]), span_of(provider->no_name)))
			record->values[names[i]] = (struct value){0};
	}
}

/* A service account of a list of its own: it signs in by the id of its application. */
static void map_scim_service(struct record *record, yyjson_val *resource)
{
	record_set(record, USER_ACCOUNT_TYPE, span_of("service"));
	if (!scim_shows(resource, "userName"))
		record_set_from(record, USER_USER_NAME, json_member(resource, "applicationId"));
}

_Static_assert(sizeof(struct scim_user) <= MAPPING_MEMO, "there is room for what is known");

static int map_scim_user(struct record *record, yyjson_val *resource, yyjson_val *included,
                         const struct provider *provider, void *memo, struct fault *fault)
{
	struct scim_user *user = memo;

	if (!user->known) /* which members it has is the same in each resource of this tree */
		scim_user_read(user, resource);
	if (map_scim_id(record, USER_ID, user->id, fault) < 0)
		return -1;
	record->taken = user->known;
	record_set_from(record, USER_USER_NAME, user->user_name);
	map_scim_email(record, user);
	record_set_from(record, USER_DISPLAY_NAME, user->display_name);
	record_set_from(record, USER_GIVEN_NAME, user->given_name);
	record_set_from(record, USER_FAMILY_NAME, user->family_name);
	map_scim_status(record, user);
	record_set(record, USER_ACCOUNT_TYPE, span_of(provider ? provider->account_type : "unknown"));
	record_set_from(record, USER_EXTERNAL_ID, user->external_id);
	map_scim_text(record, USER_TITLE, user->title);
	map_scim_text(record, USER_USER_TYPE, user->user_type);
	map_scim_text(record, USER_DEPARTMENT, user->department);
	map_scim_manager(record, user);
	map_scim_text(record, USER_EMPLOYEE_NUMBER, user->employee_number);
	if (map_scim_list(record, USER_ROLES, USER_ROLE_DETAILS, user->roles, fault) < 0 ||
	    map_scim_list(record, USER_ENTITLEMENTS, USER_ENTITLEMENT_DETAILS, user->entitlements,
	                  fault) < 0)
		return -1;
	record_set_time(record, USER_CREATED_AT, user->created);
	record_set_time(record, USER_UPDATED_AT, user->last_modified);
	if (provider)
		map_scim_row(record, provider);
	if (scim_shows(included, "list"))
		map_scim_service(record, resource);
	return 0;
}

static int map_scim_group(struct record *record, yyjson_val *resource,
                          const struct provider *provider, struct fault *fault)
{
	struct scim_user shown;

	scim_user_read(&shown, resource);
	if (map_scim_id(record, GROUP_ID, shown.id, fault) < 0)
		return -1;
	record_set_from(record, GROUP_NAME, json_member(resource, "displayName"));
	record_set_from(record, GROUP_EXTERNAL_ID, shown.external_id);
	if (!provider || !provider->times_mean_nothing) {
		record_set_time(record, GROUP_CREATED_AT, shown.created);
		record_set_time(record, GROUP_UPDATED_AT, shown.last_modified);
	}
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
		if (span_is_nocase(text, span_of("ServicePrincipals")))
			return MEMBER_USER; /* an account, and one of the records of users */
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
	struct scim_items items = scim_items_of(members);
	struct buf scratch = {0};
	int result = 1;

	if (!members || yyjson_is_null(members))
		return 0;
	while (result == 1 && (member = scim_items_next(&items))) {
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

static int map_scim_groups(yyjson_val *resource, struct span user_id, const void *memo,
                           const struct membership_sink *sink, struct fault *fault)
{
	const struct scim_user *user = memo;
	yyjson_val *groups = user->groups, *group;
	struct scim_items items = scim_items_of(groups);
	struct buf scratch = {0};
	int result = groups && !yyjson_is_null(groups);

	(void)resource;
	while (result >= 0 && (group = scim_items_next(&items))) {
		struct span id, type = SPAN_EMPTY;

		json_member_text(group, "type", &type);
		if (!span_is_nocase(type, span_of("indirect")) && scim_member_id(group, &id, &scratch) &&
		    sink->put(sink->context, id, user_id, MEMBER_USER, fault) < 0)
			result = -1;
	}
	buf_release(&scratch);
	return result;
}

/* Eight bytes, four or two, whatever a name of `len` bytes has at least, in small letters: what
   is no letter stays apart from letters, as far as names go. */
static inline __attribute__((always_inline)) uint64_t name_part(const char *at, size_t len)
{
	uint64_t eight;
	uint32_t four;
	uint16_t two;

	if (len >= sizeof eight) {
		memcpy(&eight, at, sizeof eight);
		return eight | 0x2020202020202020U;
	}
	if (len >= sizeof four) {
		memcpy(&four, at, sizeof four);
		return four | 0x20202020U;
	}
	memcpy(&two, at, sizeof two);
	return two | 0x2020U;
}

/* Of a name of the same length, 2 or 4 to 16 bytes: its first and its last part. All of it is
   a few comparisons with constants. */
static inline __attribute__((always_inline)) bool is_name(struct span name, const char *lower)
{
	const size_t len = strlen(lower), last = len < 4 ? 0 : len < 8 ? len - 4 : len - 8;

	return name_part(name.data, len) == name_part(lower, len) &&
	       name_part(name.data + last, len) == name_part(lower + last, len);
}

/* Is it one of the attributes that are mapped, or that say nothing about a record? */
static inline __attribute__((always_inline)) bool map_scim_takes(bool user, struct span name)
{
	switch (name.len) {
	case 2: return is_name(name, "id");
	case 4: return is_name(name, "meta") || (user && is_name(name, "name"));
	case 5: return user && (is_name(name, "roles") || is_name(name, "title"));
	case 6:
		return user &&
		       (is_name(name, "active") || is_name(name, "emails") || is_name(name, "groups"));
	case 7:
		return is_name(name, "schemas") || (user && is_name(name, "manager")) ||
		       (!user && is_name(name, "members"));
	case 8:
		return user && (is_name(name, "username") || is_name(name, "usertype") ||
		                is_name(name, "password"));
	case 10: return is_name(name, "externalid") || (user && is_name(name, "department"));
	case 11: return is_name(name, "displayname");
	case 12: return user && is_name(name, "entitlements");
	case 14: return user && is_name(name, "employeenumber");
	default: return false;
	}
}

/* "meta.created", "name.givenName" and "manager.value": some services write dotted keys. */
static bool map_scim_takes_dotted(bool user, struct span name)
{
	const char *dot = name.len > 4 ? memchr(name.data + 4, '.', name.len - 4) : NULL;
	struct span parent = {name.data, dot ? (size_t)(dot - name.data) : 0};

	return (parent.len == 4 && (is_name(parent, "meta") || (user && is_name(parent, "name")))) ||
	       (user && parent.len == 7 && is_name(parent, "manager"));
}

static bool is_urn(struct span name)
{
	return name.len > 4 && span_is_nocase((struct span){name.data, 4}, span_of("urn:"));
}

/* The attributes of an extension, an object below its URN (RFC 7643 section 3.3). */
static int map_scim_unmapped_inside(bool enterprise, struct span urn, yyjson_val *extension,
                                    const struct attribute_sink *sink, struct fault *fault)
{
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(extension, i, max, key, value)
		if (!scim_items_none(value) && !(enterprise && scim_reads_enterprise(json_key(key))) &&
		    sink->put(sink->context, urn, json_key(key), fault) < 0)
			return -1;
	return 0;
}

static int map_scim_unmapped(const struct record *record, yyjson_val *resource,
                             yyjson_val *included, const struct attribute_sink *sink,
                             struct fault *fault)
{
	yyjson_val *key, *value;
	size_t i, max;
	bool user = record->kind == RECORD_USER;

	(void)included;
	yyjson_obj_foreach(resource, i, max, key, value) {
		struct span name = json_key(key), inner = name;
		bool enterprise;
		int result;

		if ((i < 64 && record->taken >> i & 1) || map_scim_takes(user, name) ||
		    map_scim_takes_dotted(user, name) || (!yyjson_is_str(value) && scim_items_none(value)))
			continue;
		enterprise = user && is_urn(name) && scim_is_enterprise(&inner);
		if (enterprise && inner.len && scim_reads_enterprise(inner))
			continue;
		result = is_urn(name) && yyjson_is_obj(value)
		             ? map_scim_unmapped_inside(enterprise && !inner.len, name, value, sink, fault)
		             : sink->put(sink->context, (struct span)SPAN_EMPTY, name, fault);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* A member of the name, in any case, or of a member whose name the path begins with. */
static yyjson_val *map_scim_find(yyjson_val *object, struct span path)
{
	yyjson_val *found = json_find(object, path), *key, *value;
	size_t i, max;

	if (found || !yyjson_is_obj(object))
		return found;
	yyjson_obj_foreach(object, i, max, key, value) {
		size_t len = yyjson_get_len(key);

		if (len && len < path.len && (path.data[len] == ':' || path.data[len] == '.') &&
		    span_is_nocase(json_key(key), (struct span){path.data, len})) {
			struct span rest = {path.data + len + 1, path.len - len - 1};

			found = map_scim_find(value, rest);
			if (found)
				return found;
		}
	}
	return NULL;
}

static yyjson_val *map_scim_attribute(yyjson_val *resource, yyjson_val *included, struct span path)
{
	(void)included;
	return map_scim_find(resource, path);
}

const struct mapping map_scim = {
	.schema = "scim",
	.unmapped_by_shape = true,
	.user = map_scim_user,
	.group = map_scim_group,
	.members = map_scim_members,
	.groups = map_scim_groups,
	.unmapped = map_scim_unmapped,
	.attribute = map_scim_attribute,
};
