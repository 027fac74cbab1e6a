/* SPDX-License-Identifier: ISC */
/*
 * unmapped: the names of the attributes that a service shows and no mapping takes, and how
 * many users or groups show each: a change in them is one that nobody sees. Each mapper
 * counts for itself, and the counts of a section are added at its end, so they do not
 * depend on who mapped what.
 *
 * A name that is longer than ATTRIBUTE_NAME_MAX is cut. Of more than ATTRIBUTES_MAX names
 * none is kept, and that is said.
 */
#ifndef ROLLCALL_UNMAPPED_H
#define ROLLCALL_UNMAPPED_H

#include "base/set.h"
#include "normalize/extra.h"
#include "stream/mapping.h"

struct unmapped {
	struct unmapped_names {
		struct set counts; /* by name; the high half of a value is the last resource */
		bool too_many;
		size_t recent[8]; /* the slots of the first names of the last resource */
	} users, groups, *at_hand;
	uint32_t resource; /* the number of the one at hand */
	uint32_t place;    /* of the next name in it */
};

void unmapped_release(struct unmapped *unmapped);

/* Nothing was seen. */
void unmapped_clear(struct unmapped *unmapped);

/* Counts each attribute of a resource once. 0 or -1. */
int unmapped_see(struct unmapped *unmapped, const struct mapping *mapping,
                 const struct record *record, yyjson_val *resource, yyjson_val *included,
                 struct fault *fault);

/* Adds the counts of another. 0 or -1. */
int unmapped_add(struct unmapped *unmapped, const struct unmapped *other, struct fault *fault);

/* Appends to a JSON array what was counted, in the order of the names, but for what `extras`
   take. 0 or -1. */
int unmapped_put(const struct unmapped *unmapped, const struct extras *extras, struct buf *array,
                 struct fault *fault);

#endif
