/* SPDX-License-Identifier: ISC */
/*
 * diff_options: a word that is unknown is an error, never passed over: what is
 * ignored or left out by mistake would not be seen.
 */
#include "diff_options.h"

#include "diff.h"
#include "inert.h"

#include <errno.h>
#include <stdlib.h>

enum { REMOVED_PERCENT = 20, REMOVED_LEAST = 10 };

void diff_options_init(struct diff_options *options)
{
	*options = (struct diff_options){
		.max_removed = REMOVED_PERCENT,
		.removed_is_percent = true,
		.removed_least = REMOVED_LEAST,
	};
}

int diff_options_set_max_removed(struct diff_options *options, const char *text,
                                 struct fault *fault)
{
	char *end;

	errno = 0;
	options->max_removed = strtoull(text, &end, 10);
	options->removed_is_percent = *end == '%';
	options->removed_least = 0;
	if (errno || *text < '0' || *text > '9' || end[*end == '%'] ||
	    (*end == '%' && options->max_removed > 100))
		return fault_set(fault, FAULT_USAGE,
		                 "--max-removed takes a number or a percentage, not '%s'",
		                 INERT(span_of(text)));
	return 0;
}

/* The next of words joined by commas, taken off `list`; NULL behind the last. */
static struct span take_word(const char **list)
{
	struct span word = {*list, strcspn(*list, ",")};

	*list = word.data[word.len] ? word.data + word.len + 1 : NULL;
	return word;
}

int diff_options_add_ignored(struct diff_options *options, const char *list, struct fault *fault)
{
	static const enum record_kind kinds[] = {RECORD_USER, RECORD_GROUP};

	do {
		struct span name = take_word(&list);
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
		struct span name = take_word(&list);
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
