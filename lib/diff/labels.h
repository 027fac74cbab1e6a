/* SPDX-License-Identifier: ISC */
/*
 * labels: the names that people know users and groups by, for those that a
 * report will speak of.
 *
 * What is wanted is told first; then the records pass in the order of their
 * keys, and those that were wanted leave their names. So it grows with what is
 * wanted, not with what passes. A record is known by the key of its canonical
 * line.
 */
#ifndef ROLLCALL_LABELS_H
#define ROLLCALL_LABELS_H

#include "base/arena.h"
#include "stream/record.h"

struct label {
	struct span key;
	struct span text; /* empty: not known */
	struct span id;   /* where the key has a name in its place: the record's own id */
	bool newer;       /* ... which is that of the newer side */
};

struct labels {
	struct label *list;
	size_t count, cap;
	size_t next; /* the first that may still pass */
	bool sorted;
	struct arena bytes;
};

void labels_release(struct labels *labels);

/* Asks for the label of a record, by its texts or by its key. 0 or -1. */
int labels_want(struct labels *labels, enum record_kind kind, struct span source, struct span id,
                struct fault *fault);
int labels_want_key(struct labels *labels, struct span key, struct fault *fault);

/* The label of the record that passes, to be filled with labels_keep; NULL where
   nobody wants it. Keys pass in ascending order. Borrowed until labels_want. */
struct label *labels_pass(struct labels *labels, struct span key);

/* Records will pass from the start. */
void labels_rewind(struct labels *labels);

/* Fills a label with copies. 0 or -1. */
int labels_keep(struct labels *labels, struct label *label, struct span text, struct span id,
                struct fault *fault);

/* NULL where it was not wanted or did not pass. */
const struct label *labels_find(const struct labels *labels, enum record_kind kind,
                                struct span source, struct span id);

/* Appends the label, or the id where none is known. */
void labels_put(const struct labels *labels, enum record_kind kind, struct span source,
                struct span id, struct buf *to);
void labels_put_key(const struct labels *labels, struct span key, struct buf *to);

/* Appends what people call a record: the user name (else e-mail, display name)
   of a user, the name of a group, "MEMBER in GROUP" of a membership; ids where
   nothing better is known. */
void labels_put_record(const struct labels *labels, const struct record *record, struct buf *to);

#endif
