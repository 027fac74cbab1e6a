/* SPDX-License-Identifier: ISC */
/*
 * normalize: one pass a section. Only pending that can not be decided at once
 * (the member's kind, or whether the group shows its members) wait for its end.
 */
#include "normalize/normalize.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "normalize/guid_case.h"
#include "scalr/map_scalr.h"
#include "scim/map_scim.h"

int normalize_open(struct normalizer *normalizer, size_t memory, size_t threads,
                   struct fault *fault)
{
	struct mapper mapper = {.section = &normalizer->section,
	                        .pending = &normalizer->pending,
	                        .extras = &normalizer->extras};

	*normalizer = (struct normalizer){0};
	budget_init(&normalizer->budget, memory);
	if (snapshot_open(&normalizer->snapshot, &normalizer->budget, threads, fault) < 0 ||
	    pending_open(&normalizer->pending, &normalizer->budget, threads, fault) < 0)
		return -1;
	mapper.lines = normalizer->snapshot.lines;
	return mapper_pool_open(&normalizer->pool, threads, &mapper, fault);
}

struct mapper *normalize_mapper(struct normalizer *normalizer)
{
	return &normalizer->pool.workers[0].mapper;
}

void normalize_release(struct normalizer *normalizer)
{
	mapper_pool_release(&normalizer->pool); /* first: its threads use the rest */
	pending_release(&normalizer->pending);
	snapshot_release(&normalizer->snapshot);
	buf_release(&normalizer->section.source);
	record_release(&normalizer->record);
	buf_release(&normalizer->line);
	filter_release(&normalizer->program);
	selection_release(&normalizer->selection);
}

int normalize_map(struct normalizer *normalizer, const char *path, struct fault *fault)
{
	struct digest digest = {0};
	int result;

	normalize_mapper(normalizer)->program = &normalizer->program;
	if (filter_open(&normalizer->program, "--map", path, fault) < 0 ||
	    digest_init(&digest, fault) < 0)
		return -1;
	digest_put(&digest, buf_span(&normalizer->program.file));
	result = digest_hex(&digest, normalizer->map_sha256, fault);
	digest_release(&digest);
	return result;
}

int normalize_select(struct normalizer *normalizer, const char *expression, struct fault *fault)
{
	normalizer->selection.allow_empty = normalizer->allow_empty;
	return selection_init(&normalizer->selection, expression, fault);
}

/* ---- a fetch section ---- */

static void put_text_member(struct buf *line, const char *name, yyjson_val *object)
{
	struct span text = SPAN_EMPTY;

	json_text(yyjson_obj_get(object, name), &text);
	json_put_member(line, name, text);
}

/* The same where the member is a text. */
static void put_shown_member(struct buf *line, const char *name, yyjson_val *object)
{
	if (yyjson_is_str(yyjson_obj_get(object, name)))
		put_text_member(line, name, object);
}

/* How many requests a fetch took. 0 or -1. */
static int put_requests(struct buf *line, yyjson_val *from, struct fault *fault)
{
	yyjson_val *value = yyjson_obj_get(from, "requests");
	uint64_t number;

	if (!value)
		return 0;
	if (!yyjson_is_raw(value) || json_count(value, &number) != 1)
		return fault_set(fault, FAULT_DATA, "\"requests\" is not a number");
	buf_putf(line, ",\"requests\":%llu", (unsigned long long)number);
	return 0;
}

/* The parts of a source's entry in `begin` that do not need its end. `from` is a
   fetch section's begin line or an entry of a snapshot's. */
static struct snapshot_source *normalize_add_source(struct normalizer *normalizer, yyjson_val *from,
                                                    struct fault *fault)
{
	struct snapshot_source *source;
	yyjson_val *not_covered = yyjson_obj_get(from, "not_covered");
	yyjson_val *select = yyjson_obj_get(from, "select");
	struct span name, kept;

	if (!json_text(yyjson_obj_get(from, "source"), &name) || !name.len) {
		fault_set(fault, FAULT_DATA, "a section without a source");
		return NULL;
	}
	source = snapshot_add_source(&normalizer->snapshot, name, fault);
	if (!source)
		return NULL;
	buf_puts(&source->head, "{\"source\":");
	json_put_string(&source->head, name);
	put_text_member(&source->head, "provider", from);
	put_text_member(&source->head, "origin", from);
	put_shown_member(&source->head, "tool", from);
	put_shown_member(&source->head, "started_at", from);
	if (yyjson_is_arr(not_covered))
		json_put_value(&source->not_covered, not_covered);
	else
		buf_puts(&source->not_covered, "[]");
	if (select && (!json_text(select, &kept) || !kept.len)) {
		fault_set(fault, FAULT_DATA, "\"select\" is not a text");
		return NULL;
	}
	if (select)
		buf_put_span(&source->select, kept);
	return source;
}

