/* SPDX-License-Identifier: ISC */
/*
 * diff-snapshot: what changed between two snapshots. See diff-snapshot(1).
 */
#include "command.h"
#include "diff/diff.h"
#include "diff/changes_put.h"
#include "report/report.h"
#include "sys/temporary.h"

#include <stdio.h>
#include <unistd.h>

enum format { FORMAT_AUTO, FORMAT_TEXT, FORMAT_NDJSON, FORMAT_HTML, FORMAT_MARKDOWN, FORMATS };

struct options {
	struct diff_options diff;
	int format; /* enum format */
	const char *output;
};

static const char *const formats[] = {"text", "ndjson", "html", "markdown"};
static const char *const matches[] = {"user_name"};

static const struct option_row rows[] = {
	OPTION_HEADING("Output"),
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_WORD("format", "FORMAT", "text, ndjson, or a page for mail: html, markdown",
                struct options, format, formats, FORMAT_TEXT, FORMATS - 1),
	OPTION_HEADING("What is compared"),
	OPTION_WORD("match", NULL, "compare two different sources, by names, not ids", struct options,
                diff.match, matches, 1, 1),
	OPTION_TEXT("source", "NAME", "with --match: the source of a file that has several",
                struct options, diff.source),
	OPTION_FLAG("all-fields", "compare last_login_at and updated_at, too", struct options,
                diff.all_fields),
	OPTION_PARSE("ignore", "FIELD,...", "report no difference in these members", struct options,
                 diff.ignored, diff_options_parse_ignored),
	OPTION_WORDS("only", "EVENT,...", "report these events and no others", struct options,
                 diff.only, change_event_names, 0, CHANGE_EVENTS - 1),
	OPTION_HEADING("When it stops"),
	OPTION_LIMIT("max-removed",
                 "end with status 3 if more records of a source, or all\n"
                 "members of a group, are gone (20%, but never under 10)",
                 struct options, diff.max_removed),
	OPTION_FLAG("allow-missing-source", "leave out sources that AFTER does not have",
                struct options, diff.allow_missing_source),
	OPTION_FLAG("allow-other-origin", "compare sources read from another address", struct options,
                diff.allow_other_origin),
	OPTION_FLAG("allow-older", "compare though AFTER was read before BEFORE", struct options,
                diff.allow_older),
	OPTION_FLAG("allow-other-select", "compare snapshots made with different filters",
                struct options, diff.allow_other_select),
	OPTION_FLAG("allow-unnamed", "with --match: leave out records without a name", struct options,
                diff.allow_unnamed),
	{0},
};

static int put_stream(const struct changes *changes, const char *path, struct fault *fault)
{
	struct out out;

	if (out_open(&out, path, fault) < 0)
		return -1;
	if (changes_put_stream(changes, &out, fault) == 0)
		return out_close(&out, fault);
	out_abandon(&out);
	return -1;
}

/* A page is made of a change stream, as report-snapshot makes it: the stream waits in a
   temporary file, which then stands in for stdin. Both snapshots have been read by now. */
static int put_page(const struct changes *changes, int format, const char *output,
                    struct fault *fault)
{
	const struct report_options options = {
		.tool = "diff-snapshot", .format = format == FORMAT_HTML ? REPORT_HTML : REPORT_MARKDOWN};
	int fd = temporary_open(fault), result = -1;
	struct report report = {0};
	char path[32];

	if (fd < 0)
		return -1;
	snprintf(path, sizeof path, "/dev/fd/%d", fd);
	if (put_stream(changes, path, fault) == 0 && lseek(fd, 0, SEEK_SET) == 0 &&
	    dup2(fd, STDIN_FILENO) == STDIN_FILENO && report_open(&report, &options, fault) == 0 &&
	    report_read_changes(&report, "-", fault) == 0)
		result = report_write(&report, output, fault);
	if (result < 0 && fault->kind == FAULT_NONE)
		fault_set(fault, FAULT_IO, "the temporary file can not be read again");
	report_release(&report);
	close(fd);
	return result;
}

static int put_text(const struct changes *changes, const char *output, struct fault *fault)
{
	struct out out;

	if (out_open(&out, output, fault) < 0)
		return -1;
	out.has_colors = !output && command_color();
	if (changes_put_text(changes, out.has_colors, &out, fault) == 0)
		return out_close(&out, fault);
	out_abandon(&out);
	return -1;
}

static int put_changes(const struct changes *changes, int format, const char *output,
                       struct fault *fault)
{
	if (format == FORMAT_AUTO)
		format = !output && isatty(STDOUT_FILENO) ? FORMAT_TEXT : FORMAT_NDJSON;
	switch (format) {
	case FORMAT_TEXT: return put_text(changes, output, fault);
	case FORMAT_NDJSON: return put_stream(changes, output, fault);
	default: return put_page(changes, format, output, fault);
	}
}

static int run(void *into, char **files, int *status, struct fault *fault)
{
	struct options *options = into;
	struct changes changes = {0};
	int result = -1;

	if (diff_options_check(&options->diff, fault) < 0)
		return -1;
	if (strcmp(files[0], "-") == 0 && strcmp(files[1], "-") == 0)
		return fault_set(fault, FAULT_USAGE, "only one of BEFORE and AFTER can be stdin");
	if (strcmp(files[0], "-") == 0 || strcmp(files[1], "-") == 0)
		command_await("a snapshot");
	if (command_confine(files, options->output, fault) == 0 &&
	    diff_run(&changes, &options->diff, files[0], files[1], fault) == 0 &&
	    put_changes(&changes, options->format, options->output, fault) == 0)
		result = 0;
	*status = *changes.unconfirmed ? 3 : changes.count ? 1 : 0;
	if (result == 0 && *changes.unconfirmed)
		command_say(changes.unconfirmed);
	changes_release(&changes);
	return result;
}

int main(int argc, char **argv)
{
	static const struct command command = {
		.name = "diff-snapshot",
		.usage = "[OPTION...] BEFORE AFTER\n",
		.examples = "  diff-snapshot yesterday.ndjson today.ndjson\n"
					"  scim-fetch stripe | normalize | diff-snapshot stripe.ndjson -\n"
					"  diff-snapshot a.ndjson b.ndjson | jq 'select(.event == \"user.added\")'\n",
		.about = "Compares two snapshots; one of them may be - for stdin. Writes text for people\n"
				 "on a terminal and NDJSON otherwise.\n",
		.ending =
			"Exit status: 0 no difference, 1 differences, 3 more removals than allowed, 64\n"
			"usage, 65 a snapshot is not valid or comparable, 66 no file, 73, 74 no output.\n",
		.options = rows,
		.operands_least = 2,
		.operands_most = 2,
		.operands = "give two snapshots to compare: BEFORE and AFTER",
		.run = run,
	};
	struct options options = {0};

	return command_main(&command, &options, argc, argv);
}
