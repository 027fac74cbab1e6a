/* SPDX-License-Identifier: ISC */
/*
 * csv: bytes become UTF-8 a piece at a time, and rows are read from that byte by byte.
 */
#include "sheet/csv.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/utf8.h"
#include "sys/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { CSV_PIECE = 64 * 1024, CSV_END = -1, CSV_FAULT = -2 };

int csv_fault(const struct csv *csv, struct fault *fault)
{
	return fault_prefix(fault, "%s: line %zu: ", INERT(span_of(csv->name)), csv->line);
}

static int csv_refuse(const struct csv *csv, const char *why, struct fault *fault)
{
	fault_set(fault, FAULT_DATA, "%s", why);
	return csv_fault(csv, fault);
}

/* ---- bytes ---- */

static uint32_t csv_unit(const struct csv *csv, size_t at)
{
	const unsigned char *bytes = (const unsigned char *)csv->raw.data + at;
	bool little = csv->encoding == CSV_UTF16_LE;

	return (uint32_t)bytes[little] << 8 | bytes[!little];
}

/* UTF-16 to UTF-8, as far as characters are whole. Half a pair becomes what UTF-8 does not
   have, so that the row is refused. */
static void csv_decode(struct csv *csv)
{
	size_t at = 0;
	char bytes[4];

	while (at + 2 <= csv->raw.len) {
		uint32_t code = csv_unit(csv, at);

		if (code >= 0xd800 && code < 0xdc00) {
			uint32_t low = 0;

			if (at + 4 > csv->raw.len && !csv->ended)
				break;
			if (at + 4 <= csv->raw.len)
				low = csv_unit(csv, at + 2);
			if (low >= 0xdc00 && low < 0xe000) {
				code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
				at += 2;
			}
		}
		buf_put(&csv->data, bytes, utf8_encode(code, bytes));
		at += 2;
	}
	if (csv->ended && at < csv->raw.len) { /* an odd byte at the end */
		buf_putc(&csv->data, (char)0xff);
		at = csv->raw.len;
	}
	csv->raw.len -= at;
	if (csv->raw.len)
		memmove(csv->raw.data, csv->raw.data + at, csv->raw.len);
}

int csv_read_bytes(struct csv *csv, struct buf *to, struct fault *fault)
{
	char *room = buf_reserve(to, CSV_PIECE);
	ssize_t n;

	if (!room)
		return buf_check(to, fault);
	do
		n = read(csv->fd, room, CSV_PIECE);
	while (n < 0 && ready_to_read(csv->fd));
	if (n < 0)
		return fault_set(fault, errno == EISDIR ? FAULT_NO_INPUT : FAULT_IO, "cannot read '%s': %s",
		                 INERT(span_of(csv->name)), strerror(errno));
	if (csv->digest)
		digest_put(csv->digest, (struct span){room, (size_t)n});
	to->len += (size_t)n;
	csv->ended = n == 0;
	return 0;
}

/* More UTF-8, where `data` is read to its end. */
static int csv_fill(struct csv *csv, struct fault *fault)
{
	buf_clear(&csv->data);
	csv->at = 0;
	while (!csv->data.len && !csv->ended) {
		if (csv_read_bytes(csv, csv->encoding == CSV_UTF8 ? &csv->data : &csv->raw, fault) < 0)
			return -1;
		if (csv->encoding != CSV_UTF8)
			csv_decode(csv);
		if (buf_check(&csv->data, fault) < 0)
			return -1;
	}
	return 0;
}

/* The next byte, which stays where it is; CSV_END or CSV_FAULT. */
static int csv_peek(struct csv *csv, struct fault *fault)
{
	if (csv->at == csv->data.len && csv_fill(csv, fault) < 0)
		return CSV_FAULT;
	return csv->at < csv->data.len ? (unsigned char)csv->data.data[csv->at] : CSV_END;
}

/* ---- the first bytes ---- */

/* Without a byte-order mark: every second byte of plain text in UTF-16 is 0, of UTF-8 none. */
static enum csv_encoding csv_guess_encoding(struct span bytes)
{
	size_t zeros[2] = {0, 0};

