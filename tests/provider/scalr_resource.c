/* SPDX-License-Identifier: ISC */
/*
 * scalr_resource: users, account-users, service accounts and teams as
 * JSON:API resources.
 *
 * The linkage of a relationship is there without `include`; what stands
 * behind it is only collected here and written by scalr.c. Teams hold users
 * only: nested groups and members that nobody knows are not shown.
 */
#include "scalr.h"

#include <stdlib.h>

#define IDP_ID "idp-acme1"

const char *const scalr_id_prefix[KINDS] = {"user-", "team-", "sa-"};
static const char *const type_names[KINDS] = {"users", "teams", "service-accounts"};

static void include(struct included *included, const struct record *record, bool wanted)
{
	if (!wanted)
		return;
	for (size_t i = 0; i < included->count; i++)
		if (included->at[i] == record)
			return;
	included->at = room_for(included->at, included->count + 1, sizeof(*included->at));
	included->at[included->count++] = record;
}

static void put_text(struct call *call, yyjson_mut_val *object, const char *key, const char *text)
{
	if (text)
		yyjson_mut_obj_add_strcpy(call->doc, object, key, text);
	else
		yyjson_mut_obj_add_null(call->doc, object, key);
}

static void put_owned(struct call *call, yyjson_mut_val *object, const char *key, char *text)
{
	put_text(call, object, key, text);
	free(text);
}

static char *shown_id(const struct record *record)
{
	return text_format("%s%s", scalr_id_prefix[record->kind], record->id);
}

static void put_link(struct call *call, yyjson_mut_val *object, const struct record *record)
{
	put_owned(call, object, "id", shown_id(record));
	yyjson_mut_obj_add_str(call->doc, object, "type", type_names[record->kind]);
}

static void put_fixed_link(struct call *call, yyjson_mut_val *object, const char *id,
                           const char *type)
{
	yyjson_mut_obj_add_str(call->doc, object, "id", id);
	yyjson_mut_obj_add_str(call->doc, object, "type", type);
}

/* A relationship to one; returns its empty linkage. */
static yyjson_mut_val *to_one(struct call *call, yyjson_mut_val *relationships, const char *name)
{
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(call->doc, relationships, name);

	return yyjson_mut_obj_add_obj(call->doc, object, "data");
}

/* A relationship to many; returns its linkage, which is in the document only
   where it is not to be null. */
static yyjson_mut_val *to_many(struct call *call, yyjson_mut_val *relationships, const char *name)
{
	yyjson_mut_val *object = yyjson_mut_obj_add_obj(call->doc, relationships, name);
	yyjson_mut_val *list = yyjson_mut_arr(call->doc);

	if (on(call, RELATIONSHIPS_NULL))
		yyjson_mut_obj_add_null(call->doc, object, "data");
	else
		yyjson_mut_obj_add_val(call->doc, object, "data", list);
	return list;
}

static void put_account_link(struct call *call, yyjson_mut_val *relationships)
{
	put_fixed_link(call, to_one(call, relationships, "account"), ACCOUNT_ID, "accounts");
}

static void put_teams(struct call *call, yyjson_mut_val *relationships, const struct record *user,
                      struct included *included)
{
	yyjson_mut_val *list = to_many(call, relationships, "teams");
	const struct membership *membership;
	size_t count = directory_groups_of(call->directory, user->id, &membership);

	for (; count--; membership++) {
		if (!directory_shows(call->directory, SCALR, membership->group))
			continue;
		put_link(call, yyjson_mut_arr_add_obj(call->doc, list), membership->group);
		include(included, membership->group, included->teams);
	}
}

void scalr_put_user(struct call *call, yyjson_mut_val *object, const struct record *user,
                    struct included *included)
{
	yyjson_mut_val *attributes, *relationships, *providers;

	put_link(call, object, user);
	attributes = yyjson_mut_obj_add_obj(call->doc, object, "attributes");
	put_text(call, attributes, "email", user->email);
	put_text(call, attributes, "username", user->name);
	put_text(call, attributes, "full-name", user->display_name);
	put_text(call, attributes, "status", user->status);
	put_owned(call, attributes, "created-at", record_time(user, CREATED));
	put_text(call, attributes, "last-login-at", user->last_login_at);
	relationships = yyjson_mut_obj_add_obj(call->doc, object, "relationships");
	put_teams(call, relationships, user, included);
	providers = to_many(call, relationships, "identity-providers");
	put_fixed_link(call, yyjson_mut_arr_add_obj(call->doc, providers), IDP_ID,
	               "identity-providers");
}

