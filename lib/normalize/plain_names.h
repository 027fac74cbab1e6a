/* SPDX-License-Identifier: ISC */
/*
 * plain_names: what a list by hand has in its texts and nobody sees in a spreadsheet: blanks
 * at an end, characters without a shape, one name under two ids. A byte-order mark at the
 * beginning, or a CR at the end, is left over from a file's format and refused; the rest is
 * counted, because the snapshot shall be what the list says.
 */
#ifndef ROLLCALL_PLAIN_NAMES_H
#define ROLLCALL_PLAIN_NAMES_H

#include "sort/sorter.h"
#include "stream/record.h"

enum plain_oddity { ODD_BLANK_AT_END, ODD_TWO_BLANKS, ODD_HIDDEN, PLAIN_ODDITIES };

/* Zeroed: none. */
struct plain_names {
	struct {
		uint64_t count; /* records with such a text */
		size_t first;   /* the line of the first one */
	} odd[PLAIN_ODDITIES];
	struct sorter *by_name; /* of each user and group the folded name and the id */
	uint64_t doubled;       /* names under more than one id, after plain_names_end ... */
	struct buf first;       /* ... and the first of them, in words */
	struct buf line;        /* scratch */
};

/* Names are sorted in a part of the budget. 0 or -1; plain_names_release is due in both cases. */
int plain_names_open(struct plain_names *names, struct budget *budget, struct fault *fault);
void plain_names_release(struct plain_names *names);

/* Looks at the texts of a record of line `number`. 0, or -1 with FAULT_DATA where one is
   refused. */
int plain_names_look(struct plain_names *names, const struct record *record, size_t number,
                     struct fault *fault);

/* All records have come. 0 or -1. */
int plain_names_end(struct plain_names *names, struct fault *fault);

/* Appends "; warning: ..." for each kind of oddity that there is. */
void plain_names_put(const struct plain_names *names, struct buf *text);

#endif
