/* SPDX-License-Identifier: ISC */
/*
 * since: since when accounts and their access are there, as trace-snapshots found it.
 *
 *	since_read, since_find, since_release
 *
 * Only what had not ended is kept: an interval that is over says nothing of what is there
 * now. Memory grows with the intervals, up to INTERVALS_MAX.
 */
#ifndef ROLLCALL_SINCE_H
#define ROLLCALL_SINCE_H

#include "access/review_row.h"
#include "base/arena.h"
#include "base/set.h"

struct since_source {
	struct span name;
	bool is_complete; /* the last reading saw everything: what it does not have is new */
};

struct since {
	char sha256[DIGEST_HEX + 1];
	struct since_source *sources;
	size_t source_count, source_cap;
	struct set intervals; /* key -> place in `times` */
	struct set known;     /* time -> place in `times` */
	struct span *times;
	size_t time_count, time_cap;
	struct arena texts;
	struct buf key;
};

/* Reads a trace stream to its proved end. 0 or -1; since_release is due in both cases. */
int since_read(struct since *since, const char *path, struct fault *fault);
void since_release(struct since *since);

enum since_is {
	SINCE_IS_UNKNOWN, /* the trace can not say it */
	SINCE_IS_NEW,     /* the last reading did not have it */
	SINCE_IS_KNOWN,
};

/* Something of an account, or of a group that is a member. With `nested`, access to a group
   counts by whichever path. *time is borrowed. */
enum since_is since_find(struct since *since, struct span source, struct span user_id,
                         enum review_what what, struct span access_id, bool nested,
                         struct span *time);

#endif
