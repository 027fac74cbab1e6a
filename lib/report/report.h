/* SPDX-License-Identifier: ISC */
/*
 * report: what people look at: one page that says who can get in, what was found, what
 * changed and what nobody can know, as HTML, Markdown or text.
 *
 * Streams are read first, each to its proved end; then the page is written. Nothing in it
 * comes from the clock, the machine or its settings: the same streams give the same bytes.
 * Memory does not grow with the directory, but for groups: a table holds its first
 * REPORT_ROWS_MAX rows and says how many more there are.
 */
#ifndef ROLLCALL_REPORT_H
#define ROLLCALL_REPORT_H

#include "access/gaps.h"
#include "access/sight.h"
#include "report/model.h"
#include "report/top.h"

enum { REPORT_ROWS_MAX = 1000 };

enum report_format { REPORT_HTML, REPORT_MARKDOWN, REPORT_TEXT, REPORT_FORMATS };

extern const char *const report_format_names[REPORT_FORMATS];

struct report_options {
	const char *title; /* borrowed; NULL: the usual one */
	const char *tool;  /* borrowed; the program that the page names; NULL: report-snapshot */
	int format;        /* enum report_format */
	size_t memory;     /* bytes for the memberships that wait */
};

/* How long ago an account signed in last, counted from when it was read. */
enum report_age {
	AGE_30_DAYS,
	AGE_90_DAYS,
	AGE_180_DAYS,
	AGE_365_DAYS,
	AGE_OLDER,
	AGE_NEVER,
	AGE_NOT_SHOWN,
	REPORT_AGES,
};

enum { REPORT_SEVERITIES = 5 }; /* critical first */

enum report_status { REPORT_ENABLED, REPORT_DISABLED, REPORT_UNKNOWN, REPORT_STATUSES };

/* What is known of a directory. */
struct report_source {
	struct span name, as_of;
	uint64_t statuses[REPORT_STATUSES];
	uint64_t people, services, untyped; /* accounts by type */
	uint64_t ages[REPORT_AGES];         /* of accounts that are not disabled, no service accounts */
	uint64_t disabled_in_groups;
	uint64_t groups, empty_groups, nestings, memberships, gaps, unlisted;
	uint64_t blind_groups;        /* of which not all direct members could be read */
	struct gaps lists;            /* that could not be read */
	bool is_file;                 /* not read from a service: nothing proves its end */
	bool is_selected, is_checked; /* checked: the findings are of it, too */
	char days_ago[AGE_OLDER][WHEN_MAX];
};

/* A source of the findings: of the snapshot, or one that it should have. */
struct report_column {
	struct span name;
	uint64_t severities[REPORT_SEVERITIES]; /* of findings */
	bool is_missing;
};

struct report_members {
	uint64_t direct, effective;
	uint64_t last;   /* what the key of the last named member begins with, if no more are named */
	uint32_t named;  /* its place in `named`, plus 1; 0: its members are not named */
	bool is_blind;   /* not all direct members could be read */
	bool is_partial; /* nor those of a group in it */
};

/* One point of the lines over time: a snapshot. */
struct report_point {
	char as_of[WHEN_MAX];
	uint64_t statuses[REPORT_STATUSES];
	uint64_t old, never, not_shown; /* last sign-ins, as ages has them; old: over 90 days */
	uint64_t memberships;
	size_t sources;
	bool is_whole; /* without gaps and selections */
};

/* The same of a finding stream. */
struct report_finding_point {
	char as_of[WHEN_MAX];
	uint64_t severities[REPORT_SEVERITIES];
	/* if has_privileged, if that was looked for: accounts, and members that no list shows */
	uint64_t privileged, unlisted;
	bool has_privileged;
};

struct report {
	const struct report_options *options;
	struct access access;
	struct model model;
	struct arena texts;
	struct report_source *sources; /* of all snapshots */
	size_t source_count, source_cap, first_source;
	struct report_source *source; /* of the record at hand */
	const char *path;             /* of the snapshot at hand */
	struct buf source_line;       /* the source of the membership at hand, as its line has it */
	struct report_point *points;
	size_t point_count, point_cap;
	struct report_finding_point *finding_points, finding_point; /* older ones; the one at hand */
	size_t finding_point_count, finding_point_cap;
	struct top people, groups, largest;
	struct report_members *members; /* of each group of the snapshot at hand */
	struct span *blind; /* the keys of groups of the snapshot at hand that a gap names */
	size_t blind_count, blind_cap;
	struct top *named; /* the first members of the groups that may be shown */
	size_t named_count;
	uint64_t gaps_left_out, findings_left_out, exceptions_left_out, privileged_left_out;
	uint64_t undecided_left_out, unknown_left_out; /* unknown: of the changes */
	struct report_column *columns;                 /* of the table of checks */
	size_t column_count, column_cap, column_at;    /* at: of the finding before */
	struct set older_places;                       /* of the sources of older snapshots */
	struct report_tally *tallies;                  /* of the finding stream */
	size_t tally_count, tally_cap, tally_at;       /* at: of the finding before */
	bool has_findings;
	yyjson_mut_val *about, *set; /* of the begin line of the findings */
	struct sight sight;          /* of the decisions of a review */
	bool has_decisions;
	bool is_reviewed; /* a snapshot of the page is the one that was reviewed */
	struct {
		uint64_t gone, there, not_seen; /* what was revoked */
		uint64_t missing;               /* what was to be kept */
	} decided;
	struct report_decider *deciders;
	size_t decider_count, decider_cap;
	struct set decider_places;
	struct buf key, row, text;
	struct json_reader json;
	/* lists of the model; older: the sources of older snapshots */
	yyjson_mut_val *gaps, *entries, *snapshots, *charts, *inputs, *older;
};

/* Borrows the options. 0 or -1; report_release is due in both cases. */
int report_open(struct report *report, const struct report_options *options, struct fault *fault);
void report_release(struct report *report);

/* Each reads one stream (FILE or "-") to its proved end. Findings and changes must be those of
   a snapshot that was read before them (FAULT_DATA); changes may also come alone. 0 or -1. */
int report_read(struct report *report, const char *path, struct fault *fault);

/* The decisions of a review are read before the snapshots. */
int report_read_decisions(struct report *report, const char *path, struct fault *fault);
int report_read_before(struct report *report, const char *path, struct fault *fault);
int report_read_findings_before(struct report *report, const char *path, struct fault *fault);
int report_read_findings(struct report *report, const char *path, struct fault *fault);
int report_read_changes(struct report *report, const char *path, struct fault *fault);

/* Writes the page to `path` as out_open takes it. 0 or -1. */
int report_write(struct report *report, const char *path, struct fault *fault);

#endif
