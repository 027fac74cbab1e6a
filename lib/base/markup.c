/* SPDX-License-Identifier: ISC */
/*
 * markup: what inert_put lets through is text in one line, so only the page's own signs
 * are left to be dealt with.
 */
#include "base/markup.h"

#include "base/inert.h"

void markup_put_html(struct buf *to, struct span text)
{
	struct buf inert = {0};

	inert_put(&inert, text);
	for (size_t at = 0; at < inert.len; at++)
		switch (inert.data[at]) {
		case '&': buf_puts(to, "&amp;"); break;
		case '<': buf_puts(to, "&lt;"); break;
		case '>': buf_puts(to, "&gt;"); break;
		case '"': buf_puts(to, "&quot;"); break;
		case '\'': buf_puts(to, "&#39;"); break;
		default: buf_putc(to, inert.data[at]);
		}
	buf_release(&inert);
}

/* Would a page make a link of it by itself: "https://", "www."? */
static bool is_link(struct span text, size_t at)
{
	struct span rest = {text.data + at, text.len - at};

	return span_begins(rest, span_of("://")) ||
	       (rest.data[0] == '.' && at >= 3 &&
	        span_is_nocase((struct span){text.data + at - 3, 3}, span_of("www")));
}

void markup_put_markdown(struct buf *to, struct span text)
{
	struct buf inert = {0};

	inert_put(&inert, text);
	for (size_t at = 0; at < inert.len; at++) {
		char c = inert.data[at];

		switch (c) {
		case '<': buf_puts(to, "&lt;"); continue;
		case '>': buf_puts(to, "&gt;"); continue;
		case '&': buf_puts(to, "&amp;"); continue;
		case '@': buf_puts(to, "&#64;"); continue; /* mentions nobody */
		case ':':
		case '.':
			if (is_link(buf_span(&inert), at))
				buf_putf(to, "&#%d;", c);
			else
				buf_putc(to, c);
			continue;
		default: break;
		}
		if (strchr("\\|`*_[]#!~$", c))
			buf_putc(to, '\\');
		buf_putc(to, c);
	}
	buf_release(&inert);
}
