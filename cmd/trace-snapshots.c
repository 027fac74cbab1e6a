/* SPDX-License-Identifier: ISC */
/*
 * trace-snapshots: since when, and until when. See trace-snapshots(1).
 */
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/when.h"
#include "command.h"
#include "table/xlsx_out.h"
#include "trace/trace.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct options {
	struct trace_options trace;
	char since[WHEN_MAX];
	const char *output;
};

/* A time, or a day. */
static int parse_since(void *value, const char *text, struct fault *fault)
{
	char whole[WHEN_MAX];
	int64_t seconds;

	snprintf(whole, sizeof whole, "%s%s", text, strlen(text) == 10 ? "T00:00:00Z" : "");
	if (strlen(text) >= WHEN_MAX - 10 || !when_seconds(span_of(whole), &seconds))
		return fault_set(fault, FAULT_USAGE,
		                 "--since takes a day such as 2026-03-02 or a time such as "
		                 "2026-03-02T08:00:00Z, not '%s'",
		                 INERT(span_of(text)));
	memcpy(value, whole, sizeof whole);
	return 0;
}

static const struct option_row rows[] = {
	OPTION_HEADING("The question"),
	OPTION_WORD("by", "WHAT", "intervals of each access, of accounts, or of groups\n(access)",
                struct options, trace.by, trace_by_names, 0, TRACE_BYS - 1),
	OPTION_TEXT("user", "NAME", "only who was called so (user name, e-mail or id)", struct options,
                trace.user),
	OPTION_TEXT("group", "NAME", "only who was in a group called so (name or id)", struct options,
                trace.group),
	OPTION_PARSE("since", "WHEN", "only what began or ended from this day or time on",
                 struct options, since, parse_since),
	OPTION_HEADING("The answer"),
	OPTION_WORD("format", "FORMAT", "text (on a terminal), ndjson (elsewhere) or csv",
                struct options, trace.format, trace_format_names, 0, TRACE_FORMATS - 1),
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, trace.memory, MEMORY_MIN, MEMORY_MAX),
	{0},
};

static int write_intervals(struct trace *trace, const struct options *options, struct fault *fault)
{
	struct out out;

	if (out_open(&out, options->output, fault) < 0)
		return -1;
	if (trace_write(trace, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

static int trace_snapshots_run(void *into, char **files, int *status, struct fault *fault)
{
	static char *standard_input[] = {"-", NULL};
	struct options *options = into;
	struct trace trace = {0};
	bool has_stdin = false;
	int result;

	(void)status;
	if (options->since[0])
		options->trace.since = options->since;
	if (options->trace.format < 0)
		options->trace.format =
			!options->output && isatty(STDOUT_FILENO) ? TRACE_TEXT : TRACE_NDJSON;
	if (!*files)
		files = standard_input;
	for (char **file = files; *file; file++) {
		if (strcmp(*file, "-") != 0)
			continue;
		if (has_stdin)
			return fault_set(fault, FAULT_USAGE, "only one input can be standard input");
		has_stdin = true;
		command_await("a snapshot");
	}
	result = command_confine(files, options->output, fault);
	if (result == 0 &&
	    (trace_open(&trace, &options->trace, files, fault) < 0 || trace_read(&trace, fault) < 0 ||
	     write_intervals(&trace, options, fault) < 0))
		result = -1;
	trace_release(&trace);
	return result;
}

static const struct command command = {
	.name = "trace-snapshots",
	.usage = "[OPTION...] [SNAPSHOT...]\n",
	.examples = "  trace-snapshots store/*.ndjson.zst\n"
				"  trace-snapshots --format text --group Admins --since 2026-03-01 store/*.ndjson\n"
				"  trace-snapshots -o trace.ndjson store/*.ndjson\n",
	.about = "Says since when and until when each account, group, membership, role and\n"
			 "entitlement was there, by any number of snapshots in any order.\n",
	.ending = "Exit status: 0 done, 64 usage, 65 a snapshot is not valid or not complete, 66 a\n"
			  "file can not be opened, 73, 74 output can not be written.\n"
			  "See trace-snapshots(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = -1,
	.libraries = {xlsx_out_library},
	.run = trace_snapshots_run,
};

int main(int argc, char **argv)
{
	struct options options = {.trace = {.format = -1, .memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
