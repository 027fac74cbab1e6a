/* SPDX-License-Identifier: ISC */
/*
 * report_points: what older snapshots and older findings say, as lines over time. Of each
 * only counts are kept. A point of what was not read completely, or of other sources, says
 * so in its name.
 */
#include "report/report_parts.h"

#include "base/array.h"
#include "report/template.h"

#include <stdlib.h>

enum { OLD_DAYS = 90 };

const char *const report_severity_words[REPORT_SEVERITIES] = {"critical", "high", "medium", "low",
                                                              "info"};

int report_severity_find(struct span word)
{
	for (int severity = 0; severity < REPORT_SEVERITIES; severity++)
		if (span_is(word, span_of(report_severity_words[severity])))
			return severity;
	return REPORT_SEVERITIES - 1;
}

struct span report_latest(yyjson_val *sources)
{
	struct span latest = SPAN_EMPTY;
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, entry) {
		struct span time = json_obj_text(entry, "fetched_at");

		if (!latest.len || when_compare(time, latest) > 0)
			latest = time;
	}
	return latest;
}

static void point_set_time(char as_of[WHEN_MAX], struct span time)
{
	if (time.len < WHEN_MAX)
		memcpy(as_of, time.data, time.len);
}

/* ---- a snapshot ---- */

/* When a sign-in of the source in a line is old. Sources come one after the other. */
struct point_source {
	struct buf line;
	char old[WHEN_MAX]; /* empty: the snapshot does not say when it was read */
};

static int point_take_source(struct point_source *source, const struct snapshot_reader *reader,
                             const struct record *user, struct fault *fault)
{
	yyjson_val *entry;

	if (source->line.len && span_is(reader->source, buf_span(&source->line)))
		return 0;
	buf_clear(&source->line);
	buf_put_span(&source->line, reader->source);
	entry = snapshot_reader_source(reader, record_text(user, USER_SOURCE));
	if (!when_minus(json_obj_text(entry, "fetched_at"), (int64_t)OLD_DAYS * 86400, source->old))
		source->old[0] = '\0';
	return buf_check(&source->line, fault);
}

/* As the histogram counts: who is not disabled and no service account. */
static void point_take_user(struct report_point *point, const struct point_source *source,
                            const struct record *user)
{
	enum report_status status = report_status_of(user);
	char last[WHEN_MAX];
	int type;

	point->statuses[status]++;
	if (status == REPORT_DISABLED ||
	    span_is(record_text(user, USER_ACCOUNT_TYPE), span_of("service")))
		return;
	type = report_last_login(user, last);
	point->never += type == VALUE_NULL;
	if (type == VALUE_TEXT && *source->old)
		point->old += report_is_before(last, source->old);
	else
		point->not_shown += type != VALUE_NULL;
}

static int point_take_snapshot(struct report_point *point, struct snapshot_reader *reader,
                               struct record *record, struct point_source *source,
                               struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;
	int more;

	point->is_whole = true;
	yyjson_arr_foreach(reader->sources, i, max, entry)
		if (json_obj_text(entry, "select").len)
			point->is_whole = false;
	point->sources = yyjson_arr_size(reader->sources);
	while ((more = snapshot_reader_next(reader, fault)) > 0) {
		point->memberships += reader->kind == RECORD_MEMBERSHIP;
		if (reader->kind == RECORD_GAP)
			point->is_whole = false;
		if (reader->kind != RECORD_USER)
			continue;
		if (snapshot_reader_parse(reader, record, fault) < 0 ||
		    point_take_source(source, reader, record, fault) < 0)
			return -1;
		point_take_user(point, source, record);
	}
	return more;
}

/* Remembers the sources of an older snapshot: one that is missing now is named. */
static int report_take_older(struct report *report, yyjson_val *sources, struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;
	bool fresh;

	yyjson_arr_foreach(sources, i, max, entry) {
		struct span name = json_obj_text(entry, "source");

		if (!set_take(&report->older_places, name, &fresh))
			return fault_memory(fault);
		if (fresh)
			model_item_text(&report->model, report->older, name);
	}
	return 0;
}

int report_read_before(struct report *report, const char *path, struct fault *fault)
{
	struct report_point point = {0}, *points;
	struct point_source source = {0};
	struct snapshot_reader reader;
	struct record record = {0};
	int result = snapshot_reader_open(&reader, path, fault);

	if (result == 0)
		result = point_take_snapshot(&point, &reader, &record, &source, fault);
	if (result == 0) {
		point_set_time(point.as_of, report_latest(reader.sources));
		report_put_input(report, "--before", path, span_of(reader.sha256),
		                 span_of(reader.stream.begin_hex));
		result = report_take_older(report, reader.sources, fault);
	}
	snapshot_reader_close(&reader);
	record_release(&record);
	buf_release(&source.line);
	points = result < 0 ? NULL
	                    : array_grow(report->points, report->point_count, &report->point_cap,
	                                 sizeof *points, fault);
	if (!points)
		return -1;
	report->points = points;
	points[report->point_count++] = point;
	return 0;
}

