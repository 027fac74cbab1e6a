/* SPDX-License-Identifier: ISC */
/*
 * inert: foreign text that can do nothing to a terminal or to a reader's eyes.
 *
 * What can not be seen, or not be told from something else, is shown as \u{202E}, bytes
 * that are not UTF-8 as \x{FF}:
 *   - what unicode.h calls hidden: controls, invisible characters, blanks but U+0020;
 *   - each blank that follows a blank: a run of them could push the rest of a name to the
 *     start of the next row;
 *   - characters and marks in another spelling than NFC, so that two names that look the
 *     same are the same; marks on nothing, and more of them than a line has room for;
 *   - a backslash that would read as such an escape.
 * Everything that goes to a terminal or into a message passes through here: names, ids,
 * server texts, file names.
 */
#ifndef ROLLCALL_INERT_H
#define ROLLCALL_INERT_H

#include "base/buf.h"
#include "base/utf8.h"

/* Appends the whole text, made inert. */
void inert_put(struct buf *buf, struct span text);

/* For messages: fills `to` with the text made inert and cut, and returns `to`. */
enum { INERT_MAX = 204 };
const char *inert_text(char to[INERT_MAX], struct span text);

/* The same in a temporary of the enclosing block: printf("%s", INERT(span)). */
#define INERT(text) inert_text((char[INERT_MAX]){0}, (text))

/* Does a spreadsheet take a cell with this text for a formula? It begins with = + - @, one of
   them in full width, a tab or a CR. Such a cell gets one ' in front. */
bool inert_is_formula(struct span text);

#endif
