/* SPDX-License-Identifier: ISC */
/*
 * csv_list: a row becomes a plain line, so that one set of rules judges both.
 */
#include "normalize/csv_list.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "base/near.h"
#include "base/unicode.h"
#include "base/utf8.h"

#include <stdlib.h>

void csv_list_release(struct csv_list *list)
{
	sheet_close(&list->sheet);
	free(list->fields);
	buf_release(&list->names);
	buf_release(&list->unused);
	buf_release(&list->words);
	buf_release(&list->line);
	buf_release(&list->text);
}

int csv_list_parse_columns(void *value, const char *text, struct fault *fault)
{
	struct csv_list *list = value;

	if (list->given_count == CSV_LIST_COLUMNS_MAX)
		return fault_set(fault, FAULT_USAGE, "--column is given more than %d times",
		                 CSV_LIST_COLUMNS_MAX);
	if (!strchr(text, '='))
		return fault_set(fault, FAULT_USAGE,
		                 "--column '%s' has no =: MEMBER=COLUMN, as in user_name=E-Mail",
		                 INERT(span_of(text)));
	list->given[list->given_count++] = text;
	return 0;
}

/* ---- cells ---- */

/* The character that ends the text; its length, 0 where there is none to take off. */
static size_t cell_last_blank(struct span text)
{
	uint32_t code;
	size_t len = 1;

	while (len < text.len && len < 4 && ((unsigned char)text.data[text.len - len] & 0xc0) == 0x80)
		len++;
	return text.len && utf8_decode(text.data + text.len - len, len, &code) == len &&
	               (code == ' ' || unicode_is_hidden(code))
	           ? len
	           : 0;
}

/* A cell without the blanks around it, visible ones and others. */
static struct span cell_trim(struct span text)
{
	uint32_t code;
	size_t len;

	while (text.len && (len = utf8_decode(text.data, text.len, &code)) &&
	       (code == ' ' || unicode_is_hidden(code)))
		text = (struct span){text.data + len, text.len - len};
	while ((len = cell_last_blank(text)))
		text.len -= len;
	return text;
}

/* What list-snapshot and careful people write so that a spreadsheet runs nothing and keeps
   digits: '+49 170, ="00123". */
static struct span cell_unwrap(struct span text)
{
	if (text.len >= 3 && span_begins(text, span_of("=\"")) && text.data[text.len - 1] == '"')
		return (struct span){text.data + 2, text.len - 3};
	if (text.len >= 2 && text.data[0] == '\'') {
		struct span rest = {text.data + 1, text.len - 1};
		return inert_is_formula(rest) ? rest : text;
	}
	return text;
}

/* 1.23E+17: a spreadsheet took a long number for a quantity, and the rest of it is lost. */
static bool cell_is_damaged(struct span text)
{
	size_t i = 0, digits;

	while (i < text.len && ((text.data[i] >= '0' && text.data[i] <= '9') || text.data[i] == '.' ||
	                        text.data[i] == ','))
		i++;
	if (!i || i + 2 >= text.len || ascii_lower(text.data[i]) != 'e' || text.data[i + 1] != '+')
		return false;
	for (digits = i + 2; digits < text.len; digits++)
		if (text.data[digits] < '0' || text.data[digits] > '9')
			return false;
	return true;
}

static struct span csv_list_cell(struct csv_list *list, size_t column)
{
	struct span text = sheet_text(&list->sheet, column), trimmed = cell_trim(text);

	if (trimmed.len < text.len && trimmed.len && !list->trimmed++)
		list->first_trimmed = sheet_place(&list->sheet);
	return cell_unwrap(trimmed);
}

/* ---- the head ---- */

/* A name as it is compared: without case, blanks, "-" and "_". */
static void head_fold(struct buf *to, struct span name)
{
	buf_clear(to);
	for (size_t i = 0; i < name.len; i++)
		if (!strchr(" -_", name.data[i]) || !name.data[i])
			buf_putc(to, ascii_lower(name.data[i]));
}

/* The member of a user that is called so and that a cell can say; -1. The source is that of the
   whole list. */
