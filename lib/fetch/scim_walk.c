/* SPDX-License-Identifier: ISC */
/*
 * scim_walk: asks, takes, and judges the end.
 *
 * Pages behind the first are asked for ahead, at the places where they should
 * begin. The walk takes them in order and drops them as soon as one turns out
 * to begin elsewhere, so what is read never depends on what was prefetched.
 */
#include "fetch/scim_walk.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "scim/scim_page.h"

enum {
	COUNT_LEAST = 10, /* records a page: no service takes fewer only */
	WORDS_MAX = 4096, /* bytes of an error that are looked at */
};

/* Records a page to begin with. A group may have thousands of members, so 1000 of them are too
   large a page for a guess. */
static long scim_first_count(const struct scim_walk *walk)
{
	const struct fetch *fetch = walk->reading->fetch;
	long count = walk->reading->count ? walk->reading->count : fetch->options->count;
	bool heavy = walk->list->kind == RECORD_GROUP && !scim_query_leaves_members(fetch, walk->list);

	return fetch->options->count_is_guess && heavy && count > COUNT_SAFE ? COUNT_SAFE : count;
}

/* The way of paging that a walk begins with. */
static struct scim_paging first_paging(const struct scim_walk *walk)
{
	int paging = walk->reading->fetch->options->paging;
	bool guessed = paging == PAGING_AUTO && walk->reading->wants_cursor;

	return (struct scim_paging){
		.count = scim_first_count(walk),
		.start = 1,
		.by_cursor = paging == PAGING_CURSOR || guessed,
		.cursor_guessed = guessed,
		.unpaged = paging == PAGING_NONE,
	};
}

void scim_walk_init(struct scim_walk *walk, struct scim_reading *reading,
                    const struct scim_list *list, struct fault *fault)
{
	*walk = (struct scim_walk){.reading = reading, .list = list};
	walk->paging = first_paging(walk);
	listing_init(&walk->listing, reading->fetch, list->path, list->scope, fault);
}

/* What one walk has come to know. */
static void release_pages(struct scim_walk *walk)
{
	set_release(&walk->paging.cursors);
	buf_release(&walk->paging.first_id);
	buf_release(&walk->paging.second_id);
	buf_release(&walk->paging.cursor);
	buf_release(&walk->found.memberless);
	buf_release(&walk->found.ids);
}

void scim_walk_release(struct scim_walk *walk)
{
	listing_release(&walk->listing);
	release_pages(walk);
}

/* Back to the start. */
static void scim_walk_restart(struct scim_walk *walk)
{
	bool by_cursor = walk->paging.by_cursor;
	long count = walk->paging.count;

	release_pages(walk);
	listing_restart(&walk->listing);
	if (walk->list->kind == RECORD_USER && !walk->list->of_services)
		set_clear(&walk->reading->named_groups);
	walk->paging = first_paging(walk);
	walk->found = (struct scim_found){0};
	if (walk->paging.by_cursor != by_cursor || walk->paging.count != count)
		prefetch_drop(&walk->listing.prefetch); /* asked for in another way */
}

/* ---- asking for pages ---- */

/* RFC 7644 section 3.4.2.2: the value is a JSON string. */
static void put_member_filter(struct scim_query *query, const struct scim_walk *walk)
{
	bool by_group = walk->listing.fetch->options->members == MEMBERS_USERS;
	struct buf filter = {0};

	buf_puts(&filter, by_group ? "groups.value eq " : "members.value eq ");
	json_put_string(&filter, walk->about);
	scim_query_text(query, "filter", buf_span(&filter));
	buf_release(&filter);
}

void scim_walk_query(struct scim_query *query, const struct scim_walk *walk, uint64_t start)
{
	const struct fetch *fetch = walk->listing.fetch;

	scim_query_begin(query, fetch, walk->list);
	if (walk->paging.by_cursor)
		scim_query_text(query, "cursor", buf_span(&walk->paging.cursor));
	else if (!walk->paging.unpaged)
		scim_query_number(query, "startIndex", start);
	if (!walk->paging.unpaged)
		scim_query_number(query, "count", (uint64_t)walk->paging.count);
	if (walk->about.len)
		put_member_filter(query, walk);
	scim_query_end(query, fetch, walk->list);
}

