/* SPDX-License-Identifier: ISC */
/*
 * plan_text: a plan, or what came of one, for the person who approves it: a line an
 * operation with `+` for what is made, `~` for what is changed, `-` for what takes
 * access away, and `!` for what will not be or was not done.
 */
#ifndef ROLLCALL_PLAN_TEXT_H
#define ROLLCALL_PLAN_TEXT_H

#include "push/result.h"

/* How many operations of each kind ended how. A zeroed struct is empty. */
struct plan_tally {
	uint64_t of[OPS][OUTCOMES];
};

void plan_tally_add(struct plan_tally *tally, enum op op, enum outcome outcome);
uint64_t plan_tally_sum(const struct plan_tally *tally, enum outcome outcome);

/* Appends the first line of a plan: what would be done, the most frequent first. */
void plan_text_put_head(struct buf *to, const struct plan_tally *tally);

/* Appends the line of an operation. Appends nothing for one that is so already. `color`:
   for a terminal. 0 or -1. */
int plan_text_put(struct buf *to, const struct operation *operation, const struct result *result,
                  bool color, struct fault *fault);

/* Appends whom or what an operation is about, inert: "ada@example.com in Sales". */
void plan_text_put_subject(struct buf *to, const struct operation *operation,
                           const struct result *result);

/* Appends the last words of a run that changed things: what was done, what was not. */
void plan_text_put_end(struct buf *to, const struct plan_tally *tally);

#endif
