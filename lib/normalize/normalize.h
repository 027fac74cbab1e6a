/* SPDX-License-Identifier: ISC */
/*
 * normalize: fetch streams and snapshots in, one snapshot out.
 *
 * Each section is read to its proved end; what it holds is mapped to the common
 * vocabulary as it passes (mapper.h), by our mappings or by the user's own.
 */
#ifndef ROLLCALL_NORMALIZE_H
#define ROLLCALL_NORMALIZE_H

#include "normalize/mapper_pool.h"
#include "normalize/selection.h"
#include "sys/digest.h"

struct normalizer {
	struct budget budget;
	struct snapshot snapshot;
	struct pending pending;
	struct section section; /* the one being read */
	struct mapper_pool pool;
	struct filter program;           /* --map; empty: our mappings */
	char map_sha256[DIGEST_HEX + 1]; /* of its file */
	struct extras extras;            /* --map-extra */
	struct selection selection;      /* --select; empty: all */
	bool allow_empty;                /* plain lines or --map may say that there is nobody */
	bool begins;                     /* no record of this snapshot has come yet */
	struct record record;
	struct buf line;
};

/* Keeps at most `memory` bytes and works with up to `threads` threads. It must not
   move. 0 or -1; normalize_release is due in both cases. */
int normalize_open(struct normalizer *normalizer, size_t memory, size_t threads,
                   struct fault *fault);

/* What the user wrote in jq's language: a mapping in a file, an expression for what
   is kept. Each once, before anything is read, the mapping with one thread. 0 or -1. */
int normalize_map(struct normalizer *normalizer, const char *path, struct fault *fault);
int normalize_select(struct normalizer *normalizer, const char *expression, struct fault *fault);

/* Reads every section of FILE or "-". 0 or -1. */
int normalize_read(struct normalizer *normalizer, const char *path, struct fault *fault);

/* For sections that are not read by normalize_read (plain_lines.h): opens one of
   `source`, which the snapshot knows already; its mapper; closes it. */
int normalize_open_section(struct normalizer *normalizer, struct span source, struct fault *fault);
struct mapper *normalize_mapper(struct normalizer *normalizer);
int normalize_close_section(struct normalizer *normalizer, struct fault *fault);

/* Adds to the entry of a source by which program of the user's, and with which paths of
   --map-extra, it was mapped. */
void normalize_put_logic(const struct normalizer *normalizer, struct snapshot_source *source);

/* Writes the snapshot of all that was read and is kept, as snapshot_write. */
int normalize_write(struct normalizer *normalizer, struct out *out, struct fault *fault);

void normalize_release(struct normalizer *normalizer);

#endif
