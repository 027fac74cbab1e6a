/* SPDX-License-Identifier: ISC */
/*
 * diff_tally: how many there are of each source and kind, and in each group. Records
 * pass in their order, so one group is counted at a time, and only a group that lost so
 * many that somebody should look is kept.
 */
#include "diff/diff_parts.h"

#include "base/array.h"

#include <stdlib.h>

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
	source = arena_copy(&diff->changes->arena, side->source);
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

static int keep_lost(struct diff *diff, struct fault *fault)
{
	struct span part = arena_copy(&diff->changes->arena, buf_span(&diff->group_part));
	struct lost_group *lost =
		array_grow(diff->lost, diff->lost_count, &diff->lost_cap, sizeof *lost, fault);
	struct buf key = {0};
	int result;

	if (!lost)
		return -1;
	diff->lost = lost;
	if (!part.data)
		return fault_memory(fault);
	diff->lost[diff->lost_count++] = (struct lost_group){diff->group, part};
	record_put_end_key(&key, part, MEMBERSHIP_GROUP_ID, RECORD_GROUP);
	result = buf_check(&key, fault) < 0
	             ? -1
	             : labels_want_key(&diff->changes->labels, buf_span(&key), fault);
	buf_release(&key);
	return result;
}

int diff_count_member(struct diff *diff, const struct diff_side *side, int order,
                      struct fault *fault)
{
	struct span part = buf_span(&diff->group_part);

	if (!side || !part.len || !span_begins(side->line, part)) {
		uint64_t most;

		if (diff_is_group_asked(diff->options, &diff->group, &most) && keep_lost(diff, fault) < 0)
			return -1;
		diff->group = (struct tally){.kind = RECORD_MEMBERSHIP};
		diff->group_wanted = false;
		buf_clear(&diff->group_part);
		if (side)
			buf_put_span(&diff->group_part, record_line_group_part(side->line));
	}
	diff->group.before += side && order <= 0;
	diff->group.after += side && order >= 0;
	return buf_check(&diff->group_part, fault);
}
