/* SPDX-License-Identifier: ISC */
/*
 * scalr: the account first, then three lists, each walked page by page with the
 * pages that should follow asked for ahead.
 */
#include "scalr.h"

#include "inert.h"
#include "listing.h"

#define MEDIA_PAGE     "page%%5Bnumber%%5D=%llu&page%%5Bsize%%5D=%ld"
#define FILTER_ACCOUNT "filter%5Baccount%5D="

static const struct scalr_list {
	const char *path, *what, *include;
	const char *gap_scope; /* what a diff can not judge without this list */
	enum record_kind kind;
	enum fetch_scope bit;
	bool by_account; /* filtered by the account's id */
} lists[] = {
	{"/account-users", "users", "user,teams", "users", RECORD_USER, SCOPE_USERS, true},
	{"/service-accounts", "service accounts", NULL, "service_accounts", RECORD_USER, SCOPE_USERS,
     true},
	{"/teams", "teams", "users", "groups", RECORD_GROUP, SCOPE_GROUPS, false},
};

enum { LISTS = sizeof lists / sizeof *lists };

struct scalr_walk {
	struct listing listing;
	const struct scalr_list *list;
	struct span account_id;
	uint64_t page, pages;   /* the next one's number; how many there should be */
	size_t idle;            /* pages in a row that brought nothing new */
	struct set included;    /* id of a user -> where it stands in the page */
	bool *users_show_teams; /* every user so far; what teams do not show can come from there */
};

/* One page, taken apart. */
struct scalr_page {
	yyjson_val *data, *included;
	uint64_t next; /* 0: the last page */
	bool has_pagination;
};

/* ---- JSON:API documents ---- */

static struct span id_of(yyjson_val *object)
{
	struct span id = {"", 0};

	json_text(yyjson_obj_get(object, "id"), &id);
	return id;
}

static yyjson_val *linked(yyjson_val *resource, const char *name)
{
	yyjson_val *relationship = yyjson_obj_get(yyjson_obj_get(resource, "relationships"), name);

	return yyjson_obj_get(relationship, "data");
}

static bool is_type(yyjson_val *object, const char *type)
{
	struct span text;

	return json_text(yyjson_obj_get(object, "type"), &text) && span_is(text, span_of(type));
}

/* Notes each included user of a page by its id. 0 or -1. */
static int index_included(struct scalr_walk *walk, yyjson_val *included)
{
	yyjson_val *item;
	size_t i, max;
	bool fresh;

	set_clear(&walk->included);
	yyjson_arr_foreach(included, i, max, item) {
		struct set_entry *entry;

		if (!is_type(item, "users"))
			continue;
		entry = set_take(&walk->included, id_of(item), &fresh);
		if (!entry)
			return fault_memory(walk->listing.fault);
		if (fresh)
			entry->value = (uint64_t)(uintptr_t)item;
	}
	return 0;
}

static yyjson_val *find_included(const struct scalr_walk *walk, struct span id)
{
	const struct set_entry *entry = set_find(&walk->included, id);

	return entry ? (yyjson_val *)(uintptr_t)entry->value : NULL;
}

static int parse_page(struct scalr_walk *walk, yyjson_val *root, struct scalr_page *page)
{
	struct fault *fault = walk->listing.fault;
	yyjson_val *pagination = yyjson_obj_get(yyjson_obj_get(root, "meta"), "pagination");
	uint64_t total = 0;
	int found;

	*page = (struct scalr_page){.data = yyjson_obj_get(root, "data"),
	                            .included = yyjson_obj_get(root, "included"),
	                            .has_pagination = yyjson_is_obj(pagination)};
	if (!yyjson_is_arr(page->data))
		return fault_set(fault, FAULT_PROTOCOL, "expected a list, got data that is %s",
		                 json_type(page->data));
	found = json_count(yyjson_obj_get(pagination, "total-count"), &total);
	if (found > 0)
		listing_name_total(&walk->listing, total);
	if (found < 0 || json_count(yyjson_obj_get(pagination, "next-page"), &page->next) < 0 ||
	    json_count(yyjson_obj_get(pagination, "total-pages"), &walk->pages) < 0)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "meta.pagination holds something else than numbers");
	return 0;
}

/* ---- keeping records ---- */

/* Asks for a user that its account-user's page did not include. The request is
   the caller's to drop: the user lives in its reply. */
static yyjson_val *get_user(struct fetch *fetch, struct span id, struct request **request,
                            struct fault *fault)
{
	struct buf target = {0};
	const struct reply *reply;
	yyjson_val *user = NULL;

