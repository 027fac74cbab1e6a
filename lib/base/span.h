/* SPDX-License-Identifier: ISC */
/*
 * span: borrowed bytes with a length. Text that came from outside may hold NUL,
 * so it never travels as a C string. A span owns nothing; whoever made the
 * bytes says how long they live.
 */
#ifndef ROLLCALL_SPAN_H
#define ROLLCALL_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span {
	const char *data;
	size_t len;
};

/* The same as span_of in a table's row: of a literal. */
#define SPAN(literal)                   \
	{                                   \
		literal "", sizeof(literal) - 1 \
	}

/* The same for no bytes, where a pointer must stand. */
#define SPAN_EMPTY \
	{              \
		"", 0      \
	}

static inline struct span span_of(const char *text)
{
	return (struct span){text, strlen(text)};
}

static inline bool span_is(struct span a, struct span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static inline bool span_begins(struct span text, struct span with)
{
	return text.len >= with.len && memcmp(text.data, with.data, with.len) == 0;
}

static inline bool span_ends(struct span text, struct span with)
{
	return text.len >= with.len &&
	       memcmp(text.data + text.len - with.len, with.data, with.len) == 0;
}

/* Bytewise order, the order of `LC_ALL=C sort`; a prefix sorts first. */
static inline int span_compare(struct span a, struct span b)
{
	int order = memcmp(a.data, b.data, a.len < b.len ? a.len : b.len);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* The bytes of a text of one to seven as one word that holds nothing else, some of
   them twice. */
static inline uint64_t span_word(struct span text)
{
	const unsigned char *bytes = (const unsigned char *)text.data;
	uint32_t first, last;

	if (text.len >= 4) {
		memcpy(&first, bytes, 4);
		memcpy(&last, bytes + text.len - 4, 4);
	} else {
		first = bytes[0] | (uint32_t)bytes[text.len / 2] << 8 |
		        (uint32_t)bytes[text.len - 1] << 16 | (uint32_t)bytes[0] << 24;
		last = first;
	}
	return (uint64_t)last << 32 | first;
}

static inline char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* The same for each of the eight bytes of a word. */
static inline uint64_t ascii_lower_word(uint64_t word)
{
	const uint64_t each = 0x0101010101010101U, low = word & each * 0x7f;
	uint64_t upper =
		(low + each * (0x80 - 'A')) & ~(low + each * (0x7f - 'Z')) & ~word & each * 0x80;

	return word | upper >> 2;
}

static inline void ascii_lower_all(char *bytes, size_t len)
{
	uint64_t word;

	for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word) {
		memcpy(&word, bytes, sizeof word);
		word = ascii_lower_word(word);
		memcpy(bytes, &word, sizeof word);
	}
	for (; len; bytes++, len--)
		*bytes = ascii_lower(*bytes);
}

static inline bool span_is_ascii(struct span text)
{
	uint64_t word, any = 0;

	for (; text.len >= sizeof word; text.data += sizeof word, text.len -= sizeof word) {
		memcpy(&word, text.data, sizeof word);
		any |= word;
	}
	for (size_t i = 0; i < text.len; i++)
		any |= (unsigned char)text.data[i];
	return !(any & 0x8080808080808080U);
}

/* Equal but for the case of A to Z: the only case folding there is here. */
static inline bool span_is_nocase(struct span a, struct span b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	return true;
}

/* The place of the text among the words; `count` where it is none of them. */
static inline int span_index(struct span text, const char *const *words, int count)
{
	int i = 0;

	while (i < count && !span_is(text, span_of(words[i])))
		i++;
	return i;
}

#endif