static int head_find_member(struct csv_list *list, struct span name)
{
	const struct record_form *form = &record_forms[RECORD_USER];
	struct buf member = {0};
	int found = -1;

	head_fold(&list->text, name);
	for (size_t field = USER_ID; found < 0 && field < form->count; field++) {
		head_fold(&member, form->fields[field].name);
		if (list->text.len && span_is(buf_span(&member), buf_span(&list->text)) &&
		    !(form->fields[field].flags & (FIELD_DETAILS | FIELD_OBJECT)))
			found = (int)field;
	}
	buf_release(&member);
	return found;
}

static struct span head_name(const struct csv_list *list, size_t column)
{
	return cell_trim(sheet_text(&list->sheet, column));
}

/* ": it has 'E-Mail', 'State'" */
static int head_hint(const struct csv_list *list, struct fault *fault)
{
	for (size_t i = 0; i < list->sheet.row->count; i++)
		fault_hint(fault, "%s '%s'", i ? "," : "; the columns are", INERT(head_name(list, i)));
	return sheet_fault(&list->sheet, fault);
}

/* The column of this name: as it is spelt, else without regard to case. */
static int head_find_column(const struct csv_list *list, struct span name, size_t *column,
                            struct fault *fault)
{
	size_t exact = 0, alike = 0, at[2] = {0, 0};

	for (size_t i = 0; i < list->sheet.row->count; i++) {
		bool is_exact = span_is(head_name(list, i), name);

		if (is_exact && !exact++)
			at[0] = i;
		if (span_is_nocase(head_name(list, i), name) && !alike++)
			at[1] = i;
	}
	if (exact == 1 || (!exact && alike == 1)) {
		*column = at[!exact];
		return 0;
	}
	fault_set(fault, FAULT_DATA, alike ? "several columns are called '%s'" : "no column '%s'",
	          INERT(name));
	return head_hint(list, fault);
}

static int head_assign(struct csv_list *list, size_t column, int field, struct fault *fault)
{
	const char *name = record_forms[RECORD_USER].fields[field].name.data;

	for (size_t i = 0; i < list->columns; i++)
		if (list->fields[i] == field) {
			fault_set(fault, FAULT_DATA, "two columns for %s: '%s' and '%s': choose with --column",
			          name, INERT(head_name(list, i)), INERT(head_name(list, column)));
			return sheet_fault(&list->sheet, fault);
		}
	if (list->fields[column] >= 0)
		return fault_set(fault, FAULT_USAGE, "--column: the column '%s' for two members",
		                 INERT(head_name(list, column)));
	list->fields[column] = field;
	return 0;
}

/* The next "MEMBER=COLUMN" of a list; a part without = belongs to the name of the column
   before it ("user_name=Name, first"). */
static struct span head_take_given(const char **rest)
{
	const char *from = *rest, *end = from, *comma;

	for (;;) {
		comma = end + strcspn(end, ",");
		end = comma;
		if (!*comma || memchr(comma + 1, '=', strcspn(comma + 1, ",")))
			break;
		end = comma + 1;
	}
	*rest = *end ? end + 1 : end;
	return (struct span){from, (size_t)(end - from)};
}

/* The fault of an option that names a member of users which is none. */
static int head_refuse_member(const char *option, struct span member, struct fault *fault)
{
	struct near near = near_to(member);

	for (size_t field = USER_SOURCE + 1; field < record_forms[RECORD_USER].count; field++)
		near_try(&near, record_forms[RECORD_USER].fields[field].name.data);
	fault_set(fault, FAULT_USAGE, "%s: a user has no member '%s'", option, INERT(member));
	return near_hint(&near, "", fault);
}

static int head_take_column(struct csv_list *list, struct span given, struct fault *fault)
{
	const char *equals = memchr(given.data, '=', given.len);
	size_t len = equals ? (size_t)(equals - given.data) : given.len, column = 0;
	struct span member = cell_trim((struct span){given.data, len});
	int field = record_field_find(RECORD_USER, member);

	if (!equals || field <= USER_SOURCE)
		return head_refuse_member("--column", member, fault);
	if (head_find_column(list, cell_trim((struct span){equals + 1, given.len - len - 1}), &column,
	                     fault) < 0)
		return -1;
	return head_assign(list, column, field, fault);
}

