/* SPDX-License-Identifier: ISC */
/*
 * check_rule: the policy's own rules: a jq expression on each account, with all that is
 * known of it.
 *
 * Findings of other accounts' kind and the person are known only at the end. So accounts
 * wait in a sorter if any rule speaks of them; else each is judged as it comes.
 */
#include "check/check_parts.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "jq/filter.h"

#include <stdio.h>
#include <stdlib.h>

struct own_rules {
	struct filter *filters; /* one a rule */
	char (*names)[80];      /* "rule NAME", as filters are called in messages */
	size_t count;
	bool wait; /* some rule speaks of findings or of the person */
	bool wants_person, wants_groups;
	struct sorter *waiting; /* key of the account, blank, a letter, what is known */
	struct buf subject, value, findings, person, key;
	struct json_reader json;
};

/* What is known of an account, in the order of these letters. */
enum { RULE_FINDING = 'a', RULE_PERSON = 'b', RULE_SUBJECT = 'c' };

/* ---- begin and end ---- */

static bool rule_speaks_of(struct span program, const char *word)
{
	return memmem(program.data, program.len, word, strlen(word)) != NULL;
}

int check_open_rules(struct check *check, struct fault *fault)
{
	size_t count = check->policy.rule_count;
	struct own_rules *rules;

	for (check->has_rules = false; count && !check->has_rules; count--)
		check->has_rules = check->runs[CHECKS + count - 1];
	count = check->policy.rule_count;
	if (!check->has_rules)
		return 0;
	rules = check->rules = calloc(1, sizeof *rules);
	if (!rules)
		return fault_memory(fault);
	rules->filters = calloc(count, sizeof *rules->filters);
	rules->names = calloc(count, sizeof *rules->names);
	if (!rules->filters || !rules->names)
		return fault_memory(fault);
	for (; rules->count < count; rules->count++) {
		const struct policy_rule *rule = &check->policy.rules[rules->count];
		char *name = rules->names[rules->count];

		snprintf(name, sizeof *rules->names, "rule %.*s", (int)rule->name.len, rule->name.data);
		rules->wants_person |= rule_speaks_of(rule->where, "person");
		rules->wait |= rules->wants_person || rule_speaks_of(rule->where, "findings");
		if (filter_init(&rules->filters[rules->count], name, rule->where, fault) < 0 ||
		    filter_ask_truth(&rules->filters[rules->count], rule->where, fault) < 0) {
			rules->count++;
			fault->kind = fault->kind == FAULT_USAGE ? FAULT_CONFIG : fault->kind;
			return fault_prefix(fault, "%s: line %zu: %s: ", INERT(span_of(check->options->policy)),
			                    rule->line, name);
		}
		rules->wants_groups |= filter_sees(&rules->filters[rules->count], span_of("groups"));
	}
	if (rules->wait)
		rules->waiting = sorter_open(check->options->memory / 4, fault);
	return rules->wait && !rules->waiting ? -1 : 0;
}

void check_close_rules(struct check *check)
{
	struct own_rules *rules = check->rules;

	if (!rules)
		return;
	for (size_t i = 0; i < rules->count; i++)
		filter_release(&rules->filters[i]);
	free(rules->filters);
	free(rules->names);
	sorter_close(rules->waiting);
	buf_release(&rules->subject);
	buf_release(&rules->value);
	buf_release(&rules->findings);
	buf_release(&rules->person);
	buf_release(&rules->key);
	json_reader_release(&rules->json);
	free(rules);
	check->rules = NULL;
}

bool check_rules_want_person(const struct check *check)
{
	return check->rules && check->rules->wants_person;
}

/* ---- judging ---- */

/* What the results of a rule say: one that is true finds; null, or none at all, is not
   known. 0 or -1. */
static int rule_ask(struct own_rules *rules, size_t i, yyjson_val *subject, const char *label,
                    struct answer *answer, struct fault *fault)
{
	struct filter *filter = &rules->filters[i];
	bool known = false;
	int holds = filter_start(filter, subject, label, fault);

