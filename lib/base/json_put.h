/* SPDX-License-Identifier: ISC */
/*
 * json_put: JSON in its canonical form: minified, and only what RFC 8785 section 3.2.2.2
 * escapes is escaped.
 */
#ifndef ROLLCALL_JSON_PUT_H
#define ROLLCALL_JSON_PUT_H

#include "base/buf.h"
#include "base/json.h"

/* A string with its quotes, escaped where it must be. */
void json_put_string(struct buf *buf, struct span text);

/* The text as it stands in lines, with its quotes, kept in `to` alone. */
struct span json_quote(struct buf *to, struct span text);

/* Behind the JSON string that starts at `at` in a valid text, or 0. */
size_t json_string_end(struct span text, size_t at);

/* Appends the comma before the next item of an array, or member of an object, that is
   written piece by piece; nothing before the first. */
static inline void json_array_next(struct buf *buf)
{
	if (buf->len && buf->data[buf->len - 1] != '[' && buf->data[buf->len - 1] != '{')
		buf_putc(buf, ',');
}

void json_put_value(struct buf *buf, yyjson_val *value);

/* The same in an order that does not depend on who wrote it: members by their names, and
   items of arrays, too, because multi-valued attributes have no order (RFC 7643 section 2.4). */
void json_put_canonical(struct buf *buf, yyjson_val *value);

/* `,"name":"text"`, the building block of every line we write. `plain`: the text is known
   to need no escapes. */
void json_put_named(struct buf *buf, struct span name, struct span text, bool plain);

static inline void json_put_member(struct buf *buf, const char *name, struct span text)
{
	json_put_named(buf, span_of(name), text, false);
}

#endif