/* ---- findings ---- */

void finding_count_begin(struct finding_count *count, yyjson_val *begin)
{
	struct span as_of = json_obj_text(begin, "as_of");

	if (!as_of.len)
		as_of = report_latest(yyjson_obj_get(yyjson_obj_get(begin, "snapshot"), "sources"));
	point_set_time(count->point->as_of, as_of);
	buf_clear(&count->last);
}

/* Privileged access comes account by account: each is counted once. */
static void finding_count_privileged(struct finding_count *count, yyjson_val *line)
{
	struct buf account = {0};

	buf_put_span(&account, json_obj_text(line, "source"));
	buf_putc(&account, '\0');
	buf_put_span(&account, json_obj_text(line, "id"));
	if (!count->last.len || !span_is(buf_span(&account), buf_span(&count->last))) {
		if (json_obj_text(line, "status").len)
			count->point->privileged++;
		else
			count->point->unlisted++;
	}
	buf_release(&count->last);
	count->last = account;
}

void finding_count_line(struct finding_count *count, yyjson_val *line)
{
	bool is_privileged = span_is(json_obj_text(line, "check"), span_of("privileged"));
	struct span kind = json_obj_text(line, "kind");
	uint64_t subjects = 0, unknown = 0;

	if (is_privileged && span_is(kind, span_of("check"))) {
		json_count(yyjson_obj_get(line, "subjects"), &subjects);
		json_count(yyjson_obj_get(line, "unknown"), &unknown);
		count->point->has_privileged |= subjects > unknown;
	}
	if (!span_is(kind, span_of("finding")) || yyjson_obj_get(line, "excepted"))
		return;
	count->point->severities[report_severity_find(json_obj_text(line, "severity"))]++;
	if (is_privileged)
		finding_count_privileged(count, line);
}

int report_read_findings_before(struct report *report, const char *path, struct fault *fault)
{
	struct report_finding_point point = {0}, *points;
	struct finding_count count = {.point = &point};
	struct stream_reader reader;
	struct stream_item item;
	int more = stream_open(&reader, path, STAGE_FINDINGS, true, fault);

	while (more == 0 && (more = stream_next(&reader, &item, fault)) > 0) {
		if (item.type == ITEM_BEGIN)
			finding_count_begin(&count, item.root);
		else
			finding_count_line(&count, item.root);
		if (item.type == ITEM_END)
			report_put_input(report, "--findings-before", path, json_obj_text(item.root, "sha256"),
			                 span_of(reader.begin_hex));
		more = buf_check(&count.last, fault);
	}
	stream_close(&reader);
	buf_release(&count.last);
	points = more < 0 ? NULL
	                  : array_grow(report->finding_points, report->finding_point_count,
	                               &report->finding_point_cap, sizeof *points, fault);
	if (!points)
		return -1;
	report->finding_points = points;
	points[report->finding_point_count++] = point;
	return 0;
}

/* ---- charts ---- */

static int point_compare(const void *a, const void *b)
{
	const struct report_point *one = a, *other = b;

	return when_compare(span_of(one->as_of), span_of(other->as_of));
}

static int finding_point_compare(const void *a, const void *b)
{
	const struct report_finding_point *one = a, *other = b;

	return when_compare(span_of(one->as_of), span_of(other->as_of));
}

/* "2026-03-22, not complete, 3 sources" */
static int row_set_name(struct report *report, struct chart_row *row, const char *as_of,
                        bool is_whole, size_t sources, struct fault *fault)
{
	struct span time = span_of(as_of);

	buf_clear(&report->text);
	buf_put(&report->text, as_of, time.len > 10 ? 10 : time.len);
	if (!is_whole)
		buf_puts(&report->text, ", not complete");
	if (sources)
		buf_putf(&report->text, ", %zu %s", sources, sources == 1 ? "source" : "sources");
	row->is_partial = !is_whole || sources;
	row->label = arena_copy(&report->texts, buf_span(&report->text));
	if (!when_seconds(time, &row->at))
		row->at = 0;
	return row->label.data ? 0 : fault_memory(fault);
}

static const char hollow_note[] =
	"A hollow point was not complete, or is of other sources than the last one.";

