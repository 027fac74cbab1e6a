/* SPDX-License-Identifier: ISC */
/*
 * command: the one place that writes to stderr.
 */
#include "command.h"

#include "base/array.h"
#include "base/buf.h"
#include "base/inert.h"
#include "sys/digest.h"
#include "sys/sandbox.h"
#include "sys/undo.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <utf8proc.h>
#include <yyjson.h>
#include <zstd.h>

static const char *name;
static const char *made; /* a directory that goes again if the program fails with nothing in it */

static void command_start(const char *program)
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

/* Says what is wrong, if anything, and returns the exit status. A closed stdout ends the
   process as SIGPIPE does. */
static int command_end(const struct fault *fault)
{
	if (fault->kind == FAULT_NONE)
		return 0;
	if (fault->kind == FAULT_CLOSED_PIPE)
		undo_die_of_pipe();
	if (made)
		(void)rmdir(made);
	command_say(fault->text);
	if (fault->kind == FAULT_USAGE && !fault->elsewhere)
		fprintf(stderr, "Try '%s --help'.\n", name);
	return fault_status(fault->kind);
}

void command_await(const char *what)
{
	if (isatty(STDIN_FILENO))
		fprintf(stderr,
		        "%s: waiting for %s from the terminal; Ctrl-D ends it, --help has examples\n", name,
		        what);
}

int command_confine(char *const *files, const char *output, struct fault *fault)
{
	struct sandbox sandbox;

	digest_prepare();
	sandbox_init(&sandbox);
	sandbox_allow_temporary(&sandbox);
	for (; *files; files++)
		sandbox_allow_read(&sandbox, *files);
	if (output)
		sandbox_allow_output(&sandbox, output);
	if (made)
		sandbox_allow_remove(&sandbox, made);
	return sandbox_enter(&sandbox, fault);
}

int command_make_directory(const char *path, const char *refusal, struct fault *fault)
{
	const struct dirent *entry;
	bool is_empty = true;
	DIR *directory;

	if (mkdir(path, 0700) == 0) {
		made = path;
		return 0;
	}
	directory = errno == EEXIST ? opendir(path) : NULL;
	if (!directory)
		return fault_set(fault, FAULT_CREATE, "cannot create the directory '%s': %s",
		                 INERT(span_of(path)), strerror(errno));
	while (is_empty && (entry = readdir(directory)))
		is_empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
	closedir(directory);
	return is_empty ? 0 : fault_set(fault, FAULT_CREATE, "'%s' %s", INERT(span_of(path)), refusal);
}

int command_parse_before(void *value, const char *text, struct fault *fault)
{
	struct command_files *files = value;
	const char **names;

	if (!*text)
		return fault_set(fault, FAULT_USAGE, "--before is empty: give an older snapshot");
	names = array_grow(files->names, files->count, &files->cap, sizeof *names, fault);
	if (!names)
		return -1;
	files->names = names;
	names[files->count++] = text;
	return 0;
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

static void put_version(const struct command *command, struct buf *text)
{
	uint32_t json = yyjson_version();
	char sandbox[SANDBOX_TEXT], seccomp[SANDBOX_TEXT];

	buf_putf(text, "%s %s (rollcall)\n", name, ROLLCALL_VERSION);
	for (size_t i = 0; command->libraries[i]; i++)
		buf_putf(text, "%s\n", command->libraries[i]());
	buf_putf(text, "yyjson/%u.%u.%u\nutf8proc/%s\nzstd/%s\n%s\n%s\nsandbox: %s\n",
	         (unsigned)(json >> 16), (unsigned)(json >> 8 & 0xff), (unsigned)(json & 0xff),
	         utf8proc_version(), ZSTD_versionString(), OpenSSL_version(OPENSSL_VERSION),
	         sandbox_library(seccomp), sandbox_describe(sandbox));
}

static void put_help(const struct command *command, struct buf *text)
{
	const char *usage = command->usage;

	for (const char *word = "usage:"; *usage; word = "      ") {
		int len = (int)strcspn(usage, "\n");

		buf_putf(text, "%s %s %.*s\n", word, name, len, usage);
		usage += len + 1;
	}
	buf_putf(text, "\n%s\n%s\n", command->examples, command->about);
	option_put_help(command->options, text);
	buf_putf(text, "\n%s", command->ending);
}

/* --help, --help=table or --version. Returns the exit status. */
static int print_wish(const struct command *command, int want)
{
	struct fault fault = {0};
	struct buf text = {0};
	int status;

	if (want == WANT_VERSION)
		put_version(command, &text);
	else if (want == WANT_HELP)
		put_help(command, &text);
	else
		option_put_table(command->options, &text);
	status = buf_check(&text, &fault) < 0 ? command_end(&fault) : command_print(buf_text(&text));
	buf_release(&text);
	return status;
}

/* As many as the program takes? None is quoted: it may be a token that was meant for
   something else. 0 or -1. */
static int check_operands(const struct command *command, char **operands, struct fault *fault)
{
	int count = 0;

	while (operands[count])
		count++;
	if (command->operands_most >= 0 && count > command->operands_most)
		return fault_set(fault, FAULT_USAGE, "%s; %d operands are too many", command->operands,
		                 count);
	if (count < command->operands_least)
		return fault_set(fault, FAULT_USAGE, "%s", command->operands);
	return 0;
}

int command_main(const struct command *command, void *options, int argc, char **argv)
{
	struct fault fault = {0};
	char **operands = NULL;
	int status = 0, want;

	command_start(command->name);
	want = option_read(command->options, options, argc, argv, &operands, &fault);
	if (want > WANT_RUN)
		return print_wish(command, want);
	if (want == WANT_RUN && check_operands(command, operands, &fault) == 0 &&
	    command->run(options, operands, &status, &fault) == 0)
		return status;
	if (fault.kind == FAULT_NONE)
		fault_set(&fault, FAULT_INTERNAL, "failed without a reason");
	if (command->fail)
		command->fail(options, &fault);
	return command_end(&fault);
}

void command_give_up(enum fault_kind kind, const char *where, const char *what)
{
	const char *const words[] = {name, ": ", where, " ", what, "\n"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		(void)!write(STDERR_FILENO, words[i], strlen(words[i]));
	undo_now();
	_exit(fault_status(kind));
}
