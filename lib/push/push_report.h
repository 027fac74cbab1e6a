/* SPDX-License-Identifier: ISC */
/*
 * push_report: the results of a run, for programs (a sealed result stream,
 * rollcall-stream(5)) or for people (text), in the order of the plan.
 *
 * The text of a plan begins with its sums, so it comes when all is known; a result of
 * a run that changes things comes as soon as those before it have come.
 */
#ifndef ROLLCALL_PUSH_REPORT_H
#define ROLLCALL_PUSH_REPORT_H

#include "push/plan_text.h"

struct push_report {
	bool is_text, color;
	bool applied; /* things are changed, or would be */
	struct out out;
	struct section_writer section;
	struct buf *lines; /* of each operation: its result, until it is written */
	size_t count, told;
	struct plan_tally tally;
	bool statuses[128]; /* exit statuses that operations asked for */
	struct buf line;    /* scratch */
};

/* What the begin line of the stream says. */
struct push_report_head {
	const char *source, *provider, *origin, *dialect, *tool;
};

/* For a plan of `count` operations, on stdout. 0 or -1; push_report_release is due in both
   cases. */
int push_report_open(struct push_report *report, size_t count, struct fault *fault);
void push_report_release(struct push_report *report);

int push_report_begin(struct push_report *report, const struct push_report_head *head, bool applied,
                      struct fault *fault);

/* The operation at `at` has come to this result; `earlier` as result_put takes it. 0 or -1. */
int push_report_put(struct push_report *report, size_t at, const struct operation *operation,
                    const struct result *result, struct span earlier, struct fault *fault);

/* Ends and closes it. `stopped`: why nothing was changed, or empty. 0 or -1. */
int push_report_end(struct push_report *report, const char *stopped, uint64_t requests,
                    struct fault *fault);

#endif
