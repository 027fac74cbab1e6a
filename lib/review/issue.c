/* SPDX-License-Identifier: ISC */
/*
 * issue: rows become cells of a sheet and lines of the review stream.
 */
#include "review/issue.h"

#include "base/inert.h"
#include "base/json_put.h"

#include <errno.h>
#include <unistd.h>

const char *const issue_format_names[ISSUE_FORMATS] = {[ISSUE_XLSX] = "xlsx", [ISSUE_CSV] = "csv"};

static const char *const issue_decisions[] = {"keep", "revoke", "modify", "defer", NULL};

const struct table_column issue_columns[ISSUE_COLUMNS] = {
	[ISSUE_ROW] = {.name = "row", .none = "none"},
	[ISSUE_SOURCE] = {.name = "source", .none = "none"},
	[ISSUE_USER_ID] = {.name = "user_id", .none = "none"},
	[ISSUE_USER_NAME] = {.name = "user_name", .none = "none"},
	[ISSUE_EMAIL] = {.name = "email", .none = "none"},
	[ISSUE_DISPLAY_NAME] = {.name = "display_name", .none = "none"},
	[ISSUE_STATUS] = {.name = "status", .none = "none", .is_status = true},
	[ISSUE_ACCOUNT_TYPE] = {.name = "account_type", .none = "none"},
	[ISSUE_DEPARTMENT] = {.name = "department", .none = "none"},
	[ISSUE_MANAGER] = {.name = "manager", .none = "none"},
	[ISSUE_CREATED_AT] = {.name = "created_at", .none = "none", .is_time = true},
	[ISSUE_LAST_LOGIN_AT] = {.name = "last_login_at", .none = "never", .is_time = true},
	[ISSUE_WHAT] = {.name = "what", .none = "none"},
	[ISSUE_ACCESS_ID] = {.name = "access_id", .none = "none"},
	[ISSUE_ACCESS] = {.name = "access", .none = "none"},
	[ISSUE_GIVES_ALSO] = {.name = "gives_also", .none = "none"},
	[ISSUE_FINDINGS] = {.name = "findings", .none = "none"},
	[ISSUE_SINCE] = {.name = "since", .none = "new", .is_time = true},
	[ISSUE_PREVIOUS] = {.name = "previous", .none = "none"},
	[ISSUE_DECISION] = {.name = "decision",
                        .none = "none",
                        .is_open = true,
                        .choices = issue_decisions},
	[ISSUE_DECIDED_BY] = {.name = "decided_by", .none = "none", .is_open = true},
	[ISSUE_DECIDED_AT] = {.name = "decided_at", .none = "none", .is_time = true, .is_open = true},
	[ISSUE_REASON] = {.name = "reason", .none = "none", .is_open = true},
	[ISSUE_TICKET] = {.name = "ticket", .none = "none", .is_open = true},
};

static const enum table_format issue_tables[ISSUE_FORMATS] =
	{[ISSUE_XLSX] = TABLE_XLSX, [ISSUE_CSV] = TABLE_CSV};

/* ---- the groups ---- */

static int issue_take_nesting(void *context, struct fault *fault)
{
	struct issue *issue = context;

	if (issue->facts.findings_sha256[0] &&
	    strcmp(issue->facts.findings_of, issue->rows.sha256) != 0)
		return fault_set(fault, FAULT_DATA,
		                 "the findings are of another snapshot: run check-snapshot on this one");
	return gives_also_read(&issue->gives_also, &issue->rows.access.nesting, fault);
}

/* ---- a row ---- */

/* A cell of the account at hand; what no list shows is not shown. */
static void issue_put_value(struct issue *issue, const struct record *user, int field)
{
	const struct value *value = user ? &user->values[field] : NULL;

	if (!value || value->type == VALUE_ABSENT)
		table_put_not_shown(&issue->table);
	else if (value->type == VALUE_NULL)
		table_put_none(&issue->table);
	else
		table_put_text(&issue->table, value->text);
}

static void issue_put_text(struct issue *issue, struct span text)
{
	if (text.len)
		table_put_text(&issue->table, text);
	else
		table_put_empty(&issue->table);
}

