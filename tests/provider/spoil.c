/* SPDX-License-Identifier: ISC */
/*
 * spoil: see spoil.h.
 *
 * gzip (RFC 1952) is written by hand: stored blocks for an honest body, and
 * for the bomb a block with the fixed Huffman code (RFC 1951 section 3.2.6) in
 * which 13 bits stand for 258 blanks. So there is no zlib here, and nothing
 * that a mistake in the reader's zlib could hide behind.
 */
#include "spoil.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char login_page[] =
	"<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n"
	"<body><h1>Sign in</h1><form method=post><input name=user></form></body></html>\n";

static const char error_page[] =
	"<html><head><title>Error</title></head><body><h1>Something went wrong</h1>\033[2J"
	"<script>alert(1)</script></body></html>\n";

static void replace(struct call *call, const char *text, const char *type)
{
	call->plain_body = text;
	call->type = type;
}

static void spoil_error(struct call *call)
{
	if (on(call, EMPTY_ERRORS))
		replace(call, "", NULL);
	else if (on(call, TEXT_401) && call->status == 401)
		replace(call, "Unauthorized", "text/plain");
	else if (on(call, HTML_ERRORS))
		replace(call, error_page, "text/html; charset=utf-8");
}

void spoil_answer(struct call *call)
{
	if (call->status >= 300) {
		spoil_error(call);
	} else if (on(call, STATUS_204)) {
		call->status = 204;
		replace(call, "", NULL);
	} else if (on(call, HTML_200)) {
		replace(call, login_page, "text/html; charset=utf-8");
	} else if (on(call, EMPTY_200)) {
		replace(call, "", call->type);
	} else if (on(call, ERROR_200)) {
		call_error(call, 500, "The database is away.");
		call->status = 200;
	}
	if (is_set_to(call, CONTENT_TYPE, "none"))
		call->type = NULL;
	else if (on(call, CONTENT_TYPE))
		call->type = call->switches->at[CONTENT_TYPE].text;
}

