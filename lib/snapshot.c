/* SPDX-License-Identifier: ISC */
/*
 * snapshot: lines live in an arena and are sorted by pointer.
 */
#include "snapshot.h"

#include "inert.h"

#include <stdlib.h>

void snapshot_release(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->source_count; i++) {
		buf_release(&snapshot->sources[i].name);
		buf_release(&snapshot->sources[i].name_json);
		buf_release(&snapshot->sources[i].head);
		buf_release(&snapshot->sources[i].not_covered);
	}
	arena_release(&snapshot->bytes);
	free(snapshot->sources);
	free(snapshot->lines);
	*snapshot = (struct snapshot){0};
}

struct snapshot_source *snapshot_find_source(const struct snapshot *snapshot, struct span name)
{
	for (size_t i = 0; i < snapshot->source_count; i++)
		if (span_is(buf_span(&snapshot->sources[i].name), name))
			return &snapshot->sources[i];
	return NULL;
}

struct snapshot_source *snapshot_add_source(struct snapshot *snapshot, struct span name,
                                            struct fault *fault)
{
	size_t count = snapshot->source_count;
	struct snapshot_source *sources;

	if (snapshot_find_source(snapshot, name)) {
		fault_set(fault, FAULT_DATA,
		          "source '%s' comes twice; two directories need two names (--source NAME when "
		          "fetching)",
		          INERT(name));
		return NULL;
	}
	sources = realloc(snapshot->sources, (count + 1) * sizeof *sources);
	if (!sources) {
		fault_memory(fault);
		return NULL;
	}
	snapshot->sources = sources;
	snapshot->source_count++;
	sources[count] = (struct snapshot_source){0};
	buf_put_span(&sources[count].name, name);
	json_put_string(&sources[count].name_json, name);
	return &sources[count];
}

int snapshot_add(struct snapshot *snapshot, struct span line, struct fault *fault)
{
	struct span copy;

	if (snapshot->count == snapshot->cap) {
		size_t cap = snapshot->cap ? snapshot->cap * 2 : 1024;
		struct span *lines = reallocarray(snapshot->lines, cap, sizeof *lines);

		if (!lines)
			return fault_memory(fault);
		snapshot->lines = lines;
		snapshot->cap = cap;
	}
	copy = arena_copy(&snapshot->bytes, line);
	if (!copy.data)
		return fault_memory(fault);
	snapshot->lines[snapshot->count++] = copy;
	return 0;
}

static int compare_lines(const void *a, const void *b)
{
	return span_compare(*(const struct span *)a, *(const struct span *)b);
}

static int compare_sources(const void *a, const void *b)
{
	const struct snapshot_source *x = a, *y = b;

	return span_compare(buf_span(&x->name), buf_span(&y->name));
}

static enum record_kind kind_of_line(struct span line)
{
	/* the kinds differ in their first two letters, and each line is ours */
	const char *word = line.data + strlen("{\"kind\":\"");

	return word[0] == 'u'   ? RECORD_USER
	       : word[0] == 'm' ? RECORD_MEMBERSHIP
	       : word[1] == 'r' ? RECORD_GROUP
	                        : RECORD_GAP;
}

/* Two neighbours with one identity and different content: who is right? */
static int check_pair(struct span line, struct span next, struct fault *fault)
{
	enum record_kind kind = kind_of_line(line);
	struct span key = record_line_key(kind, line);

	if ((kind != RECORD_USER && kind != RECORD_GROUP) || !span_begins(next, key))
		return 0;
	return fault_set(fault, FAULT_DATA, "two different records with one identity: %s", INERT(key));
}

/* Sorts; drops what is repeated; refuses what contradicts itself. */
static int put_in_order(struct snapshot *snapshot, struct fault *fault)
{
	size_t kept = 0;

	if (snapshot->count)
		qsort(snapshot->lines, snapshot->count, sizeof *snapshot->lines, compare_lines);
	for (size_t i = 0; i < snapshot->count; i++) {
		if (kept && span_is(snapshot->lines[i], snapshot->lines[kept - 1]))
			continue;
		if (kept && check_pair(snapshot->lines[kept - 1], snapshot->lines[i], fault) < 0)
			return -1;
		snapshot->lines[kept++] = snapshot->lines[i];
	}
	snapshot->count = kept;
	return 0;
}

/* How many of the lines, which are sorted, are gaps of each source. */
static void count_gaps(struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->source_count; i++)
		snapshot->sources[i].gaps = 0;
	for (size_t i = 0; i < snapshot->count && kind_of_line(snapshot->lines[i]) == RECORD_GAP; i++)
		for (size_t j = 0; j < snapshot->source_count; j++)
			snapshot->sources[j].gaps += span_is(record_line_source(snapshot->lines[i]),
			                                     buf_span(&snapshot->sources[j].name_json));
}

static int put_begin(struct snapshot *snapshot, struct buf *line, struct fault *fault)
{
	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"snapshot\",\"sources\":[",
	         STREAM_FORMAT);
	for (size_t i = 0; i < snapshot->source_count; i++) {
		const struct snapshot_source *source = &snapshot->sources[i];

		buf_puts(line, i ? "," : "");
		buf_put_span(line, buf_span(&source->head));
		buf_putf(line, ",\"gaps\":%llu,\"not_covered\":", (unsigned long long)source->gaps);
		buf_put_span(line, buf_span(&source->not_covered));
		buf_putc(line, '}');
	}
	buf_puts(line, "]}\n");
	return buf_check(line, fault);
}

int snapshot_write(struct snapshot *snapshot, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct buf begin = {0};
	int result;

	if (snapshot->source_count)
		qsort(snapshot->sources, snapshot->source_count, sizeof *snapshot->sources,
		      compare_sources);
	if (put_in_order(snapshot, fault) < 0)
		return -1;
	count_gaps(snapshot);
	result = put_begin(snapshot, &begin, fault);
	if (result == 0)
		result = section_open(&section, out, buf_span(&begin), fault);
	for (size_t i = 0; result == 0 && i < snapshot->count; i++) {
		section.counts.of[kind_of_line(snapshot->lines[i])]++;
		section_put(&section, snapshot->lines[i]);
	}
	if (result == 0)
		result = section_close(&section, "", (1U << RECORD_KINDS) - 1, "", fault);
	section_release(&section);
	buf_release(&begin);
	return result;
}