/* The cells of who it is. */
static void issue_put_account(struct issue *issue, const struct review_row *row)
{
	static const int fields[] = {USER_EMAIL, USER_DISPLAY_NAME};
	const struct record *user = row->user;
	struct span manager = issue_manager(user);

	table_put_text(&issue->table, span_of(row->name));
	table_put_text(&issue->table, row->source);
	table_put_text(&issue->table, row->user_id);
	if (row->user_name.len)
		table_put_text(&issue->table, row->user_name);
	else
		issue_put_value(issue, user, USER_USER_NAME);
	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		issue_put_value(issue, user, fields[i]);
	if (user) {
		issue_put_value(issue, user, USER_STATUS);
		issue_put_value(issue, user, USER_ACCOUNT_TYPE);
	} else if (span_is(row->member_kind, span_of("group"))) {
		table_put_empty(&issue->table);
		table_put_text(&issue->table, span_of("group"));
	} else {
		table_put_text(&issue->table, span_of("not listed"));
		table_put_text(&issue->table, span_of("unknown"));
	}
	issue_put_value(issue, user, USER_DEPARTMENT);
	if (manager.len)
		table_put_text(&issue->table, manager);
	else
		issue_put_value(issue, user, USER_MANAGER);
	issue_put_value(issue, user, USER_CREATED_AT);
	issue_put_value(issue, user, USER_LAST_LOGIN_AT);
}

static int issue_put_row(struct issue *issue, const struct review_row *row,
                         const struct issue_known *known, const struct issue_part *part,
                         struct fault *fault)
{
	struct table *table = &issue->table;
	bool is_membership = row->what == REVIEW_MEMBERSHIP;
	struct span also = is_membership ? gives_also_of(&issue->gives_also, row->group) : span_of("");

	table_begin_row(table);
	table_put_part(table, span_of(part->file));
	table_sort_by(table, row->source, false);
	table_sort_by(table, row->user_name.len ? row->user_name : row->user_id, false);
	table_sort_by(table, row->user_id, false);
	table_sort_by(table, (struct span){&"0123"[row->what], 1}, false);
	table_sort_by(table, row->access.len ? row->access : row->access_id, false);
	issue_put_account(issue, row);
	table_put_text(table, span_of(review_what_words[row->what]));
	issue_put_text(issue, row->access_id);
	if (is_membership && !row->access.len)
		table_put_not_shown(table);
	else
		issue_put_text(issue, row->access);
	issue_put_text(issue, also);
	issue_put_text(issue, known->findings);
	if (!issue->options->before_count && !issue->options->since_from)
		table_put_empty(table);
	else if (known->is == SINCE_KNOWN)
		table_put_text(table, known->since);
	else if (known->is == SINCE_NEW)
		table_put_none(table);
	else
		table_put_not_shown(table);
	issue_put_text(issue, known->previous);
	for (int column = ISSUE_DECISION; column < ISSUE_COLUMNS; column++)
		table_put_empty(table);
	return table_end_row(table, fault);
}

static int issue_put_line(struct issue *issue, const struct review_row *row,
                          const struct issue_known *known, const struct issue_part *part,
                          struct fault *fault)
{
	struct buf *line = &issue->line;

	buf_clear(line);
	buf_puts(line, "{\"kind\":\"row\"");
	json_put_member(line, "row", span_of(row->name));
	buf_clear(&issue->shown);
	buf_putf(&issue->shown, "%s.%s", part->file, issue_format_names[issue->options->format]);
	json_put_member(line, "sheet", buf_span(&issue->shown));
	json_put_member(line, "what", span_of(review_what_words[row->what]));
	json_put_member(line, "source", row->source);
	json_put_member(line, "user_id", row->user_id);
	if (row->user_name.len)
		json_put_member(line, "user_name", row->user_name);
	if (row->what != REVIEW_ACCOUNT) {
		json_put_member(line, "access_id", row->access_id);
		if (row->access.len)
			json_put_member(line, "access", row->access);
	}
	if (row->member_kind.len)
		json_put_member(line, "member_kind", row->member_kind);
	if (known->findings_json.len) {
		buf_puts(line, ",\"findings\":");
		buf_put_span(line, known->findings_json);
	}
	if (known->is == SINCE_KNOWN)
		json_put_member(line, "since", known->since);
	else if (known->is == SINCE_NEW)
		buf_puts(line, ",\"since\":null");
	if (known->previous.len)
		json_put_member(line, "previous", known->previous);
	buf_puts(line, "}\n");
	return buf_check(&issue->shown, fault) < 0 || buf_check(line, fault) < 0
	           ? -1
	           : spool_put(&issue->lines, buf_span(line), fault);
}

