/* SPDX-License-Identifier: ISC */
/*
 * take: what the sheets say meets what the snapshot says, by the name of the row.
 */
#include "review/take.h"

#include "base/inert.h"

#include <stdlib.h>

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

/* ---- the snapshot ---- */

static int take_begin_rows(void *context, struct fault *fault)
{
	struct take *take = context;

	if (take->facts.findings_sha256[0] && strcmp(take->facts.findings_of, take->rows.sha256) != 0)
		return fault_set(fault, FAULT_DATA,
		                 "the findings are of another snapshot: run check-snapshot on this one");
	if (take->review_sha256[0] && strcmp(take->review_of, take->rows.sha256) != 0)
		return fault_set(fault, FAULT_DATA,
		                 "the list of the review is of another snapshot: give the one that its "
		                 "sheets were issued from");
	return gives_also_read(&take->gives_also, &take->rows.access.nesting, fault);
}

/* As the sheet says it of who is in no list of the snapshot, too. */
static void take_account_facts(const struct review_row *row, struct span facts[FACT_FIELDS])
{
	static const struct {
		enum take_field fact;
		int field;
	} of_user[] = {
		{FACT_EMAIL, USER_EMAIL},
		{FACT_DISPLAY_NAME, USER_DISPLAY_NAME},
		{FACT_STATUS, USER_STATUS},
		{FACT_ACCOUNT_TYPE, USER_ACCOUNT_TYPE},
		{FACT_DEPARTMENT, USER_DEPARTMENT},
		{FACT_CREATED_AT, USER_CREATED_AT},
		{FACT_LAST_LOGIN_AT, USER_LAST_LOGIN_AT},
	};

	for (size_t i = 0; i < sizeof of_user / sizeof *of_user; i++)
		facts[of_user[i].fact] =
			row->user ? record_text(row->user, of_user[i].field) : (struct span)SPAN_EMPTY;
	if (!row->user)
		facts[FACT_ACCOUNT_TYPE] = span_is(row->member_kind, span_of("group"))
		                               ? row->member_kind
		                               : (struct span)SPAN_EMPTY;
	facts[FACT_MANAGER] = row->user ? issue_manager(row->user) : (struct span)SPAN_EMPTY;
}

static int take_snapshot_row(void *context, const struct review_row *row, struct fault *fault)
{
	struct take *take = context;
	struct issue_known known = {0};
	yyjson_val *entry = snapshot_reader_source(&take->rows.access.reader, row->source);
	struct span facts[FACT_FIELDS];

	if ((take->options->findings && issue_facts_find(&take->facts, row, &known, fault) < 0) ||
	    (row->what == REVIEW_ACCOUNT && take_persons_add(&take->persons, row->user, fault) < 0))
		return -1;
	facts[FACT_WHAT] = span_of(review_what_words[row->what]);
	facts[FACT_SOURCE] = row->source;
	facts[FACT_USER_ID] = row->user_id;
	facts[FACT_USER_NAME] = row->user_name;
	facts[FACT_MEMBER_KIND] = row->member_kind;
	facts[FACT_ACCESS_ID] = row->access_id;
	facts[FACT_ACCESS] = row->access;
	facts[FACT_GIVES_ALSO] = row->what == REVIEW_MEMBERSHIP
	                             ? gives_also_of(&take->gives_also, row->group)
	                             : (struct span)SPAN_EMPTY;
	take_account_facts(row, facts);
	facts[FACT_PROVIDER] = json_obj_text(entry, "provider");
	facts[FACT_SERIOUS] =
		span_of(known.findings_json.len && take_is_serious(known.findings_json) ? "1" : "");
	facts[FACT_LISTED] = span_of(row->user ? "1" : "");
	buf_clear(&take->scratch);
	for (int i = 0; i < FACT_FIELDS; i++)
		fields_put(&take->scratch, facts[i]);
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	return join_add_fact(&take->join, 0, &take->line, span_of(row->name), buf_span(&take->scratch),
	                     fault);
}

