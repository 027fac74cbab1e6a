/* SPDX-License-Identifier: ISC */
/*
 * listing: what has come of a list, and whether that is all of it.
 *
 * The bookkeeping of a walk that does not depend on how its service pages:
 * every id once, the totals that the server named, and the judgement at the
 * end. Records are held in the fetch, not written, because a walk can end in
 * the finding that it must be made again.
 */
#ifndef ROLLCALL_LISTING_H
#define ROLLCALL_LISTING_H

#include "http/prefetch.h"
#include "fetch/fetch.h"
#include "base/set.h"

/* How one page, and with it maybe the walk, ended. */
enum listing_outcome {
	LISTING_FAILED = -1,
	LISTING_ON, /* another page is to come */
	LISTING_COMPLETE,
	LISTING_CHANGED, /* the list changed under the walk: read again */
	LISTING_SHORT,   /* fewer records than promised: read again once */
	LISTING_GAP,     /* not readable, and recorded as such */
};

/* What one page brought. */
struct listing_page {
	uint64_t fresh;    /* records that had not come before */
	uint64_t repeated; /* records whose id had come before */
	uint64_t doubled;  /* those of them that repeat a record of this very page */
	uint64_t skipped;  /* records that are not kept */
};

struct listing {
	struct fetch *fetch;
	struct fault *fault;
	const char *path, *what;     /* "/Users", "users": for messages */
	struct prefetch prefetch;    /* requests for pages that should follow */
	struct set seen;             /* id -> hash of the record */
	struct listing_page page;    /* the page at hand, or the last one */
	size_t page_keys;            /* where its ids begin in seen.keys */
	uint64_t skipped, repeated;  /* in all */
	uint64_t total, first_total; /* the largest and the first total named */
	uint64_t last_total;
	bool has_total, totals_differ;
	bool totals_go_on;        /* a total was no count of what had come, nor one more than that */
	bool total_is_whole;      /* a total was more than its own page's count */
	bool changed;             /* one id came with two contents */
	bool overlapped;          /* a page repeated records of other pages */
	bool overlapped_before;   /* the same, without the page at hand */
	uint64_t ids, ids_before; /* the sum of their hashes, in this walk and the one before */
	uint64_t found_before;    /* listing_found of the walk before */
	int walks;                /* so far, with the one at hand */
	int alike; /* walks before this one, in a row, with the ids of their predecessor */
};

/* A listing of nothing yet. `path` and `what` are borrowed. */
void listing_init(struct listing *listing, struct fetch *fetch, const char *path, const char *what,
                  struct fault *fault);

/* Empty again, also what the fetch holds; what listing_init was given and what has
   been asked for ahead stays. */
void listing_restart(struct listing *listing);
void listing_release(struct listing *listing);

/* Takes note of a record by its id and what it says, but for what changes by itself (meta,
   the last sign-in). 1: new, and the caller holds it or not; 0: it had come before; -1:
   fault. */
int listing_take(struct listing *listing, struct span id, yyjson_val *resource);

void listing_begin_page(struct listing *listing);

/* From here on listing->page says what the page brought. */
void listing_end_page(struct listing *listing);

/* Counts a record that is not kept. 0, or -1 where there are too many. */
int listing_skip(struct listing *listing);

/* The total that a page of `count` records names. */
void listing_name_total(struct listing *listing, uint64_t total, uint64_t count);

/* Records so far, each once. Those that are not kept have no ids: where pages
   overlap they may be the same again, and count for nothing. */
static inline uint64_t listing_found(const struct listing *listing)
{
	return listing->seen.count + (listing->overlapped ? 0 : listing->skipped);
}

/* The server says that the list is at its end: COMPLETE, CHANGED, or SHORT with
   a fault and `hint` behind it where the order of the list may be the cause. */
enum listing_outcome listing_end(struct listing *listing, const char *hint);

/* The last page was the first one again: its repeats are no overlap. */
static inline void listing_starts_over(struct listing *listing)
{
	listing->overlapped = listing->overlapped_before;
}

/* SHORT, with the numbers in the fault and `hint` behind them. */
enum listing_outcome listing_short(struct listing *listing, const char *hint);

/* Walks until a walk is complete, and again where it has to be: 1 complete (the
   caller commits), 0 the list is a gap, -1 fault. `walk_once` starts over each
   time it is called. */
int listing_read(struct listing *listing, enum listing_outcome (*walk_once)(void *walk),
                 void *walk);

#endif
