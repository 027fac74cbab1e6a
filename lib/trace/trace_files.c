/* SPDX-License-Identifier: ISC */
/*
 * trace_files: the begin lines say which sources there are and when each was read.
 */
#include "base/array.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "trace/trace_parts.h"

#include <stdlib.h>
#include <sys/stat.h>

/* ---- opening ---- */

static int file_open(const struct trace_file *file, struct snapshot_reader *reader,
                     struct fault *fault)
{
	*reader = (struct snapshot_reader){0};
	if (!file->is_kept)
		return snapshot_reader_open(reader, file->path, fault);
	return reread_start(&file->kept, fault) < 0
	           ? -1
	           : snapshot_reader_open_fd(reader, file->kept.fd, file->kept.name, fault);
}

int trace_file_open(const struct trace_file *file, struct snapshot_reader *reader,
                    struct fault *fault)
{
	if (file_open(file, reader, fault) < 0)
		return -1;
	if (strcmp(reader->stream.begin_hex, file->begin_hex) != 0)
		return fault_set(fault, FAULT_DATA, "%s: the snapshot changed while it was read",
		                 INERT(snapshot_reader_name(reader)));
	return 0;
}

/* What can not be opened a second time is kept. */
static int file_keep(struct trace_file *file, struct fault *fault)
{
	struct stat st;

	if (strcmp(file->path, "-") != 0 && (stat(file->path, &st) < 0 || S_ISREG(st.st_mode)))
		return 0;
	file->is_kept = true;
	return reread_open(&file->kept, file->path, fault);
}

/* ---- sources ---- */

int64_t trace_find_source(const struct trace *trace, struct span name_json)
{
	for (size_t i = 0; i < trace->source_count; i++)
		if (span_is(trace->sources[i].name_json, name_json))
			return (int64_t)i;
	return -1;
}

/* The place of a source, which is added if it is new. -1 with a fault. */
static int64_t source_take(struct trace *trace, struct span name, struct fault *fault)
{
	struct trace_source *sources;
	int64_t found = trace_find_source(trace, json_quote(&trace->line, name));

	if (buf_check(&trace->line, fault) < 0)
		return -1;
	if (found >= 0)
		return found;
	sources =
		array_grow(trace->sources, trace->source_count, &trace->source_cap, sizeof *sources, fault);
	if (!sources)
		return -1;
	trace->sources = sources;
	sources += trace->source_count;
	*sources = (struct trace_source){
		.name = arena_copy(&trace->texts, name),
		.name_json = arena_copy(&trace->texts, buf_span(&trace->line)),
	};
	return sources->name.data && sources->name_json.data ? (int64_t)trace->source_count++
	                                                     : fault_memory(fault);
}

/* What is read of the begin line of a file: a place for each of its entries. */
struct entry {
	size_t source;
	struct span time;
	bool is_selected, has_gaps;
};

static int entry_read(struct trace *trace, const struct snapshot_reader *reader, yyjson_val *value,
                      struct entry *entry, struct fault *fault)
{
	struct span name = json_obj_text(value, "source"), time = json_obj_text(value, "fetched_at");
	int64_t source = source_take(trace, name, fault), seconds;
	uint64_t gaps = 0;

	if (source < 0)
		return -1;
	if (!when_seconds(time, &seconds))
		return fault_set(fault, FAULT_DATA,
		                 "%s: source '%s' does not say when it was read (fetched_at)",
		                 INERT(snapshot_reader_name(reader)), INERT(name));
	json_count(yyjson_obj_get(value, "gaps"), &gaps);
	*entry = (struct entry){(size_t)source, arena_copy(&trace->texts, time),
	                        json_obj_text(value, "select").len > 0, gaps > 0};
	return entry->time.data ? 0 : fault_memory(fault);
}

/* The entries of each file, until all sources are known. */
struct entries {
	struct entry *items;
	size_t count, cap;
	size_t *ends; /* of each file */
};

static int file_read_begin(struct trace *trace, size_t at, struct entries *entries,
                           struct fault *fault)
{
	struct trace_file *file = &trace->files[at];
	struct snapshot_reader reader = {0};
	size_t first = entries->count, i, max;
	yyjson_val *value;
	int result = file_keep(file, fault);

	if (result == 0)
		result = file_open(file, &reader, fault);
	if (result == 0)
		memcpy(file->begin_hex, reader.stream.begin_hex, sizeof file->begin_hex);
	if (result == 0)
		yyjson_arr_foreach(reader.sources, i, max, value) {
			struct entry *items =
				array_grow(entries->items, entries->count, &entries->cap, sizeof *items, fault);

			if (!items) {
				result = -1;
				break;
			}
			entries->items = items;
			result = entry_read(trace, &reader, value, &items[entries->count], fault);
			if (result < 0)
				break;
			for (size_t other = first; other < entries->count; other++)
				if (items[other].source == items[entries->count].source)
					result =
						fault_set(fault, FAULT_DATA, "%s: the begin line has source '%s' twice",
					              INERT(snapshot_reader_name(&reader)),
					              INERT(trace->sources[items[other].source].name));
			if (result < 0)
				break;
			entries->count++;
		}
	entries->ends[at] = entries->count;
	snapshot_reader_close(&reader);
	return result;
}

