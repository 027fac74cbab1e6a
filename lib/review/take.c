/* SPDX-License-Identifier: ISC */
/*
 * take: what the sheets say meets what the snapshot says, by the name of the row.
 */
#include "review/take.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"
#include "sheet/csv.h"

#include <stdlib.h>

/* The columns that are read. Those of what is decided come first. */
enum take_column {
	TAKE_ROW,
	TAKE_DECISION,
	TAKE_DECIDED_BY,
	TAKE_DECIDED_AT,
	TAKE_REASON,
	TAKE_TICKET,
	TAKE_FINDINGS, /* more caution only: it asks for a reason, and can not do away with one */
	TAKE_FIXED,
};

static const struct {
	const char *name;
	bool is_needed;
	enum take_field fact; /* of a fixed column */
} take_columns[] = {
	[TAKE_ROW] = {"row", true, 0},
	[TAKE_DECISION] = {"decision", true, 0},
	[TAKE_DECIDED_BY] = {"decided_by", true, 0},
	[TAKE_DECIDED_AT] = {"decided_at", false, 0},
	[TAKE_REASON] = {"reason", true, 0},
	[TAKE_TICKET] = {"ticket", false, 0},
	[TAKE_FINDINGS] = {"findings", false, 0},
	[TAKE_FIXED] = {"source", false, FACT_SOURCE},
	{"user_id", false, FACT_USER_ID},
	{"user_name", false, FACT_USER_NAME},
	{"email", false, FACT_EMAIL},
	{"display_name", false, FACT_DISPLAY_NAME},
	{"status", false, FACT_STATUS},
	{"department", false, FACT_DEPARTMENT},
	{"what", false, FACT_WHAT},
	{"access_id", false, FACT_ACCESS_ID},
	{"access", false, FACT_ACCESS},
};

enum { TAKE_COLUMNS = sizeof take_columns / sizeof *take_columns };

/* What waits for the row of a name: a finding of the review list, then rows of sheets. */
enum { WAITS_FINDING = 'a', WAITS_SHEET = 'b' };

/* ---- problems ---- */

static int take_note(struct take *take, struct take_problems *problems, struct take_problem problem,
                     struct fault *fault)
{
	struct take_problem *items;

	problems->all++;
	if (problems->count == PROBLEMS_MAX)
		return 0;
	items = array_grow(problems->items, problems->count, &problems->cap, sizeof *items, fault);
	if (!items)
		return -1;
	problems->items = items;
	problem.text = arena_copy(&take->texts, problem.text);
	if (!problem.text.data)
		return fault_memory(fault);
	items[problems->count++] = problem;
	return 0;
}

/* The same of take->scratch. */
static int take_note_scratch(struct take *take, struct take_problems *problems, size_t sheet,
                             size_t row, const char *column, struct fault *fault)
{
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	return take_note(take, problems,
	                 (struct take_problem){sheet, row, column, buf_span(&take->scratch)}, fault);
}

static int take_wrong(struct take *take, size_t sheet, size_t row, int column, const char *text,
                      struct fault *fault)
{
	return take_note(take, &take->problems,
	                 (struct take_problem){sheet, row, take_columns[column].name, span_of(text)},
	                 fault);
}

static int take_problem_order(const void *left, const void *right)
{
	const struct take_problem *a = left, *b = right;

	if (a->sheet != b->sheet)
		return a->sheet < b->sheet ? -1 : 1;
	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return span_compare(a->text, b->text);
}

void take_put_problem(const struct take *take, const struct take_problem *problem, struct buf *text)
{
	if (problem->sheet) {
		inert_put(text, span_of(take->sheets[problem->sheet - 1].name));
		buf_putf(text, ": row %zu: ", problem->row);
	}
	if (problem->column)
		buf_putf(text, "column %s: ", problem->column);
	buf_put_span(text, problem->text);
}

/* Is there a severity of high or critical, as these findings write it? */
static bool take_has(struct span text, struct span high, struct span critical)
{
	return memmem(text.data, text.len, high.data, high.len) ||
	       memmem(text.data, text.len, critical.data, critical.len);
}

