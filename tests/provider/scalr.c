/* SPDX-License-Identifier: ISC */
/*
 * scalr: requests to Scalr's API (JSON:API 1.0, "IACP v3").
 *
 * The account is "acme", acc-acme1. Ids are user-, sa- and team- before the
 * plain id; the id of an account-user is a UUID that follows from it. Lists
 * page by page[number] and page[size], say so in meta.pagination, and carry
 * `included` only where `include` asks for it.
 */
#include "scalr.h"

#include <stdlib.h>
#include <string.h>

#define JSON_API "application/vnd.api+json"

void scalr_error(struct call *call, unsigned status, const char *detail)
{
	yyjson_mut_val *root = call_answer(call, status), *list, *error;
	char *text = text_format("%u", status);

	call->type = JSON_API;
	if (on(call, NESTED_ERRORS))
		root = yyjson_mut_obj_add_obj(call->doc, root, "response");
	list = yyjson_mut_obj_add_arr(call->doc, root, "errors");
	error = yyjson_mut_arr_add_obj(call->doc, list);
	if (on(call, NESTED_ERRORS))
		yyjson_mut_obj_add_uint(call->doc, error, "status", status);
	else
		yyjson_mut_obj_add_strcpy(call->doc, error, "status", text);
	yyjson_mut_obj_add_str(call->doc, error, "title",
	                       status == 404 ? "Not Found" : "Request failed");
	yyjson_mut_obj_add_strcpy(call->doc, error, "detail", call_trace(call, detail));
	free(text);
}

static bool asks_for(const struct call *call, const char *name)
{
	const char *list = call_argument(call, "include");
	size_t length = strlen(name);

	while (list && *list) {
		size_t word = strcspn(list, ",");

		if (word == length && strncmp(list, name, length) == 0)
			return true;
		list += word + (list[word] == ',');
	}
	return false;
}

static struct included wanted(const struct call *call)
{
	return (struct included){
		.users = asks_for(call, "user") || asks_for(call, "users"),
		.teams = asks_for(call, "teams"),
		.created_by = asks_for(call, "created-by"),
		.account = asks_for(call, "account"),
		.identity_provider =
			asks_for(call, "identity-provider") || asks_for(call, "identity-providers"),
	};
}

static void put_included(struct call *call, yyjson_mut_val *root, struct included *included)
{
	struct included nothing = {0};
	yyjson_mut_val *list;

	if (call_argument(call, "include") && !on(call, INCLUDED_MISSING)) {
		list = yyjson_mut_obj_add_arr(call->doc, root, "included");
		for (size_t i = 0; i < included->count; i++) {
			yyjson_mut_val *object = yyjson_mut_arr_add_obj(call->doc, list);
			bool user = included->at[i]->kind == USER;

			(user ? scalr_put_user : scalr_put_team)(call, object, included->at[i], &nothing);
		}
		if (included->account)
			scalr_put_account(call, yyjson_mut_arr_add_obj(call->doc, list));
		if (included->identity_provider)
			scalr_put_identity_provider(call, yyjson_mut_arr_add_obj(call->doc, list));
	}
	free(included->at);
}

static void put_number(struct call *call, yyjson_mut_val *object, const char *key, long number)
{
	if (number < 1 || on(call, NULL_COUNTERS))
		yyjson_mut_obj_add_null(call->doc, object, key);
	else if (on(call, STRING_COUNTERS)) {
		char *text = text_format("%ld", number);

		yyjson_mut_obj_add_strcpy(call->doc, object, key, text);
		free(text);
	} else if (on(call, FLOAT_COUNTERS))
		call_add_float(call, object, key, (size_t)number);
	else
		yyjson_mut_obj_add_sint(call->doc, object, key, number);
}

static void put_count(struct call *call, yyjson_mut_val *object, const char *key, size_t count)
{
	if (count || on(call, STRING_COUNTERS) || on(call, NULL_COUNTERS))
		put_number(call, object, key, (long)count);
	else
		yyjson_mut_obj_add_uint(call->doc, object, key, 0);
}

