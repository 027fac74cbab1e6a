/* SPDX-License-Identifier: ISC */
/*
 * scim_members: requests go out side by side and are taken in order, so that the
 * output does not depend on who answers first.
 */
#include "fetch/scim_members.h"

#include "base/inert.h"
#include "scim/scim_page.h"
#include "scim/scim_user.h"

#include <stdlib.h>

int scim_members_unproven(struct fetch *fetch, struct fault *fault)
{
	fault_set(fault, FAULT_PROTOCOL,
	          "%s/Groups: unproven: no group shows members, and no user shows groups",
	          fetch->service.origin.base);
	return fetch_gap(fetch, "members", span_of(""), false, fault);
}

/* ---- group by group ---- */

/* A group of the list that came without members. */
struct memberless {
	struct span id, line;
};

static bool next_group(const struct buf *list, size_t *at, struct memberless *group)
{
	return buf_next_sized(list, at, &group->id) && buf_next_sized(list, at, &group->line);
}

static int ask_group(const struct scim_reading *reading, struct prefetch *prefetch, uint64_t number,
                     struct span id, struct fault *fault)
{
	struct buf target = {0};
	int result;

	buf_putf(&target, "%s/", reading->lists[LIST_GROUPS].path);
	url_put_encoded(&target, id);
	preset_put_group_query(&target, reading->fetch->service.provider);
	result = prefetch_ask(prefetch, number, buf_text(&target), NULL, fault);
	buf_release(&target);
	return result;
}

/* 0, or -1 with a fault where the reply is not the group that was asked for. */
static int check_group(const struct fetch *fetch, const struct reply *reply, struct span id,
                       struct fault *fault)
{
	struct span got = SPAN_EMPTY;

	if (!reply_is_good(reply))
		return service_unwanted(&fetch->service, reply, fault);
	if (scim_id(yyjson_doc_get_root(reply->doc), &got) && span_is(got, id))
		return 0;
	return fault_set(fault, FAULT_PROTOCOL, "got group '%s' instead", INERT(got));
}

int scim_members_ask_one(const struct scim_reading *reading, struct span id, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	struct prefetch prefetch = {.http = fetch->service.http, .max = 1};
	const struct reply *reply;
	struct request *request;
	int result = -1;

	if (ask_group(reading, &prefetch, 0, id, fault) < 0)
		return -1;
	request = prefetch_take(&prefetch);
	reply = http_wait(fetch->service.http, request, fault);
	if (reply && check_group(fetch, reply, id, fault) == 0)
		result = scim_shows(yyjson_doc_get_root(reply->doc), "members") &&
		         !scim_items_none(json_member(yyjson_doc_get_root(reply->doc), "members"));
	else if (reply && reply->status != 401) {
		*fault = (struct fault){0};
		result = 2;
	}
	if (result < 0)
		fault_prefix(fault, "%s: ", request_url(request));
	http_drop(fetch->service.http, request);
	return result;
}

static int keep_group(struct scim_reading *reading, yyjson_val *group, struct span id, bool *shown,
                      struct fault *fault)
{
	struct fetch *fetch = reading->fetch;

	if (fetch_put_record(fetch, RECORD_GROUP, group, NULL, fault) < 0)
		return -1;
	*shown |= scim_shows(group, "members");
	return scim_check_members(reading, group, id, fault);
}

/* One group's members could not be read: unknown, which is not none. The group
   itself is there as the list showed it. */
static int lose_members(struct fetch *fetch, struct request *request,
                        const struct memberless *group, struct fault *fault)
{
	long status = request_status(request);

	if (request_is_too_large(request))
		fault_hint(fault, "; --members filter asks for the groups of each user instead");
	fault_prefix(fault, "members of group '%s': ", INERT(group->id));
	if ((status < 300 && fault->kind != FAULT_PROTOCOL) || status == 401 ||
	    request_verdict(request) == VERDICT_WAIT || http_expired(fetch->service.http) ||
	    fault->kind == FAULT_INTERNAL)
		return -1; /* that says nothing about this group: the run can not go on */
	fault->kind = FAULT_PROTOCOL;
	if (fetch_gap(fetch, "members", group->id, false, fault) < 0)
		return -1;
	return fetch_put_line(fetch, RECORD_GROUP, group->line, fault);
}

