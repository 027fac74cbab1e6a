/* SPDX-License-Identifier: ISC */
/*
 * utf8: a decoder that takes only well-formed, shortest forms (RFC 3629 section 4).
 */
#include "base/utf8.h"

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

size_t utf8_encode(uint32_t code, char to[4])
{
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};

	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		to[i] = (char)(0x80 | (code & 0x3f));
	to[0] = (char)(first[len] | code);
	return len;
}

bool utf8_is(struct span text)
{
	uint32_t code;
	uint64_t word;

	for (size_t at = 0, n; at < text.len; at += n) {
		for (; text.len - at >= sizeof word; at += sizeof word) { /* ASCII, by the word */
			memcpy(&word, text.data + at, sizeof word);
			if (word & 0x8080808080808080U)
				break;
		}
		if (at == text.len)
			return true;
		n = utf8_decode(text.data + at, text.len - at, &code);
		if (!n)
			return false;
	}
	return true;
}
