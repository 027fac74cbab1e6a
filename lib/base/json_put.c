/* SPDX-License-Identifier: ISC */
/*
 * json_put: most text needs no escapes, so it is copied in words that are looked at on
 * the way.
 */
#include "base/json_put.h"

#include <stdlib.h>

/* The letter behind the backslash where RFC 8259 has a short escape, else 0. */
static char short_escape(char c)
{
	switch (c) {
	case '"': return '"';
	case '\\': return '\\';
	case '\b': return 'b';
	case '\f': return 'f';
	case '\n': return 'n';
	case '\r': return 'r';
	case '\t': return 't';
	default: return '\0';
	}
}

/* Does each byte of the word stand for itself in a string? Where one of ASCII does not, one
   of the subtractions borrows and sets its top bit. */
static inline bool is_plain_word(uint64_t word)
{
	const uint64_t each = 0x0101010101010101U;
	uint64_t borrowed =
		(word - each * 0x20) | ((word ^ each * '"') - each) | ((word ^ each * '\\') - each);

	return !(borrowed & ~word & each * 0x80);
}

/* Copies the bytes at the start of the text that stand for themselves in a string to `to`,
   which has room for all of the text. Returns how many these are. */
static size_t copy_plain(char *to, struct span text)
{
	uint64_t word;
	size_t i = 0;

	for (; text.len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, text.data + i, sizeof word);
		if (!is_plain_word(word))
			break;
		memcpy(to + i, &word, sizeof word);
	}
	if (i && i < text.len && text.len - i < sizeof word) {
		/* the last bytes together with some before them that are known to be plain */
		memcpy(&word, text.data + text.len - sizeof word, sizeof word);
		if (is_plain_word(word)) {
			memcpy(to + text.len - sizeof word, &word, sizeof word);
			return text.len;
		}
	}
	for (; i < text.len && (unsigned char)text.data[i] >= 0x20 && text.data[i] != '"' &&
	       text.data[i] != '\\';
	     i++)
		to[i] = text.data[i];
	return i;
}

static void put_escape(struct buf *buf, char c)
{
	char letter = short_escape(c);

	if (letter)
		buf_put(buf, (char[]){'\\', letter}, 2);
	else
		buf_putf(buf, "\\u%04x", (unsigned)c);
}

void json_put_string(struct buf *buf, struct span text)
{
	buf_putc(buf, '"');
	for (;;) {
		char *to = buf_reserve(buf, text.len);
		size_t plain = to ? copy_plain(to, text) : text.len;

		if (!to)
			return;
		buf->len += plain;
		if (plain == text.len)
			break;
		put_escape(buf, text.data[plain]);
		text = (struct span){text.data + plain + 1, text.len - plain - 1};
	}
	buf_putc(buf, '"');
}

struct span json_quote(struct buf *to, struct span text)
{
	buf_clear(to);
	json_put_string(to, text);
	return buf_span(to);
}

/* Is a byte of a string, which begins at `start`, behind an odd number of backslashes? */
static bool is_escaped(const char *start, const char *byte)
{
	const char *at = byte;

	while (at > start && at[-1] == '\\')
		at--;
	return (byte - at) % 2;
}

size_t json_string_end(struct span text, size_t at)
{
	const char *start = text.data + at, *quote = start, *end = text.data + text.len;

	if (at >= text.len || *start != '"')
		return 0;
	do
		quote = memchr(quote + 1, '"', (size_t)(end - quote - 1));
	while (quote && is_escaped(start, quote));
	return quote ? (size_t)(quote + 1 - text.data) : 0;
}

/* A string as it was read. Most had no escapes and need none. */
static void put_read(struct buf *buf, yyjson_val *string)
{
	if (!json_is_plain(string))
		return json_put_string(buf, json_key(string));
	buf_putc(buf, '"');
	buf_put_span(buf, json_key(string));
	buf_putc(buf, '"');
}

static void put_object(struct buf *buf, yyjson_val *object)
{
	size_t i, max;
	yyjson_val *key, *value;

	buf_putc(buf, '{');
	yyjson_obj_foreach(object, i, max, key, value) {
		if (i)
			buf_putc(buf, ',');
		put_read(buf, key);
		buf_putc(buf, ':');
		json_put_value(buf, value);
	}
	buf_putc(buf, '}');
}

