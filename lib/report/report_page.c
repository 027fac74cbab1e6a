/* SPDX-License-Identifier: ISC */
/*
 * report_page: what was counted becomes tiles, charts and tables, and they a page. Every
 * count that could flatter has its denominator beside it.
 */
#include "report/report_parts.h"

#include "base/inert.h"
#include "base/markup.h"
#include "report/report_pages.h"

#include <openssl/evp.h>
#include <stdlib.h>

/* ---- sums over all directories ---- */

struct sums {
	uint64_t accounts, statuses[REPORT_STATUSES], ages[REPORT_AGES];
	uint64_t people, services, untyped, disabled_in_groups;
	uint64_t groups, empty_groups, blind_groups, nestings, memberships, gaps, selected, unlisted;
	uint64_t files;         /* sources that no service showed */
	uint64_t blind_sources; /* whose groups could not be read at all */
};

static uint64_t source_accounts(const struct report_source *source)
{
	return source->people + source->services + source->untyped;
}

static struct sums report_sums(const struct report *report)
{
	struct sums sums = {0};

	for (size_t i = 0; i < report->source_count; i++) {
		const struct report_source *source = &report->sources[i];

		for (int status = 0; status < REPORT_STATUSES; status++)
			sums.statuses[status] += source->statuses[status];
		for (int age = 0; age < REPORT_AGES; age++)
			sums.ages[age] += source->ages[age];
		sums.accounts += source_accounts(source);
		sums.people += source->people;
		sums.services += source->services;
		sums.untyped += source->untyped;
		sums.disabled_in_groups += source->disabled_in_groups;
		sums.groups += source->groups;
		sums.empty_groups += source->empty_groups;
		sums.blind_groups += source->blind_groups;
		sums.blind_sources += source->lists.groups;
		sums.nestings += source->nestings;
		sums.memberships += source->memberships;
		sums.gaps += source->gaps;
		sums.selected += source->is_selected;
		sums.unlisted += source->unlisted;
		sums.files += source->is_file;
	}
	return sums;
}

/* ---- tiles ---- */

static void put_value_of(struct report *report, uint64_t part, uint64_t whole)
{
	template_put_number(&report->key, part);
	buf_puts(&report->key, " of ");
	template_put_number(&report->key, whole);
}

static void put_dormant_tile(struct report *report, yyjson_mut_val *tiles, const struct sums *sums)
{
	uint64_t seen = 0, old = 0, never = sums->ages[AGE_NEVER];

	for (int age = 0; age < AGE_NOT_SHOWN; age++)
		seen += sums->ages[age];
	for (int age = AGE_180_DAYS; age < AGE_NEVER; age++)
		old += sums->ages[age];
	if (!seen) {
		buf_puts(&report->key, "?");
		report_put_note(report, sums->ages[AGE_NOT_SHOWN],
		                sums->ages[AGE_NOT_SHOWN] == 1 ? "does not show the last sign-in"
		                                               : "do not show the last sign-in");
	} else {
		put_value_of(report, old + never, seen);
		report_put_note(report, never, "of them never");
		report_put_note(report, sums->ages[AGE_NOT_SHOWN], "not shown");
	}
	report_put_tile(report, tiles, old + never ? "watch" : "", "did not sign in for 90 days");
}

/* What members are counted in is a lower limit if they could not be read. */
static void report_put_blind_notes(struct report *report, const struct sums *sums)
{
	report_put_note(report, sums->blind_groups,
	                sums->blind_groups == 1 ? "group has members that could not be read"
	                                        : "groups have members that could not be read");
	report_put_note(report, sums->blind_sources,
	                sums->blind_sources == 1 ? "source has groups that could not be read"
	                                         : "sources have groups that could not be read");
}

