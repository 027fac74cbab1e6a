/* SPDX-License-Identifier: ISC */
/*
 * record_scan: a canonical line as a record, without parsing it as JSON.
 *
 * Nearly all lines of a snapshot are plain: no escapes, members in their order. What such
 * a line says can be pointed at. Every other line is left to the parser, so the two say
 * the same of each line that both can read.
 */
#ifndef ROLLCALL_RECORD_SCAN_H
#define ROLLCALL_RECORD_SCAN_H

#include "stream/record.h"

/* Fills `record`, which borrows from the line, as record_parse would. false: the line must
   be parsed; it may be valid all the same. */
bool record_scan(struct record *record, enum record_kind kind, struct span line);

/* The same for no more than the members up to `last`, of which nothing is checked: for a
   first look at lines that are proved later. */
bool record_scan_to(struct record *record, enum record_kind kind, struct span line, int last);

#endif
