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
	int match;                 /* 1: by user names and group names, not by ids */
	const char *source;        /* with match: the one of a side that has several; NULL: none */
	bool allow_missing_source; /* on the newer side */
	bool allow_other_origin, allow_older, allow_other_select;
	bool allow_unnamed;             /* with match: leave them out */
	unsigned ignored[RECORD_KINDS]; /* bit i: a difference in field i is none */
	unsigned only;                  /* bit i: event i is reported; 0: all are */
	struct limit max_removed;       /* of a source's records of one kind, or of one group */
	uint64_t removed_least;         /* of a source a percentage never allows fewer than this */
};

/* --ignore: members of users and groups, joined by commas; `ignored` is the member of
   this name, to which they are added. Source and id say which record it is and can not
   be ignored. 0, or -1 with FAULT_USAGE. */
int diff_options_parse_ignored(void *ignored, const char *list, struct fault *fault);

/* After the command line: the safeguard that is always there, unless --max-removed says
   another, and whether the options go together. 0, or -1 with FAULT_USAGE. */
int diff_options_check(struct diff_options *options, struct fault *fault);

#endif
