/* SPDX-License-Identifier: ISC */
/*
 * report_findings: a finding stream as a table of checks by source, and as rows.
 */
#include "report/report_parts.h"

#include "base/array.h"
#include "base/inert.h"
#include "base/unicode.h"
#include "report/template.h"

#include <stdlib.h>

static uint64_t number_of(yyjson_val *object, const char *name)
{
	uint64_t number = 0;

	json_count(yyjson_obj_get(object, name), &number);
	return number;
}

/* ---- the begin line ---- */

/* The column of a source; a name that the snapshot does not have gets one, too. */
static struct report_column *findings_take_column(struct report *report, struct span name,
                                                  bool is_missing, struct fault *fault)
{
	struct report_column *columns;

	/* the lines of one source mostly stand together */
	for (size_t i = 0; i < report->column_count; i++, report->column_at++) {
		report->column_at %= report->column_count;
		if (span_is(report->columns[report->column_at].name, name))
			return &report->columns[report->column_at];
	}
	columns = array_grow(report->columns, report->column_count, &report->column_cap,
	                     sizeof *columns, fault);
	if (!columns)
		return NULL;
	report->columns = columns;
	columns += report->column_at = report->column_count++;
	*columns =
		(struct report_column){.name = arena_copy(&report->texts, name), .is_missing = is_missing};
	if (columns->name.data)
		return columns;
	fault_memory(fault);
	return NULL;
}

/* The streams that the findings were made with, by their digests. */
static void findings_put_with(struct report *report, yyjson_val *begin, yyjson_mut_val *findings)
{
	static const char *const names[] = {"policy", "before", "roster", "decisions", "baseline"};
	yyjson_mut_val *list = model_list(&report->model, findings, "with"), *item;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct span sha256 = json_obj_text(yyjson_obj_get(begin, names[i]), "sha256");

		if (!sha256.len)
			continue;
		item = model_item(&report->model, list);
		model_text(&report->model, item, "word", span_of(names[i]));
		model_text(&report->model, item, "sha256", sha256);
	}
	model_flag(&report->model, findings, "has_with", yyjson_mut_arr_size(list) > 0);
}

/* The checks that did not run, and what each of them needs. */
static void findings_put_not_run(struct report *report, yyjson_val *begin, yyjson_mut_val *findings)
{
	yyjson_mut_val *list = model_list(&report->model, findings, "not_run"), *item;
	yyjson_val *checks = yyjson_obj_get(begin, "not_run"), *name, *needs;
	struct span text;
	size_t i, max;

	if (yyjson_is_obj(checks))
		yyjson_obj_foreach(checks, i, max, name, needs) {
			item = model_item(&report->model, list);
			model_text(&report->model, item, "check", json_key(name));
			model_text(&report->model, item, "needs", json_text(needs, &text) ? text : span_of(""));
			model_flag(&report->model, item, "is_next", i > 0);
		}
	model_flag(&report->model, findings, "has_not_run", yyjson_mut_arr_size(list) > 0);
}

static int findings_begin(struct report *report, yyjson_val *begin, yyjson_mut_val *findings,
                          struct fault *fault)
{
	yyjson_val *snapshot = yyjson_obj_get(begin, "snapshot"), *entry;
	struct span sha256 = json_obj_text(snapshot, "sha256");
	size_t i, max;

	yyjson_arr_foreach(yyjson_obj_get(snapshot, "sources"), i, max, entry) {
		struct span name = json_obj_text(entry, "source");

		if (!findings_take_column(report, name, false, fault))
			return -1;
		for (size_t at = 0; at < report->source_count; at++)
			report->sources[at].is_checked |= span_is(report->sources[at].name, name);
	}
	findings_put_with(report, begin, findings);
	findings_put_not_run(report, begin, findings);
	model_text(&report->model, findings, "as_of", json_obj_text(begin, "as_of"));
	report->about = yyjson_val_mut_copy(report->model.doc, yyjson_obj_get(begin, "about"));
	report->set = yyjson_val_mut_copy(report->model.doc, yyjson_obj_get(begin, "set"));
	return report_has_snapshot(report, sha256)
	           ? 0
	           : fault_set(fault, FAULT_DATA,
	                       "the findings are of another snapshot: run check-snapshot on this one");
}