static void report_put_tiles(struct report *report, const struct sums *sums)
{
	yyjson_mut_val *tiles = model_list(&report->model, report->model.root, "tiles");

	buf_clear(&report->key);
	buf_clear(&report->text);
	template_put_number(&report->key, sums->accounts);
	report_put_note(report, sums->services, "service account|s");
	report_put_note(report, sums->untyped,
	                sums->untyped == 1 ? "does not show its type" : "do not show their type");
	report_put_tile(report, tiles, "", sums->accounts == 1 ? "account" : "accounts");

	put_value_of(report, sums->statuses[REPORT_ENABLED], sums->accounts);
	report_put_note(report, sums->statuses[REPORT_DISABLED], "disabled");
	report_put_note(report, sums->statuses[REPORT_UNKNOWN], "not shown");
	report_put_tile(report, tiles, "", "can sign in");

	put_dormant_tile(report, tiles, sums);

	put_value_of(report, sums->disabled_in_groups, sums->statuses[REPORT_DISABLED]);
	report_put_blind_notes(report, sums);
	report_put_tile(report, tiles, sums->disabled_in_groups ? "watch" : "",
	                "disabled accounts are still in groups");

	template_put_number(&report->key, sums->groups);
	report_put_note(report, sums->empty_groups, "empty");
	report_put_note(report, sums->nestings, "in other groups");
	report_put_blind_notes(report, sums);
	report_put_tile(report, tiles, "", sums->groups == 1 ? "group" : "groups");

	template_put_number(&report->key, sums->gaps);
	report_put_note(report, sums->selected, "only a selection");
	report_put_note(report, sums->unlisted,
	                sums->unlisted == 1 ? "member is in no list" : "members are in no list");
	report_put_tile(report, tiles, sums->gaps || sums->selected ? "alarm" : "",
	                sums->gaps == 1 ? "part could not be read" : "parts could not be read");
	if (report->has_findings) {
		report_put_privileged_tile(report, tiles, sums->accounts);
		report_put_finding_tile(report, tiles);
	}
	if (report->has_decisions)
		report_put_decision_tile(report, tiles);
}

/* ---- charts ---- */

static void report_chart_statuses(struct report *report)
{
	static const struct chart_mark marks[] = {
		{"can sign in", "", "f1"}, {"disabled", "", "f2"}, {"not shown", "", "hatched"}};
	struct chart_row rows[SOURCES_CHARTED] = {0};
	struct chart chart = {"statuses", "Accounts by source and status", marks, 3, rows, 0};

	for (size_t i = 0; i < report->source_count && i < SOURCES_CHARTED; i++) {
		rows[i].label = report->sources[i].name;
		memcpy(rows[i].parts, report->sources[i].statuses, sizeof report->sources[i].statuses);
		chart.row_count++;
	}
	report_put_chart(report, &chart, "Source",
	                 report->source_count > SOURCES_CHARTED ? "The first 20 sources." : "",
	                 chart_put_bars);
}

static void report_chart_ages(struct report *report, const struct sums *sums)
{
	static const struct chart_mark marks[REPORT_AGES] = {
		{"up to 30 days ago", "30 d", "f1"},   {"up to 90 days ago", "90 d", "f5"},
		{"up to 180 days ago", "180 d", "f2"}, {"up to a year ago", "1 y", "f6"},
		{"longer ago", "> 1 y", "f7"},         {"never", "never", "f4"},
		{"not shown", "?", "hatched"},
	};
	struct chart_row row = {.label = span_of("Accounts")};
	struct chart chart = {"ages", "Last sign-in", marks, REPORT_AGES, &row, 1};

	memcpy(row.parts, sums->ages, sizeof sums->ages);
	report_put_chart(
		report, &chart, "Last sign-in",
		"Without disabled and service accounts; counted from when each source was read.",
		chart_put_columns);
}

