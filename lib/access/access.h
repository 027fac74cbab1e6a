/* SPDX-License-Identifier: ISC */
/*
 * access: who is in which groups effectively, account by account.
 *
 * A snapshot is read once. Its accounts come in the order of their source and id, each
 * with every group that it is in: directly, or because a group it is in stands in another
 * one. Members that are in no list come, too: the directory says that somebody is in the
 * group and does not show who.
 *
 * Memory grows with groups and their nesting; memberships wait in a sorter. Nothing is
 * proved before access_read has returned 0: what is made of it must wait until then.
 */
#ifndef ROLLCALL_ACCESS_H
#define ROLLCALL_ACCESS_H

#include "access/nesting.h"
#include "sort/sorter.h"
#include "stream/snapshot_reader.h"
#include "sys/reread.h"

/* An account, or a member that no list shows. Borrowed until the call returns. */
struct access_subject {
	struct span key;             /* record_line_key of a user, or of a group that is not listed */
	const struct record *record; /* the user; NULL: no list shows the member */
	bool is_group;               /* the member is a group that no list shows */
	const struct reached *reached;
	size_t count;
};

struct access {
	struct snapshot_reader reader; /* of the snapshot at hand: its begin line and its sources */
	struct nesting nesting;        /* of the snapshot at hand */
	/* What is called: with each gap and each group as it passes, with each subject after
	   them, and at the end, when all is proved. 0 or -1. */
	int (*each_gap)(void *context, const struct record *gap, struct fault *fault);
	int (*each_group)(void *context, const struct record *group, struct fault *fault);
	/* With each membership as it passes, after all groups (`group_place` is its group); and
	   when all groups and memberships are known, before the first subject. NULL: not wanted. */
	int (*each_membership)(void *context, struct fault *fault);
	int (*each_nesting)(void *context, struct fault *fault);
	int (*each_subject)(void *context, const struct access_subject *subject, struct fault *fault);
	int (*each_end)(void *context, struct fault *fault);
	/* Is a subject of this key of use? Others are not handed over. NULL: all are. */
	bool (*wants)(void *context, struct span key);
	/* The same by the id alone, as JSON, for a first look: false is certain. With `wants`. */
	bool (*may_want)(void *context, struct span id);
	void *context;
	size_t memory; /* bytes for the memberships that wait */

	struct sorter *members; /* the rest of a user's key, and the place of a group */
	struct record record;
	struct buf line, key;
	uint32_t *direct;
	size_t direct_count, direct_cap;
	struct buf group_part; /* of the memberships of one group, which stand together */
	uint32_t group_place;
};

/* Reads one snapshot (FILE or "-") to its proved end. 0 or -1; access_release is due once
   in both cases, and another snapshot may be read before it. */
int access_read(struct access *access, const char *path, struct fault *fault);
int access_reread(struct access *access, const struct reread *input, struct fault *fault);
void access_release(struct access *access);

/* Appends the path to the group at `at` of an answer, from the direct group on, as
   "Admins < Ops < Everyone"; a group without a name by its id. */
void access_put_path(struct buf *to, const struct nesting *nesting, const struct reached *reached,
                     size_t at);

/* The name of the group at `place`, its id where it shows none. */
void access_put_group(struct buf *to, const struct nesting *nesting, uint32_t place);

/* Appends the id in a key, as text. */
void access_put_id(struct buf *to, struct span key);

#endif
