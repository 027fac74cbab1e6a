/* SPDX-License-Identifier: ISC */
/*
 * verdict: what an answer means, judged by its status and its headers together
 * (RFC 9110 section 15; RFC 6585 section 4; RFC 8470 section 5.2; and the fields of
 * rate limits that services send). The one place where this is decided: for reads and
 * for writes, for the fetchers and for scim-push.
 */
#ifndef ROLLCALL_VERDICT_H
#define ROLLCALL_VERDICT_H

#include "http/reply.h"

enum verdict {
	VERDICT_OK,        /* 2xx, and not a part only */
	VERDICT_WAIT,      /* the service asks for another try later: a limit, or overload */
	VERDICT_AGAIN,     /* of a read: something failed for now, it can be tried again */
	VERDICT_REFUSED,   /* the service says no: another try brings the same */
	VERDICT_NOT_KNOWN, /* of a write: something failed, and it may have happened or not */
};

/* `writes`: the request that was answered changes something. */
enum verdict verdict_of(const struct reply *reply, bool writes);

/* How long the service asks to wait, in seconds; -1: it does not say. Only of an answer
   that is no success. */
int64_t verdict_wait_s(const struct reply *reply);

/* Is there a body to read: a whole success with JSON? */
static inline bool reply_is_good(const struct reply *reply)
{
	return reply->doc && verdict_of(reply, false) == VERDICT_OK;
}

#endif
