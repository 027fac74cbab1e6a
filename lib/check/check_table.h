/* SPDX-License-Identifier: ISC */
/*
 * check_table: one row a check: what it finds, the default and whose standard that is, how
 * bad it is, what it needs. --list, --explain and the run itself go by these rows.
 */
#ifndef ROLLCALL_CHECK_TABLE_H
#define ROLLCALL_CHECK_TABLE_H

#include "base/buf.h"

enum check_id {
	CHECK_DORMANT,
	CHECK_NEVER_SIGNED_IN,
	CHECK_LEAVER,
	CHECK_DISABLED_ELSEWHERE,
	CHECK_NOT_IN_IDP,
	CHECK_DISABLED_WITH_ACCESS,
	CHECK_PRIVILEGED,
	CHECK_PRIVILEGED_COUNT,
	CHECK_PRIVILEGED_UNNAMED,
	CHECK_EXTERNAL,
	CHECK_SHARED_NAME,
	CHECK_DUPLICATE,
	CHECK_SERVICE_OWNER,
	CHECK_CONFLICT,
	CHECK_ORPHAN_MEMBER,
	CHECK_EMPTY_GROUP,
	CHECK_DEEP_GROUP,
	CHECK_CYCLE,
	CHECK_NEW_ACCESS,
	CHECK_REVOKE_NOT_DONE,
	CHECK_RETURNED,
	CHECK_POPULATION,
	CHECK_STALE_SNAPSHOT,
	CHECK_REVIEW_OVERDUE,
	CHECKS,
};

enum severity {
	SEVERITY_INFO,
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	SEVERITIES,
};

extern const char *const severity_words[SEVERITIES];

/* What a check can not do without. */
enum check_need {
	NEED_ROSTER = 1,
	NEED_BEFORE = 2,
	NEED_AS_OF = 4,
	NEED_PRIVILEGED = 8,
	NEED_DOMAINS = 16,
	NEED_AUTHORITY = 32,
	NEED_IDP = 64,
	NEED_CONFLICTS = 128,
	NEED_DECISIONS = 256,
	CHECK_NEEDS = 9, /* how many there are */
};

/* What the id of a finding is. */
enum finding_of {
	FINDING_OF_ACCOUNT, /* also a member that no list shows, which may be a group */
	FINDING_OF_GROUP,
	FINDING_OF_SOURCE, /* of a part of it */
	FINDING_OFS,
};

extern const char *const finding_of_words[FINDING_OFS];

struct check_row {
	const char *name;
	const char *finds;    /* one line, for --list */
	const char *severity; /* "medium; high if privileged" */
	const char *subjects; /* what is counted */
	const char *defaults; /* the default, and whose; NULL: none */
	const char *unknown;  /* when it can not be decided */
	unsigned needs;
	const char *standards; /* those that ask for it, ", " between them; NULL: none */
	enum finding_of of;
};

extern const struct check_row check_table[CHECKS];
extern const char *const check_names[CHECKS];

/* CHECKS where there is none of this name. */
int check_table_find(struct span name);

/* Appends the words for what is needed: "--roster FILE and domains in the policy". */
void check_table_put_needs(struct buf *text, unsigned needs);

/* Appends all rows as --list shows them, or one as --explain does. */
void check_table_put_list(struct buf *text);
void check_table_put_explanation(struct buf *text, int check);

#endif
