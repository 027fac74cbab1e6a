/* SPDX-License-Identifier: ISC */
/*
 * certificate: the client certificate of a run (RFC 8446 section 4.4.2) and its private key.
 *
 * Both are read before the run enters its sandbox, and given to TLS from memory. The key is
 * wiped like a token, and its file must be as private.
 */
#ifndef ROLLCALL_CERTIFICATE_H
#define ROLLCALL_CERTIFICATE_H

#include "base/buf.h"

struct certificate {
	struct buf chain; /* PEM: the certificate, then those that issued it; empty: there is none */
	struct buf key;   /* PEM; empty: it stands in `chain` */
};

/* Reads both files, `key_file` NULL where `cert_file` holds the key, too. 0, or -1 with
   FAULT_CONFIG. The struct must not move until certificate_release. */
int certificate_init(struct certificate *certificate, const char *cert_file, const char *key_file,
                     struct fault *fault);

/* Wipes both; a zeroed struct is fine. */
void certificate_release(struct certificate *certificate);

#endif