int normalize_open_section(struct normalizer *normalizer, struct span source, struct fault *fault)
{
	normalizer->section.mapping = NULL;
	normalizer->section.provider = NULL;
	normalizer->section.names = NULL;
	buf_clear(&normalizer->section.source);
	buf_put_span(&normalizer->section.source, source);
	mapper_pool_begin(&normalizer->pool);
	normalize_mapper(normalizer)->programmed = normalize_mapper(normalizer)->imported = 0;
	return buf_check(&normalizer->section.source, fault);
}

/* By the `schema` of a section; NULL where there is none. */
static const struct mapping *mapping_find(struct span schema)
{
	static const struct mapping *const mappings[] = {&map_scim, &map_scalr};

	for (size_t i = 0; i < sizeof mappings / sizeof *mappings; i++)
		if (span_is(schema, span_of(mappings[i]->schema)))
			return mappings[i];
	return NULL;
}

static int begin_fetch(struct normalizer *normalizer, yyjson_val *begin, struct fault *fault)
{
	struct span schema = SPAN_EMPTY, provider = SPAN_EMPTY, name;

	if (!normalize_add_source(normalizer, begin, fault))
		return -1;
	json_text(yyjson_obj_get(begin, "schema"), &schema);
	json_text(yyjson_obj_get(begin, "provider"), &provider);
	json_text(yyjson_obj_get(begin, "source"), &name);
	if (normalize_open_section(normalizer, name, fault) < 0)
		return -1;
	normalizer->section.mapping = mapping_find(schema);
	normalizer->section.provider = provider_find(provider);
	if (!normalizer->section.mapping && !normalizer->program.jq)
		return fault_set(fault, FAULT_DATA,
		                 "schema '%s' has no mapping: give one with --map FILE.jq", INERT(schema));
	return 0;
}

int normalize_close_section(struct normalizer *normalizer, struct fault *fault)
{
	const struct mapper *mapper = normalize_mapper(normalizer);
	struct buf *source = &normalizer->line;

	if (mapper->programmed && !mapper->imported && !normalizer->allow_empty)
		return fault_set(fault, FAULT_DATA,
		                 "--map makes no record of source '%s', as if everybody were gone "
		                 "(--allow-empty, if that is right)",
		                 INERT(buf_span(&normalizer->section.source)));
	buf_clear(source);
	json_put_string(source, buf_span(&normalizer->section.source));
	if (buf_check(source, fault) < 0)
		return -1;
	return pending_end_section(&normalizer->pending, buf_span(source),
	                           mapper_pool_users_missing(&normalizer->pool),
	                           normalizer->snapshot.lines, fault);
}

void normalize_put_logic(const struct normalizer *normalizer, struct snapshot_source *source)
{
	if (normalizer->program.jq)
		json_put_member(&source->head, "map_sha256", span_of(normalizer->map_sha256));
	extra_put_paths(&normalizer->extras, &source->head);
}

static int end_fetch(struct normalizer *normalizer, yyjson_val *end, struct fault *fault)
{
	struct snapshot_source *source =
		snapshot_find_source(&normalizer->snapshot, buf_span(&normalizer->section.source));
	struct span finished, name;
	char when[WHEN_MAX];

	if (!json_text(yyjson_obj_get(end, "source"), &name) ||
	    !span_is(name, buf_span(&normalizer->section.source)))
		return fault_set(fault, FAULT_DATA, "an end line that does not name its source");
	if (!json_text(yyjson_obj_get(end, "finished_at"), &finished) || !when_utc(finished, when))
		return fault_set(fault, FAULT_DATA, "an end line without a time in finished_at");
	json_put_member(&source->head, "fetched_at", span_of(when));
	if (put_requests(&source->head, end, fault) < 0)
		return -1;
	normalize_put_logic(normalizer, source);
	if (mapper_pool_put_unmapped(&normalizer->pool, &source->not_covered, fault) < 0)
		return -1;
	return normalize_close_section(normalizer, fault);
}

/* ---- a snapshot section ---- */

/* Copies `map_extra`, an object of texts. 0 or -1. */
static int put_extra_paths(struct buf *line, yyjson_val *entry, struct fault *fault)
{
	yyjson_val *paths = yyjson_obj_get(entry, "map_extra"), *key, *path;
	bool good = !paths || (yyjson_is_obj(paths) && yyjson_obj_size(paths));
	size_t i, max;

	if (good && paths)
		yyjson_obj_foreach(paths, i, max, key, path)
			good = good && yyjson_is_str(path);
	if (!good)
		return fault_set(fault, FAULT_DATA, "\"map_extra\" is no object of texts");
	if (paths) {
		buf_puts(line, ",\"map_extra\":");
		json_put_canonical(line, paths);
	}
	return 0;
}

