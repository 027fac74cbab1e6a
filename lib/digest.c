/* SPDX-License-Identifier: ISC */
/*
 * digest: lines are gathered, because a call into OpenSSL costs as much as the
 * digest of a short line. A failed update drops the state, so that digest_hex
 * reports it.
 */
#include "digest.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

enum { GATHERED_MAX = 16 * 1024 };

struct digest_state {
	EVP_MD_CTX *context;
	size_t gathered;
	char bytes[GATHERED_MAX];
};

int digest_init(struct digest *digest, struct fault *fault)
{
	struct digest_state *state = malloc(sizeof *state);

	digest_release(digest);
	if (!state)
		return fault_memory(fault);
	state->gathered = 0;
	state->context = EVP_MD_CTX_new();
	digest->state = state;
	if (state->context && EVP_DigestInit_ex(state->context, EVP_sha256(), NULL))
		return 0;
	digest_release(digest);
	return fault_set(fault, FAULT_INTERNAL, "SHA-256 is not available in this OpenSSL");
}

void digest_release(struct digest *digest)
{
	if (digest->state)
		EVP_MD_CTX_free(digest->state->context);
	free(digest->state);
	digest->state = NULL;
}

void digest_copy(struct digest *to, const struct digest *from)
{
	struct fault fault;
	struct digest_state *state;

	if (!from->state || digest_init(to, &fault) < 0)
		return digest_release(to);
	state = to->state;
	state->gathered = from->state->gathered;
	memcpy(state->bytes, from->state->bytes, state->gathered);
	if (!EVP_MD_CTX_copy_ex(state->context, from->state->context))
		digest_release(to);
}

static void update(struct digest *digest, struct span bytes)
{
	if (digest->state && !EVP_DigestUpdate(digest->state->context, bytes.data, bytes.len))
		digest_release(digest);
}

static void update_gathered(struct digest *digest)
{
	struct span bytes = {digest->state->bytes, digest->state->gathered};

	digest->state->gathered = 0;
	update(digest, bytes);
}

void digest_put(struct digest *digest, struct span bytes)
{
	struct digest_state *state = digest->state;

	if (state && bytes.len > GATHERED_MAX - state->gathered) {
		update_gathered(digest);
		state = digest->state;
	}
	if (bytes.len > GATHERED_MAX) {
		update(digest, bytes);
	} else if (state) {
		memcpy(state->bytes + state->gathered, bytes.data, bytes.len);
		state->gathered += bytes.len;
	}
}

int digest_hex(struct digest *digest, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (digest->state)
		update_gathered(digest);
	if (!digest->state || !EVP_DigestFinal_ex(digest->state->context, bytes, &len) ||
	    len * 2 != DIGEST_HEX)
		return fault_set(fault, FAULT_INTERNAL, "SHA-256 failed");
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	return 0;
}
