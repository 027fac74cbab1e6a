/* SPDX-License-Identifier: ISC */
/*
 * list: which rows answer a question about snapshots, and what stands in their cells.
 *
 *     access   one row for each account and each group, role or entitlement that it has, directly
 *              or through groups in groups; one row for an account that has none
 *     user     one row for each account
 *     person   one row for each person, with a column for each directory
 *     group    one row for each group, with its direct and its effective members
 *     source   one row for each directory
 *     gap      one row for what could not be read
 *
 * Ages are counted from the time at which a directory was read, never from the clock: the
 * same snapshots give the same rows.
 */
#ifndef ROLLCALL_LIST_H
#define ROLLCALL_LIST_H

#include "access/access.h"
#include "access/account_search.h"
#include "access/decisions.h"
#include "access/gaps.h"
#include "access/since.h"
#include "base/near.h"
#include "jq/filter.h"
#include "list/list_columns.h"

/* All texts are borrowed; NULL: not asked for. */
struct list_options {
	int by;                 /* enum list_by */
	bool direct;            /* no groups in groups */
	bool enabled;           /* only accounts that can sign in */
	long idle_days;         /* only accounts that did not sign in for so long; 0: all */
	const char *group;      /* only who is in this group: its name or its id */
	const char *user;       /* only this person: a user name, an e-mail or an id of one account */
	const char *persons;    /* a file that says which accounts are one person's */
	const char *source;     /* only this directory */
	const char *since_from; /* a trace: since when each access or user is there */
	const char *decisions;  /* what a review decided upon each access or user */
	const char *columns;    /* "a,TITLE=b", in this order; NULL: those of the question */
	const char *where;      /* a jq expression on a row */
	const char *sort;       /* a column */
	bool for_people;        /* without `columns`: only those that people look at */
	int format;             /* enum table_format */
	size_t memory;
};

/* What is known of a directory. */
struct list_source {
	struct span name, as_of; /* as_of: when it was read */
	uint64_t users, enabled, disabled, groups, gaps;
	bool is_partial; /* who is not in it may be in the directory all the same */
	struct gaps lists;
	bool hides_members; /* of one group or of all */
	char idle_before[WHEN_MAX];
};

/* How much of what a number counts was seen? Of LIST_SAW_LITTLE 0 says nothing. */
enum list_sight { LIST_SAW_ALL, LIST_SAW_PART, LIST_SAW_LITTLE };

/* Of a group. */
struct list_members {
	uint64_t direct, effective;
	bool is_blind;   /* not all direct members could be read */
	bool is_partial; /* nor those of a group in it */
};

/* How an account lets its person in: that of a directory is the last of its accounts here. */
enum list_standing {
	STANDING_NONE,
	STANDING_DISABLED,
	STANDING_UNLISTED,
	STANDING_UNKNOWN,
	STANDING_ENABLED
};

/* The person at hand. */
struct list_person {
	struct buf name, email, display_name, last_login;
	unsigned char *standings; /* enum list_standing, of each directory */
	struct record record;
	uint64_t accounts, enabled, groups;
	unsigned name_rank;
	bool wanted, never, login_hidden;
};

struct list {
	const struct list_options *options;
	struct access access;
	struct table table;
	struct filter where;

	/* of all snapshots that were read */
	struct list_source *sources;
	size_t source_count, source_cap;
	uint64_t accounts;     /* that have a row */
	uint64_t idle_unknown; /* left out of --idle: they do not show the last sign-in */
	struct buf notes;      /* what could not be seen: lines of inert text */

	/* of the snapshot and the row at hand */
	struct arena texts;
	size_t first_source; /* of the snapshot */
	struct set hidden;   /* keys of groups whose members could not be read */
	struct list_source *source;
	struct list_cell *cells;
	struct list_members *members; /* of each group */
	size_t member_cap;
	struct buf id, path, name, json;
	struct json_reader reader;
	int columns[TABLE_COLUMNS_MAX];        /* those that are shown */
	const char *titles[TABLE_COLUMNS_MAX]; /* what the user calls them; NULL: their name */
	struct table_column shown[TABLE_COLUMNS_MAX];
	size_t column_count;
	int sort;                     /* a column; -1: the usual order */
	struct account_search search; /* of --user */
	struct persons persons;
	struct list_person person;
	struct decisions decisions;
	struct since since;
	struct buf direct_id;                /* of the group that a path begins with */
	struct table_column *source_columns; /* of --by person */
	size_t source_column_count;
	bool user_is_there, group_is_there; /* somebody, something is called so */
	struct near near_group;
	enum list_sight sight, membership_sight; /* of the accounts and groups of all persons */
};

/* Borrows the options. 0, or -1 with FAULT_USAGE; list_release is due in both cases. */
int list_open(struct list *list, const struct list_options *options, struct fault *fault);
void list_release(struct list *list);

/* Before the first snapshot: since when things are there, where options->since_from is set.
   0 or -1. */
int list_read_since(struct list *list, struct fault *fault);

/* Before the first snapshot: what was decided, where options->decisions is set. 0 or -1. */
int list_read_decisions(struct list *list, struct fault *fault);

/* Before the first snapshot: the inputs that will be read, by list_reread. Only where
   options->user is set. 0 or -1. */
int list_search(struct list *list, const struct reread *inputs, size_t count, struct fault *fault);
int list_reread(struct list *list, const struct reread *input, struct fault *fault);

/* Reads one snapshot (FILE or "-"). A directory that stands in two of them is refused
   (FAULT_DATA). 0 or -1. */
int list_read(struct list *list, const char *path, struct fault *fault);

/* After the last snapshot: then list->table has all rows. 0 or -1. */
int list_end(struct list *list, struct fault *fault);

#endif
