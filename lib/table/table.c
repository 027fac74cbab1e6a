/* SPDX-License-Identifier: ISC */
/*
 * table: a row waits in the sorter as its keys, each ended by KEY_END, and then as the line
 * that is written; bytes that the sorter can not hold are shielded. Of a table for a screen
 * the widths are known at the end only: there its cells wait, each begun by CELL_END and a
 * letter. Keys and cells have JSON's escapes, so both bytes are below all that they can hold,
 * and rows sort as their parts do.
 */
#include "table/table.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "base/markup.h"
#include "base/unicode.h"

const char *const table_format_names[TABLE_FORMATS] = {
	[TABLE_TEXT] = "table",        [TABLE_CSV] = "csv",       [TABLE_TSV] = "tsv",
	[TABLE_MARKDOWN] = "markdown", [TABLE_NDJSON] = "ndjson", [TABLE_XLSX] = "xlsx",
};

enum { KEY_END = 0x1e, CELL_END = 0x1f };

/* Before a byte of a line that stands for another one, which is smaller by SHIELDED. */
enum { SHIELD = 0x1a, SHIELDED = 0x40 };

/* The first letter of a cell. */
enum {
	CELL_EMPTY = ' ',
	CELL_NOT_SHOWN = 'a',
	CELL_NONE = 'n',
	CELL_NUMBER = 'u',
	CELL_TEXT = 'v'
};

/* On a screen: cells of another column than the first are cut to this before that is cut. */
enum { TABLE_NARROW = 5 };

static const char not_shown[] = "not shown";

int table_open(struct table *table, const struct table_column *columns, size_t count,
               enum table_format format, size_t memory, struct fault *fault)
{
	*table = (struct table){.columns = columns, .count = count, .format = format};
	for (size_t i = 0; i < count; i++)
		table->widths[i] = strlen(columns[i].name);
	table->rows = sorter_open(memory, fault);
	return table->rows ? 0 : -1;
}

void table_release(struct table *table)
{
	sorter_close(table->rows);
	buf_release(&table->line);
	buf_release(&table->scratch);
	buf_release(&table->part);
}

/* ---- a row ---- */

/* Do cells wait as they were given, each with its type? */
static bool table_keeps_cells(const struct table *table)
{
	return table->format == TABLE_TEXT || table->format == TABLE_XLSX;
}

static bool is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Top bits are set where a byte is a control character, a quote or `other`: a subtraction
   borrows from nowhere but such a byte. */
static inline uint64_t odd_bytes(uint64_t word, char other)
{
	const uint64_t each = 0x0101010101010101U;

	return ((word - each * ' ') | ((word ^ each * '"') - each) |
	        ((word ^ each * (unsigned char)other) - each)) &
	       ~word & each * 0x80;
}

/* Copies a text to `to`, where it has room; with `lower`, A to Z become lower case. Is no byte
   an odd one? */
static inline bool table_copy(char *to, struct span text, char other, bool lower)
{
	uint64_t word, odd = 0;

	if (text.len < sizeof word) {
		for (size_t i = 0; i < text.len; i++)
			to[i] = lower ? ascii_lower(text.data[i]) : text.data[i];
		return !text.len || !odd_bytes(span_word(text), other);
	}
	for (size_t i = 0; i + sizeof word <= text.len; i += sizeof word) {
		memcpy(&word, text.data + i, sizeof word);
		odd |= odd_bytes(word, other);
		word = lower ? ascii_lower_word(word) : word;
		memcpy(to + i, &word, sizeof word);
	}
	/* the last ones together with some before them */
	memcpy(&word, text.data + text.len - sizeof word, sizeof word);
	odd |= odd_bytes(word, other);
	word = lower ? ascii_lower_word(word) : word;
	memcpy(to + text.len - sizeof word, &word, sizeof word);
	return !odd;
}

/* A text as a JSON string without its second quote: then texts sort as they are. */
static void table_put_escaped(struct buf *line, struct span text)
{
	json_put_string(line, text);
	if (line->state == BUF_OK)
		line->len--;
}