	for (size_t i = 0; i < bytes.len; i++)
		zeros[i & 1] += bytes.data[i] == 0;
	if (bytes.len < 2 || (zeros[0] + zeros[1]) * 4 < bytes.len)
		return CSV_UTF8;
	return zeros[1] >= zeros[0] ? CSV_UTF16_LE : CSV_UTF16_BE;
}

static void csv_take_encoding(struct csv *csv)
{
	static const struct {
		struct span mark;
		enum csv_encoding encoding;
	} marks[] = {
		{SPAN("\xef\xbb\xbf"), CSV_UTF8},
		{SPAN("\xff\xfe"), CSV_UTF16_LE},
		{SPAN("\xfe\xff"), CSV_UTF16_BE},
	};
	struct span bytes = buf_span(&csv->raw);
	size_t skip = 0;

	csv->encoding = csv_guess_encoding(bytes);
	for (size_t i = 0; !skip && i < sizeof marks / sizeof *marks; i++)
		if (span_begins(bytes, marks[i].mark)) {
			csv->encoding = marks[i].encoding;
			skip = marks[i].mark.len;
		}
	csv->raw.len -= skip;
	if (skip)
		memmove(csv->raw.data, csv->raw.data + skip, csv->raw.len);
}

/* The separator that the first line has most outside of quotes. */
static char csv_guess_separator(struct span text)
{
	static const char separators[] = ",;\t|";
	size_t counts[sizeof separators] = {0}, best = 0;
	bool quoted = false;

	for (size_t i = 0; i < text.len; i++) {
		const char *found = text.data[i] ? strchr(separators, text.data[i]) : NULL;

		quoted ^= text.data[i] == '"';
		if (!quoted && (text.data[i] == '\n' || text.data[i] == '\r'))
			break;
		if (!quoted && found)
			counts[found - separators]++;
	}
	for (size_t i = 1; i < sizeof separators - 1; i++)
		if (counts[i] > counts[best])
			best = i;
	return separators[best];
}

/* The line "sep=;" with which Excel is told, taken off. */
static bool csv_take_separator_line(struct csv *csv)
{
	struct span text = buf_span(&csv->data);
	size_t len = 5;

	if (text.len < len || !span_is_nocase((struct span){text.data, 4}, span_of("sep=")) ||
	    !text.data[4] || !strchr(",;\t|", text.data[4]))
		return false;
	len += len < text.len && text.data[len] == '\r';
	if (len == text.len || text.data[len] != '\n')
		return false;
	csv->separator = text.data[4];
	csv->at = len + 1;
	csv->next_line++;
	return true;
}

int csv_open(struct csv *csv, const char *path, struct digest *digest, struct fault *fault)
{
	*csv = (struct csv){
		.fd = STDIN_FILENO, .name = "standard input", .next_line = 1, .digest = digest};
	csv->row.text.max = LINE_MAX_BYTES;
	if (strcmp(path, "-") != 0) {
		csv->name = path;
		csv->fd = open(path, O_RDONLY | O_CLOEXEC);
		if (csv->fd < 0)
			return fault_set(fault, FAULT_NO_INPUT, "cannot open '%s': %s", INERT(span_of(path)),
			                 strerror(errno));
	}
	while (csv->raw.len < CSV_PIECE && !csv->ended)
		if (csv_read_bytes(csv, &csv->raw, fault) < 0)
			return -1;
	return 0;
}

int csv_begin(struct csv *csv, struct fault *fault)
{
	csv_take_encoding(csv);
	if (csv->encoding == CSV_UTF8) {
		buf_put_span(&csv->data, buf_span(&csv->raw));
		buf_clear(&csv->raw);
	} else {
		csv_decode(csv);
	}
	if (buf_check(&csv->data, fault) < 0)
		return -1;
	if (!csv_take_separator_line(csv))
		csv->separator = csv_guess_separator(buf_span(&csv->data));
	csv->stops['"'] = csv->stops['\n'] = csv->stops['\r'] = true;
	csv->stops[(unsigned char)csv->separator] = true;
	return 0;
}

void csv_close(struct csv *csv)
{
	if (csv->fd > STDIN_FILENO)
		close(csv->fd);
	sheet_cells_release(&csv->row);
	buf_release(&csv->raw);
	buf_release(&csv->data);
	*csv = (struct csv){.fd = -1};
}

/* ---- rows ---- */