	if (holds == 0)
		holds = filter_judges(filter, &known, fault);
	*answer = known ? answer_of(holds > 0) : answer_unknown(UNKNOWN_NOT_SHOWN, 0);
	return holds < 0 ? -1 : 0;
}

static int rule_add(struct check *check, size_t i, yyjson_val *subject, struct span label,
                    struct fault *fault)
{
	const struct policy_rule *rule = &check->policy.rules[i];

	return check_add(check,
	                 &(struct finding){.check = CHECKS + (int)i,
	                                   .severity = rule->severity,
	                                   .source = check->source,
	                                   .id = json_obj_text(subject, "id"),
	                                   .label = label,
	                                   .status = json_obj_text(subject, "status"),
	                                   .says = rule->says},
	                 fault);
}

/* The account in `json`, of the source at hand. */
static int rule_judge(struct check *check, struct span json, struct fault *fault)
{
	static const char *const names[] = {"user_name", "email", "display_name", "id"};
	struct own_rules *rules = check->rules;
	yyjson_val *subject = json_read(&rules->json, json, fault);
	struct span label = SPAN_EMPTY;
	char where[INERT_MAX];

	if (!subject)
		return -1;
	for (size_t i = 0; !label.len && i < sizeof names / sizeof *names; i++)
		label = json_obj_text(subject, names[i]);
	inert_text(where, label);
	for (size_t i = 0; i < rules->count; i++) {
		struct answer answer;

		if (!check_runs(check, CHECKS + (int)i))
			continue;
		if (rule_ask(rules, i, subject, where, &answer, fault) < 0)
			return fault_hint(fault, " (%s %s)", INERT(check->source->name), where);
		if (check_settle(check->source, CHECKS + (int)i, answer) &&
		    rule_add(check, i, subject, label, fault) < 0)
			return -1;
	}
	return 0;
}

/* ---- subjects ---- */

/* `,"groups":[{"id":"g1","name":"Admins","level":1,"via":"Ops < Admins"}]` */
static void rule_put_groups(struct check *check, const struct access_subject *subject,
                            struct buf *json)
{
	const struct nesting *nesting = &check->access.nesting;

	buf_puts(json, ",\"groups\":[");
	for (size_t i = 0; i < subject->count; i++) {
		const struct reached *reached = &subject->reached[i];
		const struct nested_group *group = &nesting->groups[reached->group];

		buf_puts(json, i ? ",{\"id\":" : "{\"id\":");
		buf_put_span(json, record_key_id(group->key));
		if (group->name.len)
			json_put_member(json, "name", group->name);
		if (reached->level)
			buf_putf(json, ",\"level\":%u", (unsigned)reached->level);
		else
			buf_puts(json, ",\"level\":0");
		if (reached->level) {
			buf_clear(&check->via);
			access_put_path(&check->via, nesting, subject->reached, i);
			json_put_member(json, "via", buf_span(&check->via));
		}
		buf_putc(json, '}');
	}
	buf_putc(json, ']');
}

int check_keep_rule_subject(struct check *check, const struct access_subject *subject,
                            enum answer_is is_privileged, struct fault *fault)
{
	static const char *const words[] = {"false", "true", "null"};
	struct own_rules *rules = check->rules;
	struct span line = check->access.reader.line;
	struct buf *json = &rules->subject;

	buf_clear(json);
	if (rules->wait) {
		buf_put_span(json, subject->key);
		buf_putc(json, ' ');
		buf_putc(json, RULE_SUBJECT);
	}
	buf_put(json, line.data, line.len - 1); /* all but its brace */
	if (rules->wants_groups)
		rule_put_groups(check, subject, json);
	buf_puts(json, ",\"privileged\":");
	buf_puts(json, words[is_privileged]);
	json_put_member(json, "as_of", check->source->as_of);
	buf_puts(json, rules->wait ? "\n" : "}");
	if (buf_check(json, fault) < 0 || buf_check(&check->via, fault) < 0)
		return -1;
	return rules->wait ? sorter_add(rules->waiting, buf_span(json), fault)
	                   : rule_judge(check, buf_span(json), fault);
}

