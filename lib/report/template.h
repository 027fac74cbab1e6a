/* SPDX-License-Identifier: ISC */
/*
 * template: a page with holes, filled from a tree of values. Words and markup stay in
 * files of their own (lib/report/pages); this is the part of mustache(5) that they need:
 *
 *     {{name}}                the value, escaped; the thousands of a number set apart
 *     {{{name}}}              the value as it is: markup that we made ourselves
 *     {{#name}}...{{/name}}   once for each item of a list, once for an object, and once
 *                             for any other value that is neither false nor empty
 *     {{^name}}...{{/name}}   where the value is absent, false, or empty
 *     {{.}}                   the value itself
 *     {{name row}}            the number and its word, as many as it says: "1 row", "2 rows";
 *                             "person|people" where an s is not enough
 *
 * A name is looked for in the innermost value first, then in those around it. A section
 * tag that stands alone on its line takes the line with it.
 */
#ifndef ROLLCALL_TEMPLATE_H
#define ROLLCALL_TEMPLATE_H

#include "base/buf.h"

#include <yyjson.h>

/* A file of lib/report/pages, compiled in. */
struct page {
	const char *name;
	struct span text;
};

/* Appends foreign text as its page must have it (markup.h). */
typedef void template_escape(struct buf *to, struct span text);

/* Appends the page, filled from `values`. 0; -1 with FAULT_INTERNAL, where the page asks for
   a value that nobody gave or a tag is not closed, or no memory. */
int template_put(struct buf *to, const struct page *page, template_escape *escape,
                 yyjson_mut_val *values, struct fault *fault);

/* Appends a number with its thousands set apart: 1,234,567. */
void template_put_number(struct buf *to, uint64_t number);

#endif
