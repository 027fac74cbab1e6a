/* SPDX-License-Identifier: ISC */
/*
 * plain_lines: NDJSON that no fetcher wrote, as one source of a snapshot.
 *
 * The lines have no begin and no end: whoever calls them complete vouches for
 * it. So a line that is cut is refused, and so is no line at all, unless it is
 * said that this may mean nobody.
 */
#ifndef ROLLCALL_PLAIN_LINES_H
#define ROLLCALL_PLAIN_LINES_H

#include "normalize/normalize.h"

struct plain_lines {
	const char *source;     /* what the directory is called */
	const char *fetched_at; /* RFC 3339 with any zone; NULL: now */
	size_t lines;           /* read so far */
	struct plain_names names;
};

/* One source, opened once, read from one or more files (or "-"), closed. Each
   returns 0 or -1. */
int plain_lines_open(struct plain_lines *plain, struct normalizer *normalizer, struct fault *fault);
int plain_lines_read(struct plain_lines *plain, struct normalizer *normalizer, const char *path,
                     struct fault *fault);
int plain_lines_close(struct plain_lines *plain, struct normalizer *normalizer,
                      struct fault *fault);
void plain_lines_release(struct plain_lines *plain);

/* Appends what became of the lines, after normalize_write, and what is odd in their names:
   "source 'hr': 41 lines made 40 records; 1 repeated another one". */
void plain_lines_put_counts(const struct plain_lines *plain, const struct normalizer *normalizer,
                            struct buf *text);

#endif
