/* SPDX-License-Identifier: ISC */
/*
 * template: a page is walked from tag to tag; the inside of a section is walked once for
 * each item. Nothing is compiled: pages are short, and what is in them is not.
 */
#include "report/template.h"

#include <stdio.h>

enum { DEPTH_MAX = 8 }; /* of sections in sections */

struct fill {
	struct buf *to;
	const struct page *page;
	template_escape *escape;
	yyjson_mut_val *scope[DEPTH_MAX]; /* the innermost value last */
	size_t depth;
};

struct tag {
	size_t at, end; /* in the text, with its braces */
	char kind;      /* '#', '^', '/', '{' (as it is) or ' ' (escaped) */
	struct span name;
};

/* ---- tags ---- */

/* The place of `what` in the text from `at` on; its length where it is not there. */
static size_t template_find(struct span text, size_t at, const char *what)
{
	const char *found = memmem(text.data + at, text.len - at, what, strlen(what));

	return found ? (size_t)(found - text.data) : text.len;
}

static int fill_fault(const struct fill *fill, const char *what, struct span name,
                      struct fault *fault)
{
	return fault_set(fault, FAULT_INTERNAL, "page %s: %s '%.*s'", fill->page->name, what,
	                 (int)name.len, name.data);
}

/* The next tag from `at` on. 1, 0 where there is none, -1. */
static int fill_next_tag(const struct fill *fill, struct span text, size_t at, struct tag *tag,
                         struct fault *fault)
{
	size_t from, close;

	tag->at = template_find(text, at, "{{");
	if (tag->at == text.len)
		return 0;
	from = tag->at + 2;
	tag->kind = from < text.len && strchr("#^/{", text.data[from]) ? text.data[from++] : ' ';
	close = template_find(text, from, tag->kind == '{' ? "}}}" : "}}");
	tag->name = (struct span){text.data + from, close - from};
	tag->end = close + (tag->kind == '{' ? 3 : 2);
	return close < text.len ? 1 : fill_fault(fill, "a tag is not closed:", tag->name, fault);
}

/* Widens a section tag that stands alone on its line to the whole line. */
static void tag_take_line(struct tag *tag, struct span text)
{
	size_t at = tag->at;

	while (at && (text.data[at - 1] == ' ' || text.data[at - 1] == '\t'))
		at--;
	if ((at && text.data[at - 1] != '\n') || tag->end == text.len || text.data[tag->end] != '\n')
		return;
	tag->at = at;
	tag->end++;
}

/* The tag that closes the section which `open` begins. 0 or -1. */
static int fill_find_close(const struct fill *fill, struct span text, const struct tag *open,
                           struct tag *close, struct fault *fault)
{
	size_t at = open->end, depth = 1;
	int more;

	while ((more = fill_next_tag(fill, text, at, close, fault)) > 0) {
		at = close->end;
		if (close->kind == ' ' || close->kind == '{')
			continue;
		depth = close->kind == '/' ? depth - 1 : depth + 1;
		if (depth == 0 && span_is(close->name, open->name)) {
			tag_take_line(close, text);
			return 0;
		}
		if (depth == 0)
			break;
	}
	return more < 0 ? -1 : fill_fault(fill, "a section is not closed:", open->name, fault);
}

/* ---- values ---- */

static yyjson_mut_val *fill_value(const struct fill *fill, struct span name)
{
	yyjson_mut_val *value = NULL;

	if (span_is(name, span_of(".")))
		return fill->scope[fill->depth - 1];
	for (size_t i = fill->depth; i > 0 && !value; i--)
		value = yyjson_mut_obj_getn(fill->scope[i - 1], name.data, name.len);
	return value;
}

static bool value_is_empty(yyjson_mut_val *value)
{
	return !value || yyjson_mut_is_null(value) || yyjson_mut_is_false(value) ||
	       (yyjson_mut_is_arr(value) && yyjson_mut_arr_size(value) == 0) ||
	       (yyjson_mut_is_str(value) && yyjson_mut_get_len(value) == 0) ||
	       (yyjson_mut_is_uint(value) && yyjson_mut_get_uint(value) == 0);
}

void template_put_number(struct buf *to, uint64_t number)
{
	char digits[24];
	size_t len = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			buf_putc(to, ',');
		buf_putc(to, digits[i]);
	}
}