/* The text of such a string, in `scratch` where it has escapes. */
static struct span table_unescape(struct span escaped, struct buf *scratch)
{
	struct span text = {escaped.data + 1, escaped.len - 1};
	struct fault fault;
	yyjson_doc *doc;

	if (!memchr(text.data, '\\', text.len))
		return text;
	buf_clear(scratch);
	buf_put_span(scratch, escaped);
	buf_putc(scratch, '"');
	doc = scratch->state == BUF_OK ? json_parse(buf_span(scratch), NULL, &fault) : NULL;
	buf_clear(scratch);
	if (json_text(yyjson_doc_get_root(doc), &text))
		buf_put_span(scratch, text);
	yyjson_doc_free(doc);
	return buf_span(scratch);
}

void table_begin_row(struct table *table)
{
	buf_clear(&table->line);
	table->at = 0;
}

void table_put_part(struct table *table, struct span part)
{
	buf_put_span(&table->line, part);
	buf_putc(&table->line, KEY_END);
}

void table_sort_by(struct table *table, struct span text, bool by_number)
{
	struct buf *line = &table->line;
	size_t from;
	char *to;

	if (by_number) /* the longer number is the larger one */
		buf_putf(line, "%02zu", text.len);
	to = buf_reserve(line, text.len + 2);
	if (to && table_copy(to + 1, text, '\\', true)) {
		to[0] = '"';
		to[text.len + 1] = KEY_END;
		line->len += text.len + 2;
		return;
	}
	from = line->len;
	table_put_escaped(line, text);
	if (line->state == BUF_OK)
		ascii_lower_all(line->data + from, line->len - from);
	buf_putc(line, KEY_END);
}

/* ---- cells on their way out ---- */

struct cell {
	char type;
	struct span text; /* of a value; of the others the word for people */
};

/* Takes the next cell off `rest`; its text may be in `scratch`. */
static struct cell cell_take(const struct table_column *column, struct span *rest,
                             struct buf *scratch)
{
	struct cell cell = {.type = rest->data[1]};
	const char *end;
	size_t len;

	rest->data += 2; /* CELL_END and the letter */
	rest->len -= 2;
	end = memchr(rest->data, CELL_END, rest->len);
	len = end ? (size_t)(end - rest->data) : rest->len;
	cell.text = (struct span){rest->data, len};
	rest->data += len;
	rest->len -= len;
	switch (cell.type) {
	case CELL_NONE: cell.text = span_of(column->none); break;
	case CELL_NOT_SHOWN: cell.text = span_of(not_shown); break;
	case CELL_TEXT: cell.text = table_unescape(cell.text, scratch); break;
	default: break;
	}
	return cell;
}

/* Only what came from outside counts. */
static bool cell_is_formula(const struct cell *cell)
{
	return cell->type == CELL_TEXT && inert_is_formula(cell->text);
}

static void cell_put_csv(struct buf *line, const struct cell *cell)
{
	static const bool breaks[256] = {[','] = true, ['"'] = true, ['\r'] = true, ['\n'] = true};
	struct span text = cell->text;
	bool quoted = text.len && (text.data[0] == ' ' || text.data[text.len - 1] == ' ');
	const char *quote;

	for (size_t i = 0; i < text.len && !quoted; i++)
		quoted = breaks[(unsigned char)text.data[i]];
	if (quoted)
		buf_putc(line, '"');
	if (cell_is_formula(cell))
		buf_putc(line, '\'');
	while (quoted && (quote = memchr(text.data, '"', text.len))) {
		size_t len = (size_t)(quote + 1 - text.data);

		buf_put(line, text.data, len);
		buf_putc(line, '"');
		text = (struct span){text.data + len, text.len - len};
	}
	buf_put_span(line, text);
	if (quoted)
		buf_putc(line, '"');
}

