/* SPDX-License-Identifier: ISC */
/*
 * xlsx_value: what a cell holds, and what its format makes of it.
 */
#include "sheet/xlsx_value.h"

#include "base/utf8.h"
#include "base/when.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { XLSX_DIGITS = 15, XLSX_NUMBER_MAX = 400 };

/* Days from 1970-01-01 back to the day before the first one. In 1900 a day is counted that
   there was not, 29 February, so days before it are one later. */
enum { DAYS_1900 = 25569, DAYS_1904 = 24107, NO_DAY = 60, LAST_DAY = 2958465 };

/* ---- formats ---- */

enum xlsx_form xlsx_form_of_id(unsigned long id)
{
	static const struct {
		unsigned char first, last;
		enum xlsx_form form;
	} forms[] = {
		{14, 17, XLSX_DAY},   {18, 21, XLSX_CLOCK}, {22, 22, XLSX_MOMENT}, {27, 31, XLSX_DAY},
		{32, 35, XLSX_CLOCK}, {36, 36, XLSX_DAY},   {45, 45, XLSX_CLOCK},  {47, 47, XLSX_CLOCK},
		{50, 54, XLSX_DAY},   {55, 56, XLSX_CLOCK}, {57, 58, XLSX_DAY},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
		if (id >= forms[i].first && id <= forms[i].last)
			return forms[i].form;
	return XLSX_PLAIN;
}

/* How many bytes at the front say nothing of the kind: text in quotes, a colour or a locale in
   brackets, an escaped character, AM/PM. */
static size_t form_skip(struct span code)
{
	static const struct span halves[] = {SPAN("am/pm"), SPAN("a/p")};
	char first = code.data[0];
	const char *end = NULL;

	if (first == '"' || first == '[')
		end = memchr(code.data + 1, first == '[' ? ']' : '"', code.len - 1);
	if (end)
		return (size_t)(end - code.data) + 1;
	if (first == '\\' || first == '_' || first == '*')
		return code.len > 1 ? 2 : 1;
	for (size_t i = 0; i < sizeof halves / sizeof *halves; i++)
		if (code.len >= halves[i].len &&
		    span_is_nocase((struct span){code.data, halves[i].len}, halves[i]))
			return halves[i].len;
	return 0;
}

enum xlsx_form xlsx_form_of_code(struct span code)
{
	bool is_day = false, is_clock = false, has_m = false;
	size_t skip;

	for (; code.len && *code.data != ';'; code = (struct span){code.data + skip, code.len - skip}) {
		char letter = ascii_lower(*code.data);

		/* [h] counts hours, which is no time of a day */
		if (letter == '[' && code.len > 2 && strchr("hms", ascii_lower(code.data[1])) &&
		    (code.data[2] == ']' || ascii_lower(code.data[2]) == ascii_lower(code.data[1])))
			return XLSX_PLAIN;
		skip = form_skip(code);
		if (skip)
			continue;
		skip = 1;
		is_day |= letter == 'd' || letter == 'y';
		is_clock |= letter == 'h' || letter == 's';
		has_m |= letter == 'm';
	}
	if (is_day || (has_m && !is_clock))
		return is_clock ? XLSX_MOMENT : XLSX_DAY;
	return is_clock ? XLSX_CLOCK : XLSX_PLAIN;
}

/* ---- numbers ---- */

/* Digits, with a dot and an exponent or without: no blank, no "inf", no 0x. */
static bool number_is(struct span text)
{
	size_t digits = 0, i = text.len && (*text.data == '-' || *text.data == '+');

	for (; i < text.len && ((text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == '.');
	     i++)
		digits += text.data[i] != '.';
	if (!digits || (i < text.len && ascii_lower(text.data[i]) != 'e'))
		return false;
	if (i == text.len)
		return true;
	i++;
	i += i < text.len && (text.data[i] == '-' || text.data[i] == '+');
	if (i == text.len)
		return false;
	while (i < text.len && text.data[i] >= '0' && text.data[i] <= '9')
		i++;
	return i == text.len;
}

static void number_put(struct buf *to, double number)
{
	if (number > -1e15 && number < 1e15 && number == (double)(int64_t)number)
		buf_putf(to, "%lld", (long long)number);
	else
		buf_putf(to, "%.*G", XLSX_DIGITS, number);
}

/* False: it is no day that a spreadsheet has. */
static bool number_put_time(struct buf *to, double number, enum xlsx_form form, bool from_1904)
{
	int64_t seconds;
	char text[WHEN_MAX];

	if (!(number >= 0 && number < LAST_DAY + 1) || (from_1904 && number > LAST_DAY - 1462))
		return false;
	seconds = (int64_t)(number * 86400 + 0.5);
	if (form == XLSX_CLOCK && number < 1) {
		buf_putf(to, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
		         (int)(seconds % 60));
		return true;
	}
	if (!from_1904 && (number < 1 || (number >= NO_DAY && number < NO_DAY + 1)))
		return false;
	if (!from_1904 && number < NO_DAY)
		seconds += 86400;
	if (!when_at(seconds - (from_1904 ? DAYS_1904 : DAYS_1900) * INT64_C(86400), text))
		return false;
	buf_put(to, text, form == XLSX_DAY && seconds % 86400 == 0 ? 10 : strlen(text));
	return true;
}

bool xlsx_put_number(struct buf *to, struct span number, enum xlsx_form form, bool from_1904)
{
	char text[XLSX_NUMBER_MAX];
	double value;

	if (number.len >= sizeof text || !number_is(number))
		return false;
	memcpy(text, number.data, number.len);
	text[number.len] = '\0';
	value = strtod(text, NULL);
	if (!isfinite(value))
		return false;
	if (form == XLSX_PLAIN || !number_put_time(to, value, form, from_1904))
		number_put(to, value);
	return true;
}

/* ---- text ---- */

/* The number in _xHHHH_; 0 where there is none. */
static uint32_t escape_code(struct span text)
{
	uint32_t code = 0;

	if (text.len < 7 || text.data[0] != '_' || text.data[1] != 'x' || text.data[6] != '_')
		return 0;
	for (size_t i = 2; i < 6; i++) {
		const char *digits = "0123456789abcdef";
		const char *found = memchr(digits, ascii_lower(text.data[i]), 16);

		if (!found)
			return 0;
		code = code << 4 | (uint32_t)(found - digits);
	}
	return code;
}

void xlsx_unescape(struct buf *text, size_t from)
{
	size_t to = from;

	if (text->state != BUF_OK || text->len - from < 7 ||
	    !memmem(text->data + from, text->len - from, "_x", 2))
		return;
	for (size_t at = from; at < text->len;) {
		struct span rest = {text->data + at, text->len - at};
		uint32_t code = escape_code(rest), low;
		size_t skip = 7;

		if (code >= 0xd800 && code < 0xdc00) { /* the first half of a pair */
			low = escape_code((struct span){rest.data + 7, rest.len - 7});
			code = low >= 0xdc00 && low < 0xe000
			           ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
			           : 0;
			skip = 14;
		}
		if (!code || (code >= 0xdc00 && code < 0xe000)) {
			text->data[to++] = text->data[at++];
			continue;
		}
		to += utf8_encode(code, text->data + to);
		at += skip;
	}
	text->len = to;
}
