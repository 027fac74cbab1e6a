/* SPDX-License-Identifier: ISC */
/*
 * sources_run: the programs of all sources, several side by side, and what they write in the
 * order of the file.
 *
 * Each writes into a temporary file of its own, which is copied when all before it are.
 * At most SOURCES_AHEAD_MAX such files wait.
 */
#ifndef ROLLCALL_SOURCES_RUN_H
#define ROLLCALL_SOURCES_RUN_H

#include "sources/child.h"
#include "sources/source_token.h"
#include "sys/out.h"

enum source_news {
	NEWS_SAYS,    /* its program says something */
	NEWS_GAP,     /* it failed, and gaps take its place: the text says why */
	NEWS_READ,    /* it is read: the text is what it has */
	NEWS_FAILED,  /* it failed, and so does the run: the text says why */
	NEWS_CHECKED, /* --check: a line of its report */
};

struct sources_run {
	/* the caller's */
	const struct sources *sources;
	const char *programs; /* what stands before the name of a program: a directory, a slash */
	long jobs;
	bool keep_going;
	bool check;    /* ask each program for --check */
	int verbosity; /* as of the programs */
	struct out *out;
	/* number: of NEWS_GAP the exit status of its program, else how long it took in milliseconds */
	void (*tell)(enum source_news news, const struct source *source, const char *text, long number);
	/* how many of how many have ended */
	void (*count)(size_t ended, size_t wanted);

	/* its own */
	struct source_tokens tokens;
	struct source_state *states;
	sigset_t mask; /* of signals, outside of a wait */
	size_t wanted, ended, running, started, settled, written;
	bool any_read;
	int status;
};

/* Reads all sources that are wanted. 0 and the exit status in *status: that of the source that
   failed, which has been told; -1 where the run itself can not go on. No program runs any
   more in both cases. */
int sources_run(struct sources_run *run, int *status, struct fault *fault);

#endif
