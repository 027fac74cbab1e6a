/* SPDX-License-Identifier: ISC */
/*
 * snapshot_reader: the stream reader proves counts and digests; this adds what is
 * particular to a snapshot: one section, its order, and the sources that it names.
 */
#include "stream/snapshot_reader.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "stream/record_scan.h"

int snapshot_reader_fault(const struct snapshot_reader *reader, struct fault *fault)
{
	return fault->kind == FAULT_DATA ? lines_fault(&reader->stream.lines, fault) : -1;
}

static int refuse_line(const struct snapshot_reader *reader, const char *why, struct fault *fault)
{
	fault_set(fault, FAULT_DATA, "%s", why);
	return snapshot_reader_fault(reader, fault);
}

static int read_begin(struct snapshot_reader *reader, const struct stream_item *item,
                      struct fault *fault)
{
	if (reader->begin_doc)
		return refuse_line(reader, "a second snapshot in one file; merge them with normalize",
		                   fault);
	buf_put_span(&reader->begin, item->line);
	if (buf_check(&reader->begin, fault) < 0)
		return -1;
	reader->begin_doc = json_parse(buf_span(&reader->begin), NULL, fault);
	reader->sources = yyjson_obj_get(yyjson_doc_get_root(reader->begin_doc), "sources");
	return reader->begin_doc ? 0 : -1;
}

/* Is the source of this line one that `begin` names? Asked once for many lines. */
static int check_source(struct snapshot_reader *reader, struct fault *fault)
{
	struct span source, name;
	yyjson_doc *doc;
	bool known;

	if (reader->head.len && span_begins(reader->line, buf_span(&reader->head)))
		return 0;
	source = record_line_source(reader->line);
	if (!source.len)
		return refuse_line(reader, "not a canonical record", fault);
	doc = json_parse(source, NULL, fault);
	if (!doc && fault->kind == FAULT_INTERNAL)
		return -1;
	known =
		doc && json_text(yyjson_doc_get_root(doc), &name) && snapshot_reader_source(reader, name);
	yyjson_doc_free(doc);
	if (!known) {
		fault_set(fault, FAULT_DATA, "a record of source %s, which the begin line does not name",
		          INERT(source));
		return snapshot_reader_fault(reader, fault);
	}
	buf_clear(&reader->head);
	buf_put(&reader->head, reader->line.data,
	        (size_t)(source.data + source.len - reader->line.data));
	if (buf_check(&reader->head, fault) < 0)
		return -1;
	reader->source = (struct span){reader->head.data + reader->head.len - source.len, source.len};
	return 0;
}

/* Older snapshots can have a membership twice, with the kind of its member and without. */
static bool is_same_membership(struct span line, struct span previous)
{
	struct span key;

	if (record_line_member_kind(line) != MEMBER_UNKNOWN &&
	    record_line_member_kind(previous) != MEMBER_UNKNOWN)
		return false;
	key = record_line_key(RECORD_MEMBERSHIP, line);
	return key.len && span_is(key, record_line_key(RECORD_MEMBERSHIP, previous));
}

int snapshot_reader_step(struct snapshot_reader *reader, struct fault *fault)
{
	struct stream_item item;
	struct span sha256;
	int more = stream_next(&reader->stream, &item, fault);

	reader->has_record = false;
	reader->key.len = 0;
	if (more <= 0)
		return more;
	if (item.type == ITEM_END && json_member_text(item.root, "sha256", &sha256))
		memcpy(reader->sha256, sha256.data, DIGEST_HEX); /* it matched: 64 digits */
	if (item.type == ITEM_BEGIN)
		return read_begin(reader, &item, fault) < 0 ? -1 : 1;
	if (item.type != ITEM_RECORD ||
	    (item.kind == RECORD_MEMBERSHIP && reader->kind == RECORD_MEMBERSHIP &&
	     is_same_membership(item.line, lines_previous(&reader->stream.lines))))
		return 1;
	reader->has_record = true;
	reader->kind = item.kind;
	reader->line = item.line;
	return check_source(reader, fault) < 0 ? -1 : 1;
}

int snapshot_reader_advance(struct snapshot_reader *reader, struct fault *fault)
{
	int more;

	while ((more = snapshot_reader_step(reader, fault)) > 0 && !reader->has_record)
		;
	return more < 0 ? -1 : 0;
}