static void report_chart_groups(struct report *report, bool is_partial)
{
	static const struct chart_mark marks[] = {{"direct members", "", "f1"},
	                                          {"through groups in it", "", "f5"}};
	struct chart_row rows[LARGEST_SHOWN] = {0};
	struct chart chart = {"largest", "Largest groups", marks, 2, rows, report->largest.count};
	yyjson_doc *docs[LARGEST_SHOWN] = {0};

	for (size_t i = 0; i < chart.row_count; i++) {
		struct buf *text = &report->largest.rows[i].row;
		yyjson_val *root;

		docs[i] = yyjson_read(text->data, text->len, YYJSON_READ_NOFLAG);
		root = yyjson_doc_get_root(docs[i]);
		json_text(yyjson_obj_get(root, report->source_count > 1 ? "where" : "name"),
		          &rows[i].label);
		rows[i].parts[0] = yyjson_get_uint(yyjson_obj_get(root, "direct"));
		rows[i].parts[1] = yyjson_get_uint(yyjson_obj_get(root, "inherited"));
	}
	if (chart.row_count)
		report_put_chart(report, &chart, "Group",
		                 is_partial ? "Groups whose members could not be read may be larger." : "",
		                 chart_put_bars);
	for (size_t i = 0; i < chart.row_count; i++)
		yyjson_doc_free(docs[i]);
}

/* ---- tables ---- */

static void report_put_top(struct report *report, struct top *top, const char *name)
{
	yyjson_mut_val *list = model_list(&report->model, report->model.root, name);

	top_sort(top);
	for (size_t i = 0; i < top->count; i++)
		model_item_json(&report->model, list, buf_span(&top->rows[i].row));
}

static void report_put_people(struct report *report)
{
	yyjson_mut_val *list, *item;
	size_t i, max;

	report_put_top(report, &report->people, "people");
	list = yyjson_mut_obj_get(report->model.root, "people");
	yyjson_mut_arr_foreach(list, i, max, item)
	{
		const char *status = yyjson_mut_get_str(yyjson_mut_obj_get(item, "status"));
		bool is_word =
			status && (strcmp(status, "enabled") == 0 || strcmp(status, "disabled") == 0);

		model_text(&report->model, item, "status_class", span_of(is_word ? status : "unknown"));
		model_flag(&report->model, item, "is_service",
		           yyjson_mut_equals_str(yyjson_mut_obj_get(item, "type"), "service"));
	}
	model_number(&report->model, report->model.root, "people_left_out",
	             report->people.seen - report->people.count);
}

/* What each directory holds, beside what its begin line said. */
static void report_put_sources(struct report *report)
{
	yyjson_mut_val *item;
	size_t i, max, not_covered;
	bool has_uncovered = false;

	yyjson_mut_arr_foreach(report->entries, i, max, item)
	{
		struct span name = {yyjson_mut_get_str(yyjson_mut_obj_get(item, "source")),
		                    yyjson_mut_get_len(yyjson_mut_obj_get(item, "source"))};
		struct model *model = &report->model;

		for (size_t at = 0; at < report->source_count; at++) {
			const struct report_source *source = &report->sources[at];

			if (!span_is(source->name, name))
				continue;
			model_number(model, item, "accounts", source_accounts(source));
			model_number(model, item, "groups", source->groups);
			model_number(model, item, "memberships", source->memberships);
			model_number(model, item, "gaps", source->gaps);
		}
		not_covered = yyjson_mut_arr_size(yyjson_mut_obj_get(item, "not_covered"));
		model_flag(model, item, "not_covered_any", not_covered > 0);
		has_uncovered |= not_covered > 0;
	}
	model_flag(&report->model, report->model.root, "has_uncovered", has_uncovered);
	report_put_short(report, report->model.root, "short_sources", "short_sources_left_out",
	                 report->entries, SHORT_SOURCES);
	max = yyjson_mut_arr_size(report->entries);
	if (max > REPORT_ROWS_MAX)
		yyjson_mut_arr_remove_range(report->entries, REPORT_ROWS_MAX, max - REPORT_ROWS_MAX);
	model_number(&report->model, report->model.root, "sources_left_out",
	             max > REPORT_ROWS_MAX ? max - REPORT_ROWS_MAX : 0);
}

/* ---- the page ---- */

static struct span report_as_of(const struct report *report)
{
	struct span latest = SPAN_EMPTY;

	for (size_t i = 0; i < report->source_count; i++)
		if (!latest.len || when_compare(report->sources[i].as_of, latest) > 0)
			latest = report->sources[i].as_of;
	return latest;
}

