/* SPDX-License-Identifier: ISC */
/*
 * xlsx_book: what a workbook of Office Open XML (ECMA-376) has beside the rows of its sheets:
 * which sheets there are, the texts that cells share, and which styles make a number a day.
 *
 * Parts are found as the standard says, from relationship to relationship, with absolute and
 * relative names, of the transitional or the strict kind; each must have the content type that
 * it should. A workbook with macros, a binary one and another program's file are refused with
 * what to do.
 */
#ifndef ROLLCALL_XLSX_BOOK_H
#define ROLLCALL_XLSX_BOOK_H

#include "base/arena.h"
#include "sheet/package.h"
#include "sheet/xlsx_value.h"

struct xlsx_sheet {
	struct span name, link;
	bool is_hidden;
};

struct xlsx_book {
	struct package package;    /* name, fd and size are given */
	struct xlsx_sheet *sheets; /* in their order */
	size_t sheet_count, sheet_cap;
	bool from_1904;

	/* its own */
	struct set types;        /* "/xl/workbook.xml" or ".xml", in lower case -> enum xlsx_type + 1 */
	struct xlsx_link *links; /* of the part that is read */
	size_t link_count, link_cap;
	const char *main; /* the part that lists the sheets */
	struct buf strings;
	size_t *string_ends;
	size_t string_count, string_cap;
	unsigned char *styles; /* enum xlsx_form of each */
	size_t style_count, style_cap;
	struct set formats; /* numFmtId of a format of its own -> enum xlsx_form */
	struct arena texts;
};

/* Reads all but the rows. 0 or -1; xlsx_book_close is due in both cases. */
int xlsx_book_open(struct xlsx_book *book, struct fault *fault);
void xlsx_book_close(struct xlsx_book *book);

/* The name of the part with the rows of a sheet, borrowed; NULL with a fault. */
const char *xlsx_book_sheet_part(struct xlsx_book *book, const struct xlsx_sheet *sheet,
                                 struct fault *fault);

/* A shared text, borrowed. False where there is no such one. */
static inline bool xlsx_book_string(const struct xlsx_book *book, size_t at, struct span *text)
{
	size_t from;

	if (at >= book->string_count)
		return false;
	from = at ? book->string_ends[at - 1] : 0;
	*text = (struct span){buf_span(&book->strings).data + from, book->string_ends[at] - from};
	return true;
}

static inline enum xlsx_form xlsx_book_form(const struct xlsx_book *book, size_t style)
{
	return style < book->style_count ? (enum xlsx_form)book->styles[style] : XLSX_PLAIN;
}

/* Digits up to `max` and nothing else. */
bool xlsx_book_number(const char *text, unsigned long max, unsigned long *number);

/* xsd:boolean */
bool xlsx_book_is_true(const char *text);

#endif
