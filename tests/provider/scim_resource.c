/* SPDX-License-Identifier: ISC */
/*
 * scim_resource: one user or group, as RudderStack, Stripe or a plain service
 * shows it (RFC 7643 section 4), and the odd shapes that real servers use.
 *
 * What the three have in common is code, what they differ in is the table of
 * profiles. Locations name a public host and not this listener: they look
 * like a server behind a proxy, stay the same from run to run, and a reader
 * that follows them is caught. A raw resource is answered as it is; only
 * `members` is left out where that is asked for.
 */
#include "scim.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CORE       "urn:ietf:params:scim:schemas:core:2.0:"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

static const struct profile {
	const char *base;
	const char *id_prefix[KINDS];
	bool name_and_more; /* name, externalId, groups, roles */
	bool emails;
	bool home_email; /* every third user has a second address */
	bool full_meta;  /* created, lastModified, location */
	bool listed_members;
	bool member_type;
	bool member_ref;
} profiles[SERVICES] = {
	[RUDDERSTACK] =
		{
			.base = "https://api.rudderstack.com/scim/v2",
			.id_prefix = {"rs_", "grp_"},
			.emails = true,
			.listed_members = true,
			.member_type = true,
		},
	[STRIPE] =
		{
			.base = "https://access.stripe.com/scim/v2",
			.id_prefix = {"usr_scim_", "grp_"},
			.full_meta = true,
		},
	[SCIM] =
		{
			.base = "https://scim.example.com/scim/v2",
			.id_prefix = {"", "", ""},
			.name_and_more = true,
			.emails = true,
			.home_email = true,
			.full_meta = true,
			.listed_members = true,
			.member_type = true,
			.member_ref = true,
		},
};

static const char odd_suffix[] = "&@/% \303\251";

static const struct profile *profile_of(const struct call *call)
{
	return &profiles[call->service];
}

/* The id as the service shows it. `record` is NULL for a dangling member. */
static char *shown_id(const struct call *call, const struct record *record, const char *id)
{
	if (record && record->raw)
		return text_copy(id);
	return text_format("%s%s%s", profile_of(call)->id_prefix[record ? record->kind : USER], id,
	                   on(call, ODD_IDS) ? odd_suffix : "");
}

static struct record *find_dressed(const struct call *call, enum kind kind, const char *shown)
{
	const char *prefix = profile_of(call)->id_prefix[kind];
	const char *suffix = on(call, ODD_IDS) ? odd_suffix : "";
	size_t length = strlen(shown), around = strlen(prefix) + strlen(suffix);
	struct record *record;
	char *id;

	if (length < around || !text_starts(shown, prefix) ||
	    strcmp(shown + length - strlen(suffix), suffix) != 0)
		return NULL;
	id = text_format("%.*s", (int)(length - around), shown + strlen(prefix));
	record = directory_find(call->directory, kind, id);
	free(id);
	return record && !record->raw ? record : NULL;
}

struct record *scim_find(const struct call *call, enum kind kind, const char *shown)
{
	struct record *record, *raw;
	long serial;

	if (on(call, NUMERIC_IDS)) {
		record = text_number(shown, &serial) ? directory_find_serial(call->directory, kind, serial)
		                                     : NULL;
	} else {
		record = find_dressed(call, kind, shown);
		raw = record ? NULL : directory_find(call->directory, kind, shown);
		if (raw && raw->raw)
			record = raw;
	}
	return record && directory_shows(call->directory, call->service, record) ? record : NULL;
}

static void put_owned(const struct call *call, yyjson_mut_val *object, const char *key, char *text)
{
	yyjson_mut_obj_add_strcpy(call->doc, object, key, text);
	free(text);
}

/* An attribute that may have no value. */
static void put_text(const struct call *call, yyjson_mut_val *object, const char *key,
                     const char *text)
{
	if (text)
		yyjson_mut_obj_add_str(call->doc, object, key, text);
	else if (on(call, NULL_ATTRIBUTES))
		yyjson_mut_obj_add_null(call->doc, object, key);
}

static void put_id(const struct call *call, yyjson_mut_val *object, const char *key,
                   const struct record *record, const char *id)
{
	if (on(call, NUMERIC_IDS) && record && !record->raw)
		yyjson_mut_obj_add_uint(call->doc, object, key, record->serial);
	else
		put_owned(call, object, key, shown_id(call, record, id));
}

