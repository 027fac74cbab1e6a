/* SPDX-License-Identifier: ISC */
/*
 * lines: one buffer that slides over the input and grows to the longest line.
 */
#include "sys/lines.h"

#include "base/ceiling.h"
#include "base/inert.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { LINES_FIRST = 64 * 1024 };

int lines_open(struct lines *lines, const char *path, struct fault *fault)
{
	*lines = (struct lines){.fd = STDIN_FILENO, .name = "standard input"};
	if (strcmp(path, "-") == 0)
		return 0;
	lines->name = path;
	lines->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (lines->fd < 0)
		return fault_set(fault, FAULT_NO_INPUT, "cannot open '%s': %s", INERT(span_of(path)),
		                 strerror(errno));
	return 0;
}

void lines_open_fd(struct lines *lines, int fd, const char *name)
{
	*lines = (struct lines){.fd = fd, .name = name, .is_borrowed = true};
}

void lines_close(struct lines *lines)
{
	if (lines->fd > STDIN_FILENO && !lines->is_borrowed)
		close(lines->fd);
	input_release(&lines->input);
	free(lines->data);
	*lines = (struct lines){.fd = -1};
}

int lines_fault(const struct lines *lines, struct fault *fault)
{
	return fault_prefix(fault, "%s: line %zu: ", INERT(span_of(lines->name)), lines->number);
}

struct span lines_previous(const struct lines *lines)
{
	if (lines->current == lines->previous)
		return (struct span)SPAN_EMPTY;
	return (struct span){lines->data + lines->previous, lines->current - lines->previous - 1};
}

struct span lines_cut(const struct lines *lines)
{
	if (!lines->cut)
		return (struct span)SPAN_EMPTY;
	return (struct span){lines->data + lines->start, lines->end - lines->start};
}

/* How much there is of the line that has not come to its end yet. */
static size_t lines_rest(const struct lines *lines)
{
	size_t len = lines->end - lines->start;
	const char *from = lines->data + lines->start, *newline = memrchr(from, '\n', len);

	return newline ? (size_t)(from + len - newline - 1) : len;
}

/* Slides the line read last, which is the previous one from now on, to the start. */
static int lines_make_room(struct lines *lines, struct fault *fault)
{
	size_t used = lines->end - lines->current, cap;
	char *data;

	if (lines->current) {
		memmove(lines->data, lines->data + lines->current, used);
		lines->start -= lines->current;
		lines->end = used;
		lines->current = 0;
	}
	if (used < lines->cap)
		return 0;
	if (lines->end - lines->start > LINE_MAX_BYTES && lines_rest(lines) > LINE_MAX_BYTES) {
		fault_set(fault, FAULT_DATA, "longer than the limit of %zu bytes", LINE_MAX_BYTES);
		return lines_fault(lines, fault);
	}
	cap = lines->cap ? lines->cap * 2 : LINES_FIRST;
	data = realloc(lines->data, cap);
	if (!data)
		return fault_memory(fault);
	lines->data = data;
	lines->cap = cap;
	return 0;
}

/* 1: bytes came, 0: the input ended, -1: fault. */
static int lines_fill(struct lines *lines, struct fault *fault)
{
	ssize_t n;

	if (lines_make_room(lines, fault) < 0)
		return -1;
	lines->input.fd = lines->fd;
	lines->input.name = lines->name;
	n = input_read(&lines->input, lines->data + lines->end, lines->cap - lines->end, fault);
	if (n < 0)
		return -1;
	lines->end += (size_t)n;
	return n > 0;
}

static int lines_check(const struct lines *lines, struct span line, struct fault *fault)
{
	static const struct span bom = {"\xef\xbb\xbf", 3};

	if (line.len > LINE_MAX_BYTES)
		fault_set(fault, FAULT_DATA, "longer than the limit of %zu bytes", LINE_MAX_BYTES);
	else if (line.len == 0)
		fault_set(fault, FAULT_DATA, "a blank line: remove it");
	else if (lines->number == 1 && span_begins(line, bom))
		fault_set(fault, FAULT_DATA,
		          "starts with a byte-order mark: save the file as UTF-8 without it");
	else if (line.data[line.len - 1] == '\r')
		fault_set(fault, FAULT_DATA, "ends in CR LF: remove the CR, as with tr -d '\\r'");
	else
		return 0;
	return lines_fault(lines, fault);
}

int lines_next(struct lines *lines, struct span *line, struct fault *fault)
{
	size_t searched = 0;
	char *from, *newline;
	int more;

	lines->number++;
	for (;;) {
		size_t have = lines->end - lines->start;

		from = have ? lines->data + lines->start : NULL;
		newline = have > searched ? memchr(from + searched, '\n', have - searched) : NULL;
		if (newline) {
			*line = (struct span){from, (size_t)(newline - from)};
			lines->previous = lines->current;
			lines->current = lines->start;
			lines->start += line->len + 1;
			return lines_check(lines, *line, fault) < 0 ? -1 : 1;
		}
		searched = have;
		more = lines_fill(lines, fault);
		if (more < 0)
			return -1;
		if (more == 0 && have) {
			lines->cut = true;
			fault_set(fault, FAULT_DATA, "cut off: it does not end in a newline");
			return lines_fault(lines, fault);
		}
		if (more == 0) {
			lines->number--;
			return 0;
		}
	}
}

struct span lines_window(const struct lines *lines)
{
	size_t len = lines->end - lines->start;

	if (!len)
		return (struct span)SPAN_EMPTY;
	return (struct span){lines->data + lines->start, len - lines_rest(lines)};
}

int lines_widen(struct lines *lines, struct fault *fault)
{
	int more;

	lines->number++; /* a fault is that of the line to come */
	more = lines_fill(lines, fault);
	lines->number--;
	return more;
}

void lines_pass(struct lines *lines, struct span bytes, uint64_t count)
{
	const char *last = memrchr(bytes.data, '\n', bytes.len - 1);

	lines->current = lines->start + (last ? (size_t)(last + 1 - bytes.data) : 0);
	lines->previous = lines->current;
	lines->start += bytes.len;
	lines->number += (size_t)count;
}

void lines_unread(struct lines *lines, struct span line)
{
	lines->start -= line.len + 1;
	lines->number--;
}

bool lines_are_packed(const struct lines *lines)
{
	return lines->input.unpacker != NULL;
}
