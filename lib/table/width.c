/* SPDX-License-Identifier: ISC */
/*
 * width: character by character.
 */
#include "table/width.h"

#include "base/inert.h"

#include <utf8proc.h>

size_t width_cut(struct span text, size_t width, size_t *used)
{
	size_t at = 0;

	*used = 0;
	while (at < text.len) {
		uint32_t code = 0;
		size_t len = utf8_decode(text.data + at, text.len - at, &code), columns;

		columns = len ? (size_t)utf8proc_charwidth((utf8proc_int32_t)code) : 1;
		if (*used + columns > width)
			break;
		*used += columns;
		at += len ? len : 1;
	}
	return at;
}

size_t width_of(struct span text)
{
	size_t used;

	width_cut(text, SIZE_MAX / 2, &used);
	return used;
}
