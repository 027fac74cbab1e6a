/* SPDX-License-Identifier: ISC */
/*
 * ahead: a short array used as a queue.
 */
#include "http/ahead.h"

void ahead_drop(struct ahead *ahead)
{
	for (size_t i = 0; i < ahead->count; i++)
		http_drop(ahead->http, ahead->guesses[i].request);
	ahead->count = 0;
}

uint64_t ahead_last(const struct ahead *ahead, uint64_t otherwise)
{
	return ahead->count ? ahead->guesses[ahead->count - 1].number : otherwise;
}

int ahead_ask(struct ahead *ahead, uint64_t number, const char *target, const char *search,
              struct fault *fault)
{
	struct request *request = http_ask(ahead->http, target, search, fault);

	if (!request)
		return -1;
	ahead->guesses[ahead->count++] = (struct guess){number, request};
	return 0;
}

bool ahead_is_next(struct ahead *ahead, uint64_t number)
{
	if (ahead->count && ahead->guesses[0].number == number)
		return true;
	ahead_drop(ahead);
	return false;
}

const struct reply *ahead_peek(const struct ahead *ahead)
{
	const struct reply *reply =
		ahead->count == 1 ? request_settled(ahead->guesses[0].request) : NULL;

	return reply && reply->status == 200 && reply->doc ? reply : NULL;
}

struct request *ahead_take(struct ahead *ahead)
{
	struct request *request = ahead->guesses[0].request;

	memmove(ahead->guesses, ahead->guesses + 1, --ahead->count * sizeof *ahead->guesses);
	return request;
}
