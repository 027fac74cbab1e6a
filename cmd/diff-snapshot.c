/* SPDX-License-Identifier: ISC */
/*
 * diff-snapshot: what changed between two snapshots. See diff-snapshot(1).
 */
#include "command.h"
#include "diff/diff.h"
#include "base/inert.h"
#include "diff/report.h"
#include "sys/sandbox.h"

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
	"  --match user_name        compare two different sources, by names, not ids\n"
	"  --all-fields             compare last_login_at and updated_at, too\n"
	"  --ignore FIELD,...       a difference in these members is none\n"
	"  --only EVENT,...         report these events and no others\n"
	"  --max-removed N|N%       end with status 3 where more of a source's users,\n"
	"                           groups or memberships, or all of a group's, are gone\n"
	"                           (default: 20%, but never fewer than 10)\n"
	"  --allow-missing-source   leave out sources that AFTER does not have\n"
	"  --allow-other-origin     compare sources read from another address\n"
	"  --allow-older            compare though AFTER was read before BEFORE\n"
	"  --allow-other-select     compare though normalize kept other records\n"
	"  --allow-unnamed          with --match: leave out records without a name\n"
	"  -h, --help               this text\n"
	"  -V, --version\n"
	"\n"
	"Exit status: 0 no difference, 1 differences, 3 more removals than allowed,\n"
	"64 usage, 65 a snapshot is not valid, not complete or not comparable, 66 a file\n"
	"can not be opened, 73, 74 output can not be written. See diff-snapshot(1).\n";

enum option_code {
	OPTION_FORMAT = 256,
	OPTION_MATCH,
	OPTION_ALL_FIELDS,
	OPTION_IGNORE,
	OPTION_ONLY,
	OPTION_MAX_REMOVED,
	OPTION_ALLOW_MISSING_SOURCE,
	OPTION_ALLOW_OTHER_ORIGIN,
	OPTION_ALLOW_OLDER,
	OPTION_ALLOW_OTHER_SELECT,
	OPTION_ALLOW_UNNAMED,
};

static const struct option long_options[] = {
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"match", required_argument, NULL, OPTION_MATCH},
	{"all-fields", no_argument, NULL, OPTION_ALL_FIELDS},
	{"ignore", required_argument, NULL, OPTION_IGNORE},
	{"only", required_argument, NULL, OPTION_ONLY},
	{"max-removed", required_argument, NULL, OPTION_MAX_REMOVED},
	{"allow-missing-source", no_argument, NULL, OPTION_ALLOW_MISSING_SOURCE},
	{"allow-other-origin", no_argument, NULL, OPTION_ALLOW_OTHER_ORIGIN},
	{"allow-older", no_argument, NULL, OPTION_ALLOW_OLDER},
	{"allow-other-select", no_argument, NULL, OPTION_ALLOW_OTHER_SELECT},
	{"allow-unnamed", no_argument, NULL, OPTION_ALLOW_UNNAMED},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

enum format { FORMAT_AUTO, FORMAT_TEXT, FORMAT_NDJSON };

static int set_format(enum format *format, const char *text, struct fault *fault)
{
	*format = strcmp(text, "text") == 0 ? FORMAT_TEXT : FORMAT_NDJSON;
	if (*format == FORMAT_NDJSON && strcmp(text, "ndjson") != 0)
		return fault_set(fault, FAULT_USAGE, "--format takes text or ndjson, not '%s'",
		                 INERT(span_of(text)));
	return 0;
}

/* Options that take a value. 0 or -1. */
static int parse_value(int code, struct diff_options *options, enum format *format,
                       struct fault *fault)
{
	switch (code) {
	case OPTION_FORMAT: return set_format(format, optarg, fault);
	case OPTION_MAX_REMOVED: return diff_options_set_max_removed(options, optarg, fault);
	case OPTION_MATCH: return diff_options_set_match(options, optarg, fault);
	case OPTION_IGNORE: return diff_options_add_ignored(options, optarg, fault);
	default: return diff_options_add_only(options, optarg, fault);
	}
}

/* BEFORE and AFTER. 0 or -1. */
static int check_operands(int count, char **operands, struct fault *fault)
{
	if (count != 2)
		return fault_set(fault, FAULT_USAGE, "two snapshots are compared: BEFORE and AFTER");
	if (strcmp(operands[0], "-") == 0 && strcmp(operands[1], "-") == 0)
		return fault_set(fault, FAULT_USAGE, "only one of BEFORE and AFTER can be stdin");
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
		case OPTION_ALL_FIELDS: options->all_fields = true; break;
		case OPTION_ALLOW_MISSING_SOURCE: options->allow_missing_source = true; break;
		case OPTION_ALLOW_OTHER_ORIGIN: options->allow_other_origin = true; break;
		case OPTION_ALLOW_OLDER: options->allow_older = true; break;
		case OPTION_ALLOW_OTHER_SELECT: options->allow_other_select = true; break;
		case OPTION_ALLOW_UNNAMED: options->allow_unnamed = true; break;
		case 'h': *status = command_print(help); return 1;
		case 'V': *status = command_version(NULL); return 1;
		case ':':
		case '?': *status = command_bad_option(code, optopt, argv[optind - 1]); return 1;
		default:
			if (parse_value(code, options, format, fault) < 0)
				return -1;
		}
	}
	if (diff_options_check(options, fault) < 0)
		return -1;
	return check_operands(argc - optind, argv + optind, fault);
}

static int report(const struct changes *changes, enum format format, struct fault *fault)
{
	bool text = format == FORMAT_AUTO ? isatty(STDOUT_FILENO) : format == FORMAT_TEXT;
	struct out out;

	if (out_open(&out, NULL, fault) < 0)
		return -1;
	if ((text ? report_text(changes, command_color(), &out, fault)
	          : report_stream(changes, &out, fault)) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

/* From here on: the two snapshots, and temporary files. */
static int confine(char *const files[2], struct fault *fault)
{
	struct sandbox sandbox;

	digest_prepare();
	sandbox_init(&sandbox);
	sandbox_allow_temporary(&sandbox);
	sandbox_allow_read(&sandbox, files[0]);
	sandbox_allow_read(&sandbox, files[1]);
	return sandbox_enter(&sandbox, fault);
}

int main(int argc, char **argv)
{
	struct diff_options options;
	struct changes changes = {0};
	enum format format = FORMAT_AUTO;
	struct fault fault = {0};
	int status = 0, parsed;

	command_start("diff-snapshot");
	diff_options_init(&options);
	parsed = parse(argc, argv, &options, &format, &status, &fault);
	if (parsed > 0)
		return status;
	if (parsed == 0 && confine(argv + optind, &fault) == 0 &&
	    diff_run(&changes, &options, argv[optind], argv[optind + 1], &fault) == 0 &&
	    report(&changes, format, &fault) == 0)
		status = *changes.unconfirmed ? 3 : changes.count ? 1 : 0;
	if (*changes.unconfirmed && fault.kind == FAULT_NONE)
		command_say(changes.unconfirmed);
	changes_release(&changes);
	return fault.kind == FAULT_NONE ? status : command_end(&fault);
}
