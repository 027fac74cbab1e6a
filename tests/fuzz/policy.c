/* SPDX-License-Identifier: ISC */
/*
 * policy: a policy file. What is taken names checks that there are, has settings between
 * their bounds and exceptions with reason, person and day; what is refused says where.
 */
#include "access/persons.h"
#include "base/ceiling.h"
#include "base/when.h"
#include "check/policy.h"
#include "fuzz.h"

#include <string.h>

static void must_have_rules(const struct policy *policy)
{
	for (size_t i = 0; i < policy->rule_count; i++) {
		must(policy->rules[i].name.len > 0, "a rule has a name");
		must(check_table_find(policy->rules[i].name) == CHECKS, "a rule is no check");
		must(policy_find_check(policy, policy->rules[i].name) == CHECKS + (int)i,
		     "a rule is found by its name");
		must(policy->rules[i].severity < SEVERITIES, "a rule has a severity");
	}
}

static void must_have_exceptions(const struct policy *policy, bool dated)
{
	for (size_t i = 0; i < policy->exception_count; i++) {
		const struct policy_exception *exception = &policy->exceptions[i];

		must(span_is(policy_check_name(policy, exception->number), exception->check),
		     "an exception is of a check or a rule that there is");
		must(exception->reason.data && exception->by.data && exception->until.len == 10,
		     "an exception has a reason, a person and a day");
		must(exception->accepts_unknown || exception->id.data, "an exception has an id");
		must(exception->line > 0, "an exception stands in a line");
		must(!dated || exception->ran_out ||
		         (exception->days_left >= 0 && exception->days_left <= EXCEPTION_DAYS_MAX),
		     "an exception ends in a year");
	}
}

static void must_keep(struct policy *policy)
{
	struct persons persons = {0};
	struct fault fault = {0};

	for (int i = 0; i < SETTINGS; i++)
		must(policy->settings.values[i] >= setting_rows[i].least &&
		         policy->settings.values[i] <= setting_rows[i].most,
		     "a setting is between its bounds");
	for (size_t i = 0; i < policy->privileged_count; i++)
		must(policy->privileged[i].name.len > 0, "what is privileged has a name");
	must_have_rules(policy);
	must_have_exceptions(policy, false);
	if (policy_date(policy, "policy", span_of("2026-11-22T00:00:00Z"), &fault) < 0)
		must_be_fault(&fault);
	else
		must_have_exceptions(policy, true);
	fault = (struct fault){0};
	if (policy->persons && persons_open(&persons, MIB, &fault) == 0 &&
	    persons_give(&persons, policy->persons, &fault) < 0)
		must_be_fault(&fault);
	persons_release(&persons);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = memory_file(0, (struct span){(const char *)data, size});
	struct fault fault = {0};
	struct policy policy;

	if (policy_read(&policy, path, &fault) == 0)
		must_keep(&policy);
	else {
		must_be_fault(&fault);
		must(fault.kind == FAULT_CONFIG, "what is refused is configuration");
		must(strstr(fault.text, ": ") != NULL, "it says where");
	}
	policy_release(&policy);
	return 0;
}
