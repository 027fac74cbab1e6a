/* SPDX-License-Identifier: ISC */
/*
 * check_group: what the policy says of groups, and what is found of groups themselves.
 */
#include "check/check_parts.h"

#include "base/array.h"

#include <stdlib.h>

/* ---- what the policy says ---- */

/* Is this the group that the policy names, by its name or its id? */
static bool group_is_ref(struct check *check, const struct policy_ref *ref,
                         const struct nested_group *group)
{
	if (ref->is_role || (ref->source.len && !span_is(ref->source, check->source->name)))
		return false;
	if (span_is_nocase(group->name, ref->name) && group->name.len)
		return true;
	buf_clear(&check->id);
	access_put_id(&check->id, group->key);
	return span_is(buf_span(&check->id), ref->name);
}

static int group_mark(struct check *check, struct check_mark mark, struct fault *fault)
{
	struct check_mark *marks =
		array_grow(check->marks, check->mark_count, &check->mark_cap, sizeof *marks, fault);

	if (!marks)
		return -1;
	check->marks = marks;
	marks[check->mark_count++] = mark;
	check->flags[mark.place] |= mark.is_privileged ? GROUP_PRIVILEGED : GROUP_MARKED;
	return 0;
}

/* Marks a group by all that the policy says of it. */
static int group_take_refs(struct check *check, uint32_t place, struct fault *fault)
{
	const struct nested_group *group = &check->access.nesting.groups[place];
	struct policy *policy = &check->policy;

	for (size_t i = 0; i < policy->privileged_count; i++) {
		struct policy_ref *ref = &policy->privileged[i];

		if (!group_is_ref(check, ref, group))
			continue;
		ref->matched = true;
		if (!(check->flags[place] & GROUP_PRIVILEGED) &&
		    group_mark(check,
		               (struct check_mark){.place = place, .ref = ref, .is_privileged = true},
		               fault) < 0)
			return -1;
	}
	for (size_t i = 0; i < 2 * policy->conflict_count; i++) {
		struct policy_ref *ref = &policy->conflicts[i / 2].groups[i % 2];

		if (!group_is_ref(check, ref, group))
			continue;
		ref->matched = true;
		if (group_mark(check,
		               (struct check_mark){.place = place,
		                                   .ref = ref,
		                                   .conflict = (uint32_t)(i / 2),
		                                   .side = (uint32_t)(i % 2)},
		               fault) < 0)
			return -1;
	}
	return 0;
}

/* ---- what can not be seen ---- */

/* Does a member of the group at `place` become one of a privileged group? */
static bool group_gives_privilege(struct check *check, uint32_t place)
{
	size_t count;
	const struct reached *reached = nesting_reach(&check->access.nesting, &place, 1, &count);

	for (size_t i = 0; i < count; i++)
		if (check->flags[reached[i].group] & GROUP_PRIVILEGED)
			return true;
	return false;
}

/* The place of the group of a gap; -1 where no record names it. */
static int64_t group_of_gap(struct check *check, const struct check_gap *gap)
{
	struct set_entry *entry;

	buf_clear(&check->key);
	record_put_text_key(&check->key, RECORD_GROUP, check->sources[gap->source]->name, gap->id);
	entry = set_find(&check->access.nesting.places, buf_span(&check->key));
	return entry ? (int64_t)entry->value - 1 : -1;
}

static void group_blind_sources(struct check *check)
{
	for (size_t i = 0; i < check->source_count; i++) {
		struct check_source *source = check->sources[i];

		source->blind_access = answer_of(false);
		if (!source->has_groups)
			source->blind_access = answer_unknown(UNKNOWN_NOT_SHOWN, MISSING_GROUPS);
		if (source->selected)
			source->blind_access = answer_unknown(UNKNOWN_SELECTED, 0);
		if (source->gaps.groups || source->gaps.members)
			source->blind_access = answer_unknown(UNKNOWN_GAP, 0);
		source->blind_privileged = source->blind_access;
		if (source->blind_access.why == UNKNOWN_NOT_SHOWN)
			source->blind_privileged = answer_of(false); /* no group is a privileged one */
	}
	for (size_t i = 0; i < check->gap_count; i++) {
		struct check_source *source = check->sources[check->gaps[i].source];
		int64_t place;

		if (!check->gaps[i].id.len)
			continue;
		source->blind_access = answer_unknown(UNKNOWN_GAP, 0);
		place = group_of_gap(check, &check->gaps[i]);
		if (place >= 0)
			check->flags[place] |= GROUP_HIDDEN;
		if (place < 0 || (check->flags[place] & GROUP_GIVES))
			source->blind_privileged = answer_unknown(UNKNOWN_GAP, 0);
	}
}

