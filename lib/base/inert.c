/* SPDX-License-Identifier: ISC */
/*
 * inert: a decoder for UTF-8 that takes only well-formed, shortest forms
 * (RFC 3629 section 4), and a table of the characters that must not be shown
 * as they are.
 */
#include "base/inert.h"

#include <stdio.h>

static const struct {
	uint32_t first, last;
} hidden[] = {
	{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},     {0x115f, 0x1160},
	{0x180e, 0x180e}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},
	{0xfeff, 0xfeff}, {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff},
};

static bool is_hidden(uint32_t code)
{
	for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return false;
}

size_t utf8_decode(const char *text, size_t len, uint32_t *code)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *s = (const unsigned char *)text;
	size_t n = s[0] < 0x80   ? 1
	           : s[0] < 0xc2 ? 0
	           : s[0] < 0xe0 ? 2
	           : s[0] < 0xf0 ? 3
	           : s[0] < 0xf5 ? 4
	                         : 0;

	if (n == 0 || n > len)
		return 0;
	*code = n == 1 ? s[0] : s[0] & (0x7fU >> n);
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (*code < least[n] || *code > 0x10ffff || (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return n;
}

bool utf8_is(struct span text)
{
	uint32_t code;

	for (size_t at = 0, n; at < text.len; at += n) {
		n = utf8_decode(text.data + at, text.len - at, &code);
		if (!n)
			return false;
	}
	return true;
}

/* Writes the next character of `text`, inert, to `to`; returns the bytes read. */
static size_t inert_next(struct span text, char to[16])
{
	uint32_t code;
	size_t n = utf8_decode(text.data, text.len, &code);

	if (n == 0) {
		snprintf(to, 16, "\\x{%02X}", (unsigned)(unsigned char)text.data[0]);
		return 1;
	}
	if (is_hidden(code)) {
		snprintf(to, 16, "\\u{%X}", (unsigned)code);
	} else {
		memcpy(to, text.data, n);
		to[n] = '\0';
	}
	return n;
}

void inert_put(struct buf *buf, struct span text)
{
	char shown[16];

	while (text.len) {
		size_t n = inert_next(text, shown);

		buf_puts(buf, shown);
		text = (struct span){text.data + n, text.len - n};
	}
}

const char *inert_text(char to[INERT_MAX], struct span text)
{
	static const char cut[] = "...";
	char shown[16];
	size_t used = 0;

	to[0] = '\0';
	while (text.len) {
		size_t n = inert_next(text, shown), width = strlen(shown);

		if (used + width + sizeof cut > INERT_MAX) {
			memcpy(to + used, cut, sizeof cut);
			break;
		}
		memcpy(to + used, shown, width + 1);
		used += width;
		text = (struct span){text.data + n, text.len - n};
	}
	return to;
}
