/* SPDX-License-Identifier: ISC */
/*
 * digest: a failed update drops the context, so that digest_hex reports it.
 */
#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>

int digest_init(struct digest *digest, struct fault *fault)
{
	digest_release(digest);
	digest->context = EVP_MD_CTX_new();
	if (digest->context && EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL))
		return 0;
	digest_release(digest);
	return fault_set(fault, FAULT_INTERNAL, "SHA-256 is not available in this OpenSSL");
}

void digest_release(struct digest *digest)
{
	EVP_MD_CTX_free(digest->context);
	digest->context = NULL;
}

void digest_put(struct digest *digest, struct span bytes)
{
	if (digest->context && !EVP_DigestUpdate(digest->context, bytes.data, bytes.len))
		digest_release(digest);
}

int digest_hex(struct digest *digest, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (!digest->context || !EVP_DigestFinal_ex(digest->context, bytes, &len) ||
	    len * 2 != DIGEST_HEX)
		return fault_set(fault, FAULT_INTERNAL, "SHA-256 failed");
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	return 0;
}
