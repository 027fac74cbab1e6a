/* SPDX-License-Identifier: ISC */
/*
 * json_shape: JSON texts that are alike. A directory's records come from one program, so most
 * of them differ in their strings, numbers and truths only. A text that has the very bytes of
 * an earlier one around those is not parsed again: the tree of the earlier one gets the new
 * values. All other texts go to the strict parser (json.h), whose verdict is the law.
 *
 * Only strings without escapes are taken so; the others are the parser's.
 */
#ifndef ROLLCALL_JSON_SHAPE_H
#define ROLLCALL_JSON_SHAPE_H

#include "base/json.h"

struct json_shape;

/* A zeroed struct is empty. */
struct json_shapes {
	struct json_reader json; /* of texts that are like none before them */
	struct json_shape *list;
	struct json_shape *at_hand; /* that of the last text, or NULL */
	void *spare;                /* what is known of a text without one */
	size_t count, last;         /* the shape of the last text that had one */
	struct span *found;         /* the values of a text, as far as they are known */
	int score;                  /* how much it was worth lately */
	unsigned pause;             /* texts that are parsed without a look at the shapes */
	uint64_t time;
};

/* json_read for texts that are alike. The tree is borrowed until the next call, and only as
   long as the text lives. */
yyjson_val *json_shapes_read(struct json_shapes *shapes, struct span text, struct fault *fault);

/* Memory for what the caller finds out about the tree of the last text, as far as it does not
   depend on what its strings, numbers and truths say: where a text has the shape of an earlier
   one, its tree is the earlier one, and this is what was put here then. Else all zeros. `size` is
   the same each time. NULL with a fault where there is no memory. */
void *json_shapes_memo(struct json_shapes *shapes, size_t size, struct fault *fault);

void json_shapes_release(struct json_shapes *shapes);

#endif
