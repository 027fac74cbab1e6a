/* SPDX-License-Identifier: ISC */
/*
 * out: write(2) in a loop, the errors kept, the rename last.
 */
#include "sys/out.h"

#include "base/inert.h"
#include "base/unicode.h"
#include "base/utf8.h"
#include "sys/ready.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUT_PIECE = 256 * 1024 };

static const char *shown_path(const struct out *out, char to[INERT_MAX])
{
	return out->path ? inert_text(to, span_of(out->path)) : "standard output";
}

#define SHOWN(out) shown_path((out), (char[INERT_MAX]){0})

static int out_create_beside(struct out *out, struct fault *fault)
{
	struct buf name = {0};

	buf_putf(&name, "%s.XXXXXX", out->path);
	if (buf_check(&name, fault) < 0)
		return -1;
	out->temporary = name.data; /* buf_putf leaves a NUL behind the end */
	undo_hold();
	out->fd = mkostemp(out->temporary, O_CLOEXEC);
	if (out->fd >= 0)
		undo_unlink(out->temporary);
	undo_go_on();
	if (out->fd < 0) {
		fault_set(fault, FAULT_CREATE, "cannot create a file beside '%s': %s", SHOWN(out),
		          strerror(errno));
		free(out->temporary);
		out->temporary = NULL;
		return -1;
	}
	return 0;
}

/* ---- what a path stands for ---- */

enum { LINKS_MAX = 40 };

/* The directory of a path with all links resolved, then '/' and the last name. NULL where
   there is no such directory. */
static char *resolve_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct buf joined = {0};
	char *directory, *real;

	directory = !slash ? strdup(".") : strndup(path, slash == path ? 1 : (size_t)(slash - path));
	real = directory ? realpath(directory, NULL) : NULL;
	free(directory);
	if (!real)
		return NULL;
	buf_putf(&joined, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : path);
	free(real);
	return joined.data; /* buf_putf leaves a NUL after the end */
}

/* What the link at `path` leads to, seen from where the program is; NULL: it is no link. */
static char *follow_link(const char *path)
{
	char target[4096];
	ssize_t len = readlink(path, target, sizeof target - 1);
	const char *slash = strrchr(path, '/');
	struct buf joined = {0};

	if (len < 0)
		return NULL;
	target[len] = '\0';
	if (*target != '/' && slash)
		buf_putf(&joined, "%.*s", (int)(slash + 1 - path), path);
	buf_putf(&joined, "%s", target);
	return joined.data;
}

/* The number in /proc/PID/fd/NUMBER, where PID is this process (or its thread); else -1. */
static int own_descriptor(const char *resolved)
{
	char *own = realpath("/proc/self/fd", NULL), *end = NULL;
	size_t len = own ? strlen(own) : 0;
	long number = -1;

	if (own && strncmp(resolved, own, len) == 0 && resolved[len] == '/' &&
	    resolved[len + 1] >= '0' && resolved[len + 1] <= '9')
		number = strtol(resolved + len + 1, &end, 10);
	free(own);
	return end && !*end && number <= INT_MAX ? (int)number : -1;
}

char *out_target(const char *path, int *descriptor)
{
	char *at = strdup(path), *real;
	int links = 0;

	*descriptor = -1;
	for (; at && links < LINKS_MAX; links++) {
		char *resolved = resolve_directory(at), *next;

		if (!resolved)
			break;
		*descriptor = own_descriptor(resolved);
		next = *descriptor < 0 ? follow_link(resolved) : NULL;
		if (!next) {
			free(links ? at : resolved);
			at = links ? resolved : at;
			break;
		}
		free(resolved);
		free(at);
		at = next;
	}
	real = at && *descriptor < 0 ? realpath(at, NULL) : NULL;
	if (!real)
		return at;
	free(at);
	return real;
}

/* In place, as a shell's redirection would be: at its offset, or appended. */
static int open_descriptor(struct out *out, int descriptor, struct fault *fault)
{
	if (descriptor == STDOUT_FILENO) {
		free(out->path);
		out->path = NULL;
		return 0;
	}
	out->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
	out->is_terminal = out->fd >= 0 && isatty(out->fd);
	if (out->fd >= 0)
		return 0;
	fault_set(fault, FAULT_CREATE, "cannot write to '%s': %s", SHOWN(out), strerror(errno));
	free(out->path);
	return -1;
}

int out_open(struct out *out, const char *path, struct fault *fault)
{
	int descriptor;
	struct stat st;

	*out = (struct out){.fd = STDOUT_FILENO, .is_terminal = isatty(STDOUT_FILENO)};
	if (!path || strcmp(path, "-") == 0)
		return 0;
	/* rename must replace what a link points at, not the link */
	out->path = out_target(path, &descriptor);
	if (!out->path)
		return fault_memory(fault);
	if (descriptor >= 0)
		return open_descriptor(out, descriptor, fault);
	out->is_terminal = false;
	if (readlink(out->path, &(char){0}, 1) >= 0) {
		fault_set(fault, FAULT_CREATE, "cannot write to '%s': %s", SHOWN(out), strerror(ELOOP));
		free(out->path);
		return -1;
	}
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
		out->is_terminal = out->fd >= 0 && isatty(out->fd);
		if (out->fd >= 0)
			return 0;
		fault_set(fault, FAULT_CREATE, "cannot write to '%s': %s", SHOWN(out), strerror(errno));
	} else if (out_create_beside(out, fault) == 0) {
		return 0;
	}
	free(out->path);
	return -1;
}

