/* SPDX-License-Identifier: ISC */
/*
 * command: the one place that writes to stderr.
 */
#include "command.h"

#include "base/option.h"
#include "sys/sandbox.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <yyjson.h>

static const char *name;

void command_start(const char *program)
{
	name = program;
	/* a closed stream would give its number to the next file that is opened; one
	   that is closed for output must fail when it is written to */
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			(void)!open("/dev/null", fd == STDERR_FILENO ? O_WRONLY : O_RDONLY);
	undo_arm();
}

void command_say(const char *text)
{
	fprintf(stderr, "%s: %s\n", name, text);
}

int command_print(const char *text)
{
	struct fault fault = {0};

	if (fputs(text, stdout) < 0 || fflush(stdout) != 0 || fclose(stdout) != 0) {
		if (errno == EPIPE)
			undo_die_of_pipe();
		fault_set(&fault, FAULT_IO, "cannot write 'standard output': %s", strerror(errno));
	}
	return command_end(&fault);
}

bool command_color(void)
{
	const char *no_color = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(no_color && *no_color);
}

int command_version(const char *library)
{
	uint32_t json = yyjson_version();
	char text[512], sandbox[SANDBOX_TEXT], seccomp[SANDBOX_TEXT];

	snprintf(text, sizeof text, "%s %s (rollcall)\n%s%syyjson/%u.%u.%u\n%s\n%s\nsandbox: %s\n",
	         name, ROLLCALL_VERSION, library ? library : "", library ? "\n" : "",
	         (unsigned)(json >> 16), (unsigned)(json >> 8 & 0xff), (unsigned)(json & 0xff),
	         OpenSSL_version(OPENSSL_VERSION), sandbox_library(seccomp), sandbox_describe(sandbox));
	return command_print(text);
}

int command_bad_option(int code, int letter, const char *word)
{
	struct fault fault = {0};

	option_fault(code, letter, word, &fault);
	return command_end(&fault);
}

int command_end(const struct fault *fault)
{
	if (fault->kind == FAULT_NONE)
		return 0;
	if (fault->kind == FAULT_CLOSED_PIPE)
		undo_die_of_pipe();
	command_say(fault->text);
	if (fault->kind == FAULT_USAGE)
		fprintf(stderr, "Try '%s --help'.\n", name);
	return fault_status(fault->kind);
}

void command_give_up(enum fault_kind kind, const char *where, const char *what)
{
	const char *const words[] = {name, ": ", where, " ", what, "\n"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		(void)!write(STDERR_FILENO, words[i], strlen(words[i]));
	undo_now();
	_exit(fault_status(kind));
}
