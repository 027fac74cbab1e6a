/* SPDX-License-Identifier: ISC */
/*
 * diff-snapshot: what changed between two snapshots. See diff-snapshot(1).
 */
#include "command.h"
#include "diff.h"
#include "inert.h"
#include "report.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: diff-snapshot [OPTION...] BEFORE AFTER\n"
	"\n"
	"  diff-snapshot yesterday.ndjson today.ndjson\n"
	"  scim-fetch stripe | normalize | diff-snapshot stripe.ndjson -\n"
	"  diff-snapshot a.ndjson b.ndjson | jq 'select(.event == \"user.added\")'\n"
	"\n"
	"Compares two snapshots; one of them may be - for stdin. Writes text for people\n"
	"on a terminal and NDJSON otherwise.\n"
	"\n"
	"  --format text|ndjson     whatever stdout is\n"
	"  --all-fields             compare last_login_at and updated_at, too\n"
	"  --max-removed N|N%       end with status 3 where more of a source's users,\n"
	"                           groups or memberships, or all of a group's, are gone\n"
	"                           (default: 20%, but never fewer than 10)\n"
	"  --allow-missing-source   leave out sources that AFTER does not have\n"
	"  --allow-other-origin     compare sources read from another address\n"
	"  --allow-older            compare though AFTER was read before BEFORE\n"
	"  -h, --help               this text\n"
	"  -V, --version\n"
	"\n"
	"Exit status: 0 no difference, 1 differences, 3 more removals than allowed,\n"
	"64 usage, 65 a snapshot is not valid, not complete or not comparable, 66 a file\n"
	"can not be opened, 74 output can not be written. See diff-snapshot(1).\n";

enum option_code {
	OPTION_FORMAT = 256,
	OPTION_ALL_FIELDS,
	OPTION_MAX_REMOVED,
	OPTION_ALLOW_MISSING_SOURCE,
	OPTION_ALLOW_OTHER_ORIGIN,
	OPTION_ALLOW_OLDER,
};

static const struct option long_options[] = {
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"all-fields", no_argument, NULL, OPTION_ALL_FIELDS},
	{"max-removed", required_argument, NULL, OPTION_MAX_REMOVED},
	{"allow-missing-source", no_argument, NULL, OPTION_ALLOW_MISSING_SOURCE},
	{"allow-other-origin", no_argument, NULL, OPTION_ALLOW_OTHER_ORIGIN},
	{"allow-older", no_argument, NULL, OPTION_ALLOW_OLDER},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

enum format { FORMAT_AUTO, FORMAT_TEXT, FORMAT_NDJSON };

static int set_max_removed(struct diff_options *options, const char *text, struct fault *fault)
{
	char *end;

	errno = 0;
	options->max_removed = strtoull(text, &end, 10);
	options->removed_is_percent = *end == '%';
	options->removed_least = 0;
	if (errno || *text < '0' || *text > '9' || end[*end == '%'] ||
	    (*end == '%' && options->max_removed > 100))
		return fault_set(fault, FAULT_USAGE,
		                 "--max-removed takes a number or a percentage, not '%s'",
		                 INERT(span_of(text)));
	return 0;
}

static int set_format(enum format *format, const char *text, struct fault *fault)
{
	*format = strcmp(text, "text") == 0 ? FORMAT_TEXT : FORMAT_NDJSON;
	if (*format == FORMAT_NDJSON && strcmp(text, "ndjson") != 0)
		return fault_set(fault, FAULT_USAGE, "--format takes text or ndjson, not '%s'",
		                 INERT(span_of(text)));
	return 0;
}

/* 0: run, 1: *status is the result already, -1: fault. */
static int parse(int argc, char **argv, struct diff_options *options, enum format *format,
                 int *status, struct fault *fault)
{
	int code;

	opterr = 0;
	while ((code = getopt_long(argc, argv, ":hV", long_options, NULL)) != -1) {
		switch (code) {
		case OPTION_FORMAT:
			if (set_format(format, optarg, fault) < 0)
				return -1;
			break;
		case OPTION_MAX_REMOVED:
			if (set_max_removed(options, optarg, fault) < 0)
				return -1;
			break;
		case OPTION_ALL_FIELDS: options->all_fields = true; break;
		case OPTION_ALLOW_MISSING_SOURCE: options->allow_missing_source = true; break;
		case OPTION_ALLOW_OTHER_ORIGIN: options->allow_other_origin = true; break;
		case OPTION_ALLOW_OLDER: options->allow_older = true; break;
		case 'h': *status = command_print(help); return 1;
		case 'V': *status = command_version(NULL); return 1;
		default: *status = command_bad_option(code, optopt, argv[optind - 1]); return 1;
		}
	}
	if (argc - optind != 2)
		return fault_set(fault, FAULT_USAGE, "two snapshots are compared: BEFORE and AFTER");
	if (strcmp(argv[optind], "-") == 0 && strcmp(argv[optind + 1], "-") == 0)
		return fault_set(fault, FAULT_USAGE, "only one of BEFORE and AFTER can be stdin");
	return 0;
}

static int report(const struct diff *diff, enum format format, struct fault *fault)
{
	bool terminal = isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR");
	struct out out;

	if (out_open(&out, NULL, fault) < 0)
		return -1;
	if ((format == FORMAT_AUTO ? terminal : format == FORMAT_TEXT)
	        ? report_text(diff, terminal && !(no_color && *no_color), &out, fault) < 0
	        : report_stream(diff, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

int main(int argc, char **argv)
{
	struct diff diff = {
		.options = {.removed_is_percent = true, .max_removed = 20, .removed_least = 10}};
	enum format format = FORMAT_AUTO;
	struct fault fault = {0};
	int status = 0, parsed;

	command_start("diff-snapshot");
	parsed = parse(argc, argv, &diff.options, &format, &status, &fault);
	if (parsed > 0)
		return status;
	if (parsed == 0 && diff_run(&diff, argv[optind], argv[optind + 1], &fault) == 0 &&
	    report(&diff, format, &fault) == 0)
		status = *diff.unconfirmed ? 3 : diff.count ? 1 : 0;
	if (*diff.unconfirmed && fault.kind == FAULT_NONE)
		command_say(diff.unconfirmed);
	diff_release(&diff);
	return fault.kind == FAULT_NONE ? status : command_end(&fault);
}
