/* SPDX-License-Identifier: ISC */
/*
 * diff_limit: how much is gone, of each source and kind, and of each group. A
 * directory that forgot looks just like one that was cleaned up, so it is the
 * share that makes one ask.
 */
#include "diff/diff_parts.h"

#include "base/inert.h"

#include <stdio.h>

bool diff_is_too_much(const struct diff_options *options, const struct tally *tally, uint64_t least,
                      uint64_t *most)
{
	*most = limit_of(&options->max_removed, tally->before);
	if (options->max_removed.is_percent && options->removed_least && *most < least)
		*most = least;
	return tally->removed > *most;
}

bool diff_is_group_asked(const struct diff_options *options, const struct tally *members,
                         uint64_t *most)
{
	uint64_t least = members->after ? options->removed_least : 1;

	return (!members->after || options->match) && diff_is_too_much(options, members, least, most);
}

static bool is_removal(const struct change *change)
{
	return change->event == USER_REMOVED || change->event == GROUP_REMOVED ||
	       change->event == MEMBERSHIP_REMOVED;
}

static void count_removed(struct diff *diff)
{
	for (size_t i = 0; i < diff->changes->count; i++) {
		const struct change *change = &diff->changes->list[i];
		struct span source = record_line_source(change->line);

		if (!is_removal(change) || change->moved)
			continue;
		for (size_t j = 0; j < diff->tally_count; j++)
			if (diff->tallies[j].kind == change->kind && span_is(diff->tallies[j].source, source))
				diff->tallies[j].removed++;
	}
}

/* What a recreated group or member took along is not lost. Both lists stand in the order
   of the lines. */
static void count_moved(struct diff *diff)
{
	size_t at = 0;

	for (size_t i = 0; i < diff->changes->count && at < diff->lost_count; i++) {
		const struct change *change = &diff->changes->list[i];
		struct tally *members;

		if (!change->moved)
			continue;
		while (at < diff->lost_count && !span_begins(change->line, diff->lost[at].part) &&
		       span_compare(diff->lost[at].part, change->line) < 0)
			at++;
		if (at == diff->lost_count || !span_begins(change->line, diff->lost[at].part))
			continue;
		members = &diff->lost[at].members;
		members->removed--;
		members->after++;
	}
}

/* Does --only ask for the removals of this kind? */
static bool is_asked(const struct diff_options *options, enum record_kind kind)
{
	enum change_event event = kind == RECORD_USER    ? USER_REMOVED
	                          : kind == RECORD_GROUP ? GROUP_REMOVED
	                                                 : MEMBERSHIP_REMOVED;

	return !options->only || (options->only & 1U << event);
}

static void refuse_to_confirm(struct diff *diff, const struct tally *tally, uint64_t most,
                              const char *what)
{
	snprintf(diff->changes->unconfirmed, sizeof diff->changes->unconfirmed,
	         "%llu of %llu %.140s are gone, more than --max-removed allows (%llu)",
	         (unsigned long long)tally->removed, (unsigned long long)tally->before, what,
	         (unsigned long long)most);
}

static void judge_sources(struct diff *diff, struct buf *what)
{
	uint64_t most;

	for (size_t i = 0; i < diff->tally_count && !*diff->changes->unconfirmed; i++) {
		const struct tally *tally = &diff->tallies[i];

		if (!is_asked(diff->options, tally->kind) ||
		    !diff_is_too_much(diff->options, tally, diff->options->removed_least, &most))
			continue;
		buf_clear(what);
		buf_puts(what, record_words[tally->kind].count);
		buf_puts(what, " of ");
		buf_put_span(what, tally->source);
		refuse_to_confirm(diff, tally, most, INERT(buf_span(what)));
	}
}

static void judge_groups(struct diff *diff, struct buf *what)
{
	uint64_t most;

	if (!is_asked(diff->options, RECORD_MEMBERSHIP))
		return;
	for (size_t i = 0; i < diff->lost_count && !*diff->changes->unconfirmed; i++) {
		const struct tally *members = &diff->lost[i].members;
		struct buf key = {0};

		if (!diff_is_group_asked(diff->options, members, &most))
			continue;
		record_put_end_key(&key, diff->lost[i].part, MEMBERSHIP_GROUP_ID, RECORD_GROUP);
		buf_clear(what);
		buf_puts(what, "members of ");
		labels_put_key(&diff->changes->labels, buf_span(&key), what);
		refuse_to_confirm(diff, members, most, INERT(buf_span(what)));
		buf_release(&key);
	}
}

int diff_limit(struct diff *diff, struct fault *fault)
{
	struct buf what = {0};
	int result;

	count_removed(diff);
	count_moved(diff);
	judge_sources(diff, &what);
	judge_groups(diff, &what);
	result = buf_check(&what, fault);
	buf_release(&what);
	return result;
}
