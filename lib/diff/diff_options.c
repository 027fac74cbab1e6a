/* SPDX-License-Identifier: ISC */
/*
 * diff_options: a word that is unknown is an error, never passed over: what is
 * ignored or left out by mistake would not be seen.
 */
#include "diff/diff_options.h"

#include "diff/changes.h"
#include "base/inert.h"

enum { REMOVED_PERCENT = 20, REMOVED_LEAST = 10 };

void diff_options_init(struct diff_options *options)
{
	*options = (struct diff_options){
		.max_removed = {REMOVED_PERCENT, true},
		.removed_least = REMOVED_LEAST,
	};
}

int diff_options_set_max_removed(struct diff_options *options, const char *text,
                                 struct fault *fault)
{
	options->removed_least = 0;
	return option_limit("--max-removed", text, &options->max_removed, fault);
}

int diff_options_add_ignored(struct diff_options *options, const char *list, struct fault *fault)
{
	static const enum record_kind kinds[] = {RECORD_USER, RECORD_GROUP};

	do {
		struct span name = option_take_word(&list);
		bool found = false;

		for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
			int field = record_field_find(kinds[i], name);

			if (field > USER_ID) /* USER_ID and GROUP_ID are the same place */
				options->ignored[kinds[i]] |= 1U << field;
			found |= field > USER_ID;
		}
		if (!found)
			return fault_set(fault, FAULT_USAGE,
			                 "--ignore takes members of users and groups, joined by commas "
			                 "(rollcall-stream(5)), not '%s'",
			                 INERT(name));
	} while (list);
	return 0;
}

int diff_options_add_only(struct diff_options *options, const char *list, struct fault *fault)
{
	do {
		struct span name = option_take_word(&list);
		int event = 0;

		while (event < CHANGE_EVENTS && !span_is(name, span_of(change_event_names[event])))
			event++;
		if (event == CHANGE_EVENTS)
			return fault_set(fault, FAULT_USAGE,
			                 "--only takes events, joined by commas (diff-snapshot(1)), not '%s'",
			                 INERT(name));
		options->only |= 1U << event;
	} while (list);
	return 0;
}

int diff_options_set_match(struct diff_options *options, const char *text, struct fault *fault)
{
	options->match = true;
	return strcmp(text, "user_name") == 0
	           ? 0
	           : fault_set(fault, FAULT_USAGE, "--match takes user_name, not '%s'",
	                       INERT(span_of(text)));
}

int diff_options_check(const struct diff_options *options, struct fault *fault)
{
	if (options->match && options->all_fields)
		return fault_set(fault, FAULT_USAGE,
		                 "--match compares no volatile members: --all-fields can not be meant");
	if (options->allow_unnamed && !options->match)
		return fault_set(fault, FAULT_USAGE, "--allow-unnamed goes with --match");
	return 0;
}
