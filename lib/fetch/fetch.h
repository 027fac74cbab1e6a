/* SPDX-License-Identifier: ISC */
/*
 * fetch: one run of a fetcher, from a service to a sealed section. What scim.c and
 * scalr.c read goes through here: records are held until their list has proved
 * complete, gaps are recorded or end the run, and the `end` line is written only when
 * everything asked for is there.
 */
#ifndef ROLLCALL_FETCH_H
#define ROLLCALL_FETCH_H

#include "http/service.h"
#include "sys/spool.h"
#include "stream/stream.h"

enum fetch_scope { SCOPE_USERS = 1, SCOPE_GROUPS = 2, SCOPE_MEMBERS = 4, SCOPE_ALL = 7 };

enum fetch_method { METHOD_GET, METHOD_SEARCH };

/* Records a page: what is tried first, and what nearly every service takes. */
enum { COUNT_FIRST = 1000, COUNT_SAFE = 100 };

/* What the command line says. Texts are borrowed from argv or the environment. */
struct fetch_options {
	struct service_options service;
	const char *source;
	const char *sort_by; /* SCIM only, as query is: "k=v&k=v", encoded; empty: none */
	struct buf query;
	unsigned scopes; /* enum fetch_scope */
	int method;      /* enum fetch_method */
	/* -1 and 0: not said, until fetch_options_settle */
	int paging;  /* enum provider_paging */
	int members; /* enum provider_members */
	long count;
	bool count_is_guess; /* nobody has said it: COUNT_SAFE will do, too */
	bool keep_going, check, dry_run, list_providers;
	bool members_hidden; /* members are not read, because the provider never shows them */
};

/* Are memberships records of their own, and not members of groups? */
static inline bool fetch_lists_memberships(const struct fetch_options *options)
{
	return options->members == MEMBERS_FILTER || options->members == MEMBERS_USERS;
}

struct fetch {
	struct service service;
	const struct fetch_options *options;
	const char *source;
	/* how far a list is, of `total` records or of nobody knows how many (0); NULL is fine */
	void (*count)(const char *what, uint64_t found, uint64_t total);
	struct out out;
	bool began; /* the begin line has been written */
	bool torn;  /* what has been written may end within a line */
	struct section_writer section;
	struct spool held; /* records of a list that is still being read */
	struct counts held_counts;
	struct digest held_digest; /* of the section with them, made while others are awaited */
	struct buf line;           /* the one being built */
};

/* Appends the begin line of a section: the caller has set options, source, and provider, origin
   and tool of the service. */
void fetch_put_begin(const struct fetch *fetch, struct buf *line);

/* The caller has set options and what service_connect wants of `service`. Writes `begin`
   (so that a run that fails from here on leaves an unfinished section behind,
   never nothing), reads the token and gets ready to connect. 0 or -1. */
int fetch_open(struct fetch *fetch, struct fault *fault);

/* Writes `end` and flushes. 0 or -1. */
int fetch_seal(struct fetch *fetch, struct fault *fault);

/* Ends the section of a run that failed with the line that says why: `fault`. Nothing is
   written if the section never began, is closed already, or may end within a line: then it
   is only cut. */
void fetch_fail(struct fetch *fetch, const struct fault *fault);

/* Releases everything, wipes the token. */
void fetch_close(struct fetch *fetch);

/* The next three hold a line until fetch_commit. 0 or -1. */

/* `included` may be NULL (Scalr's joined user). */
int fetch_put_record(struct fetch *fetch, enum record_kind kind, yyjson_val *resource,
                     yyjson_val *included, struct fault *fault);
int fetch_put_membership(struct fetch *fetch, struct span group_id, struct span member_id,
                         struct fault *fault);

/* A line that fetch_format_record has built, with its LF. */
int fetch_put_line(struct fetch *fetch, enum record_kind kind, struct span line,
                   struct fault *fault);

/* Appends the line of a record, for a caller that does not know yet whether it is held. */
void fetch_format_record(const struct fetch *fetch, struct buf *line, enum record_kind kind,
                         yyjson_val *resource, yyjson_val *included);

/* Forgets what is held: the list is read again. */
void fetch_restart(struct fetch *fetch);

/* Writes what is held: the list is complete. 0 or -1. */
int fetch_commit(struct fetch *fetch, struct fault *fault);

/* Something was not readable, for the reason in `fault`: recorded where it is
   `optional` or with --keep-going (0), else the fault stands (-1). `id` is a
   group's for scope "members", else empty. */
int fetch_gap(struct fetch *fetch, const char *scope, struct span id, bool optional,
              struct fault *fault);

/* Records a gap for each scope that --scope left out. 0 or -1. */
int fetch_note_scopes(struct fetch *fetch, struct fault *fault);

/* Tells how far a list is. */
static inline void fetch_count(const struct fetch *fetch, const char *what, uint64_t found,
                               uint64_t total)
{
	if (fetch->count)
		fetch->count(what, found, total);
}

#endif
