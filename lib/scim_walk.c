/* SPDX-License-Identifier: ISC */
/*
 * scim_walk: asks, takes, and judges the end.
 *
 * Pages behind the first are asked for ahead, at the places where they should
 * begin. The walk takes them in order and drops them as soon as one turns out
 * to begin elsewhere, so what is read never depends on the guess.
 */
#include "scim_walk.h"

#include "inert.h"
#include "scim_page.h"

const struct scim_list scim_lists[SCIM_LISTS] = {
	{"/Users", "users", "user", RECORD_USER, SCOPE_USERS},
	{"/Groups", "groups", "group", RECORD_GROUP, SCOPE_GROUPS},
};

void walk_release(struct walk *walk)
{
	set_release(&walk->seen);
	set_release(&walk->cursors);
	buf_release(&walk->memberless);
	buf_release(&walk->first_id);
	buf_release(&walk->cursor);
}

static uint64_t walk_found(const struct walk *walk)
{
	return walk->seen.count + walk->nameless;
}

/* ---- asking for pages ---- */

void walk_put_query(struct buf *target, const struct fetch *fetch, const struct scim_list *list)
{
	const struct fetch_options *options = fetch->options;

	if (list->kind == RECORD_GROUP && !(options->scopes & SCOPE_MEMBERS))
		buf_puts(target, "&excludedAttributes=members");
	if (options->sort_by) {
		buf_puts(target, "&sortBy=");
		url_put_encoded(target, span_of(options->sort_by));
	}
	if (options->query)
		buf_putf(target, "&%s", options->query);
}

void walk_put_target(struct buf *target, const struct walk *walk, uint64_t start)
{
	const struct fetch *fetch = walk->fetch;

	buf_clear(target);
	buf_puts(target, walk->list->path);
	if (walk->by_cursor) {
		buf_puts(target, "?cursor=");
		url_put_encoded(target, buf_span(&walk->cursor));
		buf_putf(target, "&count=%ld", fetch->options->count);
	} else if (!walk->unpaged) {
		buf_putf(target, "?startIndex=%llu&count=%ld", (unsigned long long)start,
		         fetch->options->count);
	}
	walk_put_query(target, fetch, walk->list);
	if (walk->unpaged && memchr(target->data, '&', target->len))
		*(char *)memchr(target->data, '&', target->len) = '?';
}

/* Asks for the page at `start`, and for those that should follow it as far as
   the server's total goes: the last guess is the empty page behind the end. */
static int ask(struct walk *walk)
{
	struct ahead *ahead = &walk->fetch->ahead;
	struct buf target = {0};
	uint64_t start = walk->start, last;
	int result = 0;

	if (!ahead_is_next(ahead, start)) {
		walk_put_target(&target, walk, start);
		result = ahead_ask(ahead, start, buf_text(&target), walk->fault);
	}
	last = ahead_last(ahead, start);
	while (result == 0 && walk->step && !walk->by_cursor && !walk->unpaged &&
	       last <= walk->total && ahead_has_room(ahead)) {
		last = last + walk->step <= walk->total ? last + walk->step : walk->total + 1;
		walk_put_target(&target, walk, last);
		result = ahead_ask(ahead, last, buf_text(&target), walk->fault);
	}
	buf_release(&target);
	return result;
}

/* ---- what a page brings ---- */

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
static int keep_nameless(struct walk *walk, yyjson_val *resource)
{
	struct span name = {"", 0};

	if (++walk->nameless > NAMELESS_MAX)
		return fault_set(walk->fault, FAULT_PROTOCOL, "%s: more than %d records without an id",
		                 walk->list->path, NAMELESS_MAX);
	if (!has_name(resource))
		return 0;
	if (!json_member_text(resource, "userName", &name))
		json_member_text(resource, "displayName", &name);
	fault_set(walk->fault, FAULT_PROTOCOL, "a %s without an id ('%s') on page %zu of %s",
	          walk->list->one, INERT(name), walk->pages + 1, walk->list->path);
	return fetch_gap(walk->fetch, walk->list->scope, span_of(""), false, walk->fault);
}

