/* SPDX-License-Identifier: ISC */
/*
 * check: what is found in a snapshot, what is in order, and what can not be decided.
 *
 *	check_open, check_read, check_write, check_release
 *
 * Each check looks at its subjects, source by source, and gives each an answer: ok, found,
 * unknown with a word for the reason, or excepted by the policy. Each gap or selection that
 * may hide subjects counts as one that is unknown. Times are counted from when a source was
 * read, never from the clock: the same input gives the same bytes.
 *
 * The snapshot is read once. Memory grows with groups, their nesting, the policy and the
 * sources; findings and what waits for other accounts of a person stand in sorters.
 */
#ifndef ROLLCALL_CHECK_H
#define ROLLCALL_CHECK_H

#include "access/access.h"
#include "access/gaps.h"
#include "access/persons.h"
#include "check/policy.h"
#include "check/answer.h"
#include "sys/out.h"

enum check_format { CHECK_TEXT, CHECK_NDJSON, CHECK_FORMATS };
extern const char *const check_format_names[CHECK_FORMATS];

/* All texts are borrowed; NULL: not given. */
struct check_options {
	const char *policy, *before, *roster, *baseline, *decisions;
	const char *as_of;  /* instead of when each source was read */
	const char *checks; /* "a,b": only these, by name */
	struct settings settings;
	int fail_on; /* enum severity */
	bool strict;
	size_t memory;
};

enum { ADDRESS_HEAD = 12 }; /* `["0000002a",` */

/* A source of the snapshot, or one that the policy names and the snapshot lacks. */
struct check_source {
	struct span name;
	uint32_t index;
	bool is_missing;
	bool is_wanted;                  /* the policy names it */
	char address_head[ADDRESS_HEAD]; /* how its lines in check->addresses begin */
	struct span as_of, fetched_at, select;
	int64_t seconds; /* as_of from 1970-01-01 */
	char dormant_before[WHEN_MAX], never_before[WHEN_MAX];
	struct gaps gaps;
	bool selected, has_groups;
	struct answer blind_access;     /* could an account have access that is not here? */
	struct answer blind_privileged; /* ... to what is privileged? */
	uint64_t users, groups;
	struct answers *answers; /* of each check, and of each rule after them */
	bool *accepted;          /* of each: the policy accepts that it can not be known */
};

struct check_gap {
	uint32_t source;
	struct span scope, id, reason;
};

/* What the policy says of a group, by its place in the nesting. */
struct check_mark {
	uint32_t place;
	const struct policy_ref *ref;
	uint32_t conflict, side; /* with a ref that is not a privileged one */
	bool is_privileged;
};

/* How many are in a privileged group: for sure, and perhaps. */
struct check_members {
	uint64_t people, perhaps;
};

struct finding;

struct check {
	const struct check_options *options;
	struct policy policy;
	struct settings settings;
	size_t check_count; /* checks and rules */
	bool *runs;         /* of each */
	bool by_name;       /* --check chose them */
	struct access access;
	struct arena texts;

	struct check_source **sources;
	size_t source_count, source_cap;
	struct check_source *source; /* at hand */
	struct buf source_json;      /* its name as it stands in keys */
	struct check_gap *gaps;
	size_t gap_count, gap_cap;

	/* of groups, once they are all known */
	struct check_mark *marks; /* by place */
	size_t mark_count, mark_cap;
	uint8_t *flags;                /* of each place */
	struct check_members *members; /* of each place */
	uint64_t *direct_members;      /* of each place */

	/* findings */
	struct sorter *lines;  /* in the order in which they are written */
	struct set exceptions; /* check, source, id -> number + 1 of the first exception */
	uint64_t found[SEVERITIES];
	uint64_t finding_count;

	struct sorter *addresses; /* source, address, account: for duplicate */

	struct sorter *baseline; /* key, letter, an older finding or one of today; NULL: none */
	uint64_t fresh, known, gone;
	struct own_rules *rules; /* own rules; NULL: none run */
	bool has_rules;
	/* a finding was added; NULL: nobody minds. 0 or -1. */
	int (*keep_finding)(struct check *check, const struct finding *finding, struct fault *fault);
	struct before *before; /* the older snapshot; NULL: none */
	bool was_before;       /* it has the account at hand, and says when it was read */
	int64_t before_seconds;
	bool is_anew;    /* it has another account with the id of the one at hand */
	struct set anew; /* the accounts of which that is so, by key */

	struct check_review *review; /* the decisions of a review; NULL: none */
	struct sight *sight;         /* ... and what is seen of them; NULL: none */
	/* what a review wants to see of the older snapshot: its memberships and users; NULL: nothing */
	int (*see_before)(struct check *check, struct snapshot_reader *reader, struct record *record,
	                  struct fault *fault);

	/* accounts of one person */
	bool wants_persons; /* a rule does */
	struct persons persons;
	uint64_t *unmatched; /* of each side of each conflict: members that are no known person's */
	bool roster_gap, roster_selected;
	char roster_sha256[DIGEST_HEX + 1];

	/* of the whole snapshot, kept for the begin line */
	struct buf begin;
	char sha256[DIGEST_HEX + 1];

	/* scratch */
	struct buf id, label, what, says, via, line, key, group;
	struct json_reader json;
};

/* Borrows the options and reads the policy. 0 or -1; check_release is due in both cases. */
int check_open(struct check *check, const struct check_options *options, struct fault *fault);
void check_release(struct check *check);

/* Reads the snapshot (FILE or "-") and decides. 0 or -1. */
int check_read(struct check *check, const char *path, struct fault *fault);

/* Writes the finding stream, or text. 0 or -1. */
int check_write(struct check *check, int format, bool color, struct out *out, struct fault *fault);

/* 0, 1 or 3, as check-snapshot(1) says. */
int check_status(const struct check *check);

#endif
