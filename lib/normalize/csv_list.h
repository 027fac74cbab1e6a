/* SPDX-License-Identifier: ISC */
/*
 * csv_list: a list of people as a spreadsheet or an HR system has it, CSV or a workbook, as
 * one source of a snapshot.
 *
 * A row is an account. A column fills the member that is given for it, else the one that
 * is called like it; case, blanks, "-" and "_" do not count. An empty cell says nothing, so
 * its member is absent. Blanks around a cell are removed and counted. A row without id,
 * user name and e-mail is no account: it is counted, too. What a spreadsheet has damaged,
 * the error of a formula, merged cells, a row with another number of cells (in a workbook:
 * with more), and a column that is not there are faults that name their line.
 */
#ifndef ROLLCALL_CSV_LIST_H
#define ROLLCALL_CSV_LIST_H

#include "normalize/plain_lines.h"
#include "sheet/sheet.h"

enum { CSV_LIST_COLUMNS_MAX = 64 }; /* that are given */

enum { CSV_LIST_WORDS_MAX = 8, CSV_LIST_WORD_MAX = 64 }; /* of a status, that are named; bytes */

struct csv_list {
	/* the options; borrowed */
	const char *given[CSV_LIST_COLUMNS_MAX]; /* "MEMBER=COLUMN", and more after a comma */
	size_t given_count;
	const char *enabled; /* words, with a comma between them; NULL: "enabled" alone */
	const char *lower;   /* members whose A to Z become a to z; NULL: none */
	const char *wanted;  /* the sheet of a workbook; NULL: the only one */

	struct plain_lines *plain; /* the source, and the lines read */
	uint64_t accounts;         /* that lines made */
	uint64_t unnamed;          /* lines without user name and e-mail */
	uint64_t left_out;         /* those of them that made no account */
	uint64_t blank_lines, trimmed;
	size_t first_left_out, first_trimmed; /* their lines */
	uint64_t enabled_lines;               /* that have one of the words of `enabled` */
	struct buf words;                     /* some of the others, sized texts */
	size_t word_count;

	/* of the file at hand */
	struct sheet sheet;
	int *fields;       /* of each column: the user's member; -1: none */
	size_t columns;    /* that there are */
	struct buf names;  /* of the columns, sized texts */
	struct buf unused; /* names of columns that fill no member, for the source */
	unsigned lowered;  /* bits: members of --lower */
	struct buf line, text;
};

/* "MEMBER=COLUMN,..." is kept. 0 or -1 (FAULT_USAGE). For OPTION_PARSE. */
int csv_list_parse_columns(void *value, const char *text, struct fault *fault);

/* One source, opened with plain_lines_open, read from one or more files (or "-"), and closed
   with csv_list_close. 0 or -1. */
int csv_list_read(struct csv_list *list, struct normalizer *normalizer, const char *path,
                  struct fault *fault);
int csv_list_close(const struct csv_list *list, struct normalizer *normalizer, struct fault *fault);

/* Appends "source 'hr': 1,642 lines, 1,640 accounts, 2 without an address", and what was odd,
   after normalize_write. */
void csv_list_put_counts(const struct csv_list *list, const struct normalizer *normalizer,
                         struct buf *text);

/* Appends a sentence where no line has one of the words that mean enabled, so that nobody is. */
void csv_list_put_doubt(const struct csv_list *list, struct buf *text);

void csv_list_release(struct csv_list *list);

#endif
