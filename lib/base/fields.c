/* SPDX-License-Identifier: ISC */
/*
 * fields: FIELD_END stands after each one. A control character is FIELD_ESCAPE and itself with
 * a bit more; FIELD_ESCAPE alone is a field that is not there.
 */
#include "base/fields.h"

enum { FIELD_ESCAPE = 0x1b, FIELD_END = 0x1e, FIELD_BIT = 0x40 };

/* Copies the words at the start of the text that have no control character. How many bytes. */
static size_t fields_copy_words(char *to, struct span text)
{
	const uint64_t each = 0x0101010101010101U;
	uint64_t word;
	size_t i = 0;

	for (; text.len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, text.data + i, sizeof word);
		if ((word - each * ' ') & ~word & each * 0x80)
			break;
		memcpy(to + i, &word, sizeof word);
	}
	return i;
}

void fields_put(struct buf *line, struct span text)
{
	char *to = buf_reserve(line, 2 * text.len + 2);

	if (!to)
		return;
	if (!text.data)
		*to++ = FIELD_ESCAPE;
	for (size_t i = 0; i < text.len;) {
		size_t plain = fields_copy_words(to, (struct span){text.data + i, text.len - i});

		to += plain;
		i += plain;
		for (size_t end = i + 8 < text.len ? i + 8 : text.len; i < end; i++) {
			unsigned char c = (unsigned char)text.data[i];

			if (c < ' ')
				*to++ = FIELD_ESCAPE;
			*to++ = (char)(c < ' ' ? c | FIELD_BIT : c);
		}
	}
	*to++ = FIELD_END;
	line->len = (size_t)(to - line->data);
}

/* The field without its escapes, in `scratch`, which has room for it. */
static struct span fields_unescape(struct span text, struct buf *scratch)
{
	struct span plain = {scratch->data + scratch->len, 0};

	for (size_t i = 0; i < text.len; i++) {
		bool is_escaped = text.data[i] == FIELD_ESCAPE && i + 1 < text.len;

		i += is_escaped;
		scratch->data[scratch->len++] = (char)(text.data[i] & (is_escaped ? ~FIELD_BIT : ~0));
	}
	plain.len = (size_t)(scratch->data + scratch->len - plain.data);
	return plain;
}

bool fields_read(struct span line, struct buf *scratch, struct span *fields, size_t count)
{
	bool has_escapes = line.len && memchr(line.data, FIELD_ESCAPE, line.len);

	buf_clear(scratch);
	if (has_escapes && !buf_reserve(scratch, line.len))
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *end = line.len ? memchr(line.data, FIELD_END, line.len) : NULL;

		fields[i] = (struct span){NULL, 0};
		if (!end)
			continue;
		fields[i] = (struct span){line.data, (size_t)(end - line.data)};
		line = (struct span){end + 1, line.len - fields[i].len - 1};
		if (!has_escapes || !memchr(fields[i].data, FIELD_ESCAPE, fields[i].len))
			continue;
		fields[i] =
			fields[i].len == 1 ? (struct span){NULL, 0} : fields_unescape(fields[i], scratch);
	}
	return true;
}