/* Is a cell over before this byte? */
static bool csv_ends(const struct csv *csv, int byte)
{
	return byte < 0 || byte == csv->separator || byte == '\n' || byte == '\r';
}

/* Takes the bytes at hand up to one that is looked at on its own. Are they more than blanks? */
static bool csv_take_run(struct csv *csv)
{
	struct span rest = {buf_span(&csv->data).data + csv->at, csv->data.len - csv->at};
	size_t len = 0;
	bool is_text = false;

	while (len < rest.len && !csv->stops[(unsigned char)rest.data[len]])
		is_text |= rest.data[len++] != ' ';
	buf_put(&csv->row.text, rest.data, len);
	csv->at += len;
	return is_text;
}

/* The rest of a cell after its first quote, up to the byte that ends it. */
static int csv_take_quoted(struct csv *csv, struct fault *fault)
{
	int byte;

	for (;;) {
		byte = csv_peek(csv, fault);
		if (byte == CSV_FAULT)
			return -1;
		if (byte == CSV_END)
			return csv_refuse(csv,
			                  "a quote does not end: the file is cut, or its quotes are not "
			                  "those of CSV",
			                  fault);
		csv->at++;
		if (byte == '"') {
			byte = csv_peek(csv, fault);
			if (byte != '"')
				break;
			csv->at++;
		}
		csv->next_line += byte == '\n';
		buf_putc(&csv->row.text, (char)byte);
		if (csv->row.text.state != BUF_OK)
			return 0;
	}
	while ((byte = csv_peek(csv, fault)) == ' ')
		csv->at++;
	if (byte == CSV_FAULT)
		return -1;
	return csv_ends(csv, byte) ? 0
	                           : csv_refuse(csv, "text after the quote that ends a cell", fault);
}

/* One cell, up to the byte that ends it. */
static int csv_take_cell(struct csv *csv, struct fault *fault)
{
	size_t from = csv->row.text.len;
	bool blank = true;
	int byte;

	while (blank &= !csv_take_run(csv), !csv_ends(csv, byte = csv_peek(csv, fault))) {
		csv->at++;
		if (csv->row.text.state != BUF_OK)
			return 0; /* csv_check says it */
		if (byte == '"' && blank) {
			csv->row.text.len = from;
			if (csv_take_quoted(csv, fault) < 0)
				return -1;
			break;
		}
		blank &= byte == ' ';
		buf_putc(&csv->row.text, (char)byte);
	}
	if (byte == CSV_FAULT)
		return -1;
	return sheet_cells_add(&csv->row, from, fault);
}

static int csv_check(struct csv *csv, struct fault *fault)
{
	struct span text = buf_span(&csv->row.text);

	if (buf_check(&csv->row.text, fault) < 0)
		return fault->kind == FAULT_DATA ? csv_fault(csv, fault) : -1;
	if (memchr(text.data, 0, text.len))
		return csv_refuse(csv, "a NUL byte: this is not CSV", fault);
	if (!utf8_is(text))
		return csv_refuse(csv,
		                  "not UTF-8: export it as \"CSV UTF-8\", or convert it, as with "
		                  "iconv -f WINDOWS-1252 -t UTF-8",
		                  fault);
	return 1;
}

int csv_next(struct csv *csv, struct fault *fault)
{
	int byte;

	csv->line = csv->next_line;
	sheet_cells_clear(&csv->row);
	byte = csv_peek(csv, fault);
	if (byte < 0)
		return byte == CSV_END ? 0 : -1;
	for (;;) {
		if (csv->row.count == CSV_COLUMNS_MAX)
			return csv_refuse(csv, "more columns than a spreadsheet has", fault);
		if (csv_take_cell(csv, fault) < 0)
			return -1;
		if (csv->row.text.state != BUF_OK)
			return csv_check(csv, fault);
		byte = csv_peek(csv, fault);
		if (byte != csv->separator)
			break;
		csv->at++;
	}
	if (byte == CSV_FAULT)
		return -1;
	csv->next_line++;
	csv->at += byte != CSV_END;
	if (byte == '\r') {
		byte = csv_peek(csv, fault);
		if (byte == CSV_FAULT)
			return -1;
		csv->at += byte == '\n';
	}
	return csv_check(csv, fault);
}
