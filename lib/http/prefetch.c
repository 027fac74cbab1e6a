/* SPDX-License-Identifier: ISC */
/*
 * prefetch: a short array, used as a queue.
 */
#include "http/prefetch.h"

void prefetch_drop(struct prefetch *prefetch)
{
	for (size_t i = 0; i < prefetch->count; i++)
		http_drop(prefetch->http, prefetch->requests[i].request);
	prefetch->count = 0;
}

uint64_t prefetch_last(const struct prefetch *prefetch, uint64_t otherwise)
{
	return prefetch->count ? prefetch->requests[prefetch->count - 1].number : otherwise;
}

int prefetch_ask(struct prefetch *prefetch, uint64_t number, const char *target, const char *search,
                 struct fault *fault)
{
	struct request *request = http_ask(prefetch->http, target, search, fault);

	if (!request)
		return -1;
	prefetch->requests[prefetch->count++] = (struct prefetched){number, request};
	return 0;
}

bool prefetch_is_next(struct prefetch *prefetch, uint64_t number)
{
	if (prefetch->count && prefetch->requests[0].number == number)
		return true;
	prefetch_drop(prefetch);
	return false;
}

const struct reply *prefetch_peek(const struct prefetch *prefetch)
{
	const struct reply *reply =
		prefetch->count == 1 ? request_settled(prefetch->requests[0].request) : NULL;

	return reply && reply_is_good(reply) ? reply : NULL;
}

struct request *prefetch_take(struct prefetch *prefetch)
{
	struct request *request = prefetch->requests[0].request;

	memmove(prefetch->requests, prefetch->requests + 1,
	        --prefetch->count * sizeof *prefetch->requests);
	return request;
}