int scim_check_members(struct fetch *fetch, yyjson_val *group, struct span id,
                       struct fault *fault)
{
	yyjson_val *members = json_member(group, "members"), *member;
	struct buf scratch = {0};
	struct span member_id;
	bool good = true;
	size_t i, max;

	if (yyjson_is_arr(members)) {
		yyjson_arr_foreach(members, i, max, member)
			good = good && scim_member_id(member, &member_id, &scratch);
	} else if (members && !yyjson_is_null(members)) {
		good = scim_member_id(members, &member_id, &scratch);
	}
	buf_release(&scratch);
	if (good)
		return 0;
	fault_set(fault, FAULT_PROTOCOL, "group '%s' has a member without value and $ref", INERT(id));
	return fetch_gap(fetch, "members", id, false, fault);
}

static void put_id(struct buf *ids, struct span id)
{
	buf_put(ids, &id.len, sizeof id.len);
	buf_put_span(ids, id);
}

static int keep_fresh(struct walk *walk, yyjson_val *resource, struct span id)
{
	struct fetch *fetch = walk->fetch;
	yyjson_val *members = json_member(resource, "members");

	if (walk->seen.count > RECORDS_MAX)
		return fault_set(walk->fault, FAULT_PROTOCOL, "%s: more than %d records, the list has no end",
		                 walk->list->path, RECORDS_MAX);
	if (walk->seen.count == 1)
		buf_put_span(&walk->first_id, id);
	if (walk->list->kind != RECORD_GROUP || !(fetch->options->scopes & SCOPE_MEMBERS))
		return fetch_hold(fetch, walk->list->kind, walk->fault);
	if (!members || yyjson_is_null(members)) {
		put_id(&walk->memberless, id);
		return buf_check(&walk->memberless, walk->fault);
	}
	if (fetch_hold(fetch, walk->list->kind, walk->fault) < 0)
		return -1;
	return scim_check_members(fetch, resource, id, walk->fault);
}

static int keep(struct walk *walk, yyjson_val *resource)
{
	struct fetch *fetch = walk->fetch;
	struct set_entry *entry;
	struct span id;
	uint64_t hash;
	bool fresh;

	if (!yyjson_is_obj(resource) && !yyjson_is_null(resource))
		return fault_set(walk->fault, FAULT_PROTOCOL, "a %s of %s is %s, not an object",
		                 walk->list->one, walk->list->path, json_type(resource));
	if (!scim_id(resource, &id))
		return keep_nameless(walk, resource);
	if (fetch_format(fetch, walk->list->kind, resource, NULL, walk->fault) < 0)
		return -1;
	entry = set_take(&walk->seen, id, &fresh);
	if (!entry)
		return fault_memory(walk->fault);
	hash = hash_bytes(buf_span(&fetch->line), walk->seen.seed);
	if (fresh) {
		entry->value = hash;
		return keep_fresh(walk, resource, id);
	}
	walk->repeated++;
	walk->changed |= entry->value != hash;
	return 0;
}

static void note_total(struct walk *walk, const struct scim_page *page)
{
	/* some servers say 0 on the page behind the end: that is no news */
	if (!page->has_total || (walk->pages && !page->count && !page->total))
		return;
	if (page->count && page->total != page->count)
		walk->counts_pages = false;
	if (!walk->has_total)
		walk->first_total = page->total;
	walk->totals_differ |= page->total != walk->first_total;
	walk->has_total = true;
	if (page->total > walk->total)
		walk->total = page->total;
}

/* ---- where a walk ends ---- */

static enum walk_outcome fall_short(struct walk *walk, const char *hint)
{
	fault_set(walk->fault, FAULT_PROTOCOL, "incomplete: the server said %llu %s and sent %llu%s",
	          (unsigned long long)walk->total, walk->list->scope,
	          (unsigned long long)walk_found(walk), hint);
	return WALK_SHORT;
}

/* The list has come to its end; did all of it come? */
static enum walk_outcome ended(struct walk *walk)
{
	bool lacking = walk->has_total && walk_found(walk) < walk->total;