/* Columns that were not given are those of the member that they are called like. */
static int head_take_rest(struct csv_list *list, struct fault *fault)
{
	unsigned given = 0;

	for (size_t i = 0; i < list->columns; i++)
		given |= list->fields[i] >= 0 ? 1U << list->fields[i] : 0;
	for (size_t i = 0; i < list->columns; i++) {
		struct span name = head_name(list, i);
		int field = list->fields[i] < 0 ? head_find_member(list, name) : -1;

		if (field >= 0 && !(given & 1U << field) && head_assign(list, i, field, fault) < 0)
			return -1;
		if (list->fields[i] < 0 && name.len) {
			buf_puts(&list->unused, list->unused.len ? ", " : "");
			inert_put(&list->unused, name);
		}
	}
	return 0;
}

static int head_check(const struct csv_list *list, struct fault *fault)
{
	for (size_t i = 0; i < list->columns; i++)
		if (list->fields[i] == USER_ID || list->fields[i] == USER_USER_NAME ||
		    list->fields[i] == USER_EMAIL)
			return 0;
	fault_set(fault, FAULT_DATA,
	          "no column is known to hold a user name, an e-mail or an id: say which, as in "
	          "--column user_name=E-Mail");
	return head_hint(list, fault);
}

static int csv_list_read_head(struct csv_list *list, bool has_program, struct fault *fault)
{
	int more = sheet_next(&list->sheet, fault);

	if (more < 0)
		return -1;
	if (more == 0)
		return fault_set(fault, FAULT_DATA, "%s: empty: its first line names the columns",
		                 INERT(span_of(list->sheet.name)));
	list->columns = list->sheet.row->count;
	free(list->fields);
	list->fields = reallocarray(NULL, list->columns, sizeof *list->fields);
	if (!list->fields)
		return fault_memory(fault);
	buf_clear(&list->names);
	buf_clear(&list->unused);
	for (size_t i = 0; i < list->columns; i++) {
		list->fields[i] = -1;
		buf_put_sized(&list->names, head_name(list, i));
	}
	if (has_program)
		return buf_check(&list->names, fault);
	for (size_t i = 0; i < list->given_count; i++)
		for (const char *rest = list->given[i]; *rest;)
			if (head_take_column(list, head_take_given(&rest), fault) < 0)
				return -1;
	if (head_take_rest(list, fault) < 0 || head_check(list, fault) < 0)
		return -1;
	return buf_check(&list->names, fault) < 0 ? -1 : buf_check(&list->unused, fault);
}

/* ---- rows ---- */

static bool list_has_word(const char *words, struct span word)
{
	while (*words) {
		size_t len = strcspn(words, ",");

		if (span_is_nocase(cell_trim((struct span){words, len}), word))
			return true;
		words += len + (words[len] == ',');
	}
	return false;
}

static void row_put_member(struct csv_list *list, int field, struct span text)
{
	const struct span name = record_forms[RECORD_USER].fields[field].name;
	size_t at;

	json_array_next(&list->line);
	json_put_string(&list->line, name);
	buf_putc(&list->line, ':');
	at = list->line.len;
	json_put_string(&list->line, text);
	for (; (list->lowered & 1U << field) && list->line.state == BUF_OK && at < list->line.len; at++)
		list->line.data[at] = ascii_lower(list->line.data[at]);
}

/* A word of the column for `status`, for the case that no line is enabled. */
static void csv_list_keep_word(struct csv_list *list, struct span text)
{
	struct span word;
	size_t at = 0;

	while (buf_next_sized(&list->words, &at, &word))
		if (span_is_nocase(word, text))
			return;
	if (list->word_count > CSV_LIST_WORDS_MAX || text.len > CSV_LIST_WORD_MAX)
		return;
	buf_put_sized(&list->words, text);
	list->word_count++;
}