/* Is the number of records a page ours, and more than what every service takes? */
static bool may_ask_for_fewer(const struct scim_walk *walk)
{
	return walk->reading->fetch->options->count_is_guess && walk->paging.count > COUNT_SAFE &&
	       !walk->paging.unpaged;
}

/* What came with the first page is what the service gives: the next ones are asked for as
   many. If no more are to come, it is no answer to how many it gives. */
static void fit_count(struct scim_walk *walk, const struct scim_page *page)
{
	long came = page->count > COUNT_SAFE ? (long)page->count : COUNT_SAFE;
	bool more = !page->has_total || page->total > page->count;

	if (may_ask_for_fewer(walk) && !walk->paging.pages && !walk->paging.by_cursor &&
	    !page->cursor.len && more && came < walk->paging.count)
		walk->paging.count = came;
}

static int walk_prefetch_page(struct scim_walk *walk, struct scim_query *query, uint64_t start)
{
	struct prefetch *prefetch = &walk->listing.prefetch;

	scim_walk_query(query, walk, start);
	if (prefetch_ask(prefetch, start, buf_text(&query->target), scim_query_body(query),
	                 walk->listing.fault) < 0)
		return -1;
	if (may_ask_for_fewer(walk))
		http_no_patience(prefetch->requests[prefetch->count - 1].request);
	return 0;
}

/* Asks for the pages of `step` records that should follow the one asked for last,
   as far as `total` goes: the last one is the empty page after the end. */
static int walk_prefetch(struct scim_walk *walk, struct scim_query *query, uint64_t step,
                         uint64_t total)
{
	struct prefetch *prefetch = &walk->listing.prefetch;
	uint64_t last = prefetch_last(prefetch, 0);
	int result = 0;

	while (result == 0 && step && last <= total && prefetch_has_room(prefetch)) {
		last = last + step <= total ? last + step : total + 1;
		result = walk_prefetch_page(walk, query, last);
	}
	return result;
}

int scim_walk_prefetch(struct scim_walk *walk)
{
	const struct reply *first = prefetch_peek(&walk->listing.prefetch);
	struct scim_query query = {0};
	struct fault ignored; /* the walk will meet it again */
	struct scim_page page;
	int result = 0;

	if (!walk->listing.prefetch.count)
		result = walk_prefetch_page(walk, &query, walk->paging.start);
	else if (first && !walk->paging.by_cursor && !walk->paging.unpaged &&
	         scim_page_parse(&page, yyjson_doc_get_root(first->doc), &ignored) == 0 &&
	         !page.cursor.len) {
		fit_count(walk, &page);
		result = walk_prefetch(walk, &query, page.count, page.total);
	}
	scim_query_release(&query);
	return result;
}

/* Asks for the page at the walk's start, and for those that should follow. */
static int scim_ask_page(struct scim_walk *walk)
{
	struct prefetch *prefetch = &walk->listing.prefetch;
	struct scim_query query = {0};
	int result = 0;

	if (!prefetch_is_next(prefetch, walk->paging.start))
		result = walk_prefetch_page(walk, &query, walk->paging.start);
	if (result == 0 && !walk->paging.by_cursor && !walk->paging.unpaged) {
		result = walk_prefetch(walk, &query, walk->paging.step, walk->listing.total);
		/* its first page at once, those that should follow where this list leaves room */
		if (result == 0 && walk->paging.pages && walk->behind &&
		    (prefetch_has_room(prefetch) || !walk->behind->listing.prefetch.count))
			result = scim_walk_prefetch(walk->behind);
	}
	scim_query_release(&query);
	return result;
}

/* ---- what a page brings ---- */

static void note_total(struct scim_walk *walk, const struct scim_page *page)
{
	/* some servers say 0 on the page behind the end: that is no news */
	if (!page->has_total || (walk->paging.pages && !page->count && !page->total))
		return;
	listing_name_total(&walk->listing, page->total, page->count);
}

/* ---- where a walk ends ---- */

/* The list has come to its end; did all of it come? */
static enum listing_outcome scim_list_ended(struct scim_walk *walk)
{
	enum listing_outcome outcome = listing_end(&walk->listing, "; try --sort-by userName");

	if (outcome == LISTING_COMPLETE && !walk->listing.has_total && !walk->found.says_empty) {
		fault_set(
			walk->listing.fault, FAULT_PROTOCOL,
			"%s%s: unproven: the answer has neither Resources nor totalResults, so an empty list "
			"looks like a broken one",
			walk->listing.fetch->service.origin.base, walk->list->path);
		return LISTING_FAILED;
	}
	return outcome;
}

