/* SPDX-License-Identifier: ISC */
/*
 * prefetch: requests made before it is certain that they are needed.
 *
 * A queue, each request with the number that the caller knows it by (a startIndex,
 * a page, a place in a list). The caller takes them in its own order. If it wants
 * another number than that of the first request, the list is not as expected: all
 * requests of the queue are dropped. So no prefetch ever shows in what is read.
 */
#ifndef ROLLCALL_PREFETCH_H
#define ROLLCALL_PREFETCH_H

#include "base/ceiling.h"
#include "http/http.h"

struct prefetch {
	struct http *http;
	struct prefetched {
		uint64_t number;
		struct request *request;
	} requests[PREFETCH_MAX];
	size_t count, max; /* max: how many may wait at once, 1 to PREFETCH_MAX */
};

/* Drops all requests. */
void prefetch_drop(struct prefetch *prefetch);

static inline bool prefetch_has_room(const struct prefetch *prefetch)
{
	return prefetch->count < prefetch->max;
}

/* The number of the last request, or `otherwise`. */
uint64_t prefetch_last(const struct prefetch *prefetch, uint64_t otherwise);

/* Asks for `target` under `number`, as http_ask does; there is room. 0 or -1. */
int prefetch_ask(struct prefetch *prefetch, uint64_t number, const char *target, const char *search,
                 struct fault *fault);

/* Is `number` that of the first request? If not, all requests are dropped. */
bool prefetch_is_next(struct prefetch *prefetch, uint64_t number);

/* The answer to the only request, where it has come already and is JSON; else NULL. */
const struct reply *prefetch_peek(const struct prefetch *prefetch);

/* Takes the first request out; the caller drops it when done with it. */
struct request *prefetch_take(struct prefetch *prefetch);

#endif
