/* SPDX-License-Identifier: ISC */
/*
 * buf: grows by doubling; sizes are checked before they are added up.
 */
#include "base/buf.h"

#include <stdio.h>
#include <stdlib.h>

enum { BUF_FIRST = 256 };

void buf_release(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){.max = buf->max};
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->state = BUF_OK;
}

static _Atomic bool starved;

static char *buf_give_up(struct buf *buf, enum buf_state state)
{
	starved |= state == BUF_NO_MEMORY;
	buf_release(buf);
	buf->state = state;
	return NULL;
}

char *buf_grow(struct buf *buf, size_t more)
{
	size_t need, cap;
	char *data;

	if (buf->state != BUF_OK)
		return NULL;
	if (more > SIZE_MAX / 4 - buf->len)
		return buf_give_up(buf, BUF_NO_MEMORY);
	need = buf->len + more;
	if (buf->max && need > buf->max)
		return buf_give_up(buf, BUF_TOO_LONG);
	if (need > buf->cap || !buf->cap) {
		for (cap = buf->cap ? buf->cap : BUF_FIRST; cap < need; cap *= 2)
			;
		if (buf->max && cap > buf->max)
			cap = buf->max;
		data = realloc(buf->data, cap);
		if (!data)
			return buf_give_up(buf, BUF_NO_MEMORY);
		buf->data = data;
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void buf_put_buf(struct buf *buf, const struct buf *other)
{
	if (other->state != BUF_OK)
		buf_give_up(buf, other->state);
	else
		buf_put(buf, other->data, other->len);
}

void buf_put_sized(struct buf *list, struct span text)
{
	buf_put(list, &text.len, sizeof text.len);
	buf_put_span(list, text);
}

bool buf_next_sized(const struct buf *list, size_t *at, struct span *text)
{
	if (*at >= list->len)
		return false;
	memcpy(&text->len, list->data + *at, sizeof text->len);
	text->data = list->data + *at + sizeof text->len;
	*at += sizeof text->len + text->len;
	return true;
}

void buf_putf(struct buf *buf, const char *format, ...)
{
	va_list args;
	char *end;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n < 0 || !(end = buf_reserve(buf, (size_t)n + 1)))
		return;
	va_start(args, format);
	vsnprintf(end, (size_t)n + 1, format, args);
	va_end(args);
	buf->len += (size_t)n;
}

int buf_check(const struct buf *buf, struct fault *fault)
{
	switch (buf->state) {
	case BUF_OK: return 0;
	case BUF_TOO_LONG:
		return fault_set(fault, FAULT_DATA, "longer than the limit of %zu bytes", buf->max);
	case BUF_NO_MEMORY:
	default: return fault_memory(fault);
	}
}

bool buf_starved(void)
{
	return starved;
}

const char *buf_text(struct buf *buf)
{
	if (!buf_reserve(buf, 1))
		return "";
	buf->data[buf->len] = '\0';
	return buf->data;
}
