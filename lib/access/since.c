/* SPDX-License-Identifier: ISC */
/*
 * since: a key is the source, the id, a letter and the id of the access, as JSON.
 */
#include "access/since.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/json_put.h"

#include <stdlib.h>

enum { SINCE_NESTED = 'n' };

void since_release(struct since *since)
{
	free(since->sources);
	free(since->times);
	set_release(&since->intervals);
	set_release(&since->known);
	arena_release(&since->texts);
	buf_release(&since->key);
	*since = (struct since){0};
}

static void since_put_key(struct since *since, struct span source, struct span user_id, char letter,
                          struct span access_id)
{
	buf_clear(&since->key);
	json_put_string(&since->key, source);
	json_put_string(&since->key, user_id);
	buf_putc(&since->key, letter);
	json_put_string(&since->key, access_id);
}

static int since_take_sources(struct since *since, yyjson_val *begin, struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(yyjson_obj_get(begin, "sources"), i, max, entry) {
		struct since_source *sources = array_grow(since->sources, since->source_count,
		                                          &since->source_cap, sizeof *sources, fault);

		if (!sources)
			return -1;
		since->sources = sources;
		sources += since->source_count++;
		*sources = (struct since_source){
			.name = arena_copy(&since->texts, json_obj_text(entry, "source")),
			.is_complete = yyjson_is_true(yyjson_obj_get(entry, "complete")),
		};
		if (!sources->name.data)
			return fault_memory(fault);
	}
	return 0;
}

/* The place of a time; -1 with a fault. */
static int64_t since_take_time(struct since *since, struct span time, struct fault *fault)
{
	struct span *times;
	bool fresh;
	struct set_entry *entry = set_take(&since->known, time, &fresh);

	if (!entry)
		return fault_memory(fault);
	if (!fresh)
		return (int64_t)entry->value;
	times = array_grow(since->times, since->time_count, &since->time_cap, sizeof *times, fault);
	if (!times)
		return -1;
	since->times = times;
	times[since->time_count] = arena_copy(&since->texts, time);
	entry->value = since->time_count++;
	return times[entry->value].data ? (int64_t)entry->value : fault_memory(fault);
}

static int since_take(struct since *since, yyjson_val *interval, struct fault *fault)
{
	struct span word = json_obj_text(interval, "what");
	int what = span_index(word, review_what_words, REVIEW_WHATS);
	bool nested = span_is(word, span_of("access"));
	struct set_entry *entry;
	int64_t time;
	bool fresh;

	if ((what == REVIEW_WHATS && !nested) ||
	    span_is(json_obj_text(interval, "state"), span_of("gone")))
		return 0;
	if (since->intervals.count == INTERVALS_MAX)
		return fault_set(fault, FAULT_DATA, "more than %d intervals", INTERVALS_MAX);
	since_put_key(since, json_obj_text(interval, "source"), json_obj_text(interval, "user_id"),
	              nested ? SINCE_NESTED : (char)('0' + what), json_obj_text(interval, "access_id"));
	time = since_take_time(since, json_obj_text(interval, "since"), fault);
	if (time < 0 || buf_check(&since->key, fault) < 0)
		return -1;
	entry = set_take(&since->intervals, buf_span(&since->key), &fresh);
	if (!entry)
		return fault_memory(fault);
	entry->value = (uint64_t)time;
	return 0;
}

int since_read(struct since *since, const char *path, struct fault *fault)
{
	struct stream_reader reader;
	struct stream_item item;
	int more = stream_open(&reader, path, STAGE_TRACE, true, fault);

	while (more >= 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		if (item.type == ITEM_BEGIN && since->sha256[0])
			more = fault_set(fault, FAULT_DATA, "a second trace stream in one file");
		else if (item.type == ITEM_BEGIN)
			more = since_take_sources(since, item.root, fault);
		else if (item.type == ITEM_END)
			stream_take_sha256(item.root, since->sha256);
		else
			more = since_take(since, item.root, fault);
		if (more < 0)
			lines_fault(&reader.lines, fault);
	}
	stream_close(&reader);
	return more;
}

enum since_is since_find(struct since *since, struct span source, struct span user_id,
                         enum review_what what, struct span access_id, bool nested,
                         struct span *time)
{
	const struct set_entry *entry = NULL;

	if (nested) {
		since_put_key(since, source, user_id, SINCE_NESTED, access_id);
		entry = set_find(&since->intervals, buf_span(&since->key));
	}
	if (!entry) {
		since_put_key(since, source, user_id, (char)('0' + what), access_id);
		entry = set_find(&since->intervals, buf_span(&since->key));
	}
	if (entry) {
		*time = since->times[entry->value];
		return SINCE_IS_KNOWN;
	}
	for (size_t i = 0; i < since->source_count; i++)
		if (span_is(since->sources[i].name, source))
			return since->sources[i].is_complete ? SINCE_IS_NEW : SINCE_IS_UNKNOWN;
	return SINCE_IS_UNKNOWN;
}
