/* SPDX-License-Identifier: ISC */
/*
 * sheet: a workbook is copied to a temporary file first. It is read from many places, and
 * what was digested must be what is read.
 */
#include "sheet/sheet.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "sys/temporary.h"

#include <unistd.h>

static int sheet_refuse(const struct sheet *sheet, const char *why, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "%s: %s", INERT(span_of(sheet->name)), why);
}

/* All bytes of the file, from those on that csv_open has read. */
static int sheet_copy(struct sheet *sheet, struct fault *fault)
{
	struct package *package = &sheet->xlsx.book.package;
	struct buf *bytes = &sheet->csv.raw;

	package->name = sheet->name;
	package->fd = temporary_open(fault);
	if (package->fd < 0)
		return -1;
	for (;;) {
		if (package->size + (off_t)bytes->len > (off_t)XLSX_FILE_MAX_BYTES)
			return sheet_refuse(sheet, "larger than a workbook that can be read: save it as CSV",
			                    fault);
		if (temporary_write(package->fd, buf_span(bytes), package->size, fault) < 0)
			return -1;
		package->size += (off_t)bytes->len;
		if (sheet->csv.ended)
			return 0;
		buf_clear(bytes);
		if (csv_read_bytes(&sheet->csv, bytes, fault) < 0)
			return -1;
	}
}

int sheet_open(struct sheet *sheet, const char *path, const char *wanted, bool is_needed,
               struct digest *digest, struct fault *fault)
{
	static const struct span zip = SPAN("PK\3\4"),
							 compound = SPAN("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
	struct span start;
	int result;

	*sheet = (struct sheet){.xlsx.book.package.fd = -1};
	result = csv_open(&sheet->csv, path, digest, fault);
	sheet->name = sheet->csv.name;
	sheet->row = &sheet->csv.row;
	if (result < 0)
		return -1;
	start = (struct span){sheet->csv.raw.data, sheet->csv.raw.len};
	if (span_begins(start, compound))
		return sheet_refuse(sheet,
		                    "an old workbook, or one with a password: save it as .xlsx without a "
		                    "password, or as CSV",
		                    fault);
	sheet->is_workbook = span_begins(start, zip);
	if (!sheet->is_workbook)
		return csv_begin(&sheet->csv, fault);
	sheet->row = &sheet->xlsx.row;
	return sheet_copy(sheet, fault) < 0 ? -1 : xlsx_open(&sheet->xlsx, wanted, is_needed, fault);
}

void sheet_close(struct sheet *sheet)
{
	int fd = sheet->xlsx.book.package.fd;

	xlsx_close(&sheet->xlsx);
	if (fd > STDIN_FILENO)
		close(fd);
	csv_close(&sheet->csv);
}

int sheet_next(struct sheet *sheet, struct fault *fault)
{
	int more = sheet->is_workbook ? xlsx_next(&sheet->xlsx, fault) : csv_next(&sheet->csv, fault);

	sheet->number = sheet->is_workbook ? sheet->xlsx.number : sheet->number + 1;
	return more;
}

/* The words of ECMA-376 part 1, 18.17.3, which CSV keeps as text. */
static bool sheet_is_error(struct span text)
{
	static const char *const words[] = {"#DIV/0!",   "#N/A",   "#NAME?",        "#NULL!",
	                                    "#NUM!",     "#REF!",  "#GETTING_DATA", "#VALUE!",
	                                    "#SPILL!",   "#CALC!", "#FIELD!",       "#BLOCKED!",
	                                    "#CONNECT!", "#BUSY!", "#UNKNOWN!"};
	int count = sizeof words / sizeof *words;

	return text.len && *text.data == '#' && span_index(text, words, count) < count;
}

const char *sheet_trouble(const struct sheet *sheet, size_t cell)
{
	enum sheet_kind kind = cell < sheet->row->count ? sheet->row->items[cell].kind : SHEET_TEXT;

	if (kind == SHEET_NO_VALUE)
		return "a formula whose value is not in the file: open it in a spreadsheet and save it "
			   "again, or write the value";
	if (kind == SHEET_ERROR || (!sheet->is_workbook && sheet_is_error(sheet_text(sheet, cell))))
		return "the error of a formula, and no value";
	return NULL;
}

const char *sheet_place_word(const struct sheet *sheet)
{
	return sheet->is_workbook ? "row" : "line";
}

int sheet_fault(const struct sheet *sheet, struct fault *fault)
{
	return sheet->is_workbook ? xlsx_row_fault(&sheet->xlsx, fault) : csv_fault(&sheet->csv, fault);
}