static int rule_keep(struct check *check, struct span source, struct span id, char letter,
                     struct span json, struct fault *fault)
{
	struct own_rules *rules = check->rules;

	buf_clear(&rules->key);
	record_put_text_key(&rules->key, RECORD_USER, source, id);
	buf_putf(&rules->key, " %c", letter);
	buf_put_span(&rules->key, json);
	buf_putc(&rules->key, '\n');
	return buf_check(&rules->key, fault) < 0
	           ? -1
	           : sorter_add(rules->waiting, buf_span(&rules->key), fault);
}

int check_keep_rule_finding(struct check *check, const struct finding *finding, struct fault *fault)
{
	struct own_rules *rules = check->rules;

	if (!rules || !rules->wait || !finding->status.len || finding->check >= CHECKS)
		return 0;
	buf_clear(&rules->value);
	json_put_string(&rules->value, span_of(check_table[finding->check].name));
	return buf_check(&rules->value, fault) < 0
	           ? -1
	           : rule_keep(check, finding->source->name, finding->id, RULE_FINDING,
	                       buf_span(&rules->value), fault);
}

int check_keep_rule_person(struct check *check, const struct check_source *source, struct span id,
                           struct span json, struct fault *fault)
{
	return rule_keep(check, source->name, id, RULE_PERSON, json, fault);
}

/* ---- at the end ---- */

/* All that is known of an account has come: its findings, its person, itself. */
static int rule_judge_waiting(struct check *check, struct span key, struct span json,
                              struct fault *fault)
{
	struct own_rules *rules = check->rules;

	if (check_take_source(check, key, fault) < 0)
		return -1;
	buf_clear(&rules->subject);
	buf_put_span(&rules->subject, json);
	buf_puts(&rules->subject, ",\"findings\":[");
	buf_put_span(&rules->subject, buf_span(&rules->findings));
	buf_putc(&rules->subject, ']');
	if (rules->person.len) {
		buf_puts(&rules->subject, ",\"person\":");
		buf_put_span(&rules->subject, buf_span(&rules->person));
	}
	buf_putc(&rules->subject, '}');
	if (buf_check(&rules->subject, fault) < 0 || buf_check(&rules->findings, fault) < 0 ||
	    buf_check(&rules->person, fault) < 0)
		return -1;
	return rule_judge(check, buf_span(&rules->subject), fault);
}

static int rule_take_line(struct check *check, struct span line, struct fault *fault)
{
	struct own_rules *rules = check->rules;
	struct span key = record_line_key(RECORD_USER, line), rest;

	rest = (struct span){line.data + key.len + 2, line.len - key.len - 3};
	if (rules->key.state != BUF_OK || !span_is(key, buf_span(&rules->key))) {
		buf_clear(&rules->key);
		buf_put_span(&rules->key, key);
		buf_clear(&rules->findings);
		buf_clear(&rules->person);
	}
	switch (line.data[key.len + 1]) {
	case RULE_FINDING:
		/* several of one check are one word; they stand together */
		if (!span_ends(buf_span(&rules->findings), rest))
			buf_putf(&rules->findings, "%s%.*s", rules->findings.len ? "," : "", (int)rest.len,
			         rest.data);
		return 0;
	case RULE_PERSON:
		buf_clear(&rules->person);
		buf_put_span(&rules->person, rest);
		return 0;
	default: return rule_judge_waiting(check, key, rest, fault);
	}
}

int check_judge_rules(struct check *check, struct fault *fault)
{
	struct own_rules *rules = check->rules;
	struct span line;
	int more;

	if (!rules || !rules->wait)
		return 0;
	buf_clear(&rules->key);
	more = sorter_sort(rules->waiting, fault);
	rules->wait = false; /* findings of rules are not kept */
	while (more >= 0 && (more = sorter_next(rules->waiting, &line, fault)) > 0)
		more = rule_take_line(check, line, fault);
	return more;
}
