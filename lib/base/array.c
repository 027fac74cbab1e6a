/* SPDX-License-Identifier: ISC */
/*
 * array: reallocarray(3), which checks the product.
 */
#include "base/array.h"

#include <stdlib.h>

enum { ARRAY_FIRST = 16 };

void *array_grow(void *items, size_t count, size_t *cap, size_t size, struct fault *fault)
{
	size_t more = *cap ? *cap * 2 : ARRAY_FIRST;

	if (count < *cap)
		return items;
	items = reallocarray(items, more, size);
	if (!items) {
		fault_memory(fault);
		return NULL;
	}
	*cap = more;
	return items;
}
