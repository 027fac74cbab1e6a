/* SPDX-License-Identifier: ISC */
/*
 * scalr: the account first, then three lists, each walked page by page with the
 * pages that should follow asked for ahead.
 */
#include "fetch/scalr.h"

#include "base/inert.h"
#include "fetch/listing.h"
#include "fetch/scalr_account.h"
#include "scalr/scalr_page.h"
#include "fetch/scalr_user.h"

#define PAGE_PARAMETERS "page%%5Bnumber%%5D=%llu&page%%5Bsize%%5D=%ld"
#define FILTER_ACCOUNT  "filter%5Baccount%5D="

struct scalr_walk;

struct scalr_list {
	const char *path, *what, *include; /* the path is a slash and the type */
	const char *gap_scope;             /* what a diff can not judge without this list */
	enum fetch_scope bit;
	bool by_account; /* filtered by the account's id */
	bool joins;      /* its rows are joined with users */
	int (*keep)(struct scalr_walk *walk, yyjson_val *resource);
};

struct scalr_walk {
	struct listing listing;
	const struct scalr_list *list;
	struct scalr_walk *behind; /* the list to be read next, begun ahead; or NULL */
	struct span account_id;
	uint64_t page, pages;      /* the next one's number; how many there should be */
	size_t idle;               /* pages in a row that brought nothing new */
	uint64_t foreign;          /* rows of other accounts */
	struct scalr_users *users; /* one for all lists */
};

/* ---- keeping records ---- */

/* A row whose user could not be read: unknown, which is not none. */
static int lose_user(struct scalr_walk *walk)
{
	walk->users->show_teams = false; /* of this one nobody knows */
	return fetch_gap(walk->listing.fetch, "users", span_of(""), false, walk->listing.fault);
}

static int keep_joined(struct scalr_walk *walk, yyjson_val *resource, struct span id)
{
	struct listing *listing = &walk->listing;
	struct fetch *fetch = listing->fetch;
	yyjson_val *user;
	enum scalr_found found = scalr_users_take(walk->users, id, &user, listing->fault);
	int fresh;

	if (found == SCALR_FAILED)
		return -1;
	fresh = listing_take(listing, id, resource);
	if (fresh > 0 && found == SCALR_USER)
		return fetch_put_record(fetch, RECORD_USER, resource, user, listing->fault);
	if (fresh > 0 && found == SCALR_HIDDEN)
		return lose_user(walk);
	if (fresh < 0)
		return -1;
	listing->changed |= found == SCALR_GONE;
	*listing->fault = (struct fault){0};
	return 0;
}

static int keep_account_user(struct scalr_walk *walk, yyjson_val *resource)
{
	struct listing *listing = &walk->listing;
	struct span id = scalr_id(scalr_linked(resource, "user"));

	if (scalr_users_note_teams(walk->users, resource, listing->fault) < 0)
		return -1;
	if (id.len)
		return keep_joined(walk, resource, id);
	fault_set(listing->fault, FAULT_PROTOCOL, "account-user '%s' without a user",
	          INERT(scalr_id(resource)));
	return listing_skip(listing) < 0 ? -1 : lose_user(walk);
}

static int keep_service_account(struct scalr_walk *walk, yyjson_val *resource)
{
	struct listing *listing = &walk->listing;
	int fresh = listing_take(listing, scalr_id(resource), resource);

	return fresh > 0 ? fetch_put_record(listing->fetch, RECORD_USER, resource, NULL, listing->fault)
	                 : fresh;
}

/* Are the users of a team there to be read, each with its id? An empty side of a relationship is
   no evidence where the other side says something else, or nobody is said to be in any team. */
static int check_users(const struct scalr_walk *walk, yyjson_val *team)
{
	struct fetch *fetch = walk->listing.fetch;
	const struct scalr_users *known = walk->users;
	yyjson_val *users = scalr_linked(team, "users"), *user;
	const struct set_entry *named = set_find(&known->named_teams, scalr_id(team));
	bool good = yyjson_is_arr(users) || (known->show_teams && known->named_teams.count);
	size_t i, max;

	yyjson_arr_foreach(users, i, max, user)
		good = good && scalr_id(user).len;
	if ((good && !(yyjson_is_arr(users) && !yyjson_arr_size(users) && named)) ||
	    !(fetch->options->scopes & SCOPE_MEMBERS))
		return 0;
	if (good)
		fault_set(walk->listing.fault, FAULT_PROTOCOL,
		          "team '%s' shows no users, and %llu users are in it", INERT(scalr_id(team)),
		          (unsigned long long)named->value);
	else
		fault_set(walk->listing.fault, FAULT_PROTOCOL, "team '%s' does not show its users",
		          INERT(scalr_id(team)));
	return fetch_gap(fetch, "members", scalr_id(team), false, walk->listing.fault);
}

