/* SPDX-License-Identifier: ISC */
/*
 * file_text: read until there is no more.
 */
#include "sys/file_text.h"

#include "base/inert.h"
#include "base/utf8.h"
#include "sys/ready.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { FILE_TEXT_PIECE = 64 * 1024 };

static int file_text_fill(int fd, const char *path, size_t max, struct buf *text,
                          struct fault *fault)
{
	ssize_t n;
	char *to;

	do {
		to = buf_reserve(text, FILE_TEXT_PIECE);
		if (!to)
			return buf_check(text, fault);
		do
			n = read(fd, to, FILE_TEXT_PIECE);
		while (n < 0 && ready_to_read(fd));
		if (n < 0)
			return fault_set(fault, errno == EISDIR ? FAULT_NO_INPUT : FAULT_IO,
			                 "cannot read '%s': %s", INERT(span_of(path)), strerror(errno));
		text->len += (size_t)n;
		if (text->len > max)
			return fault_set(fault, FAULT_DATA, "'%s' is longer than the limit of %zu bytes",
			                 INERT(span_of(path)), max);
	} while (n > 0);
	return 0;
}

/* The number of the first line that is not UTF-8. */
static size_t file_text_odd_line(struct span text)
{
	size_t number = 1;

	for (const char *end; (end = memchr(text.data, '\n', text.len)); number++) {
		struct span line = {text.data, (size_t)(end - text.data)};

		if (!utf8_is(line))
			break;
		text = (struct span){end + 1, text.len - line.len - 1};
	}
	return number;
}

int file_text_read(const char *path, size_t max, struct buf *text, struct fault *fault)
{
	static const struct span bom = SPAN("\xef\xbb\xbf");
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), result;

	if (fd < 0)
		return fault_set(fault, FAULT_NO_INPUT, "cannot open '%s': %s", INERT(span_of(path)),
		                 strerror(errno));
	result = file_text_fill(fd, path, max, text, fault);
	close(fd);
	if (result < 0)
		return -1;
	if (span_begins(buf_span(text), bom)) {
		text->len -= bom.len;
		memmove(text->data, text->data + bom.len, text->len);
	}
	if (utf8_is(buf_span(text)))
		return 0;
	return fault_set(fault, FAULT_DATA, "%s: line %zu is not UTF-8", INERT(span_of(path)),
	                 file_text_odd_line(buf_span(text)));
}
