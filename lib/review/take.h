/* SPDX-License-Identifier: ISC */
/*
 * take: sheets that people filled in become decisions, operations and manual work.
 *
 *	take_open, take_read_sheet for each, take_read_snapshot, take_decide, take_write,
 *	take_release
 *
 * A sheet is only believed in its column `row` and in what was decided. What a row is about
 * comes from the snapshot. All rows of the snapshot must be there, each once. Whatever is
 * wrong is listed, with sheet, row and column, and then nothing is written. Memory does not
 * grow with the rows: they stand in sorters.
 */
#ifndef ROLLCALL_TAKE_H
#define ROLLCALL_TAKE_H

#include "access/decisions.h"
#include "base/fields.h"
#include "review/gives_also.h"
#include "review/issue_facts.h"
#include "review/issue_part.h"
#include "review/take_persons.h"
#include "review/take_problems.h"
#include "sort/join.h"
#include "table/table.h"

/* All texts are borrowed; NULL: not given. */
struct take_options {
	const char *directory; /* is there, and empty */
	const char *findings;
	const char *review;  /* the list that issue-review wrote */
	const char *persons; /* which accounts are one person's */
	size_t memory;
};

struct take_sheet {
	const char *name; /* borrowed */
	char sha256[DIGEST_HEX + 1];
};

/* What is known of a row, in this order, and what a sheet says of it. */
enum take_field {
	FACT_WHAT,
	FACT_SOURCE,
	FACT_USER_ID,
	FACT_USER_NAME,
	FACT_MEMBER_KIND,
	FACT_ACCESS_ID,
	FACT_ACCESS,
	FACT_EMAIL,
	FACT_DISPLAY_NAME,
	FACT_STATUS,
	FACT_ACCOUNT_TYPE,
	FACT_DEPARTMENT,
	FACT_MANAGER,
	FACT_CREATED_AT,
	FACT_LAST_LOGIN_AT,
	FACT_GIVES_ALSO,
	FACT_PROVIDER,
	FACT_SERIOUS, /* "1": it has a finding of high or critical */
	FACT_LISTED,  /* "1": an account that a list shows */
	FACT_FIELDS,
	/* by the list of the review; NULL without one */
	FACT_FINDINGS = FACT_FIELDS,
	FACT_SINCE,
	FACT_PREVIOUS,
	FACT_ALL
};

struct take {
	const struct take_options *options;
	struct take_sheet *sheets;
	size_t sheet_count, sheet_cap;
	struct review_rows rows;
	struct issue_facts facts;
	struct join join; /* rows of the snapshot, and what the sheets say of them */
	struct sorter *decisions, *operations; /* each line begins with its order */
	struct table manual;
	struct take_problems problems, warnings;
	uint64_t sums[DECISION_WORDS];
	uint64_t read, unknown, missing, pushed, by_hand;
	char review_sha256[DIGEST_HEX + 1];
	char review_of[DIGEST_HEX + 1]; /* the snapshot of that list */
	struct gives_also gives_also;
	struct take_persons persons;
	/* the row at hand */
	struct json_reader json;
	struct buf name, line, order, scratch;
	struct span about[FACT_ALL];
	struct buf fact, fact_text, listed, listed_text; /* what it is borrowed from */
	struct buf cell_text, day;
	bool is_open, is_serious;
	size_t first_sheet, first_row;
};

/* Borrows the options. 0 or -1; take_release is due in both cases. */
int take_open(struct take *take, const struct take_options *options, struct fault *fault);
void take_release(struct take *take);

/* Reads one sheet. 0, or -1 where it is none. */
int take_read_sheet(struct take *take, const char *path, struct fault *fault);

/* Reads the snapshot, and what is known beside it. 0 or -1. */
int take_read_snapshot(struct take *take, const struct reread *snapshot, struct fault *fault);

/* Holds the one against the other. 0 or -1; what is wrong is in take->problems, and
   take->warnings has what was rewritten. */
int take_decide(struct take *take, struct fault *fault);

/* Writes the decision stream, and where all is decided the operations and manual.csv before
   it. 0 or -1. */
int take_write(struct take *take, struct fault *fault);

/* Appends "FILE: row N: column C: TEXT" of one of take->problems or take->warnings. */
void take_put_problem(const struct take *take, const struct take_problem *problem,
                      struct buf *text);

/* ---- its parts ---- */

/* The columns that are read. Those of what is decided come first. */
enum take_column {
	TAKE_ROW,
	TAKE_DECISION,
	TAKE_DECIDED_BY,
	TAKE_DECIDED_AT,
	TAKE_REASON,
	TAKE_TICKET,
	TAKE_FINDINGS, /* more caution only: it asks for a reason, and can not do away with one */
	TAKE_FIXED,
	TAKE_COLUMNS = TAKE_FIXED + 17
};

struct take_fixed {
	const char *name;
	bool is_needed;       /* each sheet has it */
	bool is_identity;     /* a fixed one: it says what is decided upon, so nobody may edit it */
	enum take_field fact; /* of a fixed one */
};

extern const struct take_fixed take_columns[TAKE_COLUMNS];

/* What waits for the row of a name: what the list of the review says, then rows of sheets. */
enum { WAITS_LIST = 'a', WAITS_SHEET = 'b' };

/* Notes what is wrong with a column of a row; the second what take->scratch says. 0 or -1. */
int take_wrong(struct take *take, size_t sheet, size_t row, enum take_column column,
               const char *text, struct fault *fault);
int take_wrong_scratch(struct take *take, size_t sheet, size_t row, enum take_column column,
                       struct fault *fault);

/* The text of a cell without blanks around it, and without the ' that keeps it from being a
   formula. */
struct span take_trim(struct span text);
struct span take_unquote(struct span text);

/* What a fixed column says, where that is not what was issued: a warning where a spreadsheet did
   it or nothing is decided upon it, else a problem. 0 or -1. */
int take_compare(struct take *take, size_t sheet, size_t row, enum take_column column,
                 struct span cell, struct fault *fault);

/* When it was decided: makes a day or a time as elsewhere of what a spreadsheet writes, and
   warns of what is none. *cell may be in take->day then. 0 or -1. */
int take_read_day(struct take *take, size_t sheet, size_t row, struct span *cell,
                  struct fault *fault);

struct take_answer {
	enum decision_word decision;
	struct span decided_by, decided_at, reason, ticket;
	const char *sheet;
};

/* The text of a field of the row at hand. */
static inline struct span take_fact(const struct take *take, enum take_field field)
{
	return take->about[field];
}

/* Fills `order` with what the decisions are sorted by: source, what, user_id, access_id of the row
   at hand, each as JSON. */
void take_put_order(const struct take *take, struct buf *order);

/* Before the first decision. 0 or -1. */
int take_open_manual(struct take *take, size_t memory, struct fault *fault);

/* A decision on the row at hand, for take_write (take_write.c). 0 or -1. */
int take_keep_decision(struct take *take, const struct take_answer *answer, struct fault *fault);

#endif