/* "2 groups" of the tag {{name group}}, whose first blank is at `blank`. */
static int fill_put_counted(struct fill *fill, const struct tag *tag, const char *blank,
                            struct fault *fault)
{
	struct span name = {tag->name.data, (size_t)(blank - tag->name.data)};
	struct span word = {blank, tag->name.len - name.len};
	const char *bar = memchr(word.data, '|', word.len);
	size_t one = bar ? (size_t)(bar - word.data) : word.len;
	yyjson_mut_val *value = fill_value(fill, name);
	bool is_one = yyjson_mut_get_uint(value) == 1;

	if (!yyjson_mut_is_uint(value))
		return fill_fault(fill, "no number for", tag->name, fault);
	template_put_number(fill->to, yyjson_mut_get_uint(value));
	if (is_one || !bar) {
		buf_put(fill->to, word.data, one);
		buf_puts(fill->to, is_one ? "" : "s");
	} else {
		buf_putc(fill->to, ' ');
		buf_put(fill->to, bar + 1, word.len - one - 1);
	}
	return 0;
}

static int fill_put_value(struct fill *fill, const struct tag *tag, struct fault *fault)
{
	const char *blank = memchr(tag->name.data, ' ', tag->name.len);
	yyjson_mut_val *value = blank ? NULL : fill_value(fill, tag->name);
	struct span text = {yyjson_mut_get_str(value), yyjson_mut_get_len(value)};

	if (blank)
		return fill_put_counted(fill, tag, blank, fault);
	if (yyjson_mut_is_uint(value))
		template_put_number(fill->to, yyjson_mut_get_uint(value));
	else if (!yyjson_mut_is_str(value))
		return fill_fault(fill, "no text for", tag->name, fault);
	else if (tag->kind == '{')
		buf_put_span(fill->to, text);
	else
		fill->escape(fill->to, text);
	return 0;
}

/* ---- the page ---- */

static int fill_put(struct fill *fill, struct span text, struct fault *fault);

static int fill_put_item(struct fill *fill, struct span inside, yyjson_mut_val *item,
                         struct fault *fault)
{
	int result;

	if (fill->depth == DEPTH_MAX)
		return fill_fault(fill, "too deep:", inside, fault);
	fill->scope[fill->depth++] = item;
	result = fill_put(fill, inside, fault);
	fill->depth--;
	return result;
}

static int fill_put_section(struct fill *fill, const struct tag *open, struct span inside,
                            struct fault *fault)
{
	yyjson_mut_val *value = fill_value(fill, open->name), *item;
	size_t i, max;

	if ((open->kind == '^') != value_is_empty(value))
		return 0;
	if (open->kind == '^')
		return fill_put(fill, inside, fault);
	if (!yyjson_mut_is_arr(value))
		return fill_put_item(fill, inside, value, fault);
	yyjson_mut_arr_foreach(value, i, max,
	                       item) if (fill_put_item(fill, inside, item, fault) < 0) return -1;
	return 0;
}

static int fill_put(struct fill *fill, struct span text, struct fault *fault)
{
	struct tag tag, close;
	size_t at = 0;
	int more;

	while ((more = fill_next_tag(fill, text, at, &tag, fault)) > 0) {
		bool is_section = tag.kind == '#' || tag.kind == '^';

		if (is_section)
			tag_take_line(&tag, text);
		buf_put(fill->to, text.data + at, tag.at - at);
		at = tag.end;
		if (!is_section) {
			if (fill_put_value(fill, &tag, fault) < 0)
				return -1;
			continue;
		}
		if (fill_find_close(fill, text, &tag, &close, fault) < 0 ||
		    fill_put_section(fill, &tag, (struct span){text.data + tag.end, close.at - tag.end},
		                     fault) < 0)
			return -1;
		at = close.end;
	}
	buf_put(fill->to, text.data + at, text.len - at);
	return more;
}

int template_put(struct buf *to, const struct page *page, template_escape *escape,
                 yyjson_mut_val *values, struct fault *fault)
{
	struct fill fill = {.to = to, .page = page, .escape = escape, .scope = {values}, .depth = 1};

	return fill_put(&fill, page->text, fault) < 0 ? -1 : buf_check(to, fault);
}