/* ---- tallies ---- */

/* "not shown (812): last_login_at" */
static void put_why(struct buf *to, yyjson_val *tally)
{
	yyjson_val *why = yyjson_obj_get(tally, "why"), *missing, *name, *value;
	struct span text;
	size_t i, max;

	buf_clear(to);
	if (yyjson_is_obj(why))
		yyjson_obj_foreach(why, i, max, name, value) {
			buf_puts(to, i ? ", " : "");
			buf_put_span(to, json_key(name));
			buf_puts(to, " (");
			template_put_number(to, number_of(why, yyjson_get_str(name)));
			buf_puts(to, ")");
		}
	missing = yyjson_obj_get(tally, "not_shown");
	yyjson_arr_foreach(missing, i, max, value)
		if (json_text(value, &text)) {
			buf_puts(to, i ? ", " : ": ");
			buf_put_span(to, text);
		}
}

static int findings_take_tally(struct report *report, yyjson_val *line, struct fault *fault)
{
	struct report_tally *tallies = array_grow(report->tallies, report->tally_count,
	                                          &report->tally_cap, sizeof *tallies, fault);
	struct report_tally *tally;

	if (!tallies || !findings_take_column(report, json_obj_text(line, "source"), true, fault))
		return -1;
	report->tallies = tallies;
	tally = &tallies[report->tally_count++];
	put_why(&report->text, line);
	*tally = (struct report_tally){
		.check = arena_copy(&report->texts, json_obj_text(line, "check")),
		.source = arena_copy(&report->texts, json_obj_text(line, "source")),
		.why = arena_copy(&report->texts, buf_span(&report->text)),
		.subjects = number_of(line, "subjects"),
		.ok = number_of(line, "ok"),
		.found = number_of(line, "found"),
		.unknown = number_of(line, "unknown"),
		.excepted = number_of(line, "excepted"),
		.accepted = yyjson_get_bool(yyjson_obj_get(line, "accepted")),
	};
	return tally->check.data && tally->source.data && tally->why.data ? 0 : fault_memory(fault);
}

/* ---- findings and exceptions ---- */

static int findings_count(struct report *report, yyjson_val *line, int severity,
                          struct fault *fault)
{
	struct span name = json_obj_text(line, "source"), check = json_obj_text(line, "check");
	struct report_column *column = findings_take_column(report, name, true, fault);

	if (!column)
		return -1;
	column->severities[severity]++;
	if (severity == REPORT_SEVERITIES - 1 || !report->tally_count)
		return 0;
	/* findings of one check and source mostly stand together */
	for (size_t i = 0; i < report->tally_count; i++, report->tally_at++) {
		struct report_tally *tally = &report->tallies[report->tally_at %= report->tally_count];

		if (span_is(tally->check, check) && span_is(tally->source, name)) {
			tally->matters = true;
			return 0;
		}
	}
	return 0;
}

/* "PCI DSS 8.2.2, PCI DSS 7.2.5": who asks for the check, if anybody does. */
static void findings_put_standards(struct report *report, yyjson_mut_val *to, struct span check)
{
	yyjson_mut_val *about = yyjson_mut_obj_getn(report->about, check.data, check.len), *item;
	size_t i, max;

	buf_clear(&report->text);
	yyjson_mut_arr_foreach(yyjson_mut_obj_get(about, "standards"), i, max, item)
	{
		buf_puts(&report->text, i ? ", " : "");
		buf_puts(&report->text, yyjson_mut_is_str(item) ? yyjson_mut_get_str(item) : "");
	}
	model_text(&report->model, to, "standards", buf_span(&report->text));
}

/* Does the fact say the path, too? "in Admins via Ops" is all of "Ops < Admins". */
static bool says_path(struct report *report, struct span says, struct span via)
{
	const char *arrow = memmem(via.data, via.len, " < ", 3);
	size_t inner = arrow ? (size_t)(arrow - via.data) : 0;

	if (!arrow)
		return false;
	buf_clear(&report->text);
	buf_put(&report->text, arrow + 3, via.len - inner - 3);
	buf_puts(&report->text, " via ");
	buf_put(&report->text, via.data, inner);
	return memmem(says.data, says.len, buf_text(&report->text), report->text.len) != NULL;
}

