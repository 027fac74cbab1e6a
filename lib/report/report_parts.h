/* SPDX-License-Identifier: ISC */
/*
 * report_parts: what the files of report share, and nobody else needs.
 */
#ifndef ROLLCALL_REPORT_PARTS_H
#define ROLLCALL_REPORT_PARTS_H

#include "report/chart.h"
#include "report/report.h"

enum {
	LARGEST_SHOWN = 12,   /* groups of the chart */
	SOURCES_CHARTED = 20, /* and columns of the table of checks */
	SHORT_LINES = 200,    /* of a Markdown page: the tables of findings and changes get the rest */
	SHORT_ROWS = 60,      /* and at most that */
	SHORT_NOTES = 8,
	SHORT_SOURCES = 12,
	SNAPSHOTS_SHOWN = 4, /* with their digests, on the first screen */
};

/* ---- report.c ---- */

enum report_status report_status_of(const struct record *user);

/* Its last sign-in: VALUE_NULL: never, VALUE_TEXT: at `utc`, VALUE_ABSENT: not shown, which
   a text that is no time is, too. */
int report_last_login(const struct record *user, char utc[WHEN_MAX]);

/* Is a time in UTC before a limit of whole seconds? */
bool report_is_before(const char utc[WHEN_MAX], const char limit[WHEN_MAX]);

/* Is it the digest of the records of a snapshot that was read? */
bool report_has_snapshot(const struct report *report, struct span sha256);

/* ---- report_sources.c ---- */

/* Makes the directory of this name, or that in the key of a record, the one at hand. 0 or -1. */
int report_take_source(struct report *report, struct span name, struct fault *fault);
int report_take_source_of(struct report *report, struct span key, struct fault *fault);

/* ---- report_groups.c ---- */

/* Remembers the group whose members a gap could not read. 0 or -1. */
int report_take_blind(struct report *report, const struct record *gap, struct fault *fault);

/* The user name of an account, else its id; borrowed until report->text changes. */
struct span report_subject_name(struct report *report, const struct access_subject *subject);

/* When all groups are known, before the first subject: whose members are named. 0 or -1. */
int report_begin_groups(struct report *report, struct fault *fault);
void report_release_groups(struct report *report);

/* Counts the subject, whose place in the order of names is in report->key, in its groups.
   0 or -1. */
int report_count_members(struct report *report, const struct access_subject *subject,
                         struct fault *fault);

/* A group of the snapshot at hand, after its last subject. 0 or -1. */
int report_put_group(struct report *report, uint32_t place, struct fault *fault);

/* ---- report_points.c ---- */

/* When the last of the sources of a begin line was read; empty: there is none. */
struct span report_latest(yyjson_val *sources);

/* Critical first. */
extern const char *const report_severity_words[REPORT_SEVERITIES];

/* The place of a word; that of info where there is no such word. */
int report_severity_find(struct span word);

/* The lines of a finding stream, now or of an older day, as they are counted in a point. */
struct finding_count {
	struct report_finding_point *point;
	struct buf last; /* the privileged account before */
};
void finding_count_begin(struct finding_count *count, yyjson_val *begin);
void finding_count_line(struct finding_count *count, yyjson_val *line);

/* Appends the lines over time to the charts: the older points, and `now`. 0 or -1. */
int report_chart_points(struct report *report, const struct report_point *now, struct fault *fault);

/* ---- report_limits.c ---- */

/* Lists what the page can not show, of `gaps` parts that could not be read the first. Returns
   how many sources are missing. */
uint64_t report_put_limits(struct report *report, uint64_t gaps);

/* ---- report_inputs.c ---- */

/* Appends a file that the page is made from, by the option it came with ("": a snapshot).
   begin_sha256 may be empty. */
void report_put_input(struct report *report, const char *option, const char *path,
                      struct span sha256, struct span begin_sha256);

/* The command that makes the page again, and the snapshots and decisions as the commands for all
   rows of a table have them. */
void report_put_command(struct report *report);

/* The stream as the member `file` of its chapter; empty: it was standard input. */
void report_put_file(struct report *report, yyjson_mut_val *chapter, const char *path);

/* ---- report_put.c ---- */

/* Appends "3 never" to the note of the tile at hand; nothing for 0. A plural s stands after
   a bar: "account|s". */
void report_put_note(struct report *report, uint64_t number, const char *what);

/* Puts the tile at hand: its value stands in report->key, its note in report->text. `tone`
   is "", "watch" or "alarm". */
void report_put_tile(struct report *report, yyjson_mut_val *tiles, const char *tone,
                     const char *label);

/* Draws the chart with its table, whose first column is `head`. A histogram has its marks
   in rows. */
void report_put_chart(struct report *report, const struct chart *chart, const char *head,
                      const char *note, void (*draw)(struct buf *, const struct chart *));

/* The first rows of a list as a list of another name, for the short page, and how many are
   left out. What stood there is replaced. */
void report_put_short(struct report *report, yyjson_mut_val *object, const char *name,
                      const char *left_out, yyjson_mut_val *rows, size_t most);

/* ---- report_findings.c ---- */

void report_put_finding_tile(struct report *report, yyjson_mut_val *tiles);
void report_put_privileged_tile(struct report *report, yyjson_mut_val *tiles, uint64_t accounts);
void report_chart_findings(struct report *report);
int report_put_findings(struct report *report, struct fault *fault); /* 0 or -1 */

/* ---- report_checks.c ---- */

/* What one check says of one source. */
struct report_tally {
	struct span check, source, why;
	uint64_t subjects, ok, found, unknown, excepted;
	bool accepted;
	bool matters; /* what was found is not only for information */
	bool has_row; /* of the check: a finding is shown */
};

/* Checks down, sources across. Tallies come check by check. */
void report_put_matrix(struct report *report, yyjson_mut_val *findings);
void report_put_undecided(struct report *report, yyjson_mut_val *findings);

/* ---- report_decisions.c ---- */

/* After the last snapshot: what of the decisions is so. 0 or -1. */
int report_count_decisions(struct report *report, struct fault *fault);
void report_put_decision_tile(struct report *report, yyjson_mut_val *tiles);
void report_put_decisions(struct report *report);

#endif
