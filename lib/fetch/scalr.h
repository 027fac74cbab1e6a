/* SPDX-License-Identifier: ISC */
/*
 * scalr: reads the users, service accounts and teams of one account of the Scalr
 * API (JSON:API 1.0) completely.
 *
 * Pages are followed by `meta.pagination.next-page`, never by links; what came
 * is held against `total-count`. An account-user is joined with the user that
 * the same page includes; where it is not included, it is asked for.
 */
#ifndef ROLLCALL_SCALR_H
#define ROLLCALL_SCALR_H

#include "fetch/fetch.h"

/* Each of the three as in scim.h. `account` is the account's name, its id
   (acc-...), or NULL for the only one the token can see. */
int scalr_read(struct fetch *fetch, const char *account, struct fault *fault);
int scalr_check(struct fetch *fetch, const char *account, struct buf *report, struct fault *fault);
void scalr_plan(struct fetch *fetch, const char *account, struct buf *lines);

#endif