/* A quote at the beginning would make readers of CSV look for its end, over lines. */
static void cell_put_tsv(struct buf *line, const struct cell *cell)
{
	if (cell_is_formula(cell) || (cell->text.len && *cell->text.data == '"'))
		buf_putc(line, '\'');
	inert_put(line, cell->text);
}

static void cell_put_json(struct buf *line, const char *name, const struct cell *cell, bool *first)
{
	if (cell->type == CELL_NOT_SHOWN || cell->type == CELL_EMPTY)
		return;
	buf_puts(line, *first ? "" : ",");
	json_put_string(line, span_of(name));
	buf_putc(line, ':');
	*first = false;
	if (cell->type == CELL_NONE)
		buf_puts(line, "null");
	else if (cell->type == CELL_NUMBER)
		buf_put_span(line, cell->text);
	else
		json_put_string(line, cell->text);
}

/* Cut to `width` columns with an ellipsis, and filled up to them. */
static void cell_put_table(struct buf *line, const struct cell *cell, size_t width, bool right,
                           bool last, struct buf *scratch)
{
	struct span shown;
	size_t used, cut;

	buf_clear(scratch);
	inert_put(scratch, cell->text);
	shown = buf_span(scratch);
	used = unicode_width(shown);
	cut = used > width ? unicode_cut(shown, width - 1, &used) : shown.len;
	for (size_t i = used + (cut < shown.len); right && i < width; i++)
		buf_putc(line, ' ');
	buf_put(line, shown.data, cut);
	if (cut < shown.len) {
		buf_puts(line, "\xe2\x80\xa6");
		used++;
	}
	for (size_t i = used; !right && !last && i < width; i++)
		buf_putc(line, ' ');
}

/* ---- cells in each format ---- */

static const char *table_color(const struct table_column *column, const struct cell *cell)
{
	if (!column->is_status || cell->type != CELL_TEXT)
		return NULL;
	return span_is(cell->text, span_of("enabled"))    ? "\033[32m"
	       : span_is(cell->text, span_of("disabled")) ? "\033[31m"
	                                                  : "\033[33m";
}

static void table_put_cell(struct table *table, const struct table_look *look, size_t at,
                           const struct cell *cell, bool *first, struct buf *line)
{
	const struct table_column *column = &table->columns[at];
	const char *color = look->color ? table_color(column, cell) : NULL;
	bool last = at + 1 == table->count;

	switch (table->format) {
	case TABLE_CSV:
		if (at)
			buf_putc(line, ',');
		cell_put_csv(line, cell);
		break;
	case TABLE_TSV:
		if (at)
			buf_putc(line, '\t');
		cell_put_tsv(line, cell);
		break;
	case TABLE_MARKDOWN:
		buf_puts(line, at ? " | " : "| ");
		markup_put_markdown(line, cell->text);
		if (last)
			buf_puts(line, " |");
		break;
	case TABLE_NDJSON: cell_put_json(line, column->name, cell, first); break;
	default:
		if (at)
			buf_puts(line, "  ");
		if (color)
			buf_puts(line, color);
		cell_put_table(line, cell, table->widths[at], column->is_number, last, &table->scratch);
		if (color)
			buf_puts(line, "\033[0m");
	}
}

/* ---- cells on their way in ---- */

/* Appends a text that a CSV file and the sorter hold as it is, as nearly every one is: no
   control character, quote or comma, no blank at an end, no formula. Is it one? */
static bool table_put_plain(struct buf *line, struct span text)
{
	char *to = buf_reserve(line, text.len);

	if (!to || !text.len)
		return !text.len;
	if (!table_copy(to, text, ',', false) || text.data[0] == ' ' ||
	    text.data[text.len - 1] == ' ' ||
	    (!is_letter_or_digit(text.data[0]) && inert_is_formula(text)))
		return false;
	line->len += text.len;
	return true;
}

