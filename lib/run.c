/* SPDX-License-Identifier: ISC */
/*
 * run: reading and writing in large pieces; merging by a tournament (Knuth,
 * volume 3, 5.4.1), in which a new line plays only the matches on its way up.
 */
#include "run.h"

#include "temporary.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	WRITE_PIECE = 256 * 1024,
	READ_PIECE = 64 * 1024,
	AHEAD = 8, /* lines that are fetched before they are needed */
};

void run_release(struct run *run)
{
	if (run->fd >= 0)
		close(run->fd);
	*run = (struct run){.fd = -1};
}

/* ---- writing ---- */

int run_writer_open(struct run_writer *writer, struct fault *fault)
{
	*writer = (struct run_writer){.run = {.fd = -1}, .buffer = malloc(WRITE_PIECE)};
	if (!writer->buffer)
		return fault_memory(fault);
	writer->run.fd = temporary_open(fault);
	return writer->run.fd < 0 ? -1 : 0;
}

static int write_piece(struct run_writer *writer, struct span piece, struct fault *fault)
{
	if (temporary_write(writer->run.fd, piece, (off_t)writer->run.size, fault) < 0)
		return -1;
	writer->run.size += piece.len;
	return 0;
}

static int write_used(struct run_writer *writer, struct fault *fault)
{
	struct span piece = {writer->buffer, writer->used};

	writer->used = 0;
	return write_piece(writer, piece, fault);
}

int run_writer_put(struct run_writer *writer, struct span line, struct fault *fault)
{
	if (line.len > writer->run.longest)
		writer->run.longest = line.len;
	if (line.len > WRITE_PIECE - writer->used && write_used(writer, fault) < 0)
		return -1;
	if (line.len > WRITE_PIECE)
		return write_piece(writer, line, fault);
	memcpy(writer->buffer + writer->used, line.data, line.len);
	writer->used += line.len;
	return 0;
}

int run_writer_end(struct run_writer *writer, struct run *run, struct fault *fault)
{
	if (write_used(writer, fault) < 0)
		return -1;
	*run = writer->run;
	writer->run.fd = -1;
	return 0;
}

void run_writer_release(struct run_writer *writer)
{
	free(writer->buffer);
	run_release(&writer->run);
}

/* ---- reading ---- */

size_t run_reading(const struct run *run)
{
	size_t most = run->longest > READ_PIECE ? run->longest : READ_PIECE;

	return 2 * (most < run->size ? most : run->size);
}

/* Bytes behind those that are in the buffer; there are more in the file, and the
   buffer has room for the longest line. The line before stays where it is. */
static int fill(struct run_reader *reader, struct fault *fault)
{
	size_t left = reader->run->size - reader->read, room;
	char *before = reader->buffer;
	ssize_t n;

	reader->buffer = reader->other;
	reader->other = before;
	memcpy(reader->buffer, before + reader->start, reader->end - reader->start);
	reader->end -= reader->start;
	reader->start = 0;
	room = reader->cap - reader->end;
	n = temporary_read(reader->run->fd, reader->buffer + reader->end, room < left ? room : left,
	                   (off_t)reader->read, fault);
	if (n < 0)
		return -1;
	reader->end += (size_t)n;
	reader->read += (size_t)n;
	return 0;
}

static int next_in_file(struct run_reader *reader, struct fault *fault)
{
	size_t searched = 0;

	for (;;) {
		const char *from = reader->buffer + reader->start;
		size_t have = reader->end - reader->start;
		const char *newline = memchr(from + searched, '\n', have - searched);

		if (newline) {
			reader->line = (struct span){from, (size_t)(newline - from) + 1};
			reader->start += reader->line.len;
			return 0;
		}
		searched = have;
		if (reader->read == reader->run->size) {
			reader->line = (struct span){"", 0};
			return have ? fault_set(fault, FAULT_IO, "cannot read a temporary file: it was changed")
			            : 0;
		}
		if (have == reader->cap)
			return fault_set(fault, FAULT_IO, "cannot read a temporary file: it was changed");
		if (fill(reader, fault) < 0)
			return -1;
	}
}

