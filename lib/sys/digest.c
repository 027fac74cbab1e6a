/* SPDX-License-Identifier: ISC */
/*
 * digest: bytes are gathered into pieces, because a call into OpenSSL costs as much
 * as the digest of a short line. A few pieces go round between the caller, who fills
 * them, and the thread that takes them in; where there is none, the caller does.
 */
#include "sys/digest.h"

#include "sys/undo.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum { PIECE = 32 * 1024, PIECES = 16, FEW_PIECES = PIECES / 2 };

struct digest_state {
	EVP_MD_CTX *context;
	size_t gathered; /* bytes in the piece that is being filled */

	bool running; /* the thread */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;

	/* under the lock */
	size_t filled, taken; /* pieces so far */
	bool over, failed;

	char pieces[PIECES][PIECE]; /* number n at n % PIECES */
};

void digest_prepare(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
}

int digest_init(struct digest *digest, struct fault *fault)
{
	struct digest_state *state = malloc(sizeof *state);

	digest_release(digest);
	if (!state)
		return fault_memory(fault);
	state->context = EVP_MD_CTX_new();
	state->gathered = state->filled = state->taken = 0;
	state->running = state->over = state->failed = false;
	pthread_mutex_init(&state->lock, NULL);
	pthread_cond_init(&state->changed, NULL);
	digest->state = state;
	if (state->context && EVP_DigestInit_ex(state->context, EVP_sha256(), NULL))
		return 0;
	digest_release(digest);
	return fault_set(fault, FAULT_INTERNAL, "SHA-256 is not available in this OpenSSL");
}

/* Ends the thread when it has taken in all pieces. */
static void digest_join_thread(struct digest_state *state)
{
	if (!state->running)
		return;
	pthread_mutex_lock(&state->lock);
	state->over = true;
	pthread_cond_signal(&state->changed);
	pthread_mutex_unlock(&state->lock);
	pthread_join(state->thread, NULL);
	state->running = state->over = false;
}

void digest_release(struct digest *digest)
{
	struct digest_state *state = digest->state;

	if (!state)
		return;
	digest_join_thread(state);
	pthread_mutex_destroy(&state->lock);
	pthread_cond_destroy(&state->changed);
	EVP_MD_CTX_free(state->context);
	free(state);
	digest->state = NULL;
}

void digest_copy(struct digest *to, const struct digest *from)
{
	struct digest_state *old = from->state, *state;
	struct fault fault;

	if (!old || digest_init(to, &fault) < 0 || !to->state)
		return digest_release(to);
	digest_join_thread(old);
	state = to->state;
	state->failed = old->failed || !EVP_MD_CTX_copy_ex(state->context, old->context);
	state->gathered = old->gathered;
	memcpy(state->pieces[0], old->pieces[old->filled % PIECES], state->gathered);
}

/* ---- pieces ---- */

static bool digest_take_piece(struct digest_state *state, const char *piece, size_t len)
{
	return EVP_DigestUpdate(state->context, piece, len);
}

/* Waking somebody costs as much as the digest of a piece, so who waits does so for
   several. Under the lock. */
static void wait_for_pieces(struct digest_state *state)
{
	while (state->filled - state->taken < FEW_PIECES && !state->over)
		pthread_cond_wait(&state->changed, &state->lock);
}

static void wait_for_room(struct digest_state *state)
{
	while (state->filled - state->taken > FEW_PIECES)
		pthread_cond_wait(&state->changed, &state->lock);
}

static void *digest_thread(void *context)
{
	struct digest_state *state = context;

	undo_hold(); /* signals are the first thread's */
	pthread_mutex_lock(&state->lock);
	for (;;) {
		bool taken;

		if (state->taken == state->filled)
			wait_for_pieces(state);
		if (state->taken == state->filled)
			break;
		pthread_mutex_unlock(&state->lock);
		taken = digest_take_piece(state, state->pieces[state->taken % PIECES], PIECE);
		pthread_mutex_lock(&state->lock);
		state->failed |= !taken;
		state->taken++;
		if (state->filled - state->taken == FEW_PIECES)
			pthread_cond_signal(&state->changed);
	}
	pthread_mutex_unlock(&state->lock);
	return NULL;
}

static void digest_start_thread(struct digest_state *state)
{
	undo_hold();
	state->running = pthread_create(&state->thread, NULL, digest_thread, state) == 0;
	undo_go_on();
}

/* The piece is full: on to the next one. */
static void digest_next_piece(struct digest *digest)
{
	struct digest_state *state = digest->state;

	state->gathered = 0;
	if (digest->beside && !state->running)
		digest_start_thread(state);
	if (!state->running) {
		state->failed |= !digest_take_piece(state, state->pieces[state->filled % PIECES], PIECE);
		return;
	}
	pthread_mutex_lock(&state->lock);
	state->filled++;
	if (state->filled - state->taken == FEW_PIECES)
		pthread_cond_signal(&state->changed);
	if (state->filled - state->taken == PIECES)
		wait_for_room(state);
	pthread_mutex_unlock(&state->lock);
}

void digest_put(struct digest *digest, struct span bytes)
{
	struct digest_state *state = digest->state;

	while (state && bytes.len) {
		size_t room = PIECE - state->gathered, len = bytes.len < room ? bytes.len : room;

		memcpy(state->pieces[state->filled % PIECES] + state->gathered, bytes.data, len);
		state->gathered += len;
		bytes = (struct span){bytes.data + len, bytes.len - len};
		if (state->gathered == PIECE)
			digest_next_piece(digest);
	}
}

int digest_hex(struct digest *digest, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	struct digest_state *state = digest->state;
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (state) {
		digest_join_thread(state);
		state->failed |=
			!digest_take_piece(state, state->pieces[state->filled % PIECES], state->gathered) ||
			!EVP_DigestFinal_ex(state->context, bytes, &len);
		state->gathered = 0;
	}
	if (!state || state->failed || len * 2 != DIGEST_HEX)
		return fault_set(fault, FAULT_INTERNAL, "SHA-256 failed");
	for (unsigned i = 0; i < len; i++)
		snprintf(hex + (size_t)2 * i, 3, "%02x", bytes[i]);
	return 0;
}
