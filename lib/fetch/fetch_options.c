/* SPDX-License-Identifier: ISC */
/*
 * fetch_options: the rows of the fetchers, on top of those of http/service_options.h.
 */
#include "fetch/fetch_options.h"

#include "base/inert.h"

enum { COUNT_MAX = 100000 };

static const char *const scopes[] = {"users", "groups", "members"}; /* the bits of fetch_scope */
static const char *const pagings[] = {
	[PAGING_AUTO] = "auto",
	[PAGING_INDEX] = "index",
	[PAGING_CURSOR] = "cursor",
	[PAGING_NONE] = "none",
};
static const char *const member_ways[] = {
	[MEMBERS_AUTO] = "auto",     [MEMBERS_LIST] = "list",   [MEMBERS_GET] = "get",
	[MEMBERS_FILTER] = "filter", [MEMBERS_USERS] = "users",
};
static const char *const methods[] = {[METHOD_GET] = "get", [METHOD_SEARCH] = "search"};

/* "attributes=id,userName": name and value are encoded, the first = is not. */
static int fetch_options_add_query(void *value, const char *text, struct fault *fault)
{
	const char *equals = strchr(text, '=');
	struct buf *query = value;

	if (!equals || equals == text)
		return fault_set(fault, FAULT_USAGE,
		                 "--query takes NAME=VALUE (as attributes=id,userName), not '%s'",
		                 INERT(span_of(text)));
	if (query->len)
		buf_putc(query, '&');
	url_put_encoded(query, (struct span){text, (size_t)(equals - text)});
	buf_putc(query, '=');
	url_put_encoded(query, span_of(equals + 1));
	return buf_check(query, fault);
}

#define AT struct fetch_options

static const struct option_row fetch_option_rows[] = {
	OPTION_HEADING("What is read"),
	OPTION_TEXT("source", "NAME", "name of the directory in every output (its provider)", AT,
                source),
	OPTION_WORDS("scope", "LIST", "only some of users,groups,members (all)", AT, scopes, scopes, 0,
                 2),
	OPTION_FLAG("keep-going", "record what can not be read as a gap and go on", AT, keep_going),
	OPTION_FLAG("check", "only check the token and count what is readable", AT, check),
	OPTION_FLAG("dry-run", "print the first requests and send nothing", AT, dry_run),
	OPTION_NUMBER("count", "N", "records a page (what the service gives)", AT, count, 1, COUNT_MAX),
	{0},
};

static const struct option_row scim_option_rows[] = {
	OPTION_WORD("paging", "MODE", "how pages are asked for: auto, index, cursor or none", AT,
                paging, pagings, PAGING_AUTO, PAGING_NONE),
	OPTION_WORD("members", "FROM", "members are read by: auto, list, get, filter, users", AT,
                members, member_ways, MEMBERS_AUTO, MEMBERS_USERS),
	OPTION_WORD("method", "METHOD", "get, or search: POST /.search if GET can not page", AT, method,
                methods, METHOD_GET, METHOD_SEARCH),
	OPTION_TEXT("sort-by", "ATTRIBUTE", "ask the server for this order", AT, sort_by),
	OPTION_PARSE("query", "NAME=VALUE", "add this to each list request; repeatable", AT, query,
                 fetch_options_add_query),
	OPTION_FLAG("list-providers", "show the providers and end; with one: all about it", AT,
                list_providers),
	{0},
};

const struct option_row scim_fetch_rows[] = {
	OPTION_ROWS(fetch_option_rows),
	OPTION_ROWS(scim_option_rows),
	OPTION_TABLE(struct fetch_options, service.preset, preset_option_rows),
	OPTION_TABLE(struct fetch_options, service, service_option_rows),
	{0},
};

const struct option_row scalr_fetch_rows[] = {
	OPTION_ROWS(fetch_option_rows),
	OPTION_TABLE(struct fetch_options, service, service_option_rows),
	{0},
};

void fetch_options_init(struct fetch_options *options)
{
	*options = (struct fetch_options){.paging = -1, .members = -1};
	service_options_init(&options->service);
}

int fetch_options_check(struct fetch_options *options, struct fault *fault)
{
	if (!options->scopes)
		options->scopes = SCOPE_ALL;
	if (options->scopes & SCOPE_MEMBERS && !(options->scopes & SCOPE_GROUPS))
		return fault_set(fault, FAULT_USAGE, "--scope members needs groups, too");
	if (options->members == MEMBERS_FILTER && options->scopes != SCOPE_ALL)
		return fault_set(fault, FAULT_USAGE,
		                 "--members filter needs users, groups and members: leave out --scope");
	return service_options_check(&options->service, fault);
}

int fetch_options_settle(struct fetch_options *options, const struct provider *provider,
                         struct fault *fault)
{
	if (options->paging < 0)
		options->paging = (int)provider->paging;
	if (options->members < 0 && provider->empty_members == EMPTY_IS_NEVER &&
	    options->scopes & SCOPE_MEMBERS) {
		options->scopes &= ~(unsigned)SCOPE_MEMBERS;
		options->members_hidden = true;
	}
	if (options->members < 0)
		options->members = (int)provider->members;
	options->count_is_guess = !options->count && !provider->count;
	if (!options->count)
		options->count = provider->count ? provider->count : COUNT_FIRST;
	return options->dry_run ? 0 : preset_heed(provider, &options->service.preset, fault);
}

void fetch_options_release(struct fetch_options *options)
{
	buf_release(&options->query);
}
