/* SPDX-License-Identifier: ISC */
/*
 * report_limits: what a page can not show, for its first lines: parts that could not be read,
 * selections, sources that are missing or that nobody checked, and what a service never
 * shows. Each kind has its first few, and says how many more there are.
 */
#include "report/report_parts.h"

#include "report/template.h"

enum { LIMITS_SHOWN = 3 };

/* The limits of one kind, of which the first are shown. */
struct limits {
	struct report *report;
	yyjson_mut_val *list, *all; /* all: also in the chapter, which has the rest otherwise */
	const char *word;
	uint64_t seen, known; /* known: those that are counted, of which not all are handed over */
};

/* Ends the limits before, if some were left out. */
static void limits_begin(struct limits *limits, const char *word, uint64_t known)
{
	struct model *model = &limits->report->model;
	struct buf *text = &limits->report->text;
	uint64_t all = limits->known > limits->seen ? limits->known : limits->seen;

	if (all > LIMITS_SHOWN) {
		yyjson_mut_val *item = model_item(model, limits->list);

		buf_clear(text);
		template_put_number(text, all - LIMITS_SHOWN);
		buf_puts(text, " more");
		model_text(model, item, "word", span_of(limits->word));
		model_text(model, item, "text", buf_span(text));
	}
	limits->word = word;
	limits->seen = 0;
	limits->known = known;
}

static void limits_put_to(struct limits *limits, yyjson_mut_val *list)
{
	struct model *model = &limits->report->model;
	yyjson_mut_val *item = model_item(model, list);

	model_text(model, item, "word", span_of(limits->word));
	model_text(model, item, "text", buf_span(&limits->report->text));
}

/* Puts what stands in report->text. */
static void limits_put(struct limits *limits)
{
	if (limits->seen++ < LIMITS_SHOWN)
		limits_put_to(limits, limits->list);
	if (limits->all && limits->seen <= REPORT_ROWS_MAX)
		limits_put_to(limits, limits->all);
}

static void limits_put_member(struct buf *to, const char *before, yyjson_mut_val *item,
                              const char *name)
{
	yyjson_mut_val *value = yyjson_mut_obj_get(item, name);

	const char *text = yyjson_mut_get_str(value);

	if (!text || !*text)
		return;
	buf_puts(to, before);
	buf_put(to, text, yyjson_mut_get_len(value));
}

static void limits_put_source(struct limits *limits, struct span name, const char *says)
{
	struct buf *text = &limits->report->text;

	buf_clear(text);
	buf_put_span(text, name);
	buf_puts(text, says);
	limits_put(limits);
}

static void limits_put_gaps(struct limits *limits)
{
	struct buf *text = &limits->report->text;
	yyjson_mut_val *gap;
	size_t i, max;

	yyjson_mut_arr_foreach(limits->report->gaps, i, max, gap)
	{
		buf_clear(text);
		limits_put_member(text, "", gap, "source");
		limits_put_member(text, ": ", gap, "scope");
		limits_put_member(text, " of ", gap, "id");
		limits_put_member(text, ": ", gap, "reason");
		limits_put(limits);
	}
}

static void limits_put_selections(struct limits *limits)
{
	struct buf *text = &limits->report->text;
	yyjson_mut_val *source;
	size_t i, max;

	yyjson_mut_arr_foreach(limits->report->entries, i, max, source)
	{
		if (!yyjson_mut_get_len(yyjson_mut_obj_get(source, "select")))
			continue;
		buf_clear(text);
		limits_put_member(text, "", source, "source");
		limits_put_member(text, ": ", source, "select");
		limits_put(limits);
	}
}

/* Does the page have it, or say already that it is missing? */
static bool limits_know(const struct report *report, struct span name)
{
	for (size_t i = 0; i < report->source_count; i++)
		if (span_is(report->sources[i].name, name))
			return true;
	for (size_t i = 0; i < report->column_count; i++)
		if (span_is(report->columns[i].name, name))
			return true;
	return false;
}

/* What the policy names, and what an older snapshot has. */
static void limits_put_missing(struct limits *limits)
{
	struct report *report = limits->report;
	yyjson_mut_val *older;
	size_t i, max;

	for (i = 0; i < report->column_count; i++)
		if (report->columns[i].is_missing)
			limits_put_source(limits, report->columns[i].name,
			                  ": the policy names this source, and no snapshot has it");
	yyjson_mut_arr_foreach(report->older, i, max, older)
	{
		struct span name = {yyjson_mut_get_str(older), yyjson_mut_get_len(older)};

		if (!limits_know(report, name))
			limits_put_source(limits, name, ": an older snapshot has this source");
	}
}

/* Lists that no service ends with a count or a last page. */
static void limits_put_unproved(struct limits *limits)
{
	struct report *report = limits->report;

	for (size_t i = 0; i < report->source_count; i++)
		if (report->sources[i].is_file)
			limits_put_source(limits, report->sources[i].name,
			                  ": nobody can see that lines are missing at the end of the file");
}

static void limits_put_unchecked(struct limits *limits)
{
	struct report *report = limits->report;

	for (size_t i = 0; i < report->source_count && report->has_findings; i++)
		if (!report->sources[i].is_checked)
			limits_put_source(limits, report->sources[i].name,
			                  ": the findings are not of this source");
}

static void limits_put_uncovered(struct limits *limits)
{
	struct buf *text = &limits->report->text;
	yyjson_mut_val *source, *words;
	size_t i, max, j, count;

	yyjson_mut_arr_foreach(limits->report->entries, i, max, source)
	{
		if (!yyjson_mut_arr_size(yyjson_mut_obj_get(source, "not_covered")))
			continue;
		buf_clear(text);
		limits_put_member(text, "", source, "source");
		yyjson_mut_arr_foreach(yyjson_mut_obj_get(source, "not_covered"), j, count, words)
		{
			const char *word = yyjson_mut_get_str(words);

			buf_puts(text, j ? ", " : ": ");
			buf_puts(text, word ? word : "");
		}
		limits_put(limits);
	}
}

uint64_t report_put_limits(struct report *report, uint64_t gaps)
{
	struct model *model = &report->model;
	yyjson_mut_val *all = model_list(model, model->root, "not_whole");
	struct limits limits = {.report = report, .list = model_list(model, model->root, "limits")};
	uint64_t missing;

	limits_begin(&limits, "Not readable", gaps);
	limits_put_gaps(&limits);
	limits_begin(&limits, "Only a selection", 0);
	limits.all = all;
	limits_put_selections(&limits);
	limits_begin(&limits, "Missing", 0);
	limits_put_missing(&limits);
	missing = limits.seen;
	limits_begin(&limits, "Not proved", 0);
	limits_put_unproved(&limits);
	limits_begin(&limits, "Not checked", 0);
	limits_put_unchecked(&limits);
	limits_begin(&limits, "Not covered", 0);
	limits.all = NULL;
	limits_put_uncovered(&limits);
	limits_begin(&limits, "", 0);
	model_flag(model, model->root, "has_limits", yyjson_mut_arr_size(limits.list) > 0);
	model_flag(model, model->root, "has_not_whole", yyjson_mut_arr_size(all) > 0);
	return missing;
}
