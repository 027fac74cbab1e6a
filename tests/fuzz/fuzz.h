/* SPDX-License-Identifier: ISC */
/*
 * fuzz: what the harnesses share. Each of them is one file with one
 * LLVMFuzzerTestOneInput; it must() hold what its module promises, whatever the
 * bytes are. `make fuzz` links them with libFuzzer, `make check` with replay.c.
 */
#ifndef ROLLCALL_FUZZ_H
#define ROLLCALL_FUZZ_H

#include "base/inert.h"
#include "stream/stream.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process loudly: a promise is broken. */
_Noreturn void broken(const char *promise);

static inline void must(bool kept, const char *promise)
{
	if (!kept)
		broken(promise);
}

/* A fault must be set with a text that is one inert line and a kind that has a
   status of its own. */
void must_be_fault(const struct fault *fault);

/* Well-formed UTF-8 in which nothing acts on a terminal or a reader's eye; line
   feeds only where `lines`. */
void must_be_inert(struct span text, bool lines);

/* Files in memory, one a number below MEMORY_FILES, each truncated and filled
   anew. The path is good until the next call for that number. */
enum { MEMORY_FILES = 4 };
const char *memory_file(int number, struct span bytes);
int memory_fd(int number);

/* Appends the whole of a memory file. */
void memory_read(int number, struct buf *to);

/* Everything up to the first byte `separator`, which goes too; all where there is none. */
struct span take_until(struct span *rest, char separator);

/* Appends `begin`, `body` (whole lines or not) and an end line that is right for
   them, so that the bytes behind the seal are what is tried. */
void put_sealed(struct buf *to, const char *begin, struct span body, bool snapshot);

/* What cmd/normalize.c does with one file: the snapshot is appended to `to`. */
int normalize_file(const char *path, struct buf *to, struct fault *fault);

#endif
