/* SPDX-License-Identifier: ISC */
/*
 * scim: lists one after the other, then the members of the groups that the list
 * shows without them.
 */
#include "scim.h"

#include "inert.h"
#include "scim_page.h"
#include "scim_walk.h"

/* ---- members that the list does not show ---- */

/* A group of the list that came without members. */
struct memberless {
	struct span id, line;
};

static bool next_sized(const struct buf *list, size_t *at, struct span *text)
{
	if (*at >= list->len)
		return false;
	memcpy(&text->len, list->data + *at, sizeof text->len);
	text->data = list->data + *at + sizeof text->len;
	*at += sizeof text->len + text->len;
	return true;
}

static bool next_group(const struct buf *list, size_t *at, struct memberless *group)
{
	return next_sized(list, at, &group->id) && next_sized(list, at, &group->line);
}

static int ask_group(struct ahead *ahead, uint64_t number, struct span id, struct fault *fault)
{
	struct buf target = {0};
	int result;

	buf_puts(&target, "/Groups/");
	url_put_encoded(&target, id);
	result = ahead_ask(ahead, number, buf_text(&target), NULL, fault);
	buf_release(&target);
	return result;
}

/* 0, or -1 with a fault where the reply is not the group that was asked for. */
static int check_group(const struct fetch *fetch, const struct reply *reply, struct span id,
                       struct fault *fault)
{
	struct span got = {"", 0};

	if (reply->status != 200 || !reply->doc)
		return fetch_unwanted(fetch, reply, fault);
	if (scim_id(yyjson_doc_get_root(reply->doc), &got) && span_is(got, id))
		return 0;
	return fault_set(fault, FAULT_PROTOCOL, "got group '%s' instead", INERT(got));
}

static int keep_group(struct fetch *fetch, yyjson_val *group, struct span id, bool *shown,
                      struct fault *fault)
{
	if (fetch_format(fetch, RECORD_GROUP, group, NULL, fault) < 0 ||
	    fetch_hold(fetch, RECORD_GROUP, fault) < 0)
		return -1;
	*shown |= scim_shows(group, "members");
	return scim_check_members(fetch, group, id, fault);
}

/* One group's members could not be read: unknown, which is not none. The group
   itself is there as the list showed it. */
static int lose_members(struct fetch *fetch, struct request *request,
                        const struct memberless *group, struct fault *fault)
{
	long status = request_status(request);

	fault_prefix(fault, "members of group '%s': ", INERT(group->id));
	if ((status < 300 && fault->kind != FAULT_PROTOCOL) || status == 401 || status == 429 ||
	    http_expired(fetch->http) || fault->kind == FAULT_INTERNAL)
		return -1; /* that says nothing about this group: the run can not go on */
	fault->kind = FAULT_PROTOCOL;
	if (fetch_gap(fetch, "members", group->id, false, fault) < 0)
		return -1;
	buf_clear(&fetch->line);
	buf_put_span(&fetch->line, group->line);
	return fetch_hold(fetch, RECORD_GROUP, fault);
}

static int read_members(struct fetch *fetch, const struct buf *list, bool *shown,
                        struct fault *fault)
{
	struct ahead ahead = {.http = fetch->http, .max = (size_t)fetch->options->jobs};
	size_t asked_at = 0, taken_at = 0, asked = 0;
	struct memberless group, wanted;
	int result = 0;

	while (result == 0 && next_group(list, &taken_at, &group)) {
		struct request *request;
		const struct reply *reply;

		while (result == 0 && ahead_has_room(&ahead) && next_group(list, &asked_at, &wanted))
			result = ask_group(&ahead, asked++, wanted.id, fault);
		if (result < 0)
			break;
		request = ahead_take(&ahead);
		reply = http_wait(fetch->http, request, fault);
		if (reply && check_group(fetch, reply, group.id, fault) == 0)
			result = keep_group(fetch, yyjson_doc_get_root(reply->doc), group.id, shown, fault);
		else
			result = lose_members(fetch, request, &group, fault);
		http_drop(fetch->http, request);
	}
	ahead_drop(&ahead);
	return result;
}

/* ---- a whole list ---- */

/* No group shows members and no user shows groups: that is not knowing, not
   having none. */
