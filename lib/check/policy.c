/* SPDX-License-Identifier: ISC */
/*
 * policy: yyjson reads the text in place, so a string of the document says where in the
 * file it stands, and the faults can name the line.
 */
#include "check/policy.h"

#include "base/ceiling.h"
#include "base/inert.h"
#include "base/near.h"
#include "base/when.h"
#include "sys/file_text.h"

#include <stdio.h>
#include <stdlib.h>

struct policy_reader {
	struct policy *policy;
	const char *path;
	struct buf text;    /* as it stands in the file */
	const char *member; /* the member of the policy that is read, for messages */
	const char *at;     /* where in policy->bytes what is read last stands */
	struct fault *fault;
};

/* ---- faults ---- */

static size_t policy_line(const struct policy_reader *reader, const char *at)
{
	const struct policy *policy = reader->policy;
	size_t line = 1, end = at && policy->bytes ? (size_t)(at - policy->bytes) : 0;

	for (size_t i = 0; i < end && i < reader->text.len; i++)
		line += reader->text.data[i] == '\n';
	return line;
}

static int policy_fail(struct policy_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Says what is wrong at reader->at. Returns -1. */
static int policy_fail(struct policy_reader *reader, const char *format, ...)
{
	char what[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return fault_set(reader->fault, FAULT_CONFIG, "%s: line %zu: %s%s%s%s",
	                 INERT(span_of(reader->path)), policy_line(reader, reader->at),
	                 reader->member ? "\"" : "", reader->member ? reader->member : "",
	                 reader->member ? "\": " : "", what);
}

/* Remembers where a value stands, if it is a text or a number. */
static void policy_stand_at(struct policy_reader *reader, yyjson_val *value)
{
	struct span text;

	if (json_text(value, &text))
		reader->at = text.data;
}

/* ---- values ---- */

enum policy_type { POLICY_TEXT, POLICY_LIST, POLICY_OBJECT, POLICY_ANY };

struct policy_member {
	const char *name;
	enum policy_type type;
	bool is_required;
};

enum { POLICY_MEMBERS_MAX = 16 };

static int policy_check_type(struct policy_reader *reader, const char *name, yyjson_val *value,
                             enum policy_type type)
{
	static const char *const words[] = {"a string", "a list", "an object"};
	bool fits = type == POLICY_ANY || (type == POLICY_TEXT && yyjson_is_str(value)) ||
	            (type == POLICY_LIST && yyjson_is_arr(value)) ||
	            (type == POLICY_OBJECT && yyjson_is_obj(value));

	if (!fits)
		return policy_fail(reader, "\"%s\" is %s, not %s", name, json_type(value), words[type]);
	if (type == POLICY_TEXT && !yyjson_get_len(value))
		return policy_fail(reader, "\"%s\" is empty", name);
	return 0;
}

static int policy_refuse_member(struct policy_reader *reader, struct span name,
                                const struct policy_member *members, size_t count)
{
	struct near near = near_to(name);

	policy_fail(reader, "unknown member \"%s\"; there are", INERT(name));
	for (size_t i = 0; i < count; i++) {
		fault_hint(reader->fault, "%s %s", i ? "," : "", members[i].name);
		near_try(&near, members[i].name);
	}
	return near_hint(&near, "", reader->fault);
}

/* The members of an object: values[i] is that of members[i], or NULL. 0 or -1. */
static int policy_take_members(struct policy_reader *reader, yyjson_val *object,
                               const struct policy_member *members, size_t count,
                               yyjson_val **values)
{
	const char *start = reader->at;
	yyjson_val *key, *value;
	size_t i, max;

	memset(values, 0, count * sizeof(yyjson_val *));
	if (!yyjson_is_obj(object)) {
		policy_stand_at(reader, object);
		return policy_fail(reader, "%s where an object is due", json_type(object));
	}
	yyjson_obj_foreach(object, i, max, key, value) {
		struct span name = json_key(key);
		size_t member = 0;

		reader->at = name.data;
		while (member < count && !span_is(name, span_of(members[member].name)))
			member++;
		if (member == count)
			return policy_refuse_member(reader, name, members, count);
		if (values[member])
			return policy_fail(reader, "member \"%s\" stands twice", members[member].name);
		if (policy_check_type(reader, members[member].name, value, members[member].type) < 0)
			return -1;
		if (i == 0)
			start = name.data;
		values[member] = value;
	}
	reader->at = start;
	for (size_t member = 0; member < count; member++)
		if (members[member].is_required && !values[member])
			return policy_fail(reader, "\"%s\" is missing", members[member].name);
	return 0;
}

static struct span policy_text(yyjson_val *value)
{
	struct span text = {"", 0};

	json_text(value, &text);
	return text;
}

/* A whole number. 0 or -1. */
static int policy_number(struct policy_reader *reader, const char *name, yyjson_val *value,
                         uint64_t least, uint64_t most, uint64_t *number)
{
	policy_stand_at(reader, value);
	if (!yyjson_is_raw(value) || json_whole(value, number) != 1 || *number < least ||
	    *number > most)
		return policy_fail(reader, "\"%s\" takes a whole number from %llu to %llu", name,
		                   (unsigned long long)least, (unsigned long long)most);
	return 0;
}

/* Room for the items of a list. NULL with a fault; never NULL for an empty list. */
static void *policy_room(struct policy_reader *reader, yyjson_val *list, size_t size)
{
	void *room = calloc(yyjson_get_len(list) + 1, size);

	if (!room)
		fault_memory(reader->fault);
	return room;
}

/* Refuses an item that is no text. */
static int policy_texts(struct policy_reader *reader, yyjson_val *list, struct span **texts,
                        size_t *count)
{
	yyjson_val *item;
	size_t i, max;

	if (!list)
		return 0;
	*texts = policy_room(reader, list, sizeof **texts);
	if (!*texts)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		policy_stand_at(reader, item);
		if (!yyjson_is_str(item) || !yyjson_get_len(item))
			return policy_fail(reader, "an item is %s, not a string",
			                   yyjson_is_str(item) ? "empty" : json_type(item));
		(*texts)[(*count)++] = policy_text(item);
	}
	return 0;
}

/* ---- members of the policy ---- */

static int policy_take_set(struct policy_reader *reader, yyjson_val *object)
{
	struct settings *settings = &reader->policy->settings;
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
			return policy_fail(reader, "unknown setting \"%s\"", INERT(json_key(key)));
		if (settings->given[setting])
			return policy_fail(reader, "member \"%s\" stands twice", setting_rows[setting].name);
		if (policy_number(reader, setting_rows[setting].name, value,
		                  (uint64_t)setting_rows[setting].least,
		                  (uint64_t)setting_rows[setting].most, &number) < 0)
			return -1;
		settings->values[setting] = (long)number;
		settings->given[setting] = true;
	}
	return 0;
}

