/* SPDX-License-Identifier: ISC */
/*
 * scim: requests to the three SCIM services: paths, lists, filters, errors.
 *
 * Lists answer as RFC 7644 section 3.4.2 says: startIndex counts from 1, a
 * count below 0 is 0, past the end comes an empty page with the right total.
 * Filters are `ATTRIBUTE eq "VALUE"` and nothing more. What the paging
 * switches bend is in call.c, what the shapes of resources are in
 * scim_resource.c; here are those that concern the envelope.
 */
#include "scim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MESSAGES  "urn:ietf:params:scim:api:messages:2.0:"
#define SCIM_JSON "application/scim+json"

static void put_schema(struct call *call, yyjson_mut_val *object, const char *schema)
{
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(call->doc, object, "schemas");

	yyjson_mut_arr_add_str(call->doc, list, schema);
}

/* Stripe says "too many requests" as the rest of its API does. */
static void stripe_throttles(struct call *call)
{
	yyjson_mut_val *root = call_answer(call, 429);
	yyjson_mut_val *error = yyjson_mut_obj_add_obj(call->doc, root, "error");

	call->type = "application/json";
	yyjson_mut_obj_add_str(call->doc, error, "type", "invalid_request_error");
	yyjson_mut_obj_add_str(call->doc, error, "code", "rate_limit");
	yyjson_mut_obj_add_str(call->doc, error, "message",
	                       "Request rate limit exceeded, please retry with backoff.");
}

void scim_error(struct call *call, unsigned status, const char *scim_type, const char *detail)
{
	yyjson_mut_val *error;

	if (status == 429 && call->service == STRIPE) {
		stripe_throttles(call);
		return;
	}
	error = call_answer(call, status);
	call->type = SCIM_JSON;
	if (on(call, NESTED_ERRORS))
		error = yyjson_mut_obj_add_obj(call->doc, error, "error");
	put_schema(call, error, MESSAGES "Error");
	if (on(call, NESTED_ERRORS)) {
		yyjson_mut_obj_add_uint(call->doc, error, "status", status);
	} else {
		char *text = text_format("%u", status);

		yyjson_mut_obj_add_strcpy(call->doc, error, "status", text);
		free(text);
	}
	if (scim_type)
		yyjson_mut_obj_add_str(call->doc, error, "scimType", scim_type);
	yyjson_mut_obj_add_strcpy(call->doc, error, "detail", call_trace(call, detail));
}

static void old_error(struct call *call, const char *description)
{
	yyjson_mut_val *root = call_answer(call, 400);
	yyjson_mut_val *list = yyjson_mut_obj_add_arr(call->doc, root, "Errors");
	yyjson_mut_val *error = yyjson_mut_arr_add_obj(call->doc, list);

	call->type = "application/json";
	yyjson_mut_obj_add_str(call->doc, error, "description", description);
	yyjson_mut_obj_add_str(call->doc, error, "code", "400");
}

static void not_allowed(struct call *call, const char *allow)
{
	call->allow = allow;
	scim_error(call, 405, NULL, "This method is not allowed here.");
}

/* The content of a JSON string, which the caller frees; NULL: it is none. */
static char *quoted_value(const char *text)
{
	yyjson_doc *doc = yyjson_read(text, strlen(text), 0);
	char *value = text_copy(yyjson_get_str(yyjson_doc_get_root(doc)));

	yyjson_doc_free(doc);
	return value;
}

static void keep(struct call *call, struct records *list, struct record *record)
{
	if (!record || !directory_shows(call->directory, call->service, record))
		return;
	list->at = room_for(list->at, list->count + 1, sizeof(*list->at));
	list->at[list->count++] = record;
}

static void keep_named(struct call *call, struct records *list, enum kind kind, const char *name)
{
	struct records named = directory_named(call->directory, kind, name);

	for (size_t i = 0; i < named.count; i++)
		keep(call, list, named.at[i]);
}

