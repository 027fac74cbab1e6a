/* SPDX-License-Identifier: ISC */
/*
 * verdict: the meaning of statuses, and of the fields that change it.
 */
#include "http/verdict.h"

/* A 5xx that is not known is a 500 (RFC 9110 section 15); these are known, and another try
   would bring the same: Not Implemented, HTTP Version Not Supported, Variant Also
   Negotiates, Loop Detected, Not Extended, Network Authentication Required. */
static bool status_is_lasting(long status)
{
	static const long lasting[] = {501, 505, 506, 508, 510, 511};

	for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
		if (lasting[i] == status)
			return true;
	return false;
}

/* May a limit be what the status is about, where the fields say that nothing is left? */
static bool status_may_be_limit(long status)
{
	return status == 403 || status == 409 || status == 423 || status == 429 ||
	       (status / 100 == 5 && !status_is_lasting(status));
}

/* Does the answer say that a limit was reached? */
static bool limit_is_reached(const struct reply *reply)
{
	return reply->limit.remaining == 0 && status_may_be_limit(reply->status);
}

int64_t verdict_wait_s(const struct reply *reply)
{
	const struct reply_limit *limit = &reply->limit;

	if (reply->status < 400)
		return -1;
	if (limit->retry_after_s >= 0)
		return limit->retry_after_s;
	/* what is left of another limit says nothing about the one that was reached */
	if (limit_is_reached(reply) || (reply->status == 429 && limit->remaining < 0))
		return limit->reset_s > 0 ? limit->reset_s : -1;
	return -1;
}

enum verdict verdict_of(const struct reply *reply, bool writes)
{
	long status = reply->status;
	int64_t wait_s = verdict_wait_s(reply);

	if (status >= 200 && status <= 299)
		return reply->is_part && !writes ? VERDICT_REFUSED : VERDICT_OK;
	/* 425: the service did not do it, lest it be a replay (RFC 8470 section 5.2) */
	if (status == 429 || status == 425 || wait_s > 0 || limit_is_reached(reply))
		return VERDICT_WAIT;
	if (status == 408 || wait_s == 0 || (status / 100 == 5 && !status_is_lasting(status)))
		return writes ? VERDICT_NOT_KNOWN : VERDICT_AGAIN;
	if (!writes && (status == 421 || status == 423)) /* another connection; a lock that passes */
		return VERDICT_AGAIN;
	return VERDICT_REFUSED;
}