static int keep_team(struct scalr_walk *walk, yyjson_val *resource)
{
	struct listing *listing = &walk->listing;
	int fresh = listing_take(listing, scalr_id(resource), resource);

	if (fresh <= 0)
		return fresh;
	if (fetch_put_record(listing->fetch, RECORD_GROUP, resource, NULL, listing->fault) < 0)
		return -1;
	return check_users(walk, resource);
}

/* ---- walking a list ---- */

static const struct scalr_list lists[] = {
	{
		.path = "/account-users",
		.what = "users",
		.include = "user,teams",
		.gap_scope = "users",
		.bit = SCOPE_USERS,
		.by_account = true,
		.joins = true,
		.keep = keep_account_user,
	},
	{
		.path = "/service-accounts",
		.what = "service accounts",
		.gap_scope = "service_accounts",
		.bit = SCOPE_USERS,
		.by_account = true,
		.keep = keep_service_account,
	},
	{
		.path = "/teams",
		.what = "teams",
		.include = "users",
		.gap_scope = "groups",
		.bit = SCOPE_GROUPS,
		.keep = keep_team,
	},
};

enum { LISTS = sizeof lists / sizeof *lists };

static void put_target(struct buf *target, const struct scalr_list *list, struct span account_id,
                       uint64_t page, long size)
{
	buf_clear(target);
	buf_putf(target, "%s?", list->path);
	if (list->by_account) {
		buf_puts(target, FILTER_ACCOUNT);
		url_put_encoded(target, account_id);
		buf_putc(target, '&');
	}
	if (list->include)
		buf_putf(target, "include=%s&", list->include);
	buf_putf(target, PAGE_PARAMETERS, (unsigned long long)page, size);
}

/* Asks for the pages from `number` to `last`, as far as there is room. */
static int ask_pages(struct scalr_walk *walk, uint64_t number, uint64_t last)
{
	struct prefetch *prefetch = &walk->listing.prefetch;
	struct buf target = {0};
	int result = 0;

	for (; result == 0 && number <= last && prefetch_has_room(prefetch); number++) {
		put_target(&target, walk->list, walk->account_id, number,
		           walk->listing.fetch->options->count);
		result = prefetch_ask(prefetch, number, buf_text(&target), NULL, walk->listing.fault);
	}
	buf_release(&target);
	return result;
}

/* While one list is read, the first page of the list behind it is asked for, and,
   when that has come and the list in front leaves room, those that should follow. */
static int ask_behind(struct scalr_walk *behind, bool has_room)
{
	const struct reply *first = prefetch_peek(&behind->listing.prefetch);
	struct fault ignored; /* the walk will meet it again */
	struct scalr_page page;

	if (!behind->listing.prefetch.count)
		return ask_pages(behind, 1, 1);
	if (!has_room || !first ||
	    scalr_page_parse(&page, yyjson_doc_get_root(first->doc), behind->list->path + 1, &ignored) <
	        0)
		return 0;
	return ask_pages(behind, 2, page.pages);
}

/* Asks for the page that the walk is at, and for those that should follow. */
static int scalr_ask_page(struct scalr_walk *walk)
{
	struct prefetch *prefetch = &walk->listing.prefetch;
	uint64_t page = walk->page;
	bool asked = prefetch_is_next(prefetch, page);
	int result = ask_pages(walk, asked ? prefetch_last(prefetch, page) + 1 : page,
	                       walk->pages > page ? walk->pages : page);

	if (result == 0 && page > 1 && walk->behind)
		result = ask_behind(walk->behind, prefetch_has_room(prefetch));
	return result;
}

static enum listing_outcome scalr_page_fails(const struct scalr_walk *walk, const char *why,
                                             uint64_t number)
{
	fault_set(walk->listing.fault, FAULT_PROTOCOL, "page %llu: %s (%llu)",
	          (unsigned long long)walk->page, why, (unsigned long long)number);
	return LISTING_FAILED;
}

/* The server says that this page is the last one. Its counter of pages is not believed
   against that; where no total of records speaks, the page after this one must be empty. */
static bool scalr_is_last_page(const struct scalr_walk *walk, const struct scalr_page *page)
{
	return page->says_next && !page->next &&
	       (walk->listing.has_total || walk->page >= page->pages || !page->count || walk->idle);
}

/* A row of another account is counted, because the total counts it, and left. */
static int scalr_leave_foreign(struct scalr_walk *walk, yyjson_val *resource)
{
	int result = listing_take(&walk->listing, scalr_id(resource), resource);

	walk->foreign += result > 0;
	return result;
}

