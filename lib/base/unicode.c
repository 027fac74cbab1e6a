/* SPDX-License-Identifier: ISC */
/*
 * unicode: utf8proc decomposes and composes; nothing here knows a character but those
 * that Unicode's properties do not single out.
 */
#include "base/unicode.h"

#include "base/utf8.h"

#include <utf8proc.h>

bool unicode_is_hidden(uint32_t code)
{
	const utf8proc_property_t *property;

	if (code < 0x7f)
		return code < 0x20;
	property = utf8proc_get_property((utf8proc_int32_t)code);
	switch (property->category) {
	case UTF8PROC_CATEGORY_CC:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_ZS: return true;
	case UTF8PROC_CATEGORY_CF:
		/* the signs that enclose the digits after them can be seen */
		if (property->boundclass != UTF8PROC_BOUNDCLASS_PREPEND)
			return true;
		break;
	default: break;
	}
	/* U+2800 is a pattern without dots; the ranges hold what is not assigned yet, too */
	return property->ignorable || code == 0x2800 || code == 0x2065 ||
	       (code >= 0xfff0 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe0fff);
}

bool unicode_is_joined(uint32_t code)
{
	switch (utf8proc_category((utf8proc_int32_t)code)) {
	case UTF8PROC_CATEGORY_MN:
	case UTF8PROC_CATEGORY_MC:
	case UTF8PROC_CATEGORY_ME: return true;
	default: return code >= 0x1160 && code <= 0x11ff;
	}
}

/* The most characters that are looked at together. */
enum { COMPOSED_MAX = 32, DECOMPOSED_MAX = COMPOSED_MAX * 4 };

/* NFC of a character and what joins it, in `composed`; returns how many characters, -1
   where there are too many. */
static utf8proc_ssize_t compose(const uint32_t *codes, size_t count,
                                utf8proc_int32_t composed[DECOMPOSED_MAX])
{
	utf8proc_ssize_t len = 0;
	int last_class = 0;

	for (size_t i = 0; i < count; i++) {
		utf8proc_ssize_t room = DECOMPOSED_MAX - len;
		utf8proc_ssize_t n =
			utf8proc_decompose_char((utf8proc_int32_t)codes[i], composed + len, room,
		                            UTF8PROC_STABLE | UTF8PROC_COMPOSE, &last_class);

		if (n < 0 || n > room || count > COMPOSED_MAX)
			return -1;
		len += n;
	}
	/* marks in their canonical order: a stable insertion sort by class */
	for (utf8proc_ssize_t i = 1; i < len; i++)
		for (utf8proc_ssize_t j = i; j > 0; j--) {
			utf8proc_int32_t code = composed[j];
			int one = utf8proc_get_property(composed[j - 1])->combining_class;
			int other = utf8proc_get_property(code)->combining_class;

			if (!other || one <= other)
				break;
			composed[j] = composed[j - 1];
			composed[j - 1] = code;
		}
	return utf8proc_normalize_utf32(composed, len, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

bool unicode_is_composed(const uint32_t *codes, size_t count)
{
	utf8proc_int32_t composed[DECOMPOSED_MAX];

	if (count == 1 && codes[0] < 0x300)
		return true;
	if (compose(codes, count, composed) != (utf8proc_ssize_t)count)
		return false;
	for (size_t i = 0; i < count; i++)
		if (composed[i] != (utf8proc_int32_t)codes[i])
			return false;
	return true;
}

/* Reads a character and what joins it off the front of a text; returns the bytes, and how
   many characters they are: 0 where they are not UTF-8, or too many. */
static size_t take_cluster(struct span text, uint32_t codes[COMPOSED_MAX], size_t *count)
{
	size_t at = 0, n;
	uint32_t code;

	*count = 0;
	while (at < text.len) {
		n = utf8_decode(text.data + at, text.len - at, &code);
		if (at && (!n || code < 0x300 || !unicode_is_joined(code)))
			return at;
		if (!n || *count == COMPOSED_MAX) {
			*count = 0;
			return at + !at;
		}
		codes[(*count)++] = code;
		at += n;
	}
	return at;
}

void unicode_put_composed(struct buf *buf, struct span text)
{
	utf8proc_int32_t composed[DECOMPOSED_MAX];
	uint32_t codes[COMPOSED_MAX];
	utf8proc_uint8_t bytes[4];
	size_t count, plain = 0;

	/* most names: all below U+0300, whose UTF-8 begins below 0xcc, joins nothing */
	while (plain < text.len && (unsigned char)text.data[plain] < 0xcc)
		plain++;
	if (plain == text.len) {
		buf_put_span(buf, text);
		return;
	}
	while (text.len) {
		size_t n = take_cluster(text, codes, &count);
		utf8proc_ssize_t len = count > 1 ? compose(codes, count, composed) : -1;

		for (utf8proc_ssize_t i = 0; i < len; i++)
			buf_put(buf, (const char *)bytes, (size_t)utf8proc_encode_char(composed[i], bytes));
		if (len < 0)
			buf_put(buf, text.data, n);
		text = (struct span){text.data + n, text.len - n};
	}
}

size_t unicode_cut(struct span text, size_t width, size_t *used)
{
	uint32_t code;
	size_t at = 0;

	for (*used = 0; at < text.len;) {
		size_t n = utf8_decode(text.data + at, text.len - at, &code);
		int columns = n ? utf8proc_charwidth((utf8proc_int32_t)code) : 1;

		if (columns > 0 && *used + (size_t)columns > width)
			break;
		*used += columns > 0 ? (size_t)columns : 0;
		at += n ? n : 1;
	}
	return at;
}

size_t unicode_width(struct span text)
{
	size_t used;

	unicode_cut(text, SIZE_MAX - 2, &used);
	return used;
}
