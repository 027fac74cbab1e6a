/* SPDX-License-Identifier: ISC */
/*
 * snapshot: what the sorter gives back is compared with the line after it, twice.
 */
#include "stream/snapshot.h"

#include "base/inert.h"
#include "base/json_put.h"

#include <stdlib.h>

int snapshot_open(struct snapshot *snapshot, struct budget *budget, size_t shards,
                  struct fault *fault)
{
	*snapshot = (struct snapshot){
		.lines = sorter_share(budget, shards, fault),
	};
	return snapshot->lines ? 0 : -1;
}

void snapshot_remove_source(struct snapshot *snapshot, size_t i)
{
	struct snapshot_source *source = &snapshot->sources[i];

	buf_release(&source->name);
	buf_release(&source->name_json);
	buf_release(&source->head);
	buf_release(&source->not_covered);
	buf_release(&source->select);
	snapshot->source_count--;
	memmove(source, source + 1, (snapshot->source_count - i) * sizeof *source);
}

void snapshot_release(struct snapshot *snapshot)
{
	while (snapshot->source_count)
		snapshot_remove_source(snapshot, snapshot->source_count - 1);
	sorter_close(snapshot->lines);
	free(snapshot->sources);
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
	sources[count] = (struct snapshot_source){.vocabulary = VOCABULARY};
	buf_put_span(&sources[count].name, name);
	json_put_string(&sources[count].name_json, name);
	if (buf_check(&sources[count].name, fault) < 0 ||
	    buf_check(&sources[count].name_json, fault) < 0)
		return NULL;
	return &sources[count];
}

static int compare_sources(const void *a, const void *b)
{
	const struct snapshot_source *x = a, *y = b;

	return span_compare(buf_span(&x->name), buf_span(&y->name));
}

/* Two neighbours with one identity and different content: who is right? */
static int check_neighbours(struct span line, struct span next, struct fault *fault)
{
	enum record_kind kind = record_line_kind(line);
	struct span key;

	if (kind != RECORD_USER && kind != RECORD_GROUP)
		return 0;
	key = record_line_key(kind, line);
	if (!span_begins(next, key))
		return 0;
	return fault_set(fault, FAULT_DATA, "two different records with one identity: %s", INERT(key));
}

/* The sorted lines as the snapshot has them. One is read ahead. */
struct snapshot_pass {
	struct sorter *lines;
	struct span line, next; /* both borrowed from the sorter; `next` empty: none was read */
};

/* Is this the line of a membership that says no kind of its member, and does the other one
   say it? */
static bool is_lesser_membership(struct span line, struct span other)
{
	return span_ends(line, span_of("unknown\"}\n")) &&
	       record_line_kind(line) == RECORD_MEMBERSHIP &&
	       record_line_kind(other) == RECORD_MEMBERSHIP &&
	       record_line_member_kind(line) == MEMBER_UNKNOWN &&
	       span_is(record_line_key(RECORD_MEMBERSHIP, line),
	               record_line_key(RECORD_MEMBERSHIP, other));
}

/* 1 and the next line in pass->line, each once and of a membership the one that says more,
   with the one after it in pass->next; 0; -1. */
static int pass_next(struct snapshot_pass *pass, struct fault *fault)
{
	int more = 1;

	if (!pass->next.len && (more = sorter_next(pass->lines, &pass->next, fault)) <= 0)
		return more;
	do {
		pass->line = pass->next;
		more = sorter_next(pass->lines, &pass->next, fault);
		if (more <= 0)
			pass->next.len = 0;
	} while (more > 0 &&
	         (span_is(pass->line, pass->next) || is_lesser_membership(pass->line, pass->next)));
	if (more > 0 && is_lesser_membership(pass->next, pass->line))
		pass->next.len = 0;
	return more < 0 ? -1 : 1;
}

static void count_gap(struct snapshot *snapshot, struct span line)
{
	struct span source = record_line_source(line);

	for (size_t i = 0; i < snapshot->source_count; i++)
		snapshot->sources[i].gaps += span_is(source, buf_span(&snapshot->sources[i].name_json));
}

