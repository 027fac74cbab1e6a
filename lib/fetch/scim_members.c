/* SPDX-License-Identifier: ISC */
/*
 * scim_members: requests go out side by side and are taken in order, so that the
 * output does not depend on who answers first.
 */
#include "fetch/scim_members.h"

#include "base/inert.h"
#include "scim/scim_page.h"

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

static int ask_group(struct prefetch *prefetch, uint64_t number, struct span id,
                     struct fault *fault)
{
	struct buf target = {0};
	int result;

	buf_puts(&target, "/Groups/");
	url_put_encoded(&target, id);
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
			result = ask_group(&prefetch, asked++, wanted.id, fault);
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

/* ---- user by user ---- */

/* A list of the groups that one user is a member of. */
static const struct scim_list memberships = {"/Groups", "members", "group", RECORD_MEMBERSHIP,
                                             SCOPE_MEMBERS};

/* Asks for the groups of a user that nobody is. A service that does not look at the
   filter answers with groups, and would make everybody a member of everything. */
static int check_filter(struct scim_reading *reading, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	struct scim_query query = {0};
	struct request *request;
	const struct reply *reply;
	struct scim_page page;
	struct scim_walk walk;
	int result = -1;

	scim_walk_init(&walk, reading, &memberships, fault);
	walk.member = span_of("rollcall-nobody-has-this-id");
	scim_walk_query(&query, &walk, 1);
	reply = service_ask(&fetch->service, buf_text(&query.target), scim_query_body(&query), &request,
	                    fault);
	scim_query_release(&query);
	if (reply && !reply_is_good(reply)) {
		service_unwanted(&fetch->service, reply, fault);
		fault_hint(fault, "; does the service filter groups by their members? try --members get");
	} else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0) {
		if (!page.count && !page.total && (page.resources || page.has_total))
			result = 0;
		else
			fault_set(fault, FAULT_PROTOCOL,
			          "it ignores the filter: it lists groups of a user that does not exist; try "
			          "--members get");
	}
	if (result < 0 && request)
		fault_prefix(fault, "%s: ", request_url(request));
	http_drop(fetch->service.http, request);
	return result;
}

/* Users whose groups are being read, those that come next among them. */
struct window {
	struct scim_walk *walks; /* a ring */
	size_t size;
	uint64_t begun, taken; /* users so far */
};

/* Begins with the next users, and asks for what should follow of those in hand. */
static int ask_users(struct window *window, struct scim_reading *reading, const struct buf *ids,
                     size_t *at, struct fault *fault)
{
	struct span id;
	int result = 0;

	while (window->begun - window->taken < window->size && buf_next_sized(ids, at, &id)) {
		struct scim_walk *walk = &window->walks[window->begun++ % window->size];

		scim_walk_init(walk, reading, &memberships, fault);
		walk->member = id;
	}
	for (uint64_t i = window->taken; i < window->begun && result == 0; i++)
		result = scim_walk_prefetch(&window->walks[i % window->size]);
	return result;
}

/* Each group of the user's must be one of those that were listed; counts it. */
static int count_groups(const struct scim_walk *walk, struct set *found, struct fault *fault)
{
	struct span group;

	for (size_t at = 0; buf_next_sized(&walk->found.ids, &at, &group);) {
		struct set_entry *entry = set_find(found, group);

		if (!entry)
			return fault_set(fault, FAULT_TRY_LATER,
			                 "user '%s' is in group '%s', which was not there when groups were "
			                 "listed: the directory changed while it was read; try again",
			                 INERT(walk->member), INERT(group));
		entry->value++;
	}
	return 0;
}

/* 1, 0 where the memberships are a gap, -1. */
static int read_user_groups(struct scim_walk *walk, struct set *found)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	int result = listing_read(&walk->listing, scim_walk_once, walk);

	if (result > 0)
		return count_groups(walk, found, fault) < 0 || fetch_commit(fetch, fault) < 0 ? -1 : 1;
	if (result < 0) {
		fault_prefix(fault, "groups of user '%s': ", INERT(walk->member));
		if (fault->kind != FAULT_PROTOCOL)
			return -1;
		fetch_restart(fetch);
		result = fetch_gap(fetch, "members", span_of(""), false, fault);
	}
	return result == 0 ? fetch_commit(fetch, fault) : -1;
}

/* What users show of their groups must not be more than nothing where the filter
   finds nothing. 0 or -1. */
static int check_found(struct scim_reading *reading, const struct set *found, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	uint64_t all = 0, empty = 0;
	struct span named = SPAN_EMPTY;

	for (size_t i = 0; i < found->cap; i++) {
		const struct set_entry *entry = &found->slots[i];

		if (!entry->hash)
			continue;
		all += entry->value;
		if (!entry->value && set_find(&reading->named_groups, set_key(found, entry))) {
			if (!empty++ || span_compare(set_key(found, entry), named) < 0)
				named = set_key(found, entry);
		}
	}
	if (empty)
		fault_set(fault, FAULT_PROTOCOL,
		          "%s/Groups: the filter finds no member of %llu groups that users show as theirs, "
		          "'%s' for one",
		          fetch->service.origin.base, (unsigned long long)empty, INERT(named));
	else if (!all)
		fault_set(fault, FAULT_PROTOCOL,
		          "%s/Groups: unproven: the filter finds no member in any of %zu groups",
		          fetch->service.origin.base, found->count);
	else
		return 0;
	return fetch_gap(fetch, "members", span_of(""), false, fault) < 0 ? -1
	                                                                  : fetch_commit(fetch, fault);
}

int scim_members_by_user(struct scim_reading *reading, const struct buf *user_ids,
                         struct set *groups, struct fault *fault)
{
	struct fetch *fetch = reading->fetch;
	struct window window = {.size = (size_t)fetch->options->service.jobs};
	struct span id;
	uint64_t users = 0;
	size_t at = 0;
	int result = 1;

	if (!groups->count || !user_ids->len)
		return 0;
	for (size_t i = 0; buf_next_sized(user_ids, &i, &id); users++)
		;
	window.walks = calloc(window.size, sizeof *window.walks);
	if (!window.walks)
		return fault_memory(fault);
	for (size_t i = 0; i < groups->cap; i++)
		groups->slots[i].value = 0;
	if (check_filter(reading, fault) < 0)
		result = -1;
	while (result > 0 && window.taken < users) {
		struct scim_walk *walk = &window.walks[window.taken % window.size];

		if (ask_users(&window, reading, user_ids, &at, fault) < 0)
			result = -1;
		else
			result = read_user_groups(walk, groups);
		scim_walk_release(walk);
		fetch_count(fetch, "groups of users", ++window.taken, users);
	}
	if (result > 0)
		result = check_found(reading, groups, fault);
	for (size_t i = 0; i < window.size; i++)
		scim_walk_release(&window.walks[i]);
	free(window.walks);
	return result < 0 ? -1 : 0;
}