/* What a cell of the column for `status` says, and the word of the list itself. */
static int row_put_status(struct csv_list *list, struct span text, struct fault *fault)
{
	const char *word = "disabled";

	if (list->enabled) {
		if (list_has_word(list->enabled, text)) {
			word = "enabled";
			list->enabled_lines++;
		} else if (!list->enabled_lines) {
			csv_list_keep_word(list, text);
		}
		row_put_member(list, USER_PROVIDER_STATUS, text);
	} else if (span_is_nocase(text, span_of("enabled"))) {
		word = "enabled";
	} else if (span_is_nocase(text, span_of("unknown"))) {
		word = "unknown";
	} else if (!span_is_nocase(text, span_of("disabled"))) {
		fault_set(fault, FAULT_DATA,
		          "the status '%s' is neither enabled nor disabled: say which words mean enabled, "
		          "as in --status-enabled active",
		          INERT(text));
		return sheet_fault(&list->sheet, fault);
	}
	row_put_member(list, USER_STATUS, span_of(word));
	return 0;
}

/* "admin; viewer" */
static void row_put_list(struct csv_list *list, int field, struct span text)
{
	json_array_next(&list->line);
	json_put_string(&list->line, record_forms[RECORD_USER].fields[field].name);
	buf_puts(&list->line, ":[");
	while (text.len) {
		const char *mark = memchr(text.data, ';', text.len);
		size_t len = mark ? (size_t)(mark - text.data) : text.len;
		struct span item = cell_trim((struct span){text.data, len});

		if (item.len) {
			json_array_next(&list->line);
			json_put_string(&list->line, item);
		}
		len += mark != NULL;
		text = (struct span){text.data + len, text.len - len};
	}
	buf_putc(&list->line, ']');
}

static int row_put_cell(struct csv_list *list, int field, struct span text, struct fault *fault)
{
	unsigned flags = record_forms[RECORD_USER].fields[field].flags;

	if (cell_is_damaged(text)) {
		fault_set(fault, FAULT_DATA,
		          "'%s' for %s is a number that a spreadsheet has shortened: make the column text "
		          "and export the list again",
		          INERT(text), record_forms[RECORD_USER].fields[field].name.data);
		return sheet_fault(&list->sheet, fault);
	}
	if (field == USER_STATUS)
		return row_put_status(list, text, fault);
	if (flags & FIELD_LIST) {
		row_put_list(list, field, text);
	} else if ((flags & FIELD_TIME) && span_is_nocase(text, span_of("never"))) {
		json_array_next(&list->line);
		json_put_string(&list->line, record_forms[RECORD_USER].fields[field].name);
		buf_puts(&list->line, ":null");
	} else {
		row_put_member(list, field, text);
	}
	return 0;
}

/* The row as a record: 1 where it is one, 0 where nobody is named in it, -1. */
static int row_to_record(struct csv_list *list, struct fault *fault)
{
	struct span id = SPAN_EMPTY, name = SPAN_EMPTY, email = SPAN_EMPTY;

	for (size_t i = 0; i < list->columns; i++) {
		int field = list->fields[i];
		struct span text = field < 0 ? (struct span)SPAN_EMPTY : csv_list_cell(list, i);

		if (!text.len)
			continue;
		id = field == USER_ID ? text : id;
		name = field == USER_USER_NAME ? text : name;
		email = field == USER_EMAIL ? text : email;
		if (row_put_cell(list, field, text, fault) < 0)
			return -1;
	}
	list->unnamed += !name.len && !email.len;
	if (!id.len && !name.len && !email.len) {
		if (!list->left_out++)
			list->first_left_out = sheet_place(&list->sheet);
		return 0;
	}
	if (!id.len && !name.len)
		row_put_member(list, USER_ID, email);
	return 1;
}

/* The row as an object with the names of the columns, for --map. */
static void row_to_object(struct csv_list *list)
{
	struct span name;
	size_t at = 0;

	for (size_t i = 0; i < list->columns && buf_next_sized(&list->names, &at, &name); i++) {
		struct span text = csv_list_cell(list, i);

		if (!name.len || !text.len)
			continue;
		json_array_next(&list->line);
		json_put_string(&list->line, name);
		buf_putc(&list->line, ':');
		json_put_string(&list->line, text);
	}
}

static bool row_is_blank(const struct sheet *sheet)
{
	for (size_t i = 0; i < sheet->row->count; i++)
		if (cell_trim(sheet_text(sheet, i)).len)
			return false;
	return true;
}