/* "Admins", or {"source": "scalr", "group": "Admins"}. */
static int policy_take_ref(struct policy_reader *reader, yyjson_val *value, bool is_role,
                           struct policy_ref *ref)
{
	const struct policy_member members[] = {
		{"source", POLICY_TEXT, false},
		{is_role ? "role" : "group", POLICY_TEXT, true},
	};
	yyjson_val *values[2];

	ref->is_role = is_role;
	policy_stand_at(reader, value);
	if (yyjson_is_str(value)) {
		ref->name = policy_text(value);
		return ref->name.len ? 0 : policy_fail(reader, "a name is empty");
	}
	if (policy_take_members(reader, value, members, 2, values) < 0)
		return -1;
	ref->source = policy_text(values[0]);
	ref->name = policy_text(values[1]);
	return 0;
}

static int policy_take_privileged(struct policy_reader *reader, yyjson_val *object)
{
	static const struct policy_member members[] = {{"groups", POLICY_LIST, false},
	                                               {"roles", POLICY_LIST, false}};
	struct policy *policy = reader->policy;
	yyjson_val *values[2], *item;
	size_t i, max;

	if (!object)
		return 0;
	if (policy_take_members(reader, object, members, 2, values) < 0)
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

static int policy_take_owners(struct policy_reader *reader, yyjson_val *list)
{
	static const struct policy_member members[] = {
		{"source", POLICY_TEXT, true},
		{"account", POLICY_TEXT, true},
		{"owner", POLICY_TEXT, true},
	};
	struct policy *policy = reader->policy;
	yyjson_val *values[3], *item;
	size_t i, max;

	policy->owners = policy_room(reader, list, sizeof *policy->owners);
	if (!policy->owners)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		if (policy_take_members(reader, item, members, 3, values) < 0)
			return -1;
		policy->owners[policy->owner_count++] = (struct policy_owner){
			policy_text(values[0]), policy_text(values[1]), policy_text(values[2])};
	}
	return 0;
}

