/* SPDX-License-Identifier: ISC */
/*
 * report_checks: the table of checks by source, and what was not decided.
 */
#include "report/report_parts.h"

static void put_matrix_cell(struct model *model, yyjson_mut_val *cells,
                            const struct report_tally *tally)
{
	static const struct report_tally none = {.subjects = 0};
	yyjson_mut_val *cell = model_item(model, cells);

	/* a source that is missing has no answers at all; its cells stay empty */
	model_flag(model, cell, "is_none", tally && !tally->subjects);
	tally = tally ? tally : &none;
	model_flag(model, cell, "matters", tally->matters);
	model_number(model, cell, "subjects", tally->subjects);
	model_number(model, cell, "found", tally->found);
	model_number(model, cell, "unknown", tally->unknown);
	model_number(model, cell, "excepted", tally->excepted);
	model_flag(model, cell, "is_ok", tally->ok && tally->ok == tally->subjects);
}

static const struct report_tally *report_find_tally(const struct report *report, struct span check,
                                                    struct span source)
{
	for (size_t i = 0; i < report->tally_count; i++)
		if (span_is(report->tallies[i].check, check) && span_is(report->tallies[i].source, source))
			return &report->tallies[i];
	return NULL;
}

/* What the check finds, its default and whose that is, and the numbers that it went by. */
static void put_matrix_words(struct report *report, yyjson_mut_val *row, struct span name)
{
	yyjson_mut_val *about = yyjson_mut_obj_getn(report->about, name.data, name.len);
	static const char *const words[] = {"finds", "default"};
	yyjson_mut_val *setting, *number;
	size_t i, max;

	for (i = 0; i < 2; i++) {
		const char *text = yyjson_mut_get_str(yyjson_mut_obj_get(about, words[i]));

		model_text(&report->model, row, words[i], span_of(text ? text : ""));
	}
	buf_clear(&report->text);
	if (yyjson_mut_is_obj(report->set))
		yyjson_mut_obj_foreach(report->set, i, max, setting, number)
		{
			const char *word = yyjson_mut_get_str(setting);
			struct span key = {word, yyjson_mut_get_len(setting)};

			if (!word || key.len <= name.len || !span_begins(key, name) ||
			    key.data[name.len] != '.')
				continue;
			buf_puts(&report->text, report->text.len ? ", " : "");
			buf_put_span(&report->text, key);
			buf_puts(&report->text, " = ");
			if (yyjson_mut_is_raw(number)) /* numbers keep their digits */
				buf_puts(&report->text, yyjson_mut_get_raw(number));
		}
	model_text(&report->model, row, "set", buf_span(&report->text));
}

void report_put_matrix(struct report *report, yyjson_mut_val *findings)
{
	struct model *model = &report->model;
	yyjson_mut_val *heads = model_list(model, findings, "check_sources");
	yyjson_mut_val *checks = model_list(model, findings, "checks");

	for (size_t i = 0; i < report->column_count && i < SOURCES_CHARTED; i++) {
		yyjson_mut_val *head = model_item(model, heads);

		model_text(model, head, "name", report->columns[i].name);
		model_flag(model, head, "is_missing", report->columns[i].is_missing);
	}
	model_number(model, findings, "check_sources_left_out",
	             report->column_count > SOURCES_CHARTED ? report->column_count - SOURCES_CHARTED
	                                                    : 0);
	for (size_t i = 0; i < report->tally_count; i++) {
		struct span name = report->tallies[i].check;
		yyjson_mut_val *row, *cells;

		if (i && span_is(report->tallies[i - 1].check, name))
			continue;
		row = model_item(model, checks);
		model_text(model, row, "name", name);
		model_flag(model, row, "has_row", report->tallies[i].has_row);
		put_matrix_words(report, row, name);
		cells = model_list(model, row, "cells");
		for (size_t at = 0; at < report->column_count && at < SOURCES_CHARTED; at++)
			put_matrix_cell(model, cells,
			                report_find_tally(report, name, report->columns[at].name));
	}
}

void report_put_undecided(struct report *report, yyjson_mut_val *findings)
{
	struct model *model = &report->model;
	yyjson_mut_val *list = model_list(model, findings, "undecided");

	for (size_t i = 0; i < report->tally_count; i++) {
		const struct report_tally *tally = &report->tallies[i];
		yyjson_mut_val *item;

		if (!tally->unknown || tally->accepted)
			continue;
		if (yyjson_mut_arr_size(list) == REPORT_ROWS_MAX) {
			report->undecided_left_out++;
			continue;
		}
		item = model_item(model, list);
		model_text(model, item, "check", tally->check);
		model_text(model, item, "source", tally->source);
		model_text(model, item, "why", tally->why);
		model_number(model, item, "unknown", tally->unknown);
		model_number(model, item, "subjects", tally->subjects);
	}
	model_flag(model, findings, "has_undecided", yyjson_mut_arr_size(list) > 0);
}
