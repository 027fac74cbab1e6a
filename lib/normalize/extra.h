/* SPDX-License-Identifier: ISC */
/*
 * extra: attributes that the user wants to keep although no mapping takes them
 * (--map-extra NAME=PATH): the value that stands at PATH goes by NAME into the member
 * `extra` of users and groups. A path is written as not_covered writes it.
 */
#ifndef ROLLCALL_EXTRA_H
#define ROLLCALL_EXTRA_H

#include "base/ceiling.h"
#include "stream/mapping.h"

struct extras {
	struct extra_path {
		struct span name, path; /* borrowed */
	} list[EXTRAS_MAX];         /* in the order of their names */
	size_t count;
};

/* Adds one NAME=PATH to a struct extras. 0, or -1 with FAULT_USAGE. */
int extra_parse(void *to, const char *text, struct fault *fault);

/* Is it the path of one of them? */
bool extra_has_path(const struct extras *extras, struct span path);

/* Sets `extra` of a record from its resource; absent where it shows none of them. 0 or -1. */
int extra_set(const struct extras *extras, struct record *record, const struct mapping *mapping,
              yyjson_val *resource, yyjson_val *included, struct fault *fault);

/* Appends `,"map_extra":{"NAME":"PATH"}`; nothing where there are none. */
void extra_put_paths(const struct extras *extras, struct buf *line);

#endif
