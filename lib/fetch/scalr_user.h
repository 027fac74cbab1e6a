/* SPDX-License-Identifier: ISC */
/*
 * scalr_user: the users that account-users point at: those that a page of them
 * includes, and the others by GET /users/{id}, side by side.
 *
 * A user who is on the list and answers 404 has gone in between, or the token may
 * not see the user (Scalr's documents say 404 for that). The list is read again to
 * know: who is still on it can not be read, which is not the same as gone.
 */
#ifndef ROLLCALL_SCALR_USER_H
#define ROLLCALL_SCALR_USER_H

#include "http/prefetch.h"
#include "fetch/fetch.h"
#include "scalr/scalr_page.h"
#include "base/set.h"

struct scalr_users {
	struct fetch *fetch;
	struct span account_id;  /* borrowed; rows of other accounts are not asked for */
	struct set included;     /* id -> where the user stands in the page */
	struct prefetch alone;   /* users that the page does not include, in the order of its rows */
	yyjson_arr_iter to_ask;  /* rows of the page whose users have not been asked for */
	struct set missing;      /* id -> the walk in which it answered 404 first */
	uint64_t walk;           /* which one it is */
	bool show_teams;         /* all users of this walk do; the caller's */
	struct set named_teams;  /* team id -> how many users say that they are in it */
	struct request *request; /* what the user at hand lives in; NULL: the page */
};

void scalr_users_init(struct scalr_users *users, struct fetch *fetch, struct span account_id);
void scalr_users_release(struct scalr_users *users);

/* The list is read from its start, and from here on show_teams and named_teams hold. */
void scalr_users_restart(struct scalr_users *users);

/* Takes note of the teams that a row of the list shows. 0 or -1. */
int scalr_users_note_teams(struct scalr_users *users, yyjson_val *row, struct fault *fault);

/* The page must outlive its end. 0 or -1. */
int scalr_users_begin_page(struct scalr_users *users, const struct scalr_page *page,
                           struct fault *fault);
void scalr_users_end_page(struct scalr_users *users);

/* What came of looking for a user. */
enum scalr_found {
	SCALR_FAILED = -1,
	SCALR_USER,
	SCALR_GONE,   /* 404: read the list again */
	SCALR_HIDDEN, /* still on the list and not readable, or 403: the fault says why */
};

/* Finds the user of the next row of the page; rows are taken in their order, each
   once. `user` is borrowed until the next call. */
enum scalr_found scalr_users_take(struct scalr_users *users, struct span id, yyjson_val **user,
                                  struct fault *fault);

#endif
