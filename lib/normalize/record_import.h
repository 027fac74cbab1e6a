/* SPDX-License-Identifier: ISC */
/*
 * record_import: records that somebody else wrote, held to the contract.
 *
 * A plain line or what a --map program put out is taken member by member: its
 * order does not matter, a number becomes its text, a time becomes UTC, roles
 * become a set. What has no place in the vocabulary is refused, not dropped, and
 * so is null where something must be said: nothing that the writer meant is lost.
 */
#ifndef ROLLCALL_RECORD_IMPORT_H
#define ROLLCALL_RECORD_IMPORT_H

#include "stream/record.h"

/* Makes a record of `source` from the object `root`, which it borrows from. What is
   not said: its kind is `kind`, its id the user_name (of a group the name), its
   status and account_type are unknown; a member_kind stays absent. 0, or -1 with
   a FAULT_DATA that names the member. */
int record_import(struct record *record, yyjson_val *root, struct span source,
                  enum record_kind kind, struct fault *fault);

#endif
