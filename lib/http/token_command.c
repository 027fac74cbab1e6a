/* SPDX-License-Identifier: ISC */
/*
 * token_command: the words of the command, the process that runs it, and its answers. After
 * the fork only what is safe there is called: other threads of the run may hold locks.
 */
#include "http/token_command.h"

#include "base/inert.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WORDS_MAX = 64, CAN_NOT_RUN = 127 };

static const char run_it = 'r';

/* What the process answers. */
struct command_answer {
	size_t len;
	int error;                       /* of the system, that kept it from running; or 0 */
	int status;                      /* as waitpid gives it */
	char bytes[TOKEN_MAX_BYTES + 1]; /* one more than a token may have shows that it is none */
};

/* Splits on blanks; '...' and "..." group, a backslash takes the next byte as it
   is. Works in place on `text`. Returns the number of words, or -1 where a
   quote is open or there are more than `max`. */
static int command_split(char *text, char **words, int max)
{
	char *to = text, quote = 0;
	int count = 0;
	bool inside = false;

	for (; *text; text++) {
		if (!quote && (*text == ' ' || *text == '\t' || *text == '\n')) {
			if (inside)
				*to++ = '\0';
			inside = false;
			continue;
		}
		if (!inside) {
			if (count == max)
				return -1;
			words[count++] = to;
			inside = true;
		}
		if (quote && *text == quote)
			quote = 0;
		else if (!quote && (*text == '\'' || *text == '"'))
			quote = *text;
		else if (*text == '\\' && quote != '\'' && text[1])
			*to++ = *++text;
		else
			*to++ = *text;
	}
	*to = '\0';
	words[count] = NULL;
	return quote ? -1 : count;
}

/* Reads until the end or until `room` is full. Returns the number of bytes, or -1. */
static ssize_t command_read_all(int fd, void *to, size_t room)
{
	size_t len = 0;

	while (len < room) {
		ssize_t n = read(fd, (char *)to + len, room - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static bool command_send_all(int socket, const void *from, size_t len)
{
	const char *at = from;

	while (len) {
		ssize_t n = send(socket, at, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		len -= (size_t)n;
	}
	return true;
}

/* ---- in the process ---- */

/* The command itself: its output is `to`; says why it can not run in `said`. */
static _Noreturn void command_exec_child(char **words, int to, int said)
{
	dup2(to, STDOUT_FILENO);
	execvp(words[0], words);
	if (write(said, &errno, sizeof errno) < 0)
		_exit(CAN_NOT_RUN);
	_exit(CAN_NOT_RUN);
}

static void command_run_once(char **words, struct command_answer *answer)
{
	int output[2], said[2];
	ssize_t len;
	pid_t pid;

	if (pipe2(output, O_CLOEXEC) < 0) {
		answer->error = errno;
		return;
	}
	if (pipe2(said, O_CLOEXEC) < 0 || (pid = fork()) < 0) {
		answer->error = errno;
		_exit(1); /* without descriptors or processes there is nothing more to be done */
	}
	if (pid == 0)
		command_exec_child(words, output[1], said[1]);
	close(output[1]);
	close(said[1]);
	if (command_read_all(said[0], &answer->error, sizeof answer->error) <= 0)
		answer->error = 0;
	close(said[0]);
	len = command_read_all(output[0], answer->bytes, sizeof answer->bytes);
	answer->len = len > 0 ? (size_t)len : 0;
	close(output[0]);
	while (waitpid(pid, &answer->status, 0) < 0 && errno == EINTR)
		;
}

/* All descriptors of the run but the standard ones and the socket, which becomes 3. */
static void command_close_others(int socket)
{
	int null = open("/dev/null", O_RDWR);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(socket, 3);
	fcntl(3, F_SETFD, FD_CLOEXEC);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 4U, ~0U, 0U) == 0)
		return;
#endif
	for (int fd = 4; fd < 1024; fd++)
		close(fd);
}

static _Noreturn void command_serve(int socket, char **words)
{
	static struct command_answer answer;
	char asked;

	undo_wipe(&answer, sizeof answer);
	command_close_others(socket);
	while (command_read_all(3, &asked, 1) == 1 && asked == run_it) {
		command_run_once(words, &answer);
		if (!command_send_all(3, &answer, sizeof answer))
			break;
		explicit_bzero(&answer, sizeof answer);
	}
	explicit_bzero(&answer, sizeof answer);
	_exit(0);
}

/* ---- in the run ---- */

int token_command_start(struct token_command *command, const char *text, struct fault *fault)
{
	char *copy = strdup(text), *words[WORDS_MAX + 1];
	int ends[2], result = 0;

	if (!copy)
		return fault_memory(fault);
	if (command_split(copy, words, WORDS_MAX) <= 0) {
		result =
			fault_set(fault, FAULT_USAGE, "--token-command: no command, or a quote is not closed");
	} else if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		result = fault_set(fault, FAULT_INTERNAL, "cannot make a socket: %s", strerror(errno));
	} else {
		command->pid = fork();
		if (command->pid == 0)
			command_serve(ends[1], words);
		close(ends[1]);
		command->socket = ends[0];
		if (command->pid < 0) {
			close(ends[0]);
			command->pid = 0;
			result =
				fault_set(fault, FAULT_INTERNAL, "cannot start a process: %s", strerror(errno));
		} else {
			snprintf(command->name, sizeof command->name, "%s", INERT(span_of(words[0])));
		}
	}
	free(copy);
	return result;
}

int token_command_run(struct token_command *command, struct secret_text *secret, int timeout_ms,
                      struct fault *fault)
{
	struct command_answer answer = {0};
	struct pollfd wait = {.fd = command->socket, .events = POLLIN};
	int status, result = -1;

	if (!command_send_all(command->socket, &run_it, 1) || poll(&wait, 1, timeout_ms) < 0) {
		fault_set(fault, FAULT_CONFIG, "the process that runs token command '%s' is gone",
		          command->name);
	} else if (!wait.revents) {
		fault_set(fault, FAULT_TRY_LATER, "token command '%s' did not end in time", command->name);
	} else if (command_read_all(command->socket, &answer, sizeof answer) != sizeof answer) {
		fault_set(fault, FAULT_CONFIG, "the process that runs token command '%s' is gone",
		          command->name);
	} else if (answer.error) {
		fault_set(fault, FAULT_CONFIG, "cannot run token command '%s': %s", command->name,
		          strerror(answer.error));
	} else if (answer.len > TOKEN_MAX_BYTES) {
		fault_set(fault, FAULT_CONFIG, "--token-command holds more than %d bytes: that is no token",
		          TOKEN_MAX_BYTES);
	} else if (answer.status) {
		status = answer.status;
		fault_set(fault, FAULT_CONFIG, "token command '%s' failed (%s %d)", command->name,
		          WIFSIGNALED(status) ? "signal" : "status",
		          WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	} else {
		memcpy(secret->bytes, answer.bytes, answer.len);
		secret->len = answer.len;
		result = 0;
	}
	explicit_bzero(&answer, sizeof answer);
	return result;
}

void token_command_stop(struct token_command *command)
{
	if (!command->pid)
		return;
	close(command->socket);
	kill(command->pid, SIGTERM);
	while (waitpid(command->pid, NULL, 0) < 0 && errno == EINTR)
		;
	*command = (struct token_command){0};
}
