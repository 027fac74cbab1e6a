/* SPDX-License-Identifier: ISC */
/*
 * command: what every program does the same way: how it starts, what its command line
 * and its --help look like, how it speaks on stderr, how it ends. A program is a table
 * of options and a function that runs. Only cmd/ prints and only cmd/ decides on an exit.
 */
#ifndef ROLLCALL_COMMAND_H
#define ROLLCALL_COMMAND_H

#include "base/option.h"

enum { COMMAND_LIBRARIES_MAX = 3 };

struct command {
	const char *name;
	/* --help; each is whole lines, ended by \n */
	const char *usage;    /* "[OPTION...] BEFORE AFTER\n"; \n, and the next way to call it */
	const char *examples; /* the programs as people call them, two blanks before each */
	const char *about;    /* what it reads and writes, and the operands */
	const char *ending;   /* exit statuses, and what else there is to know */
	const struct option_row *options;
	int operands_least, operands_most; /* most -1: any number */
	const char *operands;              /* the message where there are fewer or more */
	const char *(*libraries[COMMAND_LIBRARIES_MAX + 1])(
		void); /* that not every program has; then NULL */

	/* All there is to do. `options` is filled; *status is 0 and the exit status where it
	   returns 0. 0 or -1. */
	int (*run)(void *options, char **operands, int *status, struct fault *fault);
	/* After a run, or a command line, that failed; before the message. NULL: nothing. */
	void (*fail)(void *options, const struct fault *fault);
};

/* The whole of main: `options` is the struct of command->options with its defaults.
   Returns the exit status. */
int command_main(const struct command *command, void *options, int argc, char **argv);

/* One line on stderr: "NAME: TEXT". */
void command_say(const char *text);

/* Where stdin is a terminal: says that `what` is read from there, and how it ends. */
void command_await(const char *what);

/* From here on the program can open `files` ("-" is stdin), temporary files and what is
   written to `output` (NULL: nothing), and no others. 0 or -1. */
int command_confine(char *const *files, const char *output, struct fault *fault);

/* Makes `path` with mode 0700; what is there already must be an empty directory. One that was
   made and is still empty when the program fails is removed; `path` must stay valid. `refusal`:
   what is said after the name of one that is not empty. 0 or -1. */
int command_make_directory(const char *path, const char *refusal, struct fault *fault);

/* Older snapshots, one each time --before is given; the names are borrowed, the list is the
  caller's to free. command_parse_before is for OPTION_PARSE. */
struct command_files {
	const char **names;
	size_t count, cap;
};
int command_parse_before(void *value, const char *text, struct fault *fault);

/* Prints to stdout and closes it. Returns the exit status: 0, or 74 where it failed. */
int command_print(const char *text);

/* Is stdout a terminal whose reader wants colours? No where NO_COLOR is set (no-color.org). */
bool command_color(void);

/* The end of a run that can not return (guard.h): "NAME: WHERE WHAT". Safe in a
   signal handler. */
_Noreturn void command_give_up(enum fault_kind kind, const char *where, const char *what);

#endif
