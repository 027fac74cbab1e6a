/* SPDX-License-Identifier: ISC */
/*
 * jq_guard: a timer of CPU time looks at the clock and at the memory; the signals of
 * a crash are caught on a stack of their own, for the usual one may be full.
 */
#include "jq/jq_guard.h"

#include "base/ceiling.h"

#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

enum { TICK_US = 20000, TICKS_MAX = GUARD_SECONDS_MAX * (1000000 / TICK_US) };

#define TEXT_OF(number) #number
#define TEXT(number)    TEXT_OF(number)

static void guard_end_process(enum fault_kind kind, const char *where, const char *what)
{
	(void)where;
	(void)what;
	_exit(fault_status(kind));
}

static void (*last_word)(enum fault_kind kind, const char *where,
                         const char *what) = guard_end_process;
static const char *volatile inside; /* NULL: in our own code */
static volatile int ticks;
static volatile long memory_before; /* KiB; 0: not known yet */

/* Only what is safe in a signal handler; getrusage is a bare system call. */
static void guard_tick(int signal_number)
{
	const char *where = inside;
	struct rusage usage;

	(void)signal_number;
	if (!where || getrusage(RUSAGE_SELF, &usage) < 0)
		return;
	if (!memory_before)
		memory_before = usage.ru_maxrss;
	if (++ticks > TICKS_MAX)
		last_word(FAULT_DATA, where, "does not end: no value after " TEXT(GUARD_SECONDS_MAX) " s");
	if (usage.ru_maxrss - memory_before > GUARD_MIB_MAX * 1024L)
		last_word(FAULT_DATA, where,
		          "takes more than the limit of " TEXT(GUARD_MIB_MAX) " MiB of memory");
}

static void guard_crash(int signal_number)
{
	if (inside)
		last_word(FAULT_DATA, inside,
		          "brings libjq down: a value nested too deep, or a fault of libjq");
	signal(signal_number, SIG_DFL);
	raise(signal_number);
}

void jq_guard_out_of_memory(void *unused)
{
	(void)unused;
	last_word(FAULT_INTERNAL, inside ? inside : "libjq", "out of memory");
}

void jq_guard_start(void (*end)(enum fault_kind kind, const char *where, const char *what))
{
	static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};
	static char stack[64 * 1024];
	const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
	const struct itimerval every = {{0, TICK_US}, {0, TICK_US}};
	struct sigaction action = {.sa_handler = guard_tick, .sa_flags = SA_RESTART};

	last_word = end;
	sigaction(SIGPROF, &action, NULL);
	setitimer(ITIMER_PROF, &every, NULL);
	sigaltstack(&alternate, NULL);
	action = (struct sigaction){.sa_handler = guard_crash, .sa_flags = SA_ONSTACK};
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		sigaction(crashes[i], &action, NULL);
}

void jq_guard_reset(void)
{
	memory_before = 0;
}

void jq_guard_enter(const char *where)
{
	ticks = 0;
	inside = where;
}

void jq_guard_leave(void)
{
	inside = NULL;
}