void json_put_value(struct buf *buf, yyjson_val *value)
{
	size_t i, max;
	yyjson_val *item;

	switch (yyjson_get_type(value)) {
	case YYJSON_TYPE_OBJ: put_object(buf, value); break;
	case YYJSON_TYPE_ARR:
		buf_putc(buf, '[');
		yyjson_arr_foreach(value, i, max, item) {
			if (i)
				buf_putc(buf, ',');
			json_put_value(buf, item);
		}
		buf_putc(buf, ']');
		break;
	case YYJSON_TYPE_STR: put_read(buf, value); break;
	case YYJSON_TYPE_RAW: buf_put(buf, yyjson_get_raw(value), yyjson_get_len(value)); break;
	case YYJSON_TYPE_BOOL: buf_puts(buf, yyjson_get_bool(value) ? "true" : "false"); break;
	default: buf_puts(buf, "null"); break;
	}
}

/* ---- in an order that does not depend on who wrote it ---- */

/* A member of an object or an item of an array, as text. */
struct json_piece {
	struct span name; /* of a member */
	size_t from, len;
	const char *text;
};

static int compare_pieces(const void *a, const void *b)
{
	const struct json_piece *x = a, *y = b;
	int order = span_compare(x->name, y->name);

	return order ? order
	             : span_compare((struct span){x->text, x->len}, (struct span){y->text, y->len});
}

/* Appends a piece to `text`, and to `list` where it is. */
static void add_piece(struct buf *list, struct buf *text, yyjson_val *key, yyjson_val *value)
{
	struct json_piece piece = {.name = SPAN_EMPTY, .from = text->len};

	if (key) {
		piece.name = json_key(key);
		put_read(text, key);
		buf_putc(text, ':');
	}
	json_put_canonical(text, value);
	piece.len = text->len - piece.from;
	buf_put(list, &piece, sizeof piece);
}

static void put_pieces(struct buf *buf, struct buf *list, struct buf *text)
{
	struct json_piece *pieces = (struct json_piece *)(void *)list->data;
	size_t count = list->len / sizeof *pieces;

	for (size_t i = 0; i < count; i++)
		pieces[i].text = text->data + pieces[i].from;
	if (count > 1)
		qsort(pieces, count, sizeof *pieces, compare_pieces);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_putc(buf, ',');
		buf_put(buf, pieces[i].text, pieces[i].len);
	}
}

void json_put_canonical(struct buf *buf, yyjson_val *value)
{
	struct buf list = {0}, text = {0};
	bool object = yyjson_is_obj(value);
	yyjson_val *key, *item;
	size_t i, max;

	if (!yyjson_is_ctn(value)) {
		json_put_value(buf, value);
		return;
	}
	if (object) {
		yyjson_obj_foreach(value, i, max, key, item)
			add_piece(&list, &text, key, item);
	} else {
		yyjson_arr_foreach(value, i, max, item)
			add_piece(&list, &text, NULL, item);
	}
	buf_putc(buf, object ? '{' : '[');
	if (list.state == BUF_OK && text.state == BUF_OK)
		put_pieces(buf, &list, &text);
	else /* this one has failed, too */
		buf_put_buf(buf, list.state == BUF_OK ? &text : &list);
	buf_putc(buf, object ? '}' : ']');
	buf_release(&list);
	buf_release(&text);
}

/* memcpy, or as much of it as is plain. Returns how many bytes these are. */
static size_t copy_text(char *to, struct span text, bool plain)
{
	if (!plain)
		return copy_plain(to, text);
	memcpy(to, text.data, text.len);
	return text.len;
}

void json_put_named(struct buf *buf, struct span name, struct span text, bool plain)
{
	char *to = buf_reserve(buf, name.len + text.len + strlen(",\"\":\"\""));

	if (!to)
		return;
	memcpy(to, ",\"", 2);
	memcpy(to + 2, name.data, name.len);
	memcpy(to + 2 + name.len, "\":\"", 3);
	if (copy_text(to + 5 + name.len, text, plain) == text.len) { /* as most are */
		to[5 + name.len + text.len] = '"';
		buf->len += name.len + text.len + 6;
	} else {
		buf->len += name.len + 4;
		json_put_string(buf, text);
	}
}