/* Findings as JSON: a name can not have these bytes, for its quotes are escaped. */
static bool take_is_serious(struct span json)
{
	return take_has(json, span_of("\"severity\":\"high\""), span_of("\"severity\":\"critical\""));
}

/* ---- a sheet ---- */

static struct span take_trim(struct span text)
{
	while (text.len && (text.data[0] == ' ' || text.data[0] == '\n' || text.data[0] == '\r'))
		text = (struct span){text.data + 1, text.len - 1};
	while (text.len && strchr(" \n\r", text.data[text.len - 1]))
		text.len--;
	return text;
}

/* A cell without the ' that keeps it from being a formula. */
static struct span take_cell(const struct csv *csv, size_t cell)
{
	struct span text = cell < csv->count ? take_trim(csv_text(csv, cell)) : span_of(""), rest;

	if (text.len < 2 || text.data[0] != '\'')
		return text;
	rest = (struct span){text.data + 1, text.len - 1};
	return inert_is_formula(rest) ? rest : text;
}

/* Which column of the sheet is which; -1: there is none. 0 or -1. */
static int take_read_head(const struct csv *csv, int places[TAKE_COLUMNS], struct fault *fault)
{
	for (int i = 0; i < TAKE_COLUMNS; i++) {
		places[i] = -1;
		for (size_t cell = 0; cell < csv->count; cell++) {
			if (!span_is_nocase(take_cell(csv, cell), span_of(take_columns[i].name)))
				continue;
			if (places[i] >= 0)
				return fault_set(fault, FAULT_DATA, "%s: row 1: two columns are called '%s'",
				                 INERT(span_of(csv->name)), take_columns[i].name);
			places[i] = (int)cell;
		}
		if (places[i] < 0 && take_columns[i].is_needed)
			return fault_set(fault, FAULT_DATA,
			                 "%s: row 1: no column '%s': a sheet has the columns that issue-review "
			                 "wrote, in any order",
			                 INERT(span_of(csv->name)), take_columns[i].name);
	}
	return 0;
}

static bool take_is_row_name(struct span text)
{
	if (text.len != REVIEW_ROW_NAME || text.data[0] != 'r')
		return false;
	for (size_t i = 1; i < text.len; i++)
		if (!strchr("0123456789abcdef", text.data[i]))
			return false;
	return true;
}

/* Keeps [sheet, row, cell, ...]; a column that is not there is null. `width`: of the first row. */
static int take_row(struct take *take, const struct csv *csv, const int *places, size_t width,
                    size_t number, struct fault *fault)
{
	struct span name = take_cell(csv, (size_t)places[TAKE_ROW]);
	struct buf *line = &take->scratch;
	bool is_blank = true;

	for (size_t cell = 0; is_blank && cell < csv->count; cell++)
		is_blank = !take_trim(csv_text(csv, cell)).len;
	if (is_blank)
		return 0;
	take->read++;
	buf_clear(line);
	for (size_t cell = width; cell < csv->count; cell++)
		if (take_trim(csv_text(csv, cell)).len)
			return take_wrong(take, take->sheet_count, number, TAKE_ROW,
			                  "more cells than the first row has: the cells of this row moved",
			                  fault);
	if (!take_is_row_name(name)) {
		if (name.len)
			buf_putf(line, "'%s' is no name of a row: it was edited", INERT(name));
		else
			buf_puts(line, "the row has no name: it was added, or its name was removed");
		return take_note_scratch(take, &take->problems, take->sheet_count, number, "row", fault);
	}
	buf_putf(line, "[\"%zu\",\"%zu\"", take->sheet_count, number);
	for (int i = TAKE_DECISION; i < TAKE_COLUMNS; i++) {
		buf_putc(line, ',');
		if (places[i] < 0)
			buf_puts(line, "null");
		else
			json_put_string(line, take_cell(csv, (size_t)places[i]));
	}
	buf_putc(line, ']');
	if (buf_check(line, fault) < 0)
		return -1;
	return join_add_waiting(&take->join, 0, &take->line, name, WAITS_SHEET, buf_span(line), fault);
}