/* What a page brings. 0 or -1. */
static int scalr_keep_page(struct scalr_walk *walk, const struct scalr_page *page)
{
	struct listing *listing = &walk->listing;
	yyjson_val *resource;
	size_t i, max;
	int result = 0;

	if (page->has_total)
		listing_name_total(listing, page->total, page->count);
	walk->pages = page->pages;
	if (walk->list->joins && scalr_users_begin_page(walk->users, page, listing->fault) < 0)
		return -1;
	listing_begin_page(listing);
	yyjson_arr_foreach(page->data, i, max, resource) {
		result = scalr_is_foreign(resource, walk->account_id) ? scalr_leave_foreign(walk, resource)
		                                                      : walk->list->keep(walk, resource);
		if (result < 0)
			break;
	}
	scalr_users_end_page(walk->users);
	if (result < 0)
		return -1;
	listing_end_page(listing);
	walk->idle = listing->page.fresh ? 0 : walk->idle + 1;
	fetch_count(listing->fetch, listing->what, listing_found(listing), listing->total);
	return 0;
}

static enum listing_outcome scalr_take_page(struct scalr_walk *walk, const struct reply *reply)
{
	char text[DESCRIPTION_MAX];
	struct scalr_page page;

	if (scalr_page_parse(&page, yyjson_doc_get_root(reply->doc), walk->list->path + 1,
	                     walk->listing.fault) < 0) {
		fault_hint(walk->listing.fault, ": HTTP %.200s",
		           reply_describe(reply, &walk->listing.fetch->service.token, text));
		return LISTING_FAILED;
	}
	if (page.current && page.current != walk->page)
		return scalr_page_fails(walk, "another page came than was asked for", page.current);
	if (scalr_keep_page(walk, &page) < 0)
		return LISTING_FAILED;
	if (scalr_is_last_page(walk, &page))
		return listing_end(&walk->listing, "");
	if (!page.says_next && !page.count)
		return listing_end(&walk->listing, ""); /* no word about the end, but nothing comes */
	if (page.says_next && page.next && page.next != walk->page + 1)
		return scalr_page_fails(walk, "next-page is not the page after it", page.next);
	if (page.count && walk->idle && !page.says_next)
		return scalr_page_fails(walk, "the same records come again, so there may be more: unproven",
		                        page.count);
	if (walk->idle > (page.count ? REPEATED_PAGES_MAX : IDLE_PAGES_MAX))
		return scalr_page_fails(walk, "page after page brings nothing new", walk->idle);
	walk->page++;
	return LISTING_ON;
}

/* Scalr answers 404 where a token may not read (its own documents say so). */
static enum listing_outcome scalr_page_refused(struct scalr_walk *walk, const struct reply *reply)
{
	struct listing *listing = &walk->listing;
	bool forbidden = reply->status == 403 || reply->status == 404;

	service_unwanted(&listing->fetch->service, reply, listing->fault);
	if (!forbidden || walk->page > 1)
		return LISTING_FAILED;
	fault_prefix(listing->fault, "the token may not read %s: ", walk->list->what);
	if (reply->status == 404)
		fault_hint(listing->fault, "; %s", listing->fetch->service.provider->refused);
	listing->fault->kind = FAULT_REFUSED;
	if (fetch_gap(listing->fetch, walk->list->gap_scope, span_of(""), false, listing->fault) < 0)
		return LISTING_FAILED;
	return LISTING_GAP;
}

static enum listing_outcome scalr_one_page(struct scalr_walk *walk)
{
	struct fetch *fetch = walk->listing.fetch;
	struct request *request;
	const struct reply *reply;
	enum listing_outcome outcome = LISTING_FAILED;

	if (scalr_ask_page(walk) < 0)
		return LISTING_FAILED;
	request = prefetch_take(&walk->listing.prefetch);
	reply = http_wait(fetch->service.http, request, walk->listing.fault);
	if (reply && reply_is_good(reply))
		outcome = scalr_take_page(walk, reply);
	else if (reply)
		outcome = scalr_page_refused(walk, reply);
	if (request_is_too_large(request) && fetch->options->count > 1)
		fault_hint(walk->listing.fault, "; ask for fewer records a page with --count");
	if (outcome == LISTING_FAILED)
		fault_prefix(walk->listing.fault, "%s: ", request_url(request));
	http_drop(fetch->service.http, request);
	return outcome;
}

static enum listing_outcome scalr_walk_once(void *context)
{
	struct scalr_walk *walk = context;
	enum listing_outcome outcome;

	listing_restart(&walk->listing);
	walk->page = 1;
	walk->pages = 0;
	walk->idle = 0;
	walk->foreign = 0;
	if (walk->list->joins)
		scalr_users_restart(walk->users);
	do
		outcome = scalr_one_page(walk);
	while (outcome == LISTING_ON);
	return outcome;
}

