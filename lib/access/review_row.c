/* SPDX-License-Identifier: ISC */
/*
 * review_row: rows on top of access, which has the groups of each account together.
 */
#include "access/review_row.h"

#include "base/json_put.h"

const char *const review_what_words[REVIEW_WHATS] = {
	[REVIEW_ACCOUNT] = "account",
	[REVIEW_MEMBERSHIP] = "membership",
	[REVIEW_ROLE] = "role",
	[REVIEW_ENTITLEMENT] = "entitlement",
};

/* ---- the name ---- */

static void review_row_put_part(struct buf *line, struct span text)
{
	buf_putc(line, ',');
	json_put_string(line, text);
}

/* The row at hand is complete but for its name. 0 or -1. */
static int review_row_emit(struct review_rows *rows, struct review_row *row, struct fault *fault)
{
	struct buf *line = &rows->line;
	char hex[DIGEST_HEX + 1];

	buf_clear(line);
	buf_put_span(line, buf_span(&rows->head));
	review_row_put_part(line, span_of(review_what_words[row->what]));
	review_row_put_part(line, row->source);
	if (row->what == REVIEW_MEMBERSHIP)
		review_row_put_part(line, row->access_id);
	review_row_put_part(line, row->user_id);
	if (row->what == REVIEW_MEMBERSHIP)
		review_row_put_part(line, row->member_kind);
	else if (row->what != REVIEW_ACCOUNT)
		review_row_put_part(line, row->access_id);
	buf_putc(line, ']');
	if (buf_check(line, fault) < 0 || digest_init(&rows->digest, fault) < 0)
		return -1;
	digest_put(&rows->digest, buf_span(line));
	if (digest_hex(&rows->digest, hex, fault) < 0)
		return -1;
	row->name[0] = 'r';
	memcpy(row->name + 1, hex, REVIEW_ROW_NAME - 1);
	row->name[REVIEW_ROW_NAME] = '\0';
	return rows->each_row(rows->context, row, fault);
}

/* ---- accounts and members ---- */

/* The source in a key or a line, as text in rows->source. 0 or -1. */
static int review_row_take_source(struct review_rows *rows, struct span key, struct fault *fault)
{
	struct span json = record_line_source(key), text = SPAN_EMPTY;
	yyjson_val *root;

	if (rows->source_json.len && span_is(json, buf_span(&rows->source_json)))
		return 0;
	root = json_read(&rows->values, json, fault);
	if (!root)
		return -1;
	json_text(root, &text);
	buf_clear(&rows->source_json);
	buf_put_span(&rows->source_json, json);
	buf_clear(&rows->source);
	buf_put_span(&rows->source, text);
	return buf_check(&rows->source_json, fault) < 0 ? -1 : buf_check(&rows->source, fault);
}

/* The membership of the member at hand in the group at `place`. */
static int review_row_put_membership(struct review_rows *rows, struct review_row *row,
                                     uint32_t place, struct span kind, struct fault *fault)
{
	const struct nested_group *group = &rows->access.nesting.groups[place];

	buf_clear(&rows->access_id);
	access_put_id(&rows->access_id, group->key);
	if (buf_check(&rows->access_id, fault) < 0)
		return -1;
	row->what = REVIEW_MEMBERSHIP;
	row->member_kind = kind;
	row->group = place;
	row->access_id = buf_span(&rows->access_id);
	row->access = group->name;
	return review_row_emit(rows, row, fault);
}

/* What `value` is called by the details of its list; the value where they do not say. */
static struct span review_row_display(yyjson_val *details, struct span value)
{
	yyjson_val *item;
	size_t i, max;

	yyjson_arr_foreach(details, i, max, item) {
		struct span display = json_obj_text(item, "display");

		if (display.len && span_is(json_obj_text(item, "value"), value))
			return display;
	}
	return value;
}

int review_field(enum review_what what)
{
	return what == REVIEW_ROLE ? USER_ROLES : USER_ENTITLEMENTS;
}

/* A row for each role, or each entitlement. */
static int review_row_put_values(struct review_rows *rows, struct review_row *row,
                                 enum review_what what, struct fault *fault)
{
	int field = review_field(what);
	const struct value *list = &row->user->values[field];
	const struct value *more =
		&row->user->values[what == REVIEW_ROLE ? USER_ROLE_DETAILS : USER_ENTITLEMENT_DETAILS];
	yyjson_val *values, *value, *details = NULL;
	size_t i, max;

