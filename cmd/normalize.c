/* SPDX-License-Identifier: ISC */
/*
 * normalize: fetch streams and snapshots to one snapshot. See normalize(1).
 */
#include "base/ceiling.h"
#include "command.h"
#include "jq/jq_guard.h"
#include "normalize/csv_list.h"

#include <sched.h>
#include <stdlib.h>

struct options {
	const char *output;
	const char *map;
	const char *select;
	struct extras extras;
	size_t memory;
	long threads;
	bool is_plain, is_csv;
	bool allow_empty;
	struct plain_lines plain;
	struct csv_list csv;
};

static const struct option_row rows[] = {
	OPTION_HEADING("Output"),
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_PARSE("select", "EXPR", "keep only records for which this jq expression is true",
                 struct options, select, option_parse_any),
	OPTION_HEADING("Lists that no fetcher wrote"),
	OPTION_FLAG("plain", "read lines of JSON, one record each, of one source", struct options,
                is_plain),
	OPTION_FLAG("csv", "read CSV or xlsx, one account each row, of one source", struct options,
                is_csv),
	OPTION_TEXT("source", "NAME", "name of that source", struct options, plain.source),
	OPTION_TIME("fetched-at", "when the list was true (default: now)", struct options,
                plain.fetched_at),
	OPTION_PARSE("column", "MEMBER=NAME", "the column of the CSV that fills a member",
                 struct options, csv, csv_list_parse_columns),
	OPTION_TEXT("sheet", "NAME", "the sheet of an xlsx file that has several", struct options,
                csv.wanted),
	OPTION_TEXT("status-enabled", "WORDS", "what the CSV says of people who are enabled",
                struct options, csv.enabled),
	OPTION_TEXT("lower", "MEMBERS", "make A to Z small in these members", struct options,
                csv.lower),
	OPTION_FLAG("allow-empty", "accept a list, --map or --select without any record",
                struct options, allow_empty),
	OPTION_HEADING("Mapping and resources"),
	OPTION_FILE("map", 0, "FILE.jq", "map each input line with this jq program", struct options,
                map),
	OPTION_PARSE("map-extra", "NAME=PATH", "keep this attribute by NAME in `extra`; repeatable",
                 struct options, extras, extra_parse),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (512M)",
                struct options, memory, MEMORY_MIN, MEMORY_MAX),
	OPTION_NUMBER("threads", "N", "work with N threads (one per core, at most 4)", struct options,
                  threads, 1, THREADS_MAX),
	{0},
};

/* As many as there are cores for this process, up to a few. */
static long default_threads(void)
{
	cpu_set_t cores;
	int count = sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;

	return count < 1 ? 1 : count > THREADS_DEFAULT_MAX ? THREADS_DEFAULT_MAX : count;
}

/* One source that no fetcher wrote. */
static bool is_list(const struct options *options)
{
	return options->is_plain || options->is_csv;
}

/* Options that only make sense together. */
static int check_options(const struct options *options, struct fault *fault)
{
	const struct plain_lines *plain = &options->plain;
	const struct csv_list *csv = &options->csv;

	if (options->is_plain && options->is_csv)
		return fault_set(fault, FAULT_USAGE, "--plain and --csv are two kinds of lists: give one");
	if (is_list(options) && !plain->source)
		return fault_set(fault, FAULT_USAGE, "%s needs --source NAME",
		                 options->is_csv ? "--csv" : "--plain");
	if (options->extras.count && (is_list(options) || options->map))
		return fault_set(fault, FAULT_USAGE,
		                 "--map-extra belongs to the built-in mappings: a list or a --map program "
		                 "has the member \"extra\" itself");
	if (!is_list(options) && (plain->source || plain->fetched_at))
		return fault_set(fault, FAULT_USAGE,
		                 "--source and --fetched-at belong to --plain and --csv");
	if (!options->is_csv && (csv->given_count || csv->enabled || csv->lower || csv->wanted))
		return fault_set(fault, FAULT_USAGE,
		                 "--column, --sheet, --status-enabled and --lower belong to --csv");
	if (options->map && (csv->given_count || csv->enabled || csv->lower))
		return fault_set(fault, FAULT_USAGE,
		                 "--column, --status-enabled and --lower do not go with --map: the program "
		                 "gets each line as an object");
	if (!is_list(options) && !options->map && !options->select && options->allow_empty)
		return fault_set(fault, FAULT_USAGE,
		                 "--allow-empty belongs to --plain, --csv, --map and --select");
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
	normalizer->extras = options->extras;
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

	options->csv.plain = plain;
	if (is_list(options) && plain_lines_open(plain, normalizer, fault) < 0)
		return -1;
	for (; *files; files++)
		if ((options->is_csv     ? csv_list_read(&options->csv, normalizer, *files, fault)
		     : options->is_plain ? plain_lines_read(plain, normalizer, *files, fault)
		                         : normalize_read(normalizer, *files, fault)) < 0)
			return -1;
	if (options->is_csv)
		return csv_list_close(&options->csv, normalizer, fault);
	return options->is_plain ? plain_lines_close(plain, normalizer, fault) : 0;
}

