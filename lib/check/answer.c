/* SPDX-License-Identifier: ISC */
/*
 * answer: Kleene's logic of three values.
 */
#include "check/answer.h"

const char *const unknown_words[UNKNOWNS] = {
	[UNKNOWN_NOT_SHOWN] = "not shown",
	[UNKNOWN_GAP] = "gap",
	[UNKNOWN_SELECTED] = "selected away",
	[UNKNOWN_NOT_MATCHED] = "not matched",
};

struct answer answer_not(struct answer answer)
{
	if (answer.is != ANSWER_UNKNOWN)
		answer.is = answer.is == ANSWER_YES ? ANSWER_NO : ANSWER_YES;
	return answer;
}

/* Both are unknown: the first says why, and what is missing adds up. */
static struct answer answer_join(struct answer one, struct answer other)
{
	if (one.why == other.why)
		one.missing |= other.missing;
	return one;
}

struct answer answer_and(struct answer one, struct answer other)
{
	if (one.is == ANSWER_NO || other.is == ANSWER_NO)
		return answer_of(false);
	if (one.is == ANSWER_UNKNOWN && other.is == ANSWER_UNKNOWN)
		return answer_join(one, other);
	return one.is == ANSWER_UNKNOWN ? one : other;
}

struct answer answer_or(struct answer one, struct answer other)
{
	if (one.is == ANSWER_YES || other.is == ANSWER_YES)
		return answer_of(true);
	if (one.is == ANSWER_UNKNOWN && other.is == ANSWER_UNKNOWN)
		return answer_join(one, other);
	return one.is == ANSWER_UNKNOWN ? one : other;
}

uint64_t answers_unknown(const struct answers *counts)
{
	uint64_t sum = 0;

	for (int why = 0; why < UNKNOWNS; why++)
		sum += counts->unknown[why];
	return sum;
}

uint64_t answers_subjects(const struct answers *counts)
{
	return counts->ok + counts->found + counts->excepted + answers_unknown(counts);
}

static void answers_put_name(struct buf *text, const char *name, size_t at, bool quoted)
{
	buf_puts(text, text->len == at ? "" : quoted ? "," : ", ");
	buf_putf(text, quoted ? "\"%s\"" : "%s", name);
}

void answers_put_missing(struct buf *text, uint64_t missing, bool quoted)
{
	size_t at = text->len;

	for (size_t i = 0; i < record_forms[RECORD_USER].count; i++)
		if (missing & MISSING(i))
			answers_put_name(text, record_forms[RECORD_USER].fields[i].name.data, at, quoted);
	if (missing & MISSING_OWNERS)
		answers_put_name(text, "owners", at, quoted);
	if (missing & MISSING_GROUPS)
		answers_put_name(text, "groups", at, quoted);
}
