/* SPDX-License-Identifier: ISC */
/*
 * digest: bytes are gathered into a piece, because a call into OpenSSL costs as much as
 * the digest of a short line. A thread of its own gets such pieces in a ring: it digests
 * one while the next one is gathered.
 */
#include "sys/digest.h"

#include "sys/undo.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdlib.h>

enum {
	PIECE = 32 * 1024,
	PIECES_BEFORE = 32, /* a shorter text is digested sooner than a thread starts */
	RING_PIECE = 512 * 1024,
	RING_PIECES = 3,
};

struct digest_ring {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t moved;
	EVP_MD_CTX *context;
	/* under the lock; pieces are numbered from 0 */
	size_t filled, done;
	bool failed, over;
	size_t lens[RING_PIECES];
	char pieces[RING_PIECES][RING_PIECE];
};

struct digest_state {
	EVP_MD_CTX *context;
	bool failed;
	bool apart;               /* a thread is wanted, and was not tried yet */
	size_t pieces;            /* that were digested before it */
	struct digest_ring *ring; /* NULL: no thread */
	char *piece;              /* the one at hand, of `room` bytes */
	size_t gathered, room;
	char own[PIECE];
};

void digest_prepare(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_LOAD_CONFIG, NULL);
}

/* ---- the thread ---- */

static void *ring_run(void *context)
{
	struct digest_ring *ring = context;

	undo_hold(); /* signals are the first thread's */
	pthread_mutex_lock(&ring->lock);
	for (;;) {
		size_t at = ring->done % RING_PIECES;
		bool taken;

		if (ring->done == ring->filled) {
			if (ring->over)
				break;
			pthread_cond_wait(&ring->moved, &ring->lock);
			continue;
		}
		pthread_mutex_unlock(&ring->lock);
		taken = EVP_DigestUpdate(ring->context, ring->pieces[at], ring->lens[at]);
		pthread_mutex_lock(&ring->lock);
		ring->failed |= !taken;
		ring->done++;
		pthread_cond_signal(&ring->moved);
	}
	pthread_mutex_unlock(&ring->lock);
	return NULL;
}

/* If no thread can be had, all stays as it is. */
static void digest_start_ring(struct digest_state *state)
{
	struct digest_ring *ring = malloc(sizeof *ring);
	bool started;

	state->apart = false;
	if (!ring)
		return;
	ring->context = state->context;
	ring->filled = ring->done = 0;
	ring->failed = ring->over = false;
	pthread_mutex_init(&ring->lock, NULL);
	pthread_cond_init(&ring->moved, NULL);
	undo_hold();
	started = pthread_create(&ring->thread, NULL, ring_run, ring) == 0;
	undo_go_on();
	if (!started) {
		free(ring);
		return;
	}
	state->ring = ring;
	state->piece = ring->pieces[0];
	state->room = RING_PIECE;
}

/* Hands the piece at hand over; the next one is free then. With `all`, everything is digested
   then. */
static void ring_hand_over(struct digest_state *state, bool all)
{
	struct digest_ring *ring = state->ring;

	pthread_mutex_lock(&ring->lock);
	if (state->gathered) {
		ring->lens[ring->filled % RING_PIECES] = state->gathered;
		ring->filled++;
		pthread_cond_signal(&ring->moved);
	}
	while (ring->filled - ring->done > (all ? 0 : RING_PIECES - 1))
		pthread_cond_wait(&ring->moved, &ring->lock);
	state->failed |= ring->failed;
	state->piece = ring->pieces[ring->filled % RING_PIECES];
	pthread_mutex_unlock(&ring->lock);
}

static void digest_end_ring(struct digest_state *state)
{
	struct digest_ring *ring = state->ring;

	if (!ring)
		return;
	pthread_mutex_lock(&ring->lock);
	ring->over = true;
	pthread_cond_signal(&ring->moved);
	pthread_mutex_unlock(&ring->lock);
	pthread_join(ring->thread, NULL);
	pthread_mutex_destroy(&ring->lock);
	pthread_cond_destroy(&ring->moved);
	free(ring);
	state->ring = NULL;
}

void digest_run_apart(struct digest *digest)
{
	if (digest->state)
		digest->state->apart = !digest->state->ring;
}

/* ---- the digest ---- */

/* The piece at hand is digested, or on its way; with `all`, everything is. */
static void digest_take_piece(struct digest_state *state, bool all)
{
	if (state->ring)
		ring_hand_over(state, all);
	else if (state->gathered)
		state->failed |= !EVP_DigestUpdate(state->context, state->piece, state->gathered);
	state->gathered = 0;
	if (state->apart && ++state->pieces == PIECES_BEFORE)
		digest_start_ring(state);
}

int digest_init(struct digest *digest, struct fault *fault)
{
	struct digest_state *state = digest->state;

	if (state)
		digest_take_piece(state, true);
	if (state && EVP_DigestInit_ex(state->context, NULL, NULL)) { /* in the same memory */
		state->failed = false;
		return 0;
	}
	digest_release(digest);
	state = malloc(sizeof *state);
	if (!state)
		return fault_memory(fault);
	state->context = EVP_MD_CTX_new();
	state->ring = NULL;
	state->piece = state->own;
	state->room = PIECE;
	state->gathered = state->pieces = 0;
	state->failed = state->apart = false;
	digest->state = state;
	if (state->context && EVP_DigestInit_ex(state->context, EVP_sha256(), NULL))
		return 0;
	digest_release(digest);
	return fault_set(fault, FAULT_INTERNAL, "SHA-256 is not available in this OpenSSL");
}

void digest_release(struct digest *digest)
{
	if (digest->state) {
		digest_end_ring(digest->state);
		EVP_MD_CTX_free(digest->state->context);
	}
	free(digest->state);
	digest->state = NULL;
}

void digest_copy(struct digest *to, const struct digest *from)
{
	struct digest_state *old = from->state, *state;
	struct fault fault;

	if (!old || digest_init(to, &fault) < 0 || !to->state)
		return digest_release(to);
	digest_take_piece(old, true);
	state = to->state;
	state->failed = old->failed || !EVP_MD_CTX_copy_ex(state->context, old->context);
}

void digest_put(struct digest *digest, struct span bytes)
{
	struct digest_state *state = digest->state;

	while (state && bytes.len) {
		size_t room = state->room - state->gathered, len = bytes.len < room ? bytes.len : room;

		memcpy(state->piece + state->gathered, bytes.data, len);
		state->gathered += len;
		bytes = (struct span){bytes.data + len, bytes.len - len};
		if (state->gathered == state->room)
			digest_take_piece(state, false);
	}
}

int digest_hex(struct digest *digest, char hex[DIGEST_HEX + 1], struct fault *fault)
{
	static const char digits[] = "0123456789abcdef";
	struct digest_state *state = digest->state;
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (state) {
		digest_take_piece(state, true);
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
