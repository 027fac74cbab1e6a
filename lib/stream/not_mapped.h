/* SPDX-License-Identifier: ISC */
/*
 * not_mapped: what nobody compares of two snapshots, as the entries of their sources name it:
 * the items of `not_covered` that normalize wrote ("not mapped: photos (812 users)").
 */
#ifndef ROLLCALL_NOT_MAPPED_H
#define ROLLCALL_NOT_MAPPED_H

#include "base/json.h"

/* The next such item of a source, from *i on: what stands after "not mapped: ", borrowed. */
bool not_mapped_next(yyjson_val *source, size_t *i, struct span *text);

/* Does a source name it, too, whatever its count? */
bool not_mapped_has(yyjson_val *source, struct span text);

/* The next name of one source's `map_extra` that the other's does not have, or has for another
   path; the latter only for the first of the two. Borrowed. */
bool not_mapped_extra_next(yyjson_obj_iter *paths, yyjson_val *other, bool is_first,
                           struct span *name);

/* The entry of that name; NULL: none. */
yyjson_val *not_mapped_source(yyjson_val *sources, struct span name);

#endif
