/* SPDX-License-Identifier: ISC */
/*
 * trace: since when and until when, by any number of snapshots of the same directories.
 *
 *	trace_open, trace_read, trace_write, trace_release
 *
 * Each account, group, membership, role and entitlement has intervals: from the first
 * reading that shows it to the first that shows that it is gone. A reading that could not
 * see it (a gap, a selection, a source that is missing) ends nothing: the time is "not
 * seen". The order in which snapshots are given does not matter, nor one that comes twice.
 *
 * Snapshots are read side by side, a block of all at a time, each once (trace_merge.c);
 * what differs goes to a sorter and comes out record by record (trace_history.c). Memory
 * grows with the number of snapshots and with groups, not with accounts.
 */
#ifndef ROLLCALL_TRACE_H
#define ROLLCALL_TRACE_H

#include "base/arena.h"
#include "base/set.h"
#include "sort/sorter.h"
#include "stream/snapshot_reader.h"
#include "sys/reread.h"

enum trace_format { TRACE_TEXT, TRACE_CSV, TRACE_NDJSON, TRACE_FORMATS };
extern const char *const trace_format_names[TRACE_FORMATS];

/* Which intervals: all; those of accounts; those of groups, their members with them. */
enum trace_by { TRACE_BY_ACCESS, TRACE_BY_USER, TRACE_BY_GROUP, TRACE_BYS };
extern const char *const trace_by_names[TRACE_BYS];

/* Borrowed; NULL: not asked for. */
struct trace_options {
	int by;            /* enum trace_by */
	const char *user;  /* only accounts that were called so: a user name, an e-mail or an id */
	const char *group; /* only what was in a group that was called so: a name or an id */
	const char *since; /* only what began or ended from this time on, RFC 3339 */
	int format;        /* enum trace_format */
	size_t memory;
};

/* A reading of a source at one time; several snapshots can have the same. */
struct trace_moment {
	struct span time; /* RFC 3339 in UTC */
};

/* A source over all snapshots. */
struct trace_source {
	struct span name, name_json;
	struct trace_moment *moments; /* the earliest first */
	size_t moment_count;
};

enum trace_hides {
	TRACE_HIDES_USERS = 1,
	TRACE_HIDES_SERVICES = 2,
	TRACE_HIDES_GROUPS = 4,
	TRACE_HIDES_MEMBERS = 8, /* of all groups */
	TRACE_HIDES_SOME = 16,   /* the members of groups in trace->hidden */
	TRACE_HIDES_ALL = 32,    /* the snapshot is a selection, or lacks the source */
};

/* What a snapshot can say of a source. */
struct trace_point {
	bool is_there;   /* the snapshot has the source */
	bool is_partial; /* by its begin line, it did not see everything */
	unsigned hides;  /* enum trace_hides */
	uint32_t moment; /* its place; UINT32_MAX: none */
	struct span time;
};

struct trace_file {
	const char *path; /* "-": standard input */
	struct reread kept;
	bool is_kept;               /* it can not be opened again: `kept` has it */
	struct span time;           /* of its latest source */
	uint64_t chain;             /* those with the same sources have the same number */
	size_t chain_end;           /* the first file after it that is of another chain */
	struct trace_point *points; /* of each source */
	char begin_hex[DIGEST_HEX + 1], sha256[DIGEST_HEX + 1];
};

struct trace {
	const struct trace_options *options;
	struct trace_file *files; /* by chain, then time */
	size_t file_count;
	struct trace_source *sources; /* as they were found */
	const struct trace_source **sources_by_name;
	size_t source_count, source_cap;
	struct set hidden; /* file, and key of a group whose members could not be read there */
	struct sorter *events;
	struct sorter *memberships; /* that wait for their member */
	struct trace_groups *groups;
	struct trace_nested *nested;
	struct trace_history *history;
	struct trace_writer *writer;
	struct arena texts;
	struct buf user, group; /* what was asked for, folded */
	struct buf line, key;
};

/* Borrows the options and the paths. Reads the begin lines: refuses what is no snapshot, or
   does not say when it was read (FAULT_DATA). 0 or -1; trace_release is due in both cases. */
int trace_open(struct trace *trace, const struct trace_options *options, char *const *paths,
               struct fault *fault);
void trace_release(struct trace *trace);

/* Reads all snapshots to their proved ends. 0 or -1. */
int trace_read(struct trace *trace, struct fault *fault);

/* Writes what was asked for. 0 or -1; the caller closes or abandons `out`. */
int trace_write(struct trace *trace, struct out *out, struct fault *fault);

#endif