/* The check, if this is its first finding on the page: the table of checks leads there. */
static struct span findings_take_anchor(struct report *report, struct span check)
{
	bool is_first = false;

	for (size_t i = 0; i < report->tally_count; i++)
		if (span_is(report->tallies[i].check, check) && !report->tallies[i].has_row)
			is_first = report->tallies[i].has_row = true;
	return is_first ? check : span_of("");
}

static void findings_put_row(struct report *report, yyjson_val *line, yyjson_mut_val *rows)
{
	static const char via[] = "via";
	static const char *const names[] = {"check", "source", "label", "severity",
	                                    "says",  via,      "status"};
	yyjson_mut_val *row = model_item(&report->model, rows);

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i] != via ||
		    !says_path(report, json_obj_text(line, "says"), json_obj_text(line, via)))
			model_text(&report->model, row, names[i], json_obj_text(line, names[i]));
	findings_put_standards(report, row, json_obj_text(line, "check"));
	model_flag(&report->model, row, "is_new",
	           span_is(json_obj_text(line, "baseline"), span_of("new")));
	model_text(&report->model, row, "ran_out",
	           json_obj_text(yyjson_obj_get(line, "exception_ran_out"), "until"));
}

/* Privileged access has a chapter of its own; what is excepted is shown as an exception. */
static int findings_take_finding(struct report *report, yyjson_val *line, yyjson_mut_val *rows,
                                 yyjson_mut_val *privileged, struct fault *fault)
{
	bool is_privileged = span_is(json_obj_text(line, "check"), span_of("privileged"));
	yyjson_mut_val *to = is_privileged ? privileged : rows;

	if (yyjson_obj_get(line, "excepted"))
		return 0;
	if (yyjson_mut_arr_size(to) < REPORT_ROWS_MAX)
		findings_put_row(report, line, to);
	else if (is_privileged)
		report->privileged_left_out++;
	else
		report->findings_left_out++;
	return findings_count(report, line, report_severity_find(json_obj_text(line, "severity")),
	                      fault);
}

static void findings_take_exception(struct report *report, yyjson_val *line, yyjson_mut_val *list)
{
	static const char *const names[] = {"check", "source", "id", "reason", "by", "until", "state"};
	yyjson_mut_val *item;

	if (yyjson_mut_arr_size(list) == REPORT_ROWS_MAX) {
		report->exceptions_left_out++;
		return;
	}
	item = model_item(&report->model, list);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		model_text(&report->model, item, names[i], json_obj_text(line, names[i]));
	model_text(&report->model, item, "days_left", json_obj_text(line, "days_left"));
	model_text(&report->model, item, "days_word",
	           span_of(span_is(json_obj_text(line, "days_left"), span_of("1")) ? "day" : "days"));
	model_text(&report->model, item, "accept", json_obj_text(line, "accept"));
}

/* With a baseline: what is new since the older run, and what is gone. */
static void findings_take_end(struct report *report, yyjson_val *end, yyjson_mut_val *findings)
{
	static const char *const names[] = {"new", "known", "gone"};

	model_flag(&report->model, findings, "has_baseline", yyjson_obj_get(end, "known") != NULL);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		model_number(&report->model, findings, names[i], number_of(end, names[i]));
}

