/* SPDX-License-Identifier: ISC */
/*
 * stream_pair: two snapshots that are compared line by line. As long as their records have the
 * same bytes, they have the same digest, and it is taken once. From the first difference on,
 * each has its own.
 */
#ifndef ROLLCALL_STREAM_PAIR_H
#define ROLLCALL_STREAM_PAIR_H

#include "stream/stream.h"

/* Both have just read their begin lines. From now on `leader` reads each line before
   `follower` does. */
void stream_pair(struct stream_reader *leader, struct stream_reader *follower);

/* For stream_next of a leader that has read all the lines that were found to be the same: are
   there more? It reads ahead in both, so no line of the follower may be in use. 0 or -1. */
int stream_pair_look(struct stream_reader *leader, struct fault *fault);

#endif
