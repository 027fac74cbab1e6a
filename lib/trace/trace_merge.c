/* SPDX-License-Identifier: ISC */
/*
 * trace_merge: snapshots of one chain, some at a time, block by block.
 *
 * Of each snapshot a piece is in memory. A block is what all of them have there in whole:
 * the lines before the earliest last line of any. Within a block each snapshot is compared
 * with the one before it. Most have the very bytes: then nothing is to do but to digest
 * them. Snapshots of other sources are other chains, and have nothing to compare.
 *
 * Of many snapshots in one chain the last of a group is read again as the first of the next
 * one, so that there is no limit to their number.
 */
#include "base/inert.h"
#include "trace/trace_parts.h"

#include <stdlib.h>
#include <sys/resource.h>

enum {
	GROUP_MAX = 64, /* snapshots that are open at the same time */
	OTHER_FILES = 16,
	KEYS_LEAST = 4, /* lines; at most three have one key */
};

struct lane {
	struct snapshot_reader reader;
	size_t file;
	bool has_end;   /* its last line is in memory */
	bool has_ended; /* and comes next */
	bool is_closed;
	struct span run;
	struct counts counts; /* of the run */
};

struct trace_merge {
	struct trace *trace;
	struct lane *lanes;
	size_t count;
	bool is_first;        /* the first lane has no lane before it in the chain */
	struct record record; /* what is parsed to see that it is one */
	struct buf limit;     /* the key before which the block ends; empty: there is none */
};

/* ---- lines ---- */

static struct span line_first(struct span text)
{
	const char *end = text.len ? memchr(text.data, '\n', text.len) : NULL;

	return (struct span){text.data, end ? (size_t)(end - text.data) : text.len};
}

static void line_drop(struct span *text, struct span line)
{
	size_t len = line.len < text->len ? line.len + 1 : text->len;

	*text = (struct span){text->data + len, text->len - len};
}

static struct span line_last(struct span text)
{
	const char *before = text.len > 1 ? memrchr(text.data, '\n', text.len - 1) : NULL;
	size_t at = before ? (size_t)(before + 1 - text.data) : 0;

	return (struct span){text.data + at, text.len - at - (text.len > 0)};
}

static bool line_is_end(struct span line)
{
	return span_begins(line, span_of("{\"kind\":\"end\""));
}

struct span trace_key(enum record_kind kind, struct span line)
{
	return kind == RECORD_MEMBERSHIP && record_line_member_kind(line) == MEMBER_GROUP
	           ? line
	           : record_line_key(kind, line);
}

/* The same of a line that was not checked yet; empty where it is no record. */
static struct span line_key(struct span line)
{
	static const char *const kinds[RECORD_KINDS] = {"gap\"", "group\"", "membership\"", "user\""};
	static const struct span head = SPAN("{\"kind\":\"");
	struct span rest = {line.data + head.len, line.len - head.len};

	if (span_begins(line, head))
		for (int kind = 0; kind < RECORD_KINDS; kind++)
			if (span_begins(rest, span_of(kinds[kind])))
				return trace_key((enum record_kind)kind, line);
	return (struct span)SPAN_EMPTY;
}

/* Of whole lines in order. */
static void lines_count(struct span text, struct counts *counts)
{
	while (text.len) {
		struct span line = line_first(text);

		counts->of[record_line_kind(line)]++;
		line_drop(&text, line);
	}
}

static bool lines_are_many(struct span text)
{
	size_t count = 0;

	for (; text.len && count < KEYS_LEAST; count++)
		line_drop(&text, line_first(text));
	return count == KEYS_LEAST;
}

/* How much of the beginning of two texts is the same, in whole lines. */
static size_t lines_alike(struct span one, struct span other)
{
	size_t max = one.len < other.len ? one.len : other.len, at = 0;
	const char *end;

	while (at + 8 <= max && memcmp(one.data + at, other.data + at, 8) == 0)
		at += 8;
	while (at < max && one.data[at] == other.data[at])
		at++;
	end = at ? memrchr(one.data, '\n', at) : NULL;
	return end ? (size_t)(end + 1 - one.data) : 0;
}

/* ---- what differs ---- */

/* The record with this key is from this snapshot on as its line says, or gone. */
static int event_add(struct trace_merge *merge, const struct lane *lane, struct span key,
                     const struct span *line, struct fault *fault)
{
	struct buf *text = &merge->trace->line;

	buf_clear(text);
	buf_put_span(text, key);
	buf_putf(text, "%c%08zx%c", TRACE_MARK, lane->file, line ? '+' : '-');
	if (line)
		buf_put(text, line->data + key.len, line->len - key.len);
	buf_putc(text, '\n');
	return buf_check(text, fault) < 0 ? -1
	                                  : sorter_add(merge->trace->events, buf_span(text), fault);
}