static char *uuid_of(const struct record *record)
{
	uint64_t low = text_hash(record->id), high = text_mix(low, 1);

	return text_format("%08x-%04x-%04x-%04x-%04x%08x", (uint32_t)(high >> 32),
	                   (uint16_t)(high >> 16), (uint16_t)high, (uint16_t)(low >> 48),
	                   (uint16_t)(low >> 32), (uint32_t)low);
}

void scalr_put_account_user(struct call *call, yyjson_mut_val *object, const struct record *user,
                            struct included *included)
{
	yyjson_mut_val *attributes, *relationships;

	put_owned(call, object, "id", uuid_of(user));
	yyjson_mut_obj_add_str(call->doc, object, "type", "account-users");
	attributes = yyjson_mut_obj_add_obj(call->doc, object, "attributes");
	put_text(call, attributes, "status", user->status);
	if (!on(call, LAST_LOGIN_ABSENT))
		put_text(call, attributes, "last-login-at", user->last_login_at);
	relationships = yyjson_mut_obj_add_obj(call->doc, object, "relationships");
	put_account_link(call, relationships);
	put_link(call, to_one(call, relationships, "user"), user);
	include(included, user, included->users);
	put_teams(call, relationships, user, included);
	yyjson_mut_obj_add_obj(call->doc, object, "links");
}

void scalr_put_service_account(struct call *call, yyjson_mut_val *object,
                               const struct record *account, struct included *included)
{
	struct records users = directory_view(call->directory, SCALR, USER);
	struct records teams = directory_view(call->directory, SCALR, GROUP);
	yyjson_mut_val *attributes, *relationships, *owners;

	put_link(call, object, account);
	attributes = yyjson_mut_obj_add_obj(call->doc, object, "attributes");
	put_text(call, attributes, "name", account->name);
	put_owned(call, attributes, "email",
	          account->email ? text_copy(account->email)
	                         : text_format("%s@" ACCOUNT_NAME ".scalr.io", account->name));
	put_text(call, attributes, "description", account->description);
	put_text(call, attributes, "status", account->active ? "Active" : "Inactive");
	put_owned(call, attributes, "created-at", record_time(account, CREATED));
	relationships = yyjson_mut_obj_add_obj(call->doc, object, "relationships");
	put_account_link(call, relationships);
	if (users.count) {
		put_link(call, to_one(call, relationships, "created-by"), users.at[0]);
		include(included, users.at[0], included->created_by);
	}
	owners = to_many(call, relationships, "owners");
	if (teams.count)
		put_link(call, yyjson_mut_arr_add_obj(call->doc, owners), teams.at[0]);
}

void scalr_put_team(struct call *call, yyjson_mut_val *object, const struct record *team,
                    struct included *included)
{
	yyjson_mut_val *attributes, *relationships, *users;

	put_link(call, object, team);
	attributes = yyjson_mut_obj_add_obj(call->doc, object, "attributes");
	put_text(call, attributes, "name", team->name);
	put_text(call, attributes, "description", team->description);
	relationships = yyjson_mut_obj_add_obj(call->doc, object, "relationships");
	put_account_link(call, relationships);
	put_fixed_link(call, to_one(call, relationships, "identity-provider"), IDP_ID,
	               "identity-providers");
	users = to_many(call, relationships, "users");
	for (size_t i = 0; i < team->member_count; i++) {
		struct record *user = directory_find(call->directory, USER, team->members[i]);

		if (!user || !directory_shows(call->directory, SCALR, user))
			continue;
		put_link(call, yyjson_mut_arr_add_obj(call->doc, users), user);
		include(included, user, included->users);
	}
}

void scalr_put_account(struct call *call, yyjson_mut_val *object)
{
	yyjson_mut_val *attributes, *quotas;

	put_fixed_link(call, object, ACCOUNT_ID, "accounts");
	attributes = yyjson_mut_obj_add_obj(call->doc, object, "attributes");
	yyjson_mut_obj_add_str(call->doc, attributes, "name", ACCOUNT_NAME);
	quotas = yyjson_mut_obj_add_obj(call->doc, attributes, "quotas");
	yyjson_mut_obj_add_bool(call->doc, quotas, "service-accounts-available", true);
}

void scalr_put_identity_provider(struct call *call, yyjson_mut_val *object)
{
	yyjson_mut_val *attributes;

	put_fixed_link(call, object, IDP_ID, "identity-providers");
	attributes = yyjson_mut_obj_add_obj(call->doc, object, "attributes");
	yyjson_mut_obj_add_str(call->doc, attributes, "idp-type", "saml");
	yyjson_mut_obj_add_str(call->doc, attributes, "name", "Okta");
	yyjson_mut_obj_add_str(call->doc, attributes, "verification-status", "success");
}
