/* SPDX-License-Identifier: ISC */
/*
 * markup: foreign text in a page, one function a context. Each makes it inert first
 * (inert.h), then takes the meaning away that it would have in the page.
 */
#ifndef ROLLCALL_MARKUP_H
#define ROLLCALL_MARKUP_H

#include "base/buf.h"

/* HTML and SVG: text, and the value of an attribute in double quotes. */
void markup_put_html(struct buf *to, struct span text);

/* Markdown (CommonMark, and GitHub's tables, links and mentions): text within a line,
   not at its start. */
void markup_put_markdown(struct buf *to, struct span text);

#endif
