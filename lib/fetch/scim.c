/* SPDX-License-Identifier: ISC */
/*
 * scim: lists one after the other, then the memberships that they do not show.
 */
#include "fetch/scim.h"

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

/* One list; `shown`: something has shown memberships. */
static int scim_read_list(struct scim_walk *walk, bool *shown)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	int result = listing_read(&walk->listing, scim_walk_once, walk);

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

int scim_read(struct fetch *fetch, struct fault *fault)
{
	struct scim_reading reading = {.fetch = fetch};
	struct scim_walk walks[SCIM_LISTS], *behind = NULL;
	int result = fetch_note_scopes(fetch, fault);
	bool shown = false;

	for (size_t i = SCIM_LISTS; i-- > 0;) {
		scim_walk_init(&walks[i], &reading, &scim_lists[i], fault);
		walks[i].behind = behind;
		if (fetch->options->service.jobs > 1 && (fetch->options->scopes & scim_lists[i].bit))
			behind = &walks[i];
	}
	for (size_t i = 0; i < SCIM_LISTS && result == 0; i++) {
		if (fetch->options->scopes & scim_lists[i].bit)
			result = scim_read_list(&walks[i], &shown);
		if (fetch->options->members != MEMBERS_FILTER)
			scim_walk_release(&walks[i]);
	}
	if (result == 0 && fetch->options->members == MEMBERS_FILTER)
		result = scim_members_by_user(&reading, &walks[0].found.ids, &walks[1].listing.seen, fault);
	for (size_t i = 0; i < SCIM_LISTS; i++)
		scim_walk_release(&walks[i]);
	set_release(&reading.named_groups);
	return result;
}

/* ---- looking before reading ---- */

static int scim_check_list(struct fetch *fetch, const struct scim_list *list, struct buf *report,
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
	reply = service_ask(&fetch->service, buf_text(&query.target), scim_query_body(&query), &request,
	                    fault);
	scim_query_release(&query);
	if (reply && !reply_is_good(reply))
		service_unwanted(&fetch->service, reply, fault);
	else if (reply && scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) == 0)
		result = 0;
	if (result < 0)
		buf_putf(report, "%s: not readable: %s\n", list->scope, fault->text);
	else if (page.has_total)
		buf_putf(report, "%s: readable, the server counts %llu\n", list->scope,
		         (unsigned long long)page.total);
	else
		buf_putf(report, "%s: readable, the server does not say how many\n", list->scope);
	http_drop(fetch->service.http, request);
	return result;
}

int scim_check(struct fetch *fetch, struct buf *report, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; i < SCIM_LISTS; i++) {
		struct fault own = {0};
		bool optional =
			scim_lists[i].kind == RECORD_GROUP && fetch->service.provider->groups_optional;

		if (!(fetch->options->scopes & scim_lists[i].bit) ||
		    scim_check_list(fetch, &scim_lists[i], report, &own) == 0)
			continue;
		if (result == 0 && !(optional && own.kind == FAULT_PROTOCOL)) {
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

	for (size_t i = 0; i < SCIM_LISTS; i++) {
		struct scim_walk walk;

		scim_walk_init(&walk, &reading, &scim_lists[i], NULL);
		if (!(fetch->options->scopes & scim_lists[i].bit))
			continue;
		scim_walk_query(&query, &walk, 1);
		buf_putf(lines, "%s %s%s%s%s\n", query.search ? "POST" : "GET", fetch->service.origin.base,
		         buf_text(&query.target), query.search ? " " : "",
		         query.search ? buf_text(&query.body) : "");
	}
	scim_query_release(&query);
}
