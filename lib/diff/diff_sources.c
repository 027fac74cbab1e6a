/* SPDX-License-Identifier: ISC */
/*
 * diff_sources: may these two be compared? A source against itself, later; or,
 * by names, one source against any other.
 */
#include "base/array.h"
#include "base/inert.h"
#include "diff/diff_parts.h"
#include "stream/not_mapped.h"

/* A source that one side has not read: nothing in it can be called a change. */
static int miss_source(struct diff *diff, struct span name, bool newer, struct fault *fault)
{
	struct blind_spot spot = {
		.source = name,
		.scope = span_of("source"),
		.id = SPAN_EMPTY,
		.own_source = name,
		.own_id = SPAN_EMPTY,
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
	struct span before = json_obj_text(older, "select"), after = json_obj_text(newer, "select");

	if (diff->options->allow_other_select || span_is(before, after))
		return 0;
	return fault_set(fault, FAULT_DATA,
	                 "of source '%s' the first file holds the selection '%s' and the second file "
	                 "'%s': what was left out is not gone (--allow-other-select compares them)",
	                 INERT(json_obj_text(older, "source")), INERT(before), INERT(after));
}

/* Does the entry say which directory it is? One that could not be read at all may not know: it
   has gaps only, and nothing in it is compared. */
static bool names_directory(yyjson_val *entry)
{
	return json_obj_text(entry, "provider").len || json_obj_text(entry, "origin").len;
}

/* Can a source be compared with what is called so on the newer side? */
static int check_same_directory(const struct diff *diff, yyjson_val *older, yyjson_val *newer,
                                struct fault *fault)
{
	struct span name = json_obj_text(older, "source");

	if (!diff->options->allow_other_origin && names_directory(older) && names_directory(newer) &&
	    (!span_is(json_obj_text(older, "origin"), json_obj_text(newer, "origin")) ||
	     !span_is(json_obj_text(older, "provider"), json_obj_text(newer, "provider"))))
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' was read from %s before and from %s now: two directories? "
		                 "(--allow-other-origin compares them)",
		                 INERT(name), INERT(json_obj_text(older, "origin")),
		                 INERT(json_obj_text(newer, "origin")));
	if (!diff->options->allow_older &&
	    when_compare(json_obj_text(older, "fetched_at"), json_obj_text(newer, "fetched_at")) > 0)
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' was read at %s in the first file and earlier, at %s, in the "
		                 "second: swapped? (--allow-older compares them)",
		                 INERT(name), INERT(json_obj_text(older, "fetched_at")),
		                 INERT(json_obj_text(newer, "fetched_at")));
	return check_select(diff, older, newer, fault);
}

static void put_left_out(struct buf *names, yyjson_val *paths, yyjson_val *other, bool is_first)
{
	yyjson_obj_iter iter = yyjson_obj_iter_with(paths);
	struct span name;

	while (not_mapped_extra_next(&iter, other, is_first, &name))
		buf_put_sized(names, name);
}

/* Notes what only one side can say of a source. */
static int note_common_part(struct diff *diff, const struct diff_side *before, yyjson_val *older,
                            const struct diff_side *after, yyjson_val *newer, struct fault *fault)
{
	struct changes *changes = diff->changes;
	struct common_part common = {
		.vocabulary = {snapshot_reader_vocabulary(&before->reader, older),
	                   snapshot_reader_vocabulary(&after->reader, newer)},
	};
	struct common_part *list;

	yyjson_val *paths[2] = {yyjson_obj_get(older, "map_extra"), yyjson_obj_get(newer, "map_extra")};

	put_left_out(&common.left_out, paths[0], paths[1], true);
	put_left_out(&common.left_out, paths[1], paths[0], false);
	if (common.vocabulary[0] == common.vocabulary[1] && !common.left_out.len)
		return buf_check(&common.left_out, fault);
	common.source = arena_copy(&changes->arena, json_obj_text(older, "source"));
	list = array_grow(changes->common, changes->common_count, &changes->common_cap, sizeof *list,
	                  fault);
	if (!common.source.data || !list) {
		buf_release(&common.left_out);
		return fault_memory(fault);
	}
	changes->common = list;
	list[changes->common_count++] = common;
	return buf_check(&list[changes->common_count - 1].left_out, fault);
}

