/* SPDX-License-Identifier: ISC */
/*
 * policy: the members of policy.json, on top of sys/config.h.
 */
#include "check/policy.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/when.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- members of the policy ---- */

static int policy_take_set(struct config_reader *reader, yyjson_val *object)
{
	struct policy *policy = reader->into;
	struct settings *settings = &policy->settings;
	char text[SETTING_TEXT_MAX];
	yyjson_val *key, *value;
	size_t i, max;

	setting_init(settings);
	if (!object)
		return 0;
	yyjson_obj_foreach(object, i, max, key, value) {
		int setting = setting_number(json_key(key));
		uint64_t number;

		reader->at = json_key(key).data;
		if (setting == SETTINGS)
			return config_fail(reader, "unknown setting \"%s\"", INERT(json_key(key)));
		if (settings->given[setting])
			return config_fail(reader, "member \"%s\" stands twice", setting_rows[setting].name);
		if (config_number(reader, setting_rows[setting].name, value,
		                  (uint64_t)setting_rows[setting].least,
		                  (uint64_t)setting_rows[setting].most, &number) < 0)
			return -1;
		settings->values[setting] = (long)number;
		settings->given[setting] = true;
	}
	return setting_is_range(settings, text) ? 0 : config_fail(reader, "%s", text);
}

/* "Admins", or {"source": "scalr", "group": "Admins"}. */
static int policy_take_ref(struct config_reader *reader, yyjson_val *value, bool is_role,
                           struct policy_ref *ref)
{
	const struct config_member members[] = {
		{"source", CONFIG_TEXT, false},
		{is_role ? "role" : "group", CONFIG_TEXT, true},
	};
	yyjson_val *values[2];

	ref->is_role = is_role;
	config_stand_at(reader, value);
	if (yyjson_is_str(value)) {
		ref->name = config_text(value);
		return ref->name.len ? 0 : config_fail(reader, "a name is empty");
	}
	if (config_take_members(reader, value, members, 2, values) < 0)
		return -1;
	ref->source = config_text(values[0]);
	ref->name = config_text(values[1]);
	return 0;
}

static int policy_take_privileged(struct config_reader *reader, yyjson_val *object)
{
	static const struct config_member members[] = {{"groups", CONFIG_LIST, false},
	                                               {"roles", CONFIG_LIST, false}};
	struct policy *policy = reader->into;
	yyjson_val *values[2], *item;
	size_t i, max;

	if (!object)
		return 0;
	if (config_take_members(reader, object, members, 2, values) < 0)
		return -1;
	policy->privileged = calloc(yyjson_arr_size(values[0]) + yyjson_arr_size(values[1]) + 1,
	                            sizeof *policy->privileged);
	if (!policy->privileged)
		return fault_memory(reader->fault);
	for (size_t list = 0; list < 2; list++) {
		if (!values[list])
			continue;
		yyjson_arr_foreach(values[list], i, max, item)
			if (policy_take_ref(reader, item, list == 1,
			                    &policy->privileged[policy->privileged_count++]) < 0)
				return -1;
	}
	policy->has_privileged_roles = yyjson_arr_size(values[1]) > 0;
	return 0;
}

static int policy_take_owners(struct config_reader *reader, yyjson_val *list)
{
	static const struct config_member members[] = {
		{"source", CONFIG_TEXT, true},
		{"account", CONFIG_TEXT, true},
		{"owner", CONFIG_TEXT, true},
	};
	struct policy *policy = reader->into;
	yyjson_val *values[3], *item;
	size_t i, max;

	policy->owners = config_room(reader, list, sizeof *policy->owners);
	if (!policy->owners)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		if (config_take_members(reader, item, members, 3, values) < 0)
			return -1;
		policy->owners[policy->owner_count++] = (struct policy_owner){
			config_text(values[0]), config_text(values[1]), config_text(values[2])};
	}
	return 0;
}