static int check_shown(struct fetch *fetch, bool shown, struct fault *fault)
{
	if (shown)
		return 0;
	fault_set(fault, FAULT_PROTOCOL,
	          "%s/Groups: unproven: no group shows members, and no user shows groups",
	          fetch->origin.base);
	return fetch_gap(fetch, "members", span_of(""), false, fault);
}

static int read_list(struct scim_walk *walk, bool *shown)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	int result = listing_read(&walk->listing, scim_walk_once, walk);

	if (result > 0) {
		if (walk->listing.skipped)
			fetch_say(fetch, NOTE_WARNING, "%s: %llu records without an id skipped",
			          walk->list->path, (unsigned long long)walk->listing.skipped);
		*shown |= walk->shows_members && !walk->hides_groups;
		fetch->wants_cursor |= walk->by_cursor; /* its other lists are asked so at once */
		result = read_members(fetch, &walk->memberless, shown, fault);
		if (result == 0 && walk->list->kind == RECORD_GROUP &&
		    (walk->memberless.len ||
		     (fetch->options->members == MEMBERS_LIST && walk->listing.seen.count &&
		      (fetch->options->scopes & SCOPE_MEMBERS))))
			result = check_shown(fetch, *shown, fault);
	}
	return result < 0 ? -1 : fetch_commit(fetch, fault);
}

int scim_read(struct fetch *fetch, struct fault *fault)
{
	struct scim_walk walks[SCIM_LISTS], *behind = NULL;
	int result = fetch_note_scopes(fetch, fault);
	bool shown = false;

	for (size_t i = SCIM_LISTS; i-- > 0;) {
		scim_walk_init(&walks[i], fetch, &scim_lists[i], fault);
		walks[i].behind = behind;
		if (fetch->options->jobs > 1 && (fetch->options->scopes & scim_lists[i].bit))
			behind = &walks[i];
	}
	for (size_t i = 0; i < SCIM_LISTS; i++) {
		if (result == 0 && (fetch->options->scopes & scim_lists[i].bit))
			result = read_list(&walks[i], &shown);
		scim_walk_release(&walks[i]);
	}
	return result;
}

/* ---- looking before reading ---- */

static int check_list(struct fetch *fetch, const struct scim_list *list, struct buf *report,
                      struct fault *fault)
{
	struct scim_query query = {0};
	struct request *request;
	const struct reply *reply;
	struct scim_page page;
	int result = -1;

	scim_query_begin(&query, fetch, list);
	scim_query_number(&query, "startIndex", 1);
	scim_query_number(&query, "count", 1);
	scim_query_end(&query, fetch, list);
	reply = fetch_ask(fetch, buf_text(&query.target), scim_query_body(&query), &request, fault);
	scim_query_release(&query);
	if (reply && (reply->status != 200 || !reply->doc))
		fetch_unwanted(fetch, reply, fault);
	else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0)
		result = 0;
	if (result < 0)
		buf_putf(report, "%s: not readable: %s\n", list->scope, fault->text);
	else if (page.has_total)
		buf_putf(report, "%s: readable, the server counts %llu\n", list->scope,
		         (unsigned long long)page.total);
	else
		buf_putf(report, "%s: readable, the server does not say how many\n", list->scope);
	http_drop(fetch->http, request);
	return result;
}

int scim_check(struct fetch *fetch, struct buf *report, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; i < SCIM_LISTS; i++) {
		struct fault own = {0};
		bool optional = scim_lists[i].kind == RECORD_GROUP && fetch->provider->groups_optional;

		if (!(fetch->options->scopes & scim_lists[i].bit) ||
		    check_list(fetch, &scim_lists[i], report, &own) == 0)
			continue;
		if (result == 0 && !(optional && own.kind == FAULT_PROTOCOL)) {
			*fault = own;
			result = -1;
		}
	}
	return result;
}

void scim_plan(struct fetch *fetch, struct buf *lines)
{
	struct scim_query query = {0};

	for (size_t i = 0; i < SCIM_LISTS; i++) {
		struct scim_walk walk;

		scim_walk_init(&walk, fetch, &scim_lists[i], NULL);
		if (!(fetch->options->scopes & scim_lists[i].bit))
			continue;
		scim_walk_query(&query, &walk, 1);
		buf_putf(lines, "%s %s%s%s%s\n", query.search ? "POST" : "GET", fetch->origin.base,
		         buf_text(&query.target), query.search ? " " : "",
		         query.search ? buf_text(&query.body) : "");
	}
	scim_query_release(&query);
}