static void keep_groups_of(struct call *call, struct records *list, const char *shown)
{
	struct record *member = scim_find(call, USER, shown);
	const struct membership *membership;
	size_t count;

	if (!member)
		member = scim_find(call, GROUP, shown);
	count = directory_groups_of(call->directory, member ? member->id : shown, &membership);
	for (; count--; membership++)
		keep(call, list, membership->group);
}

static void keep_members_of(struct call *call, struct records *list, const char *shown)
{
	struct record *group = scim_find(call, GROUP, shown);

	for (size_t i = 0; group && i < group->member_count; i++) {
		struct record *member = directory_find_member(call->directory, group->members[i]);

		if (member && member->kind == USER)
			keep(call, list, member);
	}
}

static void keep_users_who(struct call *call, struct records *list, size_t at, const char *value)
{
	struct records users = directory_view(call->directory, call->service, USER);

	for (size_t i = 0; i < users.count; i++) {
		const char *text = *(char **)(void *)((char *)users.at[i] + at);

		if (text && strcasecmp(text, value) == 0)
			keep(call, list, users.at[i]);
	}
}

/* Adds to the list who fits `ATTRIBUTE eq "VALUE"`. False: no filter that this server knows. */
static bool keep_fitting(struct call *call, enum kind kind, const char *filter,
                         struct records *list)
{
	size_t word = strcspn(filter, " ");
	char *attribute = text_format("%.*s", (int)word, filter);
	char *value =
		strncasecmp(filter + word, " eq ", 4) == 0 ? quoted_value(filter + word + 4) : NULL;
	bool known = value != NULL;

	if (!known) {
		free(attribute);
		return false;
	}
	if (strcasecmp(attribute, "id") == 0)
		keep(call, list, scim_find(call, kind, value));
	else if (kind == USER && strcasecmp(attribute, "userName") == 0)
		keep_named(call, list, USER, value);
	else if (kind == USER &&
	         (strcasecmp(attribute, "email") == 0 || strcasecmp(attribute, "emails.value") == 0))
		keep_users_who(call, list, offsetof(struct record, email), value);
	else if (kind == USER && strcasecmp(attribute, "displayName") == 0)
		keep_users_who(call, list, offsetof(struct record, display_name), value);
	else if (kind == USER && strcasecmp(attribute, "externalId") == 0)
		keep_users_who(call, list, offsetof(struct record, external_id), value);
	else if (kind == GROUP && strcasecmp(attribute, "displayName") == 0)
		keep_named(call, list, GROUP, value);
	else if (kind == GROUP && strcasecmp(attribute, "members.value") == 0)
		keep_groups_of(call, list, value);
	else if (kind == USER && strcasecmp(attribute, "groups.value") == 0)
		keep_members_of(call, list, value);
	else
		known = false;
	free(attribute);
	free(value);
	return known;
}

/* The length of the first part of filters that are joined by "or". */
static size_t filter_part(const char *filter)
{
	bool quoted = false;
	size_t i;

	for (i = 0; filter[i] && (quoted || !text_starts(filter + i, " or ")); i++) {
		if (filter[i] == '\\' && quoted && filter[i + 1])
			i++;
		else if (filter[i] == '"')
			quoted = !quoted;
	}
	return i;
}

/* The caller frees list->at. False: not a filter that this server knows. */
static bool filtered(struct call *call, enum kind kind, const char *filter, struct records *list)
{
	bool known = !on(call, REFUSE_FILTER);

	*list = (struct records){0};
	if (known && switches_spend(call->switches, FILTER_MISSES))
		return true;
	while (known && *filter) {
		size_t length = filter_part(filter);
		char *part = text_format("%.*s", (int)length, filter);

		known = keep_fitting(call, kind, part, list) && (!filter[length] || !on(call, NO_OR));
		free(part);
		filter += length + (filter[length] ? strlen(" or ") : 0);
	}
	return known;
}

/* Is the group or user there whose users or groups the filter asks for? */
static bool names_somebody(const struct call *call, enum kind kind, const char *filter)
{
	char *value = quoted_value(filter + strcspn(filter, " ") + strlen(" eq "));
	bool found = scim_find(call, kind == USER ? GROUP : USER, value) != NULL;

	free(value);
	return found;
}

