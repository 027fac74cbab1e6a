/* SPDX-License-Identifier: ISC */
/*
 * ahead: requests made before it is certain that they are needed.
 *
 * A queue of guesses, each with the number the caller knows it by (a
 * startIndex, a page, a place in a list). The caller takes them strictly in its
 * own order; a number that is not the next guess means that the guesses were
 * wrong, and all of them are dropped.
 */
#ifndef ROLLCALL_AHEAD_H
#define ROLLCALL_AHEAD_H

#include "base/ceiling.h"
#include "http/http.h"

struct ahead {
	struct http *http;
	struct guess {
		uint64_t number;
		struct request *request;
	} guesses[AHEAD_MAX];
	size_t count, max; /* max: how many may wait at once, 1 to AHEAD_MAX */
};

/* Drops every guess. */
void ahead_drop(struct ahead *ahead);

static inline bool ahead_has_room(const struct ahead *ahead)
{
	return ahead->count < ahead->max;
}

/* The number of the guess made last, or `otherwise`. */
uint64_t ahead_last(const struct ahead *ahead, uint64_t otherwise);

/* Asks for `target` under `number`, as http_ask does; there is room. 0 or -1. */
int ahead_ask(struct ahead *ahead, uint64_t number, const char *target, const char *search,
              struct fault *fault);

/* Is `number` the first guess? If not, all guesses are dropped. */
bool ahead_is_next(struct ahead *ahead, uint64_t number);

/* The answer to the only guess, where it has come already and is JSON; else NULL. */
const struct reply *ahead_peek(const struct ahead *ahead);

/* Takes the first guess out; the caller drops the request when done with it. */
struct request *ahead_take(struct ahead *ahead);

#endif
