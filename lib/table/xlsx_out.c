/* SPDX-License-Identifier: ISC */
/*
 * xlsx_out: libxlsxwriter writes to a file by its name, so it gets the name of a descriptor
 * whose file has none.
 */
#include "table/xlsx_out.h"

#include "base/when.h"
#include "sys/temporary.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <xlsxwriter.h>

enum { XLSX_PIECE = 64 * 1024, XLSX_WIDTH_MAX = 50 };

/* Before March 1900 spreadsheets count a day that there was not. */
static const int64_t first_time = -2203891200;

static int xlsx_fault(const struct xlsx_out *book, struct fault *fault)
{
	lxw_error error = (lxw_error)book->error;

	if (error == LXW_ERROR_MEMORY_MALLOC_FAILED)
		return fault_memory(fault);
	return fault_set(fault, FAULT_IO, "cannot write the workbook: %s", lxw_strerror(error));
}

int xlsx_out_open(struct xlsx_out *book, int64_t created, struct fault *fault)
{
	lxw_doc_properties properties = {.created = (time_t)created};
	lxw_workbook_options options = {.constant_memory = LXW_TRUE};
	const char *directory = getenv("TMPDIR");
	char name[32];

	*book = (struct xlsx_out){.fd = temporary_open(fault)};
	if (book->fd < 0)
		return -1;
	options.tmpdir = (char *)(uintptr_t)(directory && *directory ? directory : "/tmp");
	snprintf(name, sizeof name, "/dev/fd/%d", book->fd);
	book->workbook = workbook_new_opt(name, &options);
	if (!book->workbook)
		return fault_memory(fault);
	workbook_set_properties(book->workbook, &properties);
	book->head = workbook_add_format(book->workbook);
	book->title = workbook_add_format(book->workbook);
	book->open = workbook_add_format(book->workbook);
	book->open_day = workbook_add_format(book->workbook);
	book->time = workbook_add_format(book->workbook);
	book->wrapped = workbook_add_format(book->workbook);
	if (!book->head || !book->title || !book->open || !book->open_day || !book->time ||
	    !book->wrapped)
		return fault_memory(fault);
	format_set_bold(book->head);
	format_set_bottom(book->head, LXW_BORDER_THIN);
	format_set_bold(book->title);
	format_set_unlocked(book->open);
	format_set_bg_color(book->open, 0xFFF8E1);
	format_set_unlocked(book->open_day);
	format_set_bg_color(book->open_day, 0xFFF8E1);
	format_set_num_format(book->open_day, "yyyy-mm-dd");
	format_set_num_format(book->time, "yyyy-mm-dd hh:mm:ss");
	format_set_text_wrap(book->wrapped);
	format_set_align(book->wrapped, LXW_ALIGN_VERTICAL_TOP);
	return 0;
}

void xlsx_out_release(struct xlsx_out *book)
{
	if (book->workbook)
		lxw_workbook_free(book->workbook);
	if (book->fd > 0)
		close(book->fd);
	buf_release(&book->text);
	*book = (struct xlsx_out){.fd = -1};
}

int xlsx_out_add_sheet(struct xlsx_out *book, const char *name, struct fault *fault)
{
	book->sheet = workbook_add_worksheet(book->workbook, name);
	book->row = 0;
	return book->sheet ? 0
	                   : fault_set(fault, FAULT_CREATE,
	                               "cannot create a temporary file for the sheet '%s'", name);
}

static void xlsx_note(struct xlsx_out *book, lxw_error error)
{
	if (!book->error)
		book->error = (int)error;
}

void xlsx_out_set_column(struct xlsx_out *book, size_t at, size_t width, enum xlsx_column column)
{
	lxw_format *const formats[] = {
		[XLSX_FIXED] = NULL, [XLSX_OPEN] = book->open, [XLSX_OPEN_DAY] = book->open_day};

	xlsx_note(book,
	          worksheet_set_column(book->sheet, (lxw_col_t)at, (lxw_col_t)at,
	                               (double)(width < XLSX_WIDTH_MAX ? width : XLSX_WIDTH_MAX) + 2,
	                               formats[column]));
}

/* ---- text ---- */

/* Would a reader take `_x0041_` for an A? */
static bool xlsx_is_escape(struct span text)
{
	if (text.len < 7 || text.data[0] != '_' || text.data[1] != 'x' || text.data[6] != '_')
		return false;
	for (size_t i = 2; i < 6; i++)
		if (!memchr("0123456789abcdefABCDEF", text.data[i], 22))
			return false;
	return true;
}