/* What a list request asks for. */
struct asked {
	long start, count; /* count -1: not said */
	bool without_members;
	const char *filter; /* NULL: none */
	const char *cursor; /* NULL: not in cursor mode; "" is the first page */
};

static bool number_argument(const struct call *call, const char *name, long *number)
{
	const char *text = call_argument(call, name);

	return !text || text_number(text, number);
}

static bool names_members(const char *attributes)
{
	while (attributes && *attributes) {
		size_t length = strcspn(attributes, ",");

		if (length == 7 && strncasecmp(attributes, "members", 7) == 0)
			return true;
		attributes += length + (attributes[length] == ',');
	}
	return false;
}

/* Does the switch want to be asked for members, and is it not? */
static bool hides_members(const struct call *call)
{
	const char *asked = on(call, MEMBERS_ON_REQUEST)
	                        ? call_argument(call, call->switches->at[MEMBERS_ON_REQUEST].text)
	                        : "true";

	return !asked || (strcmp(asked, "true") != 0 && !names_members(asked));
}

/* A cursor is "at-N", or "gap-N" for an empty page before that. */
static bool follow_cursor(struct call *call, struct asked *asked)
{
	const char *dash = strchr(asked->cursor, '-');

	asked->start = 1;
	if (!*asked->cursor)
		return true;
	if (switches_spend(call->switches, CURSOR_EXPIRES)) {
		scim_error(call, 400, "expiredCursor", "The cursor has expired.");
		return false;
	}
	if (!dash || !text_number(dash + 1, &asked->start)) {
		scim_error(call, 400, "invalidCursor", "The cursor is not one of ours.");
		return false;
	}
	if (text_starts(asked->cursor, "gap-"))
		asked->count = 0;
	return true;
}

static bool understand(struct call *call, struct asked *asked)
{
	bool pages = call_argument(call, "startIndex") || call_argument(call, "count");

	*asked = (struct asked){.start = 1, .count = -1};
	asked->filter = on(call, IGNORE_FILTER) ? NULL : call_argument(call, "filter");
	asked->without_members =
		names_members(call_argument(call, "excludedAttributes")) || hides_members(call);
	if (pages && on(call, REFUSE_PAGING_501)) {
		scim_error(call, 501, NULL, "Pagination is not supported.");
		return false;
	}
	if (!number_argument(call, "startIndex", &asked->start) ||
	    !number_argument(call, "count", &asked->count)) {
		scim_error(call, 400, "invalidValue", "startIndex and count are numbers.");
		return false;
	}
	if (asked->count < 0 && call_argument(call, "count"))
		asked->count = 0;
	if (asked->count > number_or(call, COUNT_MAX, asked->count)) {
		long status = switches_second_number(call->switches, COUNT_MAX, 400);

		call->unanswered = !status;
		scim_error(call, status ? (unsigned)status : 400U, "invalidValue",
		           "The count is greater than the maximum.");
		return false;
	}
	if (asked->start > number_or(call, REFUSE_PAST, asked->start)) {
		old_error(call, "The start index is greater than the maximum.");
		return false;
	}
	if (on(call, CURSOR)) {
		asked->cursor = call_argument(call, "cursor");
		asked->cursor = asked->cursor ? asked->cursor : "";
		return follow_cursor(call, asked);
	}
	return true;
}

static void put_counter(struct call *call, yyjson_mut_val *root, const char *key,
                        const char *lower_case, size_t number)
{
	key = on(call, LOWER_CASE_ENVELOPE) ? lower_case : key;
	if (on(call, NULL_COUNTERS)) {
		yyjson_mut_obj_add_null(call->doc, root, key);
	} else if (on(call, STRING_COUNTERS)) {
		char *text = text_format("%zu", number);

		yyjson_mut_obj_add_strcpy(call->doc, root, key, text);
		free(text);
	} else if (on(call, FLOAT_COUNTERS)) {
		call_add_float(call, root, key, number);
	} else {
		yyjson_mut_obj_add_uint(call->doc, root, key, number);
	}
}

