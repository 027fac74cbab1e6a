/* SPDX-License-Identifier: ISC */
/*
 * budget: one number, changed by one atomic operation at a time.
 */
#include "sort/budget.h"

void budget_init(struct budget *budget, size_t bytes)
{
	budget->total = bytes;
	atomic_init(&budget->left, bytes);
}

size_t budget_take(struct budget *budget, size_t bytes, bool some)
{
	size_t left = atomic_load(&budget->left), got;

	do {
		got = left >= bytes ? bytes : some ? left : 0;
	} while (!atomic_compare_exchange_weak(&budget->left, &left, left - got));
	return got;
}

void budget_give(struct budget *budget, size_t bytes)
{
	atomic_fetch_add(&budget->left, bytes);
}