int check_close_groups(struct check *check, struct fault *fault)
{
	struct nesting *nesting = &check->access.nesting;

	if (check_begin(check, fault) < 0)
		return -1;
	check->flags = calloc(nesting->count + 1, sizeof *check->flags);
	check->members = calloc(nesting->count + 1, sizeof *check->members);
	check->direct_members = calloc(nesting->count + 1, sizeof *check->direct_members);
	if (!check->flags || !check->members || !check->direct_members)
		return fault_memory(fault);
	for (size_t place = 0; place < nesting->count; place++)
		if (check_take_source(check, nesting->groups[place].key, fault) < 0 ||
		    group_take_refs(check, (uint32_t)place, fault) < 0)
			return -1;
	for (size_t place = 0; check->policy.privileged_count && place < nesting->count; place++)
		if (group_gives_privilege(check, (uint32_t)place))
			check->flags[place] |= GROUP_GIVES;
	group_blind_sources(check);
	return buf_check(&check->key, fault) < 0 ? -1 : buf_check(&check->id, fault);
}

/* ---- groups themselves ---- */

/* Is the group one whose members could not be read? */
static struct answer group_members_hidden(struct check *check, uint32_t place)
{
	const struct check_source *source = check->source;

	if (source->gaps.groups || source->gaps.members || (check->flags[place] & GROUP_HIDDEN))
		return answer_unknown(UNKNOWN_GAP, 0);
	return source->selected ? answer_unknown(UNKNOWN_SELECTED, 0) : answer_of(false);
}

/* A finding of the group at `place`, with check->says. 0 or -1. */
static int group_add(struct check *check, int number, enum severity severity, uint32_t place,
                     struct span via, struct fault *fault)
{
	buf_clear(&check->id);
	access_put_id(&check->id, check->access.nesting.groups[place].key);
	buf_clear(&check->label);
	access_put_group(&check->label, &check->access.nesting, place);
	if (buf_check(&check->id, fault) < 0 || buf_check(&check->label, fault) < 0 ||
	    buf_check(&check->says, fault) < 0 || buf_check(&check->via, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = number,
	                                   .severity = severity,
	                                   .source = check->source,
	                                   .id = buf_span(&check->id),
	                                   .label = buf_span(&check->label),
	                                   .says = buf_span(&check->says),
	                                   .via = via},
	                 fault);
}

static int group_judge_empty(struct check *check, uint32_t place, struct answer hidden,
                             struct fault *fault)
{
	struct answer empty = answer_of(check->direct_members[place] == 0);

	if (!check_runs(check, CHECK_EMPTY_GROUP) ||
	    !check_settle(check->source, CHECK_EMPTY_GROUP, answer_and(empty, answer_not(hidden))))
		return 0;
	buf_clear(&check->says);
	buf_puts(&check->says, "no member");
	return group_add(check, CHECK_EMPTY_GROUP, SEVERITY_INFO, place, span_of(""), fault);
}

/* The path from the group to one that it stands in, or back to itself. */
static void group_put_path(struct check *check, const struct reached *reached, size_t at)
{
	buf_clear(&check->via);
	access_put_path(&check->via, &check->access.nesting, reached, at);
}

static int group_judge_depth(struct check *check, uint32_t place, const struct reached *reached,
                             size_t count, struct fault *fault)
{
	long most = check->settings.values[SET_DEEP_LEVELS];
	size_t deepest = 0;

	for (size_t i = 1; i < count; i++)
		if (reached[i].level > reached[deepest].level)
			deepest = i;
	if (!check_runs(check, CHECK_DEEP_GROUP) ||
	    !check_settle(check->source, CHECK_DEEP_GROUP,
	                  answer_or(answer_of(reached[deepest].level > (uint64_t)most),
	                            check->source->blind_access)))
		return 0;
	buf_clear(&check->says);
	buf_putf(&check->says, "%u levels below ", (unsigned)reached[deepest].level);
	check_put_group(check, reached[deepest].group);
	group_put_path(check, reached, deepest);
	return group_add(check, CHECK_DEEP_GROUP, SEVERITY_LOW, place, buf_span(&check->via), fault);
}

/* The first group that was reached and is a member of the one at `place`; `count` where
   there is none. */
static size_t group_find_circle(const struct nesting *nesting, uint32_t place,
                                const struct reached *reached, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t inner = reached[i].group;

		for (size_t at = nesting->first[inner]; at < nesting->first[inner + 1]; at++)
			if (nesting->arrows[at].outer == place)
				return i;
	}
	return count;
}

