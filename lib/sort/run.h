/* SPDX-License-Identifier: ISC */
/*
 * run: lines in bytewise order, in memory or in a temporary file, and the
 * merging of many such runs into one.
 */
#ifndef ROLLCALL_RUN_H
#define ROLLCALL_RUN_H

#include "base/fault.h"
#include "base/span.h"

#include <stdint.h>

/* A line stands in a run behind a head, its length. */
enum { RUN_HEAD = sizeof(uint32_t) };

static inline void run_put_head(char *to, struct span line)
{
	uint32_t len = (uint32_t)line.len;

	memcpy(to, &len, sizeof len);
}

/* Returns how many bytes it put. */
static inline size_t run_put_line(char *to, struct span line)
{
	run_put_head(to, line);
	memcpy(to + RUN_HEAD, line.data, line.len);
	return RUN_HEAD + line.len;
}

static inline struct span run_line(const char *at)
{
	uint32_t len;

	memcpy(&len, at, sizeof len);
	return (struct span){at + RUN_HEAD, len};
}

/* A run in a file of its own. */
struct run {
	int fd; /* -1: none */
	unsigned level;
	size_t size, longest; /* bytes, and of the longest line with its head */
};

void run_release(struct run *run);

struct run_writer {
	struct run run;
	char *buffer;
	size_t used;
};

/* 0 or -1; run_writer_release is due in both cases. */
int run_writer_open(struct run_writer *writer, struct fault *fault);
int run_writer_put(struct run_writer *writer, struct span line, struct fault *fault);

/* Writes what is left; the run is the caller's. 0 or -1. */
int run_writer_end(struct run_writer *writer, struct run *run, struct fault *fault);
void run_writer_release(struct run_writer *writer);

/* How much memory reading this run takes. */
size_t run_reading(const struct run *run);

/* One run as it is read: `line` is the next one, empty behind the last. */
struct run_reader {
	struct span line;
	uint64_t code; /* where and how the line differs from another one, see run.c */

	const char *bytes; /* all of a run in memory, or what is at hand of one in a file */
	size_t start, end; /* of what is left in `bytes` */

	/* of a run in a file; NULL: in memory */
	const struct run *run;
	char *allocated;
	char *buffers[2]; /* its halves: the one at hand, and the one before */
	size_t cap, read; /* of a buffer; of the file */
};

struct merge {
	struct run_reader *readers;
	size_t count, cap;
	size_t *losers; /* of the matches; [0] is the reader that lost none, see run.c */
};

void merge_release(struct merge *merge);

/* Both borrow until merge_release. 0 or -1. */
int merge_add_lines(struct merge *merge, struct span lines, struct fault *fault);
int merge_add_run(struct merge *merge, const struct run *run, struct fault *fault);

/* 1 and the next line (borrowed until the next call but one); 0; -1. */
int merge_next(struct merge *merge, struct span *line, struct fault *fault);

/* Merges everything into one run in a file. 0 or -1. */
int merge_write(struct merge *merge, struct run *run, struct fault *fault);

#endif
