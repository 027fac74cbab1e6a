/* SPDX-License-Identifier: ISC */
/*
 * scim_user: one pass over a resource finds what it shows; the rest is judgement.
 */
#include "scim/scim_user.h"

#include "scim/scim_page.h"

/* What a resource shows, or what says nothing of a user, in the order of the names' length. */
enum attribute {
	ID,
	META,
	NAME,
	ROLES,
	TITLE,
	ACTIVE,
	EMAILS,
	GROUPS,
	MANAGER,
	SCHEMAS,
	PASSWORD,
	USER_NAME,
	USER_TYPE,
	DEPARTMENT,
	EXTERNAL_ID,
	DISPLAY_NAME,
	META_CREATED,
	ENTITLEMENTS,
	MANAGER_VALUE,
	NAME_FORMATTED,
	NAME_GIVEN_NAME,
	EMPLOYEE_NUMBER,
	NAME_FAMILY_NAME,
	MANAGER_ID,
	META_LAST_MODIFIED,
	MANAGER_NAME,
	ATTRIBUTES,
};

static const struct span attribute_names[ATTRIBUTES] = {
	[ID] = SPAN("id"),
	[META] = SPAN("meta"),
	[NAME] = SPAN("name"),
	[ROLES] = SPAN("roles"),
	[TITLE] = SPAN("title"),
	[ACTIVE] = SPAN("active"),
	[EMAILS] = SPAN("emails"),
	[GROUPS] = SPAN("groups"),
	[MANAGER] = SPAN("manager"),
	[SCHEMAS] = SPAN("schemas"),
	[PASSWORD] = SPAN("password"),
	[USER_NAME] = SPAN("userName"),
	[USER_TYPE] = SPAN("userType"),
	[DEPARTMENT] = SPAN("department"),
	[EXTERNAL_ID] = SPAN("externalId"),
	[DISPLAY_NAME] = SPAN("displayName"),
	[META_CREATED] = SPAN("meta.created"),
	[ENTITLEMENTS] = SPAN("entitlements"),
	[MANAGER_VALUE] = SPAN("manager.value"),
	[NAME_FORMATTED] = SPAN("name.formatted"),
	[NAME_GIVEN_NAME] = SPAN("name.givenName"),
	[EMPLOYEE_NUMBER] = SPAN("employeeNumber"),
	[NAME_FAMILY_NAME] = SPAN("name.familyName"),
	[MANAGER_ID] = SPAN("manager.managerId"),
	[META_LAST_MODIFIED] = SPAN("meta.lastModified"),
	[MANAGER_NAME] = SPAN("manager.displayName"),
};

/* Those of them that the enterprise extension has. */
static const enum attribute enterprise[] = {
	MANAGER, DEPARTMENT, MANAGER_VALUE, EMPLOYEE_NUMBER, MANAGER_ID, MANAGER_NAME,
};

enum { ENTERPRISES = sizeof enterprise / sizeof *enterprise };

/* Its names in SCIM 2 and in SCIM 1. */
static const struct span enterprise_urns[] = {
	SPAN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
	SPAN("urn:scim:schemas:extension:enterprise:1.0"),
};

enum { SHORTEST_URN = sizeof "urn:scim:schemas:extension:enterprise:1.0" - 1 };

/* Most services write names as the RFC does: then they are equal as they are. */
static inline bool is_alike(struct span a, struct span b)
{
	return span_is(a, b) || span_is_nocase(a, b);
}

bool scim_is_enterprise(struct span *name)
{
	for (size_t i = 0; i < sizeof enterprise_urns / sizeof *enterprise_urns; i++) {
		size_t len = enterprise_urns[i].len;

		if (name->len < len || !is_alike((struct span){name->data, len}, enterprise_urns[i]) ||
		    (name->len > len && name->data[len] != ':' && name->data[len] != '.'))
			continue;
		len += name->len > len;
		*name = (struct span){name->data + len, name->len - len};
		return true;
	}
	return false;
}