int take_read_sheet(struct take *take, const char *path, struct fault *fault)
{
	struct take_sheet *sheets =
		array_grow(take->sheets, take->sheet_count, &take->sheet_cap, sizeof *sheets, fault);
	int places[TAKE_COLUMNS], more;
	size_t number = 1, width = 0;
	struct digest digest = {0};
	struct take_sheet *sheet;
	struct csv csv;

	if (!sheets)
		return -1;
	if (strcmp(path, "-") == 0)
		return fault_set(fault, FAULT_NO_INPUT, "cannot open '-': a sheet is a file");
	take->sheets = sheets;
	sheet = &sheets[take->sheet_count++];
	sheet->name = path;
	if (digest_init(&digest, fault) < 0)
		return -1;
	more = csv_open(&csv, path, &digest, fault);
	if (more == 0 && buf_span(&csv.data).len > 4 && memcmp(csv.data.data, "PK\3\4", 4) == 0)
		more = fault_set(fault, FAULT_DATA,
		                 "%s: a workbook: only CSV can be read; save the sheet Review as CSV UTF-8",
		                 INERT(span_of(path)));
	if (more == 0) {
		more = csv_next(&csv, fault);
		if (more == 0)
			more = fault_set(fault, FAULT_DATA, "%s: empty: its first row names the columns",
			                 INERT(span_of(path)));
	}
	if (more > 0)
		more = take_read_head(&csv, places, fault);
	if (more == 0)
		width = csv.count;
	while (more == 0 && (more = csv_next(&csv, fault)) > 0)
		more = take_row(take, &csv, places, width, ++number, fault);
	if (more == 0) /* to its end, so all of it has been read */
		more = digest_hex(&digest, sheet->sha256, fault);
	digest_release(&digest);
	csv_close(&csv);
	return more;
}

/* ---- the snapshot ---- */

static int take_begin_rows(void *context, struct fault *fault)
{
	const struct take *take = context;

	if (take->facts.findings_sha256[0] && strcmp(take->facts.findings_of, take->rows.sha256) != 0)
		return fault_set(fault, FAULT_DATA,
		                 "the findings are of another snapshot: run check-snapshot on this one");
	if (take->review_sha256[0] && strcmp(take->review_of, take->rows.sha256) != 0)
		return fault_set(fault, FAULT_DATA,
		                 "the list of the review is of another snapshot: give the one that its "
		                 "sheets were issued from");
	return 0;
}

static int take_snapshot_row(void *context, const struct review_row *row, struct fault *fault)
{
	struct take *take = context;
	const struct record *user = row->user;
	struct issue_known known = {0};
	yyjson_val *entry = snapshot_reader_source(&take->rows.access.reader, row->source);
	struct span facts[FACT_FIELDS];

	if (issue_facts_find(&take->facts, row, &known, fault) < 0)
		return -1;
	facts[FACT_WHAT] = span_of(review_what_words[row->what]);
	facts[FACT_SOURCE] = row->source;
	facts[FACT_USER_ID] = row->user_id;
	facts[FACT_USER_NAME] = row->user_name;
	facts[FACT_MEMBER_KIND] = row->member_kind;
	facts[FACT_ACCESS_ID] = row->access_id;
	facts[FACT_ACCESS] = row->access;
	facts[FACT_EMAIL] = user ? record_text(user, USER_EMAIL) : span_of("");
	facts[FACT_DISPLAY_NAME] = user ? record_text(user, USER_DISPLAY_NAME) : span_of("");
	facts[FACT_STATUS] = user ? record_text(user, USER_STATUS) : span_of("");
	facts[FACT_DEPARTMENT] = user ? record_text(user, USER_DEPARTMENT) : span_of("");
	facts[FACT_PROVIDER] = json_obj_text(entry, "provider");
	facts[FACT_SERIOUS] =
		span_of(known.findings_json.len && take_is_serious(known.findings_json) ? "1" : "");
	facts[FACT_LISTED] = span_of(user ? "1" : "");
	buf_clear(&take->scratch);
	buf_putc(&take->scratch, '[');
	for (int i = 0; i < FACT_FIELDS; i++) {
		json_array_next(&take->scratch);
		json_put_string(&take->scratch, facts[i]);
	}
	buf_putc(&take->scratch, ']');
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	return join_add_fact(&take->join, 0, &take->line, span_of(row->name), buf_span(&take->scratch),
	                     fault);
}

