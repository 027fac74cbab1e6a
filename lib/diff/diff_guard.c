/* SPDX-License-Identifier: ISC */
/*
 * diff_guard: how much is gone, of each source and kind, and of each group. A
 * directory that forgot looks just like one that was cleaned up, so it is the
 * share that makes one ask.
 */
#include "diff/diff.h"

#include "diff/diff_side.h"
#include "base/inert.h"

#include <stdio.h>
#include <stdlib.h>

/* May so many be gone? `most` is what --max-removed allows, never fewer than
   `least` where that is a percentage. */
static bool is_too_much(const struct diff *diff, const struct tally *tally, uint64_t least,
                        uint64_t *most)
{
	const struct diff_options *options = &diff->options;

	*most = limit_of(&options->max_removed, tally->before);
	if (options->max_removed.is_percent && options->removed_least && *most < least)
		*most = least;
	return tally->removed > *most;
}

/* ---- counted as the merge passes ---- */

/* The tally of the kind and source of the record that a side is at. */
static struct tally *tally_of(struct diff *diff, const struct diff_side *side, struct fault *fault)
{
	struct tally *tallies;
	struct span source;

	/* lines come sorted: it is nearly always the one found last */
	for (size_t i = diff->tally_count; i-- > 0;)
		if (diff->tallies[i].kind == side->kind && span_is(diff->tallies[i].source, side->source))
			return &diff->tallies[i];
	tallies = reallocarray(diff->tallies, diff->tally_count + 1, sizeof *tallies);
	if (tallies)
		diff->tallies = tallies;
	source = arena_copy(&diff->arena, side->source);
	if (!tallies || !source.data) {
		fault_memory(fault);
		return NULL;
	}
	tallies[diff->tally_count] = (struct tally){.kind = side->kind, .source = source};
	return &tallies[diff->tally_count++];
}

int diff_count_before(struct diff *diff, const struct diff_side *before, struct fault *fault)
{
	struct tally *tally = tally_of(diff, before, fault);

	if (tally)
		tally->before++;
	return tally ? 0 : -1;
}

/* The bytes of a membership's line up to its member's id. */
static struct span group_part(struct span line)
{
	static const struct span behind = {",\"member_id\":", 13};
	const char *at = memmem(line.data, line.len, behind.data, behind.len);

	return (struct span){line.data, at ? (size_t)(at - line.data) + behind.len : line.len};
}

/* A group that lost every member is looked at by itself: in the whole directory
   it may be too small to be noticed. By names, any group that lost many is. */
static int leave_group(struct diff *diff, struct fault *fault)
{
	const struct tally *group = &diff->group;
	uint64_t most, least = group->after ? diff->options.removed_least : 1;
	struct buf line = {0};
	struct record record = {0};
	yyjson_doc *doc;
	int result = -1;

	if (diff->lost.before || (group->after && !diff->options.match) ||
	    !is_too_much(diff, group, least, &most))
		return 0;
	buf_put_span(&line, buf_span(&diff->group_part));
	buf_puts(&line, "\"\",\"member_kind\":\"unknown\"}");
	doc = buf_check(&line, fault) == 0
	          ? record_read(&record, RECORD_MEMBERSHIP, buf_span(&line), fault)
	          : NULL;
	if (doc) {
		diff->lost = *group;
		diff->lost.source = arena_copy(&diff->arena, record_text(&record, MEMBERSHIP_SOURCE));
		diff->lost_id = arena_copy(&diff->arena, record_text(&record, MEMBERSHIP_GROUP_ID));
		result =
			diff->lost.source.data && diff->lost_id.data
				? labels_want(&diff->labels, RECORD_GROUP, diff->lost.source, diff->lost_id, fault)
				: fault_memory(fault);
	}
	buf_release(&line);
	record_release(&record);
	yyjson_doc_free(doc);
	return result;
}

int diff_count_member(struct diff *diff, const struct diff_side *side, int order,
                      struct fault *fault)
{
	struct span part = buf_span(&diff->group_part);

	if (!side || !part.len || !span_begins(side->line, part)) {
		if (leave_group(diff, fault) < 0)
			return -1;
		diff->group = (struct tally){.kind = RECORD_MEMBERSHIP};
		diff->group_wanted = false;
		buf_clear(&diff->group_part);
		if (side)
			buf_put_span(&diff->group_part, group_part(side->line));
	}
	diff->group.before += side && order <= 0;
	diff->group.after += side && order >= 0;
	return buf_check(&diff->group_part, fault);
}

/* ---- asked when all changes are known ---- */

static void count_removed(struct diff *diff)
{
	for (size_t i = 0; i < diff->count; i++) {
		const struct change *change = &diff->changes[i];
		struct span source = record_line_source(change->line);

		if (change->event != USER_REMOVED && change->event != GROUP_REMOVED &&
		    change->event != MEMBERSHIP_REMOVED)
			continue;
		for (size_t j = 0; j < diff->tally_count; j++)
			if (diff->tallies[j].kind == change->kind && span_is(diff->tallies[j].source, source))
				diff->tallies[j].removed++;
	}
}

static void refuse_to_confirm(struct diff *diff, const struct tally *tally, uint64_t most,
                              const char *what)
{
	snprintf(diff->unconfirmed, sizeof diff->unconfirmed,
	         "%llu of %llu %.140s are gone, more than --max-removed allows (%llu)",
	         (unsigned long long)tally->removed, (unsigned long long)tally->before, what,
	         (unsigned long long)most);
}

int diff_guard(struct diff *diff, struct fault *fault)
{
	uint64_t most;
	struct buf what = {0};
	int result;

	count_removed(diff);
	for (size_t i = 0; i < diff->tally_count && !*diff->unconfirmed; i++) {
		const struct tally *tally = &diff->tallies[i];

		if (!is_too_much(diff, tally, diff->options.removed_least, &most))
			continue;
		buf_clear(&what);
		buf_puts(&what, record_words[tally->kind].count);
		buf_puts(&what, " of ");
		buf_put_span(&what, tally->source);
		refuse_to_confirm(diff, tally, most, INERT(buf_span(&what)));
	}
	if (diff->lost.before && !*diff->unconfirmed) {
		is_too_much(diff, &diff->lost, diff->lost.after ? diff->options.removed_least : 1, &most);
		buf_clear(&what);
		buf_puts(&what, "members of ");
		labels_put(&diff->labels, RECORD_GROUP, diff->lost.source, diff->lost_id, &what);
		refuse_to_confirm(diff, &diff->lost, most, INERT(buf_span(&what)));
	}
	result = buf_check(&what, fault);
	buf_release(&what);
	return result;
}
