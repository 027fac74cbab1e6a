/* SPDX-License-Identifier: ISC */
/*
 * diff_side: the stream reader does the proving; this adds the order.
 */
#include "diff_side.h"

#include "inert.h"

static int begin(struct diff_side *side, const struct stream_item *item, struct fault *fault)
{
	if (side->begin_doc) {
		fault_set(fault, FAULT_DATA, "a second snapshot in one file; merge them with normalize");
		return lines_fault(&side->reader.lines, fault);
	}
	buf_put_span(&side->begin, item->line);
	if (buf_check(&side->begin, fault) < 0)
		return -1;
	side->begin_doc = json_parse(buf_span(&side->begin), NULL, fault);
	return side->begin_doc ? 0 : -1;
}

/* Is the source of this line one that `begin` names? Asked once a run of lines. */
static int check_source(struct diff_side *side, struct fault *fault)
{
	struct span source = record_line_source(side->line), name;
	yyjson_doc *doc;
	bool known;

	if (span_is(source, buf_span(&side->source)))
		return 0;
	doc = json_parse(source, NULL, fault);
	known = doc && json_text(yyjson_doc_get_root(doc), &name) && diff_side_source(side, name);
	yyjson_doc_free(doc);
	if (!known) {
		fault_set(fault, FAULT_DATA, "a record of source %s, which begin does not name",
		          INERT(source));
		return lines_fault(&side->reader.lines, fault);
	}
	buf_clear(&side->source);
	buf_put_span(&side->source, source);
	return buf_check(&side->source, fault);
}

static int record(struct diff_side *side, const struct stream_item *item, struct fault *fault)
{
	side->has_record = true;
	side->kind = item->kind;
	side->line = item->line;
	side->key = record_line_key(item->kind, item->line);
	if (!side->key.len)
		fault_set(fault, FAULT_DATA, "not a canonical record");
	else if (side->previous.len && span_compare(buf_span(&side->previous), item->line) >= 0)
		fault_set(fault, FAULT_DATA, "out of order");
	else
		return check_source(side, fault);
	return lines_fault(&side->reader.lines, fault);
}

int diff_side_advance(struct diff_side *side, struct fault *fault)
{
	struct stream_item item;
	struct span sha256;
	int more;

	if (side->has_record) {
		buf_clear(&side->previous);
		buf_put_span(&side->previous, side->line);
		if (buf_check(&side->previous, fault) < 0)
			return -1;
	}
	side->has_record = false;
	while ((more = stream_next(&side->reader, &item, fault)) > 0) {
		if (item.type == ITEM_RECORD)
			return record(side, &item, fault);
		if (item.type == ITEM_BEGIN && begin(side, &item, fault) < 0)
			return -1;
		if (item.type == ITEM_END && json_member_text(item.root, "sha256", &sha256))
			memcpy(side->sha256, sha256.data, DIGEST_HEX); /* it matched: 64 digits */
	}
	return more;
}

int diff_side_open(struct diff_side *side, const char *path, struct fault *fault)
{
	*side = (struct diff_side){0};
	if (stream_open(&side->reader, path, STAGE_SNAPSHOT, false, fault) < 0)
		return -1;
	return diff_side_advance(side, fault);
}

int diff_side_fault(const struct diff_side *side, struct fault *fault)
{
	return fault->kind == FAULT_DATA ? lines_fault(&side->reader.lines, fault) : -1;
}

void diff_side_close(struct diff_side *side)
{
	stream_close(&side->reader);
	buf_release(&side->begin);
	buf_release(&side->previous);
	buf_release(&side->source);
	yyjson_doc_free(side->begin_doc);
}

yyjson_val *diff_side_source(const struct diff_side *side, struct span name)
{
	yyjson_val *sources = yyjson_obj_get(yyjson_doc_get_root(side->begin_doc), "sources");
	yyjson_val *entry;
	struct span text;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, entry)
		if (json_text(yyjson_obj_get(entry, "source"), &text) && span_is(text, name))
			return entry;
	return NULL;
}
