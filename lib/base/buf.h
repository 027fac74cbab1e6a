/* SPDX-License-Identifier: ISC */
/*
 * buf: bytes that grow, up to a ceiling.
 *
 * A failure (no memory, or the ceiling) frees the bytes and sticks: every later
 * put does nothing, and one buf_check at the end finds it. So a line is built
 * with plain calls and checked once. A zeroed struct with a ceiling is an empty
 * buf.
 */
#ifndef ROLLCALL_BUF_H
#define ROLLCALL_BUF_H

#include "base/fault.h"
#include "base/span.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

enum buf_state { BUF_OK, BUF_NO_MEMORY, BUF_TOO_LONG };

struct buf {
	char *data;
	size_t len, cap;
	size_t max; /* ceiling in bytes; 0: none but memory */
	enum buf_state state;
};

void buf_release(struct buf *buf);
void buf_clear(struct buf *buf); /* empty again, keeps the memory, forgets a failure */

char *buf_grow(struct buf *buf, size_t more); /* buf_reserve, where there is no room yet */
void buf_putf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Appends what another buf holds; if that has failed, so has this one. */
void buf_put_buf(struct buf *buf, const struct buf *other);

/* A list of texts in one buf: each with its length in front. buf_next_sized walks
   over it, *at begins as 0. */
void buf_put_sized(struct buf *list, struct span text);
bool buf_next_sized(const struct buf *list, size_t *at, struct span *text);

/* 0, or -1 with the fault of the first failed put. */
int buf_check(const struct buf *buf, struct fault *fault);

static inline struct span buf_span(const struct buf *buf)
{
	return (struct span){buf->data ? buf->data : "", buf->len};
}

/* Inline, because every line we write is made of hundreds of small puts. */

/* Makes room for `more` bytes behind the end and returns it, or NULL. The
   caller writes there and adds to buf->len. */
static inline char *buf_reserve(struct buf *buf, size_t more)
{
	return more < buf->cap - buf->len ? buf->data + buf->len : buf_grow(buf, more);
}

static inline void buf_put(struct buf *buf, const void *bytes, size_t len)
{
	char *to = len ? buf_reserve(buf, len) : NULL;

	if (to) {
		memcpy(to, bytes, len);
		buf->len += len;
	}
}

static inline void buf_puts(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

static inline void buf_put_span(struct buf *buf, struct span text)
{
	buf_put(buf, text.data, text.len);
}

static inline void buf_putc(struct buf *buf, char c)
{
	buf_put(buf, &c, 1);
}

/* Has any buf of this process ever lacked memory? Then what was made of it may say
   less than it should: section_close and out_close ask, and nothing is sealed. */
bool buf_starved(void);

/* The text as a C string. Valid until the next put; never NULL. */
const char *buf_text(struct buf *buf);

#endif
