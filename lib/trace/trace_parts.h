/* SPDX-License-Identifier: ISC */
/*
 * trace_parts: what the parts of one trace share.
 *
 *	trace_files.c    the snapshots and their sources: who could see what, and when
 *	trace_merge.c    all snapshots side by side; what differs goes to trace->events
 *	trace_history.c  one record over all snapshots, and its intervals
 *	trace_subject.c  groups, memberships, accounts, one after the other
 *	trace_anew.c     which of several accounts of one id it is
 *	trace_nested.c   groups that an account is in through groups
 *	trace_put.c      an interval in each format
 *
 * Where nothing else is said, a function returns 0, or -1 with a fault.
 */
#ifndef ROLLCALL_TRACE_PARTS_H
#define ROLLCALL_TRACE_PARTS_H

#include "table/table.h"
#include "trace/trace.h"

/* ---- trace_files.c ---- */

/* Reads the begin lines. */
int trace_files_open(struct trace *trace, char *const *paths, struct fault *fault);
void trace_files_release(struct trace *trace);

/* Opens a snapshot whose begin line was read before. snapshot_reader_close is due in both
   cases. */
int trace_file_open(const struct trace_file *file, struct snapshot_reader *reader,
                    struct fault *fault);

/* The place of a source by its name as JSON; -1: there is none. */
int64_t trace_find_source(const struct trace *trace, struct span name_json);

/* A gap of a snapshot. */
int trace_hide(struct trace *trace, size_t file, const struct record *gap, struct fault *fault);

/* Could a snapshot that does not show a record have missed it? `group_key`: the group of a
   membership, else empty. */
bool trace_is_hidden(const struct trace *trace, size_t file, size_t source, enum record_kind kind,
                     bool is_service, struct span group_key);

/* ---- trace_merge.c ---- */

/* The lines of trace->events: the key of a record, TRACE_MARK, the place of a snapshot as 8
   hexadecimal digits, then '+' and the rest of the line after the key, as it is from this
   snapshot on, or '-' where it is gone. */
enum { TRACE_MARK = 0x1f };

int trace_merge(struct trace *trace, struct fault *fault);

/* The key of a record. A group and a user of one id are two members of a group. */
struct span trace_key(enum record_kind kind, struct span line);

/* ---- trace_history.c ---- */

struct trace_history {
	/* the record at hand; borrowed until the next one is read */
	struct buf key;
	enum record_kind kind;
	size_t source;
	uint32_t *versions; /* of each file: 0 not there, else a version, from 1 on */
	struct buf lines;   /* its versions, one after the other */
	size_t *ends;
	size_t version_count, version_cap;

	/* for trace_each_interval: of each file, what it says */
	uint32_t *values;

	/* its own */
	struct span next;
	int more;         /* 1, 0 or -1, as sorter_next */
	uint32_t *states; /* of each moment */
	struct trace_range *ranges;
	size_t range_count, range_cap;
};

int trace_history_open(struct trace *trace, struct fault *fault);
void trace_history_release(struct trace_history *history);

/* The next record, in the order of keys: 1, 0 or -1. */
int trace_history_next(struct trace *trace, struct fault *fault);

/* A version, from 1 on. */
struct span trace_version(const struct trace_history *history, uint32_t version);

/* What a snapshot says: it can not see it, it is not there, or else any number from
   TRACE_SEEN on that says how it is. */
enum trace_value { TRACE_HIDDEN, TRACE_ABSENT, TRACE_SEEN };

struct trace_range {
	size_t from, to; /* moments, both within */
};

/* Places are those of moments; TRACE_NEVER: there is none. */
#define TRACE_NEVER SIZE_MAX

struct trace_interval {
	const struct trace_source *source;
	uint32_t value;
	size_t since;                       /* the first that has it */
	size_t not_yet;                     /* the last before it that does not have it */
	size_t last;                        /* the last that has it */
	size_t until;                       /* the first after it that does not have it */
	const struct trace_range *not_seen; /* that could not see it, after `since` */
	size_t not_seen_count;
};

