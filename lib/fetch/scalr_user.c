/* SPDX-License-Identifier: ISC */
/*
 * scalr_user: requests go out in the order of the rows, and are taken in it.
 */
#include "fetch/scalr_user.h"

#include "base/inert.h"

void scalr_users_init(struct scalr_users *users, struct fetch *fetch, struct span account_id)
{
	*users = (struct scalr_users){
		.fetch = fetch,
		.account_id = account_id,
		.alone = {.http = fetch->service.http, .max = (size_t)fetch->options->service.jobs},
	};
}

static void drop_request(struct scalr_users *users)
{
	http_drop(users->fetch->service.http, users->request);
	users->request = NULL;
}

void scalr_users_release(struct scalr_users *users)
{
	scalr_users_end_page(users);
	set_release(&users->included);
	set_release(&users->missing);
	set_release(&users->named_teams);
}

void scalr_users_restart(struct scalr_users *users)
{
	users->walk++;
	users->show_teams = true;
	set_clear(&users->named_teams);
}

int scalr_users_note_teams(struct scalr_users *users, yyjson_val *row, struct fault *fault)
{
	yyjson_val *teams = scalr_linked(row, "teams"), *team;
	size_t i, max;

	users->show_teams &= yyjson_is_arr(teams);
	yyjson_arr_foreach(teams, i, max, team) {
		struct set_entry *entry;
		bool fresh;

		if (!scalr_id(team).len) {
			users->show_teams = false; /* it may be any */
			continue;
		}
		entry = set_take(&users->named_teams, scalr_id(team), &fresh);
		if (!entry)
			return fault_memory(fault);
		entry->value++;
	}
	return 0;
}

/* A bare resource identifier is not the user: it must come with attributes. */
static bool is_whole_user(yyjson_val *object)
{
	return scalr_is_type(object, "users") && yyjson_is_obj(yyjson_obj_get(object, "attributes"));
}

int scalr_users_begin_page(struct scalr_users *users, const struct scalr_page *page,
                           struct fault *fault)
{
	yyjson_val *item;
	size_t i, max;
	bool fresh;

	set_clear(&users->included);
	yyjson_arr_iter_init(page->data, &users->to_ask);
	yyjson_arr_foreach(page->included, i, max, item) {
		struct set_entry *entry;

		if (!is_whole_user(item))
			continue;
		entry = set_take(&users->included, scalr_id(item), &fresh);
		if (!entry)
			return fault_memory(fault);
		if (fresh)
			entry->value = (uint64_t)(uintptr_t)item;
	}
	return 0;
}

void scalr_users_end_page(struct scalr_users *users)
{
	drop_request(users);
	prefetch_drop(&users->alone);
}

static yyjson_val *find_included(const struct scalr_users *users, struct span id)
{
	const struct set_entry *entry = set_find(&users->included, id);

	return entry ? (yyjson_val *)(uintptr_t)entry->value : NULL;
}

/* Asks for the users that the page does not include, as far as there is room. 0 or -1. */
static int scalr_ask_users(struct scalr_users *users, struct fault *fault)
{
	struct buf target = {0};
	yyjson_val *row;
	int result = 0;

	while (result == 0 && prefetch_has_room(&users->alone) &&
	       (row = yyjson_arr_iter_next(&users->to_ask))) {
		struct span id = scalr_id(scalr_linked(row, "user"));

		if (!id.len || scalr_is_foreign(row, users->account_id) || find_included(users, id))
			continue;
		buf_clear(&target);
		buf_puts(&target, "/users/");
		url_put_encoded(&target, id);
		result = prefetch_ask(&users->alone, 0, buf_text(&target), NULL, fault);
	}
	buf_release(&target);
	return result;
}

/* 404: has the user gone since the list was read, or was that known when it was
   read again? */
static enum scalr_found scalr_user_missing(struct scalr_users *users, struct span id,
                                           struct fault *fault)
{
	bool fresh;
	struct set_entry *entry = set_take(&users->missing, id, &fresh);

	if (!entry)
		return (enum scalr_found)fault_memory(fault);
	if (fresh)
		entry->value = users->walk;
	if (entry->value == users->walk)
		return SCALR_GONE;
	fault_hint(fault, "; the list names this user all the same; %s",
	           users->fetch->service.provider->refused);
	fault->kind = FAULT_REFUSED;
	return SCALR_HIDDEN;
}

/* The user that was asked for next. */
static enum scalr_found take_asked_user(struct scalr_users *users, struct span id,
                                        yyjson_val **user, struct fault *fault)
{
	const struct reply *reply;

	if (scalr_ask_users(users, fault) < 0)
		return SCALR_FAILED;
	users->request = prefetch_take(&users->alone);
	reply = http_wait(users->fetch->service.http, users->request, fault);
	if (!reply)
		return SCALR_FAILED;
	if (reply_is_good(reply)) {
		*user = yyjson_obj_get(yyjson_doc_get_root(reply->doc), "data");
		if (*user && is_whole_user(*user) && span_is(scalr_id(*user), id))
			return SCALR_USER;
	}
	service_unwanted(&users->fetch->service, reply, fault);
	if (reply->status == 404)
		return scalr_user_missing(users, id, fault);
	return reply->status == 403 ? SCALR_HIDDEN : SCALR_FAILED;
}

enum scalr_found scalr_users_take(struct scalr_users *users, struct span id, yyjson_val **user,
                                  struct fault *fault)
{
	enum scalr_found found = SCALR_USER;

	drop_request(users);
	*user = find_included(users, id);
	if (!*user)
		found = take_asked_user(users, id, user, fault);
	if (found != SCALR_USER)
		fault_prefix(fault, "user '%s' of the account: ", INERT(id));
	return found;
}
