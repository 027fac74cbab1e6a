/* SPDX-License-Identifier: ISC */
/*
 * csv: rows of a CSV file. What comes is UTF-8 in cells that lie side by side, lines are
 * counted upwards, and the same bytes in UTF-16 are the same rows. A list that is taken is a
 * snapshot, and one that is not has a fault.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "normalize/csv_list.h"

/* Appends what the rows say; 0, or -1 with a fault. */
static int read_rows(const char *path, struct buf *to, struct fault *fault)
{
	struct csv csv;
	size_t line = 0;
	int more = csv_open(&csv, path, NULL, fault) < 0 ? -1 : csv_begin(&csv, fault);

	while (more == 0 && (more = csv_next(&csv, fault)) > 0) {
		size_t at = 0;

		must(csv.line > line, "rows have rising lines");
		must(csv.row.count > 0, "a row has a cell");
		line = csv.line;
		for (size_t i = 0; i < csv.row.count; i++) {
			must(csv.row.items[i].from == at, "cells lie side by side");
			at += csv.row.items[i].len;
			buf_put_sized(to, sheet_cells_text(&csv.row, i));
		}
		must(at == csv.row.text.len, "cells are all of the text");
		must(utf8_is(buf_span(&csv.row.text)), "cells are UTF-8");
		more = 0;
	}
	csv_close(&csv);
	return more;
}

/* The same text in UTF-16 with a byte-order mark; false where it is not UTF-8. */
static bool put_utf16(struct buf *to, struct span text)
{
	buf_put(to, "\xff\xfe", 2);
	while (text.len) {
		uint32_t code, units[2];
		size_t len = utf8_decode(text.data, text.len, &code), count = 1;

		if (!len)
			return false;
		units[0] = code;
		if (code >= 0x10000) {
			units[0] = 0xd800 + ((code - 0x10000) >> 10);
			units[1] = 0xdc00 + ((code - 0x10000) & 0x3ff);
			count = 2;
		}
		for (size_t i = 0; i < count; i++) {
			buf_putc(to, (char)(units[i] & 0xff));
			buf_putc(to, (char)(units[i] >> 8));
		}
		text = (struct span){text.data + len, text.len - len};
	}
	return true;
}

static void read_list(const char *path)
{
	struct plain_lines plain = {.source = "hr", .fetched_at = "2026-11-22T06:00:00Z"};
	struct csv_list list = {.plain = &plain, .enabled = "a,b", .lower = "user_name"};
	struct normalizer normalizer;
	struct fault fault = {0};
	struct buf counts = {0};

	list.given[list.given_count++] = "status=s,roles=r";
	must(normalize_open(&normalizer, 16 << 20, 1, &fault) == 0, "a normalizer opens");
	if (plain_lines_open(&plain, &normalizer, &fault) == 0 &&
	    csv_list_read(&list, &normalizer, path, &fault) == 0 &&
	    csv_list_close(&list, &normalizer, &fault) == 0) {
		csv_list_put_counts(&list, &normalizer, &counts);
		must_be_inert(buf_span(&counts), false);
	} else {
		must_be_fault(&fault);
	}
	normalize_release(&normalizer);
	csv_list_release(&list);
	plain_lines_release(&plain);
	buf_release(&counts);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size}, bom = SPAN("\xef\xbb\xbf");
	struct buf rows = {0}, wide = {0}, same = {0};
	struct fault fault = {0};
	const char *path = memory_file(0, text);

	if (read_rows(path, &rows, &fault) < 0)
		must_be_fault(&fault);
	else if (size && !span_begins(text, bom) && !memchr(data, 0, size) && put_utf16(&wide, text)) {
		must(read_rows(memory_file(1, buf_span(&wide)), &same, &fault) == 0,
		     "what is read in UTF-8 is read in UTF-16");
		must(span_is(buf_span(&rows), buf_span(&same)), "UTF-16 is the same rows");
	}
	read_list(path);
	buf_release(&rows);
	buf_release(&wide);
	buf_release(&same);
	return 0;
}
