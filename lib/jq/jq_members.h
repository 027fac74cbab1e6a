/* SPDX-License-Identifier: ISC */
/*
 * jq_members: which members of its input a program in jq's language can look at.
 *
 * Most programs that people write name them: `.status == "enabled" and (.groups | length) > 3`
 * says the same of an object that has status and groups alone. What the program could see of
 * others, by `keys` or `.[]` or as a whole, is found here too, and then it needs them all. The
 * reader knows a part of the language only; a program beyond it needs all members.
 */
#ifndef ROLLCALL_JQ_MEMBERS_H
#define ROLLCALL_JQ_MEMBERS_H

#include "base/span.h"

enum { JQ_MEMBERS_MAX = 16 };

struct jq_members {
	struct span names[JQ_MEMBERS_MAX]; /* borrowed from the program; each once */
	size_t count;
};

/* True: whether an output of the program is true, false or null depends on these members of an
   object alone, and so does what it says where it fails. false: it may need any member. */
bool jq_members_find(struct jq_members *members, struct span program);

#endif
