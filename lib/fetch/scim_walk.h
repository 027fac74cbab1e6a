/* SPDX-License-Identifier: ISC */
/*
 * scim_walk: one walk over one list of a SCIM service, page by page, to an end
 * that is proved (RFC 7644 section 3.4.2.4, RFC 9865).
 *
 * Records are held in the fetch, not written: a walk can end in the finding
 * that it must be made again.
 */
#ifndef ROLLCALL_SCIM_WALK_H
#define ROLLCALL_SCIM_WALK_H

#include "fetch/listing.h"
#include "fetch/scim_query.h"

/* One reading of a service: what one of its lists says that matters to another. */
struct scim_reading {
	struct fetch *fetch;
	struct scim_list lists[SCIM_LISTS];
	struct scim_list memberships; /* of one group or of one user, by a filter */
	yyjson_doc *of_services;      /* what is included with each service account; or NULL */
	bool wants_cursor;            /* a list was paged by cursor: the others are asked so at once */
	long count;                   /* records a page that the service takes; 0: as many as wanted */
	bool has_users;               /* a user was listed */
	bool doubts_empty;            /* members that are empty in a list say nothing */
	struct set named_groups;      /* group id -> how many users say that they are in it */
};

/* Where a walk is in its list. */
struct scim_paging {
	bool by_cursor, unpaged;
	bool cursor_guessed;  /* asked by cursor because another list wanted it */
	long count;           /* records a page that are asked for */
	struct fault refusal; /* of the pages asked for first, in the service's words; or none */
	uint64_t start;       /* startIndex of the next page */
	struct buf cursor;    /* of the next page */
	struct set cursors;   /* every nextCursor so far */
	size_t pages;         /* so far */
	size_t step;          /* records on the page before */
	size_t first_count;   /* records on the first page */
	size_t idle;          /* pages in a row that brought nothing new */
	size_t nameless;      /* pages in a row without an id */
	struct buf first_id;  /* of the first record ... */
	uint64_t first_at;    /* ... and its startIndex */
	struct buf second_id; /* of the record after it; empty where that has none */
};

/* What the records of a list say beside themselves. */
struct scim_found {
	struct buf memberless; /* groups without members: an id and a line each, sized */
	struct buf ids;        /* sized: those that are asked about later, or what `about` has */
	bool says_empty;       /* a page held an array of records, were it an empty one */
	bool hides_groups;     /* a user names groups without their ids */
	bool shows_members;    /* a group with members was listed, or a user with groups */
	bool names_members;    /* ... and it had one at least */
};

/* One walk over one list. */
struct scim_walk {
	struct listing listing;
	struct scim_reading *reading;
	const struct scim_list *list;
	struct scim_walk *behind; /* the list to be read next, begun ahead; or NULL */
	struct span about;        /* of a walk for memberships: the user or the group they are of */
	struct scim_paging paging;
	struct scim_found found;
};

/* A walk over `list`. */
void scim_walk_init(struct scim_walk *walk, struct scim_reading *reading,
                    const struct scim_list *list, struct fault *fault);
void scim_walk_release(struct scim_walk *walk);

/* Asks for the first page of a walk that has not begun, or, where that has come, for
   those that should follow. 0 or -1. */
int scim_walk_prefetch(struct scim_walk *walk);

/* Walks once from the start; for listing_read. */
enum listing_outcome scim_walk_once(void *context);

/* 0, or -1 with the provider's words where the resource is one that it makes up in place of a
   list. */
int scim_refuse_sentinel(const struct provider *provider, const struct scim_list *list,
                         yyjson_val *resource, struct fault *fault);

/* Takes one resource of a page. 0 or -1. */
int scim_keep(struct scim_walk *walk, yyjson_val *resource);

/* The request for the page at `start` in the walk's way of paging. */
void scim_walk_query(struct scim_query *query, const struct scim_walk *walk, uint64_t start);

/* Can each member of the group be told? If not, its members are a gap: 0 or -1
   as fetch_gap. */
int scim_check_members(struct scim_reading *reading, yyjson_val *group, struct span id,
                       struct fault *fault);

#endif
