/* SPDX-License-Identifier: ISC */
/*
 * scalr_account: from the name in Scalr's URL to the id that its API wants.
 */
#ifndef ROLLCALL_SCALR_ACCOUNT_H
#define ROLLCALL_SCALR_ACCOUNT_H

#include "fetch/fetch.h"

/* Appends the path and query of the request. `account` is a name, an id
   (acc-...), or NULL for the only one. */
void scalr_account_put_target(struct buf *target, const char *account);

/* Fills `id` for `account`: exactly one account must match. 0, or -1 with FAULT_REFUSED where
   the token sees none or more than one. */
int scalr_account_find(struct fetch *fetch, const char *account, struct buf *id,
                       struct fault *fault);

#endif
