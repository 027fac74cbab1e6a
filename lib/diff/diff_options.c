/* SPDX-License-Identifier: ISC */
/*
 * diff_options: a word that is unknown is an error, never passed over: what is
 * ignored or left out by mistake would not be seen.
 */
#include "diff/diff_options.h"

#include "diff/changes.h"
#include "base/inert.h"
#include "base/near.h"

enum { REMOVED_PERCENT = 20, REMOVED_LEAST = 10 };

/* The fault of a word that is no member of users and groups: it names those that are. */
static int diff_options_refuse_ignored(struct span word, struct fault *fault)
{
	struct near near = near_to(word);
	struct buf names = {0};

	for (size_t field = USER_ID + 1; field < record_forms[RECORD_USER].count; field++) {
		buf_putf(&names, "%s, ", record_forms[RECORD_USER].fields[field].name.data);
		near_try(&near, record_forms[RECORD_USER].fields[field].name.data);
	}
	for (size_t field = GROUP_ID + 1; field < record_forms[RECORD_GROUP].count; field++)
		if (record_field_find(RECORD_USER, record_forms[RECORD_GROUP].fields[field].name) < 0) {
			buf_putf(&names, "%s, ", record_forms[RECORD_GROUP].fields[field].name.data);
			near_try(&near, record_forms[RECORD_GROUP].fields[field].name.data);
		}
	if (buf_check(&names, fault) == 0) {
		fault_set(fault, FAULT_USAGE,
		          "--ignore takes members of users and groups: %sjoined by commas, not '%s'",
		          buf_text(&names), INERT(word));
		near_hint(&near, "", fault);
	}
	buf_release(&names);
	return -1;
}

int diff_options_parse_ignored(void *ignored, const char *list, struct fault *fault)
{
	const enum record_kind kinds[] = {RECORD_USER, RECORD_GROUP};
	unsigned *fields = ignored; /* of each kind, a bit each */

	do {
		struct span name = option_take_word(&list);
		bool found = false;

		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
			int field = record_field_find(kinds[i], name);

			if (field > USER_ID) /* USER_ID and GROUP_ID are the same place */
				fields[kinds[i]] |= 1U << field;
			found |= field > USER_ID;
		}
		if (!found)
			return diff_options_refuse_ignored(name, fault);
	} while (list);
	return 0;
}

int diff_options_check(struct diff_options *options, struct fault *fault)
{
	if (options->match && options->all_fields)
		return fault_set(fault, FAULT_USAGE,
		                 "--all-fields and --match exclude each other: --match compares neither "
		                 "last_login_at nor updated_at");
	if (options->source && !options->match)
		return fault_set(fault, FAULT_USAGE, "--source needs --match");
	if (options->allow_unnamed && !options->match)
		return fault_set(fault, FAULT_USAGE, "--allow-unnamed needs --match");
	if (!options->max_removed.is_given) {
		options->max_removed = (struct limit){.number = REMOVED_PERCENT, .is_percent = true};
		options->removed_least = REMOVED_LEAST;
	}
	return 0;
}