/* What the list of the review says of a row, as its sheet said it. */
static int take_list_row(struct take *take, yyjson_val *row, struct span line, struct fault *fault)
{
	yyjson_val *findings = yyjson_obj_get(row, "findings"), *finding;
	yyjson_val *since = yyjson_obj_get(row, "since");
	struct buf *text = &take->order, *fields = &take->scratch;
	size_t i, max;

	if (!findings && !since && !yyjson_obj_get(row, "previous"))
		return 0;
	buf_clear(text);
	yyjson_arr_foreach(findings, i, max, finding) {
		buf_puts(text, i ? "; " : "");
		buf_put_span(text, json_obj_text(finding, "check"));
		buf_puts(text, " (");
		buf_put_span(text, json_obj_text(finding, "severity"));
		buf_putc(text, ')');
	}
	buf_clear(fields);
	fields_put(fields, buf_span(text));
	fields_put(fields, yyjson_is_null(since) ? span_of("new") : json_obj_text(row, "since"));
	fields_put(fields, json_obj_text(row, "previous"));
	fields_put(fields, span_of(findings && take_is_serious(line) ? "1" : ""));
	if (buf_check(text, fault) < 0 || buf_check(fields, fault) < 0)
		return -1;
	return join_add_waiting(&take->join, 0, &take->line, json_obj_text(row, "row"), WAITS_LIST,
	                        buf_span(fields), fault);
}

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
		else if (take_list_row(take, item.root, item.line, fault) < 0)
			more = -1;
	}
	stream_close(&reader);
	return more;
}

/* The list speaks of the row at hand. */
static int take_listed(struct take *take, struct span waiting, struct fault *fault)
{
	struct span fields[4] = {{NULL, 0}};

	buf_clear(&take->listed);
	buf_put_span(&take->listed, waiting);
	if (buf_check(&take->listed, fault) < 0 ||
	    !fields_read(buf_span(&take->listed), &take->listed_text, fields, 4))
		return fault_memory(fault);
	memcpy(take->about + FACT_FINDINGS, fields, 3 * sizeof *fields);
	take->is_serious = fields[3].len;
	return 0;
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
	return review_rows_read(&take->rows, snapshot, fault) < 0
	           ? -1
	           : take_persons_close(&take->persons, fault);
}

/* ---- what is decided ---- */

/* Is it a character of an address? */
static bool take_is_of_address(char c)
{
	char lower = ascii_lower(c);

	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80 ||
	       c == '-' || c == '_' || c == '+' || c == '%' || c == '@';
}

/* Does the text name this address, alone or as in "Ada Byron <ada@example.com>."? */
static bool take_names_address(struct span text, struct span address)
{
	if (!memchr(address.data, '@', address.len))
		return false;
	for (size_t i = 0; i + address.len <= text.len; i++) {
		const char *at = text.data + i, *end = at + address.len, *last = text.data + text.len;

		if (!span_is_nocase((struct span){at, address.len}, address) ||
		    (i && (at[-1] == '.' || take_is_of_address(at[-1]))))
			continue;
		end += end < last && *end == '.'; /* of a sentence, or of a longer address */
		if (end == last || !take_is_of_address(*end))
			return true;
	}
	return false;
}

static bool take_is_subject(const struct take *take, struct span by)
{
	static const enum take_field own_fields[] = {FACT_USER_ID, FACT_USER_NAME, FACT_EMAIL,
	                                             FACT_DISPLAY_NAME};

	for (size_t i = 0; i < sizeof own_fields / sizeof *own_fields; i++)
		if (by.len && (span_is_nocase(by, take_trim(take_fact(take, own_fields[i]))) ||
		               take_names_address(by, take_trim(take_fact(take, own_fields[i])))))
			return true;
	return false;
}

/* Nobody decides on what is their own, also under the name of another account. 0 or -1. */
static int take_check_subject(struct take *take, struct span by, size_t sheet, size_t row,
                              struct fault *fault)
{
	struct span label = SPAN_EMPTY;
	bool is_own = take_is_subject(take, by);
	int found = is_own ? 1
	                   : take_persons_find(&take->persons, take_fact(take, FACT_SOURCE),
	                                       take_fact(take, FACT_USER_ID), by, &label, fault);

	if (found <= 0)
		return found;
	buf_clear(&take->scratch);
	buf_putf(&take->scratch, "'%s'%s%s%s decided on their own access: somebody else must decide it",
	         INERT(by), label.len ? ", who is also " : "", label.len ? INERT(label) : "",
	         label.len ? "," : "");
	return take_wrong_scratch(take, sheet, row, TAKE_DECIDED_BY, fault);
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
	if (take_check_subject(take, answer->decided_by, sheet, row, fault) < 0)
		return -1;
	if (answer->reason.len)
		return 0;
	if (answer->decision != DECISION_KEEP) {
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, "empty: %s needs a reason", decision_words[answer->decision]);
		return take_wrong_scratch(take, sheet, row, TAKE_REASON, fault);
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
	struct span cells[TAKE_COLUMNS + 1]; /* [0]: the sheet, [1]: its row */
	struct take_answer answer;
	size_t sheet, row;

