/* SPDX-License-Identifier: ISC */
/*
 * account_search: all accounts of one person, who is given by any name.
 *
 * The inputs are read until no name is new: an account that is called like the person
 * tells its other names, and those are looked for, too. What is found says which accounts
 * are meant; what they hold is read and proved afterwards, in a pass of its own. Memory
 * grows with the names of that person.
 */
#ifndef ROLLCALL_ACCOUNT_SEARCH_H
#define ROLLCALL_ACCOUNT_SEARCH_H

#include "access/needles.h"
#include "access/persons.h"
#include "sys/reread.h"

struct account_search {
	struct persons persons; /* only what people know (persons_read) */
	struct span asked;
	struct set names; /* folded */
	uint64_t marks;   /* a bit of each name; and of each key */
	uint64_t key_marks;
	struct needles needles; /* of a pass over the inputs; their texts are in `spelt` */
	struct buf spelt;
	struct set keys; /* of the accounts that were found (record_line_key) */
	int64_t person;  /* who of those that people name; -1: nobody */
	struct record record;
	struct buf folded, id; /* id: what was asked, as JSON */
};

/* `asked` is a user name, an e-mail, an id, or the name of a person in the file `persons`,
   which may be NULL. Borrows. 0 or -1; account_search_release is due in both cases. */
int account_search_open(struct account_search *search, const char *asked, const char *persons,
                        struct fault *fault);
void account_search_release(struct account_search *search);

/* Reads the inputs, as often as it takes. 0 or -1. */
int account_search_run(struct account_search *search, const struct reread *inputs, size_t count,
                       struct fault *fault);

/* Was an account of this key found, or does it have the id that was asked for? */
bool account_search_found(const struct account_search *search, struct span key);

/* May an account of this id, as JSON, be one of them? */
bool account_search_may_have(const struct account_search *search, struct span id);

/* Is it an account of that person? 1, 0, or -1. */
int account_search_has(struct account_search *search, const struct record *user,
                       struct fault *fault);

#endif
