/* SPDX-License-Identifier: ISC */
/*
 * persons: which accounts, of several directories, are those of one person.
 *
 * Two accounts are one person's where the user name or the e-mail of one is the user name
 * or the e-mail of the other; A to Z without regard to case, marks composed, and nothing
 * is guessed beyond that. A service account has one name only, its user name, or where it
 * has none its e-mail: the address is that of who owns it. An account that has neither is
 * a person of its own. What only people know stands in a file (persons_read).
 *
 *	persons_open, persons_read or persons_give, persons_add for each account of all
 *	snapshots, persons_close, persons_next until it returns 0, persons_release.
 *
 * With each account goes a line of the caller's, and persons_next hands the lines of one
 * person over together. Memory: 4 bytes for each account, what the file names, and sorters.
 */
#ifndef ROLLCALL_PERSONS_H
#define ROLLCALL_PERSONS_H

#include "base/arena.h"
#include "base/set.h"
#include "sort/sorter.h"
#include "stream/record.h"

struct persons {
	uint32_t *parents; /* of persons and accounts: one that is the same person's */
	size_t count, cap;
	struct span *given; /* the persons that people name, at the places 0 to given_count - 1 */
	size_t given_count, given_cap;
	struct set names;       /* what they are called: folded text -> place + 1 */
	struct arena texts;     /* of the names in `given` */
	struct sorter *aliases; /* folded name, blank, place of an account */
	struct sorter *added;   /* place, blank, line: as they come */
	struct sorter *lines;   /* person, blank, line */
	struct buf name, other, line;
};

/* Sorts up to about `memory` bytes in memory. 0 or -1; persons_release is due in both. */
int persons_open(struct persons *persons, size_t memory, struct fault *fault);
void persons_release(struct persons *persons);

/* Persons as people join them, before the first account: an object whose members are
   called as the person is, each a list of what else the person is called:

	{"Ada Byron": ["ada@example.com", "abyron", "scalr:user-7"]}

   A text is a user name, an e-mail, or SOURCE:ID of one account. A name that two persons
   have is FAULT_DATA. 0 or -1. */
int persons_give(struct persons *persons, yyjson_val *value, struct fault *fault);

/* The same from a file: JSON with an object `persons` as above (and other members, which
   are not looked at), or lines of two columns with a tab or a comma between them, the
   person and one of its names. Blank lines and those that begin with # say nothing.
   0 or -1 with a fault that names file and line. */
int persons_read(struct persons *persons, const char *path, struct fault *fault);

/* An account (a user's record) and what is to be said of it: bytes without control
   characters. 0 or -1. */
int persons_add(struct persons *persons, const struct record *user, struct span line,
                struct fault *fault);

/* After the last account. 0 or -1. */
int persons_close(struct persons *persons, struct fault *fault);

/* The lines of one person come together, in bytewise order. */
struct person_line {
	uint32_t person;   /* a number, that of no other person */
	struct span given; /* what the file calls the person; empty where it does not */
	struct span line;
};

/* 1 and the next line, borrowed until the next call; 0; -1. */
int persons_next(struct persons *persons, struct person_line *next, struct fault *fault);

/* Is the e-mail of an account the person's? That of a service account with a user name is
   its owner's. */
bool persons_joins_by_email(const struct record *user);

/* The place of the person that people say an account is of, by its id, else its user name,
   else its e-mail; -1: they do not say. 0 or -1. */
int persons_given(struct persons *persons, const struct record *user, int64_t *place,
                  struct fault *fault);

/* The place of the person in the file that has this name, folded; -1. */
int64_t persons_find(const struct persons *persons, struct span folded);

/* Appends a name in the form in which names are compared. */
void persons_put_folded(struct buf *buf, struct span name);

#endif
