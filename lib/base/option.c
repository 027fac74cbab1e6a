/* SPDX-License-Identifier: ISC */
/*
 * option: rows for getopt_long, and values held to their rows. strtol takes blanks and
 * signs for granted; here a number is digits.
 */
#include "base/option.h"

#include "base/inert.h"
#include "base/near.h"
#include "base/when.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>

enum { ROWS_MAX = 64, FIRST_CODE = UCHAR_MAX + 1 };

/* The rows of a table and of those that it takes in, and where their values go. */
struct option_list {
	size_t count;
	struct {
		const struct option_row *row;
		size_t offset;
	} at[ROWS_MAX];
};

static const struct option_row common_rows[] = {
	{.name = "help", .letter = 'h', .type = OPTION_ASKS, .help = "print this text"},
	{.name = "version", .letter = 'V', .type = OPTION_ASKS, .help = "print version and libraries"},
	{0},
};

static void option_list_add(struct option_list *list, const struct option_row *row, size_t offset)
{
	for (; row->type != OPTION_END; row++)
		if (row->type == OPTION_TABLE) {
			option_list_add(list, row->rows, offset + row->offset);
		} else if (list->count < ROWS_MAX) {
			list->at[list->count].row = row;
			list->at[list->count++].offset = offset + row->offset;
		}
}

static struct option_list option_list_of(const struct option_row *rows)
{
	struct option_list list = {0};

	option_list_add(&list, rows, 0);
	option_list_add(&list, common_rows, 0);
	return list;
}

static bool row_takes_value(const struct option_row *row)
{
	return row->type >= OPTION_TEXT && row->type <= OPTION_PARSE;
}

/* ---- values ---- */

static bool is_decimal(char byte)
{
	return byte >= '0' && byte <= '9';
}

/* "16M", "64G" */
static void row_put_size(struct buf *text, long long bytes)
{
	int shift = 10;

	while (shift < 30 && bytes % (1LL << (shift + 10)) == 0)
		shift += 10;
	buf_putf(text, "%lld%c", bytes >> shift, "KMG"[shift / 10 - 1]);
}

/* "auto, index or none", or with other words between. */
static void row_put_words(struct buf *text, const struct option_row *row, const char *between,
                          const char *last)
{
	for (long long i = 0; i <= row->most - row->least; i++) {
		if (i)
			buf_puts(text, i == row->most - row->least ? last : between);
		buf_puts(text, row->words[i]);
	}
}

/* The fault of a value that the row does not take. */
static int row_refuse(const struct option_row *row, struct span value, struct fault *fault)
{
	struct near near = near_to(value);
	struct buf takes = {0};

	for (long long i = 0; row->words && i <= row->most - row->least; i++)
		near_try(&near, row->words[i]);
	switch (row->type) {
	case OPTION_NUMBER:
		buf_putf(&takes, "a whole number from %lld to %lld", row->least, row->most);
		break;
	case OPTION_SIZE:
		buf_puts(&takes, "a size from ");
		row_put_size(&takes, row->least);
		buf_puts(&takes, " to ");
		row_put_size(&takes, row->most);
		buf_puts(&takes, " (as 64M or 2G)");
		break;
	case OPTION_TIME:
		buf_puts(&takes, "an RFC 3339 time with a zone (as 2026-11-22T06:00:00Z)");
		break;
	case OPTION_LIMIT: buf_puts(&takes, "a number or a percentage (as 10 or 5%)"); break;
	case OPTION_WORDS:
		row_put_words(&takes, row, ", ", " and ");
		buf_puts(&takes, ", joined by commas");
		break;
	default: row_put_words(&takes, row, ", ", " or "); break;
	}
	if (buf_check(&takes, fault) == 0) {
		fault_set(fault, FAULT_USAGE, "--%s takes %s, not '%s'", row->name, buf_text(&takes),
		          INERT(value));
		near_hint(&near, "", fault);
	}
	buf_release(&takes);
	return -1;
}

/* The value of a word, or -1. */
static int row_find_word(const struct option_row *row, struct span word)
{
	for (long long i = 0; i <= row->most - row->least; i++)
		if (span_is(word, span_of(row->words[i])))
			return (int)(row->least + i);
	return -1;
}

