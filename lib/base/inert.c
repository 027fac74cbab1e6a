/* SPDX-License-Identifier: ISC */
/*
 * inert: a pass over the characters, each together with what joins it.
 */
#include "base/inert.h"

#include "base/unicode.h"

#include <stdio.h>

/* The most marks on one character: more would run into the lines above and below. */
enum { MARKS_MAX = 4 };

/* What is to be shown: one character and what joins it. */
struct cluster {
	uint32_t codes[32];
	size_t lens[32]; /* in bytes; of what is not UTF-8 there is one, and its length is 0 */
	size_t count;
};

static void cluster_read(struct cluster *cluster, struct span text)
{
	size_t at = 0, n;

	cluster->count = 0;
	while (at < text.len && cluster->count < sizeof cluster->lens / sizeof *cluster->lens) {
		uint32_t *code = &cluster->codes[cluster->count];

		n = utf8_decode(text.data + at, text.len - at, code);
		if (cluster->count && (!n || *code < 0x300 || !unicode_is_joined(*code)))
			break;
		cluster->lens[cluster->count++] = n;
		if (!n)
			break;
		at += n;
	}
}

/* A character that a reader would take for another one, or for none, though it is visible
   by itself: a blank after a blank, what would read as an escape. */
static bool is_misread(struct span text, char before)
{
	return (text.data[0] == ' ' && before == ' ') ||
	       (text.len > 2 && text.data[0] == '\\' && (text.data[1] == 'u' || text.data[1] == 'x') &&
	        text.data[2] == '{');
}

/* Writes the next character of `text`, inert, to `to`; returns the bytes read. `bad`: it
   must be escaped. */
static size_t inert_next(struct span text, size_t len, uint32_t code, bool bad, char to[16])
{
	if (!len) {
		snprintf(to, 16, "\\x{%02X}", (unsigned)(unsigned char)text.data[0]);
		return 1;
	}
	if (bad || unicode_is_hidden(code)) {
		snprintf(to, 16, "\\u{%X}", (unsigned)code);
	} else {
		memcpy(to, text.data, len);
		to[len] = '\0';
	}
	return len;
}

/* Hands the shown form of each character to `put`, until it returns false. */
static void inert_each(struct span text, bool (*put)(void *context, const char *shown),
                       void *context)
{
	struct cluster cluster = {0};
	char shown[16], before = '\0';

	while (text.len) {
		bool whole, alone;
		unsigned char c = (unsigned char)text.data[0];

		/* most text: a letter of ASCII, and what follows begins no mark */
		if (c > ' ' && c < 0x7f && c != '\\' &&
		    (text.len == 1 || (unsigned char)text.data[1] < 0xcc)) {
			shown[0] = before = (char)c;
			shown[1] = '\0';
			if (!put(context, shown))
				return;
			text = (struct span){text.data + 1, text.len - 1};
			continue;
		}
		cluster_read(&cluster, text);
		whole = cluster.count == 1 && cluster.codes[0] < 0x300;
		whole = whole || !cluster.lens[0] || unicode_is_composed(cluster.codes, cluster.count);
		/* a character that another one spells, and marks with nothing to stand on */
		alone = !whole && !unicode_is_composed(cluster.codes, 1);
		alone |=
			cluster.lens[0] && cluster.codes[0] >= 0x300 && unicode_is_joined(cluster.codes[0]);
		for (size_t i = 0; i < cluster.count; i++) {
			bool bad = i ? !whole || alone || i > MARKS_MAX : alone || is_misread(text, before);
			size_t n = inert_next(text, cluster.lens[i], cluster.codes[i], bad, shown);

			if (!put(context, shown))
				return;
			before = *text.data;
			text = (struct span){text.data + n, text.len - n};
		}
	}
}

static bool put_in_buf(void *context, const char *shown)
{
	buf_puts(context, shown);
	return true;
}

void inert_put(struct buf *buf, struct span text)
{
	inert_each(text, put_in_buf, buf);
}

struct inert_room {
	char *to;
	size_t used;
};

static bool put_in_room(void *context, const char *shown)
{
	static const char cut[] = "...";
	struct inert_room *room = context;
	size_t len = strlen(shown);
	bool fits = room->used + len + sizeof cut <= INERT_MAX;

	memcpy(room->to + room->used, fits ? shown : cut, fits ? len + 1 : sizeof cut);
	room->used += len;
	return fits;
}

const char *inert_text(char to[INERT_MAX], struct span text)
{
	struct inert_room room = {to, 0};

	to[0] = '\0';
	inert_each(text, put_in_room, &room);
	return to;
}

bool inert_is_formula(struct span text)
{
	static const char *const wide[] = {"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
	                                   "\xef\xbc\xa0"}; /* = + - @ in full width */

	if (!text.len)
		return false;
	switch (text.data[0]) {
	case '=':
	case '+':
	case '-':
	case '@':
	case '\t':
	case '\r': return true;
	case '\xef': break;
	default: return false;
	}
	for (size_t i = 0; i < sizeof wide / sizeof *wide; i++)
		if (span_begins(text, span_of(wide[i])))
			return true;
	return false;
}