static void out_write_all(struct out *out, struct span bytes)
{
	while (bytes.len && !out->error) {
		ssize_t n = write(out->fd, bytes.data, bytes.len);

		if (n < 0 && ready_to_write(out->fd))
			continue;
		if (n < 0)
			out->error = errno;
		else
			bytes = (struct span){bytes.data + n, bytes.len - (size_t)n};
	}
}

static void out_put_escape(struct buf *to, uint32_t code)
{
	if (code > 0xffff)
		buf_putf(to, "\\u%04x\\u%04x", 0xd7c0 + (unsigned)(code >> 10),
		         0xdc00 + (unsigned)(code & 0x3ff));
	else
		buf_putf(to, "\\u%04x", (unsigned)code);
}

/* The text as a terminal gets it; lines and tabs stay. */
static void out_show(struct buf *to, struct span bytes)
{
	while (bytes.len) {
		uint32_t code = 0xfffd;
		size_t n = utf8_decode(bytes.data, bytes.len, &code);
		bool ends =
			*bytes.data == '\n' || *bytes.data == '\t' || span_begins(bytes, span_of("\r\n"));

		if (!n)
			code = 0xfffd;
		if (!ends && (!n || unicode_is_hidden(code)))
			out_put_escape(to, code);
		else
			buf_put(to, bytes.data, n);
		n += !n;
		bytes = (struct span){bytes.data + n, bytes.len - n};
	}
}

static void out_write_pending(struct out *out)
{
	struct buf shown = {0};

	if (out->is_terminal && !out->has_colors) {
		out_show(&shown, buf_span(&out->pending));
		if (shown.state != BUF_OK && !out->error)
			out->error = ENOMEM;
		out_write_all(out, buf_span(&shown));
		buf_release(&shown);
	} else {
		out_write_all(out, buf_span(&out->pending));
	}
	buf_clear(&out->pending);
}

void out_put(struct out *out, struct span bytes)
{
	if (out->digest)
		digest_put(out->digest, bytes);
	/* for a terminal whole lines are gathered: a character can lie in two pieces */
	if (out->pending.len + bytes.len > OUT_PIECE &&
	    (!out->is_terminal ||
	     (out->pending.len && out->pending.data[out->pending.len - 1] == '\n')))
		out_write_pending(out);
	if (bytes.len > OUT_PIECE && !out->is_terminal) {
		out_write_all(out, bytes);
		return;
	}
	buf_put_span(&out->pending, bytes);
	if (out->pending.state != BUF_OK && !out->error)
		out->error = ENOMEM;
}

static int out_report(const struct out *out, struct fault *fault)
{
	if (!out->error)
		return 0;
	if (out->error == EPIPE && !out->path)
		return fault_set(fault, FAULT_CLOSED_PIPE, "standard output was closed");
	if (out->error == ENOMEM)
		return fault_memory(fault);
	return fault_set(fault, FAULT_IO, "cannot write '%s': %s", SHOWN(out), strerror(out->error));
}

int out_flush(struct out *out, struct fault *fault)
{
	out_write_pending(out);
	return out_report(out, fault);
}

static void out_sync_directory(struct out *out)
{
	char *slash = strrchr(out->path, '/');
	int fd;

	if (slash)
		slash[slash == out->path] = '\0';
	fd = open(slash ? out->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		fsync(fd); /* the data is safe already; a file system may refuse this one */
		close(fd);
	}
}

static void out_release(struct out *out)
{
	if (out->temporary)
		unlink(out->temporary);
	undo_unlink(NULL);
	free(out->temporary);
	free(out->path);
	buf_release(&out->pending);
	*out = (struct out){.fd = -1};
}

int out_close(struct out *out, struct fault *fault)
{
	int result;

	if (buf_starved() && !out->error)
		out->error = ENOMEM;
	out_write_pending(out);
	if (out->temporary && !out->error && fsync(out->fd) < 0)
		out->error = errno;
	/* stdout is closed too: some file systems report a full disk only here */
	if (out->fd >= 0 && close(out->fd) < 0 && !out->error)
		out->error = errno;
	if (out->temporary && !out->error) {
		if (rename(out->temporary, out->path) < 0) {
			out->error = errno;
		} else {
			undo_unlink(NULL);
			free(out->temporary);
			out->temporary = NULL;
		}
	}
	result = out_report(out, fault);
	if (result == 0 && out->path)
		out_sync_directory(out);
	out_release(out);
	return result;
}

void out_abandon(struct out *out)
{
	if (out->path && out->fd >= 0)
		close(out->fd);
	out_release(out);
}