bool scim_reads_enterprise(struct span name)
{
	for (size_t i = 0; i < ENTERPRISES; i++)
		if (is_alike(name, attribute_names[enterprise[i]]))
			return true;
	return false;
}

/* The attributes of the extension, in its object or below its URN as one key, go before those
   that stand as if they were the resource's own. */
static void read_enterprise(yyjson_val *resource, yyjson_val **shown)
{
	yyjson_val *inside[ATTRIBUTES] = {NULL}, *joined[ATTRIBUTES] = {NULL}, *key, *value;
	yyjson_val *extension = NULL;
	size_t i, max;

	if (!yyjson_is_obj(resource))
		return;
	yyjson_obj_foreach(resource, i, max, key, value) {
		struct span name = json_key(key);

		if (name.len < SHORTEST_URN || !scim_is_enterprise(&name))
			continue;
		if (!name.len) {
			extension = extension ? extension : value;
			continue;
		}
		for (size_t n = 0; n < ENTERPRISES; n++)
			if (span_is_nocase(name, attribute_names[enterprise[n]]) && !joined[enterprise[n]])
				joined[enterprise[n]] = value;
	}
	if (extension)
		json_find_all(extension, attribute_names, ATTRIBUTES, inside);
	for (size_t n = 0; n < ENTERPRISES; n++) {
		enum attribute at = enterprise[n];

		if (inside[at] || joined[at])
			shown[at] = inside[at] ? inside[at] : joined[at];
	}
}

/* parent.child as an object path, else as one dotted key. */
static yyjson_val *path_member(yyjson_val *const *shown, enum attribute parent,
                               enum attribute dotted)
{
	size_t skip = attribute_names[parent].len + strlen(".");
	struct span child = {attribute_names[dotted].data + skip, attribute_names[dotted].len - skip};
	yyjson_val *found = json_find(shown[parent], child);

	return found ? found : shown[dotted];
}

void scim_user_read(struct scim_user *user, yyjson_val *resource)
{
	yyjson_val *shown[ATTRIBUTES], *formatted;
	uint64_t known = json_find_all(resource, attribute_names, ATTRIBUTES, shown);

	read_enterprise(resource, shown);
	formatted = path_member(shown, NAME, NAME_FORMATTED);
	*user = (struct scim_user){
		.known = known,
		.id = shown[ID],
		.user_name = shown[USER_NAME],
		.external_id = shown[EXTERNAL_ID],
		.display_name = shown[DISPLAY_NAME],
		.given_name = path_member(shown, NAME, NAME_GIVEN_NAME),
		.family_name = path_member(shown, NAME, NAME_FAMILY_NAME),
		.emails = shown[EMAILS],
		.groups = shown[GROUPS],
		.active = shown[ACTIVE],
		.roles = shown[ROLES],
		.entitlements = shown[ENTITLEMENTS],
		.title = shown[TITLE],
		.user_type = shown[USER_TYPE],
		.department = shown[DEPARTMENT],
		.employee_number = shown[EMPLOYEE_NUMBER],
		.manager = shown[MANAGER],
		.manager_id = shown[MANAGER_VALUE] ? shown[MANAGER_VALUE] : shown[MANAGER_ID],
		.manager_name = shown[MANAGER_NAME],
		.created = path_member(shown, META, META_CREATED),
		.last_modified = path_member(shown, META, META_LAST_MODIFIED),
	};
	if (yyjson_is_str(formatted) && !yyjson_is_str(user->display_name))
		user->display_name = formatted;
}

/* ---- multi-valued attributes ---- */

/* Is every key of an object a number, as those of an array with holes are in PHP? */
static bool is_numbered(yyjson_val *object)
{
	yyjson_val *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(object) || !yyjson_obj_size(object))
		return false;
	yyjson_obj_foreach(object, i, max, key, value) {
		struct span name = json_key(key);

		if (!name.len)
			return false;
		for (size_t at = 0; at < name.len; at++)
			if (name.data[at] < '0' || name.data[at] > '9')
				return false;
	}
	return true;
}