/* Every source of one side against the other: those on one side only, and, for
   the older side, whether the pairs can be compared. */
static int check_side(struct diff *diff, const struct diff_side *side,
                      const struct diff_side *other, bool newer, struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(side->reader.sources, i, max, entry) {
		struct span name = json_obj_text(entry, "source");
		yyjson_val *match = snapshot_reader_source(&other->reader, name);

		if (!match && !newer && !diff->options->allow_missing_source)
			return fault_set(fault, FAULT_DATA,
			                 "source '%s' is missing in the newer snapshot: not read is not gone "
			                 "(--allow-missing-source leaves it out, --match user_name compares "
			                 "two directories)",
			                 INERT(name));
		if (!match && miss_source(diff, name, !newer, fault) < 0)
			return -1;
		if (match && !newer &&
		    (check_same_directory(diff, entry, match, fault) < 0 ||
		     note_common_part(diff, side, entry, other, match, fault) < 0))
			return -1;
	}
	return 0;
}

/* Appends the names of a side's sources: "'a', 'b'". */
static void put_source_names(struct buf *text, const struct diff_side *side)
{
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(side->reader.sources, i, max, entry)
		buf_putf(text, "%s'%s'", i ? ", " : "", INERT(json_obj_text(entry, "source")));
}

/* By names one source is compared with one other: the only one that a side has, or the one
   that --source names. */
static int choose_source(struct diff_side *side, const char *wanted, struct fault *fault)
{
	size_t count = yyjson_arr_size(side->reader.sources);
	struct buf names = {0};

	side->compared = count == 1 || !wanted ? yyjson_arr_get_first(side->reader.sources)
	                                       : snapshot_reader_source(&side->reader, span_of(wanted));
	if (side->compared && (count == 1 || wanted))
		return 0;
	put_source_names(&names, side);
	if (wanted && count)
		fault_set(fault, FAULT_DATA, "%s: has no source '%s'; it has %s",
		          INERT(snapshot_reader_name(&side->reader)), INERT(span_of(wanted)),
		          buf_text(&names));
	else
		fault_set(fault, FAULT_DATA,
		          "%s: holds %zu sources, --match compares one with one: name it with --source: %s",
		          INERT(snapshot_reader_name(&side->reader)), count, buf_text(&names));
	buf_release(&names);
	return -1;
}

/* Which two are compared, and can they be? */
static int choose_sources(const struct diff *diff, struct diff_side *before,
                          struct diff_side *after, struct fault *fault)
{
	const char *wanted = diff->options->source;

	if (choose_source(before, wanted, fault) < 0 || choose_source(after, wanted, fault) < 0)
		return -1;
	if (wanted && !snapshot_reader_source(&before->reader, span_of(wanted)) &&
	    !snapshot_reader_source(&after->reader, span_of(wanted)))
		return fault_set(fault, FAULT_DATA,
		                 "neither file has a source '%s': one has '%s', the other '%s'",
		                 INERT(span_of(wanted)), INERT(diff_side_compared_source(before)),
		                 INERT(diff_side_compared_source(after)));
	return check_select(diff, before->compared, after->compared, fault);
}

int diff_check_sources(struct diff *diff, struct diff_side *before, struct diff_side *after,
                       struct fault *fault)
{
	if (diff->options->match)
		return choose_sources(diff, before, after, fault) < 0
		           ? -1
		           : note_common_part(diff, before, before->compared, after, after->compared,
		                              fault);
	return check_side(diff, before, after, false, fault) < 0
	           ? -1
	           : check_side(diff, after, before, true, fault);
}