static int policy_take_conflicts(struct config_reader *reader, yyjson_val *list)
{
	static const struct config_member members[] = {{"name", CONFIG_TEXT, true},
	                                               {"groups", CONFIG_LIST, true}};
	struct policy *policy = reader->into;
	yyjson_val *values[2], *item;
	size_t i, max;

	policy->conflicts = config_room(reader, list, sizeof *policy->conflicts);
	if (!policy->conflicts)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		struct policy_conflict *conflict = &policy->conflicts[policy->conflict_count++];

		if (config_take_members(reader, item, members, 2, values) < 0)
			return -1;
		conflict->name = config_text(values[0]);
		for (size_t other = 0; other + 1 < policy->conflict_count; other++)
			if (span_is(policy->conflicts[other].name, conflict->name))
				return config_fail(reader, "two conflicts are called \"%s\"",
				                   INERT(conflict->name));
		if (yyjson_arr_size(values[1]) != 2)
			return config_fail(reader, "\"groups\" takes two groups, not %zu",
			                   yyjson_arr_size(values[1]));
		for (size_t side = 0; side < 2; side++)
			if (policy_take_ref(reader, yyjson_arr_get(values[1], side), false,
			                    &conflict->groups[side]) < 0)
				return -1;
		if (span_is(conflict->groups[0].source, conflict->groups[1].source) &&
		    span_is(conflict->groups[0].name, conflict->groups[1].name))
			return config_fail(reader, "\"groups\" has one group twice: name the two that nobody "
			                           "may be in at once");
	}
	return 0;
}

/* 12, or {"least": 10, "most": 20} */
static int policy_take_range(struct config_reader *reader, const char *name, yyjson_val *value,
                             bool *given, uint64_t *least, uint64_t *most)
{
	static const struct config_member members[] = {{"least", CONFIG_ANY, false},
	                                               {"most", CONFIG_ANY, false}};
	yyjson_val *values[2];

	if (!value)
		return 0;
	*given = true;
	*least = 0;
	*most = RECORDS_MAX;
	if (!yyjson_is_obj(value)) {
		if (config_number(reader, name, value, 0, RECORDS_MAX, least) < 0)
			return -1;
		*most = *least;
		return 0;
	}
	if (config_take_members(reader, value, members, 2, values) < 0 ||
	    (values[0] && config_number(reader, "least", values[0], 0, RECORDS_MAX, least) < 0) ||
	    (values[1] && config_number(reader, "most", values[1], 0, RECORDS_MAX, most) < 0))
		return -1;
	return *least <= *most ? 0
	                       : config_fail(reader, "\"%s\": \"least\" is more than \"most\"", name);
}

static int policy_take_expects(struct config_reader *reader, yyjson_val *object)
{
	static const struct config_member members[] = {{"users", CONFIG_ANY, false},
	                                               {"groups", CONFIG_ANY, false}};
	struct policy *policy = reader->into;
	yyjson_val *values[2], *key, *value;
	size_t i, max;

	policy->expects = config_room(reader, object, sizeof *policy->expects);
	if (!policy->expects)
		return -1;
	yyjson_obj_foreach(object, i, max, key, value) {
		struct policy_expect *expect = &policy->expects[policy->expect_count++];

		expect->source = json_key(key);
		reader->at = expect->source.data;
		if (!expect->source.len)
			return config_fail(reader, "a name is empty");
		for (size_t other = 0; other + 1 < policy->expect_count; other++)
			if (span_is(policy->expects[other].source, expect->source))
				return config_fail(reader, "member \"%s\" stands twice", INERT(expect->source));
		if (config_take_members(reader, value, members, 2, values) < 0 ||
		    policy_take_range(reader, "users", values[0], &expect->users.given,
		                      &expect->users.least, &expect->users.most) < 0 ||
		    policy_take_range(reader, "groups", values[1], &expect->groups.given,
		                      &expect->groups.least, &expect->groups.most) < 0)
			return -1;
	}
	return 0;
}

/* A date "2026-12-31"? */
static bool policy_is_date(struct span text)
{
	char whole[24], utc[WHEN_MAX];

	if (text.len != 10)
		return false;
	snprintf(whole, sizeof whole, "%.10sT00:00:00Z", text.data);
	return when_utc(span_of(whole), utc) > 0;
}

