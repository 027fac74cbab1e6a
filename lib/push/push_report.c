/* SPDX-License-Identifier: ISC */
/*
 * push_report: lines wait until all before them have come, or, in the text of a plan,
 * until all have come.
 */
#include "push/push_report.h"

#include "base/json_put.h"
#include "base/when.h"
#include "sys/undo.h"

#include <stdio.h>
#include <stdlib.h>

int push_report_open(struct push_report *report, size_t count, struct fault *fault)
{
	report->count = count;
	report->lines = calloc(count + 1, sizeof *report->lines);
	if (!report->lines)
		return fault_memory(fault);
	if (out_open(&report->out, NULL, fault) < 0)
		return -1;
	report->out.has_colors = report->is_text && report->color;
	return 0;
}

void push_report_release(struct push_report *report)
{
	for (size_t i = 0; report->lines && i < report->count; i++)
		buf_release(&report->lines[i]);
	free(report->lines);
	section_release(&report->section);
	buf_release(&report->out.pending);
	buf_release(&report->line);
}

int push_report_begin(struct push_report *report, const struct push_report_head *head, bool applied,
                      struct fault *fault)
{
	struct buf *line = &report->line;
	char now[WHEN_MAX], tool[64];

	report->applied = applied;
	if (report->is_text)
		return 0;
	snprintf(tool, sizeof tool, "%s %s", head->tool, ROLLCALL_VERSION);
	buf_clear(line);
	buf_putf(line, "{\"kind\":\"begin\",\"format\":%d,\"stage\":\"results\"", STREAM_FORMAT);
	json_put_member(line, "source", span_of(head->source));
	json_put_member(line, "provider", span_of(head->provider));
	json_put_member(line, "origin", span_of(head->origin));
	json_put_member(line, "dialect", span_of(head->dialect));
	buf_putf(line, ",\"applied\":%s", applied ? "true" : "false");
	json_put_member(line, "tool", span_of(tool));
	json_put_member(line, "started_at", span_of(when_now(now)));
	buf_puts(line, "}\n");
	if (buf_check(line, fault) < 0 ||
	    section_open(&report->section, &report->out, buf_span(line), fault) < 0)
		return -1;
	return out_flush(&report->out, fault);
}

/* Writes the lines that are due. A text line may be empty: what is so already has none. */
static int push_report_tell(struct push_report *report, struct fault *fault)
{
	for (; report->told < report->count && report->lines[report->told].data; report->told++) {
		struct buf *line = &report->lines[report->told];

		if (report->is_text)
			out_put(&report->out, buf_span(line));
		else
			section_put(&report->section, buf_span(line));
		if (out_flush(&report->out, fault) < 0)
			return -1;
		buf_release(line);
	}
	return 0;
}

int push_report_put(struct push_report *report, size_t at, const struct operation *operation,
                    const struct result *result, struct span earlier, struct fault *fault)
{
	struct buf *line = &report->lines[at];

	plan_tally_add(&report->tally, operation->op, result->outcome);
	report->statuses[result_status(result)] = true;
	buf_reserve(line, 1); /* so that it is there, even where it stays empty */
	if (!report->is_text)
		result_put(line, operation, result, report->applied, earlier);
	else if (plan_text_put(line, operation, result, report->color, fault) < 0)
		return -1;
	if (buf_check(line, fault) < 0)
		return -1;
	return report->is_text && !report->applied ? 0 : push_report_tell(report, fault);
}

/* ,"results":7,"outcomes":{"done":5,"failed":1,"refused":1},"statuses":[75,77] */
static void push_report_put_sums(struct push_report *report, struct buf *to)
{
	bool left[sizeof report->statuses];

	memcpy(left, report->statuses, sizeof left);
	buf_putf(to, ",\"results\":%zu,\"outcomes\":{", report->count);
	for (int outcome = 0; outcome < OUTCOMES; outcome++) {
		uint64_t sum = plan_tally_sum(&report->tally, (enum outcome)outcome);

		if (!sum)
			continue;
		json_array_next(to);
		buf_putf(to, "\"%s\":%llu", outcome_names[outcome], (unsigned long long)sum);
	}
	buf_puts(to, "},\"statuses\":[");
	for (;;) { /* the one that the run has comes first */
		int next = 0;

		for (int status = 1; status < (int)(sizeof left); status++)
			if (left[status])
				next = result_status_of_both(next, status);
		if (!next)
			break;
		left[next] = false;
		json_array_next(to);
		buf_putf(to, "%d", next);
	}
	buf_puts(to, "]");
}

static int push_report_end_stream(struct push_report *report, const char *stopped,
                                  uint64_t requests, struct fault *fault)
{
	struct buf before = {0};
	char now[WHEN_MAX];
	int result;

	push_report_put_sums(report, &before);
	if (*stopped)
		json_put_member(&before, "stopped", span_of(stopped));
	buf_putf(&before, ",\"requests\":%llu,\"finished_at\":\"%s\"", (unsigned long long)requests,
	         when_now(now));
	undo_hold(); /* a sealed section and a signal's status must not go together */
	result = section_close(&report->section, buf_text(&before), 0, "", fault);
	buf_release(&before);
	return result;
}

static int push_report_end_text(struct push_report *report, struct fault *fault)
{
	struct buf *line = &report->line;

	buf_clear(line);
	if (report->applied) {
		plan_text_put_end(line, &report->tally);
		buf_putc(line, '\n');
	} else {
		plan_text_put_head(line, &report->tally);
	}
	out_put(&report->out, buf_span(line));
	return buf_check(line, fault) < 0 ? -1 : push_report_tell(report, fault);
}

int push_report_end(struct push_report *report, const char *stopped, uint64_t requests,
                    struct fault *fault)
{
	int result = report->is_text ? push_report_end_text(report, fault)
	                             : push_report_end_stream(report, stopped, requests, fault);

	return result < 0 ? -1 : out_close(&report->out, fault);
}
