/* SPDX-License-Identifier: ISC */
/*
 * diff_side: the stream reader does the proving; this adds the order.
 */
#include "diff/diff_side.h"

#include "diff/diff_match.h"
#include "base/inert.h"
#include "sort/sorter.h"

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

static int not_canonical(const struct diff_side *side, struct fault *fault)
{
	fault_set(fault, FAULT_DATA, "not a canonical record");
	return lines_fault(&side->reader.lines, fault);
}

/* Is the source of this line one that `begin` names? Asked once a run of lines. */
static int check_head(struct diff_side *side, struct fault *fault)
{
	struct span source, name;
	yyjson_doc *doc;
	bool known;

	if (side->head.len && span_begins(side->line, buf_span(&side->head)))
		return 0;
	source = record_line_source(side->line);
	if (!source.len)
		return not_canonical(side, fault);
	doc = json_parse(source, NULL, fault);
	if (!doc && fault->kind == FAULT_INTERNAL)
		return -1;
	known = doc && json_text(yyjson_doc_get_root(doc), &name) &&
	        (side->matched || diff_side_source(side, name));
	yyjson_doc_free(doc);
	if (!known) {
		fault_set(fault, FAULT_DATA, "a record of source %s, which begin does not name",
		          INERT(source));
		return lines_fault(&side->reader.lines, fault);
	}
	buf_clear(&side->head);
	buf_put(&side->head, side->line.data, (size_t)(source.data + source.len - side->line.data));
	if (buf_check(&side->head, fault) < 0)
		return -1;
	side->source = (struct span){side->head.data + side->head.len - source.len, source.len};
	return 0;
}

int diff_side_check(struct diff_side *side, struct fault *fault)
{
	struct span previous = lines_previous(&side->reader.lines);

	if (side->key.len)
		return 0;
	side->key = record_line_key(side->kind, side->line);
	if (!side->key.len)
		return not_canonical(side, fault);
	if (span_compare(previous, side->line) >= 0)
		fault_set(fault, FAULT_DATA, "out of order");
	else if (span_begins(previous, side->key))
		fault_set(fault, FAULT_DATA, "two different records with one identity: %s",
		          INERT(side->key));
	else
		return 0;
	return lines_fault(&side->reader.lines, fault);
}

/* Two records of one name: which of them is the other side's? Nothing is guessed. */
static int refuse_namesakes(const struct diff_side *side, struct span earlier, struct fault *fault)
{
	struct record one = {0}, other = {0};
	bool users = side->kind == RECORD_USER;
	yyjson_doc *one_doc = record_read(&one, side->kind, earlier, fault);
	yyjson_doc *other_doc = one_doc ? record_read(&other, side->kind, side->own, fault) : NULL;

	if (other_doc) /* USER_ID and GROUP_ID are the same place */
		fault_set(fault, FAULT_DATA,
		          "%s: the %s '%s' and '%s' are both called '%s': they can not be matched by name",
		          INERT(span_of(side->reader.lines.name)), users ? "users" : "groups",
		          INERT(record_text(&one, USER_ID)), INERT(record_text(&other, USER_ID)),
		          INERT(record_name(&other)));
	record_release(&one);
	record_release(&other);
	yyjson_doc_free(one_doc);
	yyjson_doc_free(other_doc);
	return -1;
}

/* The kind of a line that is ours, so that there is one. */
static enum record_kind kind_of(struct span line)
{
	struct span word = {line.data + strlen("{\"kind\":\""), 0};

	while (word.data[word.len] != '"')
		word.len++;
	return (enum record_kind)record_kind_find(word);
}

static int advance_matched(struct diff_side *side, struct fault *fault)
{
	/* the sorter keeps the line before where it is */
	struct span line, earlier = {"", 0};
	int more;

	if (side->has_record)
		earlier = (struct span){side->line.data, side->line.len + 1 + side->own.len};
	more = sorter_next(side->matched, &line, fault);
	side->has_record = more > 0;
	if (more <= 0)
		return more;
	side->line = (struct span){line.data, line.len - 1};
	side->own = diff_match_own(&side->line);
	side->kind = kind_of(side->line);
	side->key = record_line_key(side->kind, side->line);
	if ((side->kind == RECORD_USER || side->kind == RECORD_GROUP) &&
	    span_begins(earlier, side->key))
		return refuse_namesakes(side, diff_match_own(&earlier), fault);
	return check_head(side, fault);
}

int diff_side_advance(struct diff_side *side, struct fault *fault)
{
	struct stream_item item;
	struct span sha256;
	int more;

	side->key.len = 0;
	if (side->matched)
		return advance_matched(side, fault);
	side->has_record = false;
	while ((more = stream_next(&side->reader, &item, fault)) > 0) {
		if (item.type == ITEM_RECORD) {
			side->has_record = true;
			side->kind = item.kind;
			side->line = side->own = item.line;
			return check_head(side, fault);
		}
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
	sorter_close(side->matched);
	buf_release(&side->begin);
	buf_release(&side->head);
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

struct span diff_side_only_source(const struct diff_side *side)
{
	yyjson_val *sources = yyjson_obj_get(yyjson_doc_get_root(side->begin_doc), "sources");
	struct span name = {"", 0};

	json_text(yyjson_obj_get(yyjson_arr_get_first(sources), "source"), &name);
	return name;
}
