/* SPDX-License-Identifier: ISC */
/*
 * flips: a line "0" (by ids) or "1" (by names), then two whole snapshots with a
 * zero byte between them, of which each bit of each byte flips once. A snapshot
 * that was damaged so is refused, or the difference is byte for byte what it was
 * (a member of `end` became an unknown one, which says nothing).
 */
#include "fuzz.h"

#include "diff/diff.h"
#include "diff/changes_put.h"

#include <unistd.h>

/* HARMLESS_MAX: bytes of member names in `end` that a reader can do without */
enum { BEFORE, AFTER, OUTPUT, HARMLESS_MAX = 20 };

/* What diff-snapshot does: the change stream of two files. The kind of the fault, or FAULT_NONE. */
static enum fault_kind compare(const char *before, const char *after, bool match, struct buf *to)
{
	const struct diff_options options = {
		.max_removed = {.number = 100, .is_percent = true}, .match = match, .allow_unnamed = match};
	struct changes changes = {0};
	struct fault fault = {0};
	struct out out = {.fd = -1};

	to->len = 0;
	if (diff_run(&changes, &options, before, after, &fault) < 0) {
		must_be_fault(&fault);
	} else {
		memory_file(OUTPUT, span_of(""));
		out.fd = dup(memory_fd(OUTPUT));
		must(changes_put_stream(&changes, &out, &fault) == 0 && out_close(&out, &fault) == 0,
		     "a finished difference is reported");
		memory_read(OUTPUT, to);
	}
	changes_release(&changes);
	return fault.kind;
}

static void put_byte(int side, size_t place, char byte)
{
	must(pwrite(memory_fd(side), &byte, 1, (off_t)place) == 1, "pwrite works");
}

/* Each bit of the file `side`, whose bytes are `whole`, one after the other. */
static void flip_all(int side, struct span whole, const char *const paths[2], bool match,
                     struct span truth)
{
	struct buf got = {0};
	size_t harmless = 0;

	for (size_t i = 0; i < whole.len; i++) {
		bool accepted = false;

		for (int bit = 0; bit < 8; bit++) {
			enum fault_kind kind;

			put_byte(side, i, (char)(whole.data[i] ^ 1 << bit));
			kind = compare(paths[BEFORE], paths[AFTER], match, &got);
			must(kind == FAULT_NONE || kind == FAULT_DATA, "damaged data is called damaged data");
			must(kind != FAULT_NONE || span_is(buf_span(&got), truth),
			     "a flipped bit is refused, or changes nothing that is said");
			accepted |= kind == FAULT_NONE;
		}
		put_byte(side, i, whole.data[i]);
		harmless += accepted;
	}
	must(harmless <= HARMLESS_MAX, "nearly every flipped bit is refused");
	buf_release(&got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = {(const char *)data, size};
	const bool match = size && data[0] & 1;
	const struct span how = take_until(&rest, '\n'), first = take_until(&rest, '\0');
	const struct span whole[2] = {first, rest};
	const char *const paths[2] = {memory_file(BEFORE, whole[BEFORE]),
	                              memory_file(AFTER, whole[AFTER])};
	struct buf truth = {0};

	(void)how;
	if (compare(paths[BEFORE], paths[AFTER], match, &truth) == FAULT_NONE)
		for (int side = BEFORE; side <= AFTER; side++)
			flip_all(side, whole[side], paths, match, buf_span(&truth));
	buf_release(&truth);
	return 0;
}