/* The list that issue-review wrote: which rows had a finding that needs a reason. */
static int take_read_review(struct take *take, struct fault *fault)
{
	struct stream_reader reader;
	struct stream_item item;
	int more = stream_open(&reader, take->options->review, STAGE_REVIEW, true, fault);

	while (more >= 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		if (item.type == ITEM_BEGIN)
			stream_take_sha256(yyjson_obj_get(item.root, "snapshot"), take->review_of);
		else if (item.type == ITEM_END)
			stream_take_sha256(item.root, take->review_sha256);
		else if (yyjson_obj_get(item.root, "findings") && take_is_serious(item.line) &&
		         join_add_waiting(&take->join, 0, &take->line, json_obj_text(item.root, "row"),
		                          WAITS_FINDING, span_of("1"), fault) < 0)
			more = -1;
	}
	stream_close(&reader);
	return more;
}

int take_read_snapshot(struct take *take, const struct reread *snapshot, struct fault *fault)
{
	if (issue_facts_open(&take->facts, take->options->memory / 8, fault) < 0 ||
	    (take->options->findings &&
	     issue_facts_read_findings(&take->facts, take->options->findings, fault) < 0) ||
	    issue_facts_close(&take->facts, fault) < 0 ||
	    (take->options->review && take_read_review(take, fault) < 0))
		return -1;
	take->rows.context = take;
	take->rows.each_nesting = take_begin_rows;
	take->rows.each_row = take_snapshot_row;
	take->rows.memory = take->options->memory / 8;
	return review_rows_read(&take->rows, snapshot, fault);
}

/* ---- what is decided ---- */

/* A number as a spreadsheet writes one: 1.23E+17, 1,23E+17, 00123 without its zeros. */
static bool take_is_number(struct span text)
{
	size_t digits = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (!strchr("0123456789.,eE+-", text.data[i]))
			return false;
		digits += text.data[i] >= '0' && text.data[i] <= '9';
	}
	return digits > 0;
}

/* What a fixed column says now, where that is not what the snapshot says. */
static int take_compare(struct take *take, size_t sheet, size_t row, int column, struct span cell,
                        struct fault *fault)
{
	static const char *const blanks[] = {"", "not shown", "none", "not listed", "unknown"};
	struct span fact = take_trim(take_fact(take, take_columns[column].fact));

	if (span_is(cell, fact))
		return 0;
	for (size_t i = 0; !fact.len && i < sizeof blanks / sizeof *blanks; i++)
		if (span_is(cell, span_of(blanks[i])))
			return 0;
	buf_clear(&take->scratch);
	buf_putf(&take->scratch, "'%s' was '%s': ", INERT(cell), INERT(fact));
	buf_puts(&take->scratch, take_is_number(cell) && take_is_number(fact)
	                             ? "rewritten by the spreadsheet"
	                             : "changed in the sheet");
	buf_puts(&take->scratch, "; what the snapshot says counts");
	return take_note_scratch(take, &take->warnings, sheet, row, take_columns[column].name, fault);
}

static bool take_is_subject(const struct take *take, struct span by)
{
	static const enum take_field own_fields[] = {FACT_USER_ID, FACT_USER_NAME, FACT_EMAIL,
	                                             FACT_DISPLAY_NAME};

	for (size_t i = 0; i < sizeof own_fields / sizeof *own_fields; i++)
		if (by.len && span_is_nocase(by, take_trim(take_fact(take, own_fields[i]))))
			return true;
	return false;
}

