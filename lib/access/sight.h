/* SPDX-License-Identifier: ISC */
/*
 * sight: what a snapshot shows of the things that a review decided upon. Records mark the
 * decisions as they pass; then each can be asked for. What the snapshot could not see is
 * never called gone.
 *
 *	sight_open, sight_take_source, sight_take_gap, sight_take_nesting, sight_take_subject,
 *	sight_find, sight_release
 */
#ifndef ROLLCALL_SIGHT_H
#define ROLLCALL_SIGHT_H

#include "access/decisions.h"
#include "access/gaps.h"

enum sight_state {
	SIGHT_THERE,
	SIGHT_DISABLED, /* an account, by which nobody can get in */
	SIGHT_YOUNGER,  /* it is there, but of an account that was made after the review */
	SIGHT_GONE,
	SIGHT_GAP, /* from here on nobody knows */
	SIGHT_SELECTED,
	SIGHT_NOT_SHOWN,
	SIGHT_NO_SOURCE,
	SIGHT_STATES
};

/* A source of the snapshot. */
struct sight_source {
	struct span name;
	struct gaps gaps;
	bool is_selected;
};

struct sight {
	struct decisions decisions;
	unsigned char *marks; /* of each decision */
	struct sight_source *sources;
	size_t source_count, source_cap;
	struct set hidden; /* keys of groups whose members could not be read */
	struct arena texts;
	struct buf key;
};

/* Reads the decisions. 0 or -1; sight_release is due in both cases. A zeroed struct is empty. */
int sight_open(struct sight *sight, const char *path, struct fault *fault);
void sight_release(struct sight *sight);

/* With the entry of each source in the begin line of the snapshot, before sight_find is asked;
   with each gap; when the groups are known; with each subject. 0 or -1, with FAULT_DATA
   where the source is not the one that was reviewed, or was read before. */
int sight_take_source(struct sight *sight, yyjson_val *entry, struct fault *fault);
int sight_take_gap(struct sight *sight, const struct record *gap, struct fault *fault);
int sight_take_nesting(struct sight *sight, const struct nesting *nesting, struct fault *fault);
int sight_take_subject(struct sight *sight, const struct nesting *nesting,
                       const struct access_subject *subject, struct fault *fault);

/* What is seen of the thing that this decision is about. */
enum sight_state sight_find(struct sight *sight, size_t number, const struct decision *decision);

/* Is the text one of the values of a list? */
bool sight_has_value(const struct value *list, struct span text);

#endif
