/* SPDX-License-Identifier: ISC */
/*
 * secret: the token, or a user and a password, from where it is read to where it is wiped.
 *
 * Sources, in this order: --token-file (or stdin), --token-command, a file of
 * $CREDENTIALS_DIRECTORY, the environment. Its value is never an argument and
 * never part of a message. Token variables leave the environment at once,
 * before any child can be started.
 */
#ifndef ROLLCALL_SECRET_H
#define ROLLCALL_SECRET_H

#include "base/ceiling.h"
#include "base/fault.h"
#include "base/span.h"

enum secret_kind {
	SECRET_TOKEN,    /* printable ASCII without blanks */
	SECRET_PASSWORD, /* USER:PASSWORD (RFC 7617 section 2), sent as Base64 */
	SECRET_CLIENT,   /* of an OAuth client (RFC 6749 section 2.3.1): printable ASCII */
	SECRET_NONE,     /* there is none */
};

struct secret_text {
	char bytes[TOKEN_MAX_BYTES + 1];                 /* NUL after the end */
	size_t len;                                      /* 0: none */
	char written[(TOKEN_MAX_BYTES + 2) / 3 * 4 + 1]; /* as it is sent, if otherwise */
	size_t written_len;                              /* 0: it is sent as it is */
};

struct secret {
	struct secret_text now;
	struct secret_text older; /* the one before it, which an answer may still repeat */
	int64_t until_ms;         /* when another one is asked for (http_now_ms); 0: not known */
};

struct token_command;

struct secret_sources {
	enum secret_kind kind;
	const char *file;             /* "-" is stdin; NULL: not given */
	const char *command;          /* words for execvp, split without a shell; NULL: not given */
	const char *const *variables; /* environment, NULL after the last; of a client's secret with
	                                 CLIENT_SECRET in place of TOKEN at their end */
	struct token_command *runner; /* is started for `command`, which may be run again */
};

/* The name of the variable that holds a secret of this kind: of a client's secret
   SCIM_CLIENT_SECRET in place of SCIM_TOKEN. May be written to `to`. */
enum { VARIABLE_MAX = 128 };
const char *secret_variable(char to[VARIABLE_MAX], const char *variable, enum secret_kind kind);

/* No core dumps, no ptrace by other processes of the user. */
void secret_harden(void);

/* Fills `secret`, checks that it can stand in a header and removes every provider's variables
   of tokens and secrets from the environment. 0, or -1 with FAULT_CONFIG. The struct must not move until secret_wipe. */
int secret_init(struct secret *secret, const struct secret_sources *sources, struct fault *fault);
void secret_wipe(struct secret *secret);

/* Runs --token-command again and takes the new token in place of the old one, which becomes
   `older`. `timeout_ms` -1: as long as it takes. 0, or -1 with FAULT_CONFIG or
   FAULT_TRY_LATER and the token as it was. */
int secret_renew(struct secret *secret, enum secret_kind kind, struct token_command *runner,
                 int timeout_ms, struct fault *fault);

/* Takes `text`, `len` bytes at most TOKEN_MAX_BYTES, in place of the one before, which becomes
   `older`. */
void secret_replace(struct secret *secret, const struct secret_text *text);

/* Takes a token that another server gave. 0, or -1 where it can not stand in a header; `from`
   names the server. */
int secret_take(struct secret_text *text, struct span bytes, const char *from, struct fault *fault);

/* `form` is how it is sent, at most TOKEN_MAX_BYTES, as Base64 of that or as it is. */
void secret_write(struct secret_text *text, struct span form, bool as_base64);

/* What stands in the header. */
static inline struct span secret_sent(const struct secret_text *text)
{
	return text->written_len ? (struct span){text->written, text->written_len}
	                         : (struct span){text->bytes, text->len};
}

/* The i-th way in which the secret may be written, and the one before it: as it is sent, as it
   was given, the password alone. Longer ones come first; some are empty. false: there are no
   more. None of them may ever be shown. */
bool secret_face(const struct secret *secret, size_t i, struct span *face);

#endif
