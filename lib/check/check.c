/* SPDX-License-Identifier: ISC */
/*
 * check: which checks run, the sources, and one pass over the snapshot.
 */
#include "check/check_parts.h"

#include "access/sight.h"
#include "base/array.h"
#include "base/inert.h"
#include "base/near.h"
#include "base/option.h"

#include <stdlib.h>

const char *const check_format_names[CHECK_FORMATS] = {"text", "ndjson"};

/* ---- which checks run ---- */

static unsigned check_given(const struct check *check)
{
	const struct check_options *options = check->options;
	const struct policy *policy = &check->policy;
	unsigned given = 0;

	given |= options->as_of ? NEED_AS_OF : 0;
	given |= policy->privileged_count ? NEED_PRIVILEGED : 0;
	given |= policy->domain_count ? NEED_DOMAINS : 0;
	given |= options->roster || policy->roster.len ? NEED_ROSTER : 0;
	given |= options->before ? NEED_BEFORE : 0;
	given |= options->decisions ? NEED_DECISIONS : 0;
	given |= policy->authority.len ? NEED_AUTHORITY : 0;
	given |= policy->idp.len ? NEED_IDP : 0;
	given |= policy->conflict_count ? NEED_CONFLICTS : 0;
	return given;
}

static int check_refuse_name(const struct check *check, struct span name, struct fault *fault)
{
	struct near near = near_to(name);

	fault_set(fault, FAULT_USAGE, "--check: there is no check '%s'; there are", INERT(name));
	for (size_t i = 0; i < check->check_count; i++)
		fault_hint(fault, "%s %s", i ? "," : "", INERT(policy_check_name(&check->policy, (int)i)));
	for (size_t i = 0; i < CHECKS; i++)
		near_try(&near, check_table[i].name);
	return near_hint(&near, "", fault);
}

static int check_choose(struct check *check, struct fault *fault)
{
	const char *rest = check->options->checks;
	unsigned given = check_given(check);

	check->check_count = CHECKS + check->policy.rule_count;
	check->runs = calloc(check->check_count, sizeof *check->runs);
	if (!check->runs)
		return fault_memory(fault);
	check->by_name = rest != NULL;
	for (size_t i = 0; !rest && i < check->check_count; i++)
		check->runs[i] = i >= CHECKS || !(check_table[i].needs & ~given);
	while (rest) {
		struct span name = option_take_word(&rest);
		int number = policy_find_check(&check->policy, name);
		struct buf needs = {0};

		if (number < 0)
			return check_refuse_name(check, name, fault);
		check->runs[number] = true;
		if (number >= CHECKS || !(check_table[number].needs & ~given))
			continue;
		check_table_put_needs(&needs, check_table[number].needs & ~given);
		fault_set(fault, FAULT_USAGE, "--check: %s needs %s", check_table[number].name,
		          buf_text(&needs));
		buf_release(&needs);
		return -1;
	}
	return 0;
}

/* Options go before the policy. */
static int check_take_settings(struct check *check, struct fault *fault)
{
	char text[SETTING_TEXT_MAX];

	check->settings = check->options->settings;
	for (int i = 0; i < SETTINGS; i++)
		if (!check->settings.given[i] && check->policy.settings.given[i])
			check->settings.values[i] = check->policy.settings.values[i];
	return setting_is_range(&check->settings, text)
	           ? 0
	           : fault_set(fault, FAULT_USAGE, "--set: %s", text);
}

/* ---- the pass ---- */

static int check_take_gap(void *context, const struct record *gap, struct fault *fault)
{
	struct check *check = context;
	struct check_gap *gaps;
	struct span scope = record_text(gap, GAP_SCOPE), id = record_text(gap, GAP_ID);
	struct check_source *source;

	if (check_take_source(check, check->access.reader.line, fault) < 0)
		return -1;
	source = check->source;
	gaps_take(&source->gaps, gap);
	if (check->sight && sight_take_gap(check->sight, gap, fault) < 0)
		return -1;
	gaps = array_grow(check->gaps, check->gap_count, &check->gap_cap, sizeof *gaps, fault);
	if (!gaps)
		return -1;
	check->gaps = gaps;
	gaps[check->gap_count] = (struct check_gap){
		.source = source->index,
		.scope = arena_copy(&check->texts, scope),
		.id = arena_copy(&check->texts, id),
		.reason = arena_copy(&check->texts, record_text(gap, GAP_REASON)),
	};
	if (!gaps[check->gap_count].scope.data || !gaps[check->gap_count].id.data ||
	    !gaps[check->gap_count].reason.data)
		return fault_memory(fault);
	check->gap_count++;
	return 0;
}

static int check_take_group(void *context, const struct record *group, struct fault *fault)
{
	struct check *check = context;

	(void)group;
	if (check_take_source(check, check->access.reader.line, fault) < 0)
		return -1;
	check->source->groups++;
	check->source->has_groups = true;
	return 0;
}