	if (!fields_read(waiting, &take->cell_text, cells, TAKE_COLUMNS + 1))
		return fault_memory(fault);
	sheet = strtoul(cells[0].data, NULL, 10);
	row = strtoul(cells[1].data, NULL, 10);
	if (take->first_sheet) {
		buf_clear(&take->scratch);
		buf_putf(&take->scratch, "'%s' stands here again: first in %s, row %zu",
		         buf_text(&take->name), INERT(span_of(take->sheets[take->first_sheet - 1].name)),
		         take->first_row);
		return take_wrong_scratch(take, sheet, row, TAKE_ROW, fault);
	}
	take->first_sheet = sheet;
	take->first_row = row;
	for (int i = TAKE_FINDINGS; i < TAKE_COLUMNS; i++)
		if (cells[i + 1].data && take_fact(take, take_columns[i].fact).data &&
		    take_compare(take, sheet, row, (enum take_column)i, cells[i + 1], fault) < 0)
			return -1;
	for (size_t i = 0; i <= TAKE_COLUMNS; i++)
		if (!cells[i].data)
			cells[i] = span_of("");
	if (take_read_day(take, sheet, row, &cells[TAKE_DECIDED_AT + 1], fault) < 0)
		return -1;
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
		return take_wrong_scratch(take, sheet, row, TAKE_DECISION, fault);
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
	if (buf_check(&take->scratch, fault) < 0)
		return -1;
	take_put_order(take, &take->order);
	if (buf_check(&take->order, fault) < 0)
		return -1;
	return take_problems_add(&take->problems,
	                         &(struct take_problem){.text = buf_span(&take->scratch)},
	                         buf_span(&take->order), fault);
}

static int take_unknown(struct take *take, const struct joined *joined, struct fault *fault)
{
	struct span place[2]; /* the sheet, and its row */

	if (!fields_read(joined->waiting, &take->cell_text, place, 2))
		return fault_memory(fault);
	take->unknown++;
	buf_clear(&take->scratch);
	buf_putf(&take->scratch, "'%s' is no row of this snapshot: it was edited, or is of another one",
	         INERT(joined->key));
	return take_wrong_scratch(take, strtoul(place[0].data, NULL, 10),
	                          strtoul(place[1].data, NULL, 10), TAKE_ROW, fault);
}

/* The row at hand is another one. */
static int take_facts(struct take *take, struct span fact, struct fault *fault)
{
	for (int i = FACT_FINDINGS; i < FACT_ALL; i++) /* without the list nobody knows */
		take->about[i] = (struct span){take->review_sha256[0] ? "" : NULL, 0};
	buf_clear(&take->fact);
	buf_put_span(&take->fact, fact);
	if (buf_check(&take->fact, fault) < 0)
		return -1;
	return fields_read(buf_span(&take->fact), &take->fact_text, take->about, FACT_FIELDS)
	           ? 0
	           : fault_memory(fault);
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
		take->is_open = true;
		take->is_serious = false;
		take->first_sheet = 0;
		return buf_check(&take->name, fault) < 0 ? -1 : take_facts(take, joined->fact, fault);
	}
	if (joined->what == WAITS_LIST)
		return take_listed(take, joined->waiting, fault);
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
	return 0;
}

int take_open(struct take *take, const struct take_options *options, struct fault *fault)
{
	*take = (struct take){.options = options};
	if (take_persons_open(&take->persons, options->persons, options->memory / 8, fault) < 0)
		return -1;
	if (join_open(&take->join, sorter_open(options->memory / 2, fault)) < 0)
		return -1;
	take->decisions = sorter_open(options->memory / 4, fault);
	take->operations = take->decisions ? sorter_open(options->memory / 16, fault) : NULL;
	return !take->operations || take_open_manual(take, options->memory / 16, fault) < 0 ||
	               take_problems_open(&take->problems, options->memory / 16, fault) < 0 ||
	               take_problems_open(&take->warnings, options->memory / 16, fault) < 0
	           ? -1
	           : 0;
}

void take_release(struct take *take)
{
	join_release(&take->join);
	sorter_close(take->decisions);
	sorter_close(take->operations);
	table_release(&take->manual);
	gives_also_release(&take->gives_also);
	take_persons_release(&take->persons);
	take_problems_release(&take->problems);
	take_problems_release(&take->warnings);
	review_rows_release(&take->rows);
	issue_facts_release(&take->facts);
	json_reader_release(&take->json);
	free(take->sheets);
	buf_release(&take->name);
	buf_release(&take->line);
	buf_release(&take->order);
	buf_release(&take->scratch);
	buf_release(&take->fact);
	buf_release(&take->fact_text);
	buf_release(&take->cell_text);
	buf_release(&take->listed);
	buf_release(&take->listed_text);
	buf_release(&take->day);
}
