/* SPDX-License-Identifier: ISC */
/*
 * run: lines in bytewise order, in memory or in a temporary file, and the
 * merging of many such runs into one.
 */
#ifndef ROLLCALL_RUN_H
#define ROLLCALL_RUN_H

#include "fault.h"
#include "order.h"

/* A run in a file of its own. */
struct run {
	int fd; /* -1: none */
	unsigned level;
	size_t size, longest; /* bytes, and of the longest line */
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

	/* of a run in memory */
	const struct place *places, *places_end;
	const char *base;

	/* of a run in a file; NULL: in memory */
	const struct run *run;
	char *both;                   /* halves of one allocation */
	char *buffer, *other;         /* the one in use; the one before, with the line before */
	size_t start, end, cap, read; /* in the buffer; of the file */
};

struct merge {
	struct run_reader *readers;
	size_t count, cap;
	size_t *winners; /* [1] is the reader with the least line, see run.c */
	bool started;
};

void merge_release(struct merge *merge);

/* Both borrow until merge_release. 0 or -1. */
int merge_add_places(struct merge *merge, const struct place *places, size_t count,
                     const char *base, struct fault *fault);
int merge_add_run(struct merge *merge, const struct run *run, struct fault *fault);

/* 1 and the next line (borrowed until the next call but one); 0; -1. */
int merge_next(struct merge *merge, struct span *line, struct fault *fault);

/* Merges everything into one run in a file. 0 or -1. */
int merge_write(struct merge *merge, struct run *run, struct fault *fault);

#endif
