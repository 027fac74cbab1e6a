/* SPDX-License-Identifier: ISC */
/*
 * moved: paths of the service that it serves at another path of the same origin (RFC 9110
 * section 15.4), as where a router wants a slash at the end of each.
 *
 * Only a GET is asked for again at the new place, once, and only where scheme, host, port and
 * the last segment of the path stay as they are: a login page, another record and another
 * host are never asked for. The query stays ours.
 */
#ifndef ROLLCALL_MOVED_H
#define ROLLCALL_MOVED_H

#include "base/ceiling.h"

#include <stdbool.h>
#include <stddef.h>

struct moved {
	bool wants_slash; /* at the end of each path */
	size_t count;
	struct moved_path {
		char *from, *to; /* without the query */
	} paths[MOVED_MAX];
};

/* The URL to ask for in place of `url`, which was answered with a redirect to `location`; the
   caller frees it. Remembers the path. NULL: it is not to be followed. */
char *moved_follow(struct moved *moved, const char *url, const char *location);

/* The URL to ask for in place of `url`, by what was remembered; the caller frees it. NULL:
   none other, or no memory. */
char *moved_find(const struct moved *moved, const char *url);

void moved_release(struct moved *moved);

#endif
