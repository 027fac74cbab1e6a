/* SPDX-License-Identifier: ISC */
/*
 * normalize: fetch streams and snapshots to one snapshot. See normalize(1).
 */
#include "base/ceiling.h"
#include "command.h"
#include "jq/jq_guard.h"
#include "base/inert.h"
#include "base/option.h"
#include "normalize/plain_lines.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>

static const char help[] =
	"usage: normalize [-o FILE] [FILE...]\n"
	"       normalize --plain --source NAME [options] [FILE...]\n"
	"\n"
	"  scim-fetch rudderstack | normalize -o today.ndjson\n"
	"  { scim-fetch rudderstack; scim-fetch stripe; scalr-fetch acme; } | normalize\n"
	"  normalize stripe.ndjson scalr.ndjson > both.ndjson\n"
	"  normalize --plain --source hr staff.ndjson > hr.ndjson\n"
	"\n"
	"Reads fetch streams and snapshots (stdin without FILE, or where FILE is -) and\n"
	"writes one sorted and sealed snapshot, or nothing where one is not complete.\n"
	"\n"
	"  -o, --output FILE     replace FILE whole, or leave it as it was\n"
	"      --map FILE.jq     your own mapping of resources to records, in jq\n"
	"      --select EXPR     only the records for which this is true, in jq\n"
	"      --memory SIZE     what is sorted in memory [512M]; the rest in $TMPDIR\n"
	"      --threads N       how many work side by side [the cores, at most 4]\n"
	"      --plain           read lines that no fetcher wrote, one record each\n"
	"      --source NAME     the source that they are, all of it\n"
	"      --fetched-at TIME when they were true [now]\n"
	"      --allow-empty     no line at all means that there is nobody\n"
	"  -h, --help            this text\n"
	"  -V, --version\n"
	"\n"
	"Exit status: 0 done, 64 usage, 65 input not valid or complete. See normalize(1).\n";

enum {
	OPTION_MAP = 256,
	OPTION_SELECT,
	OPTION_MEMORY,
	OPTION_THREADS,
	OPTION_PLAIN,
	OPTION_SOURCE,
	OPTION_FETCHED_AT,
	OPTION_ALLOW_EMPTY,
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"plain", no_argument, NULL, OPTION_PLAIN},
	{"source", required_argument, NULL, OPTION_SOURCE},
	{"fetched-at", required_argument, NULL, OPTION_FETCHED_AT},
	{"allow-empty", no_argument, NULL, OPTION_ALLOW_EMPTY},
	{"map", required_argument, NULL, OPTION_MAP},
	{"select", required_argument, NULL, OPTION_SELECT},
	{"memory", required_argument, NULL, OPTION_MEMORY},
	{"threads", required_argument, NULL, OPTION_THREADS},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

/* A number of bytes, with K, M or G for more of them. */
static int read_size(const char *text, size_t *size, struct fault *fault)
{
	static const char units[] = "KMG";
	char *end;
	unsigned long long number;
	const char *unit;
	int shift = 0;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*end && (unit = strchr(units, *end)) && !end[1])
		shift = 10 * (int)(unit - units + 1);
	if (*text < '0' || *text > '9' || errno || (*end && !shift) ||
	    number > (unsigned long long)MEMORY_MAX >> shift || number << shift < MEMORY_MIN)
		return fault_set(fault, FAULT_USAGE,
		                 "--memory '%s' is no size from %zuM to %zuG (as 64M or 2G)",
		                 INERT(span_of(text)), MEMORY_MIN / MIB, MEMORY_MAX / MIB / 1024);
	*size = (size_t)number << shift;
	return 0;
}

/* As many as there are cores for this process, up to a few. */
static long default_threads(void)
{
	cpu_set_t cores;
	int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;

	return count < 1 ? 1 : count > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : count;
}

struct options {
	const char *output;
	const char *map;
	const char *select;
	size_t memory;
	long threads;
	bool is_plain;
	bool allow_empty;
	struct plain_lines plain;
};