static enum listing_outcome scim_unproven(struct scim_walk *walk)
{
	fault_set(
		walk->listing.fault, FAULT_PROTOCOL,
		"%s%s: unproven: the same %llu %s come whatever startIndex says, so there may be more; "
		"try --method search, %s--paging none if it always sends all at once",
		walk->listing.fetch->service.origin.base, walk->list->path,
		(unsigned long long)listing_found(&walk->listing), walk->list->scope,
		walk->listing.fetch->options->paging == PAGING_CURSOR ? "or " : "--paging cursor, or ");
	return LISTING_FAILED;
}

/* Asks for a page of `count` at `start`. True with the page, or with an empty one
   where the answer is no list; false with a fault. The request is the caller's. */
static bool scim_peek(struct scim_walk *walk, uint64_t start, int count, struct scim_page *page,
                      struct request **request)
{
	struct fetch *fetch = walk->listing.fetch;
	struct scim_query query = {0};
	struct fault ignored;
	const struct reply *reply;

	*page = (struct scim_page){0};
	scim_query_begin(&query, fetch, walk->list);
	scim_query_number(&query, "startIndex", start);
	scim_query_number(&query, "count", (uint64_t)count);
	scim_query_end(&query, fetch, walk->list);
	reply = service_ask(&fetch->service, buf_text(&query.target), scim_query_body(&query), request,
	                    walk->listing.fault);
	scim_query_release(&query);
	if (reply && (!reply_is_good(reply) ||
	              scim_page_parse(page, yyjson_doc_get_root(reply->doc), &ignored) < 0))
		*page = (struct scim_page){0};
	return reply;
}

/* Is the record behind the first one another? Where no total speaks for the list,
   it must be the one that stood there before, or the list has no order. */
static bool proves_order(const struct scim_walk *walk, const struct scim_page *page)
{
	const struct listing *listing = &walk->listing;
	bool promised = listing->has_total && listing_found(listing) == listing->total;
	struct span id;

	if (!scim_id(yyjson_arr_get_first(page->resources), &id))
		return false;
	return promised || !walk->paging.second_id.len ? !span_is(id, buf_span(&walk->paging.first_id))
	                                               : span_is(id, buf_span(&walk->paging.second_id));
}

/* One look at the place behind the first record; of a list of one: is it alone,
   though two are asked for, and does the server say so? */
static enum listing_outcome probe_paging(struct scim_walk *walk)
{
	bool one = walk->listing.seen.count == 1;
	enum listing_outcome outcome = LISTING_FAILED;
	struct request *request;
	struct scim_page page;

	if (scim_peek(walk, one ? walk->paging.first_at : walk->paging.first_at + 1, one ? 2 : 1, &page,
	              &request)) {
		bool proved =
			one ? page.count == 1 && page.has_total && page.total == 1 : proves_order(walk, &page);

		outcome = proved ? LISTING_COMPLETE : scim_unproven(walk);
	}
	http_drop(walk->listing.fetch->service.http, request);
	return outcome;
}

/* Is the first record with an id that of the first page again? */
static bool starts_over(const struct scim_walk *walk, const struct scim_page *page)
{
	yyjson_val *resource;
	struct span id;
	size_t i, max;

	yyjson_arr_foreach(page->resources, i, max, resource)
		if (scim_id(resource, &id))
			return span_is(id, buf_span(&walk->paging.first_id));
	return false;
}

/* A page repeated what had come. A server that starts over behind the end, or
   whose pages overlap, is complete; one that ignores startIndex has proved
   nothing. */
static enum listing_outcome ended_by_repeat(struct scim_walk *walk, const struct scim_page *page)
{
	struct listing *listing = &walk->listing;
	enum listing_outcome outcome;
	bool again = starts_over(walk, page);

