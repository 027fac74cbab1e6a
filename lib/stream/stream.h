/* SPDX-License-Identifier: ISC */
/*
 * stream: sections of NDJSON that say themselves whether they are complete
 * (rollcall-stream(5)).
 *
 * A section is a `begin` line, its records and an `end` line with their counts,
 * their SHA-256 and that of the begin line. The reader refuses everything else: a
 * section that is cut, edited, of a newer format, or empty input.
 */
#ifndef ROLLCALL_STREAM_H
#define ROLLCALL_STREAM_H

#include "stream/record.h"
#include "sys/digest.h"
#include "sys/lines.h"
#include "sys/out.h"

enum { STREAM_FORMAT = 1 };

enum stream_stage {
	STAGE_FETCH = 1,
	STAGE_SNAPSHOT = 2,
	STAGE_CHANGES = 4,
	STAGE_RESULTS = 8,
	STAGE_FINDINGS = 16,
	STAGE_REVIEW = 32,
	STAGE_DECISIONS = 64,
	STAGE_CLOSING = 128,
	STAGE_TRACE = 256,
};

struct counts {
	uint64_t of[RECORD_KINDS];
};

/* ---- writing ---- */

struct section_writer {
	struct out *out;
	struct digest digest;
	char begin_hex[DIGEST_HEX + 1]; /* SHA-256 of the begin line */
	struct counts counts;
};

/* `begin` is a whole begin line with its LF. 0 or -1. */
int section_open(struct section_writer *section, struct out *out, struct span begin,
                 struct fault *fault);

/* Whole lines, already counted by the caller in section->counts. */
void section_put(struct section_writer *section, struct span lines);

/* Writes the `end` line: `more` are further members, "" or `,"requests":7`. The
   counts named in `kinds` (a bit each, 1 << RECORD_USER ...) are written. 0 or -1. */
int section_close(struct section_writer *section, const char *before, unsigned kinds,
                  const char *more, struct fault *fault);
void section_release(struct section_writer *section);

/* Appends the line that ends the section of a fetcher that failed with `fault`, whose text
   is inert: the reader refuses the section with its status and its reason. */
void section_put_failure(struct buf *line, struct span source, const struct fault *fault);

/* ---- reading ---- */

enum item_type { ITEM_BEGIN, ITEM_RECORD, ITEM_END };

struct stream_item {
	enum item_type type;
	enum record_kind kind; /* of a record; RECORD_KINDS: one of another stage */
	struct span line;      /* without its LF; borrowed until the next read */
	yyjson_val *root;      /* parsed; NULL for records of an unparsed stream */
};

struct stream_reader {
	struct lines lines;
	unsigned stages; /* accepted, STAGE_ bits */
	bool parse;      /* parse records too, not only begin and end */
	bool inside;     /* between begin and end */
	size_t sections; /* complete ones so far */
	enum stream_stage stage;
	struct buf source; /* what the open section is called in messages */
	struct digest digest;
	char hex[DIGEST_HEX + 1]; /* of the section that ended last */
	char begin_hex[DIGEST_HEX + 1];
	struct counts counts;
	uint64_t gaps_named; /* in the begin line of a snapshot */
	struct json_reader json;
	/* of a pair (stream_pair.h); NULL: none */
	struct stream_reader *follower, *leader;
	size_t same; /* bytes of the next lines, which both have */
};

/* Opens FILE or "-"; `accepted` are STAGE_ bits. 0 or -1. */
int stream_open(struct stream_reader *reader, const char *path, unsigned accepted, bool parse,
                struct fault *fault);

/* The same from where `fd`, which stays the caller's, stands. */
void stream_open_fd(struct stream_reader *reader, int fd, const char *name, unsigned accepted,
                    bool parse);

void stream_close(struct stream_reader *reader);

/* 1 and the next item; 0 where the input ended behind at least one complete
   section; -1 otherwise. ITEM_END comes only when counts and digest matched. A fetch
   section that ends with a failure is not complete: the fault has the kind and the
   reason that its fetcher says (FAULT_UNREACHABLE, FAULT_INTERNAL, FAULT_TRY_LATER,
   FAULT_PROTOCOL, FAULT_REFUSED, FAULT_CONFIG; any other is FAULT_DATA). */
int stream_next(struct stream_reader *reader, struct stream_item *item, struct fault *fault);

/* The next lines are records, whose bytes are those of records that were checked: they are
   counted and digested, no more. `lines` is the beginning of lines_window, and not empty. */
void stream_pass(struct stream_reader *reader, struct span lines, const struct counts *counts);

/* The vocabulary of a source by a snapshot's begin line, which was read: its entry's own,
   else that of the snapshot. */
unsigned stream_vocabulary(yyjson_val *begin, yyjson_val *source);

/* Copies the member sha256 of an object to `to`, if it has 64 digits; else leaves `to` as it is. */
void stream_take_sha256(yyjson_val *object, char to[DIGEST_HEX + 1]);

#endif
