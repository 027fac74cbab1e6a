/* SPDX-License-Identifier: ISC */
/*
 * list_parts: what the parts of one list share. list.c has the question and is told what
 * stands in the snapshots; the others are
 *
 *	list_row.c      the cells of a row, --where and the order of rows
 *	list_source.c   directories, their gaps and what they can not show
 *	list_account.c  --by access and user
 *	list_group.c    --by group
 *	list_person.c   --by person
 *	list_decisions.c  --decisions
 *
 * Where nothing else is said, a function returns 0, or -1 with a fault.
 */
#ifndef ROLLCALL_LIST_PARTS_H
#define ROLLCALL_LIST_PARTS_H

#include "list/list.h"

/* ---- list_row.c ---- */

/* A row begins with the source at hand, and all other cells empty. */
void list_begin_row(struct list *list);

void list_set_text(struct list *list, enum list_column column, struct span text);
void list_set_number(struct list *list, enum list_column column, uint64_t number);
void list_set_type(struct list *list, enum list_column column, enum list_cell_type type);

/* The number of those that were seen. */
void list_set_count(struct list *list, enum list_column column, uint64_t number,
                    enum list_sight sight);
void list_set_value(struct list *list, enum list_column column, const struct record *record,
                    int field);

/* Has the question this column of list_all_columns or list_people_columns? */
bool list_has_column(const struct list *list, int column);

/* The row is filled: 1 where it is one of the answer, 0 or -1. */
int list_put_row(struct list *list, struct fault *fault);

/* ---- list_source.c ---- */

/* The directory of this name, or of this line or key, is the one at hand from now on. */
int list_take_source(struct list *list, struct span name, struct fault *fault);
int list_take_source_of(struct list *list, struct span key, struct fault *fault);

/* Was the directory at hand asked for? */
bool list_wants_source(const struct list *list);

/* How much of the memberships of one account in it was seen? */
enum list_sight list_sees_memberships(const struct list_source *source);

int list_take_gap(void *context, const struct record *gap, struct fault *fault);

/* What the directory can not show, and whether it was cut to a selection. */
void list_note_source(struct list *list, yyjson_val *entry);

int list_put_source_row(struct list *list, yyjson_val *entry, struct fault *fault);

/* ---- list_account.c ---- */

/* Is the group at `place` the one of --group? */
bool list_is_group(struct list *list, uint32_t place);

/* Was this group of an account asked for? */
bool list_is_asked(struct list *list, const struct reached *reached);

/* Is it an account that was asked for, but for its groups? NULL: no list shows it. 1, 0
   or -1. */
int list_wants(struct list *list, const struct record *user, struct fault *fault);

/* The rows of one account. */
int list_put_account(struct list *list, const struct access_subject *subject, struct fault *fault);

/* The cell of --since-from, if it was given: of a thing of the account at hand, whose id is in
   list->name. */
int list_set_since(struct list *list, enum review_what what, struct span access_id, bool nested,
                   struct fault *fault);

/* ---- list_decisions.c ---- */

/* Is each directory of the snapshot at hand the one that was reviewed, read then or later? */
int list_check_decisions(void *context, struct fault *fault);

/* The cells of --decisions, if it was given: of a thing of the account, or of the group at
   `at` of what it reaches. */
int list_set_decision(struct list *list, const struct access_subject *subject,
                      enum review_what what, struct span access_id, struct fault *fault);
int list_set_group_decision(struct list *list, const struct access_subject *subject, size_t at,
                            struct fault *fault);

/* ---- list_group.c ---- */

/* An account passes: it is a member of these groups. */
int list_count_members(struct list *list, const struct access_subject *subject,
                       struct fault *fault);

int list_put_group_rows(struct list *list, struct fault *fault);

/* ---- list_person.c ---- */

/* An account passes, which is asked for or not, with so many groups. */
int list_add_account(struct list *list, const struct access_subject *subject, bool wanted,
                     uint64_t groups, struct fault *fault);

/* After the last snapshot: the columns of directories are known; the rows. */
int list_open_persons(struct list *list, struct fault *fault);
int list_put_persons(struct list *list, struct fault *fault);
void list_release_persons(struct list *list);

#endif