/* The name of a column: the head is gone when rows are read. */
static struct span column_name(const struct csv_list *list, size_t column)
{
	struct span name = SPAN_EMPTY;
	size_t at = 0;

	for (size_t i = 0; i <= column && buf_next_sized(&list->names, &at, &name); i++)
		;
	return name;
}

static int row_check(const struct csv_list *list, struct fault *fault)
{
	for (size_t i = 0; i < list->sheet.row->count; i++) {
		const char *trouble = sheet_trouble(&list->sheet, i);

		if (trouble) {
			fault_set(fault, FAULT_DATA, "column '%s': %s", INERT(column_name(list, i)), trouble);
			return sheet_fault(&list->sheet, fault);
		}
	}
	return 0;
}

/* Of merged cells only the first says something: the others would be people without it. */
static int csv_list_check_merged(const struct csv_list *list, struct fault *fault)
{
	size_t count;
	const struct sheet_area *merged = sheet_merged(&list->sheet, &count);

	for (size_t i = 0; i < count; i++)
		if (merged[i].first_column < list->columns)
			return fault_set(fault, FAULT_DATA,
			                 "%s: row %zu: column '%s': cells are merged here: split them, so that "
			                 "each has its own text",
			                 INERT(span_of(list->sheet.name)), merged[i].first_row + 1,
			                 INERT(column_name(list, merged[i].first_column)));
	return 0;
}

static int csv_list_take_row(struct csv_list *list, struct mapper *mapper, struct fault *fault)
{
	int is_account = 1;

	/* a workbook does not have the cells that are empty */
	if (list->sheet.row->count > list->columns ||
	    (list->sheet.row->count < list->columns && !list->sheet.is_workbook)) {
		fault_set(fault, FAULT_DATA, "%zu cells, but the first line names %zu columns",
		          list->sheet.row->count, list->columns);
		return sheet_fault(&list->sheet, fault);
	}
	if (row_check(list, fault) < 0)
		return -1;
	list->plain->lines++;
	buf_clear(&list->line);
	buf_putc(&list->line, '{');
	if (mapper->program)
		row_to_object(list);
	else
		is_account = row_to_record(list, fault);
	buf_putc(&list->line, '}');
	if (is_account < 0 || buf_check(&list->line, fault) < 0)
		return -1;
	if (!is_account)
		return 0;
	list->accounts++;
	return mapper_read_plain(mapper, buf_span(&list->line), sheet_place(&list->sheet), fault) < 0
	           ? sheet_fault(&list->sheet, fault)
	           : 0;
}

/* --lower user_name,email */
static int csv_list_take_lower(struct csv_list *list, struct fault *fault)
{
	const char *rest = list->lower ? list->lower : "";

	while (*rest) {
		size_t len = strcspn(rest, ",");
		struct span member = cell_trim((struct span){rest, len});
		int field = record_field_find(RECORD_USER, member);

		if (field <= USER_SOURCE)
			return head_refuse_member("--lower", member, fault);
		list->lowered |= 1U << field;
		rest += len + (rest[len] == ',');
	}
	return 0;
}

/* Columns that no member takes are what the list shows and the snapshot does not cover. */
static int csv_list_note_unused(const struct csv_list *list, struct normalizer *normalizer,
                                struct fault *fault)
{
	struct snapshot_source *source =
		snapshot_find_source(&normalizer->snapshot, span_of(list->plain->source));
	struct buf text = {0};
	int result;

	if (!list->unused.len)
		return 0;
	buf_puts(&text, "not mapped: the columns ");
	buf_put_span(&text, buf_span(&list->unused));
	if (source->not_covered.len)
		source->not_covered.len--; /* its ] */
	else
		buf_putc(&source->not_covered, '[');
	json_array_next(&source->not_covered);
	json_put_string(&source->not_covered, buf_span(&text));
	buf_putc(&source->not_covered, ']');
	result = buf_check(&text, fault) < 0 ? -1 : buf_check(&source->not_covered, fault);
	buf_release(&text);
	return result;
}

int csv_list_read(struct csv_list *list, struct normalizer *normalizer, const char *path,
                  struct fault *fault)
{
	struct mapper *mapper = normalize_mapper(normalizer);
	int more;

