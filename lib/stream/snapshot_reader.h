/* SPDX-License-Identifier: ISC */
/*
 * snapshot_reader: one snapshot from a file or a pipe, record by record, proved.
 *
 *	struct snapshot_reader reader;
 *	struct record record = {0};
 *	int more = snapshot_reader_open(&reader, path, fault);
 *
 *	while (more >= 0 && (more = snapshot_reader_next(&reader, fault)) > 0)
 *		if (reader.kind == RECORD_USER &&
 *		    (more = snapshot_reader_parse(&reader, &record, fault)) == 0)
 *			... record_text(&record, USER_USER_NAME) ...
 *	snapshot_reader_close(&reader);
 *	record_release(&record);
 *
 * Records come in the order of their lines: gaps, groups, memberships, users, each kind
 * by source and id (rollcall-stream(5)). Nothing is known to be true before the end has
 * come with 0: only then have order, counts and digests been checked. So a program that
 * must not act on half a snapshot keeps what it writes until then.
 *
 * What is refused is FAULT_DATA with file and line: input that is not exactly one whole
 * snapshot, lines out of order, two records with one identity, a record of a source that
 * `begin` does not name. Memory does not grow with the snapshot: one line at a time.
 */
#ifndef ROLLCALL_SNAPSHOT_READER_H
#define ROLLCALL_SNAPSHOT_READER_H

#include "stream/record.h"
#include "stream/stream.h"

struct snapshot_reader {
	/* the record at hand; spans are borrowed until the next one is read */
	bool has_record; /* false: the end was reached, and all of it is proved */
	enum record_kind kind;
	struct span line;   /* canonical, without its LF */
	struct span source; /* as it stands in the line, with its quotes */
	struct span key;    /* record_line_key; empty before it was checked */

	/* of the whole snapshot */
	struct buf begin;            /* the begin line */
	yyjson_val *sources;         /* the array in it: source, provider, origin, fetched_at, ... */
	char sha256[DIGEST_HEX + 1]; /* once the end was reached */

	/* its own */
	struct stream_reader stream;
	yyjson_doc *begin_doc;
	struct buf head; /* kind and source, as the lines at hand begin */
};

/* Opens FILE or "-" and reads its begin line; no record is at hand yet. 0 or -1;
   snapshot_reader_close is due in both cases. */
int snapshot_reader_open(struct snapshot_reader *reader, const char *path, struct fault *fault);

/* The same from where `fd`, which stays the caller's, stands. */
int snapshot_reader_open_fd(struct snapshot_reader *reader, int fd, const char *name,
                            struct fault *fault);

void snapshot_reader_close(struct snapshot_reader *reader);

/* Goes to the next record and checks it. 1; 0 at the end, where all is proved; -1. */
int snapshot_reader_next(struct snapshot_reader *reader, struct fault *fault);

/* The two steps of snapshot_reader_next, for who compares two snapshots: a record whose
   bytes are those of a checked record of another snapshot needs no check of its own, if
   what stood before it was compared with that snapshot, too. 0 or -1. */
int snapshot_reader_advance(struct snapshot_reader *reader, struct fault *fault);
int snapshot_reader_check(struct snapshot_reader *reader, struct fault *fault);

/* For who reads many snapshots side by side (lib/trace). Reads one line and no further: 1,
   with a record at hand where reader->has_record; 0 at the end; -1. It is not checked. */
int snapshot_reader_step(struct snapshot_reader *reader, struct fault *fault);

/* The next lines in memory (lines_window) are, byte by byte, those of another snapshot with
   the same sources that were checked there, and follow what was read here: they need no
   check of their own. `counts` are those of `lines`, which are not empty. */
void snapshot_reader_pass(struct snapshot_reader *reader, struct span lines,
                          const struct counts *counts);

/* For who looks for few of many records: users, and memberships of users, that come after the
   record at hand, which was checked, and are not `wanted` by the id of the user (as JSON) are
   checked, counted and passed over. Then no record is at hand; the next one may be one that is
   not wanted, too. */
void snapshot_reader_skim(struct snapshot_reader *reader,
                          bool (*wanted)(void *context, struct span id), void *context);

/* Parses the record at hand into `record`, which borrows from the reader until the next
   record is read. 0 or -1. */
int snapshot_reader_parse(struct snapshot_reader *reader, struct record *record,
                          struct fault *fault);

/* The entry of a source in `begin`; NULL where it has none of this name. */
yyjson_val *snapshot_reader_source(const struct snapshot_reader *reader, struct span name);

/* The vocabulary of a source's records, by such an entry. */
static inline unsigned snapshot_reader_vocabulary(const struct snapshot_reader *reader,
                                                  yyjson_val *entry)
{
	return stream_vocabulary(yyjson_doc_get_root(reader->begin_doc), entry);
}

/* As people call the file, for messages. */
static inline struct span snapshot_reader_name(const struct snapshot_reader *reader)
{
	return span_of(reader->stream.lines.name);
}

/* Puts file and line before a fault of the data at hand. Returns -1. */
int snapshot_reader_fault(const struct snapshot_reader *reader, struct fault *fault);

#endif