/* "hr is only as long as its file was": what nothing proves of lists that no service showed. */
static void report_put_unproved(struct report *report, uint64_t files)
{
	for (size_t i = 0; i < report->source_count && files == 1; i++)
		if (report->sources[i].is_file)
			buf_put_span(&report->text, report->sources[i].name);
	if (files == 1)
		buf_puts(&report->text, " is only as long as its file was");
	else
		report_put_note(report, files, "lists are only as long as their files were");
	if (files < report->source_count)
		buf_puts(&report->text, "; every list of a service was read to its proved end");
}

static void report_put_completeness(struct report *report, const struct sums *sums)
{
	struct model *model = &report->model;
	uint64_t missing = report_put_limits(report, sums->gaps);
	bool whole = !sums->gaps && !sums->selected && !missing;

	buf_clear(&report->text);
	report_put_note(report, sums->gaps,
	                sums->gaps == 1 ? "part could not be read" : "parts could not be read");
	report_put_note(report, sums->selected,
	                sums->selected == 1 ? "source is only a selection"
	                                    : "sources are only a selection");
	report_put_note(report, missing, missing == 1 ? "source is missing" : "sources are missing");
	model_flag(model, model->root, "is_complete", whole && !sums->files);
	model_flag(model, model->root, "is_incomplete", !whole);
	model_text(model, model->root, "incomplete", buf_span(&report->text));
	buf_clear(&report->text);
	if (whole && sums->files)
		report_put_unproved(report, sums->files);
	model_text(model, model->root, "unproved", buf_span(&report->text));
}

/* What accounts do not show, of how many: no source need name it. */
static void report_put_not_shown(struct report *report, const struct sums *sums)
{
	uint64_t asked = 0;
	const struct {
		const char *what;
		uint64_t number, of;
		const char *words;
	} parts[] = {
		{"the status", sums->statuses[REPORT_UNKNOWN], sums->accounts, ""},
		{"the type", sums->untyped, sums->accounts, ""},
		{"the last sign-in", sums->ages[AGE_NOT_SHOWN], 0,
	     " (without disabled and service accounts)"},
	};
	yyjson_mut_val *list = model_list(&report->model, report->model.root, "not_shown");

	for (int age = 0; age < REPORT_AGES; age++)
		asked += sums->ages[age];
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		uint64_t of = parts[i].of ? parts[i].of : asked;

		if (!parts[i].number)
			continue;
		buf_clear(&report->text);
		buf_puts(&report->text, parts[i].what);
		buf_puts(&report->text, " of ");
		template_put_number(&report->text, parts[i].number);
		buf_puts(&report->text, " of ");
		template_put_number(&report->text, of);
		buf_puts(&report->text, of == 1 ? " account" : " accounts");
		buf_puts(&report->text, parts[i].words);
		model_text(&report->model, model_item(&report->model, list), "text",
		           buf_span(&report->text));
	}
	model_flag(&report->model, report->model.root, "has_not_shown", yyjson_mut_arr_size(list) > 0);
}

static int source_compare(const void *a, const void *b)
{
	const struct report_source *one = a, *other = b;

	return span_compare(one->name, other->name);
}

/* The last point of the lines over time. */
static struct report_point sums_point(const struct sums *sums, struct span as_of, size_t sources)
{
	struct report_point point = {
		.never = sums->ages[AGE_NEVER],
		.not_shown = sums->ages[AGE_NOT_SHOWN],
		.memberships = sums->memberships,
		.sources = sources,
		.is_whole = !sums->gaps && !sums->selected,
	};

	memcpy(point.statuses, sums->statuses, sizeof point.statuses);
	for (int age = AGE_180_DAYS; age < AGE_NEVER; age++)
		point.old += sums->ages[age];
	if (as_of.len < WHEN_MAX)
		memcpy(point.as_of, as_of.data, as_of.len);
	return point;
}

