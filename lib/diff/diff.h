/* SPDX-License-Identifier: ISC */
/*
 * diff: what changed between two snapshots.
 *
 * Both are streamed side by side in their common order; equal lines are passed
 * over as bytes up to their volatile members, and only what differs is kept.
 * Nothing counts before both have proved complete, and nothing is called gone
 * that one side could not see.
 *
 * With `match` both are first brought into one order by names (diff_match.h);
 * from then on it is the same comparison.
 *
 * What it finds is `struct changes`, which a report writes (report.h). The parts of
 * the comparison share struct diff (diff_parts.h), which nobody else sees.
 */
#ifndef ROLLCALL_DIFF_H
#define ROLLCALL_DIFF_H

#include "diff/changes.h"

/* Compares two snapshots, file names or "-" (one of them). 0 or -1; changes_release
   is due in both cases. */
int diff_run(struct changes *changes, const struct diff_options *options, const char *before,
             const char *after, struct fault *fault);

#endif