static int issue_take_row(void *context, const struct review_row *row, struct fault *fault)
{
	struct issue *issue = context;
	struct issue_part *part = issue_parts_take(&issue->parts, row, fault);
	struct issue_known known;

	if (!part || issue_facts_find(&issue->facts, row, &known, fault) < 0)
		return -1;
	if (issue->options->since_from) {
		enum since_is is = since_find(&issue->since, row->source, row->user_id, row->what,
		                              row->access_id, false, &known.since);

		known.is = is == SINCE_IS_KNOWN ? SINCE_KNOWN
		           : is == SINCE_IS_NEW ? SINCE_NEW
		                                : SINCE_UNKNOWN;
		if (buf_check(&issue->since.key, fault) < 0)
			return -1;
	}
	part->rows++;
	issue->counts[row->what]++;
	return issue_put_row(issue, row, &known, part, fault) < 0
	           ? -1
	           : issue_put_line(issue, row, &known, part, fault);
}

/* ---- what could not be seen ---- */

static void issue_note(struct issue *issue, const char *what, struct span source, struct span text)
{
	buf_puts(&issue->notes, what);
	buf_puts(&issue->notes, ": ");
	inert_put(&issue->notes, source);
	buf_puts(&issue->notes, ": ");
	inert_put(&issue->notes, text);
	buf_putc(&issue->notes, '\n');
}

static int issue_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct issue *issue = context;
	struct span id = record_text(gap, GAP_ID);

	buf_clear(&issue->shown);
	buf_put_span(&issue->shown, record_text(gap, GAP_SCOPE));
	buf_puts(&issue->shown, id.len ? " of " : "");
	buf_put_span(&issue->shown, id);
	buf_puts(&issue->shown, ": ");
	buf_put_span(&issue->shown, record_text(gap, GAP_REASON));
	issue_note(issue, "not readable", record_text(gap, GAP_SOURCE), buf_span(&issue->shown));
	return buf_check(&issue->notes, fault);
}

static int issue_take_end(void *context, struct fault *fault)
{
	struct issue *issue = context;
	yyjson_val *entry, *item;
	size_t i, max, at, count;

	yyjson_arr_foreach(issue->rows.access.reader.sources, i, max, entry) {
		struct span source = json_obj_text(entry, "source"), text;

		yyjson_arr_foreach(yyjson_obj_get(entry, "not_covered"), at, count, item)
			if (json_text(item, &text))
				issue_note(issue, "not covered", source, text);
		text = json_obj_text(entry, "select");
		if (text.len)
			issue_note(issue, "only a selection", source, text);
	}
	return buf_check(&issue->notes, fault);
}

/* ---- the whole ---- */

int issue_open(struct issue *issue, const struct issue_options *options, struct fault *fault)
{
	*issue = (struct issue){.options = options};
	issue->rows.each_nesting = issue_take_nesting;
	issue->rows.each_gap = issue_take_gap;
	issue->rows.each_row = issue_take_row;
	issue->rows.each_end = issue_take_end;
	issue->rows.context = issue;
	issue->rows.memory = options->memory / 4;
	return table_open(&issue->table, issue_columns, ISSUE_COLUMNS, issue_tables[options->format],
	                  options->memory / 2, fault) < 0 ||
	               issue_facts_open(&issue->facts, options->memory / 8, fault) < 0 ||
	               issue_parts_open(&issue->parts, options->split, fault) < 0
	           ? -1
	           : 0;
}

void issue_release(struct issue *issue)
{
	review_rows_release(&issue->rows);
	issue_facts_release(&issue->facts);
	since_release(&issue->since);
	issue_parts_release(&issue->parts);
	table_release(&issue->table);
	spool_release(&issue->lines);
	gives_also_release(&issue->gives_also);
	buf_release(&issue->notes);
	buf_release(&issue->line);
	buf_release(&issue->shown);
	buf_release(&issue->json);
}

int issue_read(struct issue *issue, const struct reread *snapshot, struct fault *fault)
{
	const struct issue_options *options = issue->options;

	if (options->findings && issue_facts_read_findings(&issue->facts, options->findings, fault) < 0)
		return -1;
	if (options->previous && issue_facts_read_previous(&issue->facts, options->previous, fault) < 0)
		return -1;
	if (options->since_from && since_read(&issue->since, options->since_from, fault) < 0)
		return -1;
	for (size_t i = 0; i < options->before_count; i++)
		if (issue_facts_read_before(&issue->facts, options->before[i], fault) < 0)
			return -1;
	return issue_facts_close(&issue->facts, fault) < 0 ||
	               review_rows_read(&issue->rows, snapshot, fault) < 0
	           ? -1
	           : issue_parts_need_one(&issue->parts, fault);
}
