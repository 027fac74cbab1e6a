/* SPDX-License-Identifier: ISC */
/*
 * scim: reads the Users and Groups of a SCIM 2.0 service completely (RFC 7644
 * section 3.4.2, cursors by RFC 9865), whatever its counters say.
 *
 * The walk: `startIndex` and `count` are always sent; ids seen before are
 * dropped; the next page starts behind the records that really came; a list
 * ends with a page that is empty or brings nothing new, never with a short page
 * or a counter. Then the largest total the server named is held against what
 * came. What can not be proved complete fails.
 */
#ifndef ROLLCALL_SCIM_H
#define ROLLCALL_SCIM_H

#include "fetch/fetch.h"

/* Reads all scopes asked for into the open section. 0 or -1. */
int scim_read(struct fetch *fetch, struct fault *fault);

/* One small request a scope; appends lines for people to `report`. 0, or -1 with
   the fault of the first scope that can not be read. */
int scim_check(struct fetch *fetch, struct buf *report, struct fault *fault);

/* Appends the first requests of a run, a line each. */
void scim_plan(struct fetch *fetch, struct buf *lines);

#endif
