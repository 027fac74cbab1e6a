/* SPDX-License-Identifier: ISC */
/*
 * command: what every program does the same way: how it starts, how it speaks
 * on stderr, how it ends. Only cmd/ prints and only cmd/ decides on an exit.
 */
#ifndef ROLLCALL_COMMAND_H
#define ROLLCALL_COMMAND_H

#include "base/fault.h"

#include <stdbool.h>

/* Opens what is missing of the three standard streams, arms undo. `program` is
   its name, whatever argv[0] says. */
void command_start(const char *program);

/* One line on stderr: "NAME: TEXT". */
void command_say(const char *text);

/* Prints to stdout and returns the exit status: 0, or 74 where it failed. */
int command_print(const char *text);

/* Is stdout a terminal whose reader wants colours? No where NO_COLOR is set (no-color.org). */
bool command_color(void);

/* Name, version, the versions of the libraries in use, and what of a sandbox there is;
   `library` is one that not every program has, or NULL. */
int command_version(const char *library);

/* Says what getopt_long did not understand, as option_fault has it. Returns 64. */
int command_bad_option(int code, int letter, const char *word);

/* Says what is wrong, if anything, and returns the exit status. A closed stdout
   ends the process as SIGPIPE does. */
int command_end(const struct fault *fault);

/* The end of a run that can not return (guard.h): "NAME: WHERE WHAT". Safe in a
   signal handler. */
_Noreturn void command_give_up(enum fault_kind kind, const char *where, const char *what);

#endif
