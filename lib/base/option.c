/* SPDX-License-Identifier: ISC */
/*
 * option: strtol takes blanks and signs for granted; here a number is digits.
 */
#include "base/option.h"

#include "base/inert.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

int option_fault(int code, int letter, const char *word, struct fault *fault)
{
	char short_option[] = {'-', (char)letter, '\0'};

	if (letter > 0 && letter <= UCHAR_MAX)
		word = short_option;
	return fault_set(fault, FAULT_USAGE,
	                 code == ':' ? "option '%s' needs a value" : "unknown option '%s'",
	                 INERT(((struct span){word, strcspn(word, "=")})));
}

static bool is_digit(char byte)
{
	return byte >= '0' && byte <= '9';
}

int option_number(const char *option, const char *text, long least, long most, long *number,
                  struct fault *fault)
{
	char *end;

	errno = 0;
	*number = strtol(text, &end, 10);
	if (errno || !is_digit(*text) || *end || *number < least || *number > most)
		return fault_set(fault, FAULT_USAGE, "%s takes a whole number from %ld to %ld, not '%s'",
		                 option, least, most, INERT(span_of(text)));
	return 0;
}

int option_limit(const char *option, const char *text, struct limit *limit, struct fault *fault)
{
	char *end;

	errno = 0;
	limit->number = strtoull(text, &end, 10);
	limit->is_percent = *end == '%';
	if (errno || !is_digit(*text) || end[limit->is_percent] ||
	    (limit->is_percent && limit->number > 100))
		return fault_set(fault, FAULT_USAGE, "%s takes a number or a percentage, not '%s'", option,
		                 INERT(span_of(text)));
	return 0;
}

uint64_t limit_of(const struct limit *limit, uint64_t whole)
{
	if (!limit->is_percent)
		return limit->number;
	return whole / 100 * limit->number + whole % 100 * limit->number / 100;
}

struct span option_take_word(const char **list)
{
	struct span word = {*list, strcspn(*list, ",")};

	*list = word.data[word.len] ? word.data + word.len + 1 : NULL;
	return word;
}
