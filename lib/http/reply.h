/* SPDX-License-Identifier: ISC */
/*
 * reply: what a server answered, and how to speak about it.
 *
 * Everything here is foreign: texts meant for messages are made inert and cut,
 * and the token is taken out should the server repeat it.
 */
#ifndef ROLLCALL_REPLY_H
#define ROLLCALL_REPLY_H

#include "base/inert.h"
#include "base/json.h"
#include "http/secret.h"

enum { ETAG_MAX = 256, REDIRECT_MAX = 2048 };

/* Each is -1 where it was not said or not understood. */
struct reply_limit {
	int64_t retry_after_s; /* Retry-After */
	int64_t reset_s;       /* seconds until a limit begins anew */
	int64_t remaining;     /* requests that are left until then */
};

struct reply {
	long status;
	struct buf body;              /* decoded; PAGE_MAX_BYTES at most */
	yyjson_doc *doc;              /* the body as JSON; NULL where it is none */
	struct fault not_json;        /* why, where doc is NULL */
	bool cut;                     /* the body is the beginning of a JSON text */
	struct reply_limit limit;     /* what the headers say of limits */
	bool is_part;                 /* Content-Range: only some of the bytes */
	char etag[ETAG_MAX];          /* "" where there is none, or a strange one */
	char content_type[INERT_MAX]; /* inert; "" where there is none */
	char location[INERT_MAX];     /* inert, without path and query */
	bool names_host;              /* Location names one, were it the same */
	char redirect[REDIRECT_MAX];  /* Location as it was sent; not for messages */
	char encoding[INERT_MAX];     /* Content-Encoding, inert */
	char challenge[INERT_MAX];    /* WWW-Authenticate, inert */
	bool header_is_over;          /* what comes now is a trailer */
};

void reply_clear(struct reply *reply); /* keeps the memory of the body */
void reply_release(struct reply *reply);

/* Takes one line of a header, its status line and the blank line at its end included.
   Keeps what matters of the last header: a 1xx that came before it counts for nothing
   (RFC 9110 section 15.2), and neither does a trailer (section 6.5). */
void reply_header(struct reply *reply, struct span line, const struct secret *token);

/* Copies foreign text for a message: inert, cut, and without the token. Returns `to`. */
const char *reply_put_inert(char to[INERT_MAX], struct span text, const struct secret *token);

/* Parses the body as JSON, whatever the Content-Type says. */
void reply_parse(struct reply *reply, const struct secret *token);

/* Is the body in an encoding that libcurl does not decode, or says it is? */
bool reply_has_odd_encoding(const struct reply *reply);

/* Does the body hold the token? Only asked of tokens too long to stand in a
   directory by chance. */
bool reply_echoes(const struct reply *reply, const struct secret *token);

/* "404 (the server says: ...)": the status and the server's own words (SCIM
   `detail`, JSON:API `errors`, other envelopes, the title of a page, the first line, or
   how it wants to be signed in to). Returns `to`. */
enum { DESCRIPTION_MAX = 2 * INERT_MAX };
const char *reply_describe(const struct reply *reply, const struct secret *token,
                           char to[DESCRIPTION_MAX]);

#endif