static void put_pagination(struct call *call, yyjson_mut_val *root, long number, long size,
                           const struct window *window)
{
	size_t pages = size ? (window->total + (size_t)size - 1) / (size_t)size : 0;
	bool more = window->first + window->count < window->total;
	yyjson_mut_val *meta, *pagination, *links;

	if (on(call, NO_COUNTERS))
		return;
	meta = yyjson_mut_obj_add_obj(call->doc, root, "meta");
	pagination = yyjson_mut_obj_add_obj(call->doc, meta, "pagination");
	put_number(call, pagination, "current-page", number);
	put_number(call, pagination, "page-size", size);
	put_number(call, pagination, "prev-page", number - 1);
	put_number(call, pagination, "next-page", more ? number + !on(call, NEXT_PAGE_LOOPS) : 0);
	put_count(call, pagination, "total-pages", pages);
	put_count(call, pagination, "total-count", window->said);
	if (on(call, LINKS)) {
		links = yyjson_mut_obj_add_obj(call->doc, root, "links");
		yyjson_mut_obj_add_str(call->doc, links, "next", call->switches->at[LINKS].text);
	}
}

/* Reads page[number] and page[size]. False: the error is the answer. */
static bool asked_page(struct call *call, long *number, long *size)
{
	const char *number_text = call_argument(call, "page[number]");
	const char *size_text = call_argument(call, "page[size]");

	*number = 1;
	*size = -1;
	if ((number_text || size_text) && on(call, REFUSE_PAGING_501)) {
		scalr_error(call, 501, "Pagination is not supported.");
		return false;
	}
	if ((number_text && !text_number(number_text, number)) ||
	    (size_text && !text_number(size_text, size)) || *number < 1 || *number > 1000000 ||
	    (size_text && *size < 1)) {
		scalr_error(call, 400, "page[number] and page[size] are numbers from 1.");
		return false;
	}
	*size = page_size(call, *size);
	if (*size > 100)
		*size = 100;
	if (*size < 1)
		*size = 1;
	return true;
}

static void serve_list(struct call *call, const struct records *records, scalr_put *put)
{
	struct included included = wanted(call);
	struct window window;
	long number, size;
	yyjson_mut_val *root, *data, *resource = NULL;

	if (!asked_page(call, &number, &size))
		return;
	window = page_window(call, records->count, (number - 1) * size + 1, size);
	if (window.past_end && window.total && on(call, ERROR_PAST_END)) {
		scalr_error(call, (unsigned)number_or(call, ERROR_PAST_END, 404), "Past the end.");
		return;
	}
	root = call_answer(call, 200);
	call->type = JSON_API;
	call->more_users = (put == scalr_put_user || put == scalr_put_account_user) && !window.first &&
	                   window.count && window.count < window.total;
	data = yyjson_mut_arr(call->doc);
	for (size_t i = 0; i < window.count; i++) {
		yyjson_mut_val *before = resource, *id;

		if (number_or(call, HIDE, 0) == (long)(window.first + i + 1))
			continue;
		resource = yyjson_mut_arr_add_obj(call->doc, data);
		put(call, resource, page_record(call, records, window.first + i), &included);
		id = i % 2 && before && on(call, DUPLICATE_IDS) ? yyjson_mut_obj_get(before, "id") : NULL;
		if (id)
			yyjson_mut_obj_replace(resource, yyjson_mut_str(call->doc, "id"),
			                       yyjson_mut_val_mut_copy(call->doc, id));
	}
	if (!window.count && on(call, NULL_RESOURCES))
		yyjson_mut_obj_add_null(call->doc, root, "data");
	else if (window.count || !on(call, NO_RESOURCES_WHEN_EMPTY))
		yyjson_mut_obj_add_val(call->doc, root, "data", data);
	put_included(call, root, &included);
	put_pagination(call, root, number, size, &window);
}