static void put_resources(struct call *call, yyjson_mut_val *root, yyjson_mut_val *resources)
{
	const char *key = on(call, LOWER_CASE_ENVELOPE) ? "resources" : "Resources";
	bool empty = yyjson_mut_arr_size(resources) == 0;

	if (empty && on(call, NULL_RESOURCES))
		yyjson_mut_obj_add_null(call->doc, root, key);
	else if (!empty || !on(call, NO_RESOURCES_WHEN_EMPTY))
		yyjson_mut_obj_add_val(call->doc, root, key, resources);
}

static void put_next_cursor(struct call *call, yyjson_mut_val *root, const struct asked *asked,
                            const struct window *window)
{
	size_t next = window->first + window->count;
	bool gap = on(call, CURSOR_EMPTY_PAGE) && !*asked->cursor;
	char *cursor;

	if (next >= window->total)
		return;
	if (on(call, CURSOR_REPEATS) && *asked->cursor)
		cursor = text_copy(asked->cursor);
	else
		cursor = text_format("%s-%zu", gap ? "gap" : "at", next + 1);
	yyjson_mut_obj_add_strcpy(call->doc, root, "nextCursor", cursor);
	free(cursor);
}

static void put_counters(struct call *call, yyjson_mut_val *root, const struct asked *asked,
                         const struct window *window)
{
	bool echo = on(call, ITEMS_PER_PAGE_IS_COUNT) && asked->count >= 0;

	if (on(call, NO_COUNTERS) || asked->cursor)
		return;
	put_counter(call, root, "totalResults", "totalresults", window->said);
	put_counter(call, root, "startIndex", "startindex", window->echo - on(call, ZERO_BASED_ECHO));
	put_counter(call, root, "itemsPerPage", "itemsperpage",
	            echo ? (size_t)asked->count : window->count);
}

static yyjson_mut_val *resources_of(struct call *call, enum kind kind, const struct records *list,
                                    const struct asked *asked, const struct window *window)
{
	yyjson_mut_val *resources = yyjson_mut_arr(call->doc), *resource = NULL;

	for (size_t i = 0; i < window->count; i++) {
		const struct record *record = page_record(call, list, window->first + i);
		yyjson_mut_val *before = resource, *id;

		if (number_or(call, HIDE, 0) == (long)(window->first + i + 1))
			continue;
		if (number_or(call, NULL_ENTRY, 0) == (long)(window->first + i + 1)) {
			yyjson_mut_arr_add_null(call->doc, resources);
			resource = NULL;
			continue;
		}
		resource = kind == USER ? scim_user(call, record)
		           : kind == SERVICE_ACCOUNT
		               ? scim_service(call, record)
		               : scim_group(call, record,
		                            asked->without_members ? MEMBERS_EXCLUDED : MEMBERS_IN_LIST);
		id = i % 2 && before && on(call, DUPLICATE_IDS) ? yyjson_mut_obj_get(before, "id") : NULL;
		if (id)
			yyjson_mut_obj_replace(resource, yyjson_mut_str(call->doc, "id"),
			                       yyjson_mut_val_mut_copy(call->doc, id));
		if (i == 0 && kind == USER && on(call, BIG_RECORD) &&
		    (long)window->count > switches_second_number(call->switches, BIG_RECORD, 0)) {
			size_t length = (size_t)number_or(call, BIG_RECORD, 0);
			char *text = room_for(NULL, length + 2, 1);

			memset(text, 'x', length + 2);
			text[0] = text[length + 1] = '"';
			/* As it stands: for a string yyjson 0.10 wants room for six times its
			   length, and with 32 bits writes past what it has. */
			yyjson_mut_obj_add_val(call->doc, resource, "profileUrl",
			                       yyjson_mut_rawncpy(call->doc, text, length + 2));
			free(text);
		}
		yyjson_mut_arr_append(resources, resource);
	}
	return resources;
}

static long uneven_size(const struct call *call, long start)
{
	return 1 + start * 5 % number_or(call, UNEVEN_PAGES, 1);
}

static bool is_off_page(const struct call *call, const struct window *window)
{
	long start = 1, first = (long)window->first + 1;

	if (!on(call, OFF_PAGE) || !on(call, UNEVEN_PAGES) || window->past_end)
		return false;
	while (start < first)
		start += uneven_size(call, start);
	return start > first;
}

