/* SPDX-License-Identifier: ISC */
/*
 * fault: one table maps kinds to exit statuses; everything else is text that is
 * built in place and cut, never overrun, where it is too long.
 */
#include "base/fault.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const int statuses[] = {
	[FAULT_NONE] = 0,      [FAULT_SAFEGUARD] = 3,     [FAULT_USAGE] = 64,    [FAULT_DATA] = 65,
	[FAULT_NO_INPUT] = 66, [FAULT_UNREACHABLE] = 69,  [FAULT_INTERNAL] = 70, [FAULT_CREATE] = 73,
	[FAULT_IO] = 74,       [FAULT_TRY_LATER] = 75,    [FAULT_PROTOCOL] = 76, [FAULT_REFUSED] = 77,
	[FAULT_CONFIG] = 78,   [FAULT_CLOSED_PIPE] = 141,
};

int fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...)
{
	va_list args;

	fault->kind = kind;
	fault->elsewhere = false;
	va_start(args, format);
	vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
	return -1;
}

int fault_prefix(struct fault *fault, const char *format, ...)
{
	char old[sizeof fault->text];
	va_list args;
	int n;

	memcpy(old, fault->text, sizeof old);
	va_start(args, format);
	n = vsnprintf(fault->text, sizeof fault->text, format, args);
	va_end(args);
	if (n >= 0 && (size_t)n < sizeof fault->text)
		snprintf(fault->text + n, sizeof fault->text - (size_t)n, "%s", old);
	return -1;
}

int fault_hint(struct fault *fault, const char *format, ...)
{
	size_t used = strlen(fault->text);
	va_list args;

	va_start(args, format);
	vsnprintf(fault->text + used, sizeof fault->text - used, format, args);
	va_end(args);
	return -1;
}

int fault_memory(struct fault *fault)
{
	return fault_set(fault, FAULT_INTERNAL, "out of memory");
}

int fault_status(enum fault_kind kind)
{
	return statuses[kind];
}

enum fault_kind fault_kind_find(uint64_t status)
{
	for (int kind = FAULT_USAGE; kind <= FAULT_CONFIG; kind++)
		if ((uint64_t)statuses[kind] == status)
			return (enum fault_kind)kind;
	return FAULT_NONE;
}