static int run(struct normalizer *normalizer, struct options *options, char **files,
               struct fault *fault)
{
	static char *standard_input[] = {"-", NULL};
	struct out out;

	if (!*files)
		files = standard_input;
	for (char **file = files; *file; file++)
		if (strcmp(*file, "-") == 0)
			command_await(options->is_csv     ? "CSV or xlsx"
			              : options->is_plain ? "lines of JSON"
			                                  : "fetch streams and snapshots");
	if (command_confine(files, options->output, fault) < 0 ||
	    read_all(normalizer, options, files, fault) < 0 ||
	    out_open(&out, options->output, fault) < 0)
		return -1;
	if (normalize_write(normalizer, &out, fault) < 0) {
		out_abandon(&out);
		return -1;
	}
	return out_close(&out, fault);
}

/* What became of the lines: a list that is shorter or odder than it should be shows here. */
static void say_counts(const struct normalizer *normalizer, const struct options *options)
{
	struct buf text = {0};

	if (options->is_csv)
		csv_list_put_counts(&options->csv, normalizer, &text);
	else
		plain_lines_put_counts(&options->plain, normalizer, &text);
	if (text.len)
		command_say(buf_text(&text));
	buf_clear(&text);
	if (options->is_csv)
		csv_list_put_doubt(&options->csv, &text);
	if (text.len)
		command_say(buf_text(&text));
	buf_release(&text);
}

static int normalize_run(void *into, char **files, int *status, struct fault *fault)
{
	struct options *options = into;
	struct normalizer normalizer = {0};
	int result;

	(void)status;
	if (check_options(options, fault) < 0)
		return -1;
	result =
		open_all(&normalizer, options, fault) < 0 ? -1 : run(&normalizer, options, files, fault);
	if (result == 0 && is_list(options))
		say_counts(&normalizer, options);
	plain_lines_release(&options->plain);
	normalize_release(&normalizer);
	csv_list_release(&options->csv);
	return result;
}

int main(int argc, char **argv)
{
	static const struct command command = {
		.name = "normalize",
		.usage = "[OPTION...] [FILE...]\n"
				 "--plain --source NAME [OPTION...] [FILE...]\n"
				 "--csv --source NAME [OPTION...] [FILE...]\n",
		.examples =
			"  scim-fetch rudderstack | normalize -o today.ndjson\n"
			"  { scim-fetch rudderstack; scim-fetch stripe; scalr-fetch acme; } | normalize\n"
			"  normalize stripe.ndjson scalr.ndjson > both.ndjson\n"
			"  normalize --plain --source hr staff.ndjson > hr.ndjson\n"
			"  normalize --csv --source hr --column user_name=E-Mail staff.csv > hr.ndjson\n",
		.about =
			"Reads fetch streams and snapshots (stdin without FILE, or where FILE is -) and\n"
			"writes one sorted and sealed snapshot. It writes nothing if one is not complete.\n",
		.ending =
			"Exit status: 0 done, 64 usage, 65 input not valid or not complete, 66 a file can\n"
			"not be opened, 73, 74 output can not be written. If a fetcher failed,\n"
			"its status. See normalize(1).\n",
		.options = rows,
		.operands_most = -1,
		.libraries = {filter_library, package_library, xml_library},
		.run = normalize_run,
	};
	struct options options = {.memory = MEMORY_DEFAULT, .threads = default_threads()};

	return command_main(&command, &options, argc, argv);
}
