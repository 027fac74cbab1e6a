/* SPDX-License-Identifier: ISC */
/*
 * digest: bytes are gathered into a piece, because a call into OpenSSL costs as much as
 * the digest of a short line.
 */
#include "sys/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdlib.h>

enum { PIECE = 32 * 1024 };

struct digest_state {
	EVP_MD_CTX *context;
	bool failed;
	size_t gathered; /* bytes in the piece */
	char piece[PIECE];
};

void digest_prepare(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
}

int digest_init(struct digest *digest, struct fault *fault)
{
	struct digest_state *state = digest->state;

	if (state && EVP_DigestInit_ex(state->context, NULL, NULL)) { /* in the same memory */
		state->gathered = 0;
		state->failed = false;
		return 0;
	}
	digest_release(digest);
	state = malloc(sizeof *state);
	if (!state)
		return fault_memory(fault);
	state->context = EVP_MD_CTX_new();
	state->gathered = 0;
	state->failed = false;
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
	const struct digest_state *old = from->state;
	struct digest_state *state;
	struct fault fault;

	if (!old || digest_init(to, &fault) < 0 || !to->state)
		return digest_release(to);
	state = to->state;
	state->failed = old->failed || !EVP_MD_CTX_copy_ex(state->context, old->context);
	state->gathered = old->gathered;
	memcpy(state->piece, old->piece, state->gathered);
}

static void digest_take_piece(struct digest_state *state)
{
	state->failed |= !EVP_DigestUpdate(state->context, state->piece, state->gathered);
	state->gathered = 0;
}

void digest_put(struct digest *digest, struct span bytes)
{
	struct digest_state *state = digest->state;

	while (state && bytes.len) {
		size_t room = PIECE - state->gathered, len = bytes.len < room ? bytes.len : room;

		memcpy(state->piece + state->gathered, bytes.data, len);
		state->gathered += len;
		bytes = (struct span){bytes.data + len, bytes.len - len};
		if (state->gathered == PIECE)
			digest_take_piece(state);
	}
}

int digest_hex(struct digest *digest, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	static const char digits[] = "0123456789abcdef";
	struct digest_state *state = digest->state;
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (state) {
		digest_take_piece(state);
		state->failed |= !EVP_DigestFinal_ex(state->context, bytes, &len);
	}
	if (!state || state->failed || len * 2 != DIGEST_HEX)
		return fault_set(fault, FAULT_INTERNAL, "SHA-256 failed");
	for (size_t i = 0; i < len; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
	hex[DIGEST_HEX] = '\0';
	return 0;
}