static int report_put_snapshot(struct report *report, struct fault *fault)
{
	struct model *model = &report->model;
	struct sums sums = report_sums(report);
	struct span as_of = report_as_of(report);
	struct report_point now = sums_point(&sums, as_of, report->source_count);

	qsort(report->sources, report->source_count, sizeof *report->sources, source_compare);
	model_text(model, model->root, "as_of", as_of);
	model_number(model, model->root, "source_count", report->source_count);
	model_number(model, model->root, "accounts", sums.accounts);
	report_put_completeness(report, &sums);
	report_put_not_shown(report, &sums);
	report_put_sources(report);
	report_put_tiles(report, &sums);
	report->charts = model_list(model, model->root, "charts");
	report_chart_statuses(report);
	report_chart_ages(report, &sums);
	if (report->has_findings)
		report_chart_findings(report);
	top_sort(&report->largest);
	report_chart_groups(report, sums.blind_groups || sums.blind_sources);
	if (report_chart_points(report, &now, fault) < 0)
		return -1;
	report_put_people(report);
	report_put_top(report, &report->groups, "groups");
	model_flag(model, model->root, "has_groups", report->groups.count > 0);
	model_number(model, model->root, "groups_left_out", report->groups.seen - report->groups.count);
	model_flag(model, model->root, "has_gaps", sums.gaps > 0);
	model_number(model, model->root, "gaps_left_out", report->gaps_left_out);
	report_put_short(report, model->root, "short_snapshots", "snapshots_left_out",
	                 report->snapshots, SNAPSHOTS_SHOWN);
	report_put_command(report);
	return 0;
}

static void report_put_changes(struct report *report)
{
	struct model *model = &report->model;
	yyjson_mut_val *changes = yyjson_mut_obj_get(model->root, "changes");
	uint64_t total = yyjson_mut_get_uint(yyjson_mut_obj_get(changes, "total"));

	if (!changes)
		return;
	model_text(model, changes, "change_word", span_of(total == 1 ? "change" : "changes"));
	model_number(model, changes, "unknown_left_out", report->unknown_left_out);
	report_put_short(report, changes, "short_unknown", "short_unknown_left_out",
	                 yyjson_mut_obj_get(changes, "unknown"), SHORT_NOTES);
	report_put_short(report, changes, "short_not_compared", "short_not_compared_left_out",
	                 yyjson_mut_obj_get(changes, "not_compared"), SHORT_NOTES);
	report_put_short(report, changes, "short_compared", "short_compared_left_out",
	                 yyjson_mut_obj_get(changes, "compared"), SHORT_NOTES);
	if (!report->source_count) {
		yyjson_mut_val *after = yyjson_mut_obj_get(changes, "after");

		model_text(model, model->root, "as_of",
		           (struct span){yyjson_mut_get_str(after), yyjson_mut_get_len(after)});
	}
}

/* The SHA-256 of a part of the page as its policy names it (CSP level 3, section 2.3.1). */
static int report_put_hash(struct report *report, const char *name, struct span text,
                           struct fault *fault)
{
	unsigned char hash[EVP_MAX_MD_SIZE], base64[2 * EVP_MAX_MD_SIZE];
	unsigned len;

	if (!EVP_Digest(text.data, text.len, hash, &len, EVP_sha256(), NULL))
		return fault_memory(fault);
	EVP_EncodeBlock(base64, hash, (int)len);
	model_text(&report->model, report->model.root, name, span_of((char *)base64));
	return 0;
}

/* Was everything read, shown and decided? */
static bool report_is_all_known(const struct report *report)
{
	yyjson_mut_val *root = report->model.root, *findings = yyjson_mut_obj_get(root, "findings");

	return !yyjson_mut_get_bool(yyjson_mut_obj_get(root, "has_limits")) &&
	       !yyjson_mut_get_bool(yyjson_mut_obj_get(root, "has_not_shown")) &&
	       !yyjson_mut_get_bool(yyjson_mut_obj_get(findings, "has_undecided")) &&
	       !yyjson_mut_get_bool(yyjson_mut_obj_get(findings, "has_not_run"));
}

