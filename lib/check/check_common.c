/* SPDX-License-Identifier: ISC */
/*
 * check_common: the sources, and what several checks say or ask in the same way.
 */
#include "check/check_parts.h"

#include "access/sight.h"
#include "base/array.h"
#include "base/inert.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- sources ---- */

struct check_source *check_find_source(const struct check *check, struct span name)
{
	for (size_t i = 0; i < check->source_count; i++)
		if (span_is(check->sources[i]->name, name))
			return check->sources[i];
	return NULL;
}

struct check_source *check_add_source(struct check *check, struct span name, struct fault *fault)
{
	struct check_source **sources =
		array_grow(check->sources, check->source_count, &check->source_cap, sizeof *sources, fault);
	struct check_source *source;
	char head[ADDRESS_HEAD + 1];

	if (!sources)
		return NULL;
	check->sources = sources;
	sources[check->source_count] = source = calloc(1, sizeof *source);
	if (source) {
		source->index = (uint32_t)check->source_count++;
		snprintf(head, sizeof head, "[\"%08x\",", (unsigned)source->index);
		memcpy(source->address_head, head, ADDRESS_HEAD);
		source->name = arena_copy(&check->texts, name);
		source->answers = calloc(check->check_count, sizeof *source->answers);
		source->accepted = calloc(check->check_count, sizeof *source->accepted);
	}
	if (!source || !source->name.data || !source->answers || !source->accepted) {
		fault_memory(fault);
		return NULL;
	}
	return source;
}

/* When the source was read, and the times that are asked of its accounts. 0 or -1. */
static int check_date_source(struct check *check, struct check_source *source, struct span as_of,
                             struct fault *fault)
{
	const long *values = check->settings.values;

	source->as_of = arena_copy(&check->texts, as_of);
	if (!source->as_of.data)
		return fault_memory(fault);
	if (!when_seconds(as_of, &source->seconds) ||
	    !when_minus(as_of, values[SET_DORMANT_DAYS] * 86400, source->dormant_before) ||
	    !when_minus(as_of, values[SET_NEVER_DAYS] * 86400, source->never_before))
		return fault_set(fault, FAULT_DATA,
		                 "the snapshot does not say when '%s' was read: give --as-of TIME",
		                 INERT(source->name));
	return 0;
}

/* A source that the policy names: one that the snapshot lacks gets an entry, too. */
static int check_want_source(struct check *check, struct span name, struct fault *fault)
{
	struct check_source *source;

	if (!name.len || check_find_source(check, name))
		return 0;
	source = check_add_source(check, name, fault);
	if (!source)
		return -1;
	source->is_missing = true;
	source->is_wanted = true;
	return 0;
}

static int check_want_ref(struct check *check, const struct policy_ref *ref, struct fault *fault)
{
	return check_want_source(check, ref->source, fault);
}

static int check_want_sources(struct check *check, struct fault *fault)
{
	const struct policy *policy = &check->policy;
	int result = 0;

	for (size_t i = 0; result == 0 && i < policy->expect_count; i++)
		result = check_want_source(check, policy->expects[i].source, fault);
	if (result == 0 && !check->options->roster)
		result = check_want_source(check, policy->roster, fault);
	if (result == 0)
		result = check_want_source(check, policy->authority, fault);
	if (result == 0)
		result = check_want_source(check, policy->idp, fault);
	for (size_t i = 0; result == 0 && i < policy->privileged_count; i++)
		result = check_want_ref(check, &policy->privileged[i], fault);
	for (size_t i = 0; result == 0 && i < 2 * policy->conflict_count; i++)
		result = check_want_ref(check, &policy->conflicts[i / 2].groups[i % 2], fault);
	return result;
}

/* The time by which exceptions are judged: that of --as-of, or the latest of the sources. */
static struct span check_latest(const struct check *check)
{
	struct span latest = span_of(check->options->as_of ? check->options->as_of : "");

	for (size_t i = 0; !check->options->as_of && i < check->source_count; i++)
		if (!check->sources[i]->is_missing &&
		    (!latest.len || when_compare(latest, check->sources[i]->as_of) < 0))
			latest = check->sources[i]->as_of;
	return latest;
}

