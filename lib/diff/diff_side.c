/* SPDX-License-Identifier: ISC */
/*
 * diff_side: the snapshot reader does the proving; with --match two records of one name
 * are refused here, where they stand side by side.
 */
#include "diff/diff_side.h"

#include "base/inert.h"

struct span diff_side_cut(struct span *line)
{
	const char *at = memchr(line->data, SIDE_SEPARATOR, line->len);
	struct span own = *line;

	if (at) {
		line->len = (size_t)(at - line->data);
		own = (struct span){at + 1, own.len - line->len - 1};
	}
	return own;
}

int diff_side_fault(const struct diff_side *side, struct fault *fault)
{
	return snapshot_reader_fault(&side->reader, fault);
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
		          INERT(snapshot_reader_name(&side->reader)), users ? "users" : "groups",
		          INERT(record_text(&one, USER_ID)), INERT(record_text(&other, USER_ID)),
		          INERT(record_name(&other)));
	record_release(&one);
	record_release(&other);
	yyjson_doc_free(one_doc);
	yyjson_doc_free(other_doc);
	return -1;
}

static int advance_matched(struct diff_side *side, struct fault *fault)
{
	/* the sorter keeps the line before where it is */
	struct span line, earlier = SPAN_EMPTY;
	int more;

	if (side->has_record)
		earlier = (struct span){side->line.data, side->line.len + 1 + side->own.len};
	more = sorter_next(side->matched, &line, fault);
	side->has_record = more > 0;
	if (more <= 0)
		return more;
	side->line = (struct span){line.data, line.len - 1};
	side->own = diff_side_cut(&side->line);
	side->kind = record_line_kind(side->line);
	side->key = record_line_key(side->kind, side->line);
	side->source = buf_span(&side->matched_source);
	if ((side->kind == RECORD_USER || side->kind == RECORD_GROUP) &&
	    span_begins(earlier, side->key))
		return refuse_namesakes(side, diff_side_cut(&earlier), fault);
	return 0;
}

int diff_side_advance(struct diff_side *side, struct fault *fault)
{
	struct snapshot_reader *reader = &side->reader;

	if (side->matched)
		return advance_matched(side, fault);
	if (snapshot_reader_advance(reader, fault) < 0)
		return -1;
	side->has_record = reader->has_record;
	side->kind = reader->kind;
	side->line = side->own = reader->line;
	side->source = reader->source;
	side->key.len = 0;
	return 0;
}

int diff_side_check(struct diff_side *side, struct fault *fault)
{
	if (side->key.len)
		return 0;
	if (snapshot_reader_check(&side->reader, fault) < 0)
		return -1;
	side->key = side->reader.key;
	return 0;
}

int diff_side_open(struct diff_side *side, const char *path, struct fault *fault)
{
	*side = (struct diff_side){0};
	return snapshot_reader_open(&side->reader, path, fault);
}

void diff_side_close(struct diff_side *side)
{
	snapshot_reader_close(&side->reader);
	sorter_close(side->matched);
	buf_release(&side->matched_source);
}

struct span diff_side_compared_source(const struct diff_side *side)
{
	return json_obj_text(side->compared, "source");
}