/* The rules for one decision. 0 or -1. */
static int take_check(struct take *take, const struct take_answer *answer, size_t sheet, size_t row,
                      struct fault *fault)
{
	if (answer->decision == DECISION_UNDECIDED)
		return 0;
	if (!answer->decided_by.len &&
	    take_wrong(take, sheet, row, TAKE_DECIDED_BY, "empty: who decided it?", fault) < 0)
		return -1;
	if (take_is_subject(take, answer->decided_by)) {
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, "'%s' decided on their own access: somebody else must decide it",
		         INERT(answer->decided_by));
		if (take_note_scratch(take, &take->problems, sheet, row, "decided_by", fault) < 0)
			return -1;
	}
	if (answer->reason.len)
		return 0;
	if (answer->decision != DECISION_KEEP) {
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, "empty: %s needs a reason", decision_words[answer->decision]);
		return take_note_scratch(take, &take->problems, sheet, row, "reason", fault);
	}
	if (take->is_serious || take_fact(take, FACT_SERIOUS).len)
		return take_wrong(take, sheet, row, TAKE_REASON,
		                  "empty: to keep what has a finding of high or critical needs a reason",
		                  fault);
	return 0;
}

/* The word of a decision; DECISION_WORDS: there is none such. */
static enum decision_word take_find_word(struct span text)
{
	int word = 0;

	if (!text.len)
		return DECISION_UNDECIDED;
	while (word < DECISION_UNDECIDED && !span_is_nocase(text, span_of(decision_words[word])))
		word++;
	return word < DECISION_UNDECIDED ? (enum decision_word)word : DECISION_WORDS;
}

static int take_sheet_row(struct take *take, struct span waiting, struct fault *fault)
{
	yyjson_val *root = json_read(&take->cell_json, waiting, fault);
	struct span cells[TAKE_COLUMNS + 1] = {{NULL, 0}}; /* [0]: the sheet, [1]: its row */
	struct take_answer answer;
	size_t sheet, row;

	if (!root)
		return -1;
	for (size_t i = 0; i <= TAKE_COLUMNS; i++)
		json_text(yyjson_arr_get(root, i), &cells[i]);
	sheet = strtoul(cells[0].data, NULL, 10);
	row = strtoul(cells[1].data, NULL, 10);
	if (take->first_sheet) {
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, "'%s' stands here again: first in %s, row %zu",
		         buf_text(&take->name), INERT(span_of(take->sheets[take->first_sheet - 1].name)),
		         take->first_row);
		return take_note_scratch(take, &take->problems, sheet, row, "row", fault);
	}
	take->first_sheet = sheet;
	take->first_row = row;
	for (int i = TAKE_FIXED; i < TAKE_COLUMNS; i++)
		if (cells[i + 1].data && take_compare(take, sheet, row, i, cells[i + 1], fault) < 0)
			return -1;
	for (size_t i = 0; i <= TAKE_COLUMNS; i++)
		if (!cells[i].data)
			cells[i] = span_of("");
	answer = (struct take_answer){
		.decision = take_find_word(cells[TAKE_DECISION + 1]),
		.decided_by = cells[TAKE_DECIDED_BY + 1],
		.decided_at = cells[TAKE_DECIDED_AT + 1],
		.reason = cells[TAKE_REASON + 1],
		.ticket = cells[TAKE_TICKET + 1],
		.sheet = take->sheets[sheet - 1].name,
	};
	take->is_serious |=
		take_has(cells[TAKE_FINDINGS + 1], span_of(" (high)"), span_of(" (critical)"));
	if (answer.decision == DECISION_WORDS) {
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, "'%s' is no decision: keep, revoke, modify or defer",
		         INERT(cells[TAKE_DECISION + 1]));
		return take_note_scratch(take, &take->problems, sheet, row, "decision", fault);
	}
	if (take_check(take, &answer, sheet, row, fault) < 0)
		return -1;
	take->sums[answer.decision]++;
	return take_keep_decision(take, &answer, fault);
}

