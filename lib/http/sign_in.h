/* SPDX-License-Identifier: ISC */
/*
 * sign_in: how a request says who asks: which header, and which words before the token.
 *
 * Written as one text, which --auth and the rows of stream/provider.h share:
 *
 *     Bearer                 Authorization: Bearer TOKEN       (RFC 6750 section 2.1)
 *     Basic                  Authorization: Basic BASE64       (RFC 7617; USER:PASSWORD)
 *     SSWS                   Authorization: SSWS TOKEN         (RFC 9110 section 11.6.2)
 *     Token token=           Authorization: Token token=TOKEN
 *     X-Api-Key:             X-Api-Key: TOKEN
 *     X-Auth: Bearer         X-Auth: Bearer TOKEN
 *     none                   no header: the client certificate says who asks
 *
 * There is no way to write a token there: nothing but names is taken.
 */
#ifndef ROLLCALL_SIGN_IN_H
#define ROLLCALL_SIGN_IN_H

#include "base/buf.h"

enum { SIGN_IN_NAME_MAX = 64 };

struct secret;

struct sign_in {
	char header[SIGN_IN_NAME_MAX + 1];    /* "Authorization"; "" with `none` */
	char scheme[SIGN_IN_NAME_MAX + 1];    /* "Bearer"; "" where the token stands alone */
	char parameter[SIGN_IN_NAME_MAX + 2]; /* "token=", or "" */
	bool is_basic;                        /* the token is USER:PASSWORD, and sent as Base64 */
};

/* Reads the text. 0, or -1 with FAULT_USAGE, which does not repeat it. */
int sign_in_init(struct sign_in *sign_in, const char *text, struct fault *fault);

/* Appends "Authorization: Bearer TOKEN"; nothing with `none`. */
void sign_in_put_header(const struct sign_in *sign_in, const struct secret *token,
                        struct buf *line);

/* What a service wants that answered 401 with these challenges (WWW-Authenticate, RFC 9110
   section 11.6.1, inert): appends how to give it, "the service asks for Basic: ...". Nothing
   where it asks for what was sent, or does not say. */
void sign_in_put_wanted(const struct sign_in *sign_in, const char *challenges, struct buf *words);

#endif
