/* SPDX-License-Identifier: ISC */
/*
 * scim_query: the same parameters in two places.
 */
#include "fetch/scim_query.h"

#include "base/json_put.h"

void scim_lists_of(const struct provider *provider, struct scim_list lists[SCIM_LISTS])
{
	const char *users = provider->users_path ? provider->users_path : "/Users";
	const char *groups = provider->groups_path ? provider->groups_path : "/Groups";

	lists[LIST_USERS] = (struct scim_list){users, "users", "user", RECORD_USER, SCOPE_USERS, false};
	lists[LIST_SERVICES] = (struct scim_list){
		provider->service_path, "users", "service account", RECORD_USER, SCOPE_USERS, true};
	lists[LIST_GROUPS] =
		(struct scim_list){groups, "groups", "group", RECORD_GROUP, SCOPE_GROUPS, false};
}

void scim_query_release(struct scim_query *query)
{
	buf_release(&query->target);
	buf_release(&query->body);
}

void scim_query_begin(struct scim_query *query, const struct fetch *fetch,
                      const struct scim_list *list)
{
	query->search = fetch->options->method == METHOD_SEARCH;
	buf_clear(&query->target);
	buf_clear(&query->body);
	buf_puts(&query->target, list->path);
	if (!query->search)
		return;
	buf_puts(&query->target, "/.search");
	buf_puts(&query->body,
	         "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:SearchRequest\"]");
}

void scim_query_number(struct scim_query *query, const char *name, uint64_t value)
{
	if (query->search) {
		buf_putf(&query->body, ",\"%s\":%llu", name, (unsigned long long)value);
		return;
	}
	url_put_separator(&query->target);
	buf_putf(&query->target, "%s=%llu", name, (unsigned long long)value);
}

void scim_query_text(struct scim_query *query, const char *name, struct span value)
{
	if (query->search) {
		json_put_member(&query->body, name, value);
		return;
	}
	url_put_parameter(&query->target, name, value);
}

bool scim_query_leaves_members(const struct fetch *fetch, const struct scim_list *list)
{
	const struct fetch_options *options = fetch->options;
	bool elsewhere = options->members == MEMBERS_GET || options->members == MEMBERS_FILTER;
	bool unwanted = !(options->scopes & SCOPE_MEMBERS);
	/* lists that show none anyway are not asked for less: who knows what else that would do */
	bool shows = fetch->service.provider->empty_members == EMPTY_IS_NONE;

	return (list->kind == RECORD_MEMBERSHIP && options->members == MEMBERS_FILTER) ||
	       (list->kind == RECORD_GROUP && (unwanted || elsewhere) && shows);
}

void scim_query_end(struct scim_query *query, const struct fetch *fetch,
                    const struct scim_list *list)
{
	const struct fetch_options *options = fetch->options;
	bool bare = scim_query_leaves_members(fetch, list);

	if (bare && query->search)
		buf_puts(&query->body, ",\"excludedAttributes\":[\"members\"]");
	else if (bare)
		scim_query_text(query, "excludedAttributes", span_of("members"));
	if (list->kind == RECORD_GROUP && !bare)
		preset_put_group_query(&query->target, fetch->service.provider);
	if (options->sort_by)
		scim_query_text(query, "sortBy", span_of(options->sort_by));
	if (options->query.len) { /* as it was given, and in the URL in both cases */
		url_put_separator(&query->target);
		buf_put_span(&query->target, buf_span(&options->query));
	}
	if (query->search)
		buf_putc(&query->body, '}');
}

const char *scim_query_body(struct scim_query *query)
{
	return query->search ? buf_text(&query->body) : NULL;
}