struct scim_items scim_items_of(yyjson_val *value)
{
	if (yyjson_is_arr(value))
		return (struct scim_items){yyjson_arr_get_first(value), yyjson_arr_size(value), false};
	if (is_numbered(value)) /* in an object a value stands behind its key */
		return (struct scim_items){unsafe_yyjson_get_first(value) + 1, yyjson_obj_size(value),
		                           true};
	return (struct scim_items){value, value && !yyjson_is_null(value), false};
}

yyjson_val *scim_items_next(struct scim_items *items)
{
	yyjson_val *item = items->next;

	if (!items->left)
		return NULL;
	if (--items->left)
		items->next = unsafe_yyjson_get_next(item) + items->in_object;
	return item;
}

bool scim_items_none(yyjson_val *value)
{
	struct scim_items items = scim_items_of(value);
	yyjson_val *item;

	while ((item = scim_items_next(&items)))
		if (!yyjson_is_null(item))
			return false;
	return value != NULL;
}

yyjson_val *scim_item_text(yyjson_val *item, struct span *text)
{
	yyjson_val *value = yyjson_is_obj(item) ? json_member(item, "value") : item;

	return json_text(value, text) && text->len > 0 ? value : NULL;
}

bool scim_item_name(yyjson_val *item, struct span *text)
{
	struct span before;

	if (scim_item_text(item, text) || (json_member_text(item, "display", text) && text->len) ||
	    (json_member_text(item, "type", text) && text->len))
		return true;
	if (!json_member_text(item, "$ref", text))
		return false;
	*text = scim_ref_part(*text, &before);
	return text->len;
}

/* ---- what it means ---- */

static enum scim_active truth_of(yyjson_val *value)
{
	struct span text;

	if (yyjson_is_bool(value))
		return yyjson_get_bool(value) ? SCIM_ACTIVE : SCIM_INACTIVE;
	if (!json_text(value, &text))
		return SCIM_ACTIVE_UNKNOWN;
	if (span_is_nocase(text, span_of("true")) || span_is(text, span_of("1")))
		return SCIM_ACTIVE;
	if (span_is_nocase(text, span_of("false")) || span_is(text, span_of("0")))
		return SCIM_INACTIVE;
	return SCIM_ACTIVE_UNKNOWN;
}

enum scim_active scim_user_active(const struct scim_user *user)
{
	return truth_of(user->active);
}

yyjson_val *scim_email_item(yyjson_val *emails)
{
	enum { NONE, FIRST, WORK, PRIMARY, WITH_ADDRESS };
	int best = NONE;
	struct scim_items items = scim_items_of(emails);
	yyjson_val *item, *found = NULL;

	while (best != PRIMARY + WITH_ADDRESS && (item = scim_items_next(&items))) {
		struct span text, type = SPAN_EMPTY;
		int rank = FIRST;

		json_member_text(item, "type", &type);
		if (truth_of(json_member(item, "primary")) == SCIM_ACTIVE)
			rank = PRIMARY;
		else if (span_is_nocase(type, span_of("work")))
			rank = WORK;
		if (scim_item_text(item, &text))
			rank += WITH_ADDRESS;
		if (rank > best) {
			best = rank;
			found = item;
		}
	}
	return found;
}

yyjson_val *scim_manager_item(yyjson_val *manager, struct span *id)
{
	struct scim_items items = scim_items_of(manager);
	yyjson_val *item, *first = NULL;
	struct span before;

	while ((item = scim_items_next(&items))) {
		if (scim_item_text(item, id) || (json_member_text(item, "managerId", id) && id->len))
			return item;
		if (json_member_text(item, "$ref", id)) {
			*id = scim_ref_part(*id, &before);
			if (id->len)
				return item;
		}
		first = first ? first : item;
	}
	*id = (struct span){NULL, 0};
	return first;
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

yyjson_val *scim_user_email(const struct scim_user *user)
{
	struct span text;
	yyjson_val *email = scim_item_text(scim_email_item(user->emails), &text);

	if (email)
		return email;
	return json_text(user->user_name, &text) && is_address(text) ? user->user_name : NULL;
}
