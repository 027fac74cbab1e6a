/* SPDX-License-Identifier: ISC */
/*
 * array: an array that grows by doubling, one item at a time.
 */
#ifndef ROLLCALL_ARRAY_H
#define ROLLCALL_ARRAY_H

#include "base/fault.h"

#include <stddef.h>

/* Makes room for one more item of `size` bytes where there are `count`; *cap is for how many
   there is room. Returns the array, which may have moved; NULL with a fault where there is
   no memory: then the old one is as it was. */
void *array_grow(void *items, size_t count, size_t *cap, size_t size, struct fault *fault);

#endif
