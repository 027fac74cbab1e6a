/* SPDX-License-Identifier: ISC */
/*
 * text_name: a pass that looks for what must be quoted, and one that writes.
 */
#include "base/text_name.h"

#include "base/inert.h"

/* The words that a row begins with, after its sign and source; one blank in each. */
static const struct span row_words[] = {
	SPAN("user added"),         SPAN("user removed"),    SPAN("user enabled"),
	SPAN("user disabled"),      SPAN("user renamed"),    SPAN("user recreated"),
	SPAN("user modified"),      SPAN("user only"),       SPAN("group added"),
	SPAN("group removed"),      SPAN("group renamed"),   SPAN("group recreated"),
	SPAN("group modified"),     SPAN("group only"),      SPAN("membership added"),
	SPAN("membership removed"), SPAN("membership only"), SPAN("not readable"),
	SPAN("not matched"),        SPAN("only in"),         SPAN("no changes"),
	SPAN("+ create"),           SPAN("+ add"),           SPAN("~ change"),
	SPAN("~ rename"),           SPAN("~ reactivate"),    SPAN("- take"),
	SPAN("- deactivate"),       SPAN("- remove"),        SPAN("! import"),
};

/* What lines are made of. */
static const struct span line_marks[] = {SPAN("  "),   SPAN(" -> "), SPAN(", "), SPAN(": "),
                                         SPAN(" in "), SPAN("("),    SPAN(")")};

/* Is the blank at `at` the one in the words of a row? */
static bool is_in_row_words(struct span text, size_t at)
{
	for (size_t i = 0; i < sizeof row_words / sizeof *row_words; i++) {
		struct span words = row_words[i];
		size_t first = (size_t)((const char *)memchr(words.data, ' ', words.len) - words.data);

		if (at >= first && text.len - (at - first) >= words.len &&
		    span_is_nocase((struct span){text.data + at - first, words.len}, words))
			return true;
	}
	return false;
}

static bool is_quoted(struct span text)
{
	if (!text.len || text.data[0] == '"' || text.data[0] == ' ' || text.data[text.len - 1] == ' ')
		return true;
	for (size_t i = 0; i < sizeof line_marks / sizeof *line_marks; i++)
		if (memmem(text.data, text.len, line_marks[i].data, line_marks[i].len))
			return true;
	for (size_t at = 0; at < text.len; at++)
		if (text.data[at] == ' ' && is_in_row_words(text, at))
			return true;
	return false;
}

static void put_name_pieces(struct buf *line, struct span text, bool quoted)
{
	size_t start = 0;

	for (size_t at = 0; at < text.len; at++) {
		bool quote = quoted && text.data[at] == '"';

		if (!quote && !(text.data[at] == ' ' && is_in_row_words(text, at)))
			continue;
		inert_put(line, (struct span){text.data + start, at - start});
		buf_puts(line, quote ? "\\u{22}" : "\\u{20}");
		start = at + 1;
	}
	inert_put(line, (struct span){text.data + start, text.len - start});
}

void text_name_put(struct buf *line, struct span text)
{
	bool quoted = is_quoted(text);

	if (quoted)
		buf_putc(line, '"');
	put_name_pieces(line, text, quoted);
	if (quoted)
		buf_putc(line, '"');
}

void text_name_put_bare(struct buf *line, struct span text)
{
	put_name_pieces(line, text, false);
}