	if (again)
		listing_starts_over(listing);
	if (again && walk->paging.pages == 2 && listing->has_total &&
	    listing_found(listing) < listing->total) {
		listing_short(listing, ": it ignores startIndex and sends the first page again; try "
		                       "--paging cursor");
		return LISTING_FAILED;
	}
	outcome = scim_list_ended(walk);
	if (outcome != LISTING_COMPLETE)
		return outcome;
	if (listing->seen.count == 1 && listing->total == 1 && walk->paging.count > 1)
		return outcome; /* it says one, and nobody cuts a list after one record */
	if (walk->paging.cursor_guessed && again && !page->has_start)
		return outcome; /* it pages by cursor, and gave none: this was all */
	if (!again && page->count < walk->paging.first_count)
		return outcome; /* the end of the list again, in a smaller page: startIndex counts */
	return probe_paging(walk);
}

static enum listing_outcome ended_unpaged(struct scim_walk *walk)
{
	if (!walk->listing.has_total && walk->listing.fetch->options->paging != PAGING_NONE)
		return scim_unproven(walk);
	return scim_list_ended(walk);
}

static enum listing_outcome next_cursor(struct scim_walk *walk, const struct scim_page *page)
{
	size_t idle_max = page->count ? REPEATED_PAGES_MAX : IDLE_PAGES_MAX;
	bool fresh;

	if (!set_take(&walk->paging.cursors, page->cursor, &fresh))
		return (enum listing_outcome)fault_memory(walk->listing.fault);
	if (!fresh || walk->paging.idle > idle_max) {
		fault_set(walk->listing.fault, FAULT_PROTOCOL, "%s: %s, the list has no end",
		          walk->list->path,
		          fresh ? "page after page brings nothing new" : "the same nextCursor came twice");
		return LISTING_FAILED;
	}
	if (!walk->paging.by_cursor)
		prefetch_drop(&walk->listing.prefetch); /* prefetched by index */
	walk->paging.by_cursor = true;
	walk->paging.cursor_guessed = false;
	buf_clear(&walk->paging.cursor);
	buf_put_span(&walk->paging.cursor, page->cursor);
	walk->paging.start = walk->paging.pages + 1; /* only a number to know the request by */
	return LISTING_ON;
}

/* Did the page bring nothing that counts? Records without an id can not be told
   apart: a page of nothing else is taken as new, unless all that was promised
   has come. */
static bool is_idle_page(const struct listing *listing, bool all_there)
{
	const struct listing_page *page = &listing->page;

	return !page->fresh && (page->repeated || !page->skipped || all_there);
}

/* Keeps what a page brings and counts it. 0 or -1. */
static int scim_keep_page(struct scim_walk *walk, const struct scim_page *page)
{
	struct listing *listing = &walk->listing;
	bool all_there = listing->total_is_whole && listing_found(listing) == listing->total;
	yyjson_val *resource;
	size_t i, max;

	note_total(walk, page);
	walk->found.says_empty |= page->resources != NULL;
	listing_begin_page(listing);
	yyjson_arr_foreach(page->resources, i, max, resource)
		if (scim_keep(walk, resource) < 0)
			return -1;
	listing_end_page(listing);
	fit_count(walk, page);
	if (!walk->paging.pages++)
		walk->paging.first_count = page->count;
	walk->paging.step = page->count - (size_t)listing->page.doubled;
	walk->paging.idle = is_idle_page(listing, all_there) ? walk->paging.idle + 1 : 0;
	walk->paging.nameless =
		page->count && listing->page.skipped == page->count ? walk->paging.nameless + 1 : 0;
	if (walk->paging.nameless <= NAMELESS_PAGES_MAX)
		return 0;
	return fault_set(listing->fault, FAULT_PROTOCOL, "%s: page after page of records without an id",
	                 walk->list->path);
}

static enum listing_outcome scim_take_page(struct scim_walk *walk, const struct scim_page *page)
{
	struct listing *listing = &walk->listing;
	int paging = listing->fetch->options->paging;

	if (scim_keep_page(walk, page) < 0)
		return LISTING_FAILED;
	if (walk->list->kind != RECORD_MEMBERSHIP) /* of which there are many */
		fetch_count(listing->fetch, listing->what, listing_found(listing), listing->total);
	if (page->cursor.len && (paging == PAGING_AUTO || paging == PAGING_CURSOR))
		return next_cursor(walk, page);
	/* not proved by this, where it was a guess or the service counts by startIndex all the same:
	   go on by index */
	if (walk->paging.by_cursor && walk->paging.pages == 1 && page->count &&
	    (walk->paging.cursor_guessed || page->has_start))
		walk->paging.by_cursor = false;
	if (walk->paging.by_cursor)
		return scim_list_ended(walk);
	if (walk->paging.unpaged)
		return ended_unpaged(walk);
	if (!page->count)
		return scim_list_ended(walk);
	if (walk->paging.idle)
		return ended_by_repeat(walk, page);
	walk->paging.start +=
		walk->paging.step; /* one that stands twice on a page has one place in the list */
	return LISTING_ON;
}

