/* SPDX-License-Identifier: ISC */
/*
 * diff: what changed between two snapshots.
 *
 * Both are streamed side by side in their common order; equal lines are passed
 * over as bytes up to their volatile members, and only what differs is kept.
 * Nothing counts before both have proved complete, and nothing is called gone
 * that one side could not see.
 */
#ifndef ROLLCALL_DIFF_H
#define ROLLCALL_DIFF_H

#include "arena.h"
#include "labels.h"

enum change_event {
	USER_ADDED,
	USER_REMOVED,
	USER_ENABLED,
	USER_DISABLED,
	USER_RENAMED,
	USER_RECREATED,
	USER_MODIFIED,
	GROUP_ADDED,
	GROUP_REMOVED,
	GROUP_RENAMED,
	GROUP_RECREATED,
	GROUP_MODIFIED,
	MEMBERSHIP_ADDED,
	MEMBERSHIP_REMOVED,
	CHANGE_EVENTS,
};

extern const char *const change_event_names[CHANGE_EVENTS];

/* One change. Lines are canonical records without LF; an added record has no
   `before`, a removed one no `after`. */
struct change {
	enum change_event event;
	enum record_kind kind;
	struct span before, after;
	unsigned fields; /* bit i: field i of the record form differs and belongs here */
	size_t place;    /* in the common order of both snapshots */
};

/* How many records of a kind a source (or a group) had, has, and lost. */
struct tally {
	enum record_kind kind;
	struct span source; /* as it stands in lines, with its quotes */
	uint64_t before, after, removed;
};

/* What one side, or both, could not see. */
struct blind_spot {
	struct span line; /* a gap record, or empty: the source itself is missing */
	struct span source, scope, id, reason;
	bool before, after;
};

struct diff_options {
	bool all_fields;           /* volatile members, too */
	bool allow_missing_source; /* on the newer side */
	bool allow_other_origin, allow_older;
	uint64_t max_removed; /* of a source's records of one kind, or of one group */
	bool removed_is_percent;
	uint64_t removed_least; /* a percentage never allows fewer than this */
};

struct diff {
	struct diff_options options;
	struct change *changes; /* by source; users, groups, memberships; by id */
	size_t count, cap;
	struct blind_spot *blind_spots;
	size_t blind_count;
	uint64_t events[CHANGE_EVENTS];
	struct span begins[2]; /* the `begin` lines, before and after */
	char sha256[2][DIGEST_HEX + 1];
	char unconfirmed[256]; /* why a safeguard stopped; "" where it did not */

	struct labels labels;
	struct tally group; /* the memberships of the group that the merge is in */
	struct buf group_part;
	struct tally *tallies;
	size_t tally_count;
	struct arena arena; /* of the lines and texts above */
};

/* Compares two snapshots, file names or "-" (one of them). 0 or -1. */
int diff_run(struct diff *diff, const char *before, const char *after, struct fault *fault);
void diff_release(struct diff *diff);

/* Appends what people call a record: the user name (else e-mail, display name)
   of a user, the name of a group, "MEMBER in GROUP" of a membership; ids where
   nothing better is known. */
void diff_put_label(const struct diff *diff, const struct record *record, struct buf *label);

/* Asks the safeguard about one tally: more gone than --max-removed allows? Notes
   the first that is. `what` is "users of \"stripe\"" or the like. */
void diff_guard(struct diff *diff, const struct tally *tally, const char *what);

/* The last step of diff_run: pairs what was recreated, brings the changes into
   their order, counts them, and asks the safeguard. 0 or -1. */
int diff_settle(struct diff *diff, struct fault *fault);

#endif
