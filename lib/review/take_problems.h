/* SPDX-License-Identifier: ISC */
/*
 * take_problems: what is wrong in sheets, or was rewritten, in the order of the sheets and
 * their rows; what is in no sheet comes last.
 *
 * They stand in a sorter, because a million rows can be wrong.
 */
#ifndef ROLLCALL_TAKE_PROBLEMS_H
#define ROLLCALL_TAKE_PROBLEMS_H

#include "base/buf.h"
#include "base/json.h"
#include "sort/sorter.h"

struct take_problem {
	size_t sheet;       /* from 1; 0: of no sheet */
	size_t row;         /* as a spreadsheet counts */
	const char *column; /* NULL: none */
	struct span text;
};

struct take_problems {
	uint64_t all;

	/* its own */
	struct sorter *sorter;
	struct json_reader json;
	struct buf line;
	bool is_sorted;
};

/* 0 or -1; take_problems_release is due in both cases. */
int take_problems_open(struct take_problems *problems, size_t memory, struct fault *fault);
void take_problems_release(struct take_problems *problems);

/* `order`: among those of one row, or of no sheet; text without control characters. Copies all.
   0 or -1. */
int take_problems_add(struct take_problems *problems, const struct take_problem *problem,
                      struct span order, struct fault *fault);

/* After all are added: 1 and the next one, borrowed until the next call; 0; -1. */
int take_problems_next(struct take_problems *problems, struct take_problem *problem,
                       struct fault *fault);

#endif
