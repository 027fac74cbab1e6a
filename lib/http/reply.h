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

enum { ETAG_MAX = 256 };

struct reply {
	long status;
	struct buf body;              /* decoded; PAGE_MAX_BYTES at most */
	yyjson_doc *doc;              /* the body as JSON; NULL where it is none */
	struct fault not_json;        /* why, where doc is NULL */
	bool cut;                     /* the body is the beginning of a JSON text */
	int64_t retry_after_s;        /* -1: not said or not understood */
	char etag[ETAG_MAX];          /* "" where there is none, or a strange one */
	char content_type[INERT_MAX]; /* inert; "" where there is none */
	char location[INERT_MAX];     /* inert, without path and query */
};

void reply_clear(struct reply *reply); /* keeps the memory of the body */
void reply_release(struct reply *reply);

/* Takes one header line; keeps what matters. */
void reply_header(struct reply *reply, struct span line, const struct secret *token);

/* Parses the body as JSON, whatever the Content-Type says. */
void reply_parse(struct reply *reply, const struct secret *token);

/* Does the body hold the token? Only asked of tokens too long to stand in a
   directory by chance. */
bool reply_echoes(const struct reply *reply, const struct secret *token);

/* "404 (the server says: ...)": the status and the server's own words (SCIM
   `detail`, JSON:API `errors`, other envelopes, or the first line). Returns `to`. */
enum { DESCRIPTION_MAX = 2 * INERT_MAX };
const char *reply_describe(const struct reply *reply, const struct secret *token,
                           char to[DESCRIPTION_MAX]);

#endif
