/* SPDX-License-Identifier: ISC */
/*
 * changes: what diff_run finds, and all that a report needs: the changes in their order,
 * what could not be seen, and the names that people know the records by.
 */
#ifndef ROLLCALL_CHANGES_H
#define ROLLCALL_CHANGES_H

#include "base/arena.h"
#include "diff/diff_options.h"
#include "diff/labels.h"
#include "sys/digest.h"

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
   `before`, a removed one no `after`. They are kept as bytes and parsed again by who
   reports them: parsed they would take ten times the memory. */
struct change {
	enum change_event event;
	enum record_kind kind;
	struct span line;          /* as it was compared: with `match`, names stand for ids */
	struct span before, after; /* as the snapshots have it */
	unsigned fields;           /* bit i: field i of the record form differs and belongs here */
	size_t place;              /* in the common order of both snapshots */
	bool moved;                /* a membership removed that a recreated record still has */
};

/* What one side, or both, could not see. */
struct blind_spot {
	struct span source, id;         /* as records are compared */
	struct span own_source, own_id; /* as the snapshot has them */
	struct span scope, reason;
	uint64_t count; /* records that can not be matched; 0: not counted */
	bool before, after;
};

/* A source of which the two snapshots do not say the same: only what both can say is
   compared. */
struct common_part {
	struct span source;     /* as records are compared */
	unsigned vocabulary[2]; /* before, after */
	struct buf left_out;    /* names in `extra` that only one maps, or each from another path;
	                           a list as buf_put_sized makes it */
};

struct changes {
	struct diff_options options; /* by which they were found */
	struct span source_lists[2]; /* the sources that were compared, before and after, as JSON */
	struct span sources[2];      /* with `match`: the two that were compared */
	char sha256[2][DIGEST_HEX + 1];
	unsigned vocabulary[2]; /* of the two snapshots */

	struct common_part *common; /* of the sources that have one */
	size_t common_count, common_cap;

	struct change *list; /* by source; users, groups, memberships; by id */
	size_t count, cap;
	uint64_t events[CHANGE_EVENTS];
	struct blind_spot *blind_spots;
	size_t blind_count, blind_cap;
	char unconfirmed[256]; /* why a safeguard stopped; "" where it did not */

	struct labels labels;
	struct arena arena; /* of the lines and texts above */
};

/* Zeroed: none. */
void changes_release(struct changes *changes);

/* Adds a change in its place. 0 or -1. */
int changes_add(struct changes *changes, struct change change, struct fault *fault);

/* Takes out of a record what only one of the two snapshots can say of its source; `side` is
   0 for the older one, 1 for the newer. 0, or -1 with FAULT_DATA where the record has more
   than its vocabulary. */
int changes_limit(const struct changes *changes, struct record *record, int side,
                  struct fault *fault);

/* Bit i: field i differs in two records of a kind, and that counts by the options. */
unsigned changes_fields(const struct diff_options *options, const struct record *before,
                        const struct record *after);

#endif