static void put_list(struct call *call, enum kind kind, const struct records *list,
                     const struct asked *asked)
{
	long size = page_size(call, asked->count);
	yyjson_mut_val *root, *resources;
	struct window window;

	if (on(call, UNEVEN_PAGES) && size > uneven_size(call, asked->start))
		size = uneven_size(call, asked->start);
	window = page_window(call, list->count, asked->start, size);
	if (is_off_page(call, &window)) {
		call_error(call, (unsigned)number_or(call, OFF_PAGE, 400), "No page begins there.");
		call->unanswered = is_set_to(call, OFF_PAGE, "0");
		return;
	}
	if (on(call, NEED_BOTH_PARAMETERS) &&
	    !(call_argument(call, "startIndex") && call_argument(call, "count")))
		window.count = window.said = 0;
	if (window.past_end && window.total && on(call, ERROR_PAST_END)) {
		call_error(call, (unsigned)number_or(call, ERROR_PAST_END, 404), "Past the end.");
		return;
	}
	root = call_answer(call, 200);
	call->type = SCIM_JSON;
	call->more_users = kind == USER && !window.first && window.count && window.count < window.total;
	resources = resources_of(call, kind, list, asked, &window);
	put_schema(call, root, MESSAGES "ListResponse");
	if (on(call, RESOURCES_FIRST))
		put_resources(call, root, resources);
	put_counters(call, root, asked, &window);
	if (asked->cursor)
		put_next_cursor(call, root, asked, &window);
	if (!on(call, RESOURCES_FIRST))
		put_resources(call, root, resources);
}

static void serve_list(struct call *call, enum kind kind)
{
	struct records list = directory_view(call->directory, call->service, kind);
	struct asked asked;

	if (!understand(call, &asked))
		return;
	if (kind == GROUP && on(call, MEMBERS_TOO_MANY) && !asked.without_members) {
		scim_error(call, (unsigned)number_or(call, MEMBERS_TOO_MANY, 400), "tooMany",
		           "A group has too many members.");
		return;
	}
	if (asked.filter && !filtered(call, kind, asked.filter, &list))
		scim_error(call, 400, "invalidFilter", "This filter is not supported.");
	else if (asked.filter && on(call, FILTER_404) && !names_somebody(call, kind, asked.filter))
		scim_error(call, 404, NULL, "ResourceNotFoundException: what the filter names.");
	else
		put_list(call, kind, &list, &asked);
	if (asked.filter)
		free(list.at);
}

/* The members of a search request (RFC 7644 section 3.4.3) become arguments. */
static void serve_search(struct call *call, enum kind kind)
{
	yyjson_doc *doc = yyjson_read(call->body, call->body_length, YYJSON_READ_NUMBER_AS_RAW);
	yyjson_val *root = yyjson_doc_get_root(doc), *key, *value;
	size_t i, count;

	if (!yyjson_is_obj(root)) {
		scim_error(call, 400, "invalidSyntax", "The body is no JSON object.");
		yyjson_doc_free(doc);
		return;
	}
	yyjson_obj_foreach(root, i, count, key, value) {
		yyjson_val *first = yyjson_is_arr(value) ? yyjson_arr_get_first(value) : value;

		if (yyjson_is_raw(first))
			call_add_argument(call, yyjson_get_str(key), yyjson_get_raw(first));
		else if (yyjson_is_str(first))
			call_add_argument(call, yyjson_get_str(key), yyjson_get_str(first));
	}
	serve_list(call, kind);
	yyjson_doc_free(doc);
}

static bool group_fails(const struct call *call, const struct record *group)
{
	const char *only = strchr(call->switches->at[MEMBERS_FAIL].text, ':');

	return !only || strcmp(only + 1, group->id) == 0;
}