static int policy_take_conflicts(struct policy_reader *reader, yyjson_val *list)
{
	static const struct policy_member members[] = {{"name", POLICY_TEXT, true},
	                                               {"groups", POLICY_LIST, true}};
	struct policy *policy = reader->policy;
	yyjson_val *values[2], *item;
	size_t i, max;

	policy->conflicts = policy_room(reader, list, sizeof *policy->conflicts);
	if (!policy->conflicts)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		struct policy_conflict *conflict = &policy->conflicts[policy->conflict_count++];

		if (policy_take_members(reader, item, members, 2, values) < 0)
			return -1;
		conflict->name = policy_text(values[0]);
		for (size_t other = 0; other + 1 < policy->conflict_count; other++)
			if (span_is(policy->conflicts[other].name, conflict->name))
				return policy_fail(reader, "two conflicts are called \"%s\"",
				                   INERT(conflict->name));
		if (yyjson_arr_size(values[1]) != 2)
			return policy_fail(reader, "\"groups\" takes two groups, not %zu",
			                   yyjson_arr_size(values[1]));
		for (size_t side = 0; side < 2; side++)
			if (policy_take_ref(reader, yyjson_arr_get(values[1], side), false,
			                    &conflict->groups[side]) < 0)
				return -1;
	}
	return 0;
}

/* 12, or {"least": 10, "most": 20} */
static int policy_take_range(struct policy_reader *reader, const char *name, yyjson_val *value,
                             bool *given, uint64_t *least, uint64_t *most)
{
	static const struct policy_member members[] = {{"least", POLICY_ANY, false},
	                                               {"most", POLICY_ANY, false}};
	yyjson_val *values[2];

	if (!value)
		return 0;
	*given = true;
	*least = 0;
	*most = RECORDS_MAX;
	if (!yyjson_is_obj(value)) {
		if (policy_number(reader, name, value, 0, RECORDS_MAX, least) < 0)
			return -1;
		*most = *least;
		return 0;
	}
	if (policy_take_members(reader, value, members, 2, values) < 0 ||
	    (values[0] && policy_number(reader, "least", values[0], 0, RECORDS_MAX, least) < 0) ||
	    (values[1] && policy_number(reader, "most", values[1], 0, RECORDS_MAX, most) < 0))
		return -1;
	return 0;
}