	if (list->type != VALUE_LIST)
		return 0;
	values = json_read(&rows->values, list->text, fault);
	if (!values ||
	    (more->type > VALUE_TEXT && !(details = json_read(&rows->details, more->text, fault))))
		return -1;
	row->what = what;
	row->member_kind = span_of("");
	yyjson_arr_foreach(values, i, max, value) {
		if (!json_text(value, &row->access_id))
			continue;
		row->access = review_row_display(details, row->access_id);
		if (review_row_emit(rows, row, fault) < 0)
			return -1;
	}
	return 0;
}

static int review_row_next_kindless(struct review_rows *rows, struct fault *fault)
{
	rows->kindless_more = sorter_next(rows->kindless, &rows->kindless_line, fault);
	return rows->kindless_more < 0 ? -1 : 0;
}

/* The kind of this member of this group; they are asked for in the order of their lines.
   0 or -1. */
static int review_row_find_kind(struct review_rows *rows, struct span key, uint32_t place,
                                struct span *kind, struct fault *fault)
{
	struct buf *line = &rows->line;

	*kind = span_of("user");
	if (rows->kindless_more <= 0)
		return rows->kindless_more;
	buf_clear(line);
	buf_put_span(line, key);
	buf_putf(line, " %08x", place);
	if (buf_check(line, fault) < 0)
		return -1;
	while (rows->kindless_more > 0) {
		struct span waiting = rows->kindless_line;
		char letter = waiting.data[waiting.len - 2];
		int order;

		waiting.len -= 2; /* the letter and LF */
		order = span_compare(waiting, buf_span(line));
		if (order == 0)
			*kind = span_of(letter == 'u' ? "unknown" : "");
		if (order >= 0)
			return 0;
		if (review_row_next_kindless(rows, fault) < 0)
			return -1;
	}
	return 0;
}

static int review_row_take_subject(void *context, const struct access_subject *subject,
                                   struct fault *fault)
{
	struct review_rows *rows = context;
	struct review_row row = {.user = subject->record};

	if (subject->is_group) /* each_end has all groups that are members */
		return 0;
	buf_clear(&rows->user_id);
	if (row.user)
		buf_put_span(&rows->user_id, record_text(row.user, USER_ID));
	else
		access_put_id(&rows->user_id, subject->key);
	if (buf_check(&rows->user_id, fault) < 0 ||
	    review_row_take_source(rows, subject->key, fault) < 0)
		return -1;
	row.source = buf_span(&rows->source);
	row.user_id = buf_span(&rows->user_id);
	row.user_name = row.user ? record_text(row.user, USER_USER_NAME) : span_of("");
	row.member_kind = row.access_id = row.access = span_of("");
	if (row.user && review_row_emit(rows, &row, fault) < 0)
		return -1;
	for (size_t i = 0; i < subject->count && !subject->reached[i].level; i++) {
		uint32_t place = subject->reached[i].group;
		struct span kind;

		if (review_row_find_kind(rows, subject->key, place, &kind, fault) < 0 ||
		    review_row_put_membership(rows, &row, place, kind, fault) < 0)
			return -1;
	}
	return !row.user || (review_row_put_values(rows, &row, REVIEW_ROLE, fault) == 0 &&
	                     review_row_put_values(rows, &row, REVIEW_ENTITLEMENT, fault) == 0)
	           ? 0
	           : -1;
}

/* After the last account: the groups that are members. */
static int review_row_take_end(void *context, struct fault *fault)
{
	struct review_rows *rows = context;
	const struct nesting *nesting = &rows->access.nesting;

	if (strcmp(rows->sha256, rows->access.reader.sha256) != 0)
		return fault_set(fault, FAULT_DATA, "the snapshot changed while it was read");
	for (size_t i = 0; i < nesting->arrow_count; i++) {
		const struct nested_group *member = &nesting->groups[nesting->arrows[i].inner];
		struct review_row row = {.user_name = member->name};

		buf_clear(&rows->user_id);
		access_put_id(&rows->user_id, member->key);
		if (buf_check(&rows->user_id, fault) < 0 ||
		    review_row_take_source(rows, member->key, fault) < 0)
			return -1;
		row.source = buf_span(&rows->source);
		row.user_id = buf_span(&rows->user_id);
		if (review_row_put_membership(rows, &row, nesting->arrows[i].outer, span_of("group"),
		                              fault) < 0)
			return -1;
	}
	return rows->each_end ? rows->each_end(rows->context, fault) : 0;
}

