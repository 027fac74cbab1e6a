/* SPDX-License-Identifier: ISC */
/*
 * gaps: the scope of a gap is a word; one with an id is of the members of one group.
 */
#include "access/gaps.h"

void gaps_take(struct gaps *gaps, const struct record *gap)
{
	struct span scope = record_text(gap, GAP_SCOPE);

	gaps->users |= span_is(scope, span_of("users")) || span_is(scope, span_of("service_accounts"));
	gaps->groups |= span_is(scope, span_of("groups"));
	gaps->members |= span_is(scope, span_of("members")) && !record_text(gap, GAP_ID).len;
}
