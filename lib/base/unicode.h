/* SPDX-License-Identifier: ISC */
/*
 * unicode: what characters look like, by the tables of utf8proc: which can not be seen,
 * which are the same in another spelling (canonical equivalence, UAX #15), and how many
 * columns a text takes.
 */
#ifndef ROLLCALL_UNICODE_H
#define ROLLCALL_UNICODE_H

#include "base/buf.h"

/* Can a reader not see this character, or not tell it from a plain blank? Controls, format
   and bidirectional controls, separators, every other blank than U+0020, all of
   Default_Ignorable_Code_Point, and the empty Braille pattern. */
bool unicode_is_hidden(uint32_t code);

/* Does it join the character before it: a mark, or a later part of a Hangul syllable? */
bool unicode_is_joined(uint32_t code);

/* Are these `count` characters, one and what joins it, spelled as NFC spells them? False
   where there are too many to say. */
bool unicode_is_composed(const uint32_t *codes, size_t count);

/* Appends a text with its marks composed as NFC does it, so that two spellings of one name
   (a Mac writes e and an accent, others one letter) are the same bytes. A character that
   stands alone stays what it is, and so does what is not UTF-8. */
void unicode_put_composed(struct buf *buf, struct span text);

/* How many columns of a terminal a text of visible characters takes (UAX #11; a mark takes
   none). */
size_t unicode_width(struct span text);

/* How many bytes of it fit into `width` columns; *used is how many they take. */
size_t unicode_cut(struct span text, size_t width, size_t *used);

#endif