int report_read_findings(struct report *report, const char *path, struct fault *fault)
{
	struct model *model = &report->model;
	yyjson_mut_val *findings = model_object(model, model->root, "findings");
	yyjson_mut_val *rows = model_list(model, findings, "rows");
	yyjson_mut_val *privileged = model_list(model, findings, "privileged");
	yyjson_mut_val *exceptions = model_list(model, findings, "exceptions");
	struct finding_count count = {.point = &report->finding_point};
	struct stream_reader reader;
	struct stream_item item;
	int more = stream_open(&reader, path, STAGE_FINDINGS, true, fault);

	while (more == 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		struct span kind = json_obj_text(item.root, "kind");

		more = 0;
		if (item.type == ITEM_BEGIN) {
			finding_count_begin(&count, item.root);
			more = findings_begin(report, item.root, findings, fault);
		} else if (span_is(kind, span_of("check")))
			more = findings_take_tally(report, item.root, fault);
		else if (span_is(kind, span_of("finding")))
			more = findings_take_finding(report, item.root, rows, privileged, fault);
		else if (span_is(kind, span_of("exception")))
			findings_take_exception(report, item.root, exceptions);
		if (item.type == ITEM_RECORD)
			finding_count_line(&count, item.root);
		if (item.type == ITEM_END) {
			findings_take_end(report, item.root, findings);
			report_put_input(report, "--findings", path, json_obj_text(item.root, "sha256"),
			                 span_of(reader.begin_hex));
			report_put_file(report, findings, path);
		}
		if (more == 0)
			more = buf_check(&count.last, fault);
	}
	stream_close(&reader);
	buf_release(&count.last);
	report->has_findings = true;
	return more < 0 ? -1 : model_check(model, fault);
}

/* ---- for the page ---- */

void report_put_finding_tile(struct report *report, yyjson_mut_val *tiles)
{
	uint64_t unknown = 0, found = 0;
	int severity;

	for (severity = 0; severity < REPORT_SEVERITIES - 1; severity++) {
		found += report->finding_point.severities[severity];
		report_put_note(report, report->finding_point.severities[severity],
		                report_severity_words[severity]);
	}
	for (size_t i = 0; i < report->tally_count; i++)
		unknown += report->tallies[i].unknown && !report->tallies[i].accepted;
	report_put_note(report, unknown, unknown == 1 ? "check not decided" : "checks not decided");
	template_put_number(&report->key, found);
	report_put_tile(report, tiles,
	                report->finding_point.severities[0] || report->finding_point.severities[1]
	                    ? "alarm"
	                : found ? "watch"
	                        : "",
	                found == 1 ? "finding" : "findings");
}

/* How many accounts have privileged access; nothing if nobody looked for it. */
void report_put_privileged_tile(struct report *report, yyjson_mut_val *tiles, uint64_t accounts)
{
	uint64_t unknown = 0, excepted = 0;

	for (size_t i = 0; i < report->tally_count; i++)
		if (span_is(report->tallies[i].check, span_of("privileged"))) {
			unknown += report->tallies[i].unknown;
			excepted += report->tallies[i].excepted;
		}
	if (!report->finding_point.has_privileged)
		return;
	template_put_number(&report->key, report->finding_point.privileged);
	buf_puts(&report->key, " of ");
	template_put_number(&report->key, accounts);
	report_put_note(report, report->finding_point.unlisted,
	                report->finding_point.unlisted == 1 ? "more is in no list"
	                                                    : "more are in no list");
	report_put_note(report, unknown, "not decided");
	report_put_note(report, excepted, "excepted");
	report_put_tile(report, tiles, "", "have privileged access");
}

void report_chart_findings(struct report *report)
{
	static const struct chart_mark marks[REPORT_SEVERITIES] = {{"critical", "", "f7"},
	                                                           {"high", "", "f2"},
	                                                           {"medium", "", "f1"},
	                                                           {"low", "", "f5"},
	                                                           {"info", "", "hatched"}};
	struct chart_row rows[SOURCES_CHARTED] = {0};
	struct chart chart = {
		"severities", "Findings by source and severity", marks, REPORT_SEVERITIES - 1, rows, 0};

	for (size_t i = 0; i < report->column_count && i < SOURCES_CHARTED; i++) {
		rows[i].label = report->columns[i].name;
		memcpy(rows[i].parts, report->columns[i].severities,
		       sizeof rows[i].parts[0] * REPORT_SEVERITIES);
		chart.row_count++;
	}
	report_put_chart(report, &chart, "Source",
	                 report->column_count > SOURCES_CHARTED
	                     ? "The first 20 sources, without what is only for information."
	                     : "Without what is only for information.",
	                 chart_put_bars);
}

