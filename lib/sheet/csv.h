/* SPDX-License-Identifier: ISC */
/*
 * csv: rows of a CSV file as spreadsheets and HR systems write it.
 *
 * RFC 4180, and what is found in its place: the separator is a comma, a semicolon, a tab
 * or a bar (whichever the first line has most, or Excel's line "sep=;"), lines end in LF,
 * CRLF or CR, the text is UTF-8 or UTF-16 with or without a byte-order mark. A cell in
 * quotes may hold anything; a quote within a cell without them is a quote.
 *
 * Nothing is repaired: a quote that does not end, a NUL, or bytes that are not UTF-8 are
 * faults with the file and its line. Memory does not grow with the file: one row at a time.
 */
#ifndef ROLLCALL_CSV_H
#define ROLLCALL_CSV_H

#include "sheet/sheet_cells.h"
#include "sys/digest.h"

enum csv_encoding { CSV_UTF8, CSV_UTF16_LE, CSV_UTF16_BE };

struct csv {
	/* the row at hand */
	size_t line; /* of the file, where it begins, from 1 */
	struct sheet_cells row;

	/* its own */
	int fd;
	const char *name; /* as in messages; borrowed */
	enum csv_encoding encoding;
	char separator;
	bool stops[256]; /* bytes that may end a cell or begin one in quotes */
	size_t next_line;
	struct buf raw;  /* bytes that are not decoded yet */
	struct buf data; /* UTF-8 that is not read yet, from `at` on */
	size_t at;
	bool ended;
	struct digest *digest; /* borrowed */
};

/* Opens FILE or "-" and reads its first bytes, which are in csv->raw. `digest`, unless it is NULL,
   gets all bytes of the file as they are read. 0 or -1; csv_close is due in both. */
int csv_open(struct csv *csv, const char *path, struct digest *digest, struct fault *fault);
void csv_close(struct csv *csv);

/* Before the first row: finds out in which dialect it is written. 0 or -1. */
int csv_begin(struct csv *csv, struct fault *fault);

/* In place of csv_begin, of a file that is no CSV: appends its next bytes to `to`. 0 or -1; at
   the end csv->ended is set. */
int csv_read_bytes(struct csv *csv, struct buf *to, struct fault *fault);

/* 1 and the next row, borrowed until the next call; 0 at the end; -1. A line without any
   character is a row of one empty cell. */
int csv_next(struct csv *csv, struct fault *fault);

/* Puts "FILE: line N: " of the row at hand before a fault. Returns -1. */
int csv_fault(const struct csv *csv, struct fault *fault);

#endif