static int policy_take_expects(struct policy_reader *reader, yyjson_val *object)
{
	static const struct policy_member members[] = {{"users", POLICY_ANY, false},
	                                               {"groups", POLICY_ANY, false}};
	struct policy *policy = reader->policy;
	yyjson_val *values[2], *key, *value;
	size_t i, max;

	policy->expects = policy_room(reader, object, sizeof *policy->expects);
	if (!policy->expects)
		return -1;
	yyjson_obj_foreach(object, i, max, key, value) {
		struct policy_expect *expect = &policy->expects[policy->expect_count++];

		expect->source = json_key(key);
		reader->at = expect->source.data;
		if (!expect->source.len)
			return policy_fail(reader, "a name is empty");
		for (size_t other = 0; other + 1 < policy->expect_count; other++)
			if (span_is(policy->expects[other].source, expect->source))
				return policy_fail(reader, "member \"%s\" stands twice", INERT(expect->source));
		if (policy_take_members(reader, value, members, 2, values) < 0 ||
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

static int policy_take_exception(struct policy_reader *reader, yyjson_val *item,
                                 struct policy_exception *exception)
{
	static const struct policy_member members[] = {
		{"check", POLICY_TEXT, true}, {"source", POLICY_TEXT, true},  {"id", POLICY_TEXT, false},
		{"what", POLICY_TEXT, false}, {"reason", POLICY_TEXT, true},  {"by", POLICY_TEXT, true},
		{"until", POLICY_TEXT, true}, {"accept", POLICY_TEXT, false},
	};
	yyjson_val *values[8];

	if (policy_take_members(reader, item, members, 8, values) < 0)
		return -1;
	exception->line = policy_line(reader, reader->at);
	exception->check = policy_text(values[0]);
	exception->source = policy_text(values[1]);
	exception->id = policy_text(values[2]);
	exception->what = policy_text(values[3]);
	exception->reason = policy_text(values[4]);
	exception->by = policy_text(values[5]);
	exception->until = policy_text(values[6]);
	exception->accepts_unknown = values[7] != NULL;
	if (!policy_is_date(exception->until)) {
		policy_stand_at(reader, values[6]);
		return policy_fail(reader, "\"until\" is no date such as 2026-12-31: '%s'",
		                   INERT(exception->until));
	}
	if (values[7] && !span_is(policy_text(values[7]), span_of("unknown"))) {
		policy_stand_at(reader, values[7]);
		return policy_fail(reader, "\"accept\" can only be \"unknown\", not '%s'",
		                   INERT(policy_text(values[7])));
	}
	if (!values[2] == !values[7])
		return policy_fail(reader, values[2] ? "\"id\" excepts a finding and \"accept\" what is "
		                                       "not known: give one of them"
		                                     : "\"id\" is missing");
	if (values[3] && values[7])
		return policy_fail(reader, "\"what\" belongs to \"id\"");
	return 0;
}

static int policy_take_exceptions(struct policy_reader *reader, yyjson_val *list)
{
	struct policy *policy = reader->policy;
	yyjson_val *item;
	size_t i, max;

	policy->exceptions = policy_room(reader, list, sizeof *policy->exceptions);
	if (!policy->exceptions)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		struct policy_exception *exception = &policy->exceptions[policy->exception_count++];

		if (policy_take_exception(reader, item, exception) < 0)
			return -1;
		exception->number = policy_find_check(policy, exception->check);
		if (exception->number < 0) {
			reader->at = exception->check.data;
			return policy_fail(reader, "there is no check or rule '%s'; see --list",
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

static int policy_take_rule(struct policy_reader *reader, yyjson_val *item,
                            struct policy_rule *rule)
{
	static const struct policy_member members[] = {
		{"name", POLICY_TEXT, true},
		{"where", POLICY_TEXT, true},
		{"severity", POLICY_TEXT, true},
		{"says", POLICY_TEXT, true},
	};
	yyjson_val *values[4];
	int severity = 0;

	if (policy_take_members(reader, item, members, 4, values) < 0)
		return -1;
	rule->line = policy_line(reader, reader->at);
	policy_stand_at(reader, values[2]);
	while (severity < SEVERITIES &&
	       !span_is(policy_text(values[2]), span_of(severity_words[severity])))
		severity++;
	if (severity == SEVERITIES)
		return policy_fail(reader, "\"severity\" is info, low, medium, high or critical, not '%s'",
		                   INERT(policy_text(values[2])));
	policy_stand_at(reader, values[0]);
	if (!policy_is_rule_name(policy_text(values[0])))
		return policy_fail(reader,
		                   "a rule's name has small letters, digits and -, and begins with a "
		                   "letter: '%s'",
		                   INERT(policy_text(values[0])));
	if (policy_find_check(reader->policy, policy_text(values[0])) >= 0)
		return policy_fail(reader, "two checks or rules are called \"%s\"",
		                   INERT(policy_text(values[0])));
	*rule = (struct policy_rule){policy_text(values[0]), policy_text(values[1]),
	                             policy_text(values[3]), (enum severity)severity, rule->line};
	return 0;
}

static int policy_take_rules(struct policy_reader *reader, yyjson_val *list)
{
	struct policy *policy = reader->policy;
	yyjson_val *item;
	size_t i, max;

	policy->rules = policy_room(reader, list, sizeof *policy->rules);
	if (!policy->rules)
		return -1;
	if (yyjson_arr_size(list) > RULES_MAX)
		return policy_fail(reader, "more than %d rules", RULES_MAX);
	yyjson_arr_foreach(list, i, max, item) {
		if (policy_take_rule(reader, item, &policy->rules[policy->rule_count]) < 0)
			return -1;
		policy->rule_count++;
	}
	return 0;
}

/* {"Ada Byron": ["ada@example.com", "abyron"]} */
static int policy_take_persons(struct policy_reader *reader, yyjson_val *object)
{
	yyjson_val *key, *list;
	struct span *names = NULL;
	size_t i, max, count = 0;
	int result = 0;

	yyjson_obj_foreach(object, i, max, key, list) {
		reader->at = json_key(key).data;
		if (!yyjson_is_arr(list))
			return policy_fail(reader, "'%s' has %s, not a list of names", INERT(json_key(key)),
			                   json_type(list));
		result = policy_texts(reader, list, &names, &count);
		free(names);
		names = NULL;
		count = 0;
		if (result < 0)
			return -1;
	}
	reader->policy->persons = object;
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

static const struct policy_member policy_parts[PARTS] = {
	[PART_SCHEMA] = {"$schema", POLICY_TEXT, false},
	[PART_SET] = {"set", POLICY_OBJECT, false},
	[PART_PRIVILEGED] = {"privileged", POLICY_OBJECT, false},
	[PART_DOMAINS] = {"domains", POLICY_LIST, false},
	[PART_SHARED_NAMES] = {"shared_names", POLICY_LIST, false},
	[PART_AUTHORITY] = {"authority", POLICY_TEXT, false},
	[PART_IDP] = {"idp", POLICY_TEXT, false},
	[PART_ROSTER] = {"roster", POLICY_TEXT, false},
	[PART_OWNERS] = {"owners", POLICY_LIST, false},
	[PART_CONFLICTS] = {"conflicts", POLICY_LIST, false},
	[PART_EXPECT] = {"expect", POLICY_OBJECT, false},
	[PART_PERSONS] = {"persons", POLICY_OBJECT, false},
	[PART_RULES] = {"rules", POLICY_LIST, false},
	[PART_EXCEPTIONS] = {"exceptions", POLICY_LIST, false},
};

/* Reads one part; `at` is where its name stands. */
static int policy_take_part(struct policy_reader *reader, enum policy_part part, yyjson_val *value)
{
	struct policy *policy = reader->policy;

	switch (part) {
	case PART_SET: return policy_take_set(reader, value);
	case PART_PRIVILEGED: return policy_take_privileged(reader, value);
	case PART_DOMAINS: return policy_texts(reader, value, &policy->domains, &policy->domain_count);
	case PART_SHARED_NAMES:
		return policy_texts(reader, value, &policy->shared_names, &policy->shared_name_count);
	case PART_AUTHORITY: policy->authority = policy_text(value); return 0;
	case PART_IDP: policy->idp = policy_text(value); return 0;
	case PART_ROSTER: policy->roster = policy_text(value); return 0;
	case PART_OWNERS: return policy_take_owners(reader, value);
	case PART_CONFLICTS: return policy_take_conflicts(reader, value);
	case PART_EXPECT: return policy_take_expects(reader, value);
	case PART_PERSONS: return policy_take_persons(reader, value);
	case PART_RULES: return policy_take_rules(reader, value);
	case PART_EXCEPTIONS: return policy_take_exceptions(reader, value);
	default: return 0;
	}
}

static int policy_take_root(struct policy_reader *reader, yyjson_val *root)
{
	yyjson_val *values[PARTS], *key, *value;
	size_t i, max;

	reader->at = reader->policy->bytes;
	if (policy_take_members(reader, root, policy_parts, PARTS, values) < 0)
		return -1;
	setting_init(&reader->policy->settings);
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

static int policy_load(struct policy_reader *reader)
{
	if (file_text_read(reader->path, POLICY_MAX_BYTES, &reader->text, reader->fault) == 0)
		return 0;
	if (reader->fault->kind == FAULT_DATA)
		reader->fault->kind = FAULT_CONFIG;
	return -1;
}

static int policy_parse(struct policy_reader *reader)
{
	struct policy *policy = reader->policy;
	struct digest digest = {0};
	yyjson_read_err error = {0};
	size_t len = reader->text.len;
	int result = digest_init(&digest, reader->fault);

	if (result == 0) {
		digest_put(&digest, buf_span(&reader->text));
		result = digest_hex(&digest, policy->sha256, reader->fault);
	}
	digest_release(&digest);
	policy->bytes = result == 0 ? malloc(len + YYJSON_PADDING_SIZE) : NULL;
	if (!policy->bytes)
		return result < 0 ? -1 : fault_memory(reader->fault);
	memset(policy->bytes + len, 0, YYJSON_PADDING_SIZE);
	memcpy(policy->bytes, buf_span(&reader->text).data, len);
	policy->doc = yyjson_read_opts(
		policy->bytes, len,
		YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW | YYJSON_READ_ALLOW_COMMENTS, NULL, &error);
	if (policy->doc)
		return policy_take_root(reader, yyjson_doc_get_root(policy->doc));
	if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return fault_memory(reader->fault);
	reader->at = policy->bytes + (error.pos < len ? error.pos : len);
	return policy_fail(reader, "not JSON with comments: %s", len ? error.msg : "the file is empty");
}

int policy_read(struct policy *policy, const char *path, struct fault *fault)
{
	struct policy_reader reader = {.policy = policy, .path = path, .fault = fault};
	int result;

	*policy = (struct policy){.is_given = true};
	setting_init(&policy->settings);
	result = policy_load(&reader);
	if (result == 0)
		result = policy_parse(&reader);
	buf_release(&reader.text);
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
	yyjson_doc_free(policy->doc);
	free(policy->bytes);
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
