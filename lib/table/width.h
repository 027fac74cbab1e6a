/* SPDX-License-Identifier: ISC */
/*
 * width: how many columns of a terminal a text takes (utf8proc: East Asian Width of
 * UAX #11, combining marks take none). The text is UTF-8 and inert (base/inert.h).
 */
#ifndef ROLLCALL_WIDTH_H
#define ROLLCALL_WIDTH_H

#include "base/span.h"

size_t width_of(struct span text);

/* How many bytes of the text fit into `width` columns; *used is how many they take. */
size_t width_cut(struct span text, size_t width, size_t *used);

#endif
