/* SPDX-License-Identifier: ISC */
/*
 * inert: foreign text that can do nothing to a terminal or to a reader's eyes.
 *
 * Control characters (C0, DEL, C1), bidirectional controls, zero-width and
 * other invisible characters and line separators are shown as \u{202E}, bytes
 * that are not UTF-8 as \x{FF}. Everything that goes to a terminal or into a
 * message passes through here: names, ids, server texts, file names.
 */
#ifndef ROLLCALL_INERT_H
#define ROLLCALL_INERT_H

#include "base/buf.h"

/* Decodes one character of UTF-8 (RFC 3629) at `text`, of at most `len` > 0
   bytes. Returns its length and sets *code, or 0 where it is malformed. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);

/* Is all of it well-formed UTF-8? */
bool utf8_is(struct span text);

/* Appends the whole text, made inert. */
void inert_put(struct buf *buf, struct span text);

/* For messages: fills `to` with the text made inert and cut, and returns `to`. */
enum { INERT_MAX = 204 };
const char *inert_text(char to[INERT_MAX], struct span text);

/* The same in a temporary of the enclosing block: printf("%s", INERT(span)). */
#define INERT(text) inert_text((char[INERT_MAX]){0}, (text))

#endif
