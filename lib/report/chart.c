/* SPDX-License-Identifier: ISC */
/*
 * chart: SVG with x in percent and y in pixels. There is no viewBox, so texts keep their
 * size whatever the width is.
 */
#include "report/chart.h"

#include "base/markup.h"
#include "report/template.h"

enum {
	BAR_HEIGHT = 14,
	ROW_HEIGHT = 40, /* a line of text above its bar */
	COLUMNS_HEIGHT = 140,
	LINES_HEIGHT = 160,
	TEXT_HEIGHT = 18,
	LABEL_BYTES = 40, /* of a bar */
};

/* `part` of `whole` as a percentage with two digits, in integers: no locale, no rounding
   of a machine's own. */
static void put_percent(struct buf *to, uint64_t part, uint64_t whole)
{
	uint64_t share = whole ? (uint64_t)((double)part / (double)whole * 10000.0 + 0.5) : 0;

	buf_putf(to, "%llu.%02llu%%", (unsigned long long)(share / 100),
	         (unsigned long long)(share % 100));
}

static uint64_t row_sum(const struct chart *chart, const struct chart_row *row)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < chart->mark_count; i++)
		sum += row->parts[i];
	return sum;
}

/* The largest part, or the largest sum of a row; at least 1. */
static uint64_t chart_most(const struct chart *chart, bool of_sums)
{
	uint64_t most = 1;

	for (size_t row = 0; row < chart->row_count; row++) {
		uint64_t sum = row_sum(chart, &chart->rows[row]);

		if (of_sums && sum > most)
			most = sum;
		for (size_t i = 0; i < chart->mark_count && !of_sums; i++)
			if (chart->rows[row].parts[i] > most)
				most = chart->rows[row].parts[i];
	}
	return most;
}

/* "12 enabled, 3 disabled", without what is 0. */
static void put_facts(struct buf *to, const struct chart *chart, const struct chart_row *row)
{
	const char *before = "";

	for (size_t i = 0; i < chart->mark_count; i++) {
		if (!row->parts[i])
			continue;
		buf_puts(to, before);
		template_put_number(to, row->parts[i]);
		buf_putf(to, " %s", chart->marks[i].name);
		before = ", ";
	}
	if (!*before)
		buf_puts(to, "none");
}

static void chart_begin(struct buf *to, const struct chart *chart, size_t height)
{
	buf_putf(to,
	         "<svg class=\"chart\" width=\"100%%\" height=\"%zu\" role=\"img\" "
	         "aria-labelledby=\"%s-title %s-facts\">\n<title id=\"%s-title\">%s</title>\n"
	         "<desc id=\"%s-facts\">",
	         height, chart->id, chart->id, chart->id, chart->title, chart->id);
	for (size_t row = 0; row < chart->row_count; row++) {
		buf_puts(to, row ? "; " : "");
		if (chart->rows[row].label.len) {
			markup_put_html(to, chart->rows[row].label);
			buf_puts(to, ": ");
		}
		put_facts(to, chart, &chart->rows[row]);
	}
	buf_puts(to, "</desc>\n");
}

static void chart_end(struct buf *to)
{
	buf_puts(to, "</svg>\n");
}

static void put_text_number(struct buf *to, const char *attributes, size_t y, uint64_t number)
{
	buf_putf(to, "<text %s y=\"%zu\">", attributes, y);
	template_put_number(to, number);
	buf_puts(to, "</text>\n");
}

/* A long name is cut: the table beside has all of it. */
static void put_label(struct buf *to, struct span label)
{
	size_t len = label.len;

	if (len > LABEL_BYTES)
		for (len = LABEL_BYTES; len && ((unsigned char)label.data[len] & 0xc0) == 0x80;)
			len--; /* not within a character */
	markup_put_html(to, (struct span){label.data, len});
	if (len < label.len)
		buf_puts(to, "&#8230;");
}

void chart_put_bars(struct buf *to, const struct chart *chart)
{
	uint64_t most = chart_most(chart, true);

	chart_begin(to, chart, chart->row_count * ROW_HEIGHT);
	for (size_t row = 0; row < chart->row_count; row++) {
		const struct chart_row *at = &chart->rows[row];
		size_t top = row * ROW_HEIGHT;
		uint64_t sum = 0;

		buf_putf(to, "<text x=\"0\" y=\"%zu\">", top + TEXT_HEIGHT - 4);
		put_label(to, at->label);
		buf_puts(to, "</text>\n");
		put_text_number(to, "class=\"number\" x=\"100%\"", top + TEXT_HEIGHT - 4,
		                row_sum(chart, at));
		for (size_t i = 0; i < chart->mark_count; i++) {
			if (!at->parts[i])
				continue;
			buf_puts(to, "<rect x=\"");
			put_percent(to, sum, most);
			buf_putf(to, "\" y=\"%zu\" width=\"", top + TEXT_HEIGHT);
			put_percent(to, at->parts[i], most);
			buf_putf(to, "\" height=\"%d\" class=\"%s\"/>\n", BAR_HEIGHT, chart->marks[i].class);
			sum += at->parts[i];
		}
	}
	chart_end(to);
}

