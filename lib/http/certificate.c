/* SPDX-License-Identifier: ISC */
/*
 * certificate: two files in PEM (RFC 7468), and what they must hold.
 */
#include "http/certificate.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "sys/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static bool pem_has(const struct buf *pem, const char *words)
{
	return memmem(pem->data, pem->len, words, strlen(words)) != NULL;
}

/* All of the file. The room is made once, so that no piece of a key stays in memory that was
   let go. */
static int certificate_read(struct buf *pem, int fd, const char *from, struct fault *fault)
{
	ssize_t n = 1;

	if (!buf_reserve(pem, CERT_MAX_BYTES + 1))
		return fault_memory(fault);
	undo_wipe(pem->data, pem->cap);
	while (n && pem->len <= CERT_MAX_BYTES) {
		n = read(fd, pem->data + pem->len, CERT_MAX_BYTES + 1 - pem->len);
		if (n < 0 && errno != EINTR)
			return fault_set(fault, FAULT_CONFIG, "cannot read %s: %s", from, strerror(errno));
		pem->len += n > 0 ? (size_t)n : 0;
	}
	if (pem->len > CERT_MAX_BYTES)
		return fault_set(fault, FAULT_CONFIG,
		                 "%s holds more than %zu bytes: that is no certificate", from,
		                 CERT_MAX_BYTES);
	return 0;
}

/* What a file must hold: the certificate, or the key. */
static int certificate_check(const struct buf *pem, const struct stat *st, const char *from,
                             bool needs_key, struct fault *fault)
{
	if (!needs_key && !pem_has(pem, "-----BEGIN CERTIFICATE-----") &&
	    !pem_has(pem, "-----BEGIN TRUSTED CERTIFICATE-----"))
		return fault_set(
			fault, FAULT_CONFIG,
			"%s holds no certificate in PEM: that begins with -----BEGIN "
			"CERTIFICATE----- (openssl x509 and openssl pkcs12 make it of other forms)",
			from);
	if (needs_key && !pem_has(pem, "PRIVATE KEY-----"))
		return fault_set(fault, FAULT_CONFIG, "%s holds no private key in PEM%s", from,
		                 pem_has(pem, "-----BEGIN CERTIFICATE-----")
		                     ? ": give the file that does with --key"
		                     : "");
	if (pem_has(pem, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
	    pem_has(pem, "Proc-Type: 4,ENCRYPTED"))
		return fault_set(fault, FAULT_CONFIG,
		                 "the private key in %s is encrypted, and nobody is there to give its "
		                 "passphrase: make a copy without, with openssl pkey -in FILE -out COPY",
		                 from);
	if (pem_has(pem, "PRIVATE KEY-----") && S_ISREG(st->st_mode) && (st->st_mode & 077))
		return fault_set(fault, FAULT_CONFIG,
		                 "%s holds a private key and can be read by others (mode %03o); run: "
		                 "chmod 600 on it",
		                 from, (unsigned)st->st_mode & 0777);
	return 0;
}

static int certificate_load(struct buf *pem, const char *path, bool needs_key, struct fault *fault)
{
	char from[INERT_MAX + 2], shown[INERT_MAX];
	int fd, result = -1;
	struct stat st;

	snprintf(from, sizeof from, "'%s'", inert_text(shown, span_of(path)));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		fault_set(fault, FAULT_CONFIG, "cannot open %s: %s", from, strerror(errno));
	else if (certificate_read(pem, fd, from, fault) == 0)
		result = certificate_check(pem, &st, from, needs_key, fault);
	if (fd >= 0)
		close(fd);
	return result;
}

int certificate_init(struct certificate *certificate, const char *cert_file, const char *key_file,
                     struct fault *fault)
{
	struct buf *chain = &certificate->chain;

	if (certificate_load(chain, cert_file, false, fault) < 0)
		return -1;
	if (key_file)
		return certificate_load(&certificate->key, key_file, true, fault);
	if (pem_has(chain, "PRIVATE KEY-----"))
		return 0;
	return fault_set(fault, FAULT_CONFIG, "'%.200s' holds no private key: give its file with --key",
	                 INERT(span_of(cert_file)));
}

void certificate_release(struct certificate *certificate)
{
	struct buf *both[] = {&certificate->chain, &certificate->key};

	for (size_t i = 0; i < 2; i++) {
		if (both[i]->data)
			explicit_bzero(both[i]->data, both[i]->cap);
		undo_forget(both[i]->data);
		buf_release(both[i]);
	}
}
