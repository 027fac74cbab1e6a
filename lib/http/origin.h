/* SPDX-License-Identifier: ISC */
/*
 * origin: the one address a run talks to, and the only one that gets the token.
 *
 * A base URL is https, or http to loopback only; it has no user, password,
 * query or fragment. It is fixed before the token is read and never changes:
 * no redirect is followed and no link that a server sends is used.
 */
#ifndef ROLLCALL_ORIGIN_H
#define ROLLCALL_ORIGIN_H

#include "base/buf.h"

struct origin {
	char *base;    /* "https://host/scim/v2", without a slash at the end */
	bool loopback; /* the host is 127.0.0.0/8, ::1 or localhost */
	bool plain;    /* http, only where loopback */
};

/* Checks the URL `text`, which messages call `what` ("base URL"); adds `path` ("/api/iacp/v3") where the URL has none of its own
   and `path` is not NULL. 0, or -1 with FAULT_USAGE. */
int origin_init(struct origin *origin, const char *what, const char *text, const char *path,
                struct fault *fault);
/* The same scheme, host and port (RFC 6454 section 4), as they are written? */
bool origin_is_same(const struct origin *a, const struct origin *b);

void origin_release(struct origin *origin);

/* Appends `text` percent-encoded: all but the unreserved characters of RFC 3986
   section 2.3. */
void url_put_encoded(struct buf *buf, struct span text);

/* Appends ? before the first parameter of a URL, & before the others. */
void url_put_separator(struct buf *url);

/* The same and NAME=VALUE, the value percent-encoded. */
void url_put_parameter(struct buf *url, const char *name, struct span value);

#endif
