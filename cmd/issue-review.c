/* SPDX-License-Identifier: ISC */
/*
 * issue-review: sheets for reviewers, a row a decision. See issue-review(1).
 */
#include "base/ceiling.h"
#include "base/inert.h"
#include "command.h"
#include "review/issue.h"

#include <stdlib.h>

struct options {
	struct issue_options issue;
	struct command_files before;
};

static int parse_before(void *files, const char *text, struct fault *fault)
{
	if (*text && ((const struct command_files *)files)->count == OLDER_MAX)
		return fault_set(fault, FAULT_USAGE, "--before: more than %d older snapshots", OLDER_MAX);
	return command_parse_before(files, text, fault);
}

static const struct option_row rows[] = {
	OPTION_FILE("output", 'o', "DIR", "a new or empty directory for the sheets (needed)",
                struct options, issue.directory),
	OPTION_FILE("split", 0, "HOW", "a sheet for each group, source or manager, or as\na file says",
                struct options, issue.split),
	OPTION_WORD("format", "FORMAT", "xlsx, or csv", struct options, issue.format,
                issue_format_names, 0, ISSUE_FORMATS - 1),
	OPTION_TEXT("due", "DATE", "until when the sheets are wanted back", struct options, issue.due),
	OPTION_HEADING("What reviewers see beside the snapshot"),
	OPTION_FILE("findings", 0, "FILE", "the finding stream of check-snapshot", struct options,
                issue.findings),
	OPTION_PARSE("before", "OLD", "an older snapshot: since when is it so? repeatable",
                 struct options, before, parse_before),
	OPTION_FILE("since-from", 0, "FILE", "the same from a stream of trace-snapshots",
                struct options, issue.since_from),
	OPTION_FILE("previous", 0, "FILE", "the decision stream of an earlier review", struct options,
                issue.previous),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, issue.memory, MEMORY_MIN, MEMORY_MAX),
	{0},
};

/* All that is read, for the sandbox. The caller's; NULL: no memory. */
static char **all_files(const struct options *options, char *snapshot)
{
	const struct issue_options *issue = &options->issue;
	const char *const named[] = {issue->findings, issue->previous, issue->split, issue->since_from};
	char **files = calloc(options->before.count + 6, sizeof *files);
	size_t count = 0;

	if (!files)
		return NULL;
	files[count++] = snapshot;
	for (size_t i = 0; i < options->before.count; i++)
		files[count++] = (char *)(uintptr_t)options->before.names[i];
	for (size_t i = 0; i < sizeof named / sizeof *named; i++)
		if (named[i])
			files[count++] = (char *)(uintptr_t)named[i];
	return files;
}

/* What was written, and what could not be seen, on stderr. */
static int say_sheets(struct issue *issue, struct fault *fault)
{
	char *line, *end;
	struct buf text = {0};
	uint64_t sum = 0;
	int result;

	for (int what = 0; what < REVIEW_WHATS; what++)
		sum += issue->counts[what];
	buf_putf(&text, "%llu row%s to decide in %zu sheet%s, in ", (unsigned long long)sum,
	         sum == 1 ? "" : "s", issue->parts.count, issue->parts.count == 1 ? "" : "s");
	inert_put(&text, span_of(issue->options->directory));
	result = buf_check(&text, fault);
	if (result == 0)
		command_say(buf_text(&text));
	if (result == 0) {
		for (line = (char *)(uintptr_t)buf_text(&issue->notes); (end = strchr(line, '\n'));
		     line = end + 1) {
			*end = '\0';
			command_say(line);
		}
	}
	buf_release(&text);
	return result;
}

static int issue_confined(const struct options *options, char *snapshot, struct fault *fault)
{
	struct buf list = {0};
	struct reread input = {.fd = -1};
	struct issue issue = {0};
	char **files = all_files(options, snapshot);
	int result = files ? 0 : fault_memory(fault);

	buf_putf(&list, "%s/review.ndjson", options->issue.directory);
	if (result == 0)
		result = buf_check(&list, fault);
	if (result == 0)
		result = command_confine(files, buf_text(&list), fault);
	if (result == 0)
		result = reread_open(&input, snapshot, fault);
	if (result == 0)
		result = issue_open(&issue, &options->issue, fault);
	if (result == 0 && (issue_read(&issue, &input, fault) < 0 || issue_write(&issue, fault) < 0 ||
	                    say_sheets(&issue, fault) < 0))
		result = -1;
	issue_release(&issue);
	if (input.fd >= 0)
		reread_close(&input);
	buf_release(&list);
	free(files);
	return result;
}

static int issue_review_run(void *into, char **files, int *status, struct fault *fault)
{
	struct options *options = into;
	char *snapshot = *files ? *files : "-";
	int result;

	(void)status;
	options->issue.before = options->before.names;
	options->issue.before_count = options->before.count;
	if (options->before.count && options->issue.since_from)
		result = fault_set(fault, FAULT_USAGE,
		                   "--since-from says what --before would say: give one of them");
	else if (!options->issue.directory)
		result = fault_set(fault, FAULT_USAGE, "give a directory for the sheets with -o");
	else
		result =
			command_make_directory(options->issue.directory,
		                           "is not empty: sheets that are filled in are never replaced; "
		                           "give a new directory",
		                           fault);
	if (result == 0 && strcmp(snapshot, "-") == 0)
		command_await("a snapshot");
	if (result == 0)
		result = issue_confined(options, snapshot, fault);
	free(options->before.names);
	return result;
}

static const struct command command = {
	.name = "issue-review",
	.usage = "[OPTION...] -o DIR [SNAPSHOT]\n",
	.examples = "  issue-review -o review today.ndjson\n"
				"  issue-review -o review --split group --due 2026-12-15 today.ndjson\n"
				"  issue-review -o review --findings found.ndjson --before old.ndjson now.ndjson\n",
	.about = "Writes the sheets of an access review: a row for each account, membership, role\n"
			 "and entitlement, with blank columns for the decision, and review.ndjson, the\n"
			 "sealed list of what was issued. take-review reads the sheets back.\n",
	.ending = "Exit status: 0 done, 64 usage, 65 an input is not valid or not complete, 66 a\n"
			  "file can not be opened, 73, 74 the directory can not be written. See\n"
			  "issue-review(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = 1,
	.operands = "give one SNAPSHOT; normalize merges several into one",
	.libraries = {xlsx_out_library},
	.run = issue_review_run,
};

int main(int argc, char **argv)
{
	struct options options = {.issue = {.memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
