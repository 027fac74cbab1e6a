/* SPDX-License-Identifier: ISC */
/*
 * fetch: one run of a fetcher, from the address and the token to a sealed
 * section. What scim.c and scalr.c read goes through here: records are held
 * until their list has proved complete, gaps are recorded or end the run, and
 * the `end` line is written only when everything asked for is there.
 */
#ifndef ROLLCALL_FETCH_H
#define ROLLCALL_FETCH_H

#include "http/http.h"
#include "stream/provider.h"
#include "base/set.h"
#include "sys/spool.h"
#include "stream/stream.h"

enum fetch_scope { SCOPE_USERS = 1, SCOPE_GROUPS = 2, SCOPE_MEMBERS = 4, SCOPE_ALL = 7 };

enum fetch_method { METHOD_GET, METHOD_SEARCH };

enum fetch_members { MEMBERS_AUTO, MEMBERS_LIST, MEMBERS_GET, MEMBERS_FILTER };

enum fetch_paging { PAGING_AUTO, PAGING_INDEX, PAGING_CURSOR, PAGING_NONE };

/* What the command line says. Texts are borrowed from argv or the environment. */
struct fetch_options {
	const char *base_url, *source, *token_file, *token_command, *ca_file, *proxy;
	const char *sort_by, *query; /* SCIM only; query is "k=v&k=v", encoded */
	unsigned scopes;
	int paging;  /* enum fetch_paging */
	int method;  /* enum fetch_method */
	int members; /* enum fetch_members */
	long count, jobs, timeout_s, deadline_s, max_wait_s;
	long retries; /* -1: not said; then 429 is waited for as long as max_wait_s allows */
	bool keep_going, check, dry_run;
	int verbosity; /* -1 quiet, 0, 1 verbose */
};

enum note_level { NOTE_WARNING, NOTE_PROGRESS, NOTE_TRACE };

struct fetch {
	const struct provider *provider;
	const struct fetch_options *options;
	const char *source;
	const char *account; /* Scalr only; NULL: not named */
	const char *tool;    /* "scim-fetch" */
	void (*note)(const struct fetch *fetch, enum note_level level, const char *text);
	/* how far a list is, of `total` records or of nobody knows how many (0); NULL is fine */
	void (*count)(const char *what, uint64_t found, uint64_t total);
	const char *journal; /* a file that is written beside the stream; NULL: none */
	struct origin origin;
	struct secret token;
	bool may_write; /* only scim-push --apply sets it: the fetchers can not */
	struct http *http;
	bool wants_cursor;       /* a list of this service was paged by cursor */
	struct set named_groups; /* group id -> how many users say that they are in it */
	struct out out;
	bool began; /* the begin line has been written */
	struct section_writer section;
	struct spool held; /* records of a list that is still being read */
	struct counts held_counts;
	struct digest held_digest; /* of the section with them, made while others are awaited */
	struct buf line;
};

/* The caller has set provider, options, tool, note and origin. Writes `begin`
   (so that a run that fails from here on leaves an unfinished section behind,
   never nothing), reads the token and gets ready to connect. 0 or -1. */
int fetch_open(struct fetch *fetch, struct fault *fault);

/* Token and connection only, for --check. 0 or -1. */
int fetch_connect(struct fetch *fetch, struct fault *fault);

/* Writes `end` and flushes. 0 or -1. */
int fetch_seal(struct fetch *fetch, struct fault *fault);

/* Releases everything, wipes the token. */
void fetch_close(struct fetch *fetch);

/* Builds the line of one record in fetch->line; `included` may be NULL (Scalr's
   joined user). 0 or -1. */
int fetch_format(struct fetch *fetch, enum record_kind kind, yyjson_val *resource,
                 yyjson_val *included, struct fault *fault);

/* Holds the line that fetch_format has built. 0 or -1. */
int fetch_hold(struct fetch *fetch, enum record_kind kind, struct fault *fault);

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

/* Sends a request, as http_ask does, and waits. The reply is *request's; drop it.
   NULL: fault. */
const struct reply *fetch_ask(struct fetch *fetch, const char *target, const char *search,
                              struct request **request, struct fault *fault);

/* The fault of a reply that is not the 200 we wanted: refused (401, 403), a
   redirect, another status, or a body that is no JSON. Returns -1. */
int fetch_unwanted(const struct fetch *fetch, const struct reply *reply, struct fault *fault);

/* Tells how far a list is. */
static inline void fetch_count(const struct fetch *fetch, const char *what, uint64_t found,
                               uint64_t total)
{
	if (fetch->count)
		fetch->count(what, found, total);
}

/* note with a format. */
void fetch_say(const struct fetch *fetch, enum note_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