/* ---- a snapshot ---- */

static int review_row_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct review_rows *rows = context;

	return rows->each_gap ? rows->each_gap(rows->context, gap, fault) : 0;
}

static int review_row_pass_group(void *context, const struct record *group, struct fault *fault)
{
	(void)context;
	(void)group;
	(void)fault;
	return 0;
}

static int review_row_take_membership(void *context, struct fault *fault)
{
	struct review_rows *rows = context;
	struct span line = rows->access.reader.line;

	if (record_line_member_kind(line) != MEMBER_UNKNOWN)
		return 0;
	buf_clear(&rows->line);
	record_put_end_key(&rows->line, line, MEMBERSHIP_MEMBER_ID, RECORD_USER);
	buf_putf(&rows->line, " %08x%c\n", rows->access.group_place,
	         span_ends(line, span_of(":\"unknown\"}")) ? 'u' : 'a');
	return buf_check(&rows->line, fault) < 0
	           ? -1
	           : sorter_add(rows->kindless, buf_span(&rows->line), fault);
}

static int review_row_take_nesting(void *context, struct fault *fault)
{
	struct review_rows *rows = context;

	if (rows->each_nesting && rows->each_nesting(rows->context, fault) < 0)
		return -1;
	if (sorter_is_empty(rows->kindless))
		return 0;
	return sorter_sort(rows->kindless, fault) < 0 ? -1 : review_row_next_kindless(rows, fault);
}

/* The first pass: its begin line and its SHA-256. */
static int review_row_prove(struct review_rows *rows, const struct reread *snapshot,
                            struct fault *fault)
{
	struct snapshot_reader reader;
	int more = -1;

	if (reread_start(snapshot, fault) < 0)
		return -1;
	if (snapshot_reader_open_fd(&reader, snapshot->fd, snapshot->name, fault) == 0) {
		digest_run_apart(&reader.stream.digest);
		while ((more = snapshot_reader_next(&reader, fault)) > 0)
			;
	}
	if (more == 0) {
		memcpy(rows->sha256, reader.sha256, sizeof rows->sha256);
		buf_clear(&rows->begin);
		buf_put_buf(&rows->begin, &reader.begin);
		buf_clear(&rows->head);
		buf_putf(&rows->head, "[\"%s\"", rows->sha256);
		more = buf_check(&rows->begin, fault) < 0 ? -1 : buf_check(&rows->head, fault);
	}
	snapshot_reader_close(&reader);
	return more;
}

int review_rows_read(struct review_rows *rows, const struct reread *snapshot, struct fault *fault)
{
	struct access *access = &rows->access;

	access->context = rows;
	access->each_gap = review_row_take_gap;
	access->each_group = review_row_pass_group;
	access->each_membership = review_row_take_membership;
	access->each_nesting = review_row_take_nesting;
	access->each_subject = review_row_take_subject;
	access->each_end = review_row_take_end;
	access->memory = rows->memory;
	if (!rows->kindless)
		rows->kindless = sorter_open(rows->memory, fault);
	return !rows->kindless || review_row_prove(rows, snapshot, fault) < 0
	           ? -1
	           : access_reread(access, snapshot, fault);
}

void review_rows_release(struct review_rows *rows)
{
	access_release(&rows->access);
	digest_release(&rows->digest);
	sorter_close(rows->kindless);
	json_reader_release(&rows->values);
	json_reader_release(&rows->details);
	buf_release(&rows->begin);
	buf_release(&rows->line);
	buf_release(&rows->head);
	buf_release(&rows->source_json);
	buf_release(&rows->source);
	buf_release(&rows->user_id);
	buf_release(&rows->access_id);
	*rows = (struct review_rows){0};
}
