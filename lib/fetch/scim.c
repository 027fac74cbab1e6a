/* SPDX-License-Identifier: ISC */
/*
 * scim: lists one after the other, then the memberships that they do not show.
 */
#include "fetch/scim.h"

#include "base/json_put.h"
#include "fetch/scim_members.h"
#include "scim/scim_page.h"

/* Do the groups that were listed have members that did not come with them? */
static bool lacks_members(const struct scim_walk *walk)
{
	const struct fetch_options *options = walk->listing.fetch->options;

	return walk->found.memberless.len ||
	       (options->members == MEMBERS_LIST && walk->listing.seen.count &&
	        (options->scopes & SCOPE_MEMBERS));
}

/* Is the list one of those that are read? */
static bool scim_reads(const struct fetch *fetch, const struct scim_list *list)
{
	return list->path && fetch->options->scopes & list->bit;
}

/* A list without users, where that proves nothing. 0 or -1, as fetch_gap. */
static int scim_no_users(struct scim_walk *walk)
{
	fault_set(walk->listing.fault, FAULT_PROTOCOL, "%s%s: unproven: there are no users; %s",
	          walk->listing.fetch->service.origin.base, walk->list->path,
	          walk->listing.fetch->service.provider->no_users);
	return fetch_gap(walk->listing.fetch, walk->list->scope, span_of(""), false,
	                 walk->listing.fault);
}

/* Every group of the list has shown that it has no members, and no user names a group: is that so,
   or does the list leave them out? One group that has members tells; one that has none may be
   empty in truth, so all are asked for. 1, 0, -1, as listing_read. */
static int scim_check_empty(struct scim_walk *walk)
{
	struct fetch *fetch = walk->listing.fetch;
	struct scim_reading *reading = walk->reading;
	int shows;

	if (walk->list->kind != RECORD_GROUP || !walk->listing.seen.count ||
	    walk->found.names_members || walk->found.memberless.len ||
	    fetch->options->members != MEMBERS_AUTO || !(fetch->options->scopes & SCOPE_MEMBERS) ||
	    !reading->has_users || reading->named_groups.count)
		return 1;
	shows = scim_members_ask_one(reading, buf_span(&walk->paging.first_id), walk->listing.fault);
	if (shows < 0 || shows == 2 || (shows == 0 && walk->listing.seen.count == 1))
		return shows < 0 ? -1 : 1;
	if (shows == 1)
		service_say(&fetch->service, NOTE_WARNING,
		            "%s: the list shows no members, and a group that is asked for alone does: each "
		            "is asked for",
		            walk->list->path);
	reading->doubts_empty = true;
	return listing_read(&walk->listing, scim_walk_once, walk);
}

/* One list; `shown`: something has shown memberships. */
static int scim_read_list(struct scim_walk *walk, bool *shown)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	int result = listing_read(&walk->listing, scim_walk_once, walk);

	if (result > 0 && walk->list->kind == RECORD_USER && !walk->list->of_services &&
	    !walk->listing.seen.count && fetch->service.provider->no_users)
		result = scim_no_users(walk);
	else if (result > 0)
		result = scim_check_empty(walk);
	if (result > 0) {
		if (walk->listing.skipped)
			service_say(&fetch->service, NOTE_WARNING, "%s: %llu records without an id skipped",
			            walk->list->path, (unsigned long long)walk->listing.skipped);
		*shown |= walk->found.shows_members && !walk->found.hides_groups;
		walk->reading->wants_cursor |= walk->paging.by_cursor;
		result = scim_members_by_group(walk->reading, &walk->found.memberless, shown, fault);
		if (result == 0 && walk->list->kind == RECORD_GROUP && lacks_members(walk) && !*shown)
			result = scim_members_unproven(fetch, fault);
	}
	return result < 0 ? -1 : fetch_commit(fetch, fault);
}

/* The mark of a service account, beside what the service says of it. 0 or -1. */
static int scim_mark_services(struct scim_reading *reading, struct fault *fault)
{
	struct buf mark = {0};

	if (!reading->lists[LIST_SERVICES].path)
		return 0;
	buf_puts(&mark, "{\"list\":");
	json_put_string(&mark, span_of(reading->lists[LIST_SERVICES].path));
	buf_putc(&mark, '}');
	reading->of_services = yyjson_read(buf_text(&mark), mark.len, 0);
	buf_release(&mark);
	return reading->of_services ? 0 : fault_memory(fault);
}