void chart_put_columns(struct buf *to, const struct chart *chart)
{
	const struct chart_row *row = chart->rows;
	uint64_t most = chart_most(chart, false);
	size_t floor = TEXT_HEIGHT + COLUMNS_HEIGHT;

	chart_begin(to, chart, floor + TEXT_HEIGHT + 4);
	for (size_t i = 0; i < chart->mark_count; i++) {
		size_t height = (size_t)((double)row->parts[i] / (double)most * COLUMNS_HEIGHT + 0.5);
		struct buf middle = {0};

		if (row->parts[i] && !height)
			height = 1; /* few are not none */
		buf_puts(to, "<rect x=\"");
		put_percent(to, 20 * i + 3, 20 * chart->mark_count);
		buf_putf(to, "\" y=\"%zu\" width=\"", floor - height);
		put_percent(to, 14, 20 * chart->mark_count);
		buf_putf(to, "\" height=\"%zu\" class=\"%s\"/>\n", height, chart->marks[i].class);
		buf_puts(&middle, "class=\"middle\" x=\"");
		put_percent(&middle, 2 * i + 1, 2 * chart->mark_count);
		buf_puts(&middle, "\"");
		put_text_number(to, buf_text(&middle), floor - height - 5, row->parts[i]);
		buf_putf(to, "<text %s y=\"%zu\">%s</text>\n", buf_text(&middle), floor + TEXT_HEIGHT - 2,
		         chart->marks[i].label);
		buf_release(&middle);
	}
	buf_putf(to, "<line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%zu\" y2=\"%zu\"/>\n", floor,
	         floor);
	chart_end(to);
}

/* Where a value stands: the largest at the top, 0 on the floor. */
static size_t line_height(uint64_t value, uint64_t most)
{
	return TEXT_HEIGHT + (size_t)((1.0 - (double)value / (double)most) * LINES_HEIGHT + 0.5);
}

static void put_line_x(struct buf *to, const struct chart *chart, size_t row)
{
	const struct chart_row *rows = chart->rows, *last = &rows[chart->row_count - 1];
	uint64_t whole = chart->row_count - 1, part = row;

	if (last->at > rows->at) {
		whole = (uint64_t)(last->at - rows->at);
		part = (uint64_t)(rows[row].at - rows->at);
	}
	/* 2 % on both sides are left for the dots */
	put_percent(to, whole ? 2 * whole + 96 * part : 1, whole ? 100 * whole : 2);
}

static void put_line_of(struct buf *to, const struct chart *chart, size_t mark, uint64_t most)
{
	const char *class = chart->marks[mark].class;

	for (size_t row = 0; row < chart->row_count; row++) {
		size_t y = line_height(chart->rows[row].parts[mark], most);

		if (row) {
			buf_putf(to, "<line class=\"%s\" x1=\"", class);
			put_line_x(to, chart, row - 1);
			buf_puts(to, "\" x2=\"");
			put_line_x(to, chart, row);
			buf_putf(to, "\" y1=\"%zu\" y2=\"%zu\"/>\n",
			         line_height(chart->rows[row - 1].parts[mark], most), y);
		}
		buf_puts(to, "<circle cx=\"");
		put_line_x(to, chart, row);
		buf_putf(to, "\" cy=\"%zu\" r=\"3\" class=\"%s%s\"/>\n", y, class,
		         chart->rows[row].is_partial ? " hollow" : "");
	}
}

void chart_put_lines(struct buf *to, const struct chart *chart)
{
	uint64_t most = chart_most(chart, false);
	size_t floor = TEXT_HEIGHT + LINES_HEIGHT, last = chart->row_count - 1;

	chart_begin(to, chart, floor + TEXT_HEIGHT + 4);
	buf_putf(to, "<line class=\"axis\" x1=\"0\" x2=\"100%%\" y1=\"%zu\" y2=\"%zu\"/>\n", floor,
	         floor);
	put_text_number(to, "x=\"0\"", TEXT_HEIGHT - 6, most);
	for (size_t mark = 0; mark < chart->mark_count; mark++)
		put_line_of(to, chart, mark, most);
	buf_putf(to, "<text x=\"0\" y=\"%zu\">", floor + TEXT_HEIGHT - 2);
	markup_put_html(to, chart->rows[0].label);
	buf_putf(to, "</text>\n<text class=\"number\" x=\"100%%\" y=\"%zu\">", floor + TEXT_HEIGHT - 2);
	markup_put_html(to, chart->rows[last].label);
	buf_puts(to, "</text>\n");
	chart_end(to);
}
