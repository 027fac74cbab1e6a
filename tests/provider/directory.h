/* SPDX-License-Identifier: ISC */
/*
 * directory: the accounts and groups that all four services show.
 *
 * An record is the plain truth; how a service dresses it up is no business of
 * this module. Records keep the order in which they came. Everything derived
 * (what a service shows, who is in which group, names in order) is an index
 * that is built when it is asked for and thrown away by the next change, so a
 * page costs the page and not the directory.
 *
 * Nothing here locks: the caller holds one mutex around all of it.
 */
#ifndef STAND_IN_DIRECTORY_H
#define STAND_IN_DIRECTORY_H

#include "text.h"

#include <yyjson.h>

enum service { RUDDERSTACK, STRIPE, SCALR, SCIM, SERVICES };
enum kind { USER, GROUP, SERVICE_ACCOUNT, KINDS };

extern const char *const service_names[SERVICES];

struct record {
	enum kind kind;
	unsigned long serial;   /* 1, 2, 3 ... within its kind, never used twice */
	unsigned long revision; /* how often an operation changed it */
	unsigned shown_by;      /* bit 1 << enum service */
	bool active;
	char *id;   /* "" only where a raw resource has none */
	char *name; /* userName of a user, the name of anything else */
	char *display_name, *given_name, *family_name, *email;
	char *external_id, *role, *description, *last_login_at;
	char *status; /* Active, Inactive, Pending */
	char **members;
	size_t member_count;
	yyjson_mut_doc *raw; /* NULL, or the exact SCIM resource; Scalr hides it */
};

struct records {
	struct record **at;
	size_t count;
};

struct membership {
	const char *member_id;
	struct record *group;
};

struct index;

struct directory {
	struct records all[KINDS];
	unsigned long last_serial[KINDS];
	unsigned drops_inactive; /* services that do not show inactive users */
	void *by_id;             /* tsearch(3) tree over (kind, id) */
	struct index *index;     /* NULL: to be built */
};

/* A zeroed directory is an empty one. */
void directory_release(struct directory *directory);

/* Reads NDJSON lines. 0, or -1 with the line's number in the reason.

   {"kind":"user","id":"u1","user_name":"ada@example.com"} and, where wanted,
   display_name given_name family_name email external_id role active (true)
   status (Active, Inactive, Pending) last_login_at;
   {"kind":"group","id":"g1","name":"Platform"} and members external_id
   description; {"kind":"service","id":"s1","name":"ci"} and active status
   email description. Each may have "only":["stripe",...], the services that
   show it. A user or group may have "raw":{...}: the SCIM services answer with
   exactly that, numbers digit for digit; the id then is that of `raw`. */
int directory_read(struct directory *directory, const char *path, struct why *why);

/* One line of that form. `first`: before all others and not after them. */
int directory_put(struct directory *directory, const char *json, bool first, struct why *why);

/* One operation of `stand-in change`, see directory.c. 0 or -1. */
int directory_apply(struct directory *directory, yyjson_val *operation, struct why *why);

int directory_remove(struct directory *directory, enum kind kind, const char *id, struct why *why);

/* Takes a member out of a group; false where it is none. directory_touch is due. */
bool record_drop_member(struct record *group, const char *id);

/* NULL where there is none. */
struct record *directory_find(struct directory *directory, enum kind kind, const char *id);
struct record *directory_find_serial(struct directory *directory, enum kind kind, long serial);

/* Whom a member id means: the user, else the group, else NULL. */
struct record *directory_find_member(struct directory *directory, const char *id);

/* Whether this service shows this record at all. */
bool directory_shows(const struct directory *directory, enum service service,
                     const struct record *record);

/* Everything of one kind that a service shows. Borrowed until the next change. */
struct records directory_view(struct directory *directory, enum service service, enum kind kind);

/* All of that name, without regard to case. Borrowed until the next change. */
struct records directory_named(struct directory *directory, enum kind kind, const char *name);

/* The groups that list this member id; returns how many. Borrowed. */
size_t directory_groups_of(struct directory *directory, const char *id,
                           const struct membership **first);

/* The index is out of date: what is shown depends on more than the records. */
void directory_touch(struct directory *directory);

#endif
