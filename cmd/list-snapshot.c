/* SPDX-License-Identifier: ISC */
/*
 * list-snapshot: who can get in, as rows. See list-snapshot(1).
 */
#include "base/ceiling.h"
#include "base/inert.h"
#include "command.h"
#include "jq/jq_guard.h"
#include "list/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct options {
	struct list_options list;
	const char *output;
	bool excel;
	bool quiet;
};

/* "90d" or "90". */
static int parse_days(void *value, const char *text, struct fault *fault)
{
	char *end;
	long days = strtol(text, &end, 10);

	if (*text < '0' || *text > '9' || (*end == 'd' ? end[1] : *end) || days < 1 || days > 36500)
		return fault_set(fault, FAULT_USAGE, "--idle takes a number of days such as 90d, not '%s'",
		                 INERT(span_of(text)));
	*(long *)value = days;
	return 0;
}

static const struct option_row rows[] = {
	OPTION_HEADING("The question"),
	OPTION_WORD("by", "WHAT", "a row for each access, user, person, group,\nsource or gap",
                struct options, list.by, list_by_names, 0, LIST_BYS - 1),
	OPTION_FLAG("direct", "do not follow groups in groups", struct options, list.direct),
	OPTION_TEXT("group", "NAME", "only who is in this group (name or id)", struct options,
                list.group),
	OPTION_TEXT("user", "NAME", "only this person (user name, e-mail or id)", struct options,
                list.user),
	OPTION_FILE("persons", 0, "FILE", "which accounts are one person's, as people know it",
                struct options, list.persons),
	OPTION_TEXT("source", "NAME", "only this directory", struct options, list.source),
	OPTION_FLAG("enabled", "only accounts that can sign in", struct options, list.enabled),
	OPTION_PARSE("idle", "DAYS", "only accounts that did not sign in for DAYS (90d)",
                 struct options, list.idle_days, parse_days),
	OPTION_PARSE("where", "EXPR", "only rows for which this jq expression is true", struct options,
                 list.where, option_parse_any),
	OPTION_FILE("since-from", 0, "FILE", "a trace: since when each access is there, as a column",
                struct options, list.since_from),
	OPTION_FILE("decisions", 0, "FILE", "what a review decided upon each access, as columns",
                struct options, list.decisions),
	OPTION_HEADING("The answer"),
	OPTION_TEXT("columns", "NAME,...", "these columns, in this order", struct options,
                list.columns),
	OPTION_TEXT("sort", "COLUMN", "sort by this column (user name, source)", struct options,
                list.sort),
	OPTION_WORD(
		"format", "FORMAT",
		"table (on a terminal), csv (elsewhere), tsv,\nmarkdown, ndjson or xlsx; -o FILE.xlsx says it, too",
		struct options, list.format, table_format_names, 0, TABLE_FORMATS - 1),
	OPTION_FLAG("excel", "CSV with a byte-order mark and CRLF", struct options, excel),
	OPTION_FILE("output", 'o', "FILE", "replace FILE as a whole, or leave it as it was",
                struct options, output),
	OPTION_SIZE("memory", "SIZE", "sort up to SIZE in memory, more in $TMPDIR (128M)",
                struct options, list.memory, MEMORY_MIN, MEMORY_MAX),
	{0},
};

