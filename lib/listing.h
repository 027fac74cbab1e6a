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

#include "fetch.h"
#include "set.h"

/* How one page, and with it maybe the walk, ended. */
enum listing_outcome {
	LISTING_FAILED = -1,
	LISTING_ON, /* another page is to come */
	LISTING_COMPLETE,
	LISTING_CHANGED, /* the list changed under the walk: read again */
	LISTING_SHORT,   /* fewer records than promised: read again once */
	LISTING_GAP,     /* not readable, and recorded as such */
};

struct listing {
	struct fetch *fetch;
	struct fault *fault;
	const char *path, *what;     /* "/Users", "users": for messages */
	struct set seen;             /* id -> hash of the record */
	uint64_t skipped;            /* records that came but are not kept */
	uint64_t repeated;           /* records whose id had come before */
	uint64_t total, first_total; /* the largest and the first total named */
	bool has_total, totals_differ;
	bool changed;             /* one id came with two contents */
	bool mixed;               /* a page brought both new and repeated records */
	uint64_t ids, ids_before; /* the sum of their hashes, in this walk and the one before */
};

/* Empty again, also what the fetch holds; the first four members stay. */
void listing_restart(struct listing *listing);
void listing_release(struct listing *listing);

/* Takes note of a record by its id and what it says (json_hash). 1: new, and the
   caller holds it or not; 0: it had come before; -1: fault. */
int listing_take(struct listing *listing, struct span id, yyjson_val *resource);

/* Between pages: did this one bring both new and repeated records? Then the list
   has no stable order, or its pages overlap. */
void listing_page(struct listing *listing, uint64_t fresh, uint64_t repeated);

/* The end of a list whose pages mixed new and repeated records, and whose total
   proves nothing: COMPLETE where the walk before found the same ids, else SHORT. */
enum listing_outcome listing_end_mixed(struct listing *listing, const char *hint);

/* Counts a record that is not kept. 0, or -1 where there are too many. */
int listing_skip(struct listing *listing);

void listing_name_total(struct listing *listing, uint64_t total);

/* Records so far, each once. */
static inline uint64_t listing_found(const struct listing *listing)
{
	return listing->seen.count + listing->skipped;
}

/* The server says that the list is at its end: COMPLETE, CHANGED, or SHORT with
   a fault. `totals_matter`: differing totals mean that the list changed. */
enum listing_outcome listing_end(struct listing *listing, bool totals_matter);

/* SHORT, with the numbers in the fault and `hint` behind them. */
enum listing_outcome listing_short(struct listing *listing, const char *hint);

/* Walks until a walk is complete, and again where it has to be: 1 complete (the
   caller commits), 0 the list is a gap, -1 fault. `walk_once` starts over each
   time it is called. */
int listing_read(struct listing *listing, enum listing_outcome (*walk_once)(void *walk),
                 void *walk);

#endif
