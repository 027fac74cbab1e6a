/* SPDX-License-Identifier: ISC */
/*
 * rules: what each service allows, one row a provider, asked before anything
 * is sent. The words of a refusal are those of the service's own guide.
 */
#ifndef ROLLCALL_RULES_H
#define ROLLCALL_RULES_H

#include "push/plan.h"
#include "push/dialect.h"

enum action {
	ACTION_PUSH,
	ACTION_DISPLAY_NAME,
	ACTION_ADDRESS,         /* user name and email */
	ACTION_OTHER_ATTRIBUTE, /* everything else about a user */
	ACTION_DEACTIVATE,
	ACTION_REACTIVATE,
	ACTION_REMOVE,
	ACTION_GROUP,        /* make and remove one */
	ACTION_REMOVE_GROUP, /* remove one, where that is another matter */
	ACTION_RENAME_GROUP,
	ACTION_MEMBERS,
	ACTION_PASSWORD,
	ACTION_IMPORT,
	ACTIONS,
};

struct rule {
	enum { ALLOWED, NEVER, REMOVES } verdict; /* REMOVES: with --allow-removal */
	const char *why;
};

struct rules {
	const char *provider;
	const char *host;     /* a base URL there is this provider's ... */
	const char *path;     /* ... if it has this in it; NULL: any host, any path, but not both */
	const char *warning;  /* to be said before anything is done; NULL: nothing */
	const char *lookup;   /* the attribute by which users are found */
	enum dialect dialect; /* that an identity provider speaks to it */
	unsigned created;     /* the settings that a new user gets, a bit each */
	unsigned kept;        /* those that can be changed later */
	bool drops;           /* who is deactivated is gone; coming back is a new user */
	struct rule rules[ACTIONS];
};

/* The rules for a provider's name, or for a base URL where that is a known service's. Never
   NULL. */
const struct rules *rules_find(const char *provider, const char *base_url);

/* NULL where the operation is allowed, else why not. */
const char *rules_refusal(const struct rules *rules, const struct operation *operation,
                          bool allow_removal);

#endif