/* The row at hand has had all that waits for it. */
static int take_end_row(struct take *take, struct fault *fault)
{
	struct span name;

	if (!take->is_open || take->first_sheet)
		return 0;
	take->missing++;
	name = take_fact(take, FACT_USER_NAME);
	buf_clear(&take->scratch);
	buf_putf(&take->scratch, "row %s is in no sheet: the %s of %s", buf_text(&take->name),
	         INERT(take_fact(take, FACT_WHAT)),
	         INERT(name.len ? name : take_fact(take, FACT_USER_ID)));
	if (take_fact(take, FACT_ACCESS_ID).len)
		buf_putf(&take->scratch, " in %s",
		         INERT(take_fact(take, FACT_ACCESS).len ? take_fact(take, FACT_ACCESS)
		                                                : take_fact(take, FACT_ACCESS_ID)));
	return take_note_scratch(take, &take->problems, 0, 0, NULL, fault);
}

static int take_unknown(struct take *take, const struct joined *joined, struct fault *fault)
{
	yyjson_val *root = json_read(&take->cell_json, joined->waiting, fault);
	struct span sheet = SPAN_EMPTY, row = SPAN_EMPTY;

	if (!root)
		return -1;
	json_text(yyjson_arr_get(root, 0), &sheet);
	json_text(yyjson_arr_get(root, 1), &row);
	take->unknown++;
	buf_clear(&take->scratch);
	buf_putf(&take->scratch, "'%s' is no row of this snapshot: it was edited, or is of another one",
	         INERT(joined->key));
	return take_note_scratch(take, &take->problems, strtoul(sheet.data, NULL, 10),
	                         strtoul(row.data, NULL, 10), "row", fault);
}

static int take_joined(void *context, const struct joined *joined, struct fault *fault)
{
	struct take *take = context;

	if (!joined->fact.data)
		return joined->what == WAITS_SHEET ? take_unknown(take, joined, fault) : 0;
	if (!joined->what) {
		if (joined->waiting.data)
			return fault_set(fault, FAULT_INTERNAL, "two rows have one name");
		if (take_end_row(take, fault) < 0)
			return -1;
		buf_clear(&take->name);
		buf_put_span(&take->name, joined->key);
		take->about = json_read(&take->fact_json, joined->fact, fault);
		take->is_open = true;
		take->is_serious = false;
		take->first_sheet = 0;
		return take->about ? buf_check(&take->name, fault) : -1;
	}
	if (joined->what == WAITS_FINDING) {
		take->is_serious = true;
		return 0;
	}
	return take_sheet_row(take, joined->waiting, fault);
}

int take_decide(struct take *take, struct fault *fault)
{
	if (join_each(&take->join, take_joined, take, fault) < 0 || take_end_row(take, fault) < 0)
		return -1;
	if (take->unknown && take->unknown == take->read)
		return fault_set(fault, FAULT_DATA,
		                 "the sheets are of another snapshot: none of their %llu rows is one of "
		                 "this one; give the snapshot that the review was issued from",
		                 (unsigned long long)take->read);
	if (take->problems.count)
		qsort(take->problems.items, take->problems.count, sizeof *take->problems.items,
		      take_problem_order);
	if (take->warnings.count)
		qsort(take->warnings.items, take->warnings.count, sizeof *take->warnings.items,
		      take_problem_order);
	return 0;
}

int take_open(struct take *take, const struct take_options *options, struct fault *fault)
{
	*take = (struct take){.options = options};
	if (join_open(&take->join, sorter_open(options->memory / 4, fault)) < 0)
		return -1;
	take->decisions = sorter_open(options->memory / 4, fault);
	take->operations = take->decisions ? sorter_open(options->memory / 8, fault) : NULL;
	take->manual = take->operations ? sorter_open(options->memory / 8, fault) : NULL;
	return take->manual ? 0 : -1;
}

void take_release(struct take *take)
{
	join_release(&take->join);
	sorter_close(take->decisions);
	sorter_close(take->operations);
	sorter_close(take->manual);
	review_rows_release(&take->rows);
	issue_facts_release(&take->facts);
	json_reader_release(&take->fact_json);
	json_reader_release(&take->cell_json);
	arena_release(&take->texts);
	free(take->sheets);
	free(take->problems.items);
	free(take->warnings.items);
	buf_release(&take->name);
	buf_release(&take->line);
	buf_release(&take->order);
	buf_release(&take->scratch);
}
