/* SPDX-License-Identifier: ISC */
/*
 * stream_pair: the leader digests what both have. The follower compares that digest with its own
 * end line, or takes a copy of it at the first difference.
 */
#include "stream/stream_pair.h"

#include "sort/order.h"

void stream_pair(struct stream_reader *leader, struct stream_reader *follower)
{
	digest_run_apart(&leader->digest); /* the rest is work for another core */
	leader->follower = follower;
	follower->leader = leader;
	leader->same = follower->same = 0;
}

/* The whole lines in memory that come next; if there are none, some are read. 0 or -1. */
static int pair_window(struct lines *lines, struct span *window, struct fault *fault)
{
	int more = 1;

	while (more > 0 && !(*window = lines_window(lines)).len)
		more = lines_widen(lines, fault);
	return more < 0 ? -1 : 0;
}

int stream_pair_look(struct stream_reader *leader, struct fault *fault)
{
	struct stream_reader *follower = leader->follower;
	struct span own = SPAN_EMPTY, other = SPAN_EMPTY;
	const char *newline;

	/* a follower that still has some left is not where the leader is: then they part, too */
	if (!follower->same && (pair_window(&leader->lines, &own, fault) < 0 ||
	                        pair_window(&follower->lines, &other, fault) < 0))
		return -1;
	newline = memrchr(own.data, '\n', order_common(own, other));
	if (newline) {
		leader->same = follower->same = (size_t)(newline + 1 - own.data);
		return 0;
	}
	digest_copy(&follower->digest, &leader->digest);
	leader->follower = follower->leader = NULL;
	return 0;
}
