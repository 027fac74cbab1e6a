/* SPDX-License-Identifier: ISC */
/*
 * text: see text.h.
 *
 * Percent-decoding is done here and not left to libmicrohttpd, because a test
 * must see an encoded slash inside an id (RFC 3986 section 2.1) as part of
 * that id and not as the end of a path segment.
 */
#include "text.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int refuse(struct why *why, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(why->text, sizeof(why->text), format, list);
	va_end(list);
	return -1;
}

void give_up(const char *format, ...)
{
	va_list list;

	fputs("stand-in: ", stderr);
	va_start(list, format);
	vfprintf(stderr, format, list);
	va_end(list);
	fputc('\n', stderr);
	exit(1);
}

char *text_copy(const char *text)
{
	char *copy;

	if (!text)
		return NULL;
	copy = strdup(text);
	if (!copy)
		give_up("out of memory");
	return copy;
}

char *text_format(const char *format, ...)
{
	va_list list;
	char *text;
	int length;

	va_start(list, format);
	length = vasprintf(&text, format, list);
	va_end(list);
	if (length < 0)
		give_up("out of memory");
	return text;
}

void *room_for(void *old, size_t count, size_t size)
{
	void *room;

	if (size && count > SIZE_MAX / size)
		give_up("out of memory");
	room = realloc(old, count && size ? count * size : 1);
	if (!room)
		give_up("out of memory");
	return room;
}

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c ? strchr(digits, tolower((unsigned char)c)) : NULL;

	return at ? (int)(at - digits) : -1;
}

void text_percent_decode(char *text, bool plus)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (*from == '%' && hex_digit(from[1]) >= 0 && hex_digit(from[2]) >= 0) {
			*to++ = (char)(hex_digit(from[1]) * 16 + hex_digit(from[2]));
			from += 2;
		} else {
			*to++ = plus && *from == '+' ? ' ' : *from;
		}
	}
	*to = '\0';
}

char *text_percent_encode(const char *text)
{
	char *encoded = room_for(NULL, strlen(text) + 1, 3);
	char *to = encoded;

	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (isalnum(byte) || strchr("-._~", byte)) {
			*to++ = (char)byte;
		} else {
			*to++ = '%';
			*to++ = "0123456789ABCDEF"[byte >> 4];
			*to++ = "0123456789ABCDEF"[byte & 15];
		}
	}
	*to = '\0';
	return encoded;
}

bool text_number(const char *text, long *number)
{
	char *end;

	if (!isdigit((unsigned char)text[*text == '-']))
		return false;
	errno = 0;
	*number = strtol(text, &end, 10);
	return !errno && !*end;
}

bool text_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* splitmix64, public domain, by Sebastiano Vigna. */
uint64_t text_mix(uint64_t seed, uint64_t n)
{
	uint64_t z = seed * 0x9e3779b97f4a7c15u + (n + 1) * 0xbf58476d1ce4e5b9u;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

uint64_t text_hash(const char *text)
{
	uint64_t hash = 1;

	for (; *text; text++)
		hash = text_mix(hash, (unsigned char)*text);
	return hash;
}