static char *location(const struct call *call, const struct record *record)
{
	char *id = on(call, NUMERIC_IDS) ? text_format("%lu", record->serial)
	                                 : shown_id(call, record, record->id);
	char *encoded = text_percent_encode(id);
	const char *list = record->kind == USER ? "Users" : "Groups";
	char *url = on(call, ODD_LOCATION)
	                ? text_format("../%s/%s/%s", list, encoded, encoded)
	                : text_format("%s/%s/%s", profile_of(call)->base, list, encoded);

	free(id);
	free(encoded);
	return url;
}

char *scim_version(const struct record *record)
{
	return text_format("W/\"%lu.%lu\"", record->serial, record->revision);
}

static void put_meta(const struct call *call, yyjson_mut_val *resource, const struct record *record)
{
	yyjson_mut_val *meta = yyjson_mut_obj_add_obj(call->doc, resource, "meta");

	yyjson_mut_obj_add_str(call->doc, meta, "resourceType",
	                       record->kind == USER ? "User" : "Group");
	if (on(call, ETAG))
		put_owned(call, meta, "version", scim_version(record));
	if (!profile_of(call)->full_meta)
		return;
	put_owned(call, meta, "created", record_time(record, CREATED));
	if (on(call, META_CHANGES))
		put_owned(call, meta, "lastModified",
		          text_format("2026-01-01T00:00:%02lu.%luZ", call->number % 60, call->number));
	else
		put_owned(call, meta, "lastModified", record_time(record, CHANGED));
	put_owned(call, meta, "location", location(call, record));
}

static void put_name(const struct call *call, yyjson_mut_val *resource, const struct record *user)
{
	bool dotted = on(call, DOTTED_NAMES);
	yyjson_mut_val *name = resource;

	if (!user->given_name || !user->family_name)
		return;
	if (!dotted)
		name = yyjson_mut_obj_add_obj(call->doc, resource, "name");
	put_owned(call, name, dotted ? "name.formatted" : "formatted",
	          text_format("%s %s", user->given_name, user->family_name));
	put_text(call, name, dotted ? "name.givenName" : "givenName", user->given_name);
	put_text(call, name, dotted ? "name.familyName" : "familyName", user->family_name);
}

static void put_active(const struct call *call, yyjson_mut_val *resource, bool active)
{
	if (is_set_to(call, ACTIVE_AS, "string"))
		yyjson_mut_obj_add_str(call->doc, resource, "active", active ? "True" : "False");
	else if (is_set_to(call, ACTIVE_AS, "number"))
		yyjson_mut_obj_add_int(call->doc, resource, "active", active);
	else if (is_set_to(call, ACTIVE_AS, "null"))
		yyjson_mut_obj_add_null(call->doc, resource, "active");
	else if (!is_set_to(call, ACTIVE_AS, "absent"))
		yyjson_mut_obj_add_bool(call->doc, resource, "active", active);
}

static yyjson_mut_val *email(const struct call *call, const char *address, const char *type,
                             bool primary)
{
	yyjson_mut_val *object = yyjson_mut_obj(call->doc);

	yyjson_mut_obj_add_strcpy(call->doc, object, "value", address);
	yyjson_mut_obj_add_str(call->doc, object, "type", type);
	if (primary)
		yyjson_mut_obj_add_bool(call->doc, object, "primary", true);
	return object;
}

static void put_emails(const struct call *call, yyjson_mut_val *resource, const struct record *user)
{
	bool two = is_set_to(call, EMAILS_AS, "two-primaries"),
		 mixed = is_set_to(call, EMAILS_AS, "mixed");
	bool primary = !is_set_to(call, EMAILS_AS, "no-primary");
	char *home = text_format("home.%s", user->email ? user->email : "");
	yyjson_mut_val *list = yyjson_mut_arr(call->doc);

	if (is_set_to(call, EMAILS_AS, "null")) {
		yyjson_mut_obj_add_null(call->doc, resource, "emails");
	} else if (!user->email || is_set_to(call, EMAILS_AS, "absent")) {
		put_text(call, resource, "emails", NULL);
	} else if (is_set_to(call, EMAILS_AS, "object")) {
		yyjson_mut_obj_add_val(call->doc, resource, "emails",
		                       email(call, user->email, "work", true));
	} else {
		yyjson_mut_obj_add_val(call->doc, resource, "emails", list);
		if (mixed || (profile_of(call)->home_email && user->serial % 3 == 0) || !primary)
			yyjson_mut_arr_append(list, email(call, home, "home", two));
		if (mixed || is_set_to(call, EMAILS_AS, "strings"))
			yyjson_mut_arr_add_str(call->doc, list, user->email);
		else
			yyjson_mut_arr_append(list, email(call, user->email, "work", primary));
		if (two)
			yyjson_mut_arr_append(list, email(call, home, "other", true));
	}
	free(home);
}

