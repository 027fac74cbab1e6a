/* SPDX-License-Identifier: ISC */
/*
 * check_source: what is said of whole sources, and what can not be decided because a source
 * was not read completely.
 */
#include "check/check_parts.h"

#include <stdio.h>

/* A finding of a source: `id` is the part that it is about, check->says the words. */
static int source_add(struct check *check, struct check_source *source, int number,
                      enum severity severity, struct span id, struct fault *fault)
{
	if (buf_check(&check->says, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = number,
	                                   .severity = severity,
	                                   .source = source,
	                                   .id = id,
	                                   .label = source->name,
	                                   .says = buf_span(&check->says)},
	                 fault);
}

/* ---- population ---- */

static int source_add_gap(struct check *check, const struct check_gap *gap, struct fault *fault)
{
	buf_clear(&check->id);
	buf_puts(&check->id, "gap:");
	buf_put_span(&check->id, gap->scope);
	buf_clear(&check->says);
	buf_puts(&check->says, "not readable: ");
	buf_put_span(&check->says, gap->scope);
	if (gap->id.len) {
		buf_putc(&check->id, ':');
		buf_put_span(&check->id, gap->id);
		buf_puts(&check->says, " of ");
		check_put_name(&check->says, gap->id);
	}
	buf_puts(&check->says, ": ");
	buf_put_span(&check->says, gap->reason);
	if (buf_check(&check->id, fault) < 0)
		return -1;
	return source_add(check, check->sources[gap->source], CHECK_POPULATION, SEVERITY_HIGH,
	                  buf_span(&check->id), fault);
}

static int source_judge_count(struct check *check, struct check_source *source, const char *what,
                              uint64_t count, uint64_t least, uint64_t most, struct fault *fault)
{
	if (!check_settle(source, CHECK_POPULATION, answer_of(count < least || count > most)))
		return 0;
	buf_clear(&check->says);
	buf_putf(&check->says, "%llu %s, but the policy expects ", (unsigned long long)count, what);
	if (least == most)
		buf_putf(&check->says, "%llu", (unsigned long long)least);
	else
		buf_putf(&check->says, "%llu to %llu", (unsigned long long)least, (unsigned long long)most);
	return source_add(check, source, CHECK_POPULATION, SEVERITY_HIGH, span_of(what), fault);
}

static int source_judge_population(struct check *check, struct check_source *source,
                                   struct fault *fault)
{
	bool gap = false;

	buf_clear(&check->says);
	if (source->is_missing) {
		buf_puts(&check->says, "the policy names this source, and the snapshot does not have it");
		return source_add(check, source, CHECK_POPULATION, SEVERITY_HIGH, span_of("source"), fault);
	}
	for (size_t i = 0; i < check->gap_count; i++)
		if (check->gaps[i].source == source->index) {
			gap = true;
			if (source_add_gap(check, &check->gaps[i], fault) < 0)
				return -1;
		}
	if (!gap)
		check_settle(source, CHECK_POPULATION, answer_of(false));
	if (check_settle(source, CHECK_POPULATION, answer_of(source->selected))) {
		buf_clear(&check->says);
		buf_puts(&check->says, "only a selection: ");
		buf_put_span(&check->says, source->select);
		if (source_add(check, source, CHECK_POPULATION, SEVERITY_HIGH, span_of("select"), fault) <
		    0)
			return -1;
	}
	for (size_t i = 0; i < check->policy.expect_count; i++) {
		const struct policy_expect *expect = &check->policy.expects[i];

		if (!span_is(expect->source, source->name))
			continue;
		if ((expect->users.given &&
		     source_judge_count(check, source, "users", source->users, expect->users.least,
		                        expect->users.most, fault) < 0) ||
		    (expect->groups.given &&
		     source_judge_count(check, source, "groups", source->groups, expect->groups.least,
		                        expect->groups.most, fault) < 0))
			return -1;
	}
	return 0;
}

