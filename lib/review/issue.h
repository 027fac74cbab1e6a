/* SPDX-License-Identifier: ISC */
/*
 * issue: the sheets that reviewers fill in, and the sealed list of what was issued.
 *
 *	issue_open, issue_read, issue_write, issue_release
 *
 * A sheet has a row for each account, direct membership, role and entitlement
 * (access/review_row.h), with what people need to decide and blank columns for the
 * decision. Nothing is ever decided in advance. Of one snapshot the same bytes come each
 * time. Memory grows with groups, their nesting and the sheets; rows stand in sorters.
 */
#ifndef ROLLCALL_ISSUE_H
#define ROLLCALL_ISSUE_H

#include "access/review_row.h"
#include "access/since.h"
#include "review/gives_also.h"
#include "review/issue_facts.h"
#include "review/issue_part.h"
#include "sys/spool.h"
#include "table/table.h"

enum issue_format { ISSUE_XLSX, ISSUE_CSV, ISSUE_FORMATS };
extern const char *const issue_format_names[ISSUE_FORMATS];

/* All texts are borrowed; NULL: not given. */
struct issue_options {
	const char *directory; /* is there */
	const char *split;     /* "group", "source", "manager", or a file */
	const char *due;       /* until when: any text */
	const char *findings;
	const char *previous;      /* the decisions of an earlier review */
	const char *const *before; /* older snapshots, in any order */
	size_t before_count;
	const char *since_from; /* a trace, in the place of `before` */
	int format;             /* enum issue_format */
	size_t memory;
};

enum issue_column {
	ISSUE_ROW,
	ISSUE_SOURCE,
	ISSUE_USER_ID,
	ISSUE_USER_NAME,
	ISSUE_EMAIL,
	ISSUE_DISPLAY_NAME,
	ISSUE_STATUS,
	ISSUE_ACCOUNT_TYPE,
	ISSUE_DEPARTMENT,
	ISSUE_MANAGER,
	ISSUE_CREATED_AT,
	ISSUE_LAST_LOGIN_AT,
	ISSUE_WHAT,
	ISSUE_ACCESS_ID,
	ISSUE_ACCESS,
	ISSUE_GIVES_ALSO,
	ISSUE_FINDINGS,
	ISSUE_SINCE,
	ISSUE_PREVIOUS,
	ISSUE_DECISION,
	ISSUE_DECIDED_BY,
	ISSUE_DECIDED_AT,
	ISSUE_REASON,
	ISSUE_TICKET,
	ISSUE_COLUMNS
};

extern const struct table_column issue_columns[ISSUE_COLUMNS];

struct issue {
	const struct issue_options *options;
	struct review_rows rows;
	struct issue_facts facts;
	struct since since;
	struct issue_parts parts;
	struct table table;
	struct spool lines; /* of the review stream */
	uint64_t counts[REVIEW_WHATS];
	struct gives_also gives_also;
	struct buf notes;             /* what could not be seen: lines of inert text */
	struct buf line, shown, json; /* scratch */
};

/* Borrows the options; reads what tells which row goes where. 0 or -1; issue_release is due
   in both cases. */
int issue_open(struct issue *issue, const struct issue_options *options, struct fault *fault);
void issue_release(struct issue *issue);

/* Reads the snapshot and what is known beside it. 0 or -1. */
int issue_read(struct issue *issue, const struct reread *snapshot, struct fault *fault);

/* Writes the sheets, and the list of them last. 0, or -1: then what was written is gone
   again. */
int issue_write(struct issue *issue, struct fault *fault);

#endif
