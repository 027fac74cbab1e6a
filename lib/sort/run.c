/* SPDX-License-Identifier: ISC */
/*
 * run: reading and writing in large pieces; merging by a tournament (Knuth,
 * volume 3, 5.4.1), in which a new line plays only the matches on its way up, most
 * of them without a look at the lines (offset-value coding, Conner 1977).
 */
#include "sort/run.h"

#include "base/array.h"
#include "sort/order.h"
#include "sys/temporary.h"

#include <stdlib.h>
#include <unistd.h>

enum {
	WRITE_PIECE = 256 * 1024,
	READ_PIECE = 64 * 1024,
	CACHE_LINE = 64, /* bytes that are fetched at once; usual */
	USUAL_LINE = 256,
	WORD = 4, /* bytes */
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

static int run_write_piece(struct run_writer *writer, struct span piece, struct fault *fault)
{
	if (temporary_write(writer->run.fd, piece, (off_t)writer->run.size, fault) < 0)
		return -1;
	writer->run.size += piece.len;
	return 0;
}

static int run_write_used(struct run_writer *writer, struct fault *fault)
{
	struct span piece = {writer->buffer, writer->used};

	writer->used = 0;
	return run_write_piece(writer, piece, fault);
}

int run_writer_put(struct run_writer *writer, struct span line, struct fault *fault)
{
	size_t len = RUN_HEAD + line.len;
	char head[RUN_HEAD];

	if (len > writer->run.longest)
		writer->run.longest = len;
	if (len > WRITE_PIECE - writer->used && run_write_used(writer, fault) < 0)
		return -1;
	if (len <= WRITE_PIECE) {
		writer->used += run_put_line(writer->buffer + writer->used, line);
		return 0;
	}
	run_put_head(head, line);
	return run_write_piece(writer, (struct span){head, RUN_HEAD}, fault) < 0
	           ? -1
	           : run_write_piece(writer, line, fault);
}

int run_writer_end(struct run_writer *writer, struct run *run, struct fault *fault)
{
	if (run_write_used(writer, fault) < 0)
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

/* Fills the buffer, which has room for the longest line, from the file, which has
   more. The line before stays where it is. */
static int reader_fill(struct run_reader *reader, struct fault *fault)
{
	char *buffer = reader->buffers[1];

	reader->buffers[1] = reader->buffers[0];
	reader->buffers[0] = buffer;
	memcpy(buffer, reader->bytes + reader->start, reader->end - reader->start);
	reader->bytes = buffer;
	reader->end -= reader->start;
	reader->start = 0;
	while (reader->end < reader->cap && reader->read < reader->run->size) {
		size_t left = reader->run->size - reader->read, room = reader->cap - reader->end;
		ssize_t n = temporary_read(reader->run->fd, buffer + reader->end, room < left ? room : left,
		                           (off_t)reader->read, fault);

		if (n < 0)
			return -1;
		reader->end += (size_t)n;
		reader->read += (size_t)n;
	}
	return 0;
}

/* Does the buffer hold the next line whole? */
static bool reader_has_line(const struct run_reader *reader)
{
	size_t have = reader->end - reader->start;

	return have >= RUN_HEAD && have - RUN_HEAD >= run_line(reader->bytes + reader->start).len;
}

/* Sets the line, empty at the end. */
static int reader_find_line(struct run_reader *reader, struct fault *fault)
{
	bool more = reader->run && reader->read < reader->run->size;

	if (reader->start == reader->end && !more) {
		reader->line = (struct span)SPAN_EMPTY;
		return 0;
	}
	if (!reader_has_line(reader) && more && reader_fill(reader, fault) < 0)
		return -1;
	if (!reader_has_line(reader))
		return fault_set(fault, FAULT_IO, "cannot read a temporary file: it was changed");
	reader->line = run_line(reader->bytes + reader->start);
	reader->start += RUN_HEAD + reader->line.len;
	/* wanted when many others have been read: more streams than the CPU looks after */
	for (size_t i = 0; i < USUAL_LINE; i += CACHE_LINE)
		__builtin_prefetch(reader->bytes + reader->start + i);
	return 0;
}

/* Lines are words of four bytes here. Of two lines that are not less than a third one,
   that with the lesser code is less: it shares more words with the third, of which the
   byte at `same` is the first that differs, or the first word behind them is less. */
static uint64_t code_of(struct span line, size_t same)
{
	size_t from = same - same % WORD;
	uint64_t code = PLACE_LEN_MAX - from;

	for (size_t i = from; i < from + WORD; i++)
		code = code << 8 | (i < line.len ? (unsigned char)line.data[i] : 0);
	return code;
}

/* The code is against the line before. */
static int reader_next(struct run_reader *reader, struct fault *fault)
{
	struct span before = reader->line;

	if (reader_find_line(reader, fault) < 0)
		return -1;
	reader->code =
		reader->line.len ? code_of(reader->line, order_common(before, reader->line)) : UINT64_MAX;
	return 0;
}

/* ---- merging ---- */

void merge_release(struct merge *merge)
{
	for (size_t i = 0; i < merge->count; i++)
		free(merge->readers[i].allocated);
	free(merge->readers);
	free(merge->losers);
	*merge = (struct merge){0};
}

static struct run_reader *merge_add_reader(struct merge *merge, struct fault *fault)
{
	struct run_reader *readers =
		array_grow(merge->readers, merge->count, &merge->cap, sizeof *readers, fault);

	if (!readers)
		return NULL;
	merge->readers = readers;
	merge->readers[merge->count] = (struct run_reader){.line = SPAN_EMPTY};
	return &merge->readers[merge->count++];
}

int merge_add_lines(struct merge *merge, struct span lines, struct fault *fault)
{
	struct run_reader *reader = merge_add_reader(merge, fault);

	if (!reader)
		return -1;
	reader->bytes = lines.data;
	reader->end = lines.len;
	return 0;
}

int merge_add_run(struct merge *merge, const struct run *run, struct fault *fault)
{
	struct run_reader *reader = merge_add_reader(merge, fault);

	if (!reader)
		return -1;
	reader->run = run;
	reader->cap = run_reading(run) / 2;
	reader->allocated = malloc(2 * reader->cap);
	if (!reader->allocated)
		return fault_memory(fault);
	reader->bytes = reader->buffers[0] = reader->allocated;
	reader->buffers[1] = reader->allocated + reader->cap;
	return 0;
}

/* Has reader a the lesser line? Both have codes against one line; that of the loser is
   against the winner's afterwards: it is the same where the codes tell who won. */
static bool reader_wins(struct run_reader *a, struct run_reader *b)
{
	size_t same;
	bool less;

	if (a->code != b->code || !a->line.len)
		return a->code <= b->code;
	same = order_common(a->line, b->line);
	less = same == a->line.len || (same < b->line.len && (unsigned char)a->line.data[same] <
	                                                         (unsigned char)b->line.data[same]);
	if (less)
		b->code = code_of(b->line, same);
	else
		a->code = code_of(a->line, same);
	return less;
}

/* Plays match i: between the winners of matches 2i and 2i + 1; where there are none,
   i is the reader i - count. Returns the winner. */
static size_t merge_play(struct merge *merge, size_t i)
{
	size_t a, b;
	bool a_wins;

	if (i >= merge->count)
		return i - merge->count;
	a = merge_play(merge, 2 * i);
	b = merge_play(merge, 2 * i + 1);
	a_wins = reader_wins(&merge->readers[a], &merge->readers[b]);
	merge->losers[i] = a_wins ? b : a;
	return a_wins ? a : b;
}

static int merge_start(struct merge *merge, struct fault *fault)
{
	merge->losers = reallocarray(NULL, merge->count, sizeof *merge->losers);
	if (!merge->losers)
		return fault_memory(fault);
	for (size_t i = 0; i < merge->count; i++)
		if (reader_next(&merge->readers[i], fault) < 0)
			return -1;
	merge->losers[0] = merge_play(merge, 1);
	return 0;
}

/* The winner's reader goes on to its next line. */
static int merge_advance(struct merge *merge, struct fault *fault)
{
	size_t winner = merge->losers[0];

	if (reader_next(&merge->readers[winner], fault) < 0)
		return -1;
	for (size_t i = (merge->count + winner) / 2; i >= 1; i /= 2) {
		size_t other = merge->losers[i];

		if (reader_wins(&merge->readers[other], &merge->readers[winner])) {
			merge->losers[i] = winner;
			winner = other;
		}
	}
	merge->losers[0] = winner;
	return 0;
}

int merge_next(struct merge *merge, struct span *line, struct fault *fault)
{
	if (!merge->count)
		return 0;
	if (merge->losers ? merge_advance(merge, fault) < 0 : merge_start(merge, fault) < 0)
		return -1;
	*line = merge->readers[merge->losers[0]].line;
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
