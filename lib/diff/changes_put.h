/* SPDX-License-Identifier: ISC */
/*
 * changes_put: changes as a change stream (rollcall-stream(5)) or as text
 * for people. In the text every foreign character that could do something to a
 * terminal is shown as \u{...}.
 */
#ifndef ROLLCALL_CHANGES_PUT_H
#define ROLLCALL_CHANGES_PUT_H

#include "diff/changes.h"
#include "sys/out.h"

/* One section of NDJSON. 0 or -1. */
int changes_put_stream(const struct changes *changes, struct out *out, struct fault *fault);

/* A summary line, then a line a change: + - ~ or ? first, names, not ids. 0 or -1. */
int changes_put_text(const struct changes *changes, bool color, struct out *out,
                     struct fault *fault);

#endif
