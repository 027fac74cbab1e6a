/* SPDX-License-Identifier: ISC */
/*
 * support: files in memory, seals, and the promises that several harnesses hold.
 */
#include "fuzz.h"

#include "base/ceiling.h"
#include "normalize/normalize.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

void broken(const char *promise)
{
	fprintf(stderr, "broken promise: %s\n", promise);
	abort();
}

/* Escapes are shown as they are, and columns are made of blanks. */
static void put_without_escapes(struct buf *to, struct span line)
{
	for (size_t i = 0; i < line.len; i++) {
		char c = line.data[i];

		if (c == '\\' && i + 2 < line.len && line.data[i + 2] == '{')
			c = '/';
		if (c != ' ' || !to->len || to->data[to->len - 1] != ' ')
			buf_putc(to, c);
	}
}

void must_be_inert(struct span text, bool lines)
{
	struct buf shown = {0}, again = {0};

	must(utf8_is(text), "text that is shown is UTF-8");
	while (text.len) {
		const char *end = lines ? memchr(text.data, '\n', text.len) : NULL;
		struct span line = {text.data, end ? (size_t)(end - text.data) : text.len};

		buf_clear(&shown);
		buf_clear(&again);
		put_without_escapes(&shown, line);
		inert_put(&again, buf_span(&shown));
		must(span_is(buf_span(&shown), buf_span(&again)), "text that is shown is inert");
		text = (struct span){text.data + line.len + (end != NULL),
		                     text.len - line.len - (end != NULL)};
	}
	buf_release(&shown);
	buf_release(&again);
}

void must_be_fault(const struct fault *fault)
{
	must(fault->kind != FAULT_NONE, "what fails says why");
	must(fault_status(fault->kind) >= 64, "a fault has a status");
	must(*fault->text != '\0', "a fault has a text");
	must_be_inert(span_of(fault->text), false);
}

static int files[MEMORY_FILES];

int memory_fd(int number)
{
	if (!files[number])
		files[number] = memfd_create("fuzz", MFD_CLOEXEC);
	must(files[number] > 0, "memfd_create works");
	return files[number];
}

const char *memory_file(int number, struct span bytes)
{
	static char paths[MEMORY_FILES][32];
	int fd = memory_fd(number);

	must(ftruncate(fd, 0) == 0 && lseek(fd, 0, SEEK_SET) == 0, "ftruncate works");
	must(pwrite(fd, bytes.data, bytes.len, 0) == (ssize_t)bytes.len, "pwrite works");
	snprintf(paths[number], sizeof paths[number], "/proc/self/fd/%d", fd);
	return paths[number];
}

void memory_read(int number, struct buf *to)
{
	int fd = memory_fd(number);
	off_t at = 0;
	ssize_t n;

	while ((n = pread(fd, buf_reserve(to, 65536), 65536, at)) > 0) {
		to->len += (size_t)n;
		at += n;
	}
	must(n == 0, "pread works");
}

struct span take_until(struct span *rest, char separator)
{
	const char *end = rest->len ? memchr(rest->data, separator, rest->len) : NULL;
	struct span part = {rest->data, end ? (size_t)(end - rest->data) : rest->len};
	size_t gone = part.len + (end != NULL);

	*rest = (struct span){rest->data + gone, rest->len - gone};
	return part;
}

static void put_sha256(struct buf *to, const char *member, struct span bytes, const char *behind)
{
	struct digest digest = {0};
	struct fault fault = {0};
	char hex[DIGEST_HEX + 1];

	must(digest_init(&digest, &fault) == 0, "a digest begins");
	digest_put(&digest, bytes);
	digest_put(&digest, span_of(behind));
	must(digest_hex(&digest, hex, &fault) == 0, "a digest ends");
	digest_release(&digest);
	buf_putf(to, ",\"%s\":\"%s\"", member, hex);
}

void put_sealed(struct buf *to, const char *begin, struct span body, bool snapshot)
{
	struct counts counts = {0};
	struct span rest = body;
	bool ended = !body.len || body.data[body.len - 1] == '\n';

	while (rest.len) {
		struct span line = take_until(&rest, '\n');

		for (int kind = 0; kind < RECORD_KINDS; kind++) {
			char head[32];

			snprintf(head, sizeof head, "{\"kind\":\"%s\"", record_words[kind].kind.data);
			counts.of[kind] += span_begins(line, span_of(head));
		}
	}
	buf_putf(to, "%s\n", begin);
	buf_put_span(to, body);
	buf_puts(to, ended ? "{\"kind\":\"end\"" : "\n{\"kind\":\"end\"");
	for (int kind = 0; kind < RECORD_KINDS; kind++)
		if (snapshot || kind != RECORD_MEMBERSHIP)
			buf_putf(to, ",\"%s\":%llu", record_words[kind].count,
			         (unsigned long long)counts.of[kind]);
	put_sha256(to, "sha256", body, ended ? "" : "\n");
	put_sha256(to, "begin_sha256", span_of(begin), "\n");
	buf_puts(to, snapshot ? "}\n" : ",\"finished_at\":\"2026-11-22T00:00:00Z\"}\n");
}

int normalize_file(const char *path, struct buf *to, struct fault *fault)
{
	enum { OUTPUT = MEMORY_FILES - 1 };
	struct normalizer normalizer = {0};
	int result = normalize_open(&normalizer, MEMORY_MIN, 1, fault);

	if (result == 0)
		result = normalize_read(&normalizer, path, fault);
	if (result == 0) {
		struct out out = {.fd = -1};

		memory_file(OUTPUT, span_of(""));
		out.fd = dup(memory_fd(OUTPUT));
		result = normalize_write(&normalizer, &out, fault);
		if (result < 0) {
			close(out.fd);
			out_abandon(&out);
		} else {
			result = out_close(&out, fault);
		}
	}
	normalize_release(&normalizer);
	if (result == 0)
		memory_read(OUTPUT, to);
	return result;
}
