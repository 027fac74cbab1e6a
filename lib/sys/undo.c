/* SPDX-License-Identifier: ISC */
/*
 * undo: the handler does nothing but unlink, wipe and raise, which are safe in
 * a signal handler (POSIX.1-2008 section 2.4.3).
 */
#include "sys/undo.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *volatile temporary;
static struct {
	void *volatile bytes;
	volatile size_t len;
} secrets[SECRETS_MAX];

void undo_now(void)
{
	if (temporary)
		unlink(temporary);
	for (size_t i = 0; i < SECRETS_MAX; i++)
		if (secrets[i].bytes)
			explicit_bzero(secrets[i].bytes, secrets[i].len);
}

static void undo_and_die(int signal_number)
{
	undo_now();
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

/* All that end a process from outside, where nobody handles them; a crash of our own does not
   run our code again. */
static void end_signals(sigset_t *set)
{
	static const int ends[] = {
		SIGHUP,    SIGINT,    SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2,
		SIGALRM,   SIGVTALRM, SIGPROF, SIGXCPU, SIGPOLL,
#ifdef SIGPWR
		SIGPWR,
#endif
#ifdef SIGSTKFLT
		SIGSTKFLT,
#endif
	};

	sigemptyset(set);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		sigaddset(set, ends[i]);
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		sigaddset(set, number);
}

void undo_arm(void)
{
	struct sigaction action = {.sa_handler = undo_and_die}, old;
	sigset_t ends;

	end_signals(&ends);
	for (int number = 1; number <= SIGRTMAX; number++)
		if (sigismember(&ends, number) == 1 && sigaction(number, NULL, &old) == 0 &&
		    old.sa_handler == SIG_DFL)
			sigaction(number, &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

static _Thread_local unsigned held;

static void mask_ends(int how)
{
	sigset_t set;

	end_signals(&set);
	pthread_sigmask(how, &set, NULL);
}

void undo_hold(void)
{
	if (held++ == 0)
		mask_ends(SIG_BLOCK);
}

void undo_go_on(void)
{
	if (--held == 0)
		mask_ends(SIG_UNBLOCK);
}

void undo_unlink(const char *path)
{
	temporary = path;
}

void undo_wipe(void *bytes, size_t len)
{
	for (size_t i = 0; i < SECRETS_MAX; i++)
		if (!secrets[i].bytes) {
			secrets[i].len = 0;
			secrets[i].bytes = bytes;
			secrets[i].len = len;
			return;
		}
	abort(); /* a secret that no signal would wipe */
}

void undo_forget(const void *bytes)
{
	for (size_t i = 0; i < SECRETS_MAX; i++)
		if (bytes && secrets[i].bytes == bytes)
			secrets[i].bytes = NULL;
}

void undo_die_of_pipe(void)
{
	sigset_t set;

	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGPIPE);
	_exit(141);
}
