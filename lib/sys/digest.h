/* SPDX-License-Identifier: ISC */
/*
 * digest: SHA-256 (FIPS 180-4) through OpenSSL's EVP, which uses the CPU's own
 * instructions.
 */
#ifndef ROLLCALL_DIGEST_H
#define ROLLCALL_DIGEST_H

#include "base/fault.h"
#include "base/span.h"

enum { DIGEST_HEX = 64 };

struct digest {
	struct digest_state *state; /* NULL: not started, or it failed */
};

/* Loads what OpenSSL needs from files, before a sandbox closes them. */
void digest_prepare(void);

/* Starts anew; a struct is zeroed before the first time. 0 or -1. */
int digest_init(struct digest *digest, struct fault *fault);
void digest_release(struct digest *digest);

/* One that is started gets a thread of its own, once so much has come that it is worth one,
   and keeps it until it is released: for who has much else to do meanwhile. Without threads
   it goes on as it was. The calls are still those of one thread. */
void digest_run_apart(struct digest *digest);

/* Makes `to` what `from` is now; each goes on alone. */
void digest_copy(struct digest *to, const struct digest *from);

void digest_put(struct digest *digest, struct span bytes);

/* Ends it and writes 64 lower-case hex digits and a NUL. 0 or -1. */
int digest_hex(struct digest *digest, char hex[DIGEST_HEX + 1], struct fault *fault);

#endif