void snapshot_reader_pass(struct snapshot_reader *reader, struct span lines,
                          const struct counts *counts)
{
	stream_pass(&reader->stream, lines, counts);
	for (int kind = 0; kind < RECORD_KINDS; kind++)
		if (counts->of[kind])
			reader->kind = (enum record_kind)kind; /* of the last line */
	reader->has_record = false;
	reader->key.len = 0;
}

int snapshot_reader_open(struct snapshot_reader *reader, const char *path, struct fault *fault)
{
	*reader = (struct snapshot_reader){0};
	if (stream_open(&reader->stream, path, STAGE_SNAPSHOT, false, fault) < 0)
		return -1;
	return snapshot_reader_step(reader, fault) < 0 ? -1 : 0; /* `begin` comes first, or nothing */
}

int snapshot_reader_open_fd(struct snapshot_reader *reader, int fd, const char *name,
                            struct fault *fault)
{
	*reader = (struct snapshot_reader){0};
	stream_open_fd(&reader->stream, fd, name, STAGE_SNAPSHOT, false);
	return snapshot_reader_step(reader, fault) < 0 ? -1 : 0;
}

void snapshot_reader_close(struct snapshot_reader *reader)
{
	stream_close(&reader->stream);
	buf_release(&reader->begin);
	buf_release(&reader->head);
	yyjson_doc_free(reader->begin_doc);
	*reader = (struct snapshot_reader){0};
}

int snapshot_reader_check(struct snapshot_reader *reader, struct fault *fault)
{
	struct span previous = lines_previous(&reader->stream.lines);

	if (reader->key.len)
		return 0;
	reader->key = record_line_key(reader->kind, reader->line);
	if (!reader->key.len)
		return refuse_line(reader, "not a canonical record", fault);
	if (span_compare(previous, reader->line) >= 0)
		return refuse_line(reader, "out of order", fault);
	/* a user and a group of one id can both be members */
	if (reader->kind == RECORD_MEMBERSHIP || !span_begins(previous, reader->key))
		return 0;
	fault_set(fault, FAULT_DATA, "two different records with one identity: %s", INERT(reader->key));
	return snapshot_reader_fault(reader, fault);
}

int snapshot_reader_next(struct snapshot_reader *reader, struct fault *fault)
{
	if (snapshot_reader_advance(reader, fault) < 0 ||
	    (reader->has_record && snapshot_reader_check(reader, fault) < 0))
		return -1;
	return reader->has_record;
}

/* Is it a record that comes after the previous one, beyond the bytes that both begin with? */
static bool skim_is_next(struct span previous, size_t stem, struct span id)
{
	/* the ids differ where they do, so it is another record */
	return previous.len >= stem + id.len && memcmp(previous.data + stem, id.data, id.len) < 0;
}

void snapshot_reader_skim(struct snapshot_reader *reader,
                          bool (*wanted)(void *context, struct span id), void *context)
{
	struct span rest = lines_window(&reader->stream.lines), previous = reader->line, passed = rest;
	struct counts counts = {0};
	size_t stem;

	if (!reader->has_record || !reader->key.len ||
	    (reader->kind != RECORD_USER && reader->kind != RECORD_MEMBERSHIP))
		return;
	stem = record_key_stem(reader->kind, reader->key);
	while (rest.len) {
		const char *end = memchr(rest.data, '\n', rest.len);
		struct span line = {rest.data, (size_t)(end - rest.data)}, id;

		if (line.len <= stem || line.len > LINE_MAX_BYTES || line.data[line.len - 1] != '}' ||
		    memcmp(line.data, previous.data, stem) != 0)
			break;
		id = record_line_last_id(reader->kind, line, stem);
		if (!id.len || !skim_is_next(previous, stem, id) || wanted(context, id))
			break;
		counts.of[reader->kind]++;
		previous = line;
		rest = (struct span){end + 1, rest.len - line.len - 1};
	}
	passed.len -= rest.len;
	if (passed.len)
		snapshot_reader_pass(reader, passed, &counts);
}

int snapshot_reader_parse(struct snapshot_reader *reader, struct record *record,
                          struct fault *fault)
{
	yyjson_val *root;

	if (record_scan(record, reader->kind, reader->line))
		return 0;
	root = json_read(&reader->stream.json, reader->line, fault);
	return root && record_parse(record, reader->kind, root, fault) == 0
	           ? 0
	           : snapshot_reader_fault(reader, fault);
}

yyjson_val *snapshot_reader_source(const struct snapshot_reader *reader, struct span name)
{
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(reader->sources, i, max, entry)
		if (span_is(json_obj_text(entry, "source"), name))
			return entry;
	return NULL;
}
