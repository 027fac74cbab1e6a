/* SPDX-License-Identifier: ISC */
/*
 * xlsx_value: numbers of a workbook as the text that people see (ECMA-376 part 1, 18.8.30
 * and 18.17.4).
 *
 * A day is a number, too: days from 1900 or from 1904, and only the format of its cell tells.
 * A spreadsheet keeps 15 digits of a number. A longer one has lost some, and is written as
 * spreadsheets do, 1.23456789012346E+17, so that nobody takes it for an identifier.
 */
#ifndef ROLLCALL_XLSX_VALUE_H
#define ROLLCALL_XLSX_VALUE_H

#include "base/buf.h"

/* What a format makes of a number. */
enum xlsx_form { XLSX_PLAIN, XLSX_DAY, XLSX_MOMENT, XLSX_CLOCK };

/* Of a format that every workbook has, by its number. */
enum xlsx_form xlsx_form_of_id(unsigned long id);

/* Of a code, as yyyy-mm-dd. */
enum xlsx_form xlsx_form_of_code(struct span code);

/* Appends a number: its digits, 2026-11-29, 2026-11-29T10:00:00Z or 10:00:00. False where the
   text is no number. */
bool xlsx_put_number(struct buf *to, struct span number, enum xlsx_form form, bool from_1904);

/* Takes _x000D_ in the text from `from` on for the character it stands for (22.9.2.19). */
void xlsx_unescape(struct buf *text, size_t from);

#endif
