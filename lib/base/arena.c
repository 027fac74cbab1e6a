/* SPDX-License-Identifier: ISC */
/*
 * arena: a list of chunks of 1 MiB, or of one copy where that is larger.
 */
#include "base/arena.h"

#include <stdlib.h>

enum { CHUNK_BYTES = 1024 * 1024 };

struct arena_chunk {
	struct arena_chunk *next;
	size_t used, size;
	char bytes[];
};

void arena_release(struct arena *arena)
{
	while (arena->chunks) {
		struct arena_chunk *next = arena->chunks->next;

		free(arena->chunks);
		arena->chunks = next;
	}
}

struct span arena_copy(struct arena *arena, struct span bytes)
{
	struct arena_chunk *chunk = arena->chunks;
	char *copy;

	if (!chunk || chunk->size - chunk->used < bytes.len) {
		size_t size = bytes.len > CHUNK_BYTES ? bytes.len : CHUNK_BYTES;

		chunk = malloc(sizeof *chunk + size);
		if (!chunk)
			return (struct span){NULL, 0};
		*chunk = (struct arena_chunk){arena->chunks, 0, size};
		arena->chunks = chunk;
	}
	copy = chunk->bytes + chunk->used;
	memcpy(copy, bytes.data, bytes.len);
	chunk->used += bytes.len;
	return (struct span){copy, bytes.len};
}