	if (csv_list_take_lower(list, fault) < 0)
		return -1;
	sheet_close(&list->sheet);
	more = sheet_open(&list->sheet, path, list->wanted, list->wanted != NULL, NULL, fault);
	normalizer->section.input = list->sheet.name;
	if (more == 0)
		more = csv_list_read_head(list, mapper->program != NULL, fault);
	while (more == 0 && (more = sheet_next(&list->sheet, fault)) > 0) {
		more = 0;
		if (row_is_blank(&list->sheet))
			list->blank_lines++;
		else
			more = csv_list_take_row(list, mapper, fault);
	}
	return more < 0 || csv_list_check_merged(list, fault) < 0
	           ? -1
	           : csv_list_note_unused(list, normalizer, fault);
}

int csv_list_close(const struct csv_list *list, struct normalizer *normalizer, struct fault *fault)
{
	if (list->plain->lines && !list->accounts && !normalizer->allow_empty)
		return fault_set(fault, FAULT_DATA,
		                 "source '%s': none of %zu lines has a user name, an e-mail or an id "
		                 "(--allow-empty, if that is right)",
		                 INERT(span_of(list->plain->source)), list->plain->lines);
	return plain_lines_close(list->plain, normalizer, fault);
}

/* ---- what is said ---- */

/* "1,642 lines" */
static void counts_put(struct buf *text, uint64_t number, const char *what)
{
	char digits[32];
	int len = 0;

	do {
		if (len % 4 == 3)
			digits[sizeof digits - 1 - (size_t)len++] = ',';
		digits[sizeof digits - 1 - (size_t)len++] = (char)('0' + number % 10);
	} while (number /= 10);
	buf_put(text, digits + sizeof digits - len, (size_t)len);
	buf_putf(text, " %s", what);
}

void csv_list_put_counts(const struct csv_list *list, const struct normalizer *normalizer,
                         struct buf *text)
{
	const struct mapper *mapper = &normalizer->pool.workers[0].mapper;
	uint64_t accounts = normalizer->snapshot.counts.of[RECORD_USER];

	buf_putf(text, "source '%s': ", INERT(span_of(list->plain->source)));
	counts_put(text, list->plain->lines, list->plain->lines == 1 ? "line, " : "lines, ");
	counts_put(text, accounts, accounts == 1 ? "account" : "accounts");
	if (list->unnamed) {
		buf_puts(text, ", ");
		counts_put(text, list->unnamed, "without an address");
	}
	if (list->left_out) {
		buf_puts(text, " (");
		counts_put(text, list->left_out, "left out, first in");
		buf_putf(text, " %s %zu)", sheet_place_word(&list->sheet), list->first_left_out);
	}
	if (!normalizer->selection.filter.jq && accounts < mapper->imported) {
		buf_puts(text, "; ");
		counts_put(text, mapper->imported - accounts, "repeated another one");
	}
	plain_names_put(&list->plain->names, text);
	if (list->trimmed) {
		buf_puts(text, "; blanks around ");
		counts_put(text, list->trimmed, list->trimmed == 1 ? "cell" : "cells");
		buf_putf(text, " removed, first in %s %zu", sheet_place_word(&list->sheet),
		         list->first_trimmed);
	}
	if (list->blank_lines) {
		buf_puts(text, "; ");
		counts_put(text, list->blank_lines, list->blank_lines == 1 ? "blank line" : "blank lines");
	}
}

void csv_list_put_doubt(const struct csv_list *list, struct buf *text)
{
	struct span word;
	size_t at = 0;

	if (!list->word_count || list->enabled_lines)
		return;
	buf_putf(text, "source '%s': no line is enabled: no status is one of --status-enabled '%s'",
	         INERT(span_of(list->plain->source)), INERT(span_of(list->enabled)));
	for (size_t i = 0; i < CSV_LIST_WORDS_MAX && buf_next_sized(&list->words, &at, &word); i++) {
		buf_puts(text, i ? ", '" : "; there is '");
		inert_put(text, word);
		buf_putc(text, '\'');
	}
	if (list->word_count > CSV_LIST_WORDS_MAX)
		buf_puts(text, " and more");
}