/* ---- the order of files ---- */

/* What each file has of each source, and the number of its chain. */
static int file_take_entries(struct trace *trace, size_t at, const struct entries *entries,
                             struct set *chains, struct fault *fault)
{
	struct trace_file *file = &trace->files[at];
	struct set_entry *chain;
	bool fresh;

	file->points = calloc(trace->source_count + 1, sizeof *file->points);
	if (!file->points)
		return fault_memory(fault);
	file->time = (struct span)SPAN_EMPTY;
	for (size_t i = at ? entries->ends[at - 1] : 0; i < entries->ends[at]; i++) {
		const struct entry *entry = &entries->items[i];

		file->points[entry->source] = (struct trace_point){
			.is_there = true,
			.is_partial = entry->is_selected || entry->has_gaps,
			.hides = entry->is_selected ? TRACE_HIDES_ALL : 0,
			.time = entry->time,
		};
		if (!file->time.len || when_compare(file->time, entry->time) < 0)
			file->time = entry->time;
	}
	buf_clear(&trace->line);
	for (size_t i = 0; i < trace->source_count; i++)
		buf_putc(&trace->line, file->points[i].is_there ? '1' : '0');
	chain = set_take(chains, buf_span(&trace->line), &fresh);
	if (!chain || buf_check(&trace->line, fault) < 0)
		return fault_memory(fault);
	if (fresh)
		chain->value = chains->count;
	file->chain = chain->value;
	return 0;
}

static int file_compare(const void *a, const void *b)
{
	const struct trace_file *one = a, *other = b;
	int order;

	if (one->chain != other->chain)
		return one->chain < other->chain ? -1 : 1;
	order = when_compare(one->time, other->time);
	return order ? order : strcmp(one->begin_hex, other->begin_hex);
}

/* ---- moments ---- */

/* Was source `one` read together with `other` in any snapshot? Bit by bit of a table. */
static void source_note_together(const struct trace *trace, unsigned char *together)
{
	for (size_t at = 0; at < trace->file_count; at++)
		for (size_t i = 0; i < trace->source_count; i++)
			for (size_t j = 0; trace->files[at].points[i].is_there && j < trace->source_count; j++)
				together[i * trace->source_count + j] |= trace->files[at].points[j].is_there;
}

/* A snapshot of what was once read together with the source, but without it: then nobody
   saw the source at that time. */
static bool source_is_missed(const struct trace *trace, const struct trace_file *file,
                             size_t source, const unsigned char *together)
{
	for (size_t i = 0; i < trace->source_count; i++)
		if (file->points[i].is_there && together[source * trace->source_count + i])
			return !file->points[source].is_there;
	return false;
}

struct dated {
	struct trace_point *point;
};

static int dated_compare(const void *a, const void *b)
{
	const struct dated *one = a, *other = b;

	return when_compare(one->point->time, other->point->time);
}

static int source_order(struct trace *trace, size_t number, const unsigned char *together,
                        struct dated *dated, struct fault *fault)
{
	struct trace_source *source = &trace->sources[number];
	struct trace_moment *moments;
	size_t count = 0;

	for (size_t at = 0; at < trace->file_count; at++) {
		struct trace_point *point = &trace->files[at].points[number];

		point->moment = UINT32_MAX;
		if (source_is_missed(trace, &trace->files[at], number, together)) {
			point->time = trace->files[at].time;
			point->hides = TRACE_HIDES_ALL;
			point->is_partial = true;
		} else if (!point->is_there) {
			continue;
		}
		dated[count++].point = point;
	}
	if (count)
		qsort(dated, count, sizeof *dated, dated_compare);
	moments = calloc(count + 1, sizeof *moments);
	if (!moments)
		return fault_memory(fault);
	source->moments = moments;
	for (size_t i = 0; i < count; i++) {
		if (!i || dated_compare(&dated[i - 1], &dated[i]) < 0)
			moments[source->moment_count++].time = dated[i].point->time;
		dated[i].point->moment = (uint32_t)source->moment_count - 1;
	}
	return 0;
}

static int source_compare_names(const void *a, const void *b)
{
	const struct trace_source *one = *(const struct trace_source *const *)a;
	const struct trace_source *other = *(const struct trace_source *const *)b;

	return span_compare(one->name, other->name);
}