/* Each interval of what history->values say of a source, in order. */
int trace_each_interval(struct trace *trace, size_t source,
                        int (*each)(void *context, const struct trace_interval *interval,
                                    struct fault *fault),
                        void *context, struct fault *fault);

/* ---- trace_subject.c ---- */

int trace_subjects(struct trace *trace, struct fault *fault);
void trace_groups_release(struct trace_groups *groups);

/* ---- trace_anew.c ---- */

/* The times at which the accounts of one id were created, for one record. */
struct trace_births {
	struct buf texts; /* of each birth */
	size_t *ends;
	size_t count, cap;
	uint32_t *of; /* of each version: its birth, from 1 on; 0: it shows none */
	size_t of_count, of_cap;
	bool is_anew; /* there were several */
	uint32_t *at; /* then of each moment */
};

/* For the next record; then each version of it, in their order; then trace_births_settle. */
void trace_births_begin(struct trace_births *births);
int trace_births_take(struct trace_births *births, struct span created_at, struct fault *fault);
int trace_births_settle(const struct trace *trace, struct trace_births *births,
                        struct fault *fault);
void trace_births_release(struct trace_births *births);

/* Values of history->values that say "there" become others for another account: they grow by
   `step` for each. Without is_anew they stay. */
void trace_births_split(struct trace *trace, size_t source, const struct trace_births *births,
                        uint32_t step);

/* ---- trace_nested.c ---- */

struct trace_nested;

/* What is known of a group; the caller's. */
struct trace_group {
	struct span key, id, name; /* name: the newest; empty: no snapshot shows one */
	bool is_asked;             /* --group means it */
};

/* The group at `inner` is a member of that at `outer`, where values are TRACE_SEEN. */
int trace_nested_add(struct trace *trace, size_t inner, size_t outer, const uint32_t *values,
                     struct fault *fault);

/* After the last of them. `groups` are borrowed. */
int trace_nested_close(struct trace *trace, const struct trace_group *groups, struct fault *fault);
void trace_nested_release(struct trace_nested *nested);

/* The direct groups of an account, one after the other, then each group that it was in
   through one of them at any time: 1, with history->values filled; 0; -1. */
void trace_nested_begin(struct trace *trace);
int trace_nested_take(struct trace *trace, size_t group, const uint32_t *values,
                      struct fault *fault);
int trace_nested_next(struct trace *trace, size_t source, size_t *group, struct span *via,
                      struct fault *fault);

/* ---- trace_put.c ---- */

enum trace_what {
	TRACE_ACCOUNT,
	TRACE_STATUS,
	TRACE_GROUP,
	TRACE_MEMBERSHIP,
	TRACE_ACCESS,
	TRACE_ROLE,
	TRACE_ENTITLEMENT,
	TRACE_WHATS
};
extern const char *const trace_what_words[TRACE_WHATS];

/* What an interval is of. A text is empty where there is none. */
struct trace_subject {
	enum trace_what what;
	struct span source;
	struct span user_id, user_name, member_kind;
	struct span access_id, access, via;
	bool is_asked; /* by --user and --group */
};

struct trace_writer {
	struct out *out;
	struct section_writer section; /* of the stream */
	struct table table;            /* of CSV */
	struct sorter *lines;          /* of text */
	struct sorter *names;          /* that stand in them, with their ids */
	struct set alike;              /* names of several accounts or groups of one source */
	bool by_day;                   /* no source was read twice on one day */
	struct buf line, cell;
	uint64_t counts[TRACE_WHATS];
};

int trace_put_begin(struct trace *trace, struct out *out, struct fault *fault);
int trace_put(struct trace *trace, const struct trace_subject *subject,
              const struct trace_interval *interval, struct fault *fault);
int trace_put_end(struct trace *trace, struct fault *fault);
void trace_writer_release(struct trace_writer *writer);

/* "there", "gone" or "not seen", at the last reading of its source. */
const char *trace_state(const struct trace_interval *interval);

/* ---- trace_text.c ---- */

int trace_text_begin(struct trace *trace, struct fault *fault);
int trace_text_put(struct trace *trace, const struct trace_subject *subject,
                   const struct trace_interval *interval, struct fault *fault);
int trace_text_end(struct trace *trace, struct fault *fault);

#endif
