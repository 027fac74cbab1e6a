/* SPDX-License-Identifier: ISC */
/*
 * file_text: a small file that people wrote, read as a whole.
 */
#ifndef ROLLCALL_FILE_TEXT_H
#define ROLLCALL_FILE_TEXT_H

#include "base/buf.h"

/* Appends what stands in the file at `path`, but for a byte-order mark of UTF-8 at its
   beginning. 0, or -1 with FAULT_NO_INPUT, FAULT_IO, or FAULT_DATA where it is longer than
   `max` bytes or not UTF-8. */
int file_text_read(const char *path, size_t max, struct buf *text, struct fault *fault);

#endif
