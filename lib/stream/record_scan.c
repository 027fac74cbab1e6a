/* SPDX-License-Identifier: ISC */
/*
 * record_scan: one pass from quote to quote.
 */
#include "stream/record_scan.h"

#include "base/utf8.h"

struct scan {
	const char *at, *end;
	bool is_plain; /* the whole line is known to have no escapes */
};

static bool scan_take(struct scan *scan, struct span text)
{
	if (!span_begins((struct span){scan->at, (size_t)(scan->end - scan->at)}, text))
		return false;
	scan->at += text.len;
	return true;
}

/* A string without escapes, at its first quote. */
static bool scan_string(struct scan *scan, struct span *text)
{
	const char *quote;

	if (scan->at == scan->end || *scan->at != '"')
		return false;
	scan->at++;
	quote = memchr(scan->at, '"', (size_t)(scan->end - scan->at));
	if (!quote)
		return false;
	*text = (struct span){scan->at, (size_t)(quote - scan->at)};
	scan->at = quote + 1;
	return scan->is_plain || !memchr(text->data, '\\', text->len);
}

/* ["a","b"]: texts in order, each once. */
static bool scan_list(struct scan *scan, struct value *value)
{
	const char *from = scan->at++;
	struct span text, before = {NULL, 0};

	while (scan->at < scan->end && *scan->at != ']') {
		if ((before.data && !scan_take(scan, span_of(","))) || !scan_string(scan, &text) ||
		    (before.data && span_compare(before, text) >= 0))
			return false;
		before = text;
	}
	if (scan->at++ == scan->end)
		return false;
	*value = (struct value){.type = VALUE_LIST, .text = {from, (size_t)(scan->at - from)}};
	return true;
}

static bool scan_value(struct scan *scan, struct value *value, unsigned flags)
{
	struct span text;

	if (flags & (FIELD_DETAILS | FIELD_OBJECT))
		return false; /* rare, and more than a text */
	if (scan_string(scan, &text)) {
		*value = (struct value){VALUE_TEXT, text, true};
		return true;
	}
	if (scan->at < scan->end && *scan->at == '[')
		return (flags & FIELD_LIST) && scan_list(scan, value);
	*value = (struct value){.type = VALUE_NULL};
	return !(flags & (FIELD_REQUIRED | FIELD_NOT_NULL)) && scan_take(scan, span_of("null"));
}

/* The member whose name comes now, after `field`; -1: none that there is. */
static int scan_name(struct scan *scan, const struct record_form *form, int field)
{
	const char *name = scan->at + 2;                  /* after a comma and a quote */
	ptrdiff_t left = scan->end - scan->at, least = 5; /* with another quote and a colon */

	if (left < least || scan->at[0] != ',' || scan->at[1] != '"')
		return -1;
	for (field++; (size_t)field < form->count; field++) {
		struct span wanted = form->fields[field].name;

		if (*wanted.data == *name && (ptrdiff_t)wanted.len < left - 3 &&
		    memcmp(name, wanted.data, wanted.len) == 0 && name[wanted.len] == '"' &&
		    name[wanted.len + 1] == ':') {
			scan->at = name + wanted.len + 2;
			return field;
		}
	}
	return -1;
}

static bool scan_members(struct scan *scan, struct record *record, int last)
{
	const struct record_form *form = &record_forms[record->kind];
	int field = 0;

	if (!scan_value(scan, &record->values[0], form->fields[0].flags))
		return false;
	while (scan->at < scan->end && *scan->at != '}') {
		field = scan_name(scan, form, field);
		if (field < 0)
			return false;
		if (field > last)
			return true;
		if (!scan_value(scan, &record->values[field], form->fields[field].flags))
			return false;
	}
	return scan->at + 1 == scan->end;
}

static bool scan_begin(struct scan *scan, struct record *record, enum record_kind kind,
                       struct span line)
{
	if (line.len && line.data[line.len - 1] == '\n')
		line.len--;
	scan->at = line.data;
	scan->end = line.data + line.len;
	record_start(record, kind, (struct span)SPAN_EMPTY);
	return scan_take(scan, span_of("{\"kind\":\"")) && scan_take(scan, record_words[kind].kind) &&
	       scan_take(scan, span_of("\",\"source\":"));
}

/* Sixteen bytes, which compilers of today compare at once. */
typedef unsigned char scan_bytes __attribute__((vector_size(16)));

/* Is every byte one that stands in a plain line? */
static bool scan_is_plain(struct span line)
{
	scan_bytes bytes, odd = {0}, all = {0};
	uint64_t of_odd[2], of_all[2];
	size_t i = 0;

	if (line.len && line.data[line.len - 1] == '\n')
		line.len--;
	for (; i < line.len; i += sizeof bytes) {
		size_t at = line.len - i < sizeof bytes ? line.len - sizeof bytes : i;

		if (line.len < sizeof bytes)
			return false; /* no line of ours */
		memcpy(&bytes, line.data + at, sizeof bytes);
		all |= bytes;
		odd |= (scan_bytes)(bytes < 0x20) | (scan_bytes)(bytes == '\\');
	}
	memcpy(of_odd, &odd, sizeof odd);
	memcpy(of_all, &all, sizeof all);
	return !(of_odd[0] | of_odd[1]) &&
	       (!((of_all[0] | of_all[1]) & 0x8080808080808080U) || utf8_is(line));
}

bool record_scan(struct record *record, enum record_kind kind, struct span line)
{
	const struct record_form *form = &record_forms[kind];
	struct scan scan = {.is_plain = scan_is_plain(line)};
	struct fault fault;

	if (!scan.is_plain || !scan_begin(&scan, record, kind, line) ||
	    !scan_members(&scan, record, (int)form->count))
		return false;
	for (size_t field = 0; field < form->count; field++) {
		const struct value *value = &record->values[field];

		if ((form->fields[field].flags & FIELD_REQUIRED) && value->type != VALUE_TEXT)
			return false;
		if (form->fields[field].words[0] && value->type == VALUE_TEXT &&
		    record_check_word(record, (int)field, &fault) < 0)
			return false;
	}
	return record_check_gap(record, &fault) == 0;
}

bool record_scan_to(struct record *record, enum record_kind kind, struct span line, int last)
{
	struct scan scan = {.is_plain = true};

	/* an escape that misled it stands in what it went over */
	return scan_begin(&scan, record, kind, line) && scan_members(&scan, record, last) &&
	       !memchr(line.data, '\\', (size_t)(scan.at - line.data));
}
