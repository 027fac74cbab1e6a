/* SPDX-License-Identifier: ISC */
/*
 * provider: what is known of each service, one row a provider (provider_rows.c).
 *
 * A new service that speaks SCIM is a row; nothing else names a provider but rules.c,
 * where what it allows to be changed is another row. A member of a row that is left out
 * says that the service does as the RFCs say.
 */
#ifndef ROLLCALL_PROVIDER_H
#define ROLLCALL_PROVIDER_H

#include "base/span.h"

/* Which letters the value of a variable may have. Nothing is among them that ends the
   host or begins another part of a URL. */
enum provider_letters {
	LETTERS_LABEL, /* one label of a host name: letters, digits, - */
	LETTERS_HOST,  /* a host name: labels and dots */
	LETTERS_ID,    /* one part of a path: letters, digits, - . _ */
	LETTERS_PATH,  /* several parts, whose slashes are sent as %2F */
};

/* A part of a base URL that differs from one customer to the next. */
struct provider_variable {
	const char *name; /* {name} in the base URL, --var name=VALUE */
	enum provider_letters letters;
	const char *otherwise;   /* its value where nobody names one; NULL: it must be named */
	const char *what;        /* what it is, or where to find it */
	const char *const *only; /* the values there are, NULL after the last; NULL: any */
};

/* Who says what the row says. Nothing has been tried with an account. */
enum provider_grade {
	GRADE_VENDOR, /* the vendor's documents */
	GRADE_COPY,   /* the same, read in a copy */
	GRADE_CODE,   /* the vendor's code */
	GRADE_OTHERS, /* what others wrote who use it */
};

/* How pages are asked for, and where members are read (scim-fetch(1) has the words). */
enum provider_paging { PAGING_AUTO, PAGING_INDEX, PAGING_CURSOR, PAGING_NONE };
enum provider_members { MEMBERS_AUTO, MEMBERS_LIST, MEMBERS_GET, MEMBERS_FILTER, MEMBERS_USERS };

/* What it means that a list shows a group with `members: []`. */
enum provider_empty {
	EMPTY_IS_NONE,    /* nobody is in it */
	EMPTY_IS_UNKNOWN, /* lists do not show members; the group itself does */
	EMPTY_IS_NEVER,   /* nothing shows members */
};

enum { PROVIDER_VARIABLES = 3, PROVIDER_NOT_COVERED = 6 };

struct provider {
	const char *name;     /* as on the command line and in streams */
	const char *title;    /* as people know it */
	const char *schema;   /* "scim" or "scalr": which mapping reads it */
	const char *base_url; /* with {variables}; NULL: it must be given */
	struct provider_variable variables[PROVIDER_VARIABLES + 1];
	const char *base_variables[3]; /* environment, in this order, NULL after the last */
	const char *token_variables[3];
	const char *auth; /* how the token is sent, as http/sign_in.h reads it; NULL: Bearer */
	enum provider_grade grade;

	/* how it is asked, where the command line does not say */
	const char *users_path, *groups_path; /* NULL: /Users, /Groups */
	const char *service_path;             /* a third list, of service accounts; NULL: none */
	enum provider_paging paging;
	enum provider_members members;
	long count;                 /* records a page; 0: it is found out */
	const char *group_query[2]; /* NAME and VALUE on each request for groups; NULL: none */

	/* what its answers mean */
	const char *account_type;                          /* of every user: "human" or "unknown" */
	const char *not_covered[PROVIDER_NOT_COVERED + 1]; /* what it can not show, in words */
	bool groups_optional;       /* 404, 405, 501 on /Groups is a gap, not a failure ... */
	bool groups_may_be_refused; /* ... and so is 403 */
	enum provider_empty empty_members;
	uint64_t members_cap;       /* it sends no more members of a group; 0: not known */
	const char *sentinels[2];   /* names of a user and a group that stand for a list */
	const char *sentinel_means; /* why, and what to do */
	const char *no_users;       /* what a list without users means; NULL: that there are none */
	const char *no_name;        /* a display, given or family name that is none; or NULL */
	bool roles_are_titles;      /* `roles` are no permissions */
	bool times_mean_nothing;    /* the times in `meta` */

	/* what scim-push never writes there; push/rules.c has the reasons */
	bool members_stay;  /* memberships of groups */
	bool accounts_stay; /* accounts */

	/* words for people */
	const char *warning;     /* why a read needs --yes; NULL: it does not */
	const char *refused;     /* what 401 and 403 mean here, and what to do */
	const char *bad_request; /* the same of 400; NULL: nothing is known */
	const char *missing;     /* the same of 404 */
};

/* NULL where there is no such provider. */
const struct provider *provider_find(struct span name);

/* The i-th row, NULL after the last. */
const struct provider *provider_at(size_t i);

/* The provider's variable of that name, or NULL. */
const struct provider_variable *provider_variable(const struct provider *provider,
                                                  struct span name);

/* "vendor", "copy", "code", "others" */
const char *provider_grade_word(enum provider_grade grade);

/* The table; the row without a name ends it. */
extern const struct provider provider_rows[];

#endif
