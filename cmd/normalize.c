/* SPDX-License-Identifier: ISC */
/*
 * normalize: fetch streams and snapshots to one snapshot. See normalize(1).
 */
#include "ceiling.h"
#include "command.h"
#include "inert.h"
#include "normalize.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>

static const char help[] =
	"usage: normalize [-o FILE] [FILE...]\n"
	"\n"
	"  scim-fetch rudderstack | normalize -o today.ndjson\n"
	"  { scim-fetch rudderstack; scim-fetch stripe; scalr-fetch acme; } | normalize\n"
	"  normalize stripe.ndjson scalr.ndjson > both.ndjson\n"
	"\n"
	"Reads fetch streams and snapshots (stdin without FILE, or where FILE is -) and\n"
	"writes one snapshot: one vocabulary, sorted bytewise, with its own digest.\n"
	"Nothing is written unless every section that was read is complete.\n"
	"\n"
	"  -o, --output FILE     replace FILE whole, or leave it as it was\n"
	"      --memory SIZE     what is sorted in memory, as 64M or 2G [512M]; the rest\n"
	"                        goes through temporary files in $TMPDIR\n"
	"  -h, --help            this text\n"
	"  -V, --version\n"
	"\n"
	"Exit status: 0 done, 64 usage, 65 input not valid or not complete, 66 a file can\n"
	"not be opened, 73 and 74 output can not be created or written. See normalize(1).\n";

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"memory", required_argument, NULL, 'M'},
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

static int run(struct normalizer *normalizer, char **files, const char *output, struct fault *fault)
{
	static char *standard_input[] = {"-", NULL};
	struct out out;

	if (!*files)
		files = standard_input;
	for (; *files; files++)
		if (normalize_read(normalizer, *files, fault) < 0)
			return -1;
	if (out_open(&out, output, fault) < 0)
		return -1;
	if (snapshot_write(&normalizer->snapshot, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

int main(int argc, char **argv)
{
	struct normalizer normalizer = {0};
	struct fault fault = {0};
	const char *output = NULL;
	size_t memory = MEMORY_DEFAULT;
	int code;

	command_start("normalize");
	opterr = 0;
	while ((code = getopt_long(argc, argv, ":o:hV", long_options, NULL)) != -1) {
		switch (code) {
		case 'o': output = optarg; break;
		case 'M':
			if (read_size(optarg, &memory, &fault) < 0)
				return command_end(&fault);
			break;
		case 'h': return command_print(help);
		case 'V': return command_version(NULL);
		default: return command_bad_option(code, optopt, argv[optind - 1]);
		}
	}
	if ((normalize_open(&normalizer, memory, &fault) < 0 ||
	     run(&normalizer, argv + optind, output, &fault) < 0) &&
	    fault.kind == FAULT_NONE)
		fault_set(&fault, FAULT_INTERNAL, "failed without a reason");
	normalize_release(&normalizer);
	return command_end(&fault);
}