static int row_set_number(const struct option_row *row, long *number, const char *text,
                          struct fault *fault)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	if (errno || !is_decimal(*text) || *end || *number < row->least || *number > row->most)
		return row_refuse(row, span_of(text), fault);
	return 0;
}

static int row_set_size(const struct option_row *row, size_t *size, const char *text,
                        struct fault *fault)
{
	static const char units[] = "KMG";
	unsigned long long number;
	const char *unit;
	char *end;
	int shift = 0;

	errno = 0;
	number = strtoull(text, &end, 10);
	if (*end && (unit = strchr(units, *end)) && !end[1])
		shift = 10 * (int)(unit - units + 1);
	if (errno || !is_decimal(*text) || (*end && !shift) ||
	    number > (unsigned long long)row->most >> shift ||
	    number << shift < (unsigned long long)row->least)
		return row_refuse(row, span_of(text), fault);
	*size = (size_t)number << shift;
	return 0;
}

static int row_set_limit(const struct option_row *row, struct limit *limit, const char *text,
                         struct fault *fault)
{
	char *end;

	errno = 0;
	limit->number = strtoull(text, &end, 10);
	limit->is_percent = *end == '%';
	limit->is_given = true;
	if (errno || !is_decimal(*text) || end[limit->is_percent] ||
	    (limit->is_percent && limit->number > 100))
		return row_refuse(row, span_of(text), fault);
	return 0;
}

static int row_set_words(const struct option_row *row, unsigned *bits, const char *list,
                         struct fault *fault)
{
	do {
		struct span word = option_take_word(&list);
		int value = row_find_word(row, word);

		if (value < 0)
			return row_refuse(row, word, fault);
		*bits |= 1U << value;
	} while (list);
	return 0;
}

static int row_set_text(const struct option_row *row, const char **value, const char *text,
                        struct fault *fault)
{
	char utc[WHEN_MAX];

	*value = text;
	if (row->type == OPTION_TIME)
		return when_utc(span_of(text), utc) ? 0 : row_refuse(row, span_of(text), fault);
	if (!*text)
		return fault_set(fault, FAULT_USAGE, "--%s must not be empty", row->name);
	if (row->type == OPTION_TEXT && !utf8_is(span_of(text)))
		return fault_set(fault, FAULT_USAGE, "--%s must be UTF-8", row->name);
	return 0;
}

static int row_set_word(const struct option_row *row, int *value, const char *text,
                        struct fault *fault)
{
	int word = row_find_word(row, span_of(text));

	if (word < 0)
		return row_refuse(row, span_of(text), fault);
	*value = word;
	return 0;
}

static int row_set(const struct option_row *row, void *value, const char *text, struct fault *fault)
{
	switch (row->type) {
	case OPTION_FLAG: *(bool *)value = true; return 0;
	case OPTION_SETS: *(int *)value = (int)row->least; return 0;
	case OPTION_TEXT:
	case OPTION_FILE:
	case OPTION_TIME: return row_set_text(row, value, text, fault);
	case OPTION_NUMBER: return row_set_number(row, value, text, fault);
	case OPTION_SIZE: return row_set_size(row, value, text, fault);
	case OPTION_LIMIT: return row_set_limit(row, value, text, fault);
	case OPTION_WORD: return row_set_word(row, value, text, fault);
	case OPTION_WORDS: return row_set_words(row, value, text, fault);
	default: return row->parse(value, text, fault);
	}
}

int option_parse_any(void *value, const char *text, struct fault *fault)
{
	(void)fault;
	*(const char **)value = text;
	return 0;
}

struct span option_take_word(const char **list)
{
	struct span word = {*list, strcspn(*list, ",")};

	*list = word.data[word.len] ? word.data + word.len + 1 : NULL;
	return word;
}

uint64_t limit_of(const struct limit *limit, uint64_t whole)
{
	if (!limit->is_percent)
		return limit->number;
	return whole / 100 * limit->number + whole % 100 * limit->number / 100;
}

/* ---- the command line ---- */

/* The fault of a long name that is none, or the beginning of several. */
static int option_list_refuse_name(const struct option_list *list, struct span name,
                                   struct fault *fault)
{
	const char *first = NULL, *second = NULL;
	struct near near = near_to(name);

