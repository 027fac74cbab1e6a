/* SPDX-License-Identifier: ISC */
/*
 * join: facts meet what waits for them, by a key that both have, in no memory of
 * their own however many keys there are.
 *
 * Whoever knows something of a key adds a fact (a group exists, a user is disabled);
 * whoever wants to know it adds something that waits (a membership). When all is
 * added, join_each hands over each one that waits together with the fact of its key,
 * or without one: then nobody knows the key.
 *
 * A key is text without control characters, as canonical JSON is; facts and what
 * waits are any bytes without LF or one below it.
 */
#ifndef ROLLCALL_JOIN_H
#define ROLLCALL_JOIN_H

#include "base/buf.h"
#include "sort/sorter.h"

struct join {
	struct sorter *sorter;
	struct buf key, fact; /* the key at hand and its fact, while lines go by */
};

/* Takes the sorter, which may be NULL with a fault. 0 or -1; join_release is due in
   both cases. */
int join_open(struct join *join, struct sorter *sorter);
void join_release(struct join *join);

/* The next two are for one thread a shard at a time; `line` is its scratch. 0 or -1. */

/* Of several facts of one key the first in bytewise order counts. One that differs from it
   has a turn of its own, for who minds. What waits has a
   letter that says what it is, a printable one. */
int join_add_fact(struct join *join, size_t shard, struct buf *line, struct span key,
                  struct span fact, struct fault *fault);
int join_add_waiting(struct join *join, size_t shard, struct buf *line, struct span key, char what,
                     struct span waiting, struct fault *fault);

/* Has nothing been added? Empty again, as it was opened. */
bool join_is_empty(const struct join *join);
void join_clear(struct join *join);

/* What one call of `each` gets; borrowed until it returns. */
struct joined {
	struct span key;
	struct span fact;    /* data NULL: there is none */
	char what;           /* the letter of what waits; 0: it is a fact's turn */
	struct span waiting; /* at a fact's turn: another fact of the key; data NULL: the one
	                        that counts */
};

typedef int join_each_fn(void *context, const struct joined *joined, struct fault *fault);

/* In the order of the keys: the fact, then each that waits for it, in the order of the
   letters and then of the bytes. Where `each` returns -1, it ends. 0 or -1. */
int join_each(struct join *join, join_each_fn *each, void *context, struct fault *fault);

/* The same with facts that stand in another sorter, sorted already: a line there
   begins with its key, and no key begins with another one. Facts have no turn of
   their own. */
int join_each_against(struct join *join, struct sorter *facts, join_each_fn *each, void *context,
                      struct fault *fault);

#endif