static int next_of(struct run_reader *reader, struct fault *fault)
{
	if (reader->run)
		return next_in_file(reader, fault);
	reader->line = (struct span){"", 0};
	if (reader->places < reader->places_end)
		reader->line = place_line(reader->places++, reader->base);
	/* lines lie in the order they came: without a hint each one is a cache miss */
	if (reader->places_end - reader->places > AHEAD)
		__builtin_prefetch(place_line(reader->places + AHEAD, reader->base).data);
	return 0;
}

/* ---- merging ---- */

void merge_release(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++)
		free(merge->readers[i].both);
	free(merge->readers);
	free(merge->winners);
	*merge = (struct merge){0};
}

static struct run_reader *add_reader(struct merge *merge, struct fault *fault)
{
	if (merge->count == merge->cap) {
		size_t cap = merge->cap ? merge->cap * 2 : 8;
		struct run_reader *readers = reallocarray(merge->readers, cap, sizeof *readers);

		if (!readers) {
			fault_memory(fault);
			return NULL;
		}
		merge->readers = readers;
		merge->cap = cap;
	}
	merge->readers[merge->count] = (struct run_reader){.line = {"", 0}};
	return &merge->readers[merge->count++];
}

int merge_add_places(struct merge *merge, const struct place *places, size_t count,
                     const char *base, struct fault *fault)
{
	struct run_reader *reader = add_reader(merge, fault);

	if (!reader)
		return -1;
	reader->places = places;
	reader->places_end = places + count;
	reader->base = base;
	return 0;
}

int merge_add_run(struct merge *merge, const struct run *run, struct fault *fault)
{
	struct run_reader *reader = add_reader(merge, fault);

	if (!reader)
		return -1;
	reader->run = run;
	reader->cap = run_reading(run) / 2;
	reader->both = malloc(2 * reader->cap);
	reader->buffer = reader->both;
	reader->other = reader->both + reader->cap;
	return reader->both ? 0 : fault_memory(fault);
}

/* Of two readers the one with the lesser line; one that is at its end loses. */
static size_t play(const struct merge *merge, size_t a, size_t b)
{
	struct span x = merge->readers[a].line, y = merge->readers[b].line;

	if (!x.len || !y.len)
		return x.len ? a : b;
	return span_compare(x, y) <= 0 ? a : b;
}

/* A tree in an array: match i is between the winners of matches 2i and 2i + 1;
   the leaves count + i are the readers i. */
static int start(struct merge *merge, struct fault *fault)
{
	merge->started = true;
	for (size_t i = 0; i < merge->count; i++)
		if (next_of(&merge->readers[i], fault) < 0)
			return -1;
	if (!merge->count)
		return 0;
	merge->winners = reallocarray(NULL, merge->count, 2 * sizeof *merge->winners);
	if (!merge->winners)
		return fault_memory(fault);
	for (size_t i = 0; i < merge->count; i++)
		merge->winners[merge->count + i] = i;
	for (size_t i = merge->count - 1; i >= 1; i--)
		merge->winners[i] = play(merge, merge->winners[2 * i], merge->winners[2 * i + 1]);
	return 0;
}

/* The winner's reader goes on to its next line. */
static int go_on(struct merge *merge, struct fault *fault)
{
	size_t winner = merge->winners[1];

	if (next_of(&merge->readers[winner], fault) < 0)
		return -1;
	for (size_t i = (merge->count + winner) / 2; i >= 1; i /= 2)
		merge->winners[i] = play(merge, merge->winners[2 * i], merge->winners[2 * i + 1]);
	return 0;
}

int merge_next(struct merge *merge, struct span *line, struct fault *fault)
{
	if (merge->started && merge->count ? go_on(merge, fault) < 0 : start(merge, fault) < 0)
		return -1;
	if (!merge->count)
		return 0;
	*line = merge->readers[merge->winners[1]].line;
	return line->len > 0;
}

int merge_write(struct merge *merge, struct run *run, struct fault *fault)
{
	struct run_writer writer;
	struct span line;
	int more = run_writer_open(&writer, fault);

	while (more >= 0 && (more = merge_next(merge, &line, fault)) > 0)
		more = run_writer_put(&writer, line, fault);
	if (more == 0)
		more = run_writer_end(&writer, run, fault);
	run_writer_release(&writer);
	return more;
}
