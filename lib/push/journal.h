/* SPDX-License-Identifier: ISC */
/*
 * journal: what a run is about to do, on disk before it is done, and what came of it.
 *
 * NDJSON, appended: `run` begins a run and names its plan, `write`
 * stands before each request that changes something, `wrote` behind it, `settled`
 * ends an operation, `end` the run. A run that has no end is gone on with by the
 * same plan only: what is settled as done there is not touched again, and what has
 * a `write` but no end is looked up first, as everything is. No bodies and no
 * token are kept. Each line is sealed with all before it: one that was changed,
 * lost or moved is noticed, but for whole lines that are missing at the end.
 */
#ifndef ROLLCALL_JOURNAL_H
#define ROLLCALL_JOURNAL_H

#include "sys/digest.h"
#include "base/json.h"
#include "base/set.h"

struct journal {
	int fd; /* -1: none is kept, and every call succeeds */
	const char *path;
	struct set known;   /* key of an operation -> place in results + 1; 0: begun only */
	struct set creates; /* key of an operation -> when its create was sent, and CREATE_TAKEN */
	struct buf results;
	struct buf line;
	char seal[DIGEST_HEX + 1]; /* of the last line; empty: there is none */
	struct fault broken;       /* a line could not be written: what every later call fails with */
};

/* Opens or makes the file (mode 0600), locks it, and begins or goes on with the
   run of `plan` (hex digest) at `origin`. `path` NULL: no journal. 0, or -1: FAULT_DATA
   where it is no journal or has an unfinished run of another plan, FAULT_TRY_LATER
   where another run has it; the file stays as it was then. */
int journal_open(struct journal *journal, const char *path, const char *plan, const char *origin,
                 struct fault *fault);

/* Closes the file; the run stays unfinished unless journal_end came. */
void journal_close(struct journal *journal);

/* What an operation came to in the unfinished run, as members of a JSON object
   (`"outcome":"done",...`); empty where it is not done. Borrowed. */
struct span journal_done(const struct journal *journal, const char *key);

/* Was something sent for it in the unfinished run, that did not bring it to its end? */
bool journal_begun(const struct journal *journal, const char *key);

/* Does it continue an unfinished run, in which something was begun? */
bool journal_is_resumed(const struct journal *journal);

/* The second in which an earlier run sent a create for it that may have made something; 0:
   there is none. `taken`: the service said that it did. */
int64_t journal_pending_create(const struct journal *journal, const char *key, bool *taken);

/* Each writes a line. 0, or -1 with FAULT_IO; then nothing more is written. */
int journal_write(struct journal *journal, const char *key, const char *method, struct span target,
                  struct fault *fault);
int journal_wrote(struct journal *journal, const char *key, long status, struct fault *fault);
int journal_settled(struct journal *journal, const char *key, bool done, struct span result,
                    struct fault *fault);
int journal_end(struct journal *journal, struct fault *fault);

/* All lines are on disk when it returns: due before a change is sent. journal_end does it, too.
   0 or -1 as above. */
int journal_sync(struct journal *journal, struct fault *fault);

#endif