/* Reads one line and checks it. `old`: the same record in the lane before; NULL: it is new. */
static int lane_step(struct trace_merge *merge, struct lane *lane, const struct span *old,
                     struct fault *fault)
{
	struct snapshot_reader *reader = &lane->reader;
	struct span key;

	if (snapshot_reader_step(reader, fault) < 0)
		return -1;
	if (!reader->has_record)
		return 0;
	if (snapshot_reader_check(reader, fault) < 0 ||
	    snapshot_reader_parse(reader, &merge->record, fault) < 0)
		return -1;
	if (lane == merge->lanes && !merge->is_first)
		return 0;
	if (old && span_is(record_line_stable(reader->kind, *old),
	                   record_line_stable(reader->kind, reader->line)))
		return 0;
	key = trace_key(reader->kind, reader->line);
	return event_add(merge, lane, key, &reader->line, fault);
}

/* ---- a block ---- */

/* The next line of the lane, if it is in the block. */
static bool lane_next(const struct trace_merge *merge, const struct lane *lane, struct span *line)
{
	struct span window = lines_window(&lane->reader.stream.lines);

	*line = line_first(window);
	return window.len && !line_is_end(*line) &&
	       !(merge->limit.len && span_compare(*line, buf_span(&merge->limit)) >= 0);
}

static void lane_pass(struct lane *lane, size_t len)
{
	struct span text = {lines_window(&lane->reader.stream.lines).data, len};
	struct counts counts = {0};

	lines_count(text, &counts);
	snapshot_reader_pass(&lane->reader, text, &counts);
}

/* Older snapshots can have a membership twice, without the kind of its member the second
   time: that line says nothing. */
static bool is_repeated(struct span line, struct span all)
{
	struct span before, key;

	if (record_line_kind(line) != RECORD_MEMBERSHIP || line.data == all.data)
		return false;
	before = line_last((struct span){all.data, (size_t)(line.data - all.data)});
	key = trace_key(RECORD_MEMBERSHIP, line);
	return key.len && record_line_kind(before) == RECORD_MEMBERSHIP &&
	       span_is(key, trace_key(RECORD_MEMBERSHIP, before));
}

/* The first line of each of two runs differs, or one has come to its end (`line` is NULL). */
static int lane_differ(struct trace_merge *merge, struct lane *lane, struct span *old,
                       struct span all, const struct span *line, struct fault *fault)
{
	struct span was = line_first(*old), key;

	if (!old->len)
		return lane_step(merge, lane, NULL, fault);
	if (is_repeated(was, all)) {
		line_drop(old, was);
		return 0;
	}
	key = trace_key(record_line_kind(was), was);
	if (line && span_is(key, line_key(*line))) {
		line_drop(old, was);
		return lane_step(merge, lane, &was, fault);
	}
	if (line && span_compare(*line, was) < 0)
		return lane_step(merge, lane, NULL, fault);
	line_drop(old, was);
	return event_add(merge, lane, key, NULL, fault);
}

/* Reads what the lane has of the block, beside what the lane before it had. */
static int lane_walk(struct trace_merge *merge, struct lane *lane, const struct lane *before,
                     struct fault *fault)
{
	struct span all = before ? before->run : (struct span)SPAN_EMPTY, old = all, line;
	struct span window = lines_window(&lane->reader.stream.lines);
	struct counts counts = lane->reader.stream.counts;
	const char *start = window.data;
	size_t from = lane->reader.stream.lines.start;
	bool has_line;

	if (all.len && span_begins(window, all)) {
		snapshot_reader_pass(&lane->reader, (struct span){start, all.len}, &before->counts);
		old.len = 0;
		old.data += all.len;
	}
	while ((has_line = lane_next(merge, lane, &line)) || old.len) {
		size_t alike = has_line ? lines_alike(lines_window(&lane->reader.stream.lines), old) : 0;

		if (alike) {
			lane_pass(lane, alike);
			old = (struct span){old.data + alike, old.len - alike};
		} else if (lane_differ(merge, lane, &old, all, has_line ? &line : NULL, fault) < 0) {
			return -1;
		}
	}
	lane->run = (struct span){start, lane->reader.stream.lines.start - from};
	lane->has_ended = line_is_end(line_first(lines_window(&lane->reader.stream.lines)));
	for (int kind = 0; kind < RECORD_KINDS; kind++)
		lane->counts.of[kind] = lane->reader.stream.counts.of[kind] - counts.of[kind];
	return 0;
}

