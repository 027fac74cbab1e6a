/* SPDX-License-Identifier: ISC */
/*
 * report: a finished diff as a change stream (rollcall-stream(5)) or as text
 * for people. In the text every foreign character that could do something to a
 * terminal is shown as \u{...}.
 */
#ifndef ROLLCALL_REPORT_H
#define ROLLCALL_REPORT_H

#include "diff/diff.h"
#include "sys/out.h"

/* One section of NDJSON. 0 or -1. */
int report_stream(const struct diff *diff, struct out *out, struct fault *fault);

/* A summary line, then a line a change: + - ~ or ? first, names, not ids. 0 or -1. */
int report_text(const struct diff *diff, bool color, struct out *out, struct fault *fault);

#endif