static void put_groups(const struct call *call, yyjson_mut_val *resource, const struct record *user)
{
	const struct membership *membership;
	size_t count = directory_groups_of(call->directory, user->id, &membership);
	yyjson_mut_val *list;

	if (is_set_to(call, USER_GROUPS_AS, "absent"))
		return;
	list = yyjson_mut_obj_add_arr(call->doc, resource, "groups");
	for (; count--; membership++) {
		yyjson_mut_val *object;

		if (!directory_shows(call->directory, call->service, membership->group))
			continue;
		object = yyjson_mut_arr_add_obj(call->doc, list);
		if (!is_set_to(call, USER_GROUPS_AS, "display"))
			put_id(call, object, "value", membership->group, membership->group->id);
		put_text(call, object, "display", membership->group->name);
		put_text(call, object, "type", "direct");
	}
}

static void put_roles(const struct call *call, yyjson_mut_val *resource, const struct record *user)
{
	yyjson_mut_val *list, *role;

	if (!user->role) {
		put_text(call, resource, "roles", NULL);
		return;
	}
	list = yyjson_mut_obj_add_arr(call->doc, resource, "roles");
	role = yyjson_mut_arr_add_obj(call->doc, list);
	put_text(call, role, "value", user->role);
}

/* The copy of a raw resource, without `members` where they are not wanted. */
static yyjson_mut_val *raw_copy(const struct call *call, const struct record *record,
                                bool without_members)
{
	yyjson_mut_val *root = yyjson_mut_doc_get_root(record->raw);
	yyjson_mut_val *copy = yyjson_mut_val_mut_copy(call->doc, root);

	if (without_members)
		yyjson_mut_obj_remove_key(copy, "members");
	return copy;
}

static yyjson_mut_val *begin(const struct call *call, const struct record *record,
                             const char *schema)
{
	yyjson_mut_val *resource = yyjson_mut_obj(call->doc);
	yyjson_mut_val *schemas = yyjson_mut_obj_add_arr(call->doc, resource, "schemas");

	yyjson_mut_arr_add_str(call->doc, schemas, schema);
	if (record->kind == USER && on(call, EXTENSION_ONLY_IN_SCHEMAS))
		yyjson_mut_arr_add_str(call->doc, schemas, ENTERPRISE);
	if (!on(call, NO_IDS))
		put_id(call, resource, "id", record, record->id);
	return resource;
}

static void capitalize(const struct call *call, yyjson_mut_val *value)
{
	size_t i, count;
	yyjson_mut_val *key, *member;

	if (yyjson_mut_is_arr(value)) {
		yyjson_mut_arr_foreach(value, i, count, member) capitalize(call, member);
	} else if (yyjson_mut_is_obj(value)) {
		yyjson_mut_obj_foreach(value, i, count, key, member)
		{
			char *name = text_copy(yyjson_mut_get_str(key));
			yyjson_mut_val *copy;

			name[0] = (char)toupper((unsigned char)name[0]);
			copy = yyjson_mut_strcpy(call->doc, name);
			yyjson_mut_set_str(key, yyjson_mut_get_str(copy));
			free(name);
			capitalize(call, member);
		}
	}
}

static yyjson_mut_val *finish(const struct call *call, yyjson_mut_val *resource)
{
	if (on(call, CAPITAL_NAMES))
		capitalize(call, resource);
	return resource;
}

yyjson_mut_val *scim_user(const struct call *call, const struct record *user)
{
	const struct profile *profile = profile_of(call);
	yyjson_mut_val *resource;

	if (user->raw)
		return finish(call, raw_copy(call, user, false));
	resource = begin(call, user, CORE "User");
	if (profile->name_and_more)
		put_text(call, resource, "externalId", user->external_id);
	put_text(call, resource, "userName", user->name);
	if (profile->name_and_more)
		put_name(call, resource, user);
	put_text(call, resource, "displayName", user->display_name);
	put_active(call, resource, user->active);
	if (profile->emails)
		put_emails(call, resource, user);
	if (profile->name_and_more) {
		put_groups(call, resource, user);
		put_roles(call, resource, user);
	}
	put_meta(call, resource, user);
	return finish(call, resource);
}

