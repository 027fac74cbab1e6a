/* SPDX-License-Identifier: ISC */
/*
 * take_persons: who decides about an account that is their own in another source.
 *
 *	take_persons_open, take_persons_decides for each who decides, take_persons_add for each
 *	account, take_persons_close, take_persons_find, take_persons_release
 *
 * Accounts are one person's as persons.h says. Only those who decide are kept, with all their
 * accounts; a person may write a name or an address of any of them.
 */
#ifndef ROLLCALL_TAKE_PERSONS_H
#define ROLLCALL_TAKE_PERSONS_H

#include "access/persons.h"
#include "base/json.h"

struct take_persons {
	struct persons persons;
	struct set deciders; /* names in the form in which they are compared */
	struct set accounts; /* source and id of who decides -> number of the person */
	struct set owned;    /* number of a person and a name -> place in `labels` + 1 */
	struct span *labels; /* "ada@example.com in stripe": whose name that is */
	size_t label_count, label_cap;
	uint64_t person_count;
	struct arena texts;
	struct json_reader json;
	struct buf own, key, name, last; /* last: who decided the row before */
	bool is_matched, any_matched;    /* the person at hand decides; somebody does */
};

/* Reads `file` of --persons unless it is NULL. 0 or -1; take_persons_release is due in both. */
int take_persons_open(struct take_persons *persons, const char *file, size_t memory,
                      struct fault *fault);
void take_persons_release(struct take_persons *persons);

/* Somebody decides, and is called so in a sheet. 0 or -1. */
int take_persons_decides(struct take_persons *persons, struct span by, struct fault *fault);

/* An account of the snapshot, after all who decide. 0 or -1. */
int take_persons_add(struct take_persons *persons, const struct record *user, struct fault *fault);

/* After the last account. 0 or -1. */
int take_persons_close(struct take_persons *persons, struct fault *fault);

/* Is the account that of who decides? *label says by which name then; borrowed. 1, 0 or -1. */
int take_persons_find(struct take_persons *persons, struct span source, struct span id,
                      struct span by, struct span *label, struct fault *fault);

#endif