static int policy_take_exception(struct config_reader *reader, yyjson_val *item,
                                 struct policy_exception *exception)
{
	static const struct config_member members[] = {
		{"check", CONFIG_TEXT, true}, {"source", CONFIG_TEXT, true},  {"id", CONFIG_TEXT, false},
		{"what", CONFIG_TEXT, false}, {"reason", CONFIG_TEXT, true},  {"by", CONFIG_TEXT, true},
		{"until", CONFIG_TEXT, true}, {"accept", CONFIG_TEXT, false},
	};
	yyjson_val *values[8];

	if (config_take_members(reader, item, members, 8, values) < 0)
		return -1;
	exception->line = config_line(reader, reader->at);
	exception->check = config_text(values[0]);
	exception->source = config_text(values[1]);
	exception->id = config_text(values[2]);
	exception->what = config_text(values[3]);
	exception->reason = config_text(values[4]);
	exception->by = config_text(values[5]);
	exception->until = config_text(values[6]);
	exception->accepts_unknown = values[7] != NULL;
	if (!policy_is_date(exception->until)) {
		config_stand_at(reader, values[6]);
		return config_fail(reader, "\"until\" is no date such as 2026-12-31: '%s'",
		                   INERT(exception->until));
	}
	if (values[7] && !span_is(config_text(values[7]), span_of("unknown"))) {
		config_stand_at(reader, values[7]);
		return config_fail(reader, "\"accept\" can only be \"unknown\", not '%s'",
		                   INERT(config_text(values[7])));
	}
	if (!values[2] == !values[7])
		return config_fail(reader, values[2] ? "\"id\" excepts a finding and \"accept\" what is "
		                                       "not known: give one of them"
		                                     : "\"id\" is missing");
	if (values[3] && values[7])
		return config_fail(reader, "\"what\" belongs to \"id\"");
	return 0;
}

static int policy_take_exceptions(struct config_reader *reader, yyjson_val *list)
{
	struct policy *policy = reader->into;
	yyjson_val *item;
	size_t i, max;

	policy->exceptions = config_room(reader, list, sizeof *policy->exceptions);
	if (!policy->exceptions)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		struct policy_exception *exception = &policy->exceptions[policy->exception_count++];

		if (policy_take_exception(reader, item, exception) < 0)
			return -1;
		exception->number = policy_find_check(policy, exception->check);
		if (exception->number < 0) {
			reader->at = exception->check.data;
			return config_fail(reader, "there is no check or rule '%s'; see --list",
			                   INERT(exception->check));
		}
	}
	return 0;
}

static bool policy_is_rule_name(struct span name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = name.data[i];

		if (!(c >= 'a' && c <= 'z') && !(i && ((c >= '0' && c <= '9') || c == '-')))
			return false;
	}
	return name.len > 0;
}

static int policy_take_rule(struct config_reader *reader, yyjson_val *item,
                            struct policy_rule *rule)
{
	static const struct config_member members[] = {
		{"name", CONFIG_TEXT, true},
		{"where", CONFIG_TEXT, true},
		{"severity", CONFIG_TEXT, true},
		{"says", CONFIG_TEXT, true},
	};
	yyjson_val *values[4];
	int severity = 0;

	if (config_take_members(reader, item, members, 4, values) < 0)
		return -1;
	rule->line = config_line(reader, reader->at);
	config_stand_at(reader, values[2]);
	while (severity < SEVERITIES &&
	       !span_is(config_text(values[2]), span_of(severity_words[severity])))
		severity++;
	if (severity == SEVERITIES)
		return config_fail(reader, "\"severity\" is info, low, medium, high or critical, not '%s'",
		                   INERT(config_text(values[2])));
	config_stand_at(reader, values[0]);
	if (!policy_is_rule_name(config_text(values[0])))
		return config_fail(reader,
		                   "a rule's name has small letters, digits and -, and begins with a "
		                   "letter: '%s'",
		                   INERT(config_text(values[0])));
	if (policy_find_check(reader->into, config_text(values[0])) >= 0)
		return config_fail(reader, "two checks or rules are called \"%s\"",
		                   INERT(config_text(values[0])));
	*rule = (struct policy_rule){config_text(values[0]), config_text(values[1]),
	                             config_text(values[3]), (enum severity)severity, rule->line};
	return 0;
}