static void table_put_csv(struct table *table, char type, struct span text)
{
	if (table->at++) {
		buf_putc(&table->line, ',');
	} else {
		table->row_from = table->line.len;
		table->is_plain = true;
	}
	if (type != CELL_TEXT) {
		buf_put_span(&table->line, text);
	} else if (!table_put_plain(&table->line, text)) {
		table->is_plain = false;
		cell_put_csv(&table->line, &(struct cell){type, text});
	}
}

static void table_put_typed(struct table *table, char type, struct span text, size_t width)
{
	static const struct table_look plain = {0};
	struct cell cell = {type, text};

	if (table->format == TABLE_CSV) {
		table_put_csv(table, type, text);
		return;
	}
	if (table_keeps_cells(table)) {
		if (width > table->widths[table->at])
			table->widths[table->at] = width;
		buf_putc(&table->line, CELL_END);
		buf_putc(&table->line, type);
		if (type == CELL_TEXT)
			table_put_escaped(&table->line, text);
		else if (type == CELL_NUMBER)
			buf_put_span(&table->line, text);
	} else {
		if (!table->at) {
			table->row_from = table->line.len;
			table->is_first = true;
			table->is_plain = false;
			if (table->format == TABLE_NDJSON)
				buf_putc(&table->line, '{');
		}
		table_put_cell(table, &plain, table->at, &cell, &table->is_first, &table->line);
	}
	table->at++;
}

void table_put_text(struct table *table, struct span text)
{
	size_t width = 0;

	if (table->format == TABLE_CSV) {
		table_put_csv(table, CELL_TEXT, text);
		return;
	}
	if (table_keeps_cells(table)) {
		buf_clear(&table->scratch);
		inert_put(&table->scratch, text);
		width = unicode_width(buf_span(&table->scratch));
	}
	table_put_typed(table, CELL_TEXT, text, width);
}

void table_put_number(struct table *table, uint64_t number)
{
	char digits[24];
	size_t at = sizeof digits;

	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	table_put_typed(table, CELL_NUMBER, (struct span){digits + at, sizeof digits - at},
	                sizeof digits - at);
}

void table_put_none(struct table *table)
{
	struct span word = span_of(table->columns[table->at].none);

	table_put_typed(table, CELL_NONE, word, word.len);
}

void table_put_not_shown(struct table *table)
{
	table_put_typed(table, CELL_NOT_SHOWN, span_of(not_shown), strlen(not_shown));
}

void table_put_empty(struct table *table)
{
	table_put_typed(table, CELL_EMPTY, (struct span)SPAN_EMPTY, 0);
}

static bool table_is_shielded(char byte)
{
	return (unsigned char)byte <= '\n' || byte == SHIELD || byte == KEY_END;
}

/* The bytes of the line that a sorter can not hold, or that would end its keys. */
static void table_shield(struct table *table)
{
	struct buf *line = &table->line;
	bool any = false;
	struct span text;

	for (size_t i = table->row_from; i < line->len; i++)
		any |= table_is_shielded(line->data[i]);
	if (!any)
		return;
	buf_clear(&table->scratch);
	buf_put(&table->scratch, line->data + table->row_from, line->len - table->row_from);
	line->len = table->row_from;
	text = buf_span(&table->scratch);
	for (size_t i = 0; i < text.len; i++) {
		bool shielded = table_is_shielded(text.data[i]);

		if (shielded)
			buf_putc(line, SHIELD);
		buf_putc(line, (char)(text.data[i] + (shielded ? SHIELDED : 0)));
	}
	if (table->scratch.state != BUF_OK)
		line->state = table->scratch.state;
}

static void table_unshield(struct buf *line, struct span row)
{
	const char *shield;

	while (row.len && (shield = memchr(row.data, SHIELD, row.len))) {
		size_t len = (size_t)(shield - row.data);

		buf_put(line, row.data, len);
		buf_putc(line, (char)(shield[1] - SHIELDED));
		row = (struct span){shield + 2, row.len - len - 2};
	}
	buf_put_span(line, row);
}