static void serve_one(struct call *call, enum kind kind, const char *shown)
{
	struct record *record = scim_find(call, kind, shown);
	bool excluded = names_members(call_argument(call, "excludedAttributes")) || hides_members(call);
	yyjson_mut_val *resource;

	if (!record) {
		scim_error(call, 404, NULL, "There is no such resource.");
		return;
	}
	if (kind == GROUP && on(call, MEMBERS_FAIL) && group_fails(call, record)) {
		call_error(call, (unsigned)number_or(call, MEMBERS_FAIL, 500), "This group fails.");
		return;
	}
	call_answer(call, 200);
	call->type = SCIM_JSON;
	if (on(call, ETAG))
		call->etag = scim_version(record);
	resource = kind == USER
	               ? scim_user(call, record)
	               : scim_group(call, record, excluded ? MEMBERS_EXCLUDED : MEMBERS_OF_ONE);
	yyjson_mut_doc_set_root(call->doc, resource);
}

static void serve_provider_config(struct call *call)
{
	static const char *const features[] = {"patch", "bulk", "changePassword", "sort", "etag"};
	yyjson_mut_val *root = call_answer(call, 200), *filter;

	call->type = SCIM_JSON;
	put_schema(call, root, "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig");
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		yyjson_mut_val *feature = yyjson_mut_obj_add_obj(call->doc, root, features[i]);

		yyjson_mut_obj_add_bool(call->doc, feature, "supported",
		                        (i == 0 && !on(call, NO_PATCH)) || (i == 4 && on(call, ETAG)));
	}
	filter = yyjson_mut_obj_add_obj(call->doc, root, "filter");
	yyjson_mut_obj_add_bool(call->doc, filter, "supported", true);
	yyjson_mut_obj_add_uint(call->doc, filter, "maxResults",
	                        call->page_max ? call->page_max : 100000);
	yyjson_mut_obj_add_arr(call->doc, root, "authenticationSchemes");
}

/* POST to a list, the others to one of it. */
static bool may_write(const struct call *call)
{
	static const char *const methods[] = {"PUT", "PATCH", "DELETE"};

	if (call->segment_count == 1)
		return strcmp(call->method, "POST") == 0;
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(call->method, methods[i]) == 0)
			return true;
	return false;
}

static void serve_kind(struct call *call, enum kind kind)
{
	bool get = strcmp(call->method, "GET") == 0;
	bool search = call_ends_with(call, 1, ".search");

	if (kind == GROUP && on(call, GROUPS_STATUS))
		call_error(call, (unsigned)number_or(call, GROUPS_STATUS, 501), "Groups: no.");
	else if (kind == USER && on(call, USERS_STATUS) && (search || call->segment_count == 1))
		call_error(call, (unsigned)number_or(call, USERS_STATUS, 403), "Users: no.");
	else if (search && on(call, NO_SEARCH))
		scim_error(call, 404, NULL, "There is no such endpoint.");
	else if (search && strcmp(call->method, "POST") == 0)
		serve_search(call, kind);
	else if (search)
		not_allowed(call, "POST");
	else if (!get && may_write(call))
		scim_write(call, kind);
	else if (!get)
		not_allowed(call, call->segment_count == 1 ? "GET, POST" : "GET, PUT, PATCH, DELETE");
	else if (call->segment_count == 1)
		serve_list(call, kind);
	else
		serve_one(call, kind, call->segments[1]);
}

void scim_serve(struct call *call)
{
	const char *first = call->segment_count ? call->segments[0] : "";

	bool lower = on(call, LOWER_CASE_PATHS);

	if (call->segment_count <= 2 && strcmp(first, lower ? "users" : "Users") == 0)
		serve_kind(call, USER);
	else if (call->segment_count <= 2 && strcmp(first, lower ? "groups" : "Groups") == 0)
		serve_kind(call, GROUP);
	else if (on(call, SERVICE_PRINCIPALS) && call_ends_with(call, 0, "ServicePrincipals"))
		serve_list(call, SERVICE_ACCOUNT);
	else if (call->service != SCIM || !call_ends_with(call, 0, "ServiceProviderConfig"))
		scim_error(call, 404, NULL, "There is no such endpoint.");
	else if (strcmp(call->method, "GET") != 0)
		not_allowed(call, "GET");
	else
		serve_provider_config(call);
}