/* The rows of `rows` that are points. 0 or -1. */
static int chart_put_accounts(struct report *report, struct chart_row *rows,
                              const struct report_point *points, size_t count, struct fault *fault)
{
	static const struct chart_mark accounts[] = {
		{"accounts", "", "f1"}, {"can sign in", "", "f2"}, {"disabled", "", "f3"}};
	static const struct chart_mark sign_ins[] = {
		{"not for 90 days", "", "f1"}, {"never", "", "f2"}, {"not shown", "", "f3"}};
	static const struct chart_mark memberships[] = {{"memberships", "", "f1"}};
	struct chart chart = {.rows = rows, .row_count = count};
	const char *note = "";

	for (size_t i = 0; i < count; i++) {
		size_t sources = points[i].sources == points[count - 1].sources ? 0 : points[i].sources;

		if (row_set_name(report, &rows[i], points[i].as_of, points[i].is_whole, sources, fault) < 0)
			return -1;
		note = rows[i].is_partial ? hollow_note : note;
		rows[i].parts[1] = points[i].statuses[REPORT_ENABLED];
		rows[i].parts[2] = points[i].statuses[REPORT_DISABLED];
		rows[i].parts[0] = rows[i].parts[1] + rows[i].parts[2] + points[i].statuses[REPORT_UNKNOWN];
	}
	chart.id = "trend", chart.title = "Accounts over time", chart.marks = accounts;
	chart.mark_count = 3;
	report_put_chart(report, &chart, "As of", note, chart_put_lines);
	for (size_t i = 0; i < count; i++) {
		rows[i].parts[0] = points[i].old;
		rows[i].parts[1] = points[i].never;
		rows[i].parts[2] = points[i].not_shown;
	}
	chart.id = "sign-ins", chart.title = "No sign-in, over time", chart.marks = sign_ins;
	report_put_chart(report, &chart, "As of", "Without disabled and service accounts.",
	                 chart_put_lines);
	for (size_t i = 0; i < count; i++)
		rows[i].parts[0] = points[i].memberships;
	chart.id = "memberships", chart.title = "Memberships over time", chart.marks = memberships;
	chart.mark_count = 1;
	report_put_chart(report, &chart, "As of", "", chart_put_lines);
	return 0;
}

static int chart_put_findings(struct report *report, struct chart_row *rows,
                              const struct report_finding_point *points, size_t count,
                              struct fault *fault)
{
	static const struct chart_mark severities[] = {
		{"critical", "", "f7"}, {"high", "", "f2"}, {"medium", "", "f1"}, {"low", "", "f5"}};
	static const struct chart_mark privileged[] = {{"accounts with privileged access", "", "f1"},
	                                               {"members in no list", "", "f7"}};
	struct chart chart = {"findings-trend", "Findings over time", severities, 4, rows, count};
	size_t known = 0, marks = 1;

	for (size_t i = 0; i < count; i++) {
		if (row_set_name(report, &rows[i], points[i].as_of, true, 0, fault) < 0)
			return -1;
		memcpy(rows[i].parts, points[i].severities, 4 * sizeof rows[i].parts[0]);
	}
	report_put_chart(report, &chart, "As of", "Without what is only for information.",
	                 chart_put_lines);
	for (size_t i = 0; i < count; i++)
		if (points[i].has_privileged) {
			rows[known] = rows[i];
			rows[known].parts[0] = points[i].privileged;
			rows[known++].parts[1] = points[i].unlisted;
			marks = points[i].unlisted ? 2 : marks;
		}
	chart = (struct chart){
		"privileged-trend", "Privileged access over time", privileged, marks, rows, known};
	if (known > 1)
		report_put_chart(report, &chart, "As of",
		                 known < count ? "Without findings that did not look for it." : "",
		                 chart_put_lines);
	return 0;
}

int report_chart_points(struct report *report, const struct report_point *now, struct fault *fault)
{
	size_t most = report->point_count > report->finding_point_count ? report->point_count
	                                                                : report->finding_point_count;
	struct report_point *points;
	struct report_finding_point *findings;
	struct chart_row *rows;
	int result = 0;

	if (!most)
		return 0;
	rows = calloc(most + 1, sizeof *rows);
	points =
		array_grow(report->points, report->point_count, &report->point_cap, sizeof *points, fault);
	findings = array_grow(report->finding_points, report->finding_point_count,
	                      &report->finding_point_cap, sizeof *findings, fault);
	report->points = points ? points : report->points;
	report->finding_points = findings ? findings : report->finding_points;
	if (!rows || !points || !findings) {
		free(rows);
		return fault_memory(fault);
	}
	qsort(points, report->point_count, sizeof *points, point_compare);
	qsort(findings, report->finding_point_count, sizeof *findings, finding_point_compare);
	points[report->point_count] = *now;
	findings[report->finding_point_count] = report->finding_point;
	if (report->point_count)
		result = chart_put_accounts(report, rows, points, report->point_count + 1, fault);
	if (result == 0 && report->finding_point_count)
		result = chart_put_findings(report, rows, findings,
		                            report->finding_point_count + report->has_findings, fault);
	free(rows);
	return result;
}
