/* SPDX-License-Identifier: ISC */
/*
 * lines: NDJSON read line by line from a file or stdin, compressed with zstd or not.
 *
 * The framing of rollcall-stream(5) is checked here: LF, no byte-order mark, no
 * blank line, the last line ended, at most LINE_MAX_BYTES a line. What stands
 * in a line is the caller's to parse.
 */
#ifndef ROLLCALL_LINES_H
#define ROLLCALL_LINES_H

#include "base/buf.h"
#include "sys/input.h"

struct lines {
	int fd;
	const char *name; /* as in messages; borrowed from the caller */
	size_t number;    /* of the line read last, from 1 */
	char *data;
	size_t start, end, cap;
	size_t current, previous; /* where the line read last starts, and the one before it */
	bool is_borrowed;         /* the file is the caller's to close */
	bool cut;                 /* the input ended within a line */
	struct input input;
};

/* `path` "-" is stdin. 0 or -1 (FAULT_NO_INPUT). */
int lines_open(struct lines *lines, const char *path, struct fault *fault);

/* From where `fd`, which stays the caller's, stands. `name` as in messages. */
void lines_open_fd(struct lines *lines, int fd, const char *name);

void lines_close(struct lines *lines);

/* 1 and the line without its LF (borrowed until the next call), 0 at the end,
   -1 with a fault that names file and line. */
int lines_next(struct lines *lines, struct span *line, struct fault *fault);

/* The line before the one read last, without its LF; empty where there is none.
   Borrowed until the next read. */
struct span lines_previous(const struct lines *lines);

/* The line read last, just now, comes again. */
void lines_unread(struct lines *lines, struct span line);

/* For who reads many lines at once. The whole lines that are in memory and come next;
   borrowed until the next read. */
struct span lines_window(const struct lines *lines);

/* Reads more into memory, so that the window grows. 1; 0 at the end of the input; -1. */
int lines_widen(struct lines *lines, struct fault *fault);

/* The first `count` lines of the window, which are `bytes`, count as read. At least one. */
void lines_pass(struct lines *lines, struct span bytes, uint64_t count);

/* What stands behind the last whole line, where lines_next failed because it does not
   end; else empty. Borrowed until the next read. */
struct span lines_cut(const struct lines *lines);

/* After the first lines_next: is the input compressed with zstd? */
bool lines_are_packed(const struct lines *lines);

/* Puts "FILE: line N: " before a fault. Returns -1. */
int lines_fault(const struct lines *lines, struct fault *fault);

#endif