static size_t terminal_width(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

/* What people must know beside the rows: below a table, else on stderr. */
static void put_notes(const struct list *list, struct buf *text)
{
	const struct list_options *options = list->options;
	bool accounts = options->by <= LIST_PERSON;

	buf_putf(text, "%llu row%s", (unsigned long long)list->table.row_count,
	         list->table.row_count == 1 ? "" : "s");
	if (accounts)
		buf_putf(text, ", %llu account%s", (unsigned long long)list->accounts,
		         list->accounts == 1 ? "" : "s");
	buf_putf(text, ", %zu source%s\n", list->source_count, list->source_count == 1 ? "" : "s");
	if (list->idle_unknown)
		buf_putf(text, "left out: %llu accounts that do not show the last sign-in\n",
		         (unsigned long long)list->idle_unknown);
	buf_put_span(text, buf_span(&list->notes));
}

static void say_lines(struct buf *text)
{
	char *line = text->data, *end;

	for (; line && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		command_say(line);
	}
}

/* When the directories were read: the latest of the times. */
static int64_t created_at(const struct list *list)
{
	int64_t created = 0;

	for (size_t i = 0; i < list->source_count; i++)
		when_raise(list->sources[i].as_of, &created);
	return created;
}

/* The rows, and a sheet for what people must know beside them. */
static int write_workbook(struct list *list, const struct buf *notes, struct out *out,
                          struct fault *fault)
{
	struct xlsx_out book = {.fd = -1};
	struct span rest = buf_span(notes);
	int result = xlsx_out_open(&book, created_at(list), fault);

	if (result == 0)
		result = table_write_sheet(&list->table, &book, list_by_names[list->options->by], fault);
	if (result == 0)
		result = xlsx_out_add_sheet(&book, "Not seen", fault);
	if (result == 0)
		xlsx_out_set_column(&book, 0, 100, XLSX_FIXED);
	while (result == 0 && rest.len) {
		const char *end = memchr(rest.data, '\n', rest.len);
		size_t len = end ? (size_t)(end - rest.data) : rest.len;

		xlsx_out_put_wrapped(&book, 0, (struct span){rest.data, len});
		result = xlsx_out_end_row(&book, fault);
		len += end != NULL;
		rest = (struct span){rest.data + len, rest.len - len};
	}
	if (result == 0)
		result = xlsx_out_close(&book, out, fault);
	xlsx_out_release(&book);
	return result;
}

static int write_rows(struct list *list, const struct options *options, struct fault *fault)
{
	bool table = options->list.format == TABLE_TEXT;
	const struct table_look look = {
		.excel = options->excel,
		.color = table && !options->output && command_color(),
		.width = options->output ? 0 : terminal_width(),
	};
	struct buf notes = {0};
	struct out out;
	int result = -1;

	put_notes(list, &notes);
	if (buf_check(&notes, fault) == 0 && out_open(&out, options->output, fault) == 0) {
		out.has_colors = look.color;
		result = options->list.format == TABLE_XLSX ? write_workbook(list, &notes, &out, fault)
		                                            : table_write(&list->table, &look, &out, fault);
		if (table) {
			out_put(&out, span_of("\n"));
			out_put(&out, buf_span(&notes));
		}
		if (result < 0)
			out_abandon(&out);
		else
			result = out_close(&out, fault);
	}
	if (result == 0 && !table && (list->notes.len || list->idle_unknown)) {
		buf_text(&notes);
		say_lines(&notes);
	}
	buf_release(&notes);
	return result;
}

/* The person may be called by other names in each snapshot, so all are searched first. */
static int read_twice(struct list *list, char **files, size_t count, struct fault *fault)
{
	struct reread *inputs = calloc(count, sizeof *inputs);
	size_t opened = 0;
	int result = inputs ? 0 : fault_memory(fault);

	while (result == 0 && opened < count) {
		result = reread_open(&inputs[opened], files[opened], fault);
		opened++;
	}
	if (result == 0)
		result = list_search(list, inputs, count, fault);
	for (size_t i = 0; result == 0 && i < count; i++)
		result = list_reread(list, &inputs[i], fault);
	while (opened)
		reread_close(&inputs[--opened]);
	free(inputs);
	return result;
}

static int read_all(struct list *list, char **files, struct fault *fault)
{
	size_t count = 0;

	while (files[count])
		count++;
	if ((list->options->decisions && list_read_decisions(list, fault) < 0) ||
	    (list->options->since_from && list_read_since(list, fault) < 0))
		return -1;
	if (list->options->user)
		return read_twice(list, files, count, fault) < 0 ? -1 : list_end(list, fault);
	for (; *files; files++)
		if (list_read(list, *files, fault) < 0)
			return -1;
	return list_end(list, fault);
}

/* Opens nothing but the snapshots, the decisions and the trace from here on. 0 or -1. */
static int confine(char **files, const struct options *options, struct fault *fault)
{
	const char *const more[] = {options->list.decisions, options->list.since_from};
	size_t count = 0;
	char **all;
	int result;

	while (files[count])
		count++;
	all = calloc(count + 3, sizeof *all);
	if (!all)
		return fault_memory(fault);
	memcpy(all, files, count * sizeof *all);
	for (size_t i = 0; i < 2; i++)
		if (more[i])
			all[count++] = (char *)(uintptr_t)more[i];
	result = command_confine(all, options->output, fault);
	free(all);
	return result;
}

/* The format that nobody asked for by name: that of the ending of FILE, if it has one. */
static int output_format(const char *file)
{
	static const struct {
		const char *ending;
		int format;
	} endings[] = {
		{".xlsx", TABLE_XLSX},     {".tsv", TABLE_TSV},      {".md", TABLE_MARKDOWN},
		{".ndjson", TABLE_NDJSON}, {".jsonl", TABLE_NDJSON},
	};
	const char *ending = file ? strrchr(file, '.') : NULL;

	for (size_t i = 0; ending && i < sizeof endings / sizeof *endings; i++)
		if (span_is_nocase(span_of(ending), span_of(endings[i].ending)))
			return endings[i].format;
	return !file && isatty(STDOUT_FILENO) ? TABLE_TEXT : TABLE_CSV;
}

static int list_snapshot_run(void *into, char **files, int *status, struct fault *fault)
{
	static char *standard_input[] = {"-", NULL};
	struct options *options = into;
	struct list list;
	int result;

	(void)status;
	if (options->list.format < 0)
		options->list.format = output_format(options->output);
	else if (options->list.format == TABLE_XLSX && !options->output && isatty(STDOUT_FILENO))
		return fault_set(fault, FAULT_USAGE, "a workbook is nothing for a terminal: give -o FILE");
	if (options->list.where && !*options->list.where)
		return fault_set(fault, FAULT_USAGE, "--where is empty: give a jq expression on a row");
	if (options->excel && options->list.format != TABLE_CSV)
		return fault_set(fault, FAULT_USAGE, "--excel belongs to --format csv");
	if (options->list.persons && options->list.by != LIST_PERSON && !options->list.user)
		return fault_set(fault, FAULT_USAGE, "--persons belongs to --by person and --user");
	if (options->list.decisions && options->list.by != LIST_ACCESS && options->list.by != LIST_USER)
		return fault_set(fault, FAULT_USAGE, "--decisions belongs to --by access and --by user");
	if (options->list.since_from && options->list.by != LIST_ACCESS &&
	    options->list.by != LIST_USER)
		return fault_set(fault, FAULT_USAGE, "--since-from belongs to --by access and --by user");
	options->list.for_people =
		options->list.format == TABLE_TEXT || options->list.format == TABLE_MARKDOWN;
	if (!*files)
		files = standard_input;
	for (char **file = files; *file; file++)
		if (strcmp(*file, "-") == 0) {
			if ((options->list.decisions && strcmp(options->list.decisions, "-") == 0) ||
			    (options->list.since_from && strcmp(options->list.since_from, "-") == 0))
				return fault_set(fault, FAULT_USAGE,
				                 "only one of two inputs can be standard input");
			command_await("a snapshot");
		}
	if (options->list.where)
		jq_guard_start(command_give_up);
	result = list_open(&list, &options->list, fault);
	if (result == 0 && (confine(files, options, fault) < 0 || read_all(&list, files, fault) < 0 ||
	                    write_rows(&list, options, fault) < 0))
		result = -1;
	list_release(&list);
	return result;
}

static const struct command command = {
	.name = "list-snapshot",
	.usage = "[OPTION...] [SNAPSHOT...]\n",
	.examples = "  list-snapshot today.ndjson\n"
				"  list-snapshot --group Admins --excel -o admins.csv today.ndjson\n"
				"  list-snapshot --by user --enabled --idle 90d today.ndjson\n",
	.about = "Says who can get in: each account with the groups and roles that it has,\n"
			 "directly or through groups in groups, as a table, a CSV file or other rows.\n",
	.ending = "Exit status: 0 done, 64 usage, 65 a snapshot is not valid or not complete, 66 a\n"
			  "file can not be opened, 73, 74 output can not be written. See list-snapshot(1).\n",
	.options = rows,
	.operands_least = 0,
	.operands_most = -1,
	.libraries = {filter_library, xlsx_out_library},
	.run = list_snapshot_run,
};

int main(int argc, char **argv)
{
	struct options options = {.list = {.format = -1, .memory = 128 * MIB}};

	return command_main(&command, &options, argc, argv);
}
