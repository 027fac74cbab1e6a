/* SPDX-License-Identifier: ISC */
/*
 * setting: the numbers of checks that can be set: --set dormant.days=45, or "set" in the
 * policy.
 */
#ifndef ROLLCALL_SETTING_H
#define ROLLCALL_SETTING_H

#include "base/buf.h"

enum setting_id {
	SET_DORMANT_DAYS,
	SET_NEVER_DAYS,
	SET_PRIVILEGED_LEAST,
	SET_PRIVILEGED_MOST,
	SET_DEEP_LEVELS,
	SET_STALE_DAYS,
	SET_OVERDUE_DAYS,
	SETTINGS,
};

struct setting_row {
	const char *name;
	long preset, least, most;
};

extern const struct setting_row setting_rows[SETTINGS];

struct settings {
	long values[SETTINGS];
	bool given[SETTINGS]; /* by an option: the policy does not change it */
};

void setting_init(struct settings *settings);

/* SETTINGS where there is none of this name. */
int setting_number(struct span name);

/* For OPTION_PARSE of a struct settings: "NAME=NUMBER,...". 0, or -1 with FAULT_USAGE. */
int setting_parse(void *into, const char *text, struct fault *fault);

/* Appends "dormant.days (90)", for those of one check. */
void setting_put_all(struct buf *text, struct span check);

/* Is there a number of people that privileged-count takes? If not, `text` says so. */
enum { SETTING_TEXT_MAX = 160 };
bool setting_is_range(const struct settings *settings, char text[SETTING_TEXT_MAX]);

#endif
