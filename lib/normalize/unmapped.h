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

/* What resources of one tree show: where their names stand among those that are counted. All
   zeros: not known. */
struct unmapped_memo {
	const struct unmapped_names *names;
	uint64_t sections; /* it is good for this section ... */
	size_t cap;        /* ... as long as there are so many slots */
	size_t count, slots[16];
};

struct unmapped {
	struct unmapped_names {
		struct set counts; /* by name; the high half of a value is the last resource */
		bool too_many;
	} users, groups, *at_hand;
	uint32_t resource;          /* the number of the one at hand */
	uint64_t sections;          /* that were counted so far */
	struct unmapped_memo *memo; /* of the one at hand */
};

void unmapped_release(struct unmapped *unmapped);

/* Nothing was seen. */
void unmapped_clear(struct unmapped *unmapped);

/* Counts each attribute of a resource once. `memo` is that of its tree. 0 or -1. */
int unmapped_see(struct unmapped *unmapped, const struct mapping *mapping,
                 const struct record *record, yyjson_val *resource, yyjson_val *included,
                 struct unmapped_memo *memo, struct fault *fault);

/* Adds the counts of another. 0 or -1. */
int unmapped_add(struct unmapped *unmapped, const struct unmapped *other, struct fault *fault);

/* Appends to a JSON array what was counted, in the order of the names, but for what `extras`
   take. 0 or -1. */
int unmapped_put(const struct unmapped *unmapped, const struct extras *extras, struct buf *array,
                 struct fault *fault);

#endif