yyjson_mut_val *scim_service(const struct call *call, const struct record *account)
{
	yyjson_mut_val *resource = begin(call, account, CORE "ServicePrincipal");

	put_owned(call, resource, "applicationId", text_format("app-%s", account->id));
	put_text(call, resource, "displayName", account->name);
	put_active(call, resource, account->active);
	return resource;
}

static const char *display_of(const struct call *call, const struct record *member)
{
	return call->service != STRIPE && member->display_name ? member->display_name : member->name;
}

/* `member` is NULL where nobody has that id. */
static void put_member(const struct call *call, yyjson_mut_val *list, const struct record *member,
                       const char *id)
{
	const struct profile *profile = profile_of(call);
	bool ref_only = on(call, MEMBERS_REF_ONLY), display_only = on(call, MEMBERS_DISPLAY_ONLY);
	bool typed = profile->member_type && !on(call, MEMBERS_NO_TYPE);
	yyjson_mut_val *object;

	if (on(call, MEMBERS_AS_STRINGS)) {
		char *shown = shown_id(call, member, id);

		yyjson_mut_arr_add_strcpy(call->doc, list, shown);
		free(shown);
		return;
	}
	object = yyjson_mut_arr_add_obj(call->doc, list);
	if (!ref_only && !display_only)
		put_id(call, object, "value", member, id);
	if (member && (ref_only || (profile->member_ref && typed && !display_only)))
		put_owned(call, object, "$ref", location(call, member));
	if (member && !ref_only)
		put_text(call, object, "display", display_of(call, member));
	if (on(call, MEMBERS_ODD_TYPE))
		put_text(call, object, "type", "direct");
	else if (member && typed && !ref_only && !display_only)
		put_text(call, object, "type", member->kind == USER ? "User" : "Group");
}

static yyjson_mut_val *members_of(const struct call *call, const struct record *group,
                                  enum members members)
{
	yyjson_mut_val *list = yyjson_mut_arr(call->doc);
	size_t most = (size_t)number_or(call, MEMBERS_CUT, (long)group->member_count);

	if (on(call, MEMBERS_EMPTY_ALWAYS) ||
	    (members == MEMBERS_IN_LIST && on(call, MEMBERS_EMPTY_LISTED)))
		return list;
	for (size_t i = 0; i < group->member_count && yyjson_mut_arr_size(list) < most; i++) {
		struct record *member = directory_find_member(call->directory, group->members[i]);

		if (!member || directory_shows(call->directory, call->service, member))
			put_member(call, list, member, group->members[i]);
	}
	if (on(call, MEMBERS_DANGLE))
		put_member(call, list, NULL, "nobody");
	if (on(call, MEMBERS_LOOP))
		put_member(call, list, group, group->id);
	return list;
}

yyjson_mut_val *scim_group(const struct call *call, const struct record *group,
                           enum members members)
{
	bool listed = members == MEMBERS_IN_LIST;
	bool none = members == MEMBERS_EXCLUDED || on(call, MEMBERS_NEVER) ||
	            (listed && on(call, MEMBERS_ABSENT)) ||
	            (!group->member_count && on(call, MEMBERS_ABSENT_WHERE_NONE));
	bool null = listed && on(call, MEMBERS_NULL);
	yyjson_mut_val *resource;

	if (group->raw) {
		resource = raw_copy(call, group, none || null || on(call, MEMBERS_EMPTY_ALWAYS));
		if (null && !none)
			yyjson_mut_obj_add_null(call->doc, resource, "members");
		else if (!none && on(call, MEMBERS_EMPTY_ALWAYS))
			yyjson_mut_obj_add_arr(call->doc, resource, "members");
		return finish(call, resource);
	}
	resource = begin(call, group, CORE "Group");
	put_text(call, resource, "displayName", group->name);
	if (profile_of(call)->name_and_more)
		put_text(call, resource, "externalId", group->external_id);
	if (null && !none)
		yyjson_mut_obj_add_null(call->doc, resource, "members");
	else if (!none && (!listed || profile_of(call)->listed_members))
		yyjson_mut_obj_add_val(call->doc, resource, "members", members_of(call, group, members));
	if (profile_of(call)->full_meta)
		put_meta(call, resource, group);
	return finish(call, resource);
}