/* ---- the account and its lists ---- */

static void init_walk(struct scalr_walk *walk, struct fetch *fetch, const struct scalr_list *list,
                      struct span account_id, struct fault *fault)
{
	*walk = (struct scalr_walk){.list = list, .account_id = account_id};
	listing_init(&walk->listing, fetch, list->path, list->what, fault);
}

static int scalr_read_list(struct scalr_walk *walk)
{
	struct fetch *fetch = walk->listing.fetch;
	int result = listing_read(&walk->listing, scalr_walk_once, walk);

	if (result > 0 && walk->foreign)
		service_say(&fetch->service, NOTE_WARNING, "%s: %llu of other accounts skipped",
		            walk->list->what, (unsigned long long)walk->foreign);
	if (result == 0 && walk->list->joins)
		walk->users->show_teams = false; /* they could not be read */
	return result < 0 ? -1 : fetch_commit(fetch, walk->listing.fault);
}

int scalr_read(struct fetch *fetch, const char *account, struct fault *fault)
{
	struct scalr_walk walks[LISTS], *behind = NULL;
	struct buf account_id = {0};
	struct scalr_users users;
	int result = scalr_account_find(fetch, account, &account_id, fault);

	scalr_users_init(&users, fetch, buf_span(&account_id));
	if (result == 0)
		result = fetch_note_scopes(fetch, fault);
	for (size_t i = LISTS; i-- > 0;) {
		init_walk(&walks[i], fetch, &lists[i], buf_span(&account_id), fault);
		walks[i].users = &users;
		walks[i].behind = behind;
		if (fetch->options->service.jobs > 1 && (fetch->options->scopes & lists[i].bit))
			behind = &walks[i];
	}
	for (size_t i = 0; i < LISTS; i++) {
		if (result == 0 && (fetch->options->scopes & lists[i].bit))
			result = scalr_read_list(&walks[i]);
		listing_release(&walks[i].listing);
	}
	scalr_users_release(&users);
	buf_release(&account_id);
	return result;
}

/* ---- looking before reading ---- */

static int scalr_check_list(struct fetch *fetch, const struct scalr_list *list,
                            struct span account_id, struct buf *report, struct fault *fault)
{
	struct buf target = {0};
	struct request *request;
	struct scalr_page page;
	const struct reply *reply;
	int result = -1;

	put_target(&target, list, account_id, 1, 1);
	reply = service_ask(&fetch->service, buf_text(&target), NULL, &request, fault);
	buf_release(&target);
	if (reply && reply_is_good(reply))
		result = scalr_page_parse(&page, yyjson_doc_get_root(reply->doc), list->path + 1, fault);
	else if (reply)
		service_unwanted(&fetch->service, reply, fault);
	if (reply && (reply->status == 403 || reply->status == 404))
		fault->kind = FAULT_REFUSED;
	if (result < 0) {
		buf_putf(report, "%s: not readable: %s\n", list->what, fault->text);
		fault_prefix(fault, "%s%s: ", fetch->service.origin.base, list->path);
	} else if (page.has_total) {
		buf_putf(report, "%s: readable, the server counts %llu\n", list->what,
		         (unsigned long long)page.total);
	} else {
		buf_putf(report, "%s: readable, the server does not say how many\n", list->what);
	}
	http_drop(fetch->service.http, request);
	return result;
}

int scalr_check(struct fetch *fetch, const char *account, struct buf *report, struct fault *fault)
{
	struct buf account_id = {0};
	int result = scalr_account_find(fetch, account, &account_id, fault);

	for (size_t i = 0; i < LISTS && account_id.len; i++) {
		struct fault own = {0};

		if (!(fetch->options->scopes & lists[i].bit) ||
		    scalr_check_list(fetch, &lists[i], buf_span(&account_id), report, &own) == 0)
			continue;
		if (result == 0)
			*fault = own;
		result = -1;
	}
	buf_release(&account_id);
	return result;
}

void scalr_plan(struct fetch *fetch, const char *account, struct buf *lines)
{
	struct buf target = {0};

	scalr_account_put_target(&target, account);
	buf_putf(lines, "GET %s%s\n", fetch->service.origin.base, buf_text(&target));
	for (size_t i = 0; i < LISTS; i++) {
		put_target(&target, &lists[i], span_of("ACCOUNT-ID"), 1, fetch->options->count);
		if (fetch->options->scopes & lists[i].bit)
			buf_putf(lines, "GET %s%s\n", fetch->service.origin.base, buf_text(&target));
	}
	buf_release(&target);
}