/* The rows of one severity, check and source stand together, in the order of ids. */
struct finding_row {
	yyjson_mut_val *row;
	struct span name; /* folded */
	size_t run, at;   /* run: of such rows */
};

static int finding_row_compare(const void *a, const void *b)
{
	const struct finding_row *one = a, *other = b;
	int by_name = span_compare(one->name, other->name);

	if (one->run != other->run)
		return one->run < other->run ? -1 : 1;
	return by_name ? by_name : one->at < other->at ? -1 : one->at > other->at;
}

static struct span row_text(yyjson_mut_val *row, const char *name)
{
	yyjson_mut_val *value = yyjson_mut_obj_get(row, name);

	return (struct span){yyjson_mut_get_str(value), yyjson_mut_get_len(value)};
}

static bool row_is_like(yyjson_mut_val *row, yyjson_mut_val *other)
{
	static const char *const names[] = {"severity", "check", "source"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!span_is(row_text(row, names[i]), row_text(other, names[i])))
			return false;
	return true;
}

/* Within a run the rows stand by name, as accounts do; the first row of a check gets its anchor.
   0 or -1. */
static int findings_put_order(struct report *report, yyjson_mut_val *list, struct fault *fault)
{
	size_t count = yyjson_mut_arr_size(list), i, max;
	struct finding_row *rows = calloc(count + 1, sizeof *rows);
	yyjson_mut_val *item, *before = NULL;

	yyjson_mut_arr_foreach(list, i, max, item)
	{
		if (!rows)
			break;
		buf_clear(&report->text);
		unicode_put_composed(&report->text, row_text(item, "label"));
		for (size_t at = 0; at < report->text.len; at++)
			report->text.data[at] = ascii_lower(report->text.data[at]);
		rows[i] = (struct finding_row){
			.row = item, .name = arena_copy(&report->texts, buf_span(&report->text)), .at = i};
		rows[i].run = before && row_is_like(before, item) ? rows[i - 1].run : i;
		before = item;
		if (!rows[i].name.data || report->text.state != BUF_OK) {
			free(rows);
			return fault_memory(fault);
		}
	}
	if (!rows)
		return fault_memory(fault);
	qsort(rows, count, sizeof *rows, finding_row_compare);
	yyjson_mut_arr_clear(list);
	for (i = 0; i < count; i++) {
		report->model.failed |= !yyjson_mut_arr_append(list, rows[i].row);
		model_text(&report->model, rows[i].row, "anchor",
		           findings_take_anchor(report, row_text(rows[i].row, "check")));
	}
	free(rows);
	return 0;
}

int report_put_findings(struct report *report, struct fault *fault)
{
	struct model *model = &report->model;
	yyjson_mut_val *findings = yyjson_mut_obj_get(model->root, "findings");
	yyjson_mut_val *rows = yyjson_mut_obj_get(findings, "rows");

	if (!findings)
		return 0;
	if (findings_put_order(report, rows, fault) < 0 ||
	    findings_put_order(report, yyjson_mut_obj_get(findings, "privileged"), fault) < 0)
		return -1;
	report_put_matrix(report, findings);
	report_put_undecided(report, findings);
	model_number(model, findings, "found", yyjson_mut_arr_size(rows));
	model_number(model, findings, "left_out", report->findings_left_out);
	model_number(model, findings, "undecided_left_out", report->undecided_left_out);
	model_number(model, findings, "privileged_left_out", report->privileged_left_out);
	model_number(model, findings, "exceptions_left_out", report->exceptions_left_out);
	model_flag(model, findings, "has_privileged",
	           yyjson_mut_arr_size(yyjson_mut_obj_get(findings, "privileged")) > 0);
	model_flag(model, findings, "has_exceptions",
	           yyjson_mut_arr_size(yyjson_mut_obj_get(findings, "exceptions")) > 0);
	report_put_short(report, findings, "short_undecided", "short_undecided_left_out",
	                 yyjson_mut_obj_get(findings, "undecided"), SHORT_NOTES);
	report_put_short(report, findings, "short_exceptions", "short_exceptions_left_out",
	                 yyjson_mut_obj_get(findings, "exceptions"), SHORT_NOTES);
	return 0;
}
