/* SPDX-License-Identifier: ISC */
/* report_put: tiles, charts with their tables, and short lists, as values of the page. */
#include "report/report_parts.h"

#include "report/template.h"

void report_put_tile(struct report *report, yyjson_mut_val *tiles, const char *tone,
                     const char *label)
{
	yyjson_mut_val *tile = model_item(&report->model, tiles);

	model_text(&report->model, tile, "tone", span_of(tone));
	model_text(&report->model, tile, "value", buf_span(&report->key));
	model_text(&report->model, tile, "label", span_of(label));
	model_text(&report->model, tile, "note", buf_span(&report->text));
	buf_clear(&report->key);
	buf_clear(&report->text);
}

void report_put_note(struct report *report, uint64_t number, const char *what)
{
	size_t len = strcspn(what, "|");

	if (!number)
		return;
	if (report->text.len)
		buf_puts(&report->text, ", ");
	template_put_number(&report->text, number);
	buf_putc(&report->text, ' ');
	buf_put(&report->text, what, len);
	if (what[len] && number != 1)
		buf_puts(&report->text, what + len + 1);
}

static void put_cell(struct model *model, yyjson_mut_val *list, const char *name, bool is_number)
{
	yyjson_mut_val *cell = model_item(model, list);

	model_text(model, cell, "name", span_of(name));
	model_flag(model, cell, "is_number", is_number);
}

/* A row of the table beside a chart, with the numbers from `parts` on. */
static void put_chart_row(struct model *model, yyjson_mut_val *rows, struct span label,
                          const uint64_t *parts, size_t count)
{
	yyjson_mut_val *row = model_item(model, rows), *cells;

	model_text(model, row, "label", label);
	cells = model_list(model, row, "cells");
	for (size_t i = 0; i < count; i++)
		model_number(model, model_item(model, cells), "number", parts[i]);
}

void report_put_chart(struct report *report, const struct chart *chart, const char *head,
                      const char *note, void (*draw)(struct buf *, const struct chart *))
{
	struct model *model = &report->model;
	yyjson_mut_val *item = model_item(model, report->charts), *heads, *rows, *legend;
	bool by_mark = draw == chart_put_columns;

	buf_clear(&report->text);
	draw(&report->text, chart);
	model_text(model, item, "title", span_of(chart->title));
	model_text(model, item, "svg", buf_span(&report->text));
	model_text(model, item, "note", span_of(note));
	legend = model_list(model, item, "legend");
	heads = model_list(model, item, "head");
	rows = model_list(model, item, "rows");
	put_cell(model, heads, head, false);
	for (size_t i = 0; i < chart->mark_count; i++) {
		const struct chart_mark *mark = &chart->marks[i];

		if (by_mark) {
			put_chart_row(model, rows, span_of(mark->name), &chart->rows->parts[i], 1);
			continue;
		}
		put_cell(model, heads, mark->name, true);
		model_text(model, model_item(model, legend), "name", span_of(mark->name));
		model_text(model, yyjson_mut_arr_get_last(legend), "class", span_of(mark->class));
		model_flag(model, yyjson_mut_arr_get_last(legend), "is_line", draw == chart_put_lines);
	}
	if (by_mark)
		put_cell(model, heads, "Accounts", true);
	for (size_t row = 0; row < chart->row_count && !by_mark; row++)
		put_chart_row(model, rows, chart->rows[row].label, chart->rows[row].parts,
		              chart->mark_count);
}

void report_put_short(struct report *report, yyjson_mut_val *object, const char *name,
                      const char *left_out, yyjson_mut_val *rows, size_t most)
{
	struct model *model = &report->model;
	yyjson_mut_val *list, *item;
	size_t i, max, count = yyjson_mut_arr_size(rows);

	yyjson_mut_obj_remove_key(object, name);
	yyjson_mut_obj_remove_key(object, left_out);
	list = model_list(model, object, name);

	yyjson_mut_arr_foreach(rows, i, max, item) if (i < most) model->failed |=
		!yyjson_mut_arr_append(list, yyjson_mut_val_mut_copy(model->doc, item));
	model_number(model, object, left_out, count > most ? count - most : 0);
}