	for (size_t i = 0; i < list->count; i++) {
		const struct option_row *row = list->at[i].row;

		if (row->type == OPTION_HEADING)
			continue;
		if (span_begins(span_of(row->name), name))
			*(first ? &second : &first) = row->name;
		near_try(&near, row->name);
	}
	if (second)
		return fault_set(fault, FAULT_USAGE,
		                 "option '--%s' can be --%s or --%s: write the whole name", INERT(name),
		                 first, second);
	fault_set(fault, FAULT_USAGE, "unknown option '--%s'", INERT(name));
	return near_hint(&near, "--", fault);
}

/* The fault of a letter that is none: -check is a long name with one - too few. `word` is the
   argument it stands in. */
static int option_list_refuse_letter(const struct option_list *list, const char *word,
                                     struct fault *fault)
{
	struct near near = near_to((struct span){word + 1, *word ? strcspn(word + 1, "=") : 0});

	fault_set(fault, FAULT_USAGE, "unknown option '-%s'",
	          INERT(((struct span){(char[]){(char)optopt}, 1})));
	for (size_t i = 0; near.wanted.len > 2 && i < list->count; i++)
		if (list->at[i].row->type != OPTION_HEADING)
			near_try(&near, list->at[i].row->name);
	return near_hint(&near, "--", fault);
}

/* What getopt_long did not take: `code` is ? or :, argv[optind - 1] the argument; of letters
   that stand together, all but the last leave optind at their argument. */
static int option_list_refuse(const struct option_list *list, int code, char *const *argv,
                              struct fault *fault)
{
	const char *word = argv[optind - 1];

	if (optopt >= FIRST_CODE) {
		const struct option_row *row = list->at[optopt - FIRST_CODE].row;

		return code == ':'
		           ? fault_set(fault, FAULT_USAGE, "option '--%s' needs a value", row->name)
		           : fault_set(fault, FAULT_USAGE, "option '--%s' takes no value", row->name);
	}
	if (optopt > 0 && code == ':')
		return fault_set(fault, FAULT_USAGE, "option '-%c' needs a value", optopt);
	if (optopt > 0) {
		if ((*word != '-' || word[strlen(word) - 1] != (char)optopt) && argv[optind])
			word = argv[optind];
		return option_list_refuse_letter(list, word, fault);
	}
	word += strspn(word, "-");
	return option_list_refuse_name(list, (struct span){word, strcspn(word, "=")}, fault);
}

static void option_list_getopt(const struct option_list *list, struct option *names, char *letters)
{
	*letters++ = ':';
	for (size_t i = 0; i < list->count; i++) {
		const struct option_row *row = list->at[i].row;
		int takes = row->type == OPTION_ASKS && row->letter == 'h' ? optional_argument
		            : row_takes_value(row)                         ? required_argument
		                                                           : no_argument;

		if (row->type == OPTION_HEADING)
			continue;
		*names++ = (struct option){row->name, takes, NULL, FIRST_CODE + (int)i};
		if (row->letter) {
			*letters++ = row->letter;
			if (takes == required_argument)
				*letters++ = ':';
		}
	}
	*names = (struct option){0};
	*letters = '\0';
}

/* -h, -V, --help[=table], --version: what is wanted, or -1. */
static int row_read_wish(const struct option_row *row, const char *value, struct fault *fault)
{
	if (row->letter == 'V')
		return WANT_VERSION;
	if (!value)
		return WANT_HELP;
	return strcmp(value, "table") == 0
	           ? WANT_TABLE
	           : fault_set(fault, FAULT_USAGE, "--help takes table, or nothing, not '%s'",
	                       INERT(span_of(value)));
}

int option_read(const struct option_row *rows, void *into, int argc, char **argv, char ***operands,
                struct fault *fault)
{
	const struct option_list list = option_list_of(rows);
	struct option names[ROWS_MAX + 1];
	char letters[2 * ROWS_MAX + 2];
	int code;