static void serve_one(struct call *call, enum kind kind, scalr_put *put)
{
	const char *id = call->segments[1], *prefix = scalr_id_prefix[kind];
	struct record *record =
		text_starts(id, prefix) ? directory_find(call->directory, kind, id + strlen(prefix)) : NULL;
	struct included included = wanted(call);
	yyjson_mut_val *root;

	if (!record || !directory_shows(call->directory, SCALR, record)) {
		scalr_error(call, 404, "Not found or user unauthorized.");
		return;
	}
	root = call_answer(call, 200);
	call->type = JSON_API;
	put(call, yyjson_mut_obj_add_obj(call->doc, root, "data"), record, &included);
	put_included(call, root, &included);
}

static void serve_accounts(struct call *call)
{
	const char *name = call_argument(call, "filter[name]");
	bool shown = !on(call, ACCOUNT_UNKNOWN) && (!name || strcmp(name, ACCOUNT_NAME) == 0);
	yyjson_mut_val *root = call_answer(call, 200), *data;
	struct window window = {.total = shown, .count = shown, .said = shown};

	call->type = JSON_API;
	data = yyjson_mut_obj_add_arr(call->doc, root, "data");
	if (shown)
		scalr_put_account(call, yyjson_mut_arr_add_obj(call->doc, data));
	put_pagination(call, root, 1, 20, &window);
}

static void serve_account_users(struct call *call)
{
	const char *account = call_argument(call, "filter[account]");
	struct records users = directory_view(call->directory, SCALR, USER);

	if (!account) {
		scalr_error(call, 422, "filter[account] is required.");
		return;
	}
	/* An account that nobody knows has no users; it is no error. */
	if (strcmp(account, ACCOUNT_ID) != 0)
		users.count = 0;
	serve_list(call, &users, scalr_put_account_user);
}

static void serve_view(struct call *call, enum kind kind, scalr_put *put)
{
	struct records view = directory_view(call->directory, SCALR, kind);

	if (call->segment_count == 2)
		serve_one(call, kind, put);
	else
		serve_list(call, &view, put);
}

void scalr_serve(struct call *call)
{
	const char *first = call->segment_count ? call->segments[0] : "";
	bool collection = call->segment_count == 1, one = call->segment_count == 2;
	bool users = strcmp(first, "users") == 0, teams = strcmp(first, "teams") == 0;
	bool services = strcmp(first, "service-accounts") == 0;
	bool account_users = collection && strcmp(first, "account-users") == 0;
	bool accounts = collection && strcmp(first, "accounts") == 0;

	if (!accounts && !account_users && !(users && (collection || one)) &&
	    !(services && (collection || one)) && !(teams && collection)) {
		scalr_error(call, 404, "There is no such endpoint.");
	} else if (strcmp(call->method, "GET") != 0) {
		call->allow = "GET";
		scalr_error(call, 405, "This method is not allowed here.");
	} else if (accounts) {
		serve_accounts(call);
	} else if (collection && (users || account_users) && on(call, USERS_STATUS)) {
		scalr_error(call, (unsigned)number_or(call, USERS_STATUS, 404),
		            "Account with ID '" ACCOUNT_ID "' not found or user unauthorized.");
	} else if (services && on(call, SERVICE_ACCOUNTS_STATUS)) {
		scalr_error(call, (unsigned)number_or(call, SERVICE_ACCOUNTS_STATUS, 403),
		            "Service accounts are not available.");
	} else if (teams && on(call, TEAMS_STATUS)) {
		scalr_error(call, (unsigned)number_or(call, TEAMS_STATUS, 404), "Teams: no.");
	} else if (account_users) {
		serve_account_users(call);
	} else if (services) {
		serve_view(call, SERVICE_ACCOUNT, scalr_put_service_account);
	} else {
		serve_view(call, users ? USER : GROUP, users ? scalr_put_user : scalr_put_team);
	}
}