static int begin_snapshot(struct normalizer *normalizer, yyjson_val *begin, struct fault *fault)
{
	yyjson_val *sources = yyjson_obj_get(begin, "sources"), *entry;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, entry) {
		struct snapshot_source *source = normalize_add_source(normalizer, entry, fault);

		if (!source)
			return -1;
		put_text_member(&source->head, "fetched_at", entry);
		if (put_requests(&source->head, entry, fault) < 0)
			return -1;
		put_shown_member(&source->head, "map_sha256", entry);
		if (put_extra_paths(&source->head, entry, fault) < 0)
			return -1;
		source->vocabulary = stream_vocabulary(begin, entry);
	}
	normalizer->begins = true;
	return 0;
}

/* A record of a snapshot is canonical already, or the snapshot is not ours. */
static int read_canonical(struct normalizer *normalizer, const struct stream_item *item,
                          struct span before, struct fault *fault)
{
	struct record *record = &normalizer->record;
	const struct snapshot_source *source;
	struct span line;

	if (record_parse(record, item->kind, item->root, fault) < 0)
		return -1;
	source = snapshot_find_source(&normalizer->snapshot, record->values[0].text);
	if (source && source->vocabulary < VOCABULARY &&
	    record_check_vocabulary(record, source->vocabulary, fault) < 0)
		return -1;
	if (!source)
		return fault_set(fault, FAULT_DATA,
		                 "a record of source '%s', which the begin line does not name",
		                 INERT(record->values[0].text));
	buf_clear(&normalizer->line);
	record_put(&normalizer->line, record);
	if (buf_check(&normalizer->line, fault) < 0)
		return -1;
	line = buf_span(&normalizer->line);
	if (!span_is((struct span){line.data, line.len - 1}, item->line))
		return fault_set(fault, FAULT_DATA, "not in canonical form");
	if (!normalizer->begins && span_compare(before, item->line) >= 0)
		return fault_set(fault, FAULT_DATA, "out of order");
	normalizer->begins = false;
	return sorter_add(normalizer->snapshot.lines, line, fault);
}

/* ---- both ---- */

/* Everything but the records of a fetch section, which the pool maps. */
static int read_section_item(struct normalizer *normalizer, struct stream_reader *reader,
                             const struct stream_item *item, struct fault *fault)
{
	bool fetched = reader->stage == STAGE_FETCH;

	switch (item->type) {
	case ITEM_BEGIN:
		reader->parse = !fetched; /* the mappers parse */
		return (fetched ? begin_fetch : begin_snapshot)(normalizer, item->root, fault);
	case ITEM_RECORD:
		return read_canonical(normalizer, item, lines_previous(&reader->lines), fault);
	case ITEM_END:
	default: return fetched ? end_fetch(normalizer, item->root, fault) : 0;
	}
}

/* Puts the line before a fault of its data. Returns -1. */
static int fault_of_line(struct stream_reader *reader, size_t number, struct fault *fault)
{
	reader->lines.number = number;
	return fault->kind == FAULT_DATA ? lines_fault(&reader->lines, fault) : -1;
}

/* What the pool finds wrong stands before what made the reader stop. */
static int wait_for_pool(struct normalizer *normalizer, struct stream_reader *reader,
                         struct fault *fault)
{
	size_t number;

	return mapper_pool_wait(&normalizer->pool, &number, fault) < 0
	           ? fault_of_line(reader, number, fault)
	           : 0;
}

static int read_sections(struct normalizer *normalizer, struct stream_reader *reader,
                         struct fault *fault)
{
	struct stream_item item;
	int more;

	while ((more = stream_next(reader, &item, fault)) > 0) {
		if (item.type == ITEM_RECORD && reader->stage == STAGE_FETCH) {
			if (mapper_pool_put(&normalizer->pool, item.kind, item.line, reader->lines.number) < 0)
				break;
		} else if (wait_for_pool(normalizer, reader, fault) < 0) {
			return -1;
		} else if (read_section_item(normalizer, reader, &item, fault) < 0) {
			return fault_of_line(reader, reader->lines.number, fault);
		}
	}
	return wait_for_pool(normalizer, reader, fault) < 0 ? -1 : more;
}

int normalize_read(struct normalizer *normalizer, const char *path, struct fault *fault)
{
	struct stream_reader reader;
	int result;

	if (stream_open(&reader, path, STAGE_FETCH | STAGE_SNAPSHOT, true, fault) < 0)
		return -1;
	normalizer->section.input = reader.lines.name;
	result = read_sections(normalizer, &reader, fault);
	stream_close(&reader);
	return result;
}

int normalize_write(struct normalizer *normalizer, struct out *out, struct fault *fault)
{
	if (pending_end(&normalizer->pending, normalizer->snapshot.lines, fault) < 0 ||
	    (mapper_pool_capital_ids(&normalizer->pool) &&
	     guid_case_settle(&normalizer->snapshot.lines, &normalizer->budget, fault) < 0) ||
	    (normalizer->selection.filter.jq &&
	     selection_apply(&normalizer->selection, &normalizer->snapshot, &normalizer->budget,
	                     fault) < 0))
		return -1;
	return snapshot_write(&normalizer->snapshot, out, fault);
}