static int sources_order(struct trace *trace, struct fault *fault)
{
	size_t count = trace->source_count;
	unsigned char *together = calloc(count * count + 1, 1);
	struct dated *dated = calloc(trace->file_count + 1, sizeof *dated);
	int result = 0;

	trace->sources_by_name = calloc(count + 1, sizeof *trace->sources_by_name);
	if (!together || !dated || !trace->sources_by_name) {
		result = fault_memory(fault);
	} else {
		for (size_t i = 0; i < count; i++)
			trace->sources_by_name[i] = &trace->sources[i];
		qsort(trace->sources_by_name, count, sizeof *trace->sources_by_name, source_compare_names);
		source_note_together(trace, together);
		for (size_t i = 0; result == 0 && i < count; i++)
			result = source_order(trace, i, together, dated, fault);
	}
	free(together);
	free(dated);
	return result;
}

/* ---- what a snapshot could not see ---- */

static void hidden_put_key(struct buf *key, size_t file, struct span group_key)
{
	buf_clear(key);
	buf_putf(key, "%zx ", file);
	buf_put_span(key, group_key);
}

int trace_hide(struct trace *trace, size_t file, const struct record *gap, struct fault *fault)
{
	struct span scope = record_text(gap, GAP_SCOPE), id = record_text(gap, GAP_ID);
	struct span source = record_text(gap, GAP_SOURCE);
	int64_t number = source_take(trace, source, fault);
	struct trace_point *point;
	bool fresh;

	if (number < 0)
		return -1;
	point = &trace->files[file].points[number];
	if (span_is(scope, span_of("users")))
		point->hides |= TRACE_HIDES_USERS;
	else if (span_is(scope, span_of("service_accounts")))
		point->hides |= TRACE_HIDES_SERVICES;
	else if (span_is(scope, span_of("groups")))
		point->hides |= TRACE_HIDES_GROUPS | TRACE_HIDES_MEMBERS;
	else if (!id.len)
		point->hides |= TRACE_HIDES_MEMBERS;
	else {
		point->hides |= TRACE_HIDES_SOME;
		buf_clear(&trace->line);
		record_put_text_key(&trace->line, RECORD_GROUP, source, id);
		hidden_put_key(&trace->key, file, buf_span(&trace->line));
		if (buf_check(&trace->key, fault) < 0 || buf_check(&trace->line, fault) < 0)
			return -1;
		if (!set_take(&trace->hidden, buf_span(&trace->key), &fresh))
			return fault_memory(fault);
	}
	return 0;
}

bool trace_is_hidden(const struct trace *trace, size_t file, size_t source, enum record_kind kind,
                     bool is_service, struct span group_key)
{
	unsigned hides = trace->files[file].points[source].hides;
	struct buf key = {0};
	bool hidden;

	if (!hides)
		return false;
	if (hides & TRACE_HIDES_ALL)
		return true;
	if (kind == RECORD_USER)
		return hides & TRACE_HIDES_USERS || (is_service && hides & TRACE_HIDES_SERVICES);
	if (kind == RECORD_GROUP)
		return hides & TRACE_HIDES_GROUPS;
	if (hides & TRACE_HIDES_MEMBERS || !(hides & TRACE_HIDES_SOME))
		return hides & TRACE_HIDES_MEMBERS;
	hidden_put_key(&key, file, group_key);
	hidden = key.state != BUF_OK || set_find(&trace->hidden, buf_span(&key));
	buf_release(&key);
	return hidden;
}

static void files_order(struct trace *trace)
{
	size_t count = trace->file_count;

	qsort(trace->files, count, sizeof *trace->files, file_compare);
	for (size_t i = count; i--;)
		trace->files[i].chain_end =
			i + 1 < count && trace->files[i + 1].chain == trace->files[i].chain
				? trace->files[i + 1].chain_end
				: i + 1;
}

int trace_files_open(struct trace *trace, char *const *paths, struct fault *fault)
{
	struct entries entries = {0};
	struct set chains = {0};
	size_t count = 0;
	int result = 0;

	while (paths[count])
		count++;
	trace->files = calloc(count + 1, sizeof *trace->files);
	entries.ends = calloc(count + 1, sizeof *entries.ends);
	if (!trace->files || !entries.ends)
		result = fault_memory(fault);
	for (size_t i = 0; result == 0 && i < count; i++) {
		trace->files[i] = (struct trace_file){.path = paths[i], .kept = {.fd = -1}};
		trace->file_count++;
		result = file_read_begin(trace, i, &entries, fault);
	}
	for (size_t i = 0; result == 0 && i < count; i++)
		result = file_take_entries(trace, i, &entries, &chains, fault);
	if (result == 0) {
		files_order(trace);
		result = sources_order(trace, fault);
	}
	free(entries.items);
	free(entries.ends);
	set_release(&chains);
	return result;
}

void trace_files_release(struct trace *trace)
{
	for (size_t i = 0; i < trace->file_count; i++) {
		if (trace->files[i].is_kept)
			reread_close(&trace->files[i].kept);
		free(trace->files[i].points);
	}
	for (size_t i = 0; i < trace->source_count; i++)
		free(trace->sources[i].moments);
	free(trace->files);
	free(trace->sources);
	free(trace->sources_by_name);
}
