/* SPDX-License-Identifier: ISC */
/*
 * check-snapshot: found, ok, excepted, or not decided. See check-snapshot(1).
 */
#include "base/ceiling.h"
#include "check/check.h"
#include "command.h"
#include "jq/filter.h"
#include "jq/jq_guard.h"

#include <stdio.h>
#include <unistd.h>

struct options {
	struct check_options check;
	const char *output;
	int format;
	int explain; /* a check; -1: none */
	bool list;
};

static const struct option_row rows[] = {
	OPTION_HEADING("What is asked"),
	OPTION_FILE("policy", 0, "FILE", "what is wanted here: groups, domains, exceptions",
                struct options, check.policy),
	OPTION_FILE("before", 0, "FILE", "an older snapshot: what is new since then?", struct options,
                check.before),
	OPTION_FILE("baseline", 0, "FILE", "the findings of an older run: what is new, known, gone?",
                struct options, check.baseline),
	OPTION_FILE("decisions", 0, "FILE", "the decisions of a review: is it done? is it overdue?",
                struct options, check.decisions),
	OPTION_FILE("roster", 0, "FILE", "a snapshot of the people who work here", struct options,
                check.roster),
	OPTION_TEXT("check", "NAME,...", "only these checks", struct options, check.checks),
	OPTION_PARSE("set", "NAME=N,...", "another number for a check: dormant.days=45", struct options,
                 check.settings, setting_parse),
	OPTION_TIME("as-of", "count from TIME, not from when a source was read", struct options,
                check.as_of),
	OPTION_HEADING("The answer"),
	OPTION_WORD("fail-on", "SEVERITY", "end with 1 from info, low, medium, high or critical on",
                struct options, check.fail_on, severity_words, 0, SEVERITIES - 1),
	OPTION_FLAG("strict", "end with 3 where any check could not be decided", struct options,
                check.strict),
	OPTION_WORD("format", "FORMAT", "text (on a terminal) or ndjson (elsewhere)", struct options,
                format, check_format_names, 0, CHECK_FORMATS - 1),
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, check.memory, MEMORY_MIN, MEMORY_MAX),
	OPTION_HEADING("About the checks"),
	OPTION_FLAG("list", "list the checks", struct options, list),
	OPTION_WORD("explain", "CHECK", "what a check finds, by whose standard, what it needs",
                struct options, explain, check_names, 0, CHECKS - 1),
	{0},
};

/* --list and --explain. Returns the exit status. */
static int print_about(const struct options *options, struct fault *fault)
{
	struct buf text = {0};
	int status = -1;

	if (options->list)
		check_table_put_list(&text);
	else
		check_table_put_explanation(&text, options->explain);
	if (buf_check(&text, fault) == 0)
		status = command_print(buf_text(&text));
	buf_release(&text);
	return status;
}

static int write_findings(struct check *check, const struct options *options, struct fault *fault)
{
	bool color = options->format == CHECK_TEXT && !options->output && command_color();
	struct out out;

	if (out_open(&out, options->output, fault) < 0)
		return -1;
	out.has_colors = color;
	if (check_write(check, options->format, color, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

/* The files that are read, ended by NULL, in `all`. */
static char **files_of(const struct options *options, char *snapshot, char *all[7])
{
	const char *const named[] = {options->check.policy, options->check.roster,
	                             options->check.before, options->check.baseline,
	                             options->check.decisions};
	size_t count = 0;

	all[count++] = snapshot;
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (named[i])
			all[count++] = (char *)(uintptr_t)named[i];
	all[count] = NULL;
	return all;
}

static int check_snapshot_run(void *into, char **files, int *status, struct fault *fault)
{
	struct options *options = into;
	char *snapshot = *files ? *files : "-", *all[7];
	struct check check;
	int result;

	if (options->list || options->explain >= 0) {
		*status = print_about(options, fault);
		return *status < 0 ? -1 : 0;
	}
	if (options->format < 0)
		options->format = !options->output && isatty(STDOUT_FILENO) ? CHECK_TEXT : CHECK_NDJSON;
	if (strcmp(snapshot, "-") == 0)
		command_await("a snapshot");
	if (options->check.policy) /* it may hold programs */
		jq_guard_start(command_give_up);
	result = check_open(&check, &options->check, fault);
	if (result == 0 &&
	    (command_confine(files_of(options, snapshot, all), options->output, fault) < 0 ||
	     check_read(&check, snapshot, fault) < 0 || write_findings(&check, options, fault) < 0))
		result = -1;
	if (result == 0)
		*status = check_status(&check);
	check_release(&check);
	return result;
}

static const struct command command = {
	.name = "check-snapshot",
	.usage = "[OPTION...] [SNAPSHOT]\n"
			 "--list | --explain CHECK\n",
	.examples = "  check-snapshot today.ndjson\n"
				"  check-snapshot --check dormant --set dormant.days=45 today.ndjson\n"
				"  check-snapshot --policy policy.json today.ndjson > findings.ndjson\n",
	.about = "Says what is wrong with the accounts of a snapshot: found, in order, excepted by\n"
			 "the policy, or not decided and why. What is not known is never taken for ok.\n",
	.ending = "Exit status: 0 nothing found, 1 something at or above --fail-on, 3 a check asked\n"
			  "for by name could not be decided or the snapshot is not complete, 64 usage, 65\n"
			  "the snapshot is not valid, 66 a file can not be opened, 73, 74 output can not be\n"
			  "written, 78 the policy is not valid. See check-snapshot(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = 1,
	.operands = "give one SNAPSHOT; normalize merges several into one",
	.libraries = {filter_library},
	.run = check_snapshot_run,
};

int main(int argc, char **argv)
{
	struct options options = {
		.format = -1, .explain = -1, .check = {.fail_on = SEVERITY_LOW, .memory = 128 * MIB}};

	setting_init(&options.check.settings);
	return command_main(&command, &options, argc, argv);
}
