/* SPDX-License-Identifier: ISC */
/*
 * diff_unnamed: a membership of somebody who is not in the snapshot is no user's
 * who is: it takes nothing from what is known, and is never refused.
 */
#include "diff/diff_unnamed.h"

#include "base/inert.h"

static const struct {
	const char *scope, *what;
	bool refused; /* unless allowed: they would be reported as removed or added */
} unnamed_words[UNNAMED_KINDS] = {
	[UNNAMED_USERS] = {"unnamed_users", "users without a user_name", true},
	[UNNAMED_GROUPS] = {"unnamed_groups", "groups without a name", true},
	[UNNAMED_MEMBERS] = {"unnamed_members",
                         "memberships whose group or member is not in this snapshot by name",
                         false},
};

void unnamed_release(struct unnamed *unnamed)
{
	for (int kind = 0; kind < UNNAMED_KINDS; kind++)
		buf_release(&unnamed->of[kind].first);
}

int unnamed_add(struct unnamed *unnamed, enum unnamed_kind kind, struct span first,
                struct fault *fault)
{
	if (!unnamed->of[kind].count++)
		buf_put_span(&unnamed->of[kind].first, first);
	return buf_check(&unnamed->of[kind].first, fault);
}

static int refuse_unnamed(const struct unnamed *unnamed, int kind, const struct diff_side *side,
                          struct fault *fault)
{
	return fault_set(fault, FAULT_DATA,
	                 "%s: %s: %llu, the first: '%s'; without a name they have no match, and "
	                 "would be reported as removed or added (--allow-unnamed leaves them out)",
	                 INERT(snapshot_reader_name(&side->reader)), unnamed_words[kind].what,
	                 (unsigned long long)unnamed->of[kind].count,
	                 INERT(buf_span(&unnamed->of[kind].first)));
}

static int report_unnamed(const struct unnamed *unnamed, int kind, struct diff *diff,
                          struct blind_spot spot, struct fault *fault)
{
	struct buf reason = {0};
	int result;

	buf_putf(&reason, "%s: %llu, the first: ", unnamed_words[kind].what,
	         (unsigned long long)unnamed->of[kind].count);
	buf_put_span(&reason, buf_span(&unnamed->of[kind].first));
	spot.scope = span_of(unnamed_words[kind].scope);
	spot.count = unnamed->of[kind].count;
	spot.reason = buf_span(&reason);
	result = buf_check(&reason, fault) < 0 ? -1 : diff_add_blind_spot(diff, spot, fault);
	buf_release(&reason);
	return result;
}

int unnamed_finish(const struct unnamed *unnamed, struct diff *diff, const struct diff_side *side,
                   bool newer, struct span source, struct fault *fault)
{
	const struct blind_spot spot = {
		.source = source,
		.id = SPAN_EMPTY,
		.own_source = diff_side_compared_source(side),
		.own_id = SPAN_EMPTY,
		.before = !newer,
		.after = newer,
	};

	for (int kind = 0; kind < UNNAMED_KINDS; kind++)
		if (unnamed->of[kind].count && unnamed_words[kind].refused && !diff->options->allow_unnamed)
			return refuse_unnamed(unnamed, kind, side, fault);
	for (int kind = 0; kind < UNNAMED_KINDS; kind++)
		if (unnamed->of[kind].count && report_unnamed(unnamed, kind, diff, spot, fault) < 0)
			return -1;
	return 0;
}