/* A source that only the review has gets an entry, too. 0 or -1. */
static int check_want_reviewed(struct check *check, struct fault *fault)
{
	const struct decisions *decisions = &check->sight->decisions;

	for (size_t i = 0; i < decisions->source_count; i++) {
		const struct decision_source *reviewed = &decisions->sources[i];
		struct check_source *source;

		if (!reviewed->counts[DECISION_REVOKE] || check_find_source(check, reviewed->name))
			continue;
		source = check_add_source(check, reviewed->name, fault);
		if (!source)
			return -1;
		source->is_missing = true;
	}
	return 0;
}

int check_begin(struct check *check, struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;

	if (check->begin.len)
		return 0;
	buf_put_span(&check->begin, buf_span(&check->access.reader.begin));
	if (buf_check(&check->begin, fault) < 0)
		return -1;
	yyjson_arr_foreach(check->access.reader.sources, i, max, entry) {
		struct span as_of = check->options->as_of ? span_of(check->options->as_of)
		                                          : json_obj_text(entry, "fetched_at");
		struct check_source *source =
			check_add_source(check, json_obj_text(entry, "source"), fault);

		if (!source || check_date_source(check, source, as_of, fault) < 0 ||
		    (check->sight && sight_take_source(check->sight, entry, fault) < 0))
			return -1;
		source->fetched_at = arena_copy(&check->texts, json_obj_text(entry, "fetched_at"));
		source->select = arena_copy(&check->texts, json_obj_text(entry, "select"));
		if (!source->fetched_at.data || !source->select.data)
			return fault_memory(fault);
		source->selected = source->select.len > 0;
	}
	if (check_want_sources(check, fault) < 0 ||
	    (check->sight && check_want_reviewed(check, fault) < 0))
		return -1;
	return policy_date(&check->policy, check->options->policy, check_latest(check), fault);
}

int check_take_source(struct check *check, struct span line, struct fault *fault)
{
	struct span json = record_line_source(line), name;
	yyjson_val *value;

	if (check->source && span_is(json, buf_span(&check->source_json)))
		return 0;
	if (check_begin(check, fault) < 0)
		return -1;
	value = json_read(&check->json, json, fault);
	if (!value)
		return -1;
	check->source = json_text(value, &name) ? check_find_source(check, name) : NULL;
	if (!check->source)
		return fault_set(fault, FAULT_DATA, "a record of no source");
	buf_clear(&check->source_json);
	buf_put_span(&check->source_json, json);
	return buf_check(&check->source_json, fault);
}

/* ---- what is asked ---- */

bool check_wants_persons(const struct check *check)
{
	return check->runs[CHECK_LEAVER] || check->runs[CHECK_DISABLED_ELSEWHERE] ||
	       check->runs[CHECK_NOT_IN_IDP] || check->runs[CHECK_CONFLICT] || check->wants_persons;
}

bool check_is_privileged_role(struct check *check, const struct check_source *source,
                              struct span role)
{
	struct policy *policy = &check->policy;
	bool is = false;

	for (size_t i = 0; i < policy->privileged_count; i++) {
		struct policy_ref *ref = &policy->privileged[i];

		if (ref->is_role && (!ref->source.len || span_is(ref->source, source->name)) &&
		    span_is_nocase(ref->name, role))
			is = ref->matched = true;
	}
	return is;
}

/* ---- words ---- */

void check_put_name(struct buf *says, struct span name)
{
	static const char *const marks[] = {"  ", ": ", "; ", ", ", " via ", " < ", "(", ")"};
	bool quoted =
		!name.len || name.data[0] == '"' || name.data[0] == ' ' || name.data[name.len - 1] == ' ';

	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
		quoted |= memmem(name.data, name.len, marks[i], strlen(marks[i])) != NULL;
	buf_puts(says, quoted ? "\"" : "");
	buf_put_span(says, name);
	buf_puts(says, quoted ? "\"" : "");
}

void check_put_group(struct check *check, uint32_t place)
{
	buf_clear(&check->group);
	access_put_group(&check->group, &check->access.nesting, place);
	check_put_name(&check->says, buf_span(&check->group));
}

struct span check_account_label(const struct record *user, struct span id)
{
	static const int fields[] = {USER_USER_NAME, USER_EMAIL, USER_DISPLAY_NAME};

	for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
		if (record_text(user, fields[i]).len)
			return record_text(user, fields[i]);
	return id;
}
