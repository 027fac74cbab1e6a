/* SPDX-License-Identifier: ISC */
/*
 * set: linear probing at a load of at most three quarters. The hash multiplies
 * eight bytes at a time into 128 bits and folds the halves.
 */
#include "base/set.h"

#include <stdlib.h>
#include <sys/random.h>

enum { SET_FIRST = 64 };

/* The two halves of a product of 128 bits, one upon the other. */
static uint64_t fold_product(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
	uint64_t low = (a & UINT32_MAX) * (b & UINT32_MAX), high = (a >> 32) * (b >> 32);
	uint64_t one = (a >> 32) * (b & UINT32_MAX) + (low >> 32);
	uint64_t two = (a & UINT32_MAX) * (b >> 32) + (one & UINT32_MAX);

	return (two << 32 | (low & UINT32_MAX)) ^ (high + (one >> 32) + (two >> 32));
#endif
}

uint64_t hash_bytes(struct span bytes, uint64_t seed)
{
	uint64_t hash = seed ^ 0x9e3779b97f4a7c15U, word = 0;
	size_t at = 0;

	for (; at + 8 < bytes.len; at += 8) {
		memcpy(&word, bytes.data + at, 8);
		hash = fold_product(hash ^ word, 0xd6e8feb86659fd93U);
	}
	if (bytes.len >= 8) /* the last ones, together with some before them */
		memcpy(&word, bytes.data + bytes.len - 8, 8);
	else if (bytes.len)
		word = span_word(bytes);
	hash = fold_product(hash ^ word, (0xa0761d6478bd642fU ^ seed) + bytes.len);
	return hash ? hash : 1;
}

void set_release(struct set *set)
{
	free(set->slots);
	buf_release(&set->keys);
	*set = (struct set){0};
}

void set_clear(struct set *set)
{
	if (set->slots)
		memset(set->slots, 0, set->cap * sizeof *set->slots);
	set->count = 0;
	buf_clear(&set->keys);
}

/* The entry of `key`, or the free slot where it belongs. */
static struct set_entry *set_probe(const struct set *set, struct span key, uint64_t hash)
{
	size_t i = (size_t)hash & (set->cap - 1);

	while (set->slots[i].hash) {
		struct set_entry *entry = &set->slots[i];

		if (entry->hash == hash && span_is(set_key(set, entry), key))
			return entry;
		i = (i + 1) & (set->cap - 1);
	}
	return &set->slots[i];
}

static bool set_grow(struct set *set)
{
	struct set old = *set;

	set->cap = old.cap ? old.cap * 2 : SET_FIRST;
	set->slots = calloc(set->cap, sizeof *set->slots);
	if (!set->slots) {
		*set = old;
		return false;
	}
	if (!old.cap && getrandom(&set->seed, sizeof set->seed, 0) < 0)
		set->seed = (uint64_t)(uintptr_t)set->slots;
	for (size_t i = 0; i < old.cap; i++) {
		size_t at = (size_t)old.slots[i].hash & (set->cap - 1);

		if (!old.slots[i].hash)
			continue;
		while (set->slots[at].hash)
			at = (at + 1) & (set->cap - 1);
		set->slots[at] = old.slots[i];
	}
	free(old.slots);
	return true;
}

struct set_entry *set_find(const struct set *set, struct span key)
{
	struct set_entry *entry;

	if (!set->count)
		return NULL;
	entry = set_probe(set, key, hash_bytes(key, set->seed));
	return entry->hash ? entry : NULL;
}

struct set_entry *set_take(struct set *set, struct span key, bool *fresh)
{
	struct set_entry *entry;
	uint64_t hash;

	if (set->count >= set->cap / 4 * 3 && !set_grow(set))
		return NULL;
	hash = hash_bytes(key, set->seed);
	entry = set_probe(set, key, hash);
	*fresh = !entry->hash;
	if (*fresh) {
		size_t at = set->keys.len;

		buf_put_span(&set->keys, key);
		if (set->keys.state != BUF_OK)
			return NULL;
		*entry = (struct set_entry){hash, 0, at, key.len};
		set->count++;
	}
	return entry;
}
