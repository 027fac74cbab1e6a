/* SPDX-License-Identifier: ISC */
/*
 * option: one table of options a program. The command line, the list of --help, the
 * table of --help=table (for completions, and for tests/40-docs.bats) and the messages
 * come from its rows.
 *
 * A row says what an option is called, what it takes, and at which offset of the
 * program's struct the value goes. -h and -V need no row. Options stand before or after
 * the operands, -- ends them. An option that is given again takes the place of the
 * earlier one, but lists add up.
 */
#ifndef ROLLCALL_OPTION_H
#define ROLLCALL_OPTION_H

#include "base/fault.h"
#include "base/span.h"

#include <stdint.h>

struct buf;

/* "12", or "5%" of something that is counted later. */
struct limit {
	uint64_t number;
	bool is_percent;
	bool is_given; /* by an option */
};

/* How many of `whole` a limit is, rounded down. */
uint64_t limit_of(const struct limit *limit, uint64_t whole);

enum option_type {
	OPTION_END,     /* the last row of a table: {0} */
	OPTION_HEADING, /* no option: a line of --help over the rows that follow */
	OPTION_TABLE,   /* no option: the rows of another table, whose struct is at `offset` */
	OPTION_FLAG,    /* bool: takes no value, sets true */
	OPTION_SETS,    /* int: takes no value, sets `least` */
	OPTION_TEXT,    /* const char *: UTF-8, not empty */
	OPTION_FILE,    /* const char *: the name of a file, any bytes, not empty */
	OPTION_TIME,    /* const char *: RFC 3339 with a zone */
	OPTION_NUMBER,  /* long: a whole number from `least` to `most` */
	OPTION_SIZE,    /* size_t: bytes from `least` to `most`, with K, M or G for more */
	OPTION_LIMIT,   /* struct limit */
	OPTION_WORD,    /* int: one of `words`, which are `least` to `most` */
	OPTION_WORDS,   /* unsigned: a list of `words`; bit i is set for the word of value i */
	OPTION_PARSE,   /* anything: `parse` reads the value */
	OPTION_ASKS,    /* --help and --version */
};

struct option_row {
	const char *name; /* without --; of a heading the line */
	char letter;      /* 0: none */
	enum option_type type;
	const char *argument; /* "FILE"; NULL: takes no value, or its words say what */
	const char *help;     /* \n where a line ends */
	size_t offset;
	long long least, most;
	const char *const *words;
	const struct option_row *rows;
	/* `value` is the member at `offset`. 0, or -1 with FAULT_USAGE. */
	int (*parse)(void *value, const char *text, struct fault *fault);
};

/* NOLINTBEGIN(bugprone-macro-parentheses): types and members can have none */

/* The offset of a member; the compiler refuses one that is not of this type. */
#define OPTION_AT(is, of, member) _Generic(((of *)0)->member, is : offsetof(of, member))

/* Rows: NAME, LETTER, ARGUMENT, help, struct and member, then what the type needs. */
/* clang-format off */
#define OPTION_HEADING(text) {.name = text, .type = OPTION_HEADING}
#define OPTION_TABLE(of, member, table) \
	{.type = OPTION_TABLE, .offset = offsetof(of, member), .rows = table}
#define OPTION_ROWS(table) {.type = OPTION_TABLE, .rows = table} /* of the same struct */
#define OPTION_FLAG(called, text, of, member) \
	{.name = called, .type = OPTION_FLAG, .help = text, .offset = OPTION_AT(bool, of, member)}
#define OPTION_SETS(called, short, text, of, member, value) \
	{.name = called, .letter = short, .type = OPTION_SETS, .help = text, \
	 .offset = OPTION_AT(int, of, member), .least = value}
#define OPTION_TEXT(called, takes, text, of, member) \
	{.name = called, .type = OPTION_TEXT, .argument = takes, .help = text, \
	 .offset = OPTION_AT(const char *, of, member)}
#define OPTION_FILE(called, short, takes, text, of, member) \
	{.name = called, .letter = short, .type = OPTION_FILE, .argument = takes, .help = text, \
	 .offset = OPTION_AT(const char *, of, member)}
#define OPTION_TIME(called, text, of, member) \
	{.name = called, .type = OPTION_TIME, .argument = "TIME", .help = text, \
	 .offset = OPTION_AT(const char *, of, member)}
#define OPTION_NUMBER(called, takes, text, of, member, from, to) \
	{.name = called, .type = OPTION_NUMBER, .argument = takes, .help = text, \
	 .offset = OPTION_AT(long, of, member), .least = from, .most = to}
#define OPTION_SIZE(called, takes, text, of, member, from, to) \
	{.name = called, .type = OPTION_SIZE, .argument = takes, .help = text, \
	 .offset = OPTION_AT(size_t, of, member), .least = from, .most = to}
#define OPTION_LIMIT(called, text, of, member) \
	{.name = called, .type = OPTION_LIMIT, .argument = "N|N%", .help = text, \
	 .offset = OPTION_AT(struct limit, of, member)}
#define OPTION_WORD(called, takes, text, of, member, list, first, last) \
	{.name = called, .type = OPTION_WORD, .argument = takes, .help = text, \
	 .offset = OPTION_AT(int, of, member), .words = list, .least = first, .most = last}
#define OPTION_WORDS(called, takes, text, of, member, list, first, last) \
	{.name = called, .type = OPTION_WORDS, .argument = takes, .help = text, \
	 .offset = OPTION_AT(unsigned, of, member), .words = list, .least = first, .most = last}
#define OPTION_PARSE(called, takes, text, of, member, by) \
	{.name = called, .type = OPTION_PARSE, .argument = takes, .help = text, \
	 .offset = offsetof(of, member), .parse = by}
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

enum option_want { WANT_RUN, WANT_HELP, WANT_TABLE, WANT_VERSION };

/* Reads argv into the struct `into`, whose defaults are set, and permutes it:
   *operands are what is left, ended by NULL. Borrows from argv. Returns what is wanted,
   or -1 with FAULT_USAGE. Of a value nothing is told that may be a secret: people try
   --token=SECRET. */
int option_read(const struct option_row *rows, void *into, int argc, char **argv, char ***operands,
                struct fault *fault);

/* The row of this name, also of a table within; NULL: there is none. */
const struct option_row *option_find(const struct option_row *rows, struct span name);

/* Appends the options as --help shows them: a line each, or more. */
void option_put_help(const struct option_row *rows, struct buf *text);

/* Appends a line for each option, its five fields divided by tabs, - where there is
   nothing to say: --NAME, -LETTER, ARGUMENT, the values it takes ("auto|index", "1..64";
   -: anything), what it does. */
void option_put_table(const struct option_row *rows, struct buf *text);

/* For OPTION_PARSE of a const char * that something else judges: any bytes, or none. 0. */
int option_parse_any(void *value, const char *text, struct fault *fault);

/* The next of words joined by commas, taken off *list; NULL after the last. */
struct span option_take_word(const char **list);

#endif