	buf_puts(&target, "/users/");
	url_put_encoded(&target, id);
	reply = fetch_get(fetch, buf_text(&target), request, fault);
	buf_release(&target);
	if (reply && reply->status == 200)
		user = yyjson_obj_get(yyjson_doc_get_root(reply->doc), "data");
	if (reply && !span_is(id_of(user), id)) {
		fetch_unwanted(fetch, reply, fault);
		fault_prefix(fault, "user '%s' of the account: ", INERT(id));
		user = NULL;
	}
	return user;
}

static int keep_account_user(struct scalr_walk *walk, yyjson_val *resource)
{
	struct listing *listing = &walk->listing;
	struct fetch *fetch = listing->fetch;
	struct span id = id_of(linked(resource, "user"));
	yyjson_val *user = find_included(walk, id);
	struct request *request = NULL;
	int result = -1;

	if (!id.len) {
		fault_set(listing->fault, FAULT_PROTOCOL, "account-user '%s' without a user",
		          INERT(id_of(resource)));
		return listing_skip(listing) < 0
		           ? -1
		           : fetch_gap(fetch, "users", span_of(""), false, listing->fault);
	}
	*walk->users_show_teams &= yyjson_is_arr(linked(resource, "teams"));
	if (!user)
		user = get_user(fetch, id, &request, listing->fault);
	if (user && fetch_format(fetch, RECORD_USER, resource, user, listing->fault) == 0)
		result = listing_take(listing, id);
	if (result > 0)
		result = fetch_hold(fetch, RECORD_USER, listing->fault);
	http_drop(fetch->http, request);
	return result;
}

/* A team of another account (on a host that serves several) is not ours. */
static bool is_foreign(const struct scalr_walk *walk, yyjson_val *resource)
{
	struct span account = id_of(linked(resource, "account"));

	return account.len && !span_is(account, walk->account_id);
}

static int keep_resource(struct scalr_walk *walk, yyjson_val *resource)
{
	struct listing *listing = &walk->listing;
	struct fetch *fetch = listing->fetch;
	struct span id = id_of(resource);
	bool team = walk->list->kind == RECORD_GROUP;
	int result;

	if (!id.len)
		return fault_set(listing->fault, FAULT_PROTOCOL, "a resource of %s without an id",
		                 walk->list->path);
	if (is_foreign(walk, resource))
		return listing_skip(listing);
	if (fetch_format(fetch, walk->list->kind, resource, NULL, listing->fault) < 0)
		return -1;
	result = listing_take(listing, id);
	if (result > 0)
		result = fetch_hold(fetch, walk->list->kind, listing->fault);
	if (result < 0 || !team || yyjson_is_arr(linked(resource, "users")) ||
	    *walk->users_show_teams || !(fetch->options->scopes & SCOPE_MEMBERS))
		return result;
	fault_set(listing->fault, FAULT_PROTOCOL, "team '%s' does not show its users", INERT(id));
	return fetch_gap(fetch, "members", id, false, listing->fault);
}

/* ---- walking a list ---- */

static void put_target(struct buf *target, const struct scalr_walk *walk, uint64_t page, long size)
{
	buf_clear(target);
	buf_puts(target, walk->list->path);
	buf_putc(target, '?');
	if (walk->list->by_account) {
		buf_puts(target, FILTER_ACCOUNT);
		url_put_encoded(target, walk->account_id);
		buf_putc(target, '&');
	}
	if (walk->list->include)
		buf_putf(target, "include=%s&", walk->list->include);
	buf_putf(target, MEDIA_PAGE, (unsigned long long)page, size);
}

static int ask(struct scalr_walk *walk)
{
	struct fetch *fetch = walk->listing.fetch;
	struct ahead *ahead = &fetch->ahead;
	struct buf target = {0};
	bool asked = ahead_is_next(ahead, walk->page);
	uint64_t number = asked ? ahead_last(ahead, walk->page) + 1 : walk->page;
	int result = 0;

	while (result == 0 && ahead_has_room(ahead) && (!asked || number <= walk->pages)) {
		put_target(&target, walk, number, fetch->options->count);
		result = ahead_ask(ahead, number++, buf_text(&target), walk->listing.fault);
		asked = true;
	}
	buf_release(&target);
	return result;
}

static enum listing_outcome take_page(struct scalr_walk *walk, yyjson_val *root)
{
	bool joined = strcmp(walk->list->path, "/account-users") == 0;
	uint64_t before = listing_found(&walk->listing);
	struct scalr_page page;
	yyjson_val *resource;
	size_t i, max;

