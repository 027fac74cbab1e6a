/* SPDX-License-Identifier: ISC */
/*
 * source_token: each program gets the token of its own source, and no other.
 *
 * A token that a file or a command holds is read by the program itself. One of a variable
 * goes to its standard input, through a pipe; one of $CREDENTIALS_DIRECTORY, as that file.
 * All token variables leave the environment before the first program starts.
 */
#ifndef ROLLCALL_SOURCE_TOKEN_H
#define ROLLCALL_SOURCE_TOKEN_H

#include "sources/sources.h"

struct source_tokens {
	struct source_token {
		struct span text; /* empty: none of a variable */
		char *path;       /* of a credential; NULL: none */
		bool is_missing;  /* there is none where the file says */
	} * at;               /* of each source */
	size_t count;
	struct buf bytes; /* wiped by signals, too */
};

/* Reads the variables and removes them. 0, or -1 where there is no memory.
   source_tokens_release is due in both cases. */
int source_tokens_init(struct source_tokens *tokens, const struct sources *sources,
                       struct fault *fault);
void source_tokens_release(struct source_tokens *tokens);

/* What the program of the i-th source reads on standard input: its token, or nothing.
   A descriptor, the caller's to close; -1 with FAULT_CONFIG or FAULT_INTERNAL. *is_token:
   --token-file=- is due. */
int source_token_open(const struct source_tokens *tokens, const struct source *source, size_t i,
                      bool *is_token, struct fault *fault);

/* The environment of the source's program, ended by NULL: what any program needs, the address
   variables of its provider, and what `env` names. The caller's to free; the texts are not.
   NULL with a fault. */
char **source_environment(const struct source *source, struct fault *fault);

#endif
