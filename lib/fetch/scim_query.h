/* SPDX-License-Identifier: ISC */
/*
 * scim_query: one request for a page of a list, as GET with parameters (RFC 7644
 * section 3.4.2) or as POST to .search with the same in its body (section
 * 3.4.3), as --method says.
 */
#ifndef ROLLCALL_SCIM_QUERY_H
#define ROLLCALL_SCIM_QUERY_H

#include "fetch/fetch.h"

struct scim_list {
	const char *path, *scope, *one;
	enum record_kind kind;
	enum fetch_scope bit;
	bool of_services; /* its users are service accounts */
};

enum { LIST_USERS, LIST_SERVICES, LIST_GROUPS, SCIM_LISTS };

/* The lists of a provider; LIST_SERVICES has no path where there is no such list. */
void scim_lists_of(const struct provider *provider, struct scim_list lists[SCIM_LISTS]);

/* A zeroed struct is empty, and can be used for one request after the other. */
struct scim_query {
	struct buf target; /* path and parameters */
	struct buf body;
	bool search;
};

/* Begins a request for `list`: forgets the one before. */
void scim_query_begin(struct scim_query *query, const struct fetch *fetch,
                      const struct scim_list *list);
void scim_query_number(struct scim_query *query, const char *name, uint64_t value);
void scim_query_text(struct scim_query *query, const char *name, struct span value);

/* Is the list asked for without the members of its groups? */
bool scim_query_leaves_members(const struct fetch *fetch, const struct scim_list *list);

/* Adds what stands on every request for the list. */
void scim_query_end(struct scim_query *query, const struct fetch *fetch,
                    const struct scim_list *list);

/* The body as fetch_get and prefetch_ask want it: NULL for GET. */
const char *scim_query_body(struct scim_query *query);

void scim_query_release(struct scim_query *query);

#endif