int table_end_row(struct table *table, struct fault *fault)
{
	if (table->format == TABLE_NDJSON)
		buf_putc(&table->line, '}');
	if (!table_keeps_cells(table) && !table->is_plain && table->line.state == BUF_OK)
		table_shield(table);
	buf_putc(&table->line, '\n');
	if (buf_check(&table->line, fault) < 0 ||
	    sorter_add(table->rows, buf_span(&table->line), fault) < 0)
		return -1;
	table->row_count++;
	return 0;
}

/* ---- rows on their way out ---- */

static void table_put_row(struct table *table, const struct table_look *look, struct span row,
                          struct buf *line)
{
	struct buf unescaped = {0};
	bool first = true;

	if (table->format != TABLE_TEXT)
		table_unshield(line, row);
	for (size_t at = 0; table->format == TABLE_TEXT && at < table->count; at++) {
		struct cell cell = cell_take(&table->columns[at], &row, &unescaped);

		table_put_cell(table, look, at, &cell, &first, line);
		if (unescaped.state != BUF_OK)
			line->state = unescaped.state;
	}
	buf_puts(line, look->excel ? "\r\n" : "\n");
	buf_release(&unescaped);
}

/* The names of the columns, as a row; in Markdown a line below them. */
static void table_put_head(struct table *table, const struct table_look *look, struct buf *line)
{
	bool first = true;

	if (table->format == TABLE_NDJSON)
		return;
	if (look->excel)
		buf_puts(line, "\xef\xbb\xbf");
	for (size_t at = 0; at < table->count; at++) {
		struct cell cell = {CELL_TEXT, span_of(table->columns[at].name)};

		table_put_cell(table, &(struct table_look){.excel = look->excel}, at, &cell, &first, line);
	}
	buf_puts(line, look->excel ? "\r\n" : "\n");
	if (table->format != TABLE_MARKDOWN)
		return;
	for (size_t at = 0; at < table->count; at++)
		buf_puts(line, table->columns[at].is_number ? "|---:" : "|---");
	buf_puts(line, "|\n");
}

/* Of the columns from `first` on. */
static size_t table_find_widest(const struct table *table, size_t first)
{
	size_t widest = first;

	for (size_t i = first; i < table->count; i++)
		if (table->widths[i] > table->widths[widest])
			widest = i;
	return widest;
}

/* Takes columns of the screen from the widest, until a line fits; from the first one, which says
   what a row is about, when the others are narrow. */
static void table_fit(struct table *table, size_t width)
{
	size_t sum = 2 * (table->count - 1), widest;

	for (size_t i = 0; i < table->count; i++)
		sum += table->widths[i];
	for (; width && sum > width; sum--) {
		widest = table->count > 1 ? table_find_widest(table, 1) : 0;
		if (table->widths[widest] <= TABLE_NARROW)
			widest = table_find_widest(table, 0);
		if (table->widths[widest] <= 2)
			return;
		table->widths[widest]--;
	}
}

/* The row that comes next. 1, 0 or -1. */
static int table_advance(struct table *table, struct fault *fault)
{
	table->more = sorter_next(table->rows, &table->next, fault);
	return table->more;
}

static int table_sort(struct table *table, const struct table_look *look, struct fault *fault)
{
	if (table->is_sorted)
		return table->more;
	table->is_sorted = true;
	if (table->format == TABLE_TEXT && look)
		table_fit(table, look->width);
	return sorter_sort(table->rows, fault) < 0 ? -1 : table_advance(table, fault);
}

/* Writes the head and the rows that begin with `part`. */
static int table_put_rows(struct table *table, const struct table_look *look, struct span part,
                          struct out *out, struct fault *fault)
{
	struct buf line = {0};
	int result = 0;

