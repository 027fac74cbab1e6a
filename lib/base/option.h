/* SPDX-License-Identifier: ISC */
/*
 * option: what the command lines of all programs have in common. Each failure is
 * FAULT_USAGE with the option's name, and what it takes, in the message.
 */
#ifndef ROLLCALL_OPTION_H
#define ROLLCALL_OPTION_H

#include "base/fault.h"
#include "base/span.h"

#include <stdint.h>

/* What getopt_long did not understand: `code` is ? or :, `letter` optopt, `word` the
   argument, of which nothing behind = is told: people try --token=SECRET. Returns -1. */
int option_fault(int code, int letter, const char *word, struct fault *fault);

/* A whole number from `least`, which is not negative, to `most`. 0 or -1. */
int option_number(const char *option, const char *text, long least, long most, long *number,
                  struct fault *fault);

/* "12", or "5%" of something that is counted later. */
struct limit {
	uint64_t number;
	bool is_percent;
};

/* 0 or -1. */
int option_limit(const char *option, const char *text, struct limit *limit, struct fault *fault);

/* How many of `whole` a limit is, rounded down. */
uint64_t limit_of(const struct limit *limit, uint64_t whole);

/* The next of words joined by commas, taken off *list; NULL behind the last. */
struct span option_take_word(const char **list);

#endif
