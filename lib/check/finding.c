/* SPDX-License-Identifier: ISC */
/*
 * finding: a line of JSON with the order in which it is written before it: first what is
 * found and then what is excepted, the worst first, then by check, source and id.
 */
#include "check/check_parts.h"

#include "base/inert.h"
#include "base/json_put.h"

enum { KEY_HEX = 16 }; /* digits of a finding's key: two findings in 2^32 share one */

/* Appends the identity of an exception or of what it may cover. */
static void finding_put_identity(struct buf *key, struct span check, struct span source,
                                 struct span id)
{
	buf_clear(key);
	buf_put_sized(key, check);
	buf_put_sized(key, source);
	buf_put_sized(key, id);
}

int check_index_exceptions(struct check *check, struct fault *fault)
{
	struct policy *policy = &check->policy;

	for (size_t i = policy->exception_count; i-- > 0;) {
		struct policy_exception *exception = &policy->exceptions[i];
		struct set_entry *entry;
		bool fresh;

		finding_put_identity(&check->key, exception->check, exception->source, exception->id);
		if (buf_check(&check->key, fault) < 0)
			return -1;
		entry = set_take(&check->exceptions, buf_span(&check->key), &fresh);
		if (!entry)
			return fault_memory(fault);
		exception->next = (size_t)entry->value;
		entry->value = i + 1;
	}
	return 0;
}

/* Is the finding of an account that was made anew, under an old id? No exception is for it. */
static bool finding_is_anew(struct check *check, const struct finding *finding)
{
	if (!check->anew.count || !finding->status.len)
		return false;
	buf_clear(&check->key);
	record_put_text_key(&check->key, RECORD_USER, finding->source->name, finding->id);
	return set_find(&check->anew, buf_span(&check->key)) != NULL;
}

/* The exception that covers a finding; one that has run out only where no other does. */
static struct policy_exception *finding_exception(struct check *check,
                                                  const struct finding *finding)
{
	struct policy *policy = &check->policy;
	struct policy_exception *best = NULL;
	struct set_entry *entry;

	if (!policy->exception_count || finding_is_anew(check, finding))
		return NULL;
	finding_put_identity(&check->key, policy_check_name(policy, finding->check),
	                     finding->source->name, finding->id);
	entry = set_find(&check->exceptions, buf_span(&check->key));
	for (size_t i = entry ? (size_t)entry->value : 0; i; i = policy->exceptions[i - 1].next) {
		struct policy_exception *exception = &policy->exceptions[i - 1];

		if (exception->what.len && !span_is(exception->what, finding->what))
			continue;
		exception->matched++;
		if (!best || (best->ran_out && !exception->ran_out))
			best = exception;
	}
	return best;
}

/* Appends the key: what stays the same from run to run. */
static int finding_put_key(struct check *check, const struct finding *finding, struct buf *line,
                           struct fault *fault)
{
	struct digest digest = {0};
	char hex[DIGEST_HEX + 1];
	int result;

	buf_clear(&check->key);
	buf_putc(&check->key, '[');
	json_put_string(&check->key, policy_check_name(&check->policy, finding->check));
	buf_putc(&check->key, ',');
	json_put_string(&check->key, finding->source->name);
	buf_putc(&check->key, ',');
	json_put_string(&check->key, finding->id);
	buf_putc(&check->key, ',');
	json_put_string(&check->key, finding->what);
	buf_putc(&check->key, ']');
	result = buf_check(&check->key, fault);
	if (result == 0)
		result = digest_init(&digest, fault);
	if (result == 0) {
		digest_put(&digest, buf_span(&check->key));
		result = digest_hex(&digest, hex, fault);
	}
	digest_release(&digest);
	if (result == 0)
		json_put_member(line, "key", (struct span){hex, KEY_HEX});
	return result;
}

static void finding_put_exception(struct buf *line, const struct policy_exception *exception)
{
	buf_puts(line, exception->ran_out ? ",\"exception_ran_out\":{\"reason\":"
	                                  : ",\"excepted\":{\"reason\":");
	json_put_string(line, exception->reason);
	json_put_member(line, "by", exception->by);
	json_put_member(line, "until", exception->until);
	if (!exception->ran_out)
		buf_putf(line, ",\"days_left\":%ld", exception->days_left);
	buf_putc(line, '}');
}

static void finding_put_optional(struct buf *line, const char *name, struct span text)
{
	if (text.len)
		json_put_member(line, name, text);
}

int check_add(struct check *check, const struct finding *finding, struct fault *fault)
{
	const struct policy_exception *exception = finding_exception(check, finding);
	bool excepted = exception && !exception->ran_out;
	struct buf *line = &check->line;

	buf_clear(line);
	buf_putf(line, "%d%d%04x%08x", excepted, SEVERITIES - 1 - (int)finding->severity,
	         (unsigned)finding->check, (unsigned)finding->source->index);
	buf_puts(line, "{\"kind\":\"finding\"");
	json_put_member(line, "check", policy_check_name(&check->policy, finding->check));
	json_put_member(line, "source", finding->source->name);
	json_put_member(line, "id", finding->id);
	finding_put_optional(line, "what", finding->what);
	if (finding_put_key(check, finding, line, fault) < 0)
		return -1;
	json_put_member(line, "severity", span_of(severity_words[finding->severity]));
	json_put_member(line, "label", finding->label);
	finding_put_optional(line, "status", finding->status);
	json_put_member(line, "says", finding->says);
	finding_put_optional(line, "via", finding->via);
	if (exception)
		finding_put_exception(line, exception);
	buf_puts(line, "}\n");
	if (excepted)
		finding->source->answers[finding->check].excepted++;
	else
		finding->source->answers[finding->check].found++;
	check->found[finding->severity] += !excepted;
	check->finding_count++;
	if (check->keep_finding && check->keep_finding(check, finding, fault) < 0)
		return -1;
	return buf_check(line, fault) < 0 ? -1 : sorter_add(check->lines, buf_span(line), fault);
}

const char *check_exception_word(const struct check *check,
                                 const struct policy_exception *exception)
{
	const struct check_source *source = check_find_source(check, exception->source);

	if (exception->ran_out)
		return "run out";
	if (!check->runs[exception->number])
		return "not checked";
	if (exception->matched)
		return "used";
	return source && answers_unknown(&source->answers[exception->number]) ? "not decided"
	                                                                      : "unused";
}