	if (parse_page(walk, root, &page) < 0 || (joined && index_included(walk, page.included) < 0))
		return LISTING_FAILED;
	yyjson_arr_foreach(page.data, i, max, resource)
		if ((joined ? keep_account_user : keep_resource)(walk, resource) < 0)
			return LISTING_FAILED;
	walk->idle = listing_found(&walk->listing) > before ? 0 : walk->idle + 1;
	if (!page.has_pagination && max) /* not said where it ends: until nothing comes */
		page.next = walk->idle ? 0 : walk->page + 1;
	if (!page.next)
		return listing_end(&walk->listing, true);
	if (page.next <= walk->page || walk->idle > IDLE_PAGES_MAX) {
		fault_set(walk->listing.fault, FAULT_PROTOCOL, "next-page of page %llu is %llu: no end",
		          (unsigned long long)walk->page, (unsigned long long)page.next);
		return LISTING_FAILED;
	}
	walk->page = page.next;
	return LISTING_ON;
}

/* Scalr answers 404 where a token may not read (its own documents say so). */
static enum listing_outcome refused(struct scalr_walk *walk, const struct reply *reply)
{
	struct listing *listing = &walk->listing;
	bool forbidden = reply->status == 403 || reply->status == 404;

	fetch_unwanted(listing->fetch, reply, listing->fault);
	if (!forbidden || walk->page > 1)
		return LISTING_FAILED;
	fault_prefix(listing->fault, "the token may not read %s: ", walk->list->what);
	listing->fault->kind = FAULT_REFUSED;
	if (fetch_gap(listing->fetch, walk->list->gap_scope, span_of(""), false, listing->fault) < 0)
		return LISTING_FAILED;
	return LISTING_GAP;
}

static enum listing_outcome one_page(struct scalr_walk *walk)
{
	struct fetch *fetch = walk->listing.fetch;
	struct request *request;
	const struct reply *reply;
	enum listing_outcome outcome = LISTING_FAILED;

	if (ask(walk) < 0)
		return LISTING_FAILED;
	request = ahead_take(&fetch->ahead);
	reply = http_wait(fetch->http, request, walk->listing.fault);
	if (reply && reply->status == 200 && reply->doc)
		outcome = take_page(walk, yyjson_doc_get_root(reply->doc));
	else if (reply)
		outcome = refused(walk, reply);
	if (outcome == LISTING_FAILED)
		fault_prefix(walk->listing.fault, "%s: ", request_url(request));
	http_drop(fetch->http, request);
	return outcome;
}

static enum listing_outcome walk_once(void *context)
{
	struct scalr_walk *walk = context;
	enum listing_outcome outcome;

	listing_restart(&walk->listing);
	walk->page = 1;
	walk->pages = 0;
	walk->idle = 0;
	if (walk->list->kind == RECORD_USER)
		*walk->users_show_teams = true;
	do
		outcome = one_page(walk);
	while (outcome == LISTING_ON);
	return outcome;
}

/* ---- the account ---- */

static void put_account_target(struct buf *target, const char *account)
{
	buf_puts(target, "/accounts?");
	if (account) {
		buf_puts(target, "filter%5Bname%5D=");
		url_put_encoded(target, span_of(account));
		buf_putc(target, '&');
	}
	buf_puts(target, "fields%5Baccounts%5D=name");
}

/* The rows whose name is `account`, as the filter should have it. */
static size_t find_account(yyjson_val *data, const char *account, struct span *id)
{
	yyjson_val *row;
	size_t i, max, found = 0;
	struct span name;

	yyjson_arr_foreach(data, i, max, row) {
		yyjson_val *attributes = yyjson_obj_get(row, "attributes");

		if (account && json_text(yyjson_obj_get(attributes, "name"), &name) &&
		    !span_is_nocase(name, span_of(account)))
			continue;
		*id = id_of(row);
		found += id->len > 0;
	}
	return found;
}

/* Fills `id` with the account's id. 0 or -1. */
static int resolve(struct fetch *fetch, const char *account, struct buf *id, struct fault *fault)
{
	struct buf target = {0};
	struct request *request;
	const struct reply *reply;
	struct span found;
	size_t count;
	int result = -1;

	if (account && strncmp(account, "acc-", 4) == 0) {
		buf_puts(id, account);
		return buf_check(id, fault);
	}
	put_account_target(&target, account);
	reply = fetch_get(fetch, buf_text(&target), &request, fault);
	buf_release(&target);
	if (reply && reply->status == 200 && reply->doc) {
		count =
			find_account(yyjson_obj_get(yyjson_doc_get_root(reply->doc), "data"), account, &found);
		buf_put_span(id, count == 1 ? found : span_of(""));
		result = count == 1
		             ? buf_check(id, fault)
		             : fault_set(fault, FAULT_REFUSED,
		                         "%zu accounts %s%s%s where one was expected; check the "
		                         "account's name (the subdomain in Scalr's URL) and that the "
		                         "token belongs to it",
		                         count, account ? "named '" : "to choose from",
		                         account ? INERT(span_of(account)) : "", account ? "'" : "");
	} else if (reply) {
		fetch_unwanted(fetch, reply, fault);
	}
	if (result < 0)
		fault_prefix(fault, "%s/accounts: ", fetch->origin.base);
	http_drop(fetch->http, request);
	return result;
}

