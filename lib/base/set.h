/* SPDX-License-Identifier: ISC */
/*
 * set: texts seen so far, each with one number. An open hash table seeded at
 * random, so that ids chosen by a hostile server can not make it slow; nothing
 * that is ever written depends on its order.
 */
#ifndef ROLLCALL_SET_H
#define ROLLCALL_SET_H

#include "base/buf.h"

struct set_entry {
	uint64_t hash;  /* 0: the slot is free */
	uint64_t value; /* the caller's */
	size_t at, len; /* the key's place in set->keys */
};

struct set {
	struct set_entry *slots;
	size_t count, cap;
	struct buf keys;
	uint64_t seed;
};

void set_release(struct set *set);
void set_clear(struct set *set);

/* Borrowed until the next set_take; NULL where the key is not there. */
struct set_entry *set_find(const struct set *set, struct span key);

/* The entry of `key`, made with value 0 where it is new (*fresh says so).
   NULL: out of memory. Borrowed until the next set_take. */
struct set_entry *set_take(struct set *set, struct span key, bool *fresh);

static inline struct span set_key(const struct set *set, const struct set_entry *entry)
{
	return (struct span){entry->len ? set->keys.data + entry->at : "", entry->len};
}

/* A 64-bit hash of bytes; never 0. */
uint64_t hash_bytes(struct span bytes, uint64_t seed);

#endif
