/* SPDX-License-Identifier: ISC */
/*
 * diff: what changed between two snapshots.
 *
 * Both are streamed side by side in their common order; equal lines are passed
 * over as bytes up to their volatile members, and only what differs is kept.
 * Nothing counts before both have proved complete, and nothing is called gone
 * that one side could not see.
 *
 * With `match` both are first brought into one order by names (diff_match.h);
 * from then on it is the same comparison.
 */
#ifndef ROLLCALL_DIFF_H
#define ROLLCALL_DIFF_H

#include "base/arena.h"
#include "diff/diff_options.h"
#include "diff/labels.h"
#include "base/set.h"
#include "sys/spool.h"
#include "stream/stream.h"

struct diff_side;

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
	struct span line;          /* as it was compared: with `match`, names stand for ids */
	struct span before, after; /* as the snapshots have it */
	unsigned fields;           /* bit i: field i of the record form differs and belongs here */
	size_t place;              /* in the common order of both snapshots */
};

/* How many records of a kind a source (or a group) had, and lost. */
struct tally {
	enum record_kind kind;
	struct span source; /* as it stands in lines, with its quotes */
	uint64_t before, after, removed;
};

/* What one side, or both, could not see. */
struct blind_spot {
	struct span source, id;         /* as records are compared */
	struct span own_source, own_id; /* as the snapshot has them */
	struct span scope, reason;
	uint64_t count; /* records that can not be matched; 0: not counted */
	bool before, after;
};

struct diff {
	struct diff_options options;
	struct change *changes; /* by source; users, groups, memberships; by id */
	size_t count, cap;
	struct blind_spot *blind_spots;
	size_t blind_count, blind_cap;
	uint64_t events[CHANGE_EVENTS];
	struct span begins[2]; /* the `begin` lines, before and after */
	char sha256[2][DIGEST_HEX + 1];
	char unconfirmed[256]; /* why a safeguard stopped; "" where it did not */

	struct labels labels;
	struct spool groups;   /* the lines of all groups, for labels */
	struct set hidden;     /* what blind spots cover */
	struct tally group;    /* the memberships of the group that the merge is in */
	struct buf group_part; /* the bytes that they have in common */
	bool group_wanted;     /* its label */
	struct tally lost;     /* the first group that lost too much; before 0: none */
	struct span lost_id;   /* of that group */
	struct tally *tallies; /* of sources */
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

/* ---- its parts ---- */

/* The fields in which two records differ that count here. */
unsigned diff_fields(const struct diff *diff, const struct record *before,
                     const struct record *after);

/* Can these two be compared? Notes the sources that only one side has. 0 or -1. */
int diff_check_sources(struct diff *diff, const struct diff_side *before,
                       const struct diff_side *after, struct fault *fault);

/* Notes the gap that a side is at. 0 or -1. */
int diff_see_gap(struct diff *diff, const struct diff_side *side, bool newer, struct fault *fault);

/* Notes a blind spot, whose texts are copied. 0 or -1. */
int diff_add_blind_spot(struct diff *diff, struct blind_spot spot, struct fault *fault);

/* Does a blind spot cover this record? Then its absence on a side says nothing. */
bool diff_is_hidden(const struct diff *diff, const struct record *record);

/* Counts the record that the older side is at. 0 or -1. */
int diff_count_before(struct diff *diff, const struct diff_side *before, struct fault *fault);

/* Counts the memberships of one group after the other, in their order; `order` 0:
   both sides have it. NULL: there are no more. 0 or -1. */
int diff_count_member(struct diff *diff, const struct diff_side *side, int order,
                      struct fault *fault);

/* Says in `unconfirmed` which source, or else which group, lost more than
   --max-removed allows, if one did. 0 or -1. */
int diff_guard(struct diff *diff, struct fault *fault);

/* Reads the names of the wanted groups. 0 or -1. */
int diff_name_groups(struct diff *diff, struct fault *fault);

/* The last step of diff_run: pairs what was recreated, brings the changes into
   their order, asks the safeguard, drops what is not wanted, and counts. 0 or -1. */
int diff_settle(struct diff *diff, struct fault *fault);

#endif