/* Has everything come that the server promised, by a promise worth something? */
static bool has_all_seen(const struct scim_walk *walk)
{
	const struct listing *listing = &walk->listing;
	bool short_page = walk->paging.step < (size_t)walk->paging.count;

	return walk->paging.pages && listing->has_total && !listing->totals_differ &&
	       !listing->overlapped && listing_found(listing) == listing->total &&
	       !http_expired(listing->fetch->service.http) && (listing->total_is_whole || short_page);
}

/* An error of the service's own. All other 5xx may come from what stands before it, and
   say nothing about the list. */
static bool ends_list(const struct request *request)
{
	return request_status(request) == 500 && request_verdict(request) != VERDICT_WAIT;
}

/* Some servers answer with an error behind the last page. */
static enum listing_outcome ended_by_error(struct scim_walk *walk, long status)
{
	*walk->listing.fault = (struct fault){0};
	service_say(&walk->listing.fetch->service, NOTE_WARNING,
	            "%s: HTTP %ld after the last page, taken as the end of the list", walk->list->path,
	            status);
	return scim_list_ended(walk);
}

/* The list can not be read at all: a gap, or the end of the run. */
static enum listing_outcome scim_not_served(struct scim_walk *walk, const struct reply *reply)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	const struct provider *provider = fetch->service.provider;
	bool missing = reply->status == 404 || reply->status == 405 || reply->status == 501;
	bool optional = walk->list->kind == RECORD_GROUP &&
	                ((missing && provider->groups_optional) ||
	                 (reply->status == 403 && provider->groups_may_be_refused));

	service_unwanted(&fetch->service, reply, fault);
	if (optional)
		fault_hint(fault, "; %s does not always serve groups", provider->title);
	else if (reply->status == 404 && provider->missing)
		fault_hint(fault, "; %s", provider->missing);
	else if (reply->status == 404)
		fault_hint(fault, "; is the base URL right?");
	else if (reply->status == 400 && provider->bad_request)
		fault_hint(fault, "; %s", provider->bad_request);
	fault_prefix(fault, "%s%s: ", fetch->service.origin.base, walk->list->path);
	if ((!missing && reply->status != 403) ||
	    fetch_gap(fetch, walk->list->scope, span_of(""), optional, fault) < 0)
		return LISTING_FAILED;
	return LISTING_GAP;
}

/* Does an answer speak of how many records a page may have? */
static bool speaks_of_count(const struct reply *reply)
{
	static const struct span words[] = {SPAN("count"), SPAN("limit"), SPAN("page size"),
	                                    SPAN("pageSize"), SPAN("tooMany")};
	struct span text = buf_span(&reply->body);

	for (size_t word = 0; word < sizeof words / sizeof *words; word++)
		for (size_t at = 0; at + words[word].len <= text.len && at < WORDS_MAX; at++)
			if (span_is_nocase((struct span){text.data + at, words[word].len}, words[word]))
				return true;
	return false;
}

/* The first page was refused with 400 or 501. Some servers take fewer records a page, and some
   refuse the parameters of paging as such. False where there is no other way to ask. */
static bool ask_otherwise(struct scim_walk *walk, const struct reply *reply)
{
	struct scim_paging *paging = &walk->paging;
	struct scim_reading *reading = walk->reading;
	long half = paging->count / 2 > COUNT_LEAST ? paging->count / 2 : COUNT_LEAST;

	if (paging->unpaged)
		return false;
	if (!paging->refusal.kind)
		service_unwanted(&reading->fetch->service, reply, &paging->refusal);
	if (reply->status == 400 && half < paging->count && speaks_of_count(reply)) {
		if (!reading->count || reading->count > half)
			reading->count = half;
		paging->count = half;
	} else if (reading->fetch->options->paging == PAGING_AUTO) {
		paging->unpaged = true;
		paging->by_cursor = false;
	} else {
		return false;
	}
	prefetch_drop(&walk->listing.prefetch);
	return true;
}

