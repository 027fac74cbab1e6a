/* SPDX-License-Identifier: ISC */
/*
 * plan: what is to be done to a directory, read whole and checked before anything
 * is sent.
 *
 * A plan is made from a change stream (rollcall-stream(5)), which counts only
 * with its proved end, or from plain operations, one JSON object a line. It is
 * kept in an order that is safe: who and what is made first, then changed, then
 * memberships, then what takes access away; within that as it was read.
 */
#ifndef ROLLCALL_PLAN_H
#define ROLLCALL_PLAN_H

#include "base/arena.h"
#include "stream/stream.h"

/* In the order in which they are done. */
enum op {
	OP_PUSH_GROUP,
	OP_PUSH,
	OP_RENAME_GROUP,
	OP_UPDATE,
	OP_REACTIVATE,
	OP_ADD_MEMBER,
	OP_REMOVE_MEMBER,
	OP_DEACTIVATE,
	OP_REMOVE,
	OP_REMOVE_GROUP,
	OP_IMPORT, /* only to be refused with the provider's words */
	OPS,
};

extern const char *const op_names[OPS];

/* The operation of this name, or -1. */
int op_find(struct span name);

/* What can be set on a user. */
enum setting {
	SET_USER_NAME,
	SET_EMAIL,
	SET_DISPLAY_NAME,
	SET_GIVEN_NAME,
	SET_FAMILY_NAME,
	SET_EXTERNAL_ID,
	SET_ACTIVE, /* "true" or "false" */
	SETTINGS,
};

extern const char *const setting_names[SETTINGS];

/* The setting of this name, or -1. */
int setting_find(struct span name);

enum { SETTINGS_ALL = (1 << SETTINGS) - 1 };

/* All texts live as long as the plan; those that are not known are empty. */
struct operation {
	enum op op;
	struct span user_id, user_name; /* whom it is about */
	struct span group_id, group;
	struct span label;            /* what people call it, where no name is known */
	struct span values[SETTINGS]; /* of the user */
	unsigned set;                 /* bit i: values[i] is asked for */
	struct span old[SETTINGS];    /* what a change stream says that the service has ... */
	unsigned old_known;           /* ... where bit i is set */
	struct span old_group;        /* the same of OP_RENAME_GROUP; else empty */
	struct span new_group;        /* for OP_RENAME_GROUP */
	bool has_password;            /* one was given; it is not kept */
	struct span refusal;          /* why the input itself rules it out; else empty */
	bool skipped;                 /* that is as it was asked for, no failure */
	bool frees_name;        /* it gives a name away that another operation makes anew: first */
	struct span freed_from; /* OP_PUSH, OP_PUSH_GROUP: the id of who had the name before that */
	bool foreign_user, foreign_group; /* the ids are the newer side's; only while reading */
	struct span found_user_id, found_group_id; /* as a rehearsal found them; else empty */
	struct span looked_at; /* of a plan that was read back: the line of its result; else empty */
};

/* What a user or group who is gone on the newer side means. */
enum plan_removed { REMOVED_ASK, REMOVED_DEACTIVATE, REMOVED_DELETE, REMOVED_SKIP };

struct plan {
	struct operation *operations;
	size_t count, cap;
	bool mixed;      /* some operations name their user (or group) by id only, some by name only */
	bool of_changes; /* it was read from a change stream */
	size_t missing_users, missing_groups; /* in the newer snapshot of a change stream */
	struct span source;
	struct arena arena;
};

struct rules;

struct plan_options {
	const char *source; /* of a change stream, where it has several; else NULL */
	const char *origin; /* base URL of the service that the plan is for */
	bool is_looked_at;  /* the input is the result stream of a plan */
	enum plan_removed removed;
	bool allow_other_origin;
	const struct rules *rules; /* of the service */
	bool allow_removal;        /* as rules_refusal takes it */
};

/* Reads `path` ("-" is stdin) to its end. 0 or -1; after -1 nothing of it counts. */
int plan_read(struct plan *plan, const struct plan_options *options, const char *path,
              struct fault *fault);
void plan_release(struct plan *plan);

/* Refuses a plan in which two operations contradict each other. plan_read does it; it is to
   be done again where it has become known which ids and names are of one user. 0 or -1. */
int plan_check(const struct plan *plan, struct fault *fault);

/* ---- its parts ---- */

/* A new operation at the end, or NULL with a fault. Borrowed until the next one. */
struct operation *plan_add(struct plan *plan, enum op op, struct fault *fault);

/* A copy that lives as long as the plan; data NULL with a fault. */
struct span plan_keep(struct plan *plan, struct span text, struct fault *fault);

/* Appends what is asked for, as members of a JSON object: `"op":"push","user_name":...,
   "asked":{...}`. Two operations that ask for the same have the same text. */
void operation_put(struct buf *line, const struct operation *operation);

/* Plain operations, to the end of the input (plan_operations.c). 0 or -1. */
int plan_read_operations(struct plan *plan, struct lines *lines, struct fault *fault);

/* The operations of a plan that was looked at, each with the line that said what it would
   do (plan_results.c). 0 or -1. */
int plan_read_results(struct plan *plan, const struct plan_options *options,
                      struct stream_reader *reader, struct fault *fault);

/* The operations of a change stream whose first line has not been read yet
   (plan_stream.c). 0 or -1. */
int plan_read_changes(struct plan *plan, const struct plan_options *options,
                      struct stream_reader *reader, struct fault *fault);

#endif
