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

#include "fetch.h"
#include "set.h"

/* How one page, and with it maybe the walk, ended. */
enum walk_outcome {
	WALK_FAILED = -1,
	WALK_ON,
	WALK_COMPLETE,
	WALK_CHANGED, /* the list changed under the walk: read again */
	WALK_SHORT,   /* fewer records than promised: read again once */
	WALK_GAP,     /* not readable, and recorded as such */
};

struct scim_list {
	const char *path, *scope, *one;
	enum record_kind kind;
	enum fetch_scope bit;
};

enum { SCIM_LISTS = 2 };
extern const struct scim_list scim_lists[SCIM_LISTS];

/* One walk over one list. */
struct walk {
	struct fetch *fetch;
	const struct scim_list *list;
	struct fault *fault;
	struct set seen;       /* id -> hash of the record */
	struct set cursors;    /* every nextCursor so far */
	struct buf memberless; /* ids of groups without members: length, bytes, ... */
	struct buf first_id;   /* of the first record */
	struct buf cursor;     /* of the next page */
	uint64_t start;        /* startIndex of the next page */
	uint64_t nameless;     /* empty records: no id, no name */
	uint64_t repeated;     /* records whose id had come before */
	uint64_t total, first_total; /* the largest and the first total named */
	size_t step;           /* records on the page before */
	size_t pages, idle;    /* idle: pages in a row that brought nothing new */
	bool has_total, totals_differ;
	bool counts_pages;     /* each total so far was just its own page's count */
	bool changed;          /* one id came with two contents */
	bool by_cursor, unpaged;
};

/* Walks once from the start. WALK_FAILED and WALK_SHORT leave a fault; every
   other outcome but WALK_COMPLETE and WALK_GAP asks for another walk. The
   caller has set fetch, list and fault. */
enum walk_outcome walk_once(struct walk *walk);
void walk_release(struct walk *walk);

/* The path and query of the page at `start` in the walk's way of paging. */
void walk_put_target(struct buf *target, const struct walk *walk, uint64_t start);

/* The parameters that stand on every request for a list. */
void walk_put_query(struct buf *target, const struct fetch *fetch, const struct scim_list *list);

/* Can each member of the group be told? If not, its members are a gap: 0 or -1
   as fetch_gap. */
int scim_check_members(struct fetch *fetch, yyjson_val *group, struct span id,
                       struct fault *fault);

#endif