/* And counts the gaps. */
int snapshot_check(struct snapshot *snapshot, struct fault *fault)
{
	struct snapshot_pass pass = {.lines = snapshot->lines};
	int more;

	if (sorter_sort(snapshot->lines, fault) < 0)
		return -1;
	for (size_t i = 0; i < snapshot->source_count; i++)
		snapshot->sources[i].gaps = 0;
	while ((more = pass_next(&pass, fault)) > 0) {
		if (pass.next.len && check_neighbours(pass.line, pass.next, fault) < 0)
			return -1;
		if (record_line_kind(pass.line) == RECORD_GAP)
			count_gap(snapshot, pass.line);
	}
	return more;
}

/* Both selections where there are two. 0 or -1. */
static int put_selections(struct buf *line, struct span before, struct span now,
                          struct fault *fault)
{
	struct buf both = {0};
	int result;

	if (!before.len || !now.len || span_is(before, now)) {
		buf_put_span(&both, before.len ? before : now);
	} else {
		buf_putc(&both, '(');
		buf_put_span(&both, before);
		buf_puts(&both, ") and (");
		buf_put_span(&both, now);
		buf_putc(&both, ')');
	}
	result = buf_check(&both, fault);
	if (both.len)
		json_put_member(line, "select", buf_span(&both));
	buf_release(&both);
	return result;
}

static int put_snapshot_begin(struct snapshot *snapshot, struct buf *line, struct fault *fault)
{
	unsigned vocabulary = 1; /* which is not said, so that an old snapshot stays as it is */

	for (size_t i = 0; i < snapshot->source_count; i++)
		if (snapshot->sources[i].vocabulary > vocabulary)
			vocabulary = snapshot->sources[i].vocabulary;
	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"snapshot\"", STREAM_FORMAT);
	if (vocabulary > 1)
		buf_putf(line, ",\"vocabulary\":%u", vocabulary);
	buf_puts(line, ",\"sources\":[");
	for (size_t i = 0; i < snapshot->source_count; i++) {
		const struct snapshot_source *source = &snapshot->sources[i];

		buf_puts(line, i ? "," : "");
		buf_put_span(line, buf_span(&source->head));
		if (source->vocabulary != vocabulary)
			buf_putf(line, ",\"vocabulary\":%u", source->vocabulary);
		buf_putf(line, ",\"gaps\":%llu,\"not_covered\":", (unsigned long long)source->gaps);
		buf_put_span(line, buf_span(&source->not_covered));
		if (put_selections(line, buf_span(&source->select), snapshot->select, fault) < 0)
			return -1;
		buf_putc(line, '}');
	}
	buf_puts(line, "]}\n");
	return buf_check(line, fault);
}

static int put_lines(struct snapshot *snapshot, struct section_writer *section, struct fault *fault)
{
	struct snapshot_pass pass = {.lines = snapshot->lines};
	int more;

	while ((more = pass_next(&pass, fault)) > 0) {
		section->counts.of[record_line_kind(pass.line)]++;
		section_put(section, pass.line);
	}
	return more;
}

int snapshot_write(struct snapshot *snapshot, struct out *out, struct fault *fault)
{
	struct section_writer section = {0};
	struct buf begin = {0};
	int result = -1;

	if (snapshot->source_count)
		qsort(snapshot->sources, snapshot->source_count, sizeof *snapshot->sources,
		      compare_sources);
	if (snapshot_check(snapshot, fault) == 0 && put_snapshot_begin(snapshot, &begin, fault) == 0 &&
	    sorter_sort(snapshot->lines, fault) == 0 &&
	    section_open(&section, out, buf_span(&begin), fault) == 0 &&
	    put_lines(snapshot, &section, fault) == 0)
		result = section_close(&section, "", (1U << RECORD_KINDS) - 1, "", fault);
	snapshot->counts = section.counts;
	section_release(&section);
	buf_release(&begin);
	return result;
}
