/* SPDX-License-Identifier: ISC */
/*
 * take-review: sheets that reviewers filled in become decisions. See take-review(1).
 */
#include "base/ceiling.h"
#include "base/inert.h"
#include "command.h"
#include "review/take.h"
#include "sheet/xml_part.h"

#include <stdlib.h>

struct options {
	struct take_options take;
};

static const struct option_row rows[] = {
	OPTION_FILE("output", 'o', "DIR", "a new or empty directory for what was decided (needed)",
                struct options, take.directory),
	OPTION_FILE("review", 0, "FILE", "the list review.ndjson that issue-review wrote",
                struct options, take.review),
	OPTION_FILE("findings", 0, "FILE", "the finding stream of check-snapshot", struct options,
                take.findings),
	OPTION_FILE("persons", 0, "FILE", "which accounts are one person's, as people know it",
                struct options, take.persons),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, take.memory, MEMORY_MIN, MEMORY_MAX),
	{0},
};

/* Up to PROBLEMS_MAX of them, in the order of the sheets. */
static int say_problems(const struct take *take, struct take_problems *problems, const char *before,
                        struct fault *fault)
{
	struct take_problem problem;
	struct buf text = {0};
	int more = 0;

	for (uint64_t i = 0; i < PROBLEMS_MAX && more >= 0; i++) {
		more = take_problems_next(problems, &problem, fault);
		if (more <= 0)
			break;
		buf_clear(&text);
		buf_puts(&text, before);
		take_put_problem(take, &problem, &text);
		more = buf_check(&text, fault);
		if (more == 0)
			command_say(buf_text(&text));
	}
	if (more >= 0 && problems->all > PROBLEMS_MAX) {
		buf_clear(&text);
		buf_putf(&text, "%s... and %llu more", before,
		         (unsigned long long)(problems->all - PROBLEMS_MAX));
		command_say(buf_text(&text));
	}
	buf_release(&text);
	return more < 0 ? -1 : 0;
}

/* The sums, for people, on stdout. */
static int print_sums(const struct take *take, struct fault *fault)
{
	struct buf text = {0};
	uint64_t reviewed = 0;
	int result;

	for (int i = 0; i < DECISION_WORDS; i++)
		reviewed += take->sums[i];
	buf_putf(&text, "%llu row%s:", (unsigned long long)reviewed, reviewed == 1 ? "" : "s");
	for (int i = 0; i < DECISION_WORDS; i++)
		buf_putf(&text, "%s %llu %s", i ? "," : "", (unsigned long long)take->sums[i],
		         decision_words[i]);
	buf_putc(&text, '\n');
	if (take->sums[DECISION_UNDECIDED])
		buf_puts(&text, "rows are undecided: no operation was written\n");
	else
		buf_putf(&text, "%llu for scim-push, %llu by hand\n", (unsigned long long)take->pushed,
		         (unsigned long long)take->by_hand);
	result = buf_check(&text, fault);
	if (result == 0 && command_print(buf_text(&text)) != 0)
		result = fault_set(fault, FAULT_IO, "cannot write 'standard output'");
	buf_release(&text);
	return result;
}

static int take_all(struct take *take, char **files, int *status, struct fault *fault)
{
	struct reread snapshot = {.fd = -1};
	int result = reread_open(&snapshot, files[0], fault);

	for (char **sheet = files + 1; result == 0 && *sheet; sheet++)
		result = take_read_sheet(take, *sheet, fault);
	if (result == 0)
		result = take_read_snapshot(take, &snapshot, fault);
	if (result == 0)
		result = take_decide(take, fault);
	reread_close(&snapshot);
	if (result == 0)
		result = say_problems(take, &take->warnings, "warning: ", fault);
	if (result == 0)
		result = say_problems(take, &take->problems, "", fault);
	if (result == 0 && take->problems.all)
		return fault_set(fault, FAULT_DATA, "%llu problem%s in the sheets: nothing was written",
		                 (unsigned long long)take->problems.all,
		                 take->problems.all == 1 ? "" : "s");
	if (result < 0 || take_write(take, fault) < 0)
		return -1;
	*status = take->sums[DECISION_UNDECIDED] ? fault_status(FAULT_SAFEGUARD) : 0;
	return print_sums(take, fault);
}

/* All that is read, for the sandbox. The caller's; NULL: no memory. */
static char **all_files(const struct options *options, char **files)
{
	size_t count = 0;
	char **all;

	while (files[count])
		count++;
	all = calloc(count + 4, sizeof *all);
	if (!all)
		return NULL;
	memcpy(all, files, count * sizeof *all);
	if (options->take.findings)
		all[count++] = (char *)(uintptr_t)options->take.findings;
	if (options->take.persons)
		all[count++] = (char *)(uintptr_t)options->take.persons;
	if (options->take.review)
		all[count] = (char *)(uintptr_t)options->take.review;
	return all;
}

static int take_review_run(void *into, char **files, int *status, struct fault *fault)
{
	struct options *options = into;
	struct buf path = {0};
	struct take take = {0};
	char **all;
	int result;

	if (!options->take.directory)
		return fault_set(fault, FAULT_USAGE, "give a directory for the decisions with -o");
	if (command_make_directory(options->take.directory,
	                           "is not empty: decisions are never replaced; give a new directory",
	                           fault) < 0)
		return -1;
	if (strcmp(files[0], "-") == 0)
		command_await("a snapshot");
	all = all_files(options, files);
	buf_putf(&path, "%s/decisions.ndjson", options->take.directory);
	result = !all ? fault_memory(fault) : buf_check(&path, fault);
	if (result == 0)
		result = command_confine(all, buf_text(&path), fault);
	if (result == 0) {
		result = take_open(&take, &options->take, fault);
		if (result == 0)
			result = take_all(&take, files, status, fault);
		take_release(&take);
	}
	buf_release(&path);
	free(all);
	return result;
}

static const struct command command = {
	.name = "take-review",
	.usage = "[OPTION...] -o DIR SNAPSHOT SHEET...\n",
	.examples = "  take-review -o decided today.ndjson review/review.csv\n"
				"  take-review -o decided --review review/review.ndjson today.ndjson back/*.csv\n",
	.about = "Reads the sheets of an access review back: every row known, once, and decided.\n"
			 "Writes decisions.ndjson, operations for scim-push, and manual.csv into DIR.\n",
	.ending = "Exit status: 0 all is decided, 3 rows are undecided, 64 usage, 65 a sheet is\n"
			  "wrong (each place is named, nothing is written), 66 a file can not be opened,\n"
			  "73, 74 DIR can not be written. See take-review(1).\n",
	.options = rows,
	.operands_least = 2,
	.operands_most = -1,
	.operands = "give a SNAPSHOT, and the SHEETs that came back",
	.libraries = {xlsx_out_library, package_library, xml_library},
	.run = take_review_run,
};

int main(int argc, char **argv)
{
	struct options options = {.take = {.memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