	if (walk->changed || (walk->totals_differ && !walk->counts_pages))
		return WALK_CHANGED;
	if (lacking && !walk_found(walk))
		return fall_short(walk, "; check what the token may read");
	if (lacking && walk->repeated)
		return fall_short(walk, " (some twice: it has no stable order; try --sort-by userName)");
	if (lacking)
		return fall_short(walk, "");
	return WALK_COMPLETE;
}

static enum walk_outcome unproven(struct walk *walk)
{
	fault_set(walk->fault, FAULT_PROTOCOL,
	          "unproven: %s sends the same %llu %s whatever startIndex says, so there may be more; "
	          "try --paging cursor, or --paging none if it always sends all at once",
	          walk->list->path, (unsigned long long)walk_found(walk), walk->list->scope);
	return WALK_FAILED;
}

/* A page repeated what had come. A server that starts over behind the end is
   complete; one that ignores startIndex has proved nothing. The record at
   startIndex 2 tells them apart. */
static enum walk_outcome ended_by_repeat(struct walk *walk)
{
	struct request *request;
	struct scim_page page;
	struct buf target = {0};
	const struct reply *reply;
	struct span id = {"", 0};
	enum walk_outcome outcome = ended(walk);

	if (outcome == WALK_SHORT && walk->pages == 2) {
		fall_short(walk, ": it ignores startIndex and repeats the first page; try --paging cursor");
		return WALK_FAILED;
	}
	if (outcome != WALK_COMPLETE || walk->seen.count == 1)
		return outcome; /* nobody cuts a list after one record */
	buf_putf(&target, "%s?startIndex=2&count=1", walk->list->path);
	walk_put_query(&target, walk->fetch, walk->list);
	reply = fetch_get(walk->fetch, buf_text(&target), &request, walk->fault);
	buf_release(&target);
	if (!reply) {
		outcome = WALK_FAILED;
	} else if (reply->status != 200 ||
	           scim_page_parse(&page, yyjson_doc_get_root(reply->doc), walk->fault) < 0 ||
	           !scim_id(yyjson_arr_get_first(page.resources), &id) ||
	           span_is(id, buf_span(&walk->first_id))) {
		outcome = unproven(walk);
	}
	http_drop(walk->fetch->http, request);
	return outcome;
}

static enum walk_outcome ended_unpaged(struct walk *walk)
{
	if (!walk->has_total && walk->fetch->options->paging != PAGING_NONE)
		return unproven(walk);
	return ended(walk);
}

static enum walk_outcome next_cursor(struct walk *walk, struct span cursor)
{
	bool fresh;

	if (!set_take(&walk->cursors, cursor, &fresh))
		return (enum walk_outcome)fault_memory(walk->fault);
	if (!fresh || walk->idle > IDLE_PAGES_MAX) {
		fault_set(walk->fault, FAULT_PROTOCOL, "%s: %s, the list has no end", walk->list->path,
		          fresh ? "page after page brings nothing new" : "the same nextCursor came twice");
		return WALK_FAILED;
	}
	walk->by_cursor = true;
	buf_clear(&walk->cursor);
	buf_put_span(&walk->cursor, cursor);
	walk->start = walk->pages + 1; /* only a number to know the request by */
	return WALK_ON;
}

static enum walk_outcome take_page(struct walk *walk, const struct scim_page *page)
{
	enum fetch_paging paging = walk->fetch->options->paging;
	uint64_t before = walk_found(walk);
	size_t i, max;
	yyjson_val *resource;

	note_total(walk, page);
	yyjson_arr_foreach(page->resources, i, max, resource)
		if (keep(walk, resource) < 0)
			return WALK_FAILED;
	walk->pages++;
	walk->step = page->count;
	walk->idle = walk_found(walk) > before ? 0 : walk->idle + 1;
	fetch_say(walk->fetch, NOTE_TRACE, "%s: %llu%s%llu", walk->list->scope,
	          (unsigned long long)walk_found(walk), walk->has_total ? " of " : ", total said ",
	          (unsigned long long)walk->total);
	if (page->cursor.len && (paging == PAGING_AUTO || paging == PAGING_CURSOR))
		return next_cursor(walk, page->cursor);
	if (walk->by_cursor)
		return ended(walk);
	if (walk->unpaged)
		return ended_unpaged(walk);
	if (!page->count)
		return ended(walk);
	if (walk->idle)
		return ended_by_repeat(walk);
	walk->start += page->count;
	return WALK_ON;
}