static int group_judge_circle(struct check *check, uint32_t place, const struct reached *reached,
                              size_t count, struct fault *fault)
{
	const struct nesting *nesting = &check->access.nesting;
	size_t at = group_find_circle(nesting, place, reached, count);

	if (!check_runs(check, CHECK_CYCLE) ||
	    !check_settle(check->source, CHECK_CYCLE,
	                  answer_or(answer_of(at < count), check->source->blind_access)))
		return 0;
	buf_clear(&check->says);
	buf_puts(&check->says, reached[at].level ? "is a member of itself through other groups"
	                                         : "is a member of itself");
	group_put_path(check, reached, at);
	buf_puts(&check->via, " < ");
	access_put_group(&check->via, nesting, place);
	return group_add(check, CHECK_CYCLE, SEVERITY_LOW, place, buf_span(&check->via), fault);
}

static int group_judge_count(struct check *check, uint32_t place, struct fault *fault)
{
	const struct check_members *members = &check->members[place];
	uint64_t least = (uint64_t)check->settings.values[SET_PRIVILEGED_LEAST];
	uint64_t most = (uint64_t)check->settings.values[SET_PRIVILEGED_MOST];
	struct answer blind = check->source->blind_privileged;
	bool any_number = blind.is == ANSWER_UNKNOWN;
	bool few = !any_number && members->people + members->perhaps < least;
	bool many = members->people > most;
	bool in_order =
		members->people >= least && !any_number && members->people + members->perhaps <= most;
	struct answer answer = answer_of(few || many);

	if (!check_runs(check, CHECK_PRIVILEGED_COUNT) || !(check->flags[place] & GROUP_PRIVILEGED))
		return 0;
	if (!few && !many && !in_order)
		answer = any_number ? blind : answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_STATUS));
	if (!check_settle(check->source, CHECK_PRIVILEGED_COUNT, answer))
		return 0;
	buf_clear(&check->says);
	buf_putf(&check->says, "%llu enabled people, %s than %llu", (unsigned long long)members->people,
	         few ? "fewer" : "more", (unsigned long long)(few ? least : most));
	return group_add(check, CHECK_PRIVILEGED_COUNT, SEVERITY_MEDIUM, place, span_of(""), fault);
}

/* A group that only memberships name: those that it stands in were judged with its
   members. */
static int group_judge_unlisted(struct check *check, uint32_t place, struct fault *fault)
{
	struct answer answer = answer_of(true);
	uint64_t count = check->direct_members[place];

	if (!check_runs(check, CHECK_ORPHAN_MEMBER) || !count)
		return 0;
	if (check->source->selected)
		answer = answer_unknown(UNKNOWN_SELECTED, 0);
	if (check->source->gaps.groups)
		answer = answer_unknown(UNKNOWN_GAP, 0);
	if (!check_settle(check->source, CHECK_ORPHAN_MEMBER, answer))
		return 0;
	buf_clear(&check->says);
	buf_putf(&check->says, "a group with %llu member%s that is in no list of groups",
	         (unsigned long long)count, count == 1 ? "" : "s");
	return group_add(check, CHECK_ORPHAN_MEMBER, SEVERITY_HIGH, place, span_of(""), fault);
}

int check_judge_groups(struct check *check, struct fault *fault)
{
	struct nesting *nesting = &check->access.nesting;

	for (size_t i = 0; i < nesting->arrow_count; i++) {
		if (check_take_source(check, nesting->groups[nesting->arrows[i].inner].key, fault) < 0)
			return -1;
		check->direct_members[nesting->arrows[i].outer]++;
		if (nesting->groups[nesting->arrows[i].inner].is_listed &&
		    check_runs(check, CHECK_ORPHAN_MEMBER))
			check->source->answers[CHECK_ORPHAN_MEMBER].ok++;
	}
	for (size_t i = 0; i < nesting->count; i++) {
		uint32_t place = (uint32_t)i;
		const struct reached *reached;
		struct answer hidden;
		size_t count;

		if (check_take_source(check, nesting->groups[place].key, fault) < 0)
			return -1;
		if (group_judge_count(check, place, fault) < 0)
			return -1;
		if (!nesting->groups[place].is_listed) {
			if (group_judge_unlisted(check, place, fault) < 0)
				return -1;
			continue;
		}
		hidden = group_members_hidden(check, place);
		if (group_judge_empty(check, place, hidden, fault) < 0)
			return -1;
		reached = nesting_reach(nesting, &place, 1, &count);
		if (group_judge_depth(check, place, reached, count, fault) < 0 ||
		    group_judge_circle(check, place, reached, count, fault) < 0)
			return -1;
	}
	return 0;
}