static int policy_take_rules(struct config_reader *reader, yyjson_val *list)
{
	struct policy *policy = reader->into;
	yyjson_val *item;
	size_t i, max;

	policy->rules = config_room(reader, list, sizeof *policy->rules);
	if (!policy->rules)
		return -1;
	if (yyjson_arr_size(list) > RULES_MAX)
		return config_fail(reader, "more than %d rules", RULES_MAX);
	yyjson_arr_foreach(list, i, max, item) {
		if (policy_take_rule(reader, item, &policy->rules[policy->rule_count]) < 0)
			return -1;
		policy->rule_count++;
	}
	return 0;
}

/* {"Ada Byron": ["ada@example.com", "abyron"]} */
static int policy_take_persons(struct config_reader *reader, yyjson_val *object)
{
	yyjson_val *key, *list;
	struct span *names = NULL;
	size_t i, max, count = 0;
	int result = 0;

	yyjson_obj_foreach(object, i, max, key, list) {
		reader->at = json_key(key).data;
		if (!yyjson_is_arr(list))
			return config_fail(reader, "'%s' has %s, not a list of names", INERT(json_key(key)),
			                   json_type(list));
		result = config_texts(reader, list, &names, &count);
		free(names);
		names = NULL;
		count = 0;
		if (result < 0)
			return -1;
	}
	((struct policy *)reader->into)->persons = object;
	return 0;
}

/* ---- the whole ---- */

enum policy_part {
	PART_SCHEMA,
	PART_SET,
	PART_PRIVILEGED,
	PART_DOMAINS,
	PART_SHARED_NAMES,
	PART_AUTHORITY,
	PART_IDP,
	PART_ROSTER,
	PART_OWNERS,
	PART_CONFLICTS,
	PART_EXPECT,
	PART_PERSONS,
	PART_RULES,
	PART_EXCEPTIONS,
	PARTS,
};

static const struct config_member policy_parts[PARTS] = {
	[PART_SCHEMA] = {"$schema", CONFIG_TEXT, false},
	[PART_SET] = {"set", CONFIG_OBJECT, false},
	[PART_PRIVILEGED] = {"privileged", CONFIG_OBJECT, false},
	[PART_DOMAINS] = {"domains", CONFIG_LIST, false},
	[PART_SHARED_NAMES] = {"shared_names", CONFIG_LIST, false},
	[PART_AUTHORITY] = {"authority", CONFIG_TEXT, false},
	[PART_IDP] = {"idp", CONFIG_TEXT, false},
	[PART_ROSTER] = {"roster", CONFIG_TEXT, false},
	[PART_OWNERS] = {"owners", CONFIG_LIST, false},
	[PART_CONFLICTS] = {"conflicts", CONFIG_LIST, false},
	[PART_EXPECT] = {"expect", CONFIG_OBJECT, false},
	[PART_PERSONS] = {"persons", CONFIG_OBJECT, false},
	[PART_RULES] = {"rules", CONFIG_LIST, false},
	[PART_EXCEPTIONS] = {"exceptions", CONFIG_LIST, false},
};