/* The text with _xHHHH_ (ECMA-376 part 1, 22.9.2.19) for what XML can not hold. */
static const char *xlsx_text(struct xlsx_out *book, struct span text)
{
	bool is_cut = text.len > XLSX_CELL_MAX;

	if (is_cut) {
		text.len = XLSX_CELL_MAX;
		while (text.len && ((unsigned char)text.data[text.len] & 0xc0) == 0x80)
			text.len--;
	}
	buf_clear(&book->text);
	for (size_t i = 0; i < text.len && book->text.len <= XLSX_CELL_MAX; i++) {
		unsigned char c = (unsigned char)text.data[i];
		struct span rest = {text.data + i, text.len - i};

		if ((c < ' ' && c != '\t' && c != '\n') || xlsx_is_escape(rest)) {
			buf_putf(&book->text, "_x%04X_", c);
		} else if (c == 0xef && (span_begins(rest, span_of("\xef\xbf\xbe")) ||
		                         span_begins(rest, span_of("\xef\xbf\xbf")))) {
			buf_putf(&book->text, "_xFFF%c_", rest.data[2] == '\xbe' ? 'E' : 'F');
			i += 2;
		} else {
			buf_putc(&book->text, (char)c);
		}
	}
	if (is_cut)
		buf_puts(&book->text, "\xe2\x80\xa6");
	if (book->text.state != BUF_OK)
		xlsx_note(book, LXW_ERROR_MEMORY_MALLOC_FAILED);
	return buf_text(&book->text);
}

static void xlsx_put(struct xlsx_out *book, size_t at, struct span text, lxw_format *format)
{
	if (text.len)
		xlsx_note(book, worksheet_write_string(book->sheet, book->row, (lxw_col_t)at,
		                                       xlsx_text(book, text), format));
}

void xlsx_out_put_head(struct xlsx_out *book, size_t at, const char *name)
{
	xlsx_put(book, at, span_of(name), book->head);
}

void xlsx_out_put_title(struct xlsx_out *book, const char *text)
{
	xlsx_put(book, 0, span_of(text), book->title);
}

void xlsx_out_put_text(struct xlsx_out *book, size_t at, struct span text)
{
	xlsx_put(book, at, text, NULL);
}

void xlsx_out_put_wrapped(struct xlsx_out *book, size_t at, struct span text)
{
	xlsx_put(book, at, text, book->wrapped);
}

void xlsx_out_put_number(struct xlsx_out *book, size_t at, struct span digits)
{
	char number[32];

	snprintf(number, sizeof number, "%.*s", (int)digits.len, digits.data);
	xlsx_note(book, worksheet_write_number(book->sheet, book->row, (lxw_col_t)at,
	                                       strtod(number, NULL), NULL));
}

void xlsx_out_put_time(struct xlsx_out *book, size_t at, struct span text)
{
	int64_t seconds;

	if (text.len != strlen("2026-11-29T00:00:00Z") || !when_seconds(text, &seconds) ||
	    seconds < first_time)
		xlsx_put(book, at, text, NULL);
	else
		xlsx_note(book, worksheet_write_unixtime(book->sheet, book->row, (lxw_col_t)at, seconds,
		                                         book->time));
}

int xlsx_out_end_row(struct xlsx_out *book, struct fault *fault)
{
	if (book->error)
		return xlsx_fault(book, fault);
	if (++book->row >= XLSX_ROWS_MAX)
		return fault_set(fault, FAULT_DATA,
		                 "more than %d rows: a sheet of xlsx has no more; write csv, or fewer rows",
		                 XLSX_ROWS_MAX - 1);
	return 0;
}

/* ---- a sheet as a whole ---- */

void xlsx_out_offer(struct xlsx_out *book, size_t at, const char *const *words)
{
	lxw_data_validation offer = {
		.validate = LXW_VALIDATION_TYPE_LIST,
		.value_list = (void *)(uintptr_t)words,
		.error_title = (char *)(uintptr_t) "Not one of the words",
		.error_message = (char *)(uintptr_t) "Choose a word of the list.",
	};
	lxw_row_t last = book->row > 1 ? book->row - 1 : 1;

	xlsx_note(book, worksheet_data_validation_range(book->sheet, 1, (lxw_col_t)at, last,
	                                                (lxw_col_t)at, &offer));
}

void xlsx_out_finish(struct xlsx_out *book, size_t columns, bool is_locked)
{
	lxw_protection allowed = {.autofilter = 1, .sort = 1, .format_columns = 1, .format_rows = 1};

	worksheet_freeze_panes(book->sheet, 1, 0);
	xlsx_note(book, worksheet_autofilter(book->sheet, 0, 0, book->row > 1 ? book->row - 1 : 1,
	                                     (lxw_col_t)(columns - 1)));
	if (is_locked)
		worksheet_protect(book->sheet, NULL, &allowed);
}

int xlsx_out_close(struct xlsx_out *book, struct out *out, struct fault *fault)
{
	char *piece = malloc(XLSX_PIECE);
	ssize_t n = 1;
	off_t end;

	xlsx_note(book, workbook_close(book->workbook));
	book->workbook = NULL;
	end = lseek(book->fd, 0, SEEK_END);
	if (!piece || book->error || end < 0) {
		free(piece);
		return !piece ? fault_memory(fault) : xlsx_fault(book, fault);
	}
	for (off_t at = 0; n > 0 && at < end; at += n) {
		n = temporary_read(book->fd, piece, XLSX_PIECE, at, fault);
		if (n > 0)
			out_put(out, (struct span){piece, (size_t)n});
	}
	free(piece);
	return n < 0 ? -1 : 0;
}

const char *xlsx_out_library(void)
{
	static char text[48];

	snprintf(text, sizeof text, "libxlsxwriter/%s", lxw_version());
	return text;
}
