/* SPDX-License-Identifier: ISC */
/*
 * map_scalr: account-users joined with their users, service-accounts and teams
 * of the Scalr API (JSON:API 1.0). The account's own status and sign-in time go
 * before the user's, and Inactive in either place means disabled.
 */
#include "scalr/map_scalr.h"

#include "scalr/scalr_page.h"

#include <stdlib.h>

static bool is_word(yyjson_val *value, const char *word)
{
	struct span text;

	return json_text(value, &text) && span_is(text, span_of(word));
}

/* Active and Inactive say what enabled and disabled say; other words are kept. */
static void map_scalr_status(struct record *record, yyjson_val *own, yyjson_val *of_user)
{
	yyjson_val *word = is_word(of_user, "Inactive") || !yyjson_is_str(own) ? of_user : own;

	if (is_word(word, "Inactive")) {
		record_set(record, USER_STATUS, span_of("disabled"));
		return;
	}
	record_set(
		record, USER_STATUS,
		span_of(is_word(word, "Active") || is_word(word, "Pending") ? "enabled" : "unknown"));
	if (!is_word(word, "Active") && yyjson_is_str(word))
		record_set_from(record, USER_PROVIDER_STATUS, word);
}

static int map_scalr_id(struct record *record, int field, yyjson_val *identified,
                        struct fault *fault)
{
	struct span id = scalr_id(identified);

	if (!id.len)
		return fault_set(fault, FAULT_DATA, "a %s without an id",
		                 record_words[record->kind].kind.data);
	record_set(record, field, id);
	return 0;
}

/* The teams that own a service account; null and [] say that there are none. */
static int map_scalr_owners(struct record *record, yyjson_val *owners, struct fault *fault)
{
	size_t max = yyjson_arr_size(owners), i, count = 0;
	struct span *ids;
	yyjson_val *owner;
	int result = 0;

	if (!yyjson_is_arr(owners)) {
		if (yyjson_is_null(owners))
			record_set_from(record, USER_OWNERS, owners);
		return 0;
	}
	ids = calloc(max + 1, sizeof *ids);
	if (!ids)
		return fault_memory(fault);
	yyjson_arr_foreach(owners, i, max, owner) {
		ids[count] = scalr_id(owner);
		count += ids[count].len > 0;
	}
	if (count == max) /* one without an id: nobody knows who all of them are */
		result = record_set_list(record, USER_OWNERS, ids, count, fault);
	free(ids);
	return result;
}

static int map_scalr_service_account(struct record *record, yyjson_val *resource,
                                     struct fault *fault)
{
	yyjson_val *creator;

	if (map_scalr_id(record, USER_ID, resource, fault) < 0)
		return -1;
	record_set_from(record, USER_USER_NAME, scalr_attribute(resource, "name"));
	record_set_from(record, USER_EMAIL, scalr_attribute(resource, "email"));
	map_scalr_status(record, scalr_attribute(resource, "status"), NULL);
	record_set(record, USER_ACCOUNT_TYPE, span_of("service"));
	creator = scalr_linked(resource, "created-by");
	if (scalr_id(creator).len)
		record_set(record, USER_CREATED_BY, scalr_id(creator));
	else if (yyjson_is_null(creator))
		record_set_from(record, USER_CREATED_BY, creator);
	record_set_time(record, USER_CREATED_AT, scalr_attribute(resource, "created-at"));
	return map_scalr_owners(record, scalr_linked(resource, "owners"), fault);
}

static int map_scalr_user(struct record *record, yyjson_val *resource, yyjson_val *included,
                          const struct provider *provider, void *memo, struct fault *fault)
{
	bool joined = scalr_is_type(resource, "account-users");
	yyjson_val *user = joined ? included : resource, *last_login;

	(void)provider, (void)memo;
	if (scalr_is_type(resource, "service-accounts"))
		return map_scalr_service_account(record, resource, fault);
	if (map_scalr_id(record, USER_ID, joined ? scalr_linked(resource, "user") : user, fault) < 0)
		return -1;
	record_set_from(record, USER_USER_NAME, scalr_attribute(user, "username"));
	record_set_from(record, USER_EMAIL, scalr_attribute(user, "email"));
	record_set_from(record, USER_DISPLAY_NAME, scalr_attribute(user, "full-name"));
	map_scalr_status(record, scalr_attribute(resource, "status"), scalr_attribute(user, "status"));
	record_set(record, USER_ACCOUNT_TYPE, span_of("human"));
	record_set_time(record, USER_CREATED_AT, scalr_attribute(user, "created-at"));
	last_login = scalr_attribute(resource, "last-login-at");
	record_set_time(record, USER_LAST_LOGIN_AT,
	                last_login ? last_login : scalr_attribute(user, "last-login-at"));
	return 0;
}