static int source_judge_age(struct check *check, struct check_source *source, struct fault *fault)
{
	long days = check->settings.values[SET_STALE_DAYS];
	struct answer answer = answer_unknown(UNKNOWN_NOT_SHOWN, 0);
	int64_t read = 0;

	if (when_seconds(source->fetched_at, &read))
		answer = answer_of(source->seconds - read > (int64_t)days * 86400);
	if (!check_settle(source, CHECK_STALE_SNAPSHOT, answer))
		return 0;
	buf_clear(&check->says);
	buf_putf(&check->says, "read %.10s, %lld days before %.10s", source->fetched_at.data,
	         (long long)((source->seconds - read) / 86400), source->as_of.data);
	return source_add(check, source, CHECK_STALE_SNAPSHOT, SEVERITY_MEDIUM, span_of("read"), fault);
}

static int source_judge_sign_off(struct check *check, struct check_source *source,
                                 struct fault *fault)
{
	struct span last = SPAN_EMPTY;
	struct answer answer = check_review_is_overdue(check, source, &last);

	if (!check_settle(source, CHECK_REVIEW_OVERDUE, answer))
		return 0;
	buf_clear(&check->says);
	buf_putf(&check->says, "signed off %.10s, more than %ld days before %.10s", last.data,
	         check->settings.values[SET_OVERDUE_DAYS], source->as_of.data);
	return source_add(check, source, CHECK_REVIEW_OVERDUE, SEVERITY_MEDIUM, span_of("sign-off"),
	                  fault);
}

/* ---- what gaps and selections hide ---- */

static void source_hide(struct check *check, struct check_source *source, int number, bool gap)
{
	if (!check_runs(check, number))
		return;
	source->answers[number].unknown[UNKNOWN_GAP] += gap;
	source->answers[number].unknown[UNKNOWN_SELECTED] += source->selected;
}

/* Are the accounts of the source no subjects of the check, for it is what they are held against? */
static bool source_is_measure(const struct check *check, const struct check_source *source,
                              int number)
{
	const struct policy *policy = &check->policy;

	return (number == CHECK_LEAVER && !check->options->roster &&
	        span_is(source->name, policy->roster)) ||
	       (number == CHECK_DISABLED_ELSEWHERE && span_is(source->name, policy->authority)) ||
	       (number == CHECK_NOT_IN_IDP && span_is(source->name, policy->idp));
}

/* Does the policy name a privileged group that the source may have? */
static bool source_has_privileged_ref(const struct check *check, const struct check_source *source)
{
	for (size_t i = 0; i < check->policy.privileged_count; i++) {
		const struct policy_ref *ref = &check->policy.privileged[i];

		if (!ref->is_role && (!ref->source.len || span_is(ref->source, source->name)))
			return true;
	}
	return false;
}

static void source_hide_subjects(struct check *check, struct check_source *source)
{
	static const int accounts[] = {
		CHECK_DORMANT,
		CHECK_NEVER_SIGNED_IN,
		CHECK_DISABLED_WITH_ACCESS,
		CHECK_PRIVILEGED_UNNAMED,
		CHECK_EXTERNAL,
		CHECK_SHARED_NAME,
		CHECK_DUPLICATE,
		CHECK_SERVICE_OWNER,
		CHECK_LEAVER,
		CHECK_DISABLED_ELSEWHERE,
		CHECK_NOT_IN_IDP,
	};
	bool members = source->gaps.groups || source->gaps.members;

	for (size_t i = 0; i < sizeof accounts / sizeof *accounts; i++)
		if (!source_is_measure(check, source, accounts[i]))
			source_hide(check, source, accounts[i], source->gaps.users);
	for (size_t i = 0; i < check->gap_count; i++)
		members |= check->gaps[i].source == source->index && check->gaps[i].id.len;
	source_hide(check, source, CHECK_ORPHAN_MEMBER, members);
	source_hide(check, source, CHECK_CONFLICT, members || source->gaps.users);
	source_hide(check, source, CHECK_NEW_ACCESS, members || source->gaps.users);
	source_hide(check, source, CHECK_EMPTY_GROUP, source->gaps.groups);
	source_hide(check, source, CHECK_DEEP_GROUP, source->gaps.groups);
	source_hide(check, source, CHECK_CYCLE, source->gaps.groups);
	if (source_has_privileged_ref(check, source))
		source_hide(check, source, CHECK_PRIVILEGED_COUNT, source->gaps.groups);
	source_hide(check, source, CHECK_PRIVILEGED,
	            (source->blind_privileged.is == ANSWER_UNKNOWN &&
	             source->blind_privileged.why == UNKNOWN_GAP) ||
	                (source->gaps.users && check->policy.has_privileged_roles));
	for (size_t rule = CHECKS; rule < check->check_count; rule++)
		source_hide(check, source, (int)rule, source->gaps.users || members);
}

