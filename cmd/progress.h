/* SPDX-License-Identifier: ISC */
/*
 * progress: how far a run is, for people. On a terminal one line on standard
 * error that is written over; elsewhere a line every few seconds.
 */
#ifndef ROLLCALL_PROGRESS_H
#define ROLLCALL_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

/* Says nothing until this was called. `lines`: also where there is no terminal. */
void progress_start(bool lines);

/* `found` of `total` records of `what` are there; total 0: nobody knows. A list
   begins where `what` changes or `found` falls. */
void progress_count(const char *what, uint64_t found, uint64_t total);

/* Takes the line away, so that something else can be written. */
void progress_clear(void);

#endif