int scim_read(struct fetch *fetch, struct fault *fault)
{
	struct scim_reading reading = {.fetch = fetch};
	struct scim_walk walks[SCIM_LISTS], *behind = NULL;
	bool by_filter =
		fetch_lists_memberships(fetch->options) && fetch->options->scopes & SCOPE_MEMBERS;
	bool by_group = fetch->options->members == MEMBERS_USERS, shown = false;
	int result;

	scim_lists_of(fetch->service.provider, reading.lists);
	result = scim_mark_services(&reading, fault);
	if (result == 0)
		result = fetch_note_scopes(fetch, fault);
	for (size_t i = SCIM_LISTS; i-- > 0;) {
		scim_walk_init(&walks[i], &reading, &reading.lists[i], fault);
		walks[i].behind = behind;
		if (fetch->options->service.jobs > 1 && scim_reads(fetch, &reading.lists[i]))
			behind = &walks[i];
	}
	for (size_t i = 0; i < SCIM_LISTS && result == 0; i++) {
		if (scim_reads(fetch, &reading.lists[i]))
			result = scim_read_list(&walks[i], &shown);
		if (!by_filter)
			scim_walk_release(&walks[i]);
	}
	if (result == 0 && by_filter)
		result = scim_members_by_filter(
			&reading, &walks[by_group ? LIST_GROUPS : LIST_USERS].found.ids,
			&walks[LIST_GROUPS].listing.seen, &walks[LIST_USERS].listing.seen, fault);
	for (size_t i = 0; i < SCIM_LISTS; i++)
		scim_walk_release(&walks[i]);
	set_release(&reading.named_groups);
	yyjson_doc_free(reading.of_services);
	return result;
}

/* ---- looking before reading ---- */

static int scim_check_list(struct fetch *fetch, const struct scim_list *list, struct buf *report,
                           struct fault *fault)
{
	const char *what = list->of_services ? "service accounts" : list->scope;
	struct scim_query query = {0};
	struct request *request;
	const struct reply *reply;
	struct scim_page page;
	int result = -1;

	scim_query_begin(&query, fetch, list);
	scim_query_number(&query, "startIndex", 1);
	scim_query_number(&query, "count", 1);
	scim_query_end(&query, fetch, list);
	reply = service_ask(&fetch->service, buf_text(&query.target), scim_query_body(&query), &request,
	                    fault);
	scim_query_release(&query);
	if (reply && !reply_is_good(reply))
		service_unwanted(&fetch->service, reply, fault);
	else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0)
		result = scim_refuse_sentinel(fetch->service.provider, list,
		                              yyjson_arr_get_first(page.resources), fault);
	if (result < 0)
		buf_putf(report, "%s: not readable: %s\n", what, fault->text);
	else if (page.has_total)
		buf_putf(report, "%s: readable, the server counts %llu\n", what,
		         (unsigned long long)page.total);
	else
		buf_putf(report, "%s: readable, the server does not say how many\n", what);
	http_drop(fetch->service.http, request);
	return result;
}

int scim_check(struct fetch *fetch, struct buf *report, struct fault *fault)
{
	const struct provider *provider = fetch->service.provider;
	struct scim_list lists[SCIM_LISTS];
	int result = 0;

	scim_lists_of(provider, lists);
	for (size_t i = 0; i < SCIM_LISTS; i++) {
		struct fault own = {0};
		bool optional;

		if (!scim_reads(fetch, &lists[i]) || scim_check_list(fetch, &lists[i], report, &own) == 0)
			continue;
		optional = lists[i].kind == RECORD_GROUP &&
		           ((own.kind == FAULT_PROTOCOL && provider->groups_optional) ||
		            (own.kind == FAULT_REFUSED && provider->groups_may_be_refused));
		if (result == 0 && !optional) {
			*fault = own;
			result = -1;
		}
		if (own.kind == FAULT_INTERNAL)
			break; /* libcurl does not take another request then */
	}
	return result;
}

void scim_plan(struct fetch *fetch, struct buf *lines)
{
	struct scim_reading reading = {.fetch = fetch};
	struct scim_query query = {0};

	scim_lists_of(fetch->service.provider, reading.lists);
	for (size_t i = 0; i < SCIM_LISTS; i++) {
		struct scim_walk walk;

		scim_walk_init(&walk, &reading, &reading.lists[i], NULL);
		if (!scim_reads(fetch, &reading.lists[i]))
			continue;
		scim_walk_query(&query, &walk, 1);
		buf_putf(lines, "%s %s%s%s%s\n", query.search ? "POST" : "GET", fetch->service.origin.base,
		         buf_text(&query.target), query.search ? " " : "",
		         query.search ? buf_text(&query.body) : "");
	}
	scim_query_release(&query);
}
