/* SPDX-License-Identifier: ISC */
/*
 * filter: a program in jq's language, run on one JSON value at a time.
 *
 * The one place that talks to libjq, and what it must not do is closed here. It
 * is fed values that are checked, with numbers that it would change as their
 * text. The program sees its input and nothing else: no environment, no other
 * input, no file, no module, no ~/.jq, no clock, no time zone. Every error is
 * reported, a program that stops is an error, and one that does not stop is
 * stopped (jq_guard.h). One thread at a time; libjq 1.6 or later.
 */
#ifndef ROLLCALL_FILTER_H
#define ROLLCALL_FILTER_H

#include "base/buf.h"
#include "base/json.h"

struct filter {
	struct jq_state *jq; /* NULL: there is no program */
	const char *option;  /* what it is called in messages; borrowed */
	struct buf file;     /* the bytes of its file, where it comes from one */
	struct buf said;     /* what libjq said while compiling */
	struct buf where;    /* the input of this run, for guards */
	size_t outputs;      /* of this run */
	bool running;        /* a run that has not come to its end */
	struct filter_shape *shapes;
	struct filter_members *members; /* the input is given with these alone; NULL: as it is */
};

/* Compiles a program given with `option`. 0, or -1 with FAULT_USAGE where it is at
   fault. filter_release is due in both cases. */
int filter_init(struct filter *filter, const char *option, struct span program,
                struct fault *fault);

/* The same from a file, which nobody but its owner (this user, or root) and the
   owner's own group may be able to write to: else FAULT_CONFIG. */
int filter_open(struct filter *filter, const char *option, const char *path, struct fault *fault);
void filter_release(struct filter *filter);

/* After filter_init, which borrowed `program`: outputs are only asked whether they are true,
   false or null. Then the program gets no members of its input but those that it names. 0 or
   -1. */
int filter_ask_truth(struct filter *filter, struct span program, struct fault *fault);

/* Can the program see this member of its input? */
bool filter_sees(const struct filter *filter, struct span member);

/* The member at `number` of those that it sees: true, and its name, borrowed. false: there are
   no more, or it may see all members. */
bool filter_sees_name(const struct filter *filter, size_t number, struct span *name);

/* Begins a run on `input`. `where` names it in the message of a run that does not
   end. 0 or -1. */
int filter_start(struct filter *filter, yyjson_val *input, const char *where, struct fault *fault);

/* The next output of the run: 1, and its JSON text in place of what `json` held; 0
   where there is no more; -1 with FAULT_DATA where the program fails. */
int filter_next(struct filter *filter, struct buf *json, struct fault *fault);

/* Is any output of the run neither false nor null? 1, 0 or -1. What comes after such a one
   does not count. */
int filter_holds(struct filter *filter, struct fault *fault);

/* The same of all outputs of the run. *is_known: is any not null? 1, 0 or -1. */
int filter_judges(struct filter *filter, bool *is_known, struct fault *fault);

/* "libjq/1.6" and the like, by what the library in use can do: it does not say its
   version. */
const char *filter_library(void);

#endif