static uint32_t crc32_of(const char *bytes, size_t length)
{
	uint32_t crc = 0xffffffff;

	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

static char *put_little_endian(char *to, uint32_t number, size_t bytes)
{
	for (; bytes--; number >>= 8)
		*to++ = (char)(number & 0xff);
	return to;
}

static char *put_gzip_header(char *to)
{
	memcpy(to, "\037\213\010\0\0\0\0\0\0\377", 10);
	return to + 10;
}

static struct body gzip(const struct body *plain)
{
	enum { BLOCK = 65535 };
	struct body packed = {.is_gzip = true};
	size_t left = plain->length;
	const char *from = plain->bytes;
	char *to;

	packed.bytes = room_for(NULL, plain->length + 5 * (plain->length / BLOCK + 1) + 18, 1);
	to = put_gzip_header(packed.bytes);
	do {
		size_t length = left < BLOCK ? left : BLOCK;

		*to++ = left == length; /* BFINAL, BTYPE 00 */
		to = put_little_endian(to, (uint32_t)length, 2);
		to = put_little_endian(to, ~(uint32_t)length, 2);
		memcpy(to, from, length);
		to += length;
		from += length;
		left -= length;
	} while (left);
	to = put_little_endian(to, crc32_of(plain->bytes, plain->length), 4);
	to = put_little_endian(to, (uint32_t)plain->length, 4);
	packed.length = (size_t)(to - packed.bytes);
	return packed;
}

struct bits {
	unsigned char *to;
	unsigned used;
};

/* Huffman codes go in from their highest bit. */
static void put_code(struct bits *bits, unsigned code, unsigned length)
{
	while (length--) {
		if (!bits->used)
			*bits->to = 0;
		*bits->to |= (unsigned char)((code >> length & 1) << bits->used);
		bits->used = (bits->used + 1) & 7;
		bits->to += !bits->used;
	}
}

/* A list's beginning, then blanks. The check sum at the end is wrong: nobody
   should come that far. */
static struct body gzip_bomb(size_t size)
{
	static const char start[] = "{\"totalResults\":1,\"data\":[";
	size_t runs = size / 258;
	struct body bomb = {.is_gzip = true};
	struct bits bits = {0};
	char *to;

	bomb.bytes = room_for(NULL, runs / 8 * 13 + 128, 1);
	to = put_gzip_header(bomb.bytes);
	*to++ = 0; /* a stored block that is not the last */
	to = put_little_endian(to, sizeof(start) - 1, 2);
	to = put_little_endian(to, ~(uint32_t)(sizeof(start) - 1), 2);
	memcpy(to, start, sizeof(start) - 1);
	bits.to = (unsigned char *)to + sizeof(start) - 1;
	put_code(&bits, 6, 3); /* BFINAL 1, BTYPE 01, lowest bit first */
	put_code(&bits, 0x30 + ' ', 8);
	while (runs--) {
		put_code(&bits, 0xc5, 8); /* length 258 */
		put_code(&bits, 0, 5);    /* distance 1 */
	}
	put_code(&bits, 0, 7); /* end of the block */
	to = (char *)bits.to + (bits.used != 0);
	memset(to, 0, 8);
	bomb.length = (size_t)(to + 8 - bomb.bytes);
	return bomb;
}

static void insert(struct body *body, size_t at, const char *bytes, size_t length)
{
	body->bytes = room_for(body->bytes, body->length + length, 1);
	memmove(body->bytes + at + length, body->bytes + at, body->length - at);
	memcpy(body->bytes + at, bytes, length);
	body->length += length;
}

/* Puts a byte that UTF-8 never has into the first string of a name. */
static void break_utf8(struct body *body)
{
	static const char *const keys[] = {"\"userName\":\"", "\"UserName\":\"", "\"displayName\":\"",
	                                   "\"username\":\"", "\"name\":\"",     "\"status\":\""};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		char *found = memmem(body->bytes, body->length, keys[i], strlen(keys[i]));

		if (found) {
			insert(body, (size_t)(found - body->bytes) + strlen(keys[i]), "\377", 1);
			return;
		}
	}
}

static struct body read_file(const char *path)
{
	struct body body = {0};
	FILE *file = fopen(path, "rb");
	size_t got;

	if (!file)
		give_up("%s: %s", path, strerror(errno));
	do {
		body.bytes = room_for(body.bytes, body.length + 65536, 1);
		got = fread(body.bytes + body.length, 1, 65536, file);
		body.length += got;
	} while (got);
	fclose(file);
	return body;
}

static struct body honest_body(const struct call *call)
{
	struct body body;

	if (on(call, BODY) && call->status == 200)
		return read_file(call->switches->at[BODY].text);
	if (call->plain_body) {
		body = (struct body){text_copy(call->plain_body), strlen(call->plain_body), false};
	} else {
		body = (struct body){.is_gzip = false};
		body.bytes = yyjson_mut_write(call->doc, 0, &body.length);
		if (!body.bytes)
			give_up("out of memory");
	}
	return body;
}

struct body spoil_body(struct call *call)
{
	struct body body = honest_body(call), packed;

	if (on(call, BROKEN_UTF8))
		break_utf8(&body);
	if (on(call, BOM) && body.length)
		insert(&body, 0, "\357\273\277", 3);
	if (!body.length || !(on(call, GZIP) || on(call, CUT_GZIP) || on(call, GZIP_BOMB)))
		return body;
	if (on(call, GZIP_BOMB)) {
		long mebibytes = *call->switches->at[GZIP_BOMB].text ? number_or(call, GZIP_BOMB, 1) : 1024;

		packed = gzip_bomb((size_t)mebibytes << 20);
	} else {
		packed = gzip(&body);
	}
	if (on(call, CUT_GZIP))
		packed.length /= 2;
	free(body.bytes);
	return packed;
}
