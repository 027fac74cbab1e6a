/* SPDX-License-Identifier: ISC */
/*
 * input: plain bytes go straight to the caller. Only what begins as zstd does gets a
 * buffer and a decoder.
 */
#include "sys/input.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "sys/ready.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

enum { UNPACKER_PIECE = 128 * 1024, MAGIC_BYTES = 4 };

struct unpacker {
	ZSTD_DCtx *context;
	ZSTD_inBuffer packed; /* what of `bytes` is not decoded yet */
	bool in_frame;        /* a frame has begun and not ended */
	bool is_full;         /* the last call filled its room: more may wait in the decoder */
	uint64_t taken, given;
	char bytes[UNPACKER_PIECE];
};

static ssize_t input_read_plain(const struct input *input, char *to, size_t cap,
                                struct fault *fault)
{
	ssize_t n;

	do
		n = read(input->fd, to, cap);
	while (n < 0 && ready_to_read(input->fd));
	if (n < 0)
		fault_set(fault, errno == EISDIR ? FAULT_NO_INPUT : FAULT_IO, "cannot read '%s': %s",
		          INERT(span_of(input->name)), strerror(errno));
	return n;
}

/* Are the bytes the beginning of a frame of zstd, or of one that is skipped? */
static bool input_is_packed(const char *bytes, size_t len)
{
	static const unsigned char magic[MAGIC_BYTES] = {0x28, 0xb5, 0x2f, 0xfd};
	static const unsigned char skipped[MAGIC_BYTES] = {0x50, 0x2a, 0x4d, 0x18};
	size_t seen = len < MAGIC_BYTES ? len : MAGIC_BYTES;

	if (memcmp(bytes, magic, seen) == 0)
		return true;
	return ((unsigned char)bytes[0] & 0xf0) == skipped[0] &&
	       memcmp(bytes + 1, skipped + 1, seen - 1) == 0;
}

static int input_refuse(const struct input *input, const char *why, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "%s: %s", INERT(span_of(input->name)), why);
}

/* The first bytes, in `to`, are those of a compressed file. */
static int unpacker_open(struct input *input, const char *first, size_t len, struct fault *fault)
{
	struct unpacker *unpacker = malloc(sizeof *unpacker);

	if (!unpacker)
		return fault_memory(fault);
	input->unpacker = unpacker;
	unpacker->context = ZSTD_createDCtx();
	unpacker->in_frame = unpacker->is_full = false;
	unpacker->taken = len;
	unpacker->given = 0;
	unpacker->packed = (ZSTD_inBuffer){unpacker->bytes, len, 0};
	memcpy(unpacker->bytes, first, len);
	if (!unpacker->context || ZSTD_isError(ZSTD_DCtx_setParameter(
								  unpacker->context, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX)))
		return fault_memory(fault);
	return 0;
}

static int unpacker_fault(const struct input *input, size_t code, struct fault *fault)
{
	switch (ZSTD_getErrorCode(code)) {
	case ZSTD_error_memory_allocation: return fault_memory(fault);
	case ZSTD_error_frameParameter_windowTooLarge:
		return input_refuse(input,
		                    "compressed with a larger window than is read here: compress it "
		                    "without --long",
		                    fault);
	case ZSTD_error_prefix_unknown:
		return input_refuse(input, "bytes that are not zstd follow the compressed data", fault);
	default: return input_refuse(input, "the compressed data is damaged", fault);
	}
}

/* One step of the decoder. 0 or -1. */
static int unpacker_step(struct input *input, ZSTD_outBuffer *room, struct fault *fault)
{
	struct unpacker *unpacker = input->unpacker;
	size_t left = ZSTD_decompressStream(unpacker->context, room, &unpacker->packed);

	if (ZSTD_isError(left))
		return unpacker_fault(input, left, fault);
	unpacker->in_frame = left != 0;
	unpacker->is_full = left && room->pos == room->size;
	if (unpacker->given + room->pos > LINE_MAX_BYTES &&
	    (unpacker->given + room->pos) / ZSTD_RATIO_MAX > unpacker->taken)
		return input_refuse(input, "the compressed data grows by more than the limit of 1000",
		                    fault);
	return 0;
}

static ssize_t unpacker_read(struct input *input, char *to, size_t cap, struct fault *fault)
{
	struct unpacker *unpacker = input->unpacker;
	ZSTD_outBuffer room = {to, cap, 0};

	while (!room.pos) {
		if (unpacker->packed.pos == unpacker->packed.size && !unpacker->is_full) {
			ssize_t n = input_read_plain(input, unpacker->bytes, sizeof unpacker->bytes, fault);

			if (n < 0)
				return -1;
			if (n == 0 && unpacker->in_frame)
				return input_refuse(input, "cut off: the compressed data does not end", fault);
			if (n == 0)
				return 0;
			unpacker->packed = (ZSTD_inBuffer){unpacker->bytes, (size_t)n, 0};
			unpacker->taken += (uint64_t)n;
		}
		if (unpacker_step(input, &room, fault) < 0)
			return -1;
		if (!room.pos && unpacker->packed.pos == unpacker->packed.size)
			unpacker->is_full = false;
	}
	unpacker->given += room.pos;
	return (ssize_t)room.pos;
}

/* The first bytes: as many as tell what they are. `cap`: at most UNPACKER_PIECE. */
static ssize_t input_start(struct input *input, char *to, size_t cap, struct fault *fault)
{
	size_t len = 0;
	ssize_t n;

	do {
		n = input_read_plain(input, to + len, cap - len, fault);
		if (n < 0)
			return -1;
		len += (size_t)n;
	} while (n > 0 && len < MAGIC_BYTES && input_is_packed(to, len));
	input->started = true;
	if (len < MAGIC_BYTES || !input_is_packed(to, len))
		return (ssize_t)len;
	return unpacker_open(input, to, len, fault) < 0 ? -1 : unpacker_read(input, to, cap, fault);
}

ssize_t input_read(struct input *input, char *to, size_t cap, struct fault *fault)
{
	if (!input->started)
		return input_start(input, to, cap < UNPACKER_PIECE ? cap : UNPACKER_PIECE, fault);
	return input->unpacker ? unpacker_read(input, to, cap, fault)
	                       : input_read_plain(input, to, cap, fault);
}

void input_release(struct input *input)
{
	if (input->unpacker)
		ZSTD_freeDCtx(input->unpacker->context);
	free(input->unpacker);
	input->unpacker = NULL;
	input->started = false;
}
