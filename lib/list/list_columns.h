/* SPDX-License-Identifier: ISC */
/*
 * list_columns: the columns that there are, and which of them a question has.
 */
#ifndef ROLLCALL_LIST_COLUMNS_H
#define ROLLCALL_LIST_COLUMNS_H

#include "table/table.h"

/* The questions. */
enum list_by { LIST_ACCESS, LIST_USER, LIST_PERSON, LIST_GROUP, LIST_SOURCE, LIST_GAP, LIST_BYS };

extern const char *const list_by_names[LIST_BYS];

enum list_column {
	COLUMN_SOURCE,
	COLUMN_PERSON,
	COLUMN_USER_ID,
	COLUMN_USER_NAME,
	COLUMN_EMAIL,
	COLUMN_DISPLAY_NAME,
	COLUMN_STATUS,
	COLUMN_ACCOUNT_TYPE,
	COLUMN_DEPARTMENT,
	COLUMN_MANAGER,
	COLUMN_CREATED_AT,
	COLUMN_LAST_LOGIN_AT,
	COLUMN_ROLES,
	COLUMN_TITLE,
	COLUMN_EMPLOYEE_NUMBER,
	COLUMN_OWNERS,
	COLUMN_CREATED_BY,
	COLUMN_ACCESS_KIND, /* these five belong together */
	COLUMN_ACCESS_ID,
	COLUMN_ACCESS,
	COLUMN_VIA,
	COLUMN_LEVEL,
	COLUMN_PRIVILEGED,
	COLUMN_GROUP_ID,
	COLUMN_GROUP,
	COLUMN_MEMBERS,
	COLUMN_EFFECTIVE_MEMBERS,
	COLUMN_PROVIDER,
	COLUMN_ORIGIN,
	COLUMN_USERS,
	COLUMN_ACCOUNTS,
	COLUMN_ENABLED,
	COLUMN_DISABLED,
	COLUMN_GROUPS,
	COLUMN_GAPS,
	COLUMN_SELECTED,
	COLUMN_NOT_COVERED,
	COLUMN_SCOPE,
	COLUMN_REASON,
	COLUMN_AS_OF,
	COLUMN_DECISION, /* these five come from a review */
	COLUMN_DECIDED_BY,
	COLUMN_DECIDED_AT,
	COLUMN_DECISION_REASON,
	COLUMN_TICKET,
	COLUMN_SINCE, /* from a trace */
	LIST_COLUMNS,
};

enum list_cell_type {
	LIST_EMPTY,
	LIST_TEXT,
	LIST_NUMBER,
	LIST_AT_LEAST, /* a number that a gap may have made too small */
	LIST_NONE,
	LIST_NOT_SHOWN,
	LIST_NOT_READ, /* because of a gap or a selection */
};

struct list_cell {
	enum list_cell_type type;
	struct span text;
	uint64_t number;
};

extern const struct table_column list_columns[LIST_COLUMNS];

/* By enum list_by, each ended by -1: all columns of a question, those that people look at,
   and those by which its rows are sorted. */
extern const int *const list_all_columns[], *const list_people_columns[], *const list_orders[];

/* Is it one of those that a question has only together with the decisions of a review? */
bool list_column_is_of_review(int column);

/* The column of this name that the question has, or -1. */
int list_column_find(int by, struct span name);

#endif
