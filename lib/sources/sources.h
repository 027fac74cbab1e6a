/* SPDX-License-Identifier: ISC */
/*
 * sources: what is read each night: sources.json, JSON with comments (sys/config.h).
 *
 * Each source has a name and one program that reads it: scim-fetch, scalr-fetch, or normalize
 * for a CSV list or a snapshot. Every option of the fetchers is a member, with _ for -, so
 * a source becomes the words of a command line. sources.schema.json says the same to
 * editors; a test holds the two against each other.
 */
#ifndef ROLLCALL_SOURCES_H
#define ROLLCALL_SOURCES_H

#include "base/arena.h"
#include "base/option.h"
#include "sys/config.h"

enum source_kind { SOURCE_SCIM, SOURCE_SCALR, SOURCE_CSV, SOURCE_SNAPSHOT, SOURCE_KINDS };

enum { SOURCE_VARIABLES = 3, SOURCE_VARIABLE_MAX = 128 };

struct source {
	const char *name;
	size_t line; /* of the file */
	enum source_kind kind;
	const char *operand; /* the provider or the account; NULL: none is named */
	const char **words;  /* the command line, NULL after the last: the program, ... */
	size_t word_count, word_cap;
	const char *token_env;        /* the variable with the token; NULL: not said */
	const char *token_credential; /* a file of $CREDENTIALS_DIRECTORY; NULL: not said */
	bool names_token;             /* any member says where the token is */
	struct span *env;             /* further variables that the program gets */
	size_t env_count;
	bool is_wanted;

	/* what `prepare` finds out */
	struct buf begin; /* the begin line of its section; empty: not known */
	/* the variables that hold its token where no member says; "" after the last */
	char variables[SOURCE_VARIABLES][SOURCE_VARIABLE_MAX];
	const char *const *base_variables; /* of its address, NULL after the last; NULL: none */
};

struct sources {
	struct source *at;
	size_t count;

	/* its own */
	struct config file;
	struct arena arena;
};

/* What sources.h can not know of the programs. */
struct source_programs {
	const struct option_row *rows[SOURCE_KINDS]; /* of the fetchers */
	/* Looks at the command line of a fetcher and fills what is said above. 0, or -1 with the
	   program's own fault. */
	int (*prepare)(struct source *source, struct fault *fault);
};

/* Reads FILE. 0, or -1 with FAULT_CONFIG (FAULT_NO_INPUT: it can not be opened).
   sources_release is due in both cases. All sources are wanted. */
int sources_read(struct sources *sources, const char *path, const struct source_programs *programs,
                 struct fault *fault);
void sources_release(struct sources *sources);

/* From now on only those that stand in `list`, joined by commas, are wanted. 0, or -1 with
   FAULT_USAGE. */
int sources_choose(struct sources *sources, const char *list, struct fault *fault);

/* "scim-fetch", "csv", ...: as the file says it. */
const char *source_kind_word(enum source_kind kind);

#endif
