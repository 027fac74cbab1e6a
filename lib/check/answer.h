/* SPDX-License-Identifier: ISC */
/*
 * answer: an answer with three values, and how often each was given.
 *
 * A condition holds, does not, or nobody can know. Of several that must all hold, one that
 * does not hold decides; else one that nobody knows leaves it undecided. So an unknown is
 * never taken for ok, and never for found.
 */
#ifndef ROLLCALL_ANSWER_H
#define ROLLCALL_ANSWER_H

#include "base/buf.h"
#include "stream/record.h"

/* Why something can not be known. */
enum unknown_why {
	UNKNOWN_NOT_SHOWN,   /* the provider does not show it */
	UNKNOWN_GAP,         /* it could not be read */
	UNKNOWN_SELECTED,    /* the snapshot, or what it is held against, is a selection */
	UNKNOWN_NOT_MATCHED, /* nobody knows which record elsewhere it is */
	UNKNOWNS,
};

extern const char *const unknown_words[UNKNOWNS];

/* What is not shown: a bit for each member of a user, and these. */
#define MISSING(field) (1ULL << (field))
#define MISSING_GROUPS (1ULL << 62)
#define MISSING_OWNERS (1ULL << 61)

struct answer {
	enum answer_is { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN } is;
	enum unknown_why why;
	uint64_t missing;
};

static inline struct answer answer_of(bool holds)
{
	return (struct answer){.is = holds ? ANSWER_YES : ANSWER_NO};
}

static inline struct answer answer_unknown(enum unknown_why why, uint64_t missing)
{
	return (struct answer){.is = ANSWER_UNKNOWN, .why = why, .missing = missing};
}

struct answer answer_not(struct answer answer);
struct answer answer_and(struct answer one, struct answer other);
struct answer answer_or(struct answer one, struct answer other);

/* subjects = ok + found + unknown + excepted */
struct answers {
	uint64_t ok, found, excepted, unknown[UNKNOWNS];
	uint64_t missing; /* members that were not shown */
};

uint64_t answers_unknown(const struct answers *counts);
uint64_t answers_subjects(const struct answers *counts);

/* Counts what is unknown. */
static inline void answers_add_unknown(struct answers *counts, struct answer answer)
{
	counts->unknown[answer.why]++;
	counts->missing |= answer.missing;
}

/* Appends the names of what was not shown: `"last_login_at","status"` with quotes, or
   without: last_login_at, status. */
void answers_put_missing(struct buf *text, uint64_t missing, bool quoted);

#endif
