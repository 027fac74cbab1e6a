/* SPDX-License-Identifier: ISC */
/*
 * take_compare: cells that say what the snapshot says, what a spreadsheet made of it, or what
 * somebody else wrote.
 */
#include "base/inert.h"
#include "base/utf8.h"
#include "base/when.h"
#include "review/take.h"
#include "table/xlsx_out.h"

#include <stdio.h>
#include <stdlib.h>

/* The value of a number as a spreadsheet writes one, and how many of its digits count; 0: the
   text is none. 1,23E+17, 00123, 123456789012346000. */
static size_t take_read_number(struct span text, double *value)
{
	char digits[64], *end;
	size_t len = 0, zeros = 0;
	bool has_exponent = false;

	if (!text.len || text.len >= sizeof digits)
		return 0;
	for (size_t i = 0; i < text.len; i++) {
		if (!strchr("0123456789.,eE+-", text.data[i]))
			return 0;
		digits[i] = text.data[i] == ',' ? '.' : text.data[i];
		has_exponent |= ascii_lower(digits[i]) == 'e';
		if (has_exponent || digits[i] < '0' || digits[i] > '9' || (digits[i] == '0' && !len))
			continue;
		len++;
		zeros = digits[i] == '0' ? zeros + 1 : 0;
	}
	digits[text.len] = '\0';
	*value = strtod(digits, &end);
	return *end ? 0 : len - zeros ? len - zeros : 1;
}

/* Is a cell what a spreadsheet makes of the text by itself? The same number; one of more digits
   than it shows; a truth value in its own spelling. */
static bool take_is_rewritten(struct span cell, struct span fact)
{
	double is, was, cut;
	size_t digits = take_read_number(cell, &is), had = take_read_number(fact, &was);
	char text[64];

	if (span_is_nocase(cell, fact))
		return span_is_nocase(fact, span_of("true")) || span_is_nocase(fact, span_of("false"));
	if (!digits || !had)
		return false;
	if (is == was && had <= 15)
		return true;
	if (had < 12 || digits < 3 || digits > 15)
		return false;
	if (!memchr(cell.data, 'E', cell.len) && !memchr(cell.data, 'e', cell.len) && digits < 14)
		return false;
	snprintf(text, sizeof text, "%.*e", (int)digits - 1, was);
	cut = strtod(text, NULL);
	return cut - is < is * 1e-14 && is - cut < is * 1e-14;
}

/* A cell of a workbook holds so many bytes of a text, and ends in an ellipsis then. */
static bool take_is_cut(struct span cell, struct span fact)
{
	static const struct span ellipsis = SPAN("\xe2\x80\xa6");

	if (cell.len < XLSX_CELL_MAX - 8 || !span_ends(cell, ellipsis))
		return false;
	cell.len -= ellipsis.len;
	return span_begins(fact, cell);
}

/* The same but for CR, which XML and spreadsheets drop. */
static bool take_is_same(struct span cell, struct span fact)
{
	size_t at = 0, i = 0;

	if (span_is(cell, fact))
		return true;
	while (at < cell.len || i < fact.len) {
		if (at < cell.len && cell.data[at] == '\r')
			at++;
		else if (i < fact.len && fact.data[i] == '\r')
			i++;
		else if (at == cell.len || i == fact.len || cell.data[at++] != fact.data[i++])
			return false;
	}
	return true;
}

/* Makes of 2026-11-29 10:00:00, as a sheet of ours shows it, 2026-11-29T10:00:00Z in `time`. False:
   the cell is none. */
static bool take_put_time(struct buf *time, struct span cell)
{
	static const size_t day = 10, len = 19;

	if (cell.len != len || cell.data[day] != ' ')
		return false;
	buf_clear(time);
	buf_put(time, cell.data, day);
	buf_putc(time, 'T');
	buf_put(time, cell.data + day + 1, len - day - 1);
	buf_putc(time, 'Z');
	return true;
}

/* What Windows-1252 has in the place of the control characters from 0x80 on. */
static const uint16_t windows_1252[32] = {
	0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x8d,   0x017d, 0x8f,   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022,
	0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d,   0x017e, 0x0178};

