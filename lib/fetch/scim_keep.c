/* SPDX-License-Identifier: ISC */
/*
 * scim_keep: what becomes of one resource of a list: held, held back until its
 * members are known, counted, or the end of the run.
 */
#include "fetch/scim_walk.h"

#include "base/inert.h"
#include "scim/scim_page.h"
#include "scim/scim_user.h"

static bool has_name(yyjson_val *resource)
{
	static const char *const names[] = {"userName", "displayName", "externalId", "emails"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (yyjson_get_type(json_member(resource, names[i])) > YYJSON_TYPE_NULL)
			return true;
	return false;
}

/* A record without an id: an empty one is nobody's account and only counted; a
   named one can not be compared later, so the list is not whole without it. */
static int keep_nameless(struct scim_walk *walk, yyjson_val *resource)
{
	struct span name = SPAN_EMPTY;

	if (listing_skip(&walk->listing) < 0)
		return -1;
	if (!has_name(resource))
		return 0;
	if (!json_member_text(resource, "userName", &name))
		json_member_text(resource, "displayName", &name);
	fault_set(walk->listing.fault, FAULT_PROTOCOL, "a %s without an id ('%s') on page %zu of %s",
	          walk->list->one, INERT(name), walk->paging.pages + 1, walk->list->path);
	return fetch_gap(walk->listing.fetch, walk->list->scope, span_of(""), false,
	                 walk->listing.fault);
}

/* A round number of members is what a silent cut looks like; none is what a service shows that
   does not list them. */
static bool is_suspicious(size_t count)
{
	static const size_t cuts[] = {0, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000};

	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++)
		if (count == cuts[i])
			return true;
	return false;
}

int scim_check_members(struct scim_reading *reading, yyjson_val *group, struct span id,
                       struct fault *fault)
{
	const struct provider *provider = reading->fetch->service.provider;
	struct scim_items items = scim_items_of(json_member(group, "members"));
	const struct set_entry *named = set_find(&reading->named_groups, id);
	bool shown = scim_shows(group, "members"), good = true;
	struct buf scratch = {0};
	struct span member_id;
	yyjson_val *member;
	size_t count = 0;

	while (good && (member = scim_items_next(&items))) {
		if (yyjson_is_null(member))
			continue;
		good = scim_member_id(member, &member_id, &scratch);
		count++;
	}
	buf_release(&scratch);
	if (good && count && count == provider->members_cap) {
		fault_set(
			fault, FAULT_PROTOCOL,
			"group '%s' shows %zu members, and %s sends no more of any group: there may be more",
			INERT(id), count, provider->title);
		return fetch_gap(reading->fetch, "members", id, false, fault);
	}
	if (good && (!shown || !named || named->value <= count || !is_suspicious(count)))
		return 0;
	if (good)
		fault_set(fault, FAULT_PROTOCOL, "group '%s' shows %zu members, and %llu users are in it",
		          INERT(id), count, (unsigned long long)named->value);
	else
		fault_set(fault, FAULT_PROTOCOL, "group '%s' has a member without value and $ref",
		          INERT(id));
	return fetch_gap(reading->fetch, "members", id, false, fault);
}

/* What a user says of its groups: are they named by id, and how often is each
   group named? */
static int note_groups(struct scim_walk *walk, yyjson_val *user)
{
	struct scim_items items = scim_items_of(json_member(user, "groups"));
	struct buf scratch = {0};
	yyjson_val *group;
	int result = 0;

	while ((group = scim_items_next(&items))) {
		struct span id, type = SPAN_EMPTY;
		struct set_entry *entry;
		bool fresh;

		if (yyjson_is_null(group))
			continue;
		walk->found.names_members = true;
		walk->found.shows_members = true; /* no groups prove nothing: some send [] for everybody */
		json_member_text(group, "type", &type);
		if (span_is_nocase(type, span_of("indirect")))
			continue;
		if (!scim_member_id(group, &id, &scratch)) {
			walk->found.hides_groups = true;
			continue;
		}
		entry = set_take(&walk->reading->named_groups, id, &fresh);
		if (!entry) {
			result = fault_memory(walk->listing.fault);
			break;
		}
		entry->value++;
	}
	buf_release(&scratch);
	return result;
}

/* Is the group to be asked for its members? */
static bool wants_members(const struct fetch *fetch, bool shown)
{
	int members = fetch->options->members;

	return members == MEMBERS_GET || (members == MEMBERS_AUTO && !shown);
}

