/* SPDX-License-Identifier: ISC */
/*
 * budget: an amount of memory that several share, in whichever threads they are.
 */
#ifndef ROLLCALL_BUDGET_H
#define ROLLCALL_BUDGET_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct budget {
	size_t total;
	_Atomic size_t left; /* bytes that nobody has taken */
};

void budget_init(struct budget *budget, size_t bytes);

/* Takes `bytes`, or as many as there are where `some` will do. How many it got. */
size_t budget_take(struct budget *budget, size_t bytes, bool some);
void budget_give(struct budget *budget, size_t bytes);

#endif