/* The lane has its end line before it: it is proved. */
static int lane_end(struct trace_merge *merge, struct lane *lane, struct fault *fault)
{
	struct snapshot_reader *reader = &lane->reader;
	struct trace_file *file = &merge->trace->files[lane->file];
	int more = snapshot_reader_next(reader, fault);

	if (more > 0)
		return fault_set(fault, FAULT_INTERNAL, "a record after the end line");
	if (more < 0)
		return -1;
	if (file->sha256[0] && strcmp(file->sha256, reader->sha256) != 0)
		return fault_set(fault, FAULT_DATA, "%s: the snapshot changed while it was read",
		                 INERT(snapshot_reader_name(reader)));
	memcpy(file->sha256, reader->sha256, sizeof file->sha256);
	return 0;
}

/* Reads on until the lane can make a block, and says where its lines in memory end. */
static int lane_fill(struct trace_merge *merge, struct lane *lane, struct fault *fault)
{
	struct lines *lines = &lane->reader.stream.lines;
	bool is_low = lines_window(lines).len < lines->cap / 2;
	int more;

	for (;;) {
		struct span window = lines_window(lines), last = line_last(window), key;

		lane->has_end = line_is_end(last);
		if (lane->has_end)
			return 0;
		key = line_key(last);
		if (key.len == last.len && last.len) /* a group that is a member, or a gap */
			key = record_line_key(record_line_kind(last), last);
		if (!key.len)
			key = last;
		if (!is_low && window.len && span_compare(line_first(window), key) < 0) {
			if (!merge->limit.len || span_compare(key, buf_span(&merge->limit)) < 0) {
				buf_clear(&merge->limit);
				buf_put_span(&merge->limit, key);
			}
			return buf_check(&merge->limit, fault);
		}
		if (!is_low && lines_are_many(window))
			break;
		more = lines_widen(lines, fault);
		if (more < 0)
			return -1;
		if (!more && !is_low)
			break;
		is_low = false;
	}
	/* out of order, or without an end line: reading on says what is wrong */
	do
		more = snapshot_reader_next(&lane->reader, fault);
	while (more > 0);
	return more < 0 ? -1
	                : fault_set(fault, FAULT_INTERNAL, "a snapshot was read in the wrong order");
}

static int merge_block(struct trace_merge *merge, bool *is_done, struct fault *fault)
{
	const struct lane *before = NULL;

	*is_done = true;
	buf_clear(&merge->limit);
	for (size_t i = 0; i < merge->count; i++) {
		struct lane *lane = &merge->lanes[i];

		lane->run.len = 0;
		lane->counts = (struct counts){0};
		if (lane->is_closed)
			continue;
		if (lane->has_ended) {
			if (lane_end(merge, lane, fault) < 0)
				return -1;
			snapshot_reader_close(&lane->reader);
			lane->is_closed = true;
			continue;
		}
		*is_done = false;
		if (lane_fill(merge, lane, fault) < 0)
			return -1;
	}
	for (size_t i = 0; i < merge->count; i++) {
		struct lane *lane = &merge->lanes[i];

		if ((!lane->is_closed || (before && before->run.len)) &&
		    lane_walk(merge, lane, before, fault) < 0)
			return -1;
		before = lane;
	}
	return 0;
}

/* ---- groups of snapshots ---- */

/* The snapshots of one chain from the place `first` on. */
static int merge_group(struct trace_merge *merge, size_t first, size_t count, struct fault *fault)
{
	bool is_done = false;
	int result = 0;

	memset(merge->lanes, 0, count * sizeof *merge->lanes);
	merge->count = count;
	for (size_t i = 0; result == 0 && i < count; i++) {
		merge->lanes[i].file = first + i;
		result = trace_file_open(&merge->trace->files[first + i], &merge->lanes[i].reader, fault);
	}
	while (result == 0 && !is_done)
		result = merge_block(merge, &is_done, fault);
	for (size_t i = 0; i < count; i++)
		snapshot_reader_close(&merge->lanes[i].reader);
	return result;
}

/* How many snapshots can be open at the same time. */
static size_t merge_group_max(void)
{
	struct rlimit limit;
	size_t max = GROUP_MAX;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < GROUP_MAX + OTHER_FILES)
		max = limit.rlim_cur > OTHER_FILES ? (size_t)limit.rlim_cur - OTHER_FILES : 0;
	return max < 2 ? 2 : max;
}

int trace_merge(struct trace *trace, struct fault *fault)
{
	struct trace_merge merge = {.trace = trace, .lanes = calloc(GROUP_MAX, sizeof *merge.lanes)};
	size_t max = merge_group_max(), at = 0;
	int result = merge.lanes ? 0 : fault_memory(fault);

	while (result == 0 && at < trace->file_count) {
		size_t chain_end = trace->files[at].chain_end;

		merge.is_first = true;
		do {
			size_t count = chain_end - at < max ? chain_end - at : max;

			result = merge_group(&merge, at, count, fault);
			at += count - 1;
			merge.is_first = false;
		} while (result == 0 && at + 1 < chain_end);
		at = chain_end;
	}
	buf_release(&merge.limit);
	record_release(&merge.record);
	free(merge.lanes);
	return result;
}
