/* SPDX-License-Identifier: ISC */
/*
 * needles: sixteen bytes are compared at once, at three places of a name and after it.
 */
#include "access/needles.h"

typedef unsigned char needle_bytes __attribute__((vector_size(16)));

enum { NEEDLE_STEP = sizeof(needle_bytes), FOLD = 0x20 };

/* By their place: without SSE (32 bits) vectors are no arguments. */
static bool needle_is_any(const needle_bytes *found)
{
	uint64_t half[2];

	memcpy(half, found, sizeof half);
	return half[0] | half[1];
}

static void needle_load(needle_bytes *bytes, const char *from)
{
	memcpy(bytes, from, sizeof *bytes);
}

/* What tells names of one domain apart stands before its @. */
void needles_add(struct needles *needles, struct span folded)
{
	struct needle *needle = &needles->list[needles->count];
	const char *colon = memrchr(folded.data, ':', folded.len);
	const char *at;
	size_t len;

	if (!span_is_ascii(folded) || !folded.len)
		return; /* a line that has it is odd; nobody has no name */
	if (colon)
		folded = (struct span){colon + 1, (size_t)(folded.data + folded.len - colon - 1)};
	if (!folded.len || needles->count == NEEDLES_MAX) {
		needles->everywhere = true;
		return;
	}
	at = memchr(folded.data + 1, '@', folded.len - 1);
	len = at ? (size_t)(at - folded.data) : folded.len;
	*needle = (struct needle){.text = folded, .middle = len / 2, .last = len - 1};
	needles->count++;
}

static bool needle_stands(const struct needle *needle, const char *at, const char *end)
{
	if ((size_t)(end - at) < needle->text.len)
		return false;
	for (size_t i = 0; i < needle->text.len; i++)
		if (ascii_lower(at[i]) != needle->text.data[i])
			return false;
	return true;
}

static const char *needle_find(const struct needle *needle, const char *from, const char *end)
{
	const char *name = needle->text.data;
	const unsigned char first = (unsigned char)(name[0] | FOLD),
						middle = (unsigned char)(name[needle->middle] | FOLD),
						last = (unsigned char)(name[needle->last] | FOLD);
	/* in a line, a quote stands after a name */
	const unsigned char after =
		(unsigned char)((needle->last + 1 < needle->text.len ? name[needle->last + 1] : '"') |
	                    FOLD);

	for (; end - from >= (ptrdiff_t)(needle->last + 1 + NEEDLE_STEP); from += NEEDLE_STEP) {
		needle_bytes at[4], found;

		needle_load(&at[0], from);
		needle_load(&at[1], from + needle->middle);
		needle_load(&at[2], from + needle->last);
		needle_load(&at[3], from + needle->last + 1);
		found = (needle_bytes)((at[0] | FOLD) == first) & (needle_bytes)((at[1] | FOLD) == middle) &
		        (needle_bytes)((at[2] | FOLD) == last) & (needle_bytes)((at[3] | FOLD) == after);

		for (size_t i = 0; i < NEEDLE_STEP && needle_is_any(&found); i++)
			if (found[i] && needle_stands(needle, from + i, end))
				return from + i;
	}
	for (; from < end; from++)
		if (needle_stands(needle, from, end))
			return from;
	return NULL;
}

static const char *needle_find_odd(const char *from, const char *end)
{
	for (; end - from >= NEEDLE_STEP; from += NEEDLE_STEP) {
		needle_bytes bytes, odd;

		needle_load(&bytes, from);
		odd = (needle_bytes)(bytes >= 0x80) | (needle_bytes)(bytes == '\\');
		if (needle_is_any(&odd))
			break;
	}
	for (; from < end; from++)
		if ((unsigned char)*from >= 0x80 || *from == '\\')
			return from;
	return NULL;
}

void needles_start(struct needles *needles, struct span lines)
{
	const char *end = lines.data + lines.len;

	needles->lines = lines;
	if (needles->everywhere)
		return;
	needles->odd = needle_find_odd(lines.data, end);
	for (size_t i = 0; i < needles->count; i++)
		needles->list[i].next = needle_find(&needles->list[i], lines.data, end);
}

/* The first place that is due in what is left of the lines; NULL. */
static const char *needles_first(struct needles *needles)
{
	const char *from = needles->lines.data, *end = from + needles->lines.len, *first;

	if (needles->everywhere)
		return needles->lines.len ? from : NULL;
	if (needles->odd && needles->odd < from)
		needles->odd = needle_find_odd(from, end);
	first = needles->odd;
	for (size_t i = 0; i < needles->count; i++) {
		struct needle *needle = &needles->list[i];

		if (needle->next && needle->next < from)
			needle->next = needle_find(needle, from, end);
		if (needle->next && (!first || needle->next < first))
			first = needle->next;
	}
	return first;
}

bool needles_next(struct needles *needles, struct span *line)
{
	const char *at = needles_first(needles), *begin, *end;

	if (!at)
		return false;
	begin = memrchr(needles->lines.data, '\n', (size_t)(at - needles->lines.data));
	begin = begin ? begin + 1 : needles->lines.data;
	end = needles->lines.data + needles->lines.len;
	at = memchr(at, '\n', (size_t)(end - at));
	*line = (struct span){begin, (size_t)((at ? at + 1 : end) - begin)};
	needles->lines.len -= (size_t)(begin + line->len - needles->lines.data);
	needles->lines.data = begin + line->len;
	return true;
}