int scim_members_by_group(struct scim_reading *reading, const struct buf *memberless, bool *shown,
                          struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	struct prefetch prefetch = {.http = fetch->service.http,
	                            .max = (size_t)fetch->options->service.jobs};
	size_t asked_at = 0, taken_at = 0, asked = 0, taken = 0, total = 0;
	struct memberless group, wanted;
	int result = 0;

	for (size_t at = 0; next_group(memberless, &at, &group); total++)
		;
	while (result == 0 && next_group(memberless, &taken_at, &group)) {
		struct request *request;
		const struct reply *reply;

		while (result == 0 && prefetch_has_room(&prefetch) &&
		       next_group(memberless, &asked_at, &wanted))
			result = ask_group(reading, &prefetch, asked++, wanted.id, fault);
		if (result < 0)
			break;
		request = prefetch_take(&prefetch);
		reply = http_wait(fetch->service.http, request, fault);
		if (reply && check_group(fetch, reply, group.id, fault) == 0)
			result = keep_group(reading, yyjson_doc_get_root(reply->doc), group.id, shown, fault);
		else
			result = lose_members(fetch, request, &group, fault);
		http_drop(fetch->service.http, request);
		fetch_count(fetch, "members of groups", ++taken, total);
	}
	prefetch_drop(&prefetch);
	return result;
}

/* ---- user by user, or group by group, with a filter ---- */

static bool asks_by_group(const struct scim_reading *reading)
{
	return reading->fetch->options->members == MEMBERS_USERS;
}

/* Asks for the groups of a user that nobody is, or the users of a group that is none. A service
   that does not look at the filter answers with some, and would make everybody a member of
   everything. */
static int check_filter(struct scim_reading *reading, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	struct scim_query query = {0};
	struct request *request;
	const struct reply *reply;
	struct scim_page page;
	struct scim_walk walk;
	int result = -1;

	scim_walk_init(&walk, reading, &reading->memberships, fault);
	/* some take no id that does not look like one of theirs */
	walk.about = span_of(asks_by_group(reading) ? "7c9e6679-7425-40de-944b-e07fc1f90ae7"
	                                            : "rollcall-nobody-has-this-id");
	scim_walk_query(&query, &walk, 1);
	reply = service_ask(&fetch->service, buf_text(&query.target), scim_query_body(&query), &request,
	                    fault);
	scim_query_release(&query);
	if (reply && reply->status == 404 && reply->doc) {
		result = 0; /* "there is no such group": it has looked */
	} else if (reply && !reply_is_good(reply)) {
		service_unwanted(&fetch->service, reply, fault);
		fault_hint(fault, asks_by_group(reading)
		                      ? "; does the service filter users by their groups? try --members get"
		                      : "; does the service filter groups by their members? try --members "
		                        "get, or --members users");
	} else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0) {
		if (!page.count && !page.total && (page.resources || page.has_total))
			result = 0;
		else
			fault_set(fault, FAULT_PROTOCOL,
			          "it ignores the filter: it lists %s that does not exist; try --members get",
			          asks_by_group(reading) ? "users of a group" : "groups of a user");
	}
	if (result < 0 && request)
		fault_prefix(fault, "%s: ", request_url(request));
	http_drop(fetch->service.http, request);
	return result;
}

/* Users whose groups, or groups whose users, are being read, those that come next among them. */
struct window {
	struct scim_walk *walks; /* a ring */
	size_t size;
	uint64_t begun, taken; /* so far */
};

/* Begins with the next ones, and asks for what should follow of those in hand. */
static int ask_next(struct window *window, struct scim_reading *reading, const struct buf *ids,
                    size_t *at, struct fault *fault)
{
	struct span id;
	int result = 0;

	while (window->begun - window->taken < window->size && buf_next_sized(ids, at, &id)) {
		struct scim_walk *walk = &window->walks[window->begun++ % window->size];

		scim_walk_init(walk, reading, &reading->memberships, fault);
		walk->about = id;
	}
	for (uint64_t i = window->taken; i < window->begun && result == 0; i++)
		result = scim_walk_prefetch(&window->walks[i % window->size]);
	return result;
}

/* Each group and user found must be one of those that were listed; counts the users of each
   group. */
static int count_found(const struct scim_walk *walk, struct set *groups, struct set *users,
                       struct fault *fault)
{
	bool by_group = asks_by_group(walk->reading);
	struct span id;

