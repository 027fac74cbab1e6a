/* SPDX-License-Identifier: ISC */
/*
 * trace-snapshots: since when, and until when. See trace-snapshots(1).
 */
#include "base/ceiling.h"
#include "command.h"
#include "trace/trace.h"

#include <unistd.h>

struct options {
	struct trace_options trace;
	const char *output;
};

static const struct option_row rows[] = {
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
				"  trace-snapshots -o trace.ndjson store/*.ndjson\n",
	.about = "Says since when and until when each account, group, membership, role and\n"
			 "entitlement was there, by any number of snapshots in any order.\n",
	.ending = "Exit status: 0 done, 64 usage, 65 a snapshot is not valid or not complete, 66 a\n"
			  "file can not be opened, 73, 74 output can not be written.\n"
			  "See trace-snapshots(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = -1,
	.run = trace_snapshots_run,
};

int main(int argc, char **argv)
{
	struct options options = {.trace = {.format = TRACE_NDJSON, .memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
