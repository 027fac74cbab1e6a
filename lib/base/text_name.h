/* SPDX-License-Identifier: ISC */
/*
 * text_name: a foreign text as a part of a line for people, so that it reads as one name,
 * whatever it says.
 *
 * It is inert (inert.h). It stands in double quotes if it is empty, begins or ends with a
 * blank, or holds what the lines themselves are made of: a run of blanks, " -> ", ", ",
 * " in ", a parenthesis, a quote at its start, the words of an event. Those words never stand together:
 * the blank between them is shown as \u{20}, so that no name wrapped by a terminal begins
 * a row that looks like one of ours.
 */
#ifndef ROLLCALL_TEXT_NAME_H
#define ROLLCALL_TEXT_NAME_H

#include "base/buf.h"

/* Appends a name or a value. */
void text_name_put(struct buf *line, struct span text);

/* Appends a text that is a sentence of its own at the end of a line, or JSON: without
   quotes, but nothing in it reads as a row. */
void text_name_put_bare(struct buf *line, struct span text);

#endif
