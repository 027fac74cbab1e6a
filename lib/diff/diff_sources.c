/* SPDX-License-Identifier: ISC */
/*
 * diff_sources: may these two be compared? A source against itself, later; or,
 * by names, one source against any other.
 */
#include "diff/diff.h"

#include "diff/diff_side.h"
#include "base/inert.h"

static struct span member_text(yyjson_val *object, const char *name)
{
	struct span text = {"", 0};

	json_text(yyjson_obj_get(object, name), &text);
	return text;
}

/* A source that one side has not read: nothing in it can be called a change. */
static int miss_source(struct diff *diff, struct span name, bool newer, struct fault *fault)
{
	struct blind_spot spot = {
		.source = name,
		.scope = span_of("source"),
		.id = {"", 0},
		.own_source = name,
		.own_id = {"", 0},
		.reason = span_of(newer ? "the newer snapshot does not cover this source"
	                            : "the older snapshot does not cover this source"),
		.before = !newer,
		.after = newer,
	};

	return diff_add_blind_spot(diff, spot, fault);
}

/* Was the same part of it kept? */
static int check_select(const struct diff *diff, yyjson_val *older, yyjson_val *newer,
                        struct fault *fault)
{
	struct span before = member_text(older, "select"), after = member_text(newer, "select");

	if (diff->options.allow_other_select || span_is(before, after))
		return 0;
	return fault_set(fault, FAULT_DATA,
	                 "of source '%s' the first file holds the selection '%s' and the second file "
	                 "'%s': what was left out is not gone (--allow-other-select compares them)",
	                 INERT(member_text(older, "source")), INERT(before), INERT(after));
}

/* Can a source be compared with what is called so on the newer side? */
static int check_pair(const struct diff *diff, yyjson_val *older, yyjson_val *newer,
                      struct fault *fault)
{
	struct span name = member_text(older, "source");

	if (!diff->options.allow_other_origin &&
	    (!span_is(member_text(older, "origin"), member_text(newer, "origin")) ||
	     !span_is(member_text(older, "provider"), member_text(newer, "provider"))))
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' was read from %s before and from %s now: two directories? "
		                 "(--allow-other-origin compares them)",
		                 INERT(name), INERT(member_text(older, "origin")),
		                 INERT(member_text(newer, "origin")));
	if (!diff->options.allow_older &&
	    span_compare(member_text(older, "fetched_at"), member_text(newer, "fetched_at")) > 0)
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' was read at %s in the first file and earlier, at %s, in the "
		                 "second: swapped? (--allow-older compares them)",
		                 INERT(name), INERT(member_text(older, "fetched_at")),
		                 INERT(member_text(newer, "fetched_at")));
	return check_select(diff, older, newer, fault);
}

static yyjson_val *sources_of(const struct diff_side *side)
{
	return yyjson_obj_get(yyjson_doc_get_root(side->begin_doc), "sources");
}

/* Every source of one side against the other: those on one side only, and, for
   the older side, whether the pairs can be compared. */
static int check_side(struct diff *diff, const struct diff_side *side,
                      const struct diff_side *other, bool newer, struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(sources_of(side), i, max, entry) {
		struct span name = member_text(entry, "source");
		yyjson_val *match = diff_side_source(other, name);

		if (!match && !newer && !diff->options.allow_missing_source)
			return fault_set(fault, FAULT_DATA,
			                 "source '%s' is missing in the newer snapshot: not read is not gone "
			                 "(--allow-missing-source leaves it out, --match user_name compares "
			                 "two directories)",
			                 INERT(name));
		if (!match && miss_source(diff, name, !newer, fault) < 0)
			return -1;
		if (match && !newer && check_pair(diff, entry, match, fault) < 0)
			return -1;
	}
	return 0;
}

/* By names one source is compared with one other. */
static int check_single(const struct diff_side *side, struct fault *fault)
{
	size_t count = yyjson_arr_size(sources_of(side));

	if (count == 1)
		return 0;
	return fault_set(fault, FAULT_DATA,
	                 "%s: holds %zu sources, --match compares one with one: normalize the fetch "
	                 "stream of that one alone",
	                 INERT(span_of(side->reader.lines.name)), count);
}

int diff_check_sources(struct diff *diff, const struct diff_side *before,
                       const struct diff_side *after, struct fault *fault)
{
	if (diff->options.match)
		return check_single(before, fault) < 0 || check_single(after, fault) < 0
		           ? -1
		           : check_select(diff, yyjson_arr_get_first(sources_of(before)),
		                          yyjson_arr_get_first(sources_of(after)), fault);
	return check_side(diff, before, after, false, fault) < 0
	           ? -1
	           : check_side(diff, after, before, true, fault);
}