/* Options that only make sense together. */
static int check_options(const struct options *options, struct fault *fault)
{
	const struct plain_lines *plain = &options->plain;

	if (options->is_plain && !plain->source)
		return fault_set(fault, FAULT_USAGE, "--plain needs --source NAME");
	if (!options->is_plain && (plain->source || plain->fetched_at))
		return fault_set(fault, FAULT_USAGE, "--source and --fetched-at belong to --plain");
	if (!options->is_plain && !options->map && options->allow_empty)
		return fault_set(fault, FAULT_USAGE, "--allow-empty belongs to --plain and --map");
	return 0;
}

/* Programs of the user start only where there are any: that costs 25 ms. */
static int open_all(struct normalizer *normalizer, const struct options *options,
                    struct fault *fault)
{
	size_t threads = options->map ? 1 : (size_t)options->threads; /* libjq has but one */

	if (normalize_open(normalizer, options->memory, threads, fault) < 0)
		return -1;
	normalizer->allow_empty = options->allow_empty;
	if (options->map || options->select)
		jq_guard_start(command_give_up);
	if (options->map && normalize_map(normalizer, options->map, fault) < 0)
		return -1;
	return options->select ? normalize_select(normalizer, options->select, fault) : 0;
}

static int read_all(struct normalizer *normalizer, struct options *options, char **files,
                    struct fault *fault)
{
	struct plain_lines *plain = &options->plain;

	if (options->is_plain && plain_lines_open(plain, normalizer, fault) < 0)
		return -1;
	for (; *files; files++)
		if ((options->is_plain ? plain_lines_read(plain, normalizer, *files, fault)
		                       : normalize_read(normalizer, *files, fault)) < 0)
			return -1;
	return options->is_plain ? plain_lines_close(plain, normalizer, fault) : 0;
}

/* From here on: the files that were named, and temporary ones. */
static int confine(const struct options *options, char **files, struct fault *fault)
{
	struct sandbox sandbox;

	digest_prepare();
	sandbox_init(&sandbox);
	sandbox_allow_temporary(&sandbox);
	for (; *files; files++)
		sandbox_allow_read(&sandbox, *files);
	if (options->output)
		sandbox_allow_output(&sandbox, options->output);
	return sandbox_enter(&sandbox, fault);
}

static int run(struct normalizer *normalizer, struct options *options, char **files,
               struct fault *fault)
{
	static char *standard_input[] = {"-", NULL};
	struct out out;

	if (confine(options, files, fault) < 0 ||
	    read_all(normalizer, options, *files ? files : standard_input, fault) < 0 ||
	    out_open(&out, options->output, fault) < 0)
		return -1;
	if (normalize_write(normalizer, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

/* -1, or the status to end with. */
static int read_options(struct options *options, int argc, char **argv, struct fault *fault)
{
	int code;

	*options = (struct options){.memory = MEMORY_DEFAULT, .threads = default_threads()};
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":o:hV", long_options, NULL)) != -1) {
		switch (code) {
		case 'o': options->output = optarg; break;
		case OPTION_MAP: options->map = optarg; break;
		case OPTION_SELECT: options->select = optarg; break;
		case OPTION_MEMORY:
			if (read_size(optarg, &options->memory, fault) < 0)
				return command_end(fault);
			break;
		case OPTION_THREADS:
			if (option_number("--threads", optarg, 1, THREADS_MAX, &options->threads, fault) < 0)
				return command_end(fault);
			break;
		case OPTION_PLAIN: options->is_plain = true; break;
		case OPTION_SOURCE: options->plain.source = optarg; break;
		case OPTION_FETCHED_AT: options->plain.fetched_at = optarg; break;
		case OPTION_ALLOW_EMPTY: options->allow_empty = true; break;
		case 'h': return command_print(help);
		case 'V': return command_version(filter_library());
		default: return command_bad_option(code, optopt, argv[optind - 1]);
		}
	}
	return check_options(options, fault) < 0 ? command_end(fault) : -1;
}

int main(int argc, char **argv)
{
	struct normalizer normalizer = {0};
	struct options options;
	struct fault fault = {0};
	int status;

	command_start("normalize");
	status = read_options(&options, argc, argv, &fault);
	if (status >= 0)
		return status;
	if ((open_all(&normalizer, &options, &fault) < 0 ||
	     run(&normalizer, &options, argv + optind, &fault) < 0) &&
	    fault.kind == FAULT_NONE)
		fault_set(&fault, FAULT_INTERNAL, "failed without a reason");
	normalize_release(&normalizer);
	return command_end(&fault);
}