/* Was the UTF-8 of the text taken for Windows-1252? So does a spreadsheet with CSV, unless it is
   told. */
static bool take_is_misread(struct span cell, struct span fact)
{
	size_t at = 0;

	for (size_t i = 0; i < fact.len; i++) {
		unsigned char byte = (unsigned char)fact.data[i];
		uint32_t code, want = byte >= 0x80 && byte < 0xa0 ? windows_1252[byte - 0x80] : byte;
		size_t len = at < cell.len ? utf8_decode(cell.data + at, cell.len - at, &code) : 0;

		if (!len || code != want)
			return false;
		at += len;
	}
	return at == cell.len;
}

int take_compare(struct take *take, size_t sheet, size_t row, enum take_column column,
                 struct span cell, struct fault *fault)
{
	static const char *const blanks[] = {"", "not shown", "none", "not listed", "unknown", "never"};
	const struct take_fixed *fixed = &take_columns[column];
	struct span fact = take_trim(take_fact(take, fixed->fact));
	struct span plain = take_trim(take_unquote(cell));
	bool is_rewritten;

	if (take_is_same(cell, fact) || take_is_same(plain, fact) || take_is_cut(cell, fact) ||
	    (take_put_time(&take->scratch, cell) && span_is(buf_span(&take->scratch), fact)))
		return 0;
	for (size_t i = 0; !fact.len && i < sizeof blanks / sizeof *blanks; i++)
		if (span_is(cell, span_of(blanks[i])))
			return 0;
	is_rewritten = take_is_rewritten(cell, fact) || take_is_misread(plain, fact);
	buf_clear(&take->scratch);
	buf_putf(&take->scratch, "'%s' was '%s': ", INERT(cell), INERT(fact));
	if (fixed->is_identity && !is_rewritten) {
		buf_puts(&take->scratch,
		         "edited, so the row may be decided as another one: write again what "
		         "was there");
		return take_wrong_scratch(take, sheet, row, column, fault);
	}
	buf_puts(&take->scratch,
	         is_rewritten ? "rewritten by the spreadsheet" : "changed in the sheet");
	buf_puts(&take->scratch, fixed->fact >= FACT_FIELDS
	                             ? "; what the list of the review says counts"
	                             : "; what the snapshot says counts");
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	return take_problems_add(
		&take->warnings, &(struct take_problem){sheet, row, fixed->name, buf_span(&take->scratch)},
		(struct span)SPAN_EMPTY, fault);
}

/* ---- the day of a decision ---- */

static int take_warn_of_day(struct take *take, size_t sheet, size_t row, struct fault *fault)
{
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	return take_problems_add(&take->warnings,
	                         &(struct take_problem){sheet, row, take_columns[TAKE_DECIDED_AT].name,
	                                                buf_span(&take->scratch)},
	                         (struct span)SPAN_EMPTY, fault);
}

int take_read_day(struct take *take, size_t sheet, size_t row, struct span *cell,
                  struct fault *fault)
{
	enum { DAYS_1900 = 25569, DAY_LEN = 10 }; /* days that spreadsheets count up to 1970 */
	char time[WHEN_MAX];
	double number;
	int64_t seconds;

	if (!cell->len || when_day_or_time(*cell, &seconds))
		return 0;
	if (take_put_time(&take->day, *cell) && when_seconds(buf_span(&take->day), &seconds)) {
		*cell = buf_span(&take->day);
		return buf_check(&take->day, fault);
	}
	buf_clear(&take->scratch);
	if (cell->len == 5 && take_read_number(*cell, &number) && number > DAYS_1900 &&
	    when_at(((int64_t)number - DAYS_1900) * 86400, time)) {
		buf_putf(&take->scratch, "'%s' is the number of a day, and is read as %.*s", INERT(*cell),
		         DAY_LEN, time);
		buf_clear(&take->day);
		buf_put(&take->day, time, DAY_LEN);
		*cell = buf_span(&take->day);
		return buf_check(&take->day, fault) < 0 ? -1 : take_warn_of_day(take, sheet, row, fault);
	}
	buf_putf(&take->scratch, "'%s' is no day such as 2026-11-29: no check counts it", INERT(*cell));
	return take_warn_of_day(take, sheet, row, fault);
}
