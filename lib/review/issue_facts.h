/* SPDX-License-Identifier: ISC */
/*
 * issue_facts: what is known of a row beside the snapshot: findings, since when it is there,
 * and what was decided last time.
 *
 *	issue_facts_open, any of issue_facts_read_..., issue_facts_close, then
 *	issue_facts_find for each row as review_rows_read hands it over
 *
 * A finding that names a group or a role of an account belongs to that row; all others of an
 * account, and those of a group in a group, to the row of the account. One that the policy
 * excepts is left out. Facts stand in a sorter; those of one account, and those of groups,
 * in memory.
 */
#ifndef ROLLCALL_ISSUE_FACTS_H
#define ROLLCALL_ISSUE_FACTS_H

#include "access/review_row.h"
#include "base/set.h"

/* A source of an older snapshot. */
struct issue_older {
	struct span source, time; /* time: fetched_at */
	bool is_partial;          /* what is not there may have been there all the same */
	uint64_t seen;            /* the last row that it had */
};

/* Lines in their order. */
struct issue_lines {
	struct buf text;
	size_t *ends; /* of each: where it ends in text */
	size_t count, cap;
};

struct issue_facts {
	struct sorter *sorter; /* KEY, blank, what and access id, blank, letter, fact */
	struct span next;
	int more; /* 1, 0 or -1, as sorter_next */
	struct issue_lines of_groups, of_user;
	struct issue_older *older;
	size_t older_count, older_cap;
	size_t *order;                         /* places of `older`, the latest first */
	char (*before_sha256)[DIGEST_HEX + 1]; /* of each older snapshot, in the order given */
	size_t before_count, before_cap;
	char findings_sha256[DIGEST_HEX + 1], previous_sha256[DIGEST_HEX + 1]; /* empty: none */
	char findings_of[DIGEST_HEX + 1];                                      /* the snapshot */
	struct set other_checks; /* that find groups or sources */
	size_t memory;
	uint64_t row;
	struct arena texts;
	struct buf key, line, json, cell, previous;
};

/* Borrowed until the next call. */
struct issue_known {
	struct span findings;      /* "dormant (high); external (low)" */
	struct span findings_json; /* [{"check":...,"severity":...}]; empty: none */
	enum issue_since { SINCE_UNKNOWN, SINCE_NEW, SINCE_KNOWN } is; /* new: in no older one */
	struct span since;
	struct span previous; /* "keep, bo@example.com, 2026-08-02" */
};

/* 0 or -1; issue_facts_release is due in both cases. */
int issue_facts_open(struct issue_facts *facts, size_t memory, struct fault *fault);
void issue_facts_release(struct issue_facts *facts);

/* 0 or -1. */
int issue_facts_read_findings(struct issue_facts *facts, const char *path, struct fault *fault);
int issue_facts_read_before(struct issue_facts *facts, const char *path, struct fault *fault);
int issue_facts_read_previous(struct issue_facts *facts, const char *path, struct fault *fault);

/* After the last of them. 0 or -1. */
int issue_facts_close(struct issue_facts *facts, struct fault *fault);

int issue_facts_find(struct issue_facts *facts, const struct review_row *row,
                     struct issue_known *known, struct fault *fault);

#endif