/* Gives the two long tables of the short page as many rows as there are lines for. */
static void report_share_lines(struct report *report, size_t lines)
{
	yyjson_mut_val *root = report->model.root;
	yyjson_mut_val *findings = yyjson_mut_obj_get(root, "findings");
	yyjson_mut_val *changes = yyjson_mut_obj_get(root, "changes");
	yyjson_mut_val *found = yyjson_mut_obj_get(findings, "rows");
	yyjson_mut_val *changed = yyjson_mut_obj_get(changes, "rows");
	size_t found_most = yyjson_mut_arr_size(found), changed_most = yyjson_mut_arr_size(changed);

	found_most = found_most < SHORT_ROWS ? found_most : SHORT_ROWS;
	changed_most = changed_most < SHORT_ROWS ? changed_most : SHORT_ROWS;
	if (changed_most > lines / 2)
		changed_most = found_most < lines / 2 ? lines - found_most : lines / 2;
	if (changed_most > yyjson_mut_arr_size(changed))
		changed_most = yyjson_mut_arr_size(changed);
	if (found_most > lines - changed_most)
		found_most = lines - changed_most;
	if (findings)
		report_put_short(report, findings, "short_rows", "short_left_out", found, found_most);
	if (changes)
		report_put_short(report, changes, "short_rows", "short_left_out", changed, changed_most);
}

/* The short page is written without its long tables first, to count what is left for them. */
static int report_put_page(struct report *report, struct buf *to, struct fault *fault)
{
	static const struct page *const pages[] = {&report_html, &report_md, &report_txt};
	static template_escape *const escapes[] = {markup_put_html, markup_put_markdown, inert_put};
	int format = report->options->format;
	size_t lines = 0;

	report_share_lines(report, 0);
	if (template_put(to, pages[format], escapes[format], report->model.root, fault) < 0)
		return -1;
	if (format != REPORT_MARKDOWN)
		return 0;
	for (size_t i = 0; i < to->len; i++)
		lines += to->data[i] == '\n';
	report_share_lines(report, lines < SHORT_LINES ? SHORT_LINES - lines : 0);
	buf_clear(to);
	return template_put(to, pages[format], escapes[format], report->model.root, fault);
}

static int report_fill(struct report *report, struct buf *to, struct fault *fault)
{
	struct model *model = &report->model;
	const char *title = report->options->title;

	if (!title)
		title = report->source_count ? "Who can get in" : "What changed";
	model_text(model, model->root, "title", span_of(title));
	buf_clear(&report->text);
	buf_puts(&report->text, report->options->tool ? report->options->tool : "report-snapshot");
	buf_puts(&report->text, " " ROLLCALL_VERSION);
	model_text(model, model->root, "tool", buf_span(&report->text));
	model_flag(model, model->root, "has_snapshot", report->source_count > 0);
	if (report->has_decisions && report_count_decisions(report, fault) < 0)
		return -1;
	if (report->source_count && report_put_snapshot(report, fault) < 0)
		return -1;
	report_put_changes(report);
	if (report_put_findings(report, fault) < 0)
		return -1;
	report_put_decisions(report);
	model_flag(model, model->root, "nothing_unknown", report_is_all_known(report));
	model_text(model, model->root, "style", report_css.text);
	model_text(model, model->root, "script", report_js.text);
	if (report_put_hash(report, "style_sha256", report_css.text, fault) < 0 ||
	    report_put_hash(report, "script_sha256", report_js.text, fault) < 0 ||
	    buf_check(&report->text, fault) < 0 || model_check(model, fault) < 0)
		return -1;
	if (report_put_page(report, to, fault) < 0)
		return -1;
	return model_check(model, fault);
}

int report_write(struct report *report, const char *path, struct fault *fault)
{
	struct buf page = {0};
	struct out out;
	int result = report_fill(report, &page, fault);

	if (result == 0)
		result = out_open(&out, path, fault);
	if (result == 0) {
		out_put(&out, buf_span(&page));
		result = out_close(&out, fault);
	}
	buf_release(&page);
	return result;
}
