/* SPDX-License-Identifier: ISC */
/*
 * utf8: text from outside, character by character.
 */
#ifndef ROLLCALL_UTF8_H
#define ROLLCALL_UTF8_H

#include "base/span.h"

#include <stddef.h>
#include <stdint.h>

/* Decodes one character of UTF-8 (RFC 3629) at `text`, of at most `len` > 0
   bytes. Returns its length and sets *code, or 0 where it is malformed. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);

/* Writes a character up to U+10FFFF; half of a pair becomes what is malformed. Returns its
   length, 1 to 4. */
size_t utf8_encode(uint32_t code, char to[4]);

/* Is all of it well-formed UTF-8? */
bool utf8_is(struct span text);

#endif
