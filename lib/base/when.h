/* SPDX-License-Identifier: ISC */
/*
 * when: points in time as RFC 3339 text in UTC.
 */
#ifndef ROLLCALL_WHEN_H
#define ROLLCALL_WHEN_H

#include "base/span.h"

#include <stdbool.h>
#include <stdint.h>

enum { WHEN_MAX = 48 };

/* Now, as "2026-11-22T00:00:00Z". Returns `to`. */
const char *when_now(char to[WHEN_MAX]);

/* The same for seconds from now. */
const char *when_in(int64_t seconds, char to[WHEN_MAX]);

/* The same for seconds from 1970-01-01. False where the year has more or less than four digits. */
bool when_at(int64_t seconds, char to[WHEN_MAX]);

/* The time that is `seconds` before an RFC 3339 time, whole seconds in UTC. False where
   `text` is no such time. */
bool when_minus(struct span text, int64_t seconds, char to[WHEN_MAX]);

/* The whole seconds from 1970-01-01 to an RFC 3339 time. False where `text` is no such
   time. */
bool when_seconds(struct span text, int64_t *seconds);

/* The same of such a time, or of a day alone, which is over then. */
bool when_day_or_time(struct span text, int64_t *seconds);

/* Makes *latest the whole seconds of `text` if that is a later time. */
void when_raise(struct span text, int64_t *latest);

/* Rewrites an RFC 3339 time with any offset as UTC with Z; fractions stay, less
   their trailing zeros. Returns its length, 0 where `text` is no such time (no zone, no
   such day, ...); then `to` is not touched and the caller keeps the text. */
size_t when_utc(struct span text, char to[WHEN_MAX]);

/* Which time is earlier: below 0, 0 or above. Texts that are no such times are compared
   as bytes. */
int when_compare(struct span a, struct span b);

#endif
