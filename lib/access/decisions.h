/* SPDX-License-Identifier: ISC */
/*
 * decisions: what a review decided, as take-review sealed it (rollcall-stream(5)).
 *
 *	decisions_read, decisions_first and decisions_next or decisions_get, decisions_release
 *
 * The stream is read to its proved end, and its sums are held against its lines. Decisions
 * are found by the account or the member that they are about. Memory: the lines, and some 150 bytes for each; at most DECISIONS_MAX of them.
 */
#ifndef ROLLCALL_DECISIONS_H
#define ROLLCALL_DECISIONS_H

#include "access/review_row.h"
#include "base/set.h"

enum decision_word {
	DECISION_KEEP,
	DECISION_REVOKE,
	DECISION_MODIFY,
	DECISION_DEFER,
	DECISION_UNDECIDED,
	DECISION_WORDS
};
extern const char *const decision_words[DECISION_WORDS];

/* Borrowed until the next one is asked for. A text is empty where the line has none. */
struct decision {
	enum decision_word word;
	enum review_what what;
	struct span line; /* without its LF */
	struct span row, source, user_id, user_name, access_id, access, member_kind;
	struct span decided_by, decided_at, reason, ticket, by;
};

struct decision_place {
	size_t at;     /* of its line in decisions->lines */
	uint32_t len;  /* of the line */
	uint32_t next; /* number + 1 of the next one of the same account or member; 0: none */
};

/* What was decided of one source. */
struct decision_source {
	struct span name;
	struct span origin;
	struct span fetched_at; /* when it was read for the review; empty: not said */
	uint64_t counts[DECISION_WORDS];
	struct span last; /* the latest decided_at of keep, revoke and modify; empty: none */
};

struct decisions {
	struct buf begin; /* the begin line */
	char sha256[DIGEST_HEX + 1], snapshot_sha256[DIGEST_HEX + 1];
	uint64_t counts[DECISION_WORDS];
	struct decision_source *sources; /* those of the snapshot that was reviewed */
	size_t source_count, source_cap;
	struct decision_place *places; /* in the order of the stream */
	size_t count, cap;

	/* its own */
	struct buf lines, key;
	struct set rows, members; /* members: record key -> first + 1, and last in the high half */
	struct arena texts;
	struct json_reader json;
};

/* Reads FILE or "-". 0 or -1; decisions_release is due in both cases. A zeroed struct is
   empty. */
int decisions_read(struct decisions *decisions, const char *path, struct fault *fault);
void decisions_release(struct decisions *decisions);

/* The decision of this number. 0 or -1. */
int decisions_get(struct decisions *decisions, size_t number, struct decision *decision,
                  struct fault *fault);

/* Those of an account or a member: its record_line_key (of a group where a group is the
   member). The number + 1 of the first; 0: there is none. The next one is at
   decisions->places[number].next, as number + 1 again. */
size_t decisions_first(const struct decisions *decisions, struct span key);

/* The decision about one thing of that member: 1, 0 where nobody decided, -1. Either kind
   of member may not be known. */
int decisions_find(struct decisions *decisions, struct span key, enum review_what what,
                   struct span access_id, struct decision *decision, struct fault *fault);

/* NULL: the review has no such source. */
const struct decision_source *decisions_source(const struct decisions *decisions, struct span name);

/* Is a source that was reviewed, by its entry in the begin line of a snapshot, the same one
   (its origin), read at the same time or later? One that was not reviewed is fine, too.
   0, or -1 with FAULT_DATA. */
int decisions_check_source(const struct decisions *decisions, yyjson_val *entry,
                           struct fault *fault);

/* Is the account shown as disabled? Then nobody can get in by it: a revoke of it is done, as
   scim-push does it. */
bool decisions_is_disabled(const struct record *user);

/* Was an account made after the review had read its source? Then it is not the one that was
   decided upon, whatever its id. False where either time is not known. */
bool decisions_is_younger(const struct decisions *decisions, const struct record *user);

#endif