/* Remembers a group, and its line for the case that its members can not be read. 0 or -1. */
static int keep_memberless(struct scim_walk *walk, yyjson_val *group, struct span id)
{
	struct buf line = {0};

	fetch_format_record(walk->listing.fetch, &line, RECORD_GROUP, group, NULL);
	buf_put_sized(&walk->found.memberless, id);
	buf_put_sized(&walk->found.memberless, buf_span(&line));
	if (line.state != BUF_OK)
		walk->found.memberless.state = line.state;
	buf_release(&line);
	return buf_check(&walk->found.memberless, walk->listing.fault);
}

/* Does a group of a list show its members? */
static bool shows_members(const struct scim_walk *walk, yyjson_val *group)
{
	bool none = scim_items_none(json_member(group, "members"));

	return scim_shows(group, "members") &&
	       (!none || (walk->listing.fetch->service.provider->empty_members == EMPTY_IS_NONE &&
	                  !walk->reading->doubts_empty));
}

/* Ids that are asked about when all lists have come. 0 or -1. */
static int note_id(struct scim_walk *walk, struct span id)
{
	int from = walk->list->kind == RECORD_GROUP ? MEMBERS_USERS : MEMBERS_FILTER;

	if (walk->listing.fetch->options->members != from)
		return 0;
	buf_put_sized(&walk->found.ids, id);
	return buf_check(&walk->found.ids, walk->listing.fault);
}

static int keep_fresh(struct scim_walk *walk, yyjson_val *resource, struct span id)
{
	struct fetch *fetch = walk->listing.fetch;
	bool group = walk->list->kind == RECORD_GROUP;
	bool shown = group && shows_members(walk, resource);
	yyjson_val *mark =
		walk->list->of_services ? yyjson_doc_get_root(walk->reading->of_services) : NULL;

	if (walk->listing.seen.count == 1) {
		buf_put_span(&walk->paging.first_id, id);
		walk->paging.first_at = walk->listing.skipped + 1;
	}
	if (walk->listing.seen.count == 2 && walk->listing.skipped + 1 == walk->paging.first_at)
		buf_put_span(&walk->paging.second_id, id);
	walk->found.shows_members |= shown;
	walk->found.names_members |= group && scim_shows(resource, "members") &&
	                             !scim_items_none(json_member(resource, "members"));
	walk->reading->has_users |= !group;
	if (!group && !mark && note_groups(walk, resource) < 0)
		return -1;
	if (note_id(walk, id) < 0)
		return -1;
	if (!group || !(fetch->options->scopes & SCOPE_MEMBERS) ||
	    fetch->options->members == MEMBERS_USERS)
		return fetch_put_record(fetch, walk->list->kind, resource, mark, walk->listing.fault);
	if (wants_members(fetch, shown))
		return keep_memberless(walk, resource, id);
	if (fetch_put_record(fetch, walk->list->kind, resource, NULL, walk->listing.fault) < 0)
		return -1;
	return scim_check_members(walk->reading, resource, id, walk->listing.fault);
}

/* Holds the membership of the user and the group, one of which the walk is about. 0 or -1 */
static int keep_membership(struct scim_walk *walk, struct span id)
{
	struct fetch *fetch = walk->listing.fetch;
	bool by_group = fetch->options->members == MEMBERS_USERS;

	buf_put_sized(&walk->found.ids, id);
	if (buf_check(&walk->found.ids, walk->listing.fault) < 0)
		return -1;
	return fetch_put_membership(fetch, by_group ? walk->about : id, by_group ? id : walk->about,
	                            walk->listing.fault);
}

int scim_refuse_sentinel(const struct provider *provider, const struct scim_list *list,
                         yyjson_val *resource, struct fault *fault)
{
	bool group = list->kind == RECORD_GROUP;
	const char *sentinel = provider->sentinels[group];
	struct span name;

	if (!sentinel || !json_member_text(resource, group ? "displayName" : "userName", &name) ||
	    !span_is_nocase(name, span_of(sentinel)))
		return 0;
	return fault_set(fault, FAULT_PROTOCOL, "%s: the list holds '%s': %s", list->path, sentinel,
	                 provider->sentinel_means);
}

int scim_keep(struct scim_walk *walk, yyjson_val *resource)
{
	struct listing *listing = &walk->listing;
	struct span id;
	int fresh;

	if (!yyjson_is_obj(resource) && !yyjson_is_null(resource))
		return fault_set(listing->fault, FAULT_PROTOCOL, "a %s of %s is %s, not an object",
		                 walk->list->one, walk->list->path, json_type(resource));
	if (scim_refuse_sentinel(listing->fetch->service.provider, walk->list, resource,
	                         listing->fault) < 0)
		return -1;
	if (!scim_id(resource, &id))
		return keep_nameless(walk, resource);
	fresh = listing_take(listing, id, resource);
	if (fresh <= 0)
		return fresh;
	return walk->list->kind == RECORD_MEMBERSHIP ? keep_membership(walk, id)
	                                             : keep_fresh(walk, resource, id);
}
