/* SPDX-License-Identifier: ISC */
/*
 * file_name: the name of a file that is called as something in a directory is: what is not an
 * ASCII letter, a digit, a dot or an underscore becomes one -, and no two files have one name.
 */
#ifndef ROLLCALL_FILE_NAME_H
#define ROLLCALL_FILE_NAME_H

#include "base/buf.h"
#include "base/set.h"

/* Makes *name that of `text`, at most 60 bytes and without an ending; "part" where nothing of
   the text is left. One that stands in `taken`, in which A to Z are a to z, gets -2, -3 and so
   on. Returns its entry there, which is new; NULL with a fault. */
struct set_entry *file_name_take(struct set *taken, struct span text, struct buf *name,
                                 struct fault *fault);

#endif