static int map_scalr_group(struct record *record, yyjson_val *resource,
                           const struct provider *provider, struct fault *fault)
{
	(void)provider;
	if (map_scalr_id(record, GROUP_ID, resource, fault) < 0)
		return -1;
	record_set_from(record, GROUP_NAME, scalr_attribute(resource, "name"));
	record_set_from(record, GROUP_DESCRIPTION, scalr_attribute(resource, "description"));
	return 0;
}

static int map_scalr_members(yyjson_val *resource, struct span group_id,
                             const struct membership_sink *sink, struct fault *fault)
{
	yyjson_val *users = scalr_linked(resource, "users"), *user;
	size_t i, max;

	if (!yyjson_is_arr(users))
		return 0;
	yyjson_arr_foreach(users, i, max, user)
		if (sink->put(sink->context, group_id, scalr_id(user), MEMBER_USER, fault) < 0)
			return -1;
	return 1;
}

static int map_scalr_groups(yyjson_val *resource, struct span user_id, const void *memo,
                            const struct membership_sink *sink, struct fault *fault)
{
	yyjson_val *teams = scalr_linked(resource, "teams"), *team;
	size_t i, max;

	(void)memo;
	yyjson_arr_foreach(teams, i, max, team)
		if (scalr_id(team).len &&
		    sink->put(sink->context, scalr_id(team), user_id, MEMBER_USER, fault) < 0)
			return -1;
	return yyjson_is_arr(teams);
}

/* The attributes and relationships (in JSON:API they share their names) of a resource that
   are shown with a value and not `taken`. */
static int put_unmapped(yyjson_val *resource, const char *const taken[],
                        const struct attribute_sink *sink, struct fault *fault)
{
	static const char *const parts[] = {"attributes", "relationships"};
	yyjson_val *key, *member;
	size_t i, max, n;

	for (size_t part = 0; part < 2; part++) {
		yyjson_val *members = yyjson_obj_get(resource, parts[part]);

		if (!yyjson_is_obj(members))
			continue;
		yyjson_obj_foreach(members, i, max, key, member) {
			struct span name = json_key(key);
			yyjson_val *value = part == 0 ? member : yyjson_obj_get(member, "data");

			if (!value || yyjson_is_null(value) ||
			    (yyjson_is_arr(value) && !yyjson_arr_size(value)))
				continue;
			for (n = 0; taken[n] && !span_is(name, span_of(taken[n]));)
				n++;
			if (!taken[n] && sink->put(sink->context, (struct span)SPAN_EMPTY, name, fault) < 0)
				return -1;
		}
	}
	return 0;
}

static int map_scalr_unmapped(const struct record *record, yyjson_val *resource,
                              yyjson_val *included, const struct attribute_sink *sink,
                              struct fault *fault)
{
	static const char *const of_account_users[] = {"status", "last-login-at", "account",
	                                               "user",   "teams",         NULL};
	static const char *const of_users[] = {"email",      "username",      "full-name", "status",
	                                       "created-at", "last-login-at", "teams",     NULL};
	static const char *const of_service_accounts[] = {
		"name", "email", "status", "created-at", "account", "created-by", "owners", NULL};
	static const char *const of_teams[] = {"name", "description", "users", "account", NULL};

	if (record->kind == RECORD_GROUP)
		return put_unmapped(resource, of_teams, sink, fault);
	if (scalr_is_type(resource, "service-accounts"))
		return put_unmapped(resource, of_service_accounts, sink, fault);
	if (!scalr_is_type(resource, "account-users"))
		return put_unmapped(resource, of_users, sink, fault);
	return put_unmapped(resource, of_account_users, sink, fault) < 0
	           ? -1
	           : put_unmapped(included, of_users, sink, fault);
}

/* An attribute or a relationship, of the account-user before that of the user. */
static yyjson_val *map_scalr_attribute(yyjson_val *resource, yyjson_val *included, struct span path)
{
	yyjson_val *const places[] = {
		yyjson_obj_get(resource, "attributes"),
		yyjson_obj_get(resource, "relationships"),
		yyjson_obj_get(included, "attributes"),
		yyjson_obj_get(included, "relationships"),
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		yyjson_val *value = yyjson_obj_getn(places[i], path.data, path.len);

		if (value)
			return i % 2 ? yyjson_obj_get(value, "data") : value;
	}
	return NULL;
}

const struct mapping map_scalr = {
	.schema = "scalr",
	.user = map_scalr_user,
	.group = map_scalr_group,
	.members = map_scalr_members,
	.groups = map_scalr_groups,
	.unmapped = map_scalr_unmapped,
	.attribute = map_scalr_attribute,
};