/* Reads one part; `at` is where its name stands. */
static int policy_take_part(struct config_reader *reader, enum policy_part part, yyjson_val *value)
{
	struct policy *policy = reader->into;

	switch (part) {
	case PART_SET: return policy_take_set(reader, value);
	case PART_PRIVILEGED: return policy_take_privileged(reader, value);
	case PART_DOMAINS: return config_texts(reader, value, &policy->domains, &policy->domain_count);
	case PART_SHARED_NAMES:
		return config_texts(reader, value, &policy->shared_names, &policy->shared_name_count);
	case PART_AUTHORITY: policy->authority = config_text(value); return 0;
	case PART_IDP: policy->idp = config_text(value); return 0;
	case PART_ROSTER: policy->roster = config_text(value); return 0;
	case PART_OWNERS: return policy_take_owners(reader, value);
	case PART_CONFLICTS: return policy_take_conflicts(reader, value);
	case PART_EXPECT: return policy_take_expects(reader, value);
	case PART_PERSONS: return policy_take_persons(reader, value);
	case PART_RULES: return policy_take_rules(reader, value);
	case PART_EXCEPTIONS: return policy_take_exceptions(reader, value);
	default: return 0;
	}
}

static int policy_take_root(struct config_reader *reader, yyjson_val *root)
{
	yyjson_val *values[PARTS], *key, *value;
	size_t i, max;

	if (config_take_members(reader, root, policy_parts, PARTS, values) < 0)
		return -1;
	setting_init(&((struct policy *)reader->into)->settings);
	/* rules come before exceptions, which can name them */
	for (int part = 0; part < PARTS; part++) {
		if (!values[part])
			continue;
		reader->member = policy_parts[part].name;
		yyjson_obj_foreach(root, i, max, key, value)
			if (value == values[part])
				reader->at = json_key(key).data;
		if (policy_take_part(reader, (enum policy_part)part, values[part]) < 0)
			return -1;
	}
	return 0;
}

int policy_read(struct policy *policy, const char *path, struct fault *fault)
{
	struct config_reader reader;
	int result;

	*policy = (struct policy){.is_given = true};
	setting_init(&policy->settings);
	result = config_open(&reader, &policy->file, path, POLICY_MAX_BYTES, fault);
	reader.into = policy;
	if (result == 0)
		result = policy_take_root(&reader, yyjson_doc_get_root(policy->file.doc));
	config_close(&reader);
	return result;
}

void policy_release(struct policy *policy)
{
	free(policy->privileged);
	free(policy->domains);
	free(policy->shared_names);
	free(policy->owners);
	free(policy->conflicts);
	free(policy->expects);
	free(policy->exceptions);
	free(policy->rules);
	config_release(&policy->file);
	*policy = (struct policy){0};
}

int policy_find_check(const struct policy *policy, struct span name)
{
	int check = check_table_find(name);

	if (check < CHECKS)
		return check;
	for (size_t rule = 0; rule < policy->rule_count; rule++)
		if (span_is(policy->rules[rule].name, name))
			return CHECKS + (int)rule;
	return -1;
}

struct span policy_check_name(const struct policy *policy, int number)
{
	return number < CHECKS ? span_of(check_table[number].name)
	                       : policy->rules[number - CHECKS].name;
}

int policy_date(struct policy *policy, const char *path, struct span as_of, struct fault *fault)
{
	int64_t now, end;

	if (!policy->exception_count)
		return 0;
	if (!when_seconds(as_of, &now))
		return fault_set(fault, FAULT_DATA, "'%s' is no time: give --as-of", INERT(as_of));
	for (size_t i = 0; i < policy->exception_count; i++) {
		struct policy_exception *exception = &policy->exceptions[i];
		char whole[24];

		/* to the end of that day */
		snprintf(whole, sizeof whole, "%.10sT00:00:00Z", exception->until.data);
		if (!when_seconds(span_of(whole), &end))
			end = 0;
		end += 86400;
		exception->ran_out = end <= now;
		exception->days_left = exception->ran_out ? 0 : (long)((end - 1 - now) / 86400);
		if (exception->days_left > EXCEPTION_DAYS_MAX)
			return fault_set(fault, FAULT_CONFIG,
			                 "%s: line %zu: \"exceptions\": \"until\" is %ld days after %s, and "
			                 "%d is the most",
			                 INERT(span_of(path)), exception->line, exception->days_left,
			                 INERT(as_of), EXCEPTION_DAYS_MAX);
	}
	return 0;
}