	if (list.count == ROWS_MAX)
		return fault_set(fault, FAULT_INTERNAL, "more options than the limit of %d", ROWS_MAX);
	option_list_getopt(&list, names, letters);
	opterr = 0;
	while ((code = getopt_long(argc, argv, letters, names, NULL)) != -1) {
		size_t i = code >= FIRST_CODE ? (size_t)(code - FIRST_CODE) : 0;

		if (code == '?' || code == ':')
			return option_list_refuse(&list, code, argv, fault);
		while (code < FIRST_CODE && list.at[i].row->letter != code)
			i++;
		if (list.at[i].row->type == OPTION_ASKS)
			return row_read_wish(list.at[i].row, code < FIRST_CODE ? NULL : optarg, fault);
		if (row_set(list.at[i].row, (char *)into + list.at[i].offset, optarg, fault) < 0)
			return -1;
	}
	*operands = argv + optind;
	return WANT_RUN;
}

const struct option_row *option_find(const struct option_row *rows, struct span name)
{
	const struct option_list list = option_list_of(rows);

	for (size_t i = 0; i < list.count; i++)
		if (list.at[i].row->type != OPTION_HEADING && span_is(name, span_of(list.at[i].row->name)))
			return list.at[i].row;
	return NULL;
}

/* ---- for people, and for scripts ---- */

static void row_put_argument(const struct option_row *row, struct buf *text)
{
	if (row->argument)
		buf_puts(text, row->argument);
	else if (row->words)
		row_put_words(text, row, "|", "|");
}

/* "  -o, --output FILE", as wide as it is. */
static size_t row_put_left(const struct option_row *row, struct buf *text)
{
	size_t before = text->len;

	buf_puts(text, "  ");
	if (row->letter)
		buf_putf(text, "-%c, ", row->letter);
	buf_putf(text, "--%s", row->name);
	if (row_takes_value(row))
		buf_putc(text, ' ');
	row_put_argument(row, text);
	return text->len - before;
}

void option_put_help(const struct option_row *rows, struct buf *text)
{
	const struct option_list list = option_list_of(rows);
	struct buf left = {0};
	bool is_grouped = false;
	size_t width = 0;

	for (size_t i = 0; i < list.count; i++) {
		size_t len =
			list.at[i].row->type == OPTION_HEADING ? 0 : row_put_left(list.at[i].row, &left);

		width = len > width ? len : width;
	}
	buf_release(&left);
	for (size_t i = 0; i < list.count; i++) {
		const struct option_row *row = list.at[i].row;
		const char *line = row->help;

		if (row->type == OPTION_HEADING) {
			buf_putf(text, "%s:\n", row->name);
			is_grouped = true;
			continue;
		}
		if (row == common_rows && is_grouped)
			buf_putc(text, '\n');
		buf_putf(text, "%*s", (int)(width - row_put_left(row, text)), "");
		for (;;) {
			int len = (int)strcspn(line, "\n");

			buf_putf(text, "  %.*s\n", len, line);
			if (!line[len])
				break;
			line += len + 1;
			buf_putf(text, "%*s", (int)width, "");
		}
	}
}

/* What a value can be: "1..64", "auto|index", or - for anything. */
static void row_put_range(const struct option_row *row, struct buf *text)
{
	if (row->type == OPTION_NUMBER) {
		buf_putf(text, "%lld..%lld", row->least, row->most);
	} else if (row->type == OPTION_SIZE) {
		row_put_size(text, row->least);
		buf_puts(text, "..");
		row_put_size(text, row->most);
	} else if (row->words) {
		row_put_words(text, row, "|", "|");
	} else {
		buf_putc(text, '-');
	}
}

void option_put_table(const struct option_row *rows, struct buf *text)
{
	const struct option_list list = option_list_of(rows);

	for (size_t i = 0; i < list.count; i++) {
		const struct option_row *row = list.at[i].row;

		if (row->type == OPTION_HEADING)
			continue;
		buf_putf(text, "--%s\t-%.*s\t", row->name, row->letter != 0, &row->letter);
		row_put_argument(row, text);
		buf_puts(text, row_takes_value(row) ? "\t" : "-\t");
		row_put_range(row, text);
		buf_putc(text, '\t');
		for (const char *at = row->help; *at; at++)
			buf_putc(text, *at == '\n' ? ' ' : *at);
		buf_putc(text, '\n');
	}
}