static int read_list(struct fetch *fetch, const struct scalr_list *list, struct span account_id,
                     bool *users_show_teams, struct fault *fault)
{
	struct scalr_walk walk = {
		.listing = {.fetch = fetch, .fault = fault, .path = list->path, .what = list->what},
		.list = list,
		.account_id = account_id,
		.users_show_teams = users_show_teams,
	};
	bool before = *users_show_teams;
	int result = listing_read(&walk.listing, walk_once, &walk);

	if (list->kind == RECORD_USER && !list->include)
		*users_show_teams = before; /* service accounts are in no teams */
	set_release(&walk.included);
	listing_release(&walk.listing);
	return result < 0 ? -1 : fetch_commit(fetch, fault);
}

int scalr_read(struct fetch *fetch, const char *account, struct fault *fault)
{
	struct buf account_id = {0};
	bool users_show_teams = false;
	int result = resolve(fetch, account, &account_id, fault);

	if (result == 0)
		result = fetch_note_scopes(fetch, fault);
	for (size_t i = 0; i < LISTS && result == 0; i++)
		if (fetch->options->scopes & lists[i].bit)
			result = read_list(fetch, &lists[i], buf_span(&account_id), &users_show_teams, fault);
	buf_release(&account_id);
	return result;
}

/* ---- looking before reading ---- */

static int check_list(struct fetch *fetch, const struct scalr_list *list, struct span account_id,
                      struct buf *report, struct fault *fault)
{
	struct scalr_walk walk = {
		.listing = {.fetch = fetch, .fault = fault, .path = list->path, .what = list->what},
		.list = list,
		.account_id = account_id,
		.page = 1,
	};
	struct buf target = {0};
	struct request *request;
	struct scalr_page page;
	const struct reply *reply;
	int result = -1;

	put_target(&target, &walk, 1, 1);
	reply = fetch_get(fetch, buf_text(&target), &request, fault);
	buf_release(&target);
	if (reply && reply->status == 200 && reply->doc)
		result = parse_page(&walk, yyjson_doc_get_root(reply->doc), &page);
	else if (reply)
		fetch_unwanted(fetch, reply, fault);
	if (reply && (reply->status == 403 || reply->status == 404))
		fault->kind = FAULT_REFUSED;
	if (result < 0)
		buf_putf(report, "%s: not readable: %s\n", list->what, fault->text);
	else
		buf_putf(report, "%s: readable, the server counts %llu\n", list->what,
		         (unsigned long long)walk.listing.total);
	http_drop(fetch->http, request);
	return result;
}

int scalr_check(struct fetch *fetch, const char *account, struct buf *report, struct fault *fault)
{
	struct buf account_id = {0};
	int result = resolve(fetch, account, &account_id, fault);

	for (size_t i = 0; i < LISTS && account_id.len; i++) {
		struct fault own = {0};

		if (!(fetch->options->scopes & lists[i].bit) ||
		    check_list(fetch, &lists[i], buf_span(&account_id), report, &own) == 0)
			continue;
		if (result == 0)
			*fault = own;
		result = -1;
	}
	buf_release(&account_id);
	return result;
}

void scalr_plan(const struct fetch *fetch, const char *account, struct buf *lines)
{
	bool known = account && strncmp(account, "acc-", 4) == 0;
	struct buf target = {0};

	put_account_target(&target, account);
	if (!known)
		buf_putf(lines, "GET %s%s\n", fetch->origin.base, buf_text(&target));
	for (size_t i = 0; i < LISTS; i++) {
		struct scalr_walk walk = {.list = &lists[i],
		                          .account_id = span_of(known ? account : "ACCOUNT-ID")};

		put_target(&target, &walk, 1, fetch->options->count);
		if (fetch->options->scopes & lists[i].bit)
			buf_putf(lines, "GET %s%s\n", fetch->origin.base, buf_text(&target));
	}
	buf_release(&target);
}