static int check_take_nesting(void *context, struct fault *fault)
{
	struct check *check = context;

	if (check_close_groups(check, fault) < 0)
		return -1;
	if (check->review && check_mark_nested(check, fault) < 0)
		return -1;
	return check->before ? check_sort_memberships(check, fault) : 0;
}

static int check_take_end(void *context, struct fault *fault)
{
	struct check *check = context;

	if (check_begin(check, fault) < 0 || (check->before && check_finish_before(check, fault) < 0))
		return -1;
	memcpy(check->sha256, check->access.reader.sha256, sizeof check->sha256);
	return check_judge_groups(check, fault);
}

int check_read(struct check *check, const char *path, struct fault *fault)
{
	if (check->options->baseline && check_read_baseline(check, fault) < 0)
		return -1;
	if (check->options->decisions && check_open_review(check, fault) < 0)
		return -1;
	if (check->options->before) {
		check->access.each_membership = check_take_membership;
		if (check_open_before(check, fault) < 0)
			return -1;
	}
	if (check->options->roster && check_read_roster(check, fault) < 0)
		return -1;
	if (access_read(&check->access, path, fault) < 0 || check_judge_addresses(check, fault) < 0 ||
	    (check_wants_persons(check) && check_judge_persons(check, fault) < 0) ||
	    check_judge_review(check, fault) < 0 || check_judge_rules(check, fault) < 0 ||
	    check_judge_sources(check, fault) < 0)
		return -1;
	if (check->baseline && check_judge_baseline(check, fault) < 0)
		return -1;
	return sorter_sort(check->lines, fault);
}

/* ---- begin and end ---- */

int check_open(struct check *check, const struct check_options *options, struct fault *fault)
{
	*check = (struct check){.options = options};
	check->access.context = check;
	check->access.each_gap = check_take_gap;
	check->access.each_group = check_take_group;
	check->access.each_nesting = check_take_nesting;
	check->access.each_subject = check_take_subject;
	check->access.each_end = check_take_end;
	check->access.memory = options->memory / 4;
	if (options->policy && policy_read(&check->policy, options->policy, fault) < 0)
		return -1;
	if (check_take_settings(check, fault) < 0 || check_choose(check, fault) < 0 ||
	    check_index_exceptions(check, fault) < 0)
		return -1;
	if (check_open_rules(check, fault) < 0)
		return -1;
	check->wants_persons = check_rules_want_person(check);
	check->keep_finding = check->rules ? check_keep_rule_finding : NULL;
	check->lines = sorter_open(options->memory / 4, fault);
	if (!check->lines)
		return -1;
	check->addresses = sorter_open(options->memory / 4, fault);
	check->unmatched = calloc(2 * check->policy.conflict_count + 1, sizeof *check->unmatched);
	if (!check->unmatched)
		return fault_memory(fault);
	if (!check->addresses || persons_open(&check->persons, options->memory / 4, fault) < 0)
		return -1;
	if (!check->policy.persons || persons_give(&check->persons, check->policy.persons, fault) == 0)
		return 0;
	fault->kind = fault->kind == FAULT_DATA ? FAULT_CONFIG : fault->kind;
	return fault_prefix(fault, "%s: ", INERT(span_of(options->policy)));
}

void check_release(struct check *check)
{
	struct buf *const texts[] = {&check->source_json, &check->begin, &check->id,   &check->label,
	                             &check->says,        &check->via,   &check->line, &check->key,
	                             &check->what,        &check->group};

	access_release(&check->access);
	policy_release(&check->policy);
	for (size_t i = 0; i < check->source_count; i++) {
		free(check->sources[i]->answers);
		free(check->sources[i]->accepted);
		free(check->sources[i]);
	}
	free(check->sources);
	free(check->gaps);
	free(check->runs);
	free(check->marks);
	free(check->flags);
	free(check->members);
	free(check->direct_members);
	free(check->unmatched);
	persons_release(&check->persons);
	check_close_before(check);
	check_close_review(check);
	check_close_rules(check);
	sorter_close(check->lines);
	sorter_close(check->addresses);
	sorter_close(check->baseline);
	set_release(&check->exceptions);
	set_release(&check->anew);
	json_reader_release(&check->json);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		buf_release(texts[i]);
	arena_release(&check->texts);
}

int check_status(const struct check *check)
{
	bool incomplete = false, found = false;

	for (size_t i = 0; i < check->source_count; i++) {
		const struct check_source *source = check->sources[i];

		incomplete |= source->answers[CHECK_POPULATION].found > 0;
		for (size_t number = 0; number < check->check_count; number++)
			incomplete |= (check->by_name || check->options->strict) &&
			              answers_unknown(&source->answers[number]) && !source->accepted[number];
	}
	for (int severity = check->options->fail_on; severity < SEVERITIES; severity++)
		found |= check->found[severity] > 0;
	return incomplete ? 3 : found;
}

int check_write(struct check *check, int format, bool color, struct out *out, struct fault *fault)
{
	return format == CHECK_TEXT ? check_put_text(check, color, out, fault)
	                            : check_put_stream(check, out, fault);
}