/* A page that was answered with something else than 200. */
static enum walk_outcome refused(struct walk *walk, const struct reply *reply)
{
	const struct provider *provider = walk->fetch->provider;
	bool missing = reply->status == 404 || reply->status == 405 || reply->status == 501;
	bool all_seen = walk->has_total && walk_found(walk) >= walk->total &&
	                (!walk->counts_pages || walk->step < (size_t)walk->fetch->options->count);

	if (walk->pages) {
		if (all_seen && (missing || reply->status == 400 || reply->status == 416)) {
			fetch_say(walk->fetch, NOTE_WARNING, "%s: HTTP %ld behind the last page taken as its end",
			          walk->list->path, reply->status);
			return ended(walk);
		}
		fetch_unwanted(walk->fetch, reply, walk->fault);
		fault_prefix(walk->fault, "%s%s: page %zu: ", walk->fetch->origin.base, walk->list->path,
		             walk->pages + 1);
		return walk->by_cursor && reply->status == 400 ? WALK_SHORT : WALK_FAILED;
	}
	if ((reply->status == 400 || reply->status == 501) && !walk->unpaged &&
	    walk->fetch->options->paging == PAGING_AUTO) {
		walk->unpaged = true; /* some servers refuse the paging parameters as such */
		return WALK_ON;
	}
	fetch_unwanted(walk->fetch, reply, walk->fault);
	fault_prefix(walk->fault, "%s%s: ", walk->fetch->origin.base, walk->list->path);
	if (!missing && reply->status != 403)
		return WALK_FAILED;
	if (fetch_gap(walk->fetch, walk->list->scope, span_of(""),
	              missing && provider->groups_optional && walk->list->kind == RECORD_GROUP,
	              walk->fault) < 0)
		return WALK_FAILED;
	return WALK_GAP;
}

static enum walk_outcome one_page(struct walk *walk)
{
	struct ahead *ahead = &walk->fetch->ahead;
	char text[DESCRIPTION_MAX];
	struct request *request;
	const struct reply *reply;
	struct scim_page page;
	enum walk_outcome outcome;

	if (ask(walk) < 0)
		return WALK_FAILED;
	request = ahead_take(ahead);
	reply = http_wait(walk->fetch->http, request, walk->fault);
	if (!reply) {
		fault_prefix(walk->fault, "%s: ", request_url(request));
		outcome = WALK_FAILED;
	} else if (reply->status != 200 || !reply->doc) {
		outcome = refused(walk, reply);
	} else if (scim_page_parse(&page, yyjson_doc_get_root(reply->doc), walk->fault) < 0) {
		fault_hint(walk->fault, ": HTTP %.200s",
		           reply_describe(reply, &walk->fetch->token, text));
		fault_prefix(walk->fault, "%s: ", request_url(request));
		outcome = WALK_FAILED;
	} else {
		outcome = take_page(walk, &page);
	}
	http_drop(walk->fetch->http, request);
	return outcome;
}

enum walk_outcome walk_once(struct walk *walk)
{
	enum fetch_paging paging = walk->fetch->options->paging;
	enum walk_outcome outcome;

	set_clear(&walk->seen);
	set_clear(&walk->cursors);
	buf_clear(&walk->memberless);
	buf_clear(&walk->first_id);
	buf_clear(&walk->cursor);
	*walk = (struct walk){
		.fetch = walk->fetch, .list = walk->list, .fault = walk->fault, .seen = walk->seen,
		.cursors = walk->cursors, .memberless = walk->memberless, .first_id = walk->first_id,
		.cursor = walk->cursor, .start = 1, .counts_pages = true,
		.by_cursor = paging == PAGING_CURSOR, .unpaged = paging == PAGING_NONE,
	};
	fetch_restart(walk->fetch);
	do
		outcome = one_page(walk);
	while (outcome == WALK_ON);
	ahead_drop(&walk->fetch->ahead);
	return outcome;
}