	table_put_head(table, look, &line);
	while (result == 0 && table->more > 0 && span_begins(table->next, part)) {
		struct span row = table->next;
		const char *last_key = memrchr(row.data, KEY_END, row.len);
		size_t skip = last_key ? (size_t)(last_key + 1 - row.data) : 0;

		row = (struct span){row.data + skip, row.len - skip};
		if (line.len || look->excel || table_keeps_cells(table) ||
		    memchr(row.data, SHIELD, row.len)) {
			row.len--;
			table_put_row(table, look, row, &line);
			result = buf_check(&line, fault);
			row = buf_span(&line);
		}
		out_put(out, row);
		buf_clear(&line);
		if (result == 0 && table_advance(table, fault) < 0)
			result = -1;
	}
	if (line.len) /* a head without rows */
		out_put(out, buf_span(&line));
	buf_release(&line);
	return result < 0 || table->more < 0 ? -1 : 0;
}

int table_write(struct table *table, const struct table_look *look, struct out *out,
                struct fault *fault)
{
	return table_sort(table, look, fault) < 0
	           ? -1
	           : table_put_rows(table, look, (struct span)SPAN_EMPTY, out, fault);
}

int table_next_part(struct table *table, struct span *part, struct fault *fault)
{
	const char *end;

	if (table_sort(table, NULL, fault) <= 0)
		return table->more;
	end = memchr(table->next.data, KEY_END, table->next.len);
	buf_clear(&table->part);
	buf_put(&table->part, table->next.data, end ? (size_t)(end + 1 - table->next.data) : 0);
	*part = buf_span(&table->part);
	part->len -= part->len > 0;
	return buf_check(&table->part, fault) < 0 ? -1 : 1;
}

int table_write_part(struct table *table, const struct table_look *look, struct out *out,
                     struct fault *fault)
{
	return table_put_rows(table, look, buf_span(&table->part), out, fault);
}

static int table_put_sheet_row(struct table *table, struct xlsx_out *book, struct span row,
                               struct fault *fault)
{
	struct buf unescaped = {0};
	int result = 0;

	for (size_t at = 0; at < table->count; at++) {
		const struct table_column *column = &table->columns[at];
		struct cell cell = cell_take(column, &row, &unescaped);

		if (cell.type == CELL_NUMBER)
			xlsx_out_put_number(book, at, cell.text);
		else if (cell.type == CELL_TEXT && column->is_time)
			xlsx_out_put_time(book, at, cell.text);
		else
			xlsx_out_put_text(book, at, cell.text);
		if (unescaped.state != BUF_OK)
			result = buf_check(&unescaped, fault);
	}
	buf_release(&unescaped);
	return result < 0 ? -1 : xlsx_out_end_row(book, fault);
}

int table_write_sheet(struct table *table, struct xlsx_out *book, const char *name,
                      struct fault *fault)
{
	struct span part = buf_span(&table->part);
	bool is_locked = false;

	if (table_sort(table, NULL, fault) < 0 || xlsx_out_add_sheet(book, name, fault) < 0)
		return -1;
	for (size_t at = 0; at < table->count; at++) {
		is_locked |= table->columns[at].is_open;
		xlsx_out_set_column(book, at, table->widths[at],
		                    !table->columns[at].is_open  ? XLSX_FIXED
		                    : table->columns[at].is_time ? XLSX_OPEN_DAY
		                                                 : XLSX_OPEN);
		xlsx_out_put_head(book, at, table->columns[at].name);
	}
	if (xlsx_out_end_row(book, fault) < 0)
		return -1;
	while (table->more > 0 && span_begins(table->next, part)) {
		struct span row = table->next;
		const char *last_key = memrchr(row.data, KEY_END, row.len);
		size_t skip = last_key ? (size_t)(last_key + 1 - row.data) : 0;

		row = (struct span){row.data + skip, row.len - skip - 1};
		if (table_put_sheet_row(table, book, row, fault) < 0 || table_advance(table, fault) < 0)
			return -1;
	}
	for (size_t at = 0; at < table->count; at++)
		if (table->columns[at].choices)
			xlsx_out_offer(book, at, table->columns[at].choices);
	xlsx_out_finish(book, table->count, is_locked);
	return table->more < 0 ? -1 : 0;
}