/* A page of so many records is refused, takes too long or is too large: 100 are asked for, from
   here on. False where that is no way out. `reply` is NULL where none came. */
static bool ask_for_fewer(struct scim_walk *walk, const struct request *request,
                          const struct reply *reply)
{
	long status = request_status(request);
	bool refused = reply && !walk->paging.pages &&
	               (status == 400 || status == 413 || status == 422 || status == 501);
	bool failed = !reply && (request_is_too_large(request) || request_is_timed_out(request) ||
	                         status == 504 || (status == 500 && !walk->paging.pages));

	if (!may_ask_for_fewer(walk) || http_expired(walk->listing.fetch->service.http) ||
	    (!refused && !failed))
		return false;
	*walk->listing.fault = (struct fault){0};
	service_say(&walk->listing.fetch->service, NOTE_PROGRESS,
	            "%s: no page of %ld records came, so %d a page are asked for", walk->list->path,
	            walk->paging.count, COUNT_SAFE);
	walk->reading->count = walk->paging.count = COUNT_SAFE;
	prefetch_drop(&walk->listing.prefetch);
	return true;
}

/* A page that was answered with something else than 200 and JSON. */
static enum listing_outcome scim_page_refused(struct scim_walk *walk, const struct reply *reply)
{
	struct fetch *fetch = walk->listing.fetch;
	bool parameters = reply->status == 400 || reply->status == 501;

	if (!walk->paging.pages && parameters && ask_otherwise(walk, reply))
		return LISTING_ON;
	if (!walk->paging.pages)
		return scim_not_served(walk, reply);
	if (has_all_seen(walk) && (parameters || reply->status == 404 || reply->status == 416))
		return ended_by_error(walk, reply->status);
	service_unwanted(&fetch->service, reply, walk->listing.fault);
	if (reply->status == 400 && fetch->service.provider->bad_request)
		fault_hint(walk->listing.fault, "; %s", fetch->service.provider->bad_request);
	fault_prefix(walk->listing.fault, "%s%s: page %zu: ", fetch->service.origin.base,
	             walk->list->path, walk->paging.pages + 1);
	return walk->paging.by_cursor && reply->status == 400 ? LISTING_SHORT : LISTING_FAILED;
}

static enum listing_outcome scim_one_page(struct scim_walk *walk)
{
	struct fetch *fetch = walk->listing.fetch;
	struct fault *fault = walk->listing.fault;
	enum listing_outcome outcome = LISTING_FAILED;
	char text[DESCRIPTION_MAX];
	struct request *request;
	const struct reply *reply;
	struct scim_page page;

	if (scim_ask_page(walk) < 0)
		return LISTING_FAILED;
	request = prefetch_take(&walk->listing.prefetch);
	reply = http_wait(fetch->service.http, request, fault);
	if (!reply && ends_list(request) && has_all_seen(walk)) {
		outcome = ended_by_error(walk, request_status(request));
	} else if (ask_for_fewer(walk, request, reply)) {
		outcome = LISTING_ON;
	} else if (!reply) {
		if (request_is_too_large(request) && walk->paging.count > 1 && !walk->paging.unpaged)
			fault_hint(fault, "; ask for fewer records a page with --count");
		fault_prefix(fault, "%s: ", request_url(request));
	} else if (!reply_is_good(reply)) {
		outcome = scim_page_refused(walk, reply);
	} else if (scim_page_parse(&page, yyjson_doc_get_root(reply->doc), fault) < 0) {
		fault_hint(fault, ": HTTP %.200s", reply_describe(reply, &fetch->service.token, text));
		fault_prefix(fault, "%s: ", request_url(request));
	} else {
		outcome = scim_take_page(walk, &page);
	}
	http_drop(fetch->service.http, request);
	return outcome;
}

enum listing_outcome scim_walk_once(void *context)
{
	struct scim_walk *walk = context;
	enum listing_outcome outcome;

	scim_walk_restart(walk);
	do
		outcome = scim_one_page(walk);
	while (outcome == LISTING_ON);
	if ((outcome == LISTING_FAILED || outcome == LISTING_SHORT) && walk->paging.unpaged &&
	    walk->paging.refusal.kind)
		fault_hint(walk->listing.fault,
		           "; it was asked without pages because it refused them: %.300s",
		           walk->paging.refusal.text);
	return outcome;
}
