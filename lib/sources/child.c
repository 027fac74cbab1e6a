/* SPDX-License-Identifier: ISC */
/*
 * child: fork and exec. After the fork only what is safe there is called.
 */
#include "sources/child.h"

#include "base/inert.h"
#include "sys/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

enum { CHILD_LINE_MAX = 4096, CAN_NOT_RUN = 78, KILLED = 70 };

/* ---- in the child ---- */

static void child_write(const char *text)
{
	(void)!write(STDERR_FILENO, text, strlen(text));
}

static _Noreturn void child_exec(const struct child *child, int said, const char *path,
                                 const char *const *words, char *const *environment, int input,
                                 const sigset_t *mask, pid_t parent)
{
	const char *why;

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0);
#endif
	if (getppid() != parent)
		_exit(KILLED);
	dup2(input, STDIN_FILENO);
	dup2(child->output, STDOUT_FILENO);
	dup2(said, STDERR_FILENO);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
	sigprocmask(SIG_SETMASK, mask, NULL);
	execve(path, (char *const *)(uintptr_t)words, environment);
	why = strerror(errno);
	child_write(child->program);
	child_write(": cannot run '");
	child_write(path);
	child_write("': ");
	child_write(why);
	child_write("; it is looked for beside fetch-sources\n");
	_exit(CAN_NOT_RUN);
}

/* ---- here ---- */

int child_start(struct child *child, const char *path, const char *const *words,
                char *const *environment, int input, const sigset_t *mask, struct fault *fault)
{
	pid_t parent = getpid();
	int said[2];

	*child = (struct child){.program = words[0], .output = temporary_open(fault)};
	child->line.max = CHILD_LINE_MAX;
	if (child->output < 0)
		return -1;
	if (pipe2(said, O_CLOEXEC) < 0) {
		close(child->output);
		return fault_set(fault, FAULT_INTERNAL, "cannot make a pipe: %s", strerror(errno));
	}
	child->pid = fork();
	if (child->pid == 0)
		child_exec(child, said[1], path, words, environment, input, mask, parent);
	close(said[1]);
	child->said = said[0];
	if (child->pid > 0) {
		fcntl(child->said, F_SETFL, O_NONBLOCK);
		return 0;
	}
	fault_set(fault, FAULT_INTERNAL, "cannot start a process: %s", strerror(errno));
	child->pid = 0;
	close(child->said);
	close(child->output);
	return -1;
}

/* A whole line. What the program itself says begins with its name; its last message is kept
   until there is another one. */
static void child_take_line(struct child *child, child_say *say, void *context)
{
	struct span line = buf_span(&child->line), name = span_of(child->program);
	struct buf inert = {0};

	if (span_begins(line, span_of("Try '")) || !line.len)
		return;
	if (!span_begins(line, name) ||
	    !span_begins((struct span){line.data + name.len, line.len - name.len}, span_of(": "))) {
		inert_put(&inert, line); /* of its --token-command, or of a library */
		say(context, buf_text(&inert));
		buf_release(&inert);
		return;
	}
	line = (struct span){line.data + name.len + 2, line.len - name.len - 2};
	buf_put_span(&inert, line);
	if (span_begins(line, span_of("warning: "))) {
		say(context, buf_text(&inert));
	} else {
		if (*child->words)
			say(context, child->words);
		snprintf(child->words, sizeof child->words, "%s", buf_text(&inert));
	}
	buf_release(&inert);
}

void child_hear(struct child *child, child_say *say, void *context)
{
	char piece[4096];
	ssize_t n;

	while ((n = read(child->said, piece, sizeof piece)) > 0 || (n < 0 && errno == EINTR))
		for (ssize_t i = 0; i < n; i++) {
			if (piece[i] != '\n') {
				if (child->line.len < CHILD_LINE_MAX - 1)
					buf_putc(&child->line, piece[i]);
				continue;
			}
			child_take_line(child, say, context);
			buf_clear(&child->line);
		}
	if (n == 0)
		child->is_silent = true;
}

bool child_ended(struct child *child, int *status, child_say *say, void *context)
{
	int how;
	pid_t pid = waitpid(child->pid, &how, WNOHANG);

	if (pid == 0 || (pid < 0 && errno == EINTR))
		return false;
	child_hear(child, say, context);
	if (child->line.len)
		child_take_line(child, say, context);
	child->pid = 0;
	close(child->said);
	buf_release(&child->line);
	*status = pid > 0 && WIFEXITED(how) ? WEXITSTATUS(how) : KILLED;
	if (pid > 0 && WIFSIGNALED(how))
		snprintf(child->words, sizeof child->words, "%s was ended by signal %d (%s)",
		         child->program, WTERMSIG(how), strsignal(WTERMSIG(how)));
	else if (*status && !*child->words)
		snprintf(child->words, sizeof child->words, "%s ended with status %d and said nothing",
		         child->program, *status);
	if (!*status && *child->words)
		say(context, child->words);
	return true;
}

void child_stop(struct child *child)
{
	if (!child->pid)
		return;
	kill(child->pid, SIGTERM);
	while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
		;
	child->pid = 0;
	close(child->said);
	close(child->output);
	buf_release(&child->line);
}
