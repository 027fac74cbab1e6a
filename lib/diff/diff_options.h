/* SPDX-License-Identifier: ISC */
/*
 * diff_options: what diff-snapshot is asked to compare and to tell, and the words of
 * its command line that say so.
 */
#ifndef ROLLCALL_DIFF_OPTIONS_H
#define ROLLCALL_DIFF_OPTIONS_H

#include "base/option.h"
#include "stream/record.h"

struct diff_options {
	bool all_fields;           /* volatile members, too */
	bool match;                /* by user names and group names, not by ids */
	bool allow_missing_source; /* on the newer side */
	bool allow_other_origin, allow_older, allow_other_select;
	bool allow_unnamed;             /* with match: leave them out */
	unsigned ignored[RECORD_KINDS]; /* bit i: a difference in field i is none */
	unsigned only;                  /* bit i: event i is reported; 0: all are */
	struct limit max_removed;       /* of a source's records of one kind, or of one group */
	uint64_t removed_least;         /* of a source a percentage never allows fewer than this */
};

/* Nothing but the safeguard that is always there. */
void diff_options_init(struct diff_options *options);

/* Each of these takes the value of one option. 0, or -1 with FAULT_USAGE. */

/* --max-removed: "12" or "5%". What is asked for is meant: removed_least is 0 then. */
int diff_options_set_max_removed(struct diff_options *options, const char *text,
                                 struct fault *fault);

/* --match: "user_name", the one way there is. */
int diff_options_set_match(struct diff_options *options, const char *text, struct fault *fault);

/* --ignore: members of users and groups, joined by commas; added to those that are
   ignored already. Source and id say which record it is and can not be. */
int diff_options_add_ignored(struct diff_options *options, const char *list, struct fault *fault);

/* --only: events, joined by commas; added to those that are reported already. */
int diff_options_add_only(struct diff_options *options, const char *list, struct fault *fault);

/* Do they go together? 0, or -1 with FAULT_USAGE. */
int diff_options_check(const struct diff_options *options, struct fault *fault);

#endif