/* A group or role that the policy names and no source has: nobody knows who is in it. */
static void source_miss_ref(struct check *check, const struct policy_ref *ref, const int *numbers,
                            size_t count)
{
	for (size_t i = 0; i < check->source_count; i++) {
		struct check_source *source = check->sources[i];
		enum unknown_why why = UNKNOWN_NOT_MATCHED;

		if (ref->source.len ? !span_is(ref->source, source->name) : source->is_missing)
			continue;
		if (source->selected)
			why = UNKNOWN_SELECTED;
		if (ref->is_role ? source->gaps.users : source->gaps.groups)
			why = UNKNOWN_GAP;
		for (size_t number = 0; number < count; number++)
			if (check_runs(check, numbers[number]))
				source->answers[numbers[number]].unknown[why]++;
	}
}

static void source_miss_refs(struct check *check)
{
	static const int privileged[] = {CHECK_PRIVILEGED, CHECK_PRIVILEGED_UNNAMED,
	                                 CHECK_PRIVILEGED_COUNT};
	static const int conflict[] = {CHECK_CONFLICT};
	const struct policy *policy = &check->policy;

	for (size_t i = 0; i < policy->privileged_count; i++)
		if (!policy->privileged[i].matched)
			source_miss_ref(check, &policy->privileged[i], privileged,
			                policy->privileged[i].is_role ? 2 : 3);
	for (size_t i = 0; i < 2 * policy->conflict_count; i++)
		if (!policy->conflicts[i / 2].groups[i % 2].matched)
			source_miss_ref(check, &policy->conflicts[i / 2].groups[i % 2], conflict, 1);
}

/* ---- exceptions that accept what is not known ---- */

static void source_accept(struct check *check)
{
	for (size_t i = 0; i < check->policy.exception_count; i++) {
		struct policy_exception *exception = &check->policy.exceptions[i];
		struct check_source *source = check_find_source(check, exception->source);

		if (!exception->accepts_unknown || !source)
			continue;
		exception->matched = answers_unknown(&source->answers[exception->number]);
		source->accepted[exception->number] |= !exception->ran_out;
	}
}

int check_judge_sources(struct check *check, struct fault *fault)
{
	for (size_t i = 0; i < check->source_count; i++) {
		struct check_source *source = check->sources[i];

		if (check_runs(check, CHECK_POPULATION) && source->is_wanted >= source->is_missing &&
		    source_judge_population(check, source, fault) < 0)
			return -1;
		if (source->is_missing)
			continue;
		if (check_runs(check, CHECK_STALE_SNAPSHOT) && source_judge_age(check, source, fault) < 0)
			return -1;
		if (check_runs(check, CHECK_REVIEW_OVERDUE) &&
		    source_judge_sign_off(check, source, fault) < 0)
			return -1;
		source_hide_subjects(check, source);
	}
	source_miss_refs(check);
	source_accept(check);
	return 0;
}
