/* SPDX-License-Identifier: ISC */
/*
 * diff_parts: what the parts of one comparison share. diff.c merges; the others are
 *
 *	diff_sources.c  may these two be compared at all?
 *	diff_match.c    with --match: names in place of ids
 *	diff_unnamed.c  with --match: the records without a name
 *	diff_blind.c    what a side could not see
 *	diff_tally.c    counts, while the merge passes
 *	diff_finish.c   what can only be said when all changes are known
 *	diff_limit.c    is more gone than --max-removed allows?
 *
 * Where nothing else is said, a function returns 0, or -1 with a fault.
 */
#ifndef ROLLCALL_DIFF_PARTS_H
#define ROLLCALL_DIFF_PARTS_H

#include "base/set.h"
#include "diff/changes.h"
#include "diff/diff_side.h"
#include "sys/spool.h"

/* How many records of a kind a source (or a group) had, has and lost. */
struct tally {
	enum record_kind kind;
	struct span source; /* as it stands in lines, with its quotes */
	uint64_t before, after, removed;
};

/* A group that lost members, and how many. */
struct lost_group {
	struct tally members;
	struct span part; /* the bytes that its memberships' lines have in common */
};

struct diff {
	const struct diff_options *options;
	struct changes *changes;
	struct spool groups; /* the lines of all groups, for labels */
	struct set hidden;   /* what blind spots cover */

	struct tally *tallies; /* of sources */
	size_t tally_count;
	struct tally group;    /* the memberships of the group that the merge is in */
	struct buf group_part; /* the bytes that they have in common; empty: it is in none */
	bool group_wanted;     /* its label */
	struct lost_group *lost;
	size_t lost_count, lost_cap;
};

/* Can these two be compared? Notes the sources that only one side has; with --match
   chooses the one of each side. */
int diff_check_sources(struct diff *diff, struct diff_side *before, struct diff_side *after,
                       struct fault *fault);

/* Notes the gap that a side is at. */
int diff_see_gap(struct diff *diff, const struct diff_side *side, bool newer, struct fault *fault);

/* Notes a blind spot, whose texts are copied. */
int diff_add_blind_spot(struct diff *diff, struct blind_spot spot, struct fault *fault);

/* Does a blind spot cover this record? Then its absence on a side says nothing. */
bool diff_is_hidden(const struct diff *diff, const struct record *record);

/* Counts the record that the older side is at. */
int diff_count_before(struct diff *diff, const struct diff_side *before, struct fault *fault);

/* Counts the memberships of one group after the other, in their order; `order` 0:
   both sides have it. NULL: there are no more. */
int diff_count_member(struct diff *diff, const struct diff_side *side, int order,
                      struct fault *fault);

/* May so many be gone? *most is what --max-removed allows, never fewer than `least`
   where that is a percentage. */
bool diff_is_too_much(const struct diff_options *options, const struct tally *tally, uint64_t least,
                      uint64_t *most);

/* The same of the members of a group. One that lost every member is looked at by itself: in
   the whole directory it may be too small to be noticed. By names, any that lost many is. */
bool diff_is_group_asked(const struct diff_options *options, const struct tally *members,
                         uint64_t *most);

/* Says in `unconfirmed` which source, or else which group, lost more than
   --max-removed allows, if one did. */
int diff_limit(struct diff *diff, struct fault *fault);

/* The last step of diff_run: pairs what was recreated, brings the changes into
   their order, asks diff_limit, drops what is not wanted, and counts. */
int diff_finish(struct diff *diff, struct fault *fault);

#endif
