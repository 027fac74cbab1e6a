/* SPDX-License-Identifier: ISC */
/*
 * issue_part: which sheet a row goes to, and what its file is called.
 *
 * Without a split there is one sheet, `review`. A file that says who reviews what has lines
 * of two columns, with a comma or a tab between them: the sheet, and a group by its name or
 * id, `source:NAME` or `manager:NAME`. The first line that fits a row counts; a row that no
 * line fits goes to the sheet `rest`.
 *
 * A file is called as its part is, with - for all but ASCII letters, digits, dot and _.
 */
#ifndef ROLLCALL_ISSUE_PART_H
#define ROLLCALL_ISSUE_PART_H

#include "access/review_row.h"

struct issue_part {
	const char *file; /* without its ending */
	uint64_t rows;
	char sha256[DIGEST_HEX + 1];
};

struct issue_parts {
	enum issue_split { SPLIT_NONE, SPLIT_GROUP, SPLIT_SOURCE, SPLIT_MANAGER, SPLIT_FILE } split;
	struct issue_part *parts;
	size_t count, cap;
	struct set names; /* of parts -> place + 1 */
	struct set files; /* in lower case: no two sheets are one file */
	struct set asked; /* of a file: what goes to a part -> place + 1 in `wanted` */
	struct issue_wanted {
		struct span part;
		size_t line;
	} * wanted;
	size_t wanted_count, wanted_cap;
	struct arena texts;
	struct buf name, text;
};

/* `split` is a word or the name of a file, and may be NULL. 0 or -1. */
int issue_parts_open(struct issue_parts *parts, const char *split, struct fault *fault);
void issue_parts_release(struct issue_parts *parts);

/* The part of a row, which is made where it is new; NULL with a fault. Borrowed until the
   next call. */
struct issue_part *issue_parts_take(struct issue_parts *parts, const struct review_row *row,
                                    struct fault *fault);

/* Where there is no row: an empty sheet all the same. 0 or -1. */
int issue_parts_need_one(struct issue_parts *parts, struct fault *fault);

/* The part whose file this is. */
struct issue_part *issue_parts_find(struct issue_parts *parts, struct span file);

/* Who manages the account of a row, as the directory calls it; empty. */
struct span issue_manager(const struct record *user);

#endif