	for (size_t at = 0; buf_next_sized(&walk->found.ids, &at, &id);) {
		struct set_entry *group = set_find(groups, by_group ? walk->about : id);

		if (!group || (by_group && users->count && !set_find(users, id)))
			return fault_set(fault, FAULT_TRY_LATER,
			                 "user '%s' is in group '%s', which was not there when %s were "
			                 "listed: the directory changed while it was read; try again",
			                 INERT(by_group ? id : walk->about), INERT(by_group ? walk->about : id),
			                 by_group ? "users" : "groups");
		group->value++;
	}
	return 0;
}

/* 1, 0 where the memberships are a gap, -1. */
static int read_found(struct scim_walk *walk, struct set *groups, struct set *users)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	bool by_group = asks_by_group(walk->reading);
	int result = listing_read(&walk->listing, scim_walk_once, walk);

	if (result > 0)
		return count_found(walk, groups, users, fault) < 0 || fetch_commit(fetch, fault) < 0 ? -1
		                                                                                     : 1;
	if (result < 0) {
		fault_prefix(fault, by_group ? "users of group '%s': " : "groups of user '%s': ",
		             INERT(walk->about));
		if (fault->kind != FAULT_PROTOCOL)
			return -1;
		fetch_restart(fetch);
		result = fetch_gap(fetch, "members", by_group ? walk->about : span_of(""), false, fault);
	}
	if (result < 0 || fetch_commit(fetch, fault) < 0)
		return -1;
	return by_group; /* of a group the gap is only its own */
}

/* What users show of their groups must not be more than nothing where the filter
   finds nothing. 0 or -1. */
static int check_found(struct scim_reading *reading, const struct set *groups, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	const char *path = reading->lists[LIST_GROUPS].path;
	uint64_t all = 0, empty = 0;
	struct span named = {"", 0};

	for (size_t i = 0; i < groups->cap; i++) {
		const struct set_entry *entry = &groups->slots[i];

		if (!entry->hash)
			continue;
		all += entry->value;
		if (!entry->value && set_find(&reading->named_groups, set_key(groups, entry))) {
			if (!empty++ || span_compare(set_key(groups, entry), named) < 0)
				named = set_key(groups, entry);
		}
	}
	if (empty)
		fault_set(fault, FAULT_PROTOCOL,
		          "%s%s: the filter finds no member of %llu groups that users show as theirs, "
		          "'%s' for one",
		          fetch->service.origin.base, path, (unsigned long long)empty, INERT(named));
	else if (!all)
		fault_set(fault, FAULT_PROTOCOL,
		          "%s%s: unproven: the filter finds no member in any of %zu groups",
		          fetch->service.origin.base, path, groups->count);
	else
		return 0;
	return fetch_gap(fetch, "members", span_of(""), false, fault) < 0 ? -1
	                                                                  : fetch_commit(fetch, fault);
}

int scim_members_by_filter(struct scim_reading *reading, const struct buf *ids, struct set *groups,
                           struct set *users, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	bool by_group = asks_by_group(reading);
	struct window window = {.size = (size_t)fetch->options->service.jobs};
	struct span id;
	uint64_t total = 0;
	size_t at = 0;
	int result = 1;

	if (!groups->count || !ids->len)
		return 0;
	reading->memberships = reading->lists[by_group ? LIST_USERS : LIST_GROUPS];
	reading->memberships.scope = "members";
	reading->memberships.kind = RECORD_MEMBERSHIP;
	reading->memberships.bit = SCOPE_MEMBERS;
	for (size_t i = 0; buf_next_sized(ids, &i, &id); total++)
		;
	window.walks = calloc(window.size, sizeof *window.walks);
	if (!window.walks)
		return fault_memory(fault);
	for (size_t i = 0; i < groups->cap; i++)
		groups->slots[i].value = 0;
	if (check_filter(reading, fault) < 0)
		result = -1;
	while (result > 0 && window.taken < total) {
		struct scim_walk *walk = &window.walks[window.taken % window.size];

		if (ask_next(&window, reading, ids, &at, fault) < 0)
			result = -1;
		else
			result = read_found(walk, groups, users);
		scim_walk_release(walk);
		fetch_count(fetch, by_group ? "users of groups" : "groups of users", ++window.taken, total);
	}
	if (result > 0)
		result = check_found(reading, groups, fault);
	for (size_t i = 0; i < window.size; i++)
		scim_walk_release(&window.walks[i]);
	free(window.walks);
	return result < 0 ? -1 : 0;
}
