/* SPDX-License-Identifier: ISC */
/*
 * report-snapshot: one page that an auditor, a manager and a board read. See
 * report-snapshot(1).
 */
#include "base/ceiling.h"
#include "command.h"
#include "report/report.h"

#include <stdlib.h>

struct options {
	struct report_options report;
	const char *output, *changes, *findings, *decisions;
	struct command_files before, findings_before;
};

static int parse_findings_before(void *value, const char *text, struct fault *fault)
{
	return *text ? command_parse_before(value, text, fault)
	             : fault_set(fault, FAULT_USAGE, "--findings-before is empty: give older findings");
}

static const struct option_row rows[] = {
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_WORD("format", "FORMAT", "html, markdown (short, for mail and tickets)\nor text",
                struct options, report.format, report_format_names, 0, REPORT_FORMATS - 1),
	OPTION_TEXT("title", "TEXT", "the title of the page", struct options, report.title),
	OPTION_TEXT("findings", "FILE", "findings of check-snapshot: chapters of them", struct options,
                findings),
	OPTION_TEXT("changes", "FILE", "a change stream of diff-snapshot: a chapter of changes",
                struct options, changes),
	OPTION_TEXT("decisions", "FILE", "the decision stream of a review: a chapter of it",
                struct options, decisions),
	OPTION_PARSE("before", "OLD", "an older snapshot, for the lines over time; repeatable",
                 struct options, before, command_parse_before),
	OPTION_PARSE("findings-before", "OLD", "older findings, for the lines over time; repeatable",
                 struct options, findings_before, parse_findings_before),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, report.memory, MEMORY_MIN, MEMORY_MAX),
	{0},
};

/* All that is read, for the sandbox. The caller's; NULL: no memory. */
static char **all_files(const struct options *options, char **snapshots)
{
	size_t count = 0, at = 0;
	char **files;

	while (snapshots[count])
		count++;
	files =
		calloc(count + options->before.count + options->findings_before.count + 4, sizeof *files);
	if (!files)
		return NULL;
	for (; at < count; at++)
		files[at] = snapshots[at];
	for (size_t i = 0; i < options->before.count; i++)
		files[at++] = (char *)options->before.names[i];
	for (size_t i = 0; i < options->findings_before.count; i++)
		files[at++] = (char *)options->findings_before.names[i];
	if (options->findings)
		files[at++] = (char *)options->findings;
	if (options->decisions)
		files[at++] = (char *)options->decisions;
	if (options->changes)
		files[at] = (char *)options->changes;
	return files;
}

static int read_all(struct report *report, const struct options *options, char **snapshots,
                    struct fault *fault)
{
	if (options->decisions && report_read_decisions(report, options->decisions, fault) < 0)
		return -1;
	for (; *snapshots; snapshots++)
		if (report_read(report, *snapshots, fault) < 0)
			return -1;
	for (size_t i = 0; i < options->before.count; i++)
		if (report_read_before(report, options->before.names[i], fault) < 0)
			return -1;
	for (size_t i = 0; i < options->findings_before.count; i++)
		if (report_read_findings_before(report, options->findings_before.names[i], fault) < 0)
			return -1;
	if (options->findings && report_read_findings(report, options->findings, fault) < 0)
		return -1;
	return options->changes ? report_read_changes(report, options->changes, fault) : 0;
}

static int report_snapshot_run(void *into, char **snapshots, int *status, struct fault *fault)
{
	static char *standard_input[] = {"-", NULL};
	struct options *options = into;
	struct report report = {0};
	char **files;
	int result;

	(void)status;
	if (!*snapshots)
		snapshots = standard_input;
	files = all_files(options, snapshots);
	if (!files)
		return fault_memory(fault);
	for (char **file = files; *file; file++)
		if (strcmp(*file, "-") == 0)
			command_await("a snapshot");
	result = command_confine(files, options->output, fault);
	if (result == 0)
		result = report_open(&report, &options->report, fault);
	if (result == 0)
		result = read_all(&report, options, snapshots, fault);
	if (result == 0)
		result = report_write(&report, options->output, fault);
	report_release(&report);
	free(files);
	free(options->before.names);
	free(options->findings_before.names);
	return result;
}

static const struct command command = {
	.name = "report-snapshot",
	.usage = "[OPTION...] [SNAPSHOT...]\n",
	.examples = "  report-snapshot -o report.html today.ndjson\n"
				"  report-snapshot -o report.html --changes changes.ndjson today.ndjson\n"
				"  report-snapshot --format markdown today.ndjson >>$GITHUB_STEP_SUMMARY\n",
	.about = "Makes one page of snapshots for people: who can get in, in numbers, charts\n"
			 "and tables, and what nobody can know. The page asks for nothing and needs no\n"
			 "network; the same snapshots make the same bytes.\n",
	.ending = "Exit status: 0 done, 64 usage, 65 a stream is not valid or not complete, 66 a\n"
			  "file can not be opened, 73, 74 the page can not be written, 78 no sandbox here.\n"
			  "See report-snapshot(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = -1,
	.run = report_snapshot_run,
};

int main(int argc, char **argv)
{
	struct options options = {.report = {.format = REPORT_HTML, .memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
