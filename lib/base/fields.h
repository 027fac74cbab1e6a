/* SPDX-License-Identifier: ISC */
/*
 * fields: texts side by side in a line that goes through a sorter, where JSON would take
 * longer to write and to read.
 *
 * A line of fields has no LF, no NUL and no byte 0x1f. A field that is not there differs from
 * an empty one.
 */
#ifndef ROLLCALL_FIELDS_H
#define ROLLCALL_FIELDS_H

#include "base/buf.h"

/* Appends a field; text.data NULL: one that is not there. */
void fields_put(struct buf *line, struct span text);

/* Fills fields[0] to fields[count - 1] from the front of a line; those that are not there, or
   come after its last, are NULL. They are borrowed from the line, and from `scratch` until it
   changes. False: no memory for it. */
bool fields_read(struct span line, struct buf *scratch, struct span *fields, size_t count);

#endif
