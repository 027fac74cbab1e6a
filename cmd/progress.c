/* SPDX-License-Identifier: ISC */
/*
 * progress: a line is at most one column shorter than the terminal, so that it
 * never wraps and a carriage return always takes it back.
 */
#include "progress.h"

#include "command.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

enum { TERMINAL_EVERY_MS = 200, LINE_EVERY_MS = 2000, RATE_AFTER_MS = 1000, COLUMNS = 80 };

static struct {
	bool on_terminal, in_lines;
	size_t shown; /* columns that are written now */
	const char *what;
	uint64_t found;
	int64_t begun_ms, said_ms;
} progress;

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void progress_start(bool lines)
{
	/* where the stream itself goes to the terminal the two would mix */
	progress.on_terminal = isatty(STDERR_FILENO) && !isatty(STDOUT_FILENO);
	progress.in_lines = lines && !isatty(STDERR_FILENO);
}

static size_t columns(void)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 2)
		return COLUMNS;
	return size.ws_col;
}

void progress_clear(void)
{
	if (progress.shown)
		fprintf(stderr, "\r%*s\r", (int)progress.shown, "");
	progress.shown = 0;
}

static void rewrite(const char *text)
{
	size_t len = strlen(text), room = columns() - 1;

	progress_clear();
	progress.shown = len < room ? len : room;
	fprintf(stderr, "%.*s", (int)progress.shown, text);
	fflush(stderr);
}

/* Writes how fast it goes and how long it will, once that can be told. */
static void put_rate(char *text, size_t size, uint64_t total, int64_t ms)
{
	uint64_t rate = ms < RATE_AFTER_MS ? 0 : progress.found * 1000 / (uint64_t)ms;
	uint64_t left = rate && total > progress.found ? (total - progress.found) / rate : 0;
	int len = rate ? snprintf(text, size, ", %llu a second", (unsigned long long)rate) : 0;

	text += len;
	size -= (size_t)len;
	*text = '\0';
	if (left >= 7200)
		snprintf(text, size, ", %llu h left", (unsigned long long)(left / 3600));
	else if (left >= 120)
		snprintf(text, size, ", %llu min left", (unsigned long long)(left / 60));
	else if (left)
		snprintf(text, size, ", %llu s left", (unsigned long long)left);
}

void progress_count(const char *what, uint64_t found, uint64_t total)
{
	int64_t now = now_ms();
	char text[200], of[32] = "", rate[64];

	if (!progress.what || strcmp(what, progress.what) != 0 || found < progress.found) {
		progress.what = what;
		progress.begun_ms = now;
		progress.said_ms = progress.in_lines ? now : 0;
	}
	progress.found = found;
	if ((!progress.on_terminal && !progress.in_lines) ||
	    now - progress.said_ms < (progress.on_terminal ? TERMINAL_EVERY_MS : LINE_EVERY_MS))
		return;
	progress.said_ms = now;
	if (total)
		snprintf(of, sizeof of, " of %llu", (unsigned long long)total);
	put_rate(rate, sizeof rate, total, now - progress.begun_ms);
	snprintf(text, sizeof text, "%.60s: %llu%s%s", what, (unsigned long long)found, of, rate);
	if (progress.on_terminal)
		rewrite(text);
	else
		command_say(text);
}
