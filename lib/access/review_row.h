/* SPDX-License-Identifier: ISC */
/*
 * review_row: what a review decides upon, row by row. A row is one thing that can be kept
 * or cut: an account, a direct membership, a role, an entitlement.
 *
 * The name of a row is `r` and the first 16 hex digits of the SHA-256 of a JSON array:
 *
 *	["SHA-256 of the snapshot","account","SOURCE","USER ID"]
 *	["...","membership","SOURCE","GROUP ID","MEMBER ID","user"]
 *	["...","role","SOURCE","USER ID","VALUE"], and the same with "entitlement"
 *
 * So a row of one snapshot is no row of another one, and no spreadsheet takes its name for
 * a number. The last text of a membership is the kind of its member, empty where the
 * snapshot does not show it.
 *
 * Rows come in one order: the members of groups that are users or in no list, and the
 * accounts, by source and id, each with its own row, its memberships, roles and
 * entitlements; then the groups that stand in groups. Memory grows with groups and their
 * nesting.
 */
#ifndef ROLLCALL_REVIEW_ROW_H
#define ROLLCALL_REVIEW_ROW_H

#include "access/access.h"

enum review_what {
	REVIEW_ACCOUNT,
	REVIEW_MEMBERSHIP,
	REVIEW_ROLE,
	REVIEW_ENTITLEMENT,
	REVIEW_WHATS
};
extern const char *const review_what_words[REVIEW_WHATS];

/* USER_ROLES or USER_ENTITLEMENTS, for a role or an entitlement. */
int review_field(enum review_what what);

enum { REVIEW_ROW_NAME = 17 };

/* Borrowed until the call returns. A text is empty where there is none. */
struct review_row {
	char name[REVIEW_ROW_NAME + 1];
	enum review_what what;
	struct span source;
	struct span user_id;       /* the account, or the member of a membership */
	struct span user_name;     /* of the account, or of the group that is a member */
	struct span member_kind;   /* of a membership: as the snapshot has it; empty: not there */
	struct span access_id;     /* the group, or the value of a role or an entitlement */
	struct span access;        /* what people call it */
	const struct record *user; /* the account; NULL: a group, or in no list */
	uint32_t group;            /* of a membership: its place in rows->access.nesting */
};

struct review_rows {
	/* What is called: with each gap (NULL: nobody minds), with each row, and when all is
	   proved (NULL, too). Until then nothing is. 0 or -1. each_nesting: when all groups are
	   known, before the first row; only then can the nesting be asked. */
	int (*each_gap)(void *context, const struct record *gap, struct fault *fault);
	int (*each_nesting)(void *context, struct fault *fault);
	int (*each_row)(void *context, const struct review_row *row, struct fault *fault);
	int (*each_end)(void *context, struct fault *fault);
	void *context;
	size_t memory; /* bytes for the memberships that wait */

	/* of the snapshot, from the first call on and until review_rows_release */
	struct buf begin; /* its begin line */
	char sha256[DIGEST_HEX + 1];
	struct access access; /* its reader and its nesting, until review_rows_read returns */

	/* its own */
	struct digest digest;
	struct sorter *kindless; /* USER KEY, blank, place, letter: members of an unknown kind */
	struct span kindless_line;
	int kindless_more; /* 1, 0 or -1, as sorter_next */
	struct json_reader values, details;
	struct buf line, head, source_json, source, user_id, access_id;
};

/* Reads a snapshot twice: to prove it, which gives its SHA-256, and row by row. 0 or -1;
   review_rows_release is due once in both cases. */
int review_rows_read(struct review_rows *rows, const struct reread *snapshot, struct fault *fault);
void review_rows_release(struct review_rows *rows);

#endif
