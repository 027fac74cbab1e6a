/* SPDX-License-Identifier: ISC */
/*
 * close: what became of each decision of a review, by a snapshot that was read after it.
 *
 *	close_open, close_read, close_write, close_release
 *
 * What the snapshot could not see is never called gone. An account that was made after the
 * review had read its source is not the one that was decided upon, whatever its id. Memory
 * grows with the decisions, with groups and their nesting; what nobody decided is spooled.
 */
#ifndef ROLLCALL_CLOSE_H
#define ROLLCALL_CLOSE_H

#include "access/decisions.h"
#include "access/gaps.h"
#include "sys/spool.h"

enum close_format { CLOSE_TEXT, CLOSE_NDJSON, CLOSE_FORMATS };
extern const char *const close_format_names[CLOSE_FORMATS];

/* What became of a decision. */
enum close_state {
	CLOSE_DONE,     /* revoke: it is gone */
	CLOSE_NOT_DONE, /* revoke: it is there; modify: it is as it was */
	CLOSE_KEPT,
	CLOSE_MISSING, /* keep: it is gone */
	CLOSE_NOT_SEEN,
	CLOSE_CHANGED, /* modify: it is not as it was */
	CLOSE_OPEN,    /* defer, or not decided */
	CLOSE_STATES
};

/* Borrowed. */
struct close_options {
	const char *decisions;
	int format; /* enum close_format */
	size_t memory;
};

/* A source of the snapshot after. */
struct close_source {
	struct span name;
	bool is_reviewed; /* the review has it, too */
	bool is_selected;
	struct gaps gaps;
	bool hides_members; /* of groups in close->hidden */
};

struct close {
	const struct close_options *options;
	struct decisions decisions;
	struct review_rows rows;
	unsigned char *marks; /* of each decision: what was seen of it */
	struct close_source *sources;
	size_t source_count, source_cap;
	struct set hidden; /* keys of groups whose members could not be read */
	struct spool others;
	struct buf others_text; /* the first of them, for people */
	uint64_t other_count, others_shown;
	uint64_t counts[DECISION_WORDS][CLOSE_STATES];
	bool is_younger; /* the account at hand was made after the review */
	struct arena texts;
	struct buf key, line;
};

/* Reads the decisions. Borrows the options. 0 or -1; close_release is due in both cases. */
int close_open(struct close *close, const struct close_options *options, struct fault *fault);
void close_release(struct close *close);

/* Reads the snapshot after. FAULT_DATA where it is none of what was reviewed, or was read
   before it. 0 or -1. */
int close_read(struct close *close, const struct reread *after, struct fault *fault);

/* Decides, and writes the closing stream, or text. 0 or -1. */
int close_write(struct close *close, bool color, struct out *out, struct fault *fault);

/* After close_write: 0, 1 or 3, as close-review(1) says. */
int close_status(const struct close *close);

/* What became of a decision; *why says what hides it, for CLOSE_NOT_SEEN. 0 or -1. */
struct close_outcome {
	enum close_state state;
	const char *why; /* NULL: nothing to say */
};
int close_judge(struct close *close, size_t number, const struct decision *decision,
                struct close_outcome *outcome, struct fault *fault);

extern const char *const close_state_words[CLOSE_STATES];

#endif
