/* SPDX-License-Identifier: ISC */
/*
 * close-review: is it so, what was decided? See close-review(1).
 */
#include "base/ceiling.h"
#include "command.h"
#include "review/close.h"

#include <unistd.h>

struct options {
	struct close_options close;
	const char *output;
};

static const struct option_row rows[] = {
	OPTION_FILE("decisions", 0, "FILE", "the decision stream of take-review (needed)",
                struct options, close.decisions),
	OPTION_WORD("format", "FORMAT", "text (on a terminal) or ndjson (elsewhere)", struct options,
                close.format, close_format_names, 0, CLOSE_FORMATS - 1),
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, close.memory, MEMORY_MIN, MEMORY_MAX),
	{0},
};

static int write_outcomes(struct close *close, const struct options *options, struct fault *fault)
{
	bool color = options->close.format == CLOSE_TEXT && !options->output && command_color();
	struct out out;

	if (out_open(&out, options->output, fault) < 0)
		return -1;
	out.has_colors = color;
	if (close_write(close, color, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

static int close_review_run(void *into, char **files, int *status, struct fault *fault)
{
	struct options *options = into;
	char *after = *files ? *files : "-";
	char *all[] = {after, (char *)(uintptr_t)options->close.decisions, NULL};
	struct reread input = {.fd = -1};
	struct close close = {0};
	int result;

	if (!options->close.decisions)
		return fault_set(fault, FAULT_USAGE, "give the decisions of the review with --decisions");
	if (strcmp(after, "-") == 0 && strcmp(options->close.decisions, "-") == 0)
		return fault_set(fault, FAULT_USAGE, "only one of two inputs can be standard input");
	if (options->close.format < 0)
		options->close.format =
			!options->output && isatty(STDOUT_FILENO) ? CLOSE_TEXT : CLOSE_NDJSON;
	if (strcmp(after, "-") == 0)
		command_await("a snapshot");
	result = command_confine(all, options->output, fault);
	if (result == 0)
		result = close_open(&close, &options->close, fault);
	if (result == 0)
		result = reread_open(&input, after, fault);
	if (result == 0 &&
	    (close_read(&close, &input, fault) < 0 || write_outcomes(&close, options, fault) < 0))
		result = -1;
	if (result == 0)
		*status = close_status(&close);
	if (input.fd >= 0)
		reread_close(&input);
	close_release(&close);
	return result;
}

static const struct command command = {
	.name = "close-review",
	.usage = "[OPTION...] --decisions FILE [AFTER]\n",
	.examples = "  close-review --decisions review/decisions.ndjson after.ndjson\n"
				"  close-review --decisions d.ndjson -o closing.ndjson after.ndjson\n",
	.about = "Holds the decisions of a review against a snapshot that was read after it: every\n"
			 "revoke is gone, every keep is there, and what else is there that nobody decided.\n",
	.ending = "Exit status: 0 all is as decided, 1 a revoke or modify is not done or a keep is\n"
			  "missing, 3 something can not be seen or was not decided, 64 usage, 65 an input\n"
			  "is not valid or AFTER is not of what was reviewed, 66 a file can not be opened,\n"
			  "73, 74 output can not be written. See close-review(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = 1,
	.operands = "give one snapshot AFTER; normalize merges several into one",
	.run = close_review_run,
};

int main(int argc, char **argv)
{
	struct options options = {.close = {.format = -1, .memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
