/* SPDX-License-Identifier: ISC */
/*
 * check_person: what is said of an account because of another account of the same person:
 * on the roster, at the authority or the identity provider, or in a group that goes badly
 * with a group of its own.
 */
#include "check/check_parts.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/json_put.h"

#include <stdlib.h>

/* ---- persons ---- */

enum { PERSON_ACCOUNT = 'a', PERSON_ROSTER = 'r' };

/* An account of a person, as its line has it. */
struct person_account {
	char kind;
	struct check_source *source;                      /* of an account of the snapshot */
	struct span id, label, status, type, name, email; /* the last two are folded */
	bool is_nameless;
	yyjson_val *marks; /* groups of conflicts: "1f", its name, ... */
};

struct person {
	struct person_account *accounts;
	size_t count, cap;
	struct counterparts {
		uint64_t enabled, disabled, unknown;
	} counterparts[3];         /* by enum counterpart_kind */
	struct person_mark *marks; /* by conflict and side; the first of each */
	uint32_t *marked;          /* which of them are set */
	size_t marked_count;
};

/* An account's group in a conflict. */
struct person_mark {
	const struct person_account *account; /* NULL: none */
	struct span group;
};

/* Where somebody may have another account. */
enum counterpart_kind { COUNTERPART_ROSTER, COUNTERPART_AUTHORITY, COUNTERPART_IDP, COUNTERPARTS };

/* Namesakes are told apart only among so many accounts of one name. */
enum { NAMESAKES_MAX = 4096 };

/* What a line of persons says, in this order. */
enum line_part {
	LINE_KIND,
	LINE_SOURCE,
	LINE_ID,
	LINE_LABEL,
	LINE_STATUS,
	LINE_TYPE,
	LINE_NAME,
	LINE_EMAIL,
	LINE_NAMELESS,
	LINE_MARKS,
};

static int person_add_line(struct check *check, char kind, const struct check_source *source,
                           const struct record *user, struct span marks, struct fault *fault)
{
	struct buf *line = &check->line;
	struct span id = record_text(user, USER_ID);
	const struct span parts[] = {id, check_account_label(user, id), record_text(user, USER_STATUS),
	                             record_text(user, USER_ACCOUNT_TYPE)};
	const struct span names[] = {record_text(user, USER_USER_NAME), record_text(user, USER_EMAIL)};
	bool is_nameless = !names[0].len && !names[1].len;

	buf_clear(line);
	buf_putf(line, "[\"%c\",\"%08x\"", kind, source ? (unsigned)source->index : 0);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
		buf_putc(line, ',');
		json_put_string(line, parts[i]);
	}
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		buf_clear(&check->key);
		persons_put_folded(&check->key, names[i]);
		if (buf_check(&check->key, fault) < 0)
			return -1;
		buf_putc(line, ',');
		json_put_string(line, buf_span(&check->key));
	}
	buf_puts(line, is_nameless ? ",\"n\",[" : ",\"\",[");
	buf_put_span(line, marks);
	buf_puts(line, "]]");
	if (buf_check(line, fault) < 0)
		return -1;
	return persons_add(&check->persons, user, buf_span(line), fault);
}

/* Appends the groups of conflicts that are among those reached, one for each side of each.
   A member that nobody knows the person of is counted. */
static void person_put_marks(struct check *check, const struct access_subject *subject,
                             bool is_nameless, struct buf *text)
{
	for (size_t i = 0; i < subject->count; i++) {
		uint32_t place = subject->reached[i].group;

		if (!(check->flags[place] & GROUP_MARKED))
			continue;
		for (size_t at = 0; at < check->mark_count; at++) {
			const struct check_mark *mark = &check->marks[at];

			if (mark->place != place || mark->is_privileged)
				continue;
			check->unmatched[2 * mark->conflict + mark->side] += is_nameless;
			buf_clear(&check->group);
			access_put_group(&check->group, &check->access.nesting, place);
			buf_putf(text, "%s\"%x\",", text->len ? "," : "", 2 * mark->conflict + mark->side);
			json_put_string(text, buf_span(&check->group));
		}
	}
}

int check_keep_person(struct check *check, const struct access_subject *subject,
                      struct fault *fault)
{
	const struct record *user = subject->record;
	bool is_nameless =
		!user || (!record_text(user, USER_USER_NAME).len && !record_text(user, USER_EMAIL).len);

	buf_clear(&check->says);
	if (check_runs(check, CHECK_CONFLICT))
		person_put_marks(check, subject, is_nameless, &check->says);
	if (buf_check(&check->says, fault) < 0 || buf_check(&check->group, fault) < 0)
		return -1;
	return user ? person_add_line(check, PERSON_ACCOUNT, check->source, user,
	                              buf_span(&check->says), fault)
	            : 0;
}

/* Takes the parts of a line. 0 or -1. */
static int person_parse(struct check *check, yyjson_val *root, struct person_account *account,
                        struct fault *fault)
{
	struct span parts[LINE_MARKS];

	for (size_t i = 0; i < LINE_MARKS; i++)
		if (!json_text(yyjson_arr_get(root, i), &parts[i]))
			return fault_set(fault, FAULT_INTERNAL, "a line of persons is odd");
	*account = (struct person_account){
		.kind = parts[LINE_KIND].data[0],
		.id = parts[LINE_ID],
		.label = parts[LINE_LABEL],
		.status = parts[LINE_STATUS],
		.type = parts[LINE_TYPE],
		.name = parts[LINE_NAME],
		.email = parts[LINE_EMAIL],
		.is_nameless = parts[LINE_NAMELESS].len > 0,
		.marks = yyjson_arr_get(root, LINE_MARKS),
	};
	if (account->kind == PERSON_ACCOUNT)
		account->source = check->sources[strtoul(parts[LINE_SOURCE].data, NULL, 16)];
	return 0;
}

/* ---- the roster ---- */

static int roster_take(struct check *check, struct snapshot_reader *reader, struct record *record,
                       struct fault *fault)
{
	struct span only = check->policy.roster;

	if (reader->kind != RECORD_USER && reader->kind != RECORD_GAP)
		return 0;
	if (snapshot_reader_parse(reader, record, fault) < 0)
		return -1;
	if (only.len && !span_is(record_text(record, 0), only))
		return 0;
	if (reader->kind == RECORD_USER)
		return person_add_line(check, PERSON_ROSTER, NULL, record, span_of(""), fault);
	check->roster_gap |= span_is(record_text(record, GAP_SCOPE), span_of("users")) ||
	                     span_is(record_text(record, GAP_SCOPE), span_of("service_accounts"));
	return 0;
}

static int roster_read_sources(struct check *check, const struct snapshot_reader *reader,
                               struct fault *fault)
{
	struct span only = check->policy.roster;
	bool known = !only.len;
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(reader->sources, i, max, entry) {
		bool counts = !only.len || span_is(json_obj_text(entry, "source"), only);

		known |= counts;
		check->roster_selected |= counts && json_obj_text(entry, "select").len > 0;
	}
	return known ? 0
	             : fault_set(fault, FAULT_DATA,
	                         "%s: there is no source '%s', which the policy calls the roster",
	                         INERT(snapshot_reader_name(reader)), INERT(only));
}

int check_read_roster(struct check *check, struct fault *fault)
{
	struct snapshot_reader reader;
	struct record record = {0};
	int more = snapshot_reader_open(&reader, check->options->roster, fault);

	if (more == 0)
		more = roster_read_sources(check, &reader, fault);
	while (more >= 0 && (more = snapshot_reader_next(&reader, fault)) > 0)
		more = roster_take(check, &reader, &record, fault);
	if (more == 0)
		memcpy(check->roster_sha256, reader.sha256, sizeof check->roster_sha256);
	snapshot_reader_close(&reader);
	record_release(&record);
	return more;
}

/* ---- one person ---- */

static bool person_is_counterpart(const struct check *check, const struct person_account *account,
                                  enum counterpart_kind kind)
{
	if (kind == COUNTERPART_ROSTER && (check->options->roster || account->kind == PERSON_ROSTER))
		return account->kind == PERSON_ROSTER;
	return account->kind == PERSON_ACCOUNT &&
	       span_is(account->source->name, kind == COUNTERPART_ROSTER      ? check->policy.roster
	                                      : kind == COUNTERPART_AUTHORITY ? check->policy.authority
	                                                                      : check->policy.idp);
}

static void person_count(struct counterparts *parts, const struct person_account *one)
{
	bool enabled = span_is(one->status, span_of("enabled"));
	bool disabled = span_is(one->status, span_of("disabled"));

	parts->enabled += enabled;
	parts->disabled += disabled;
	parts->unknown += !enabled && !disabled;
}

static uint64_t person_matches(const struct counterparts *parts)
{
	return parts->enabled + parts->disabled + parts->unknown;
}

static bool person_disagrees(const struct counterparts *parts)
{
	return (parts->enabled > 0) + (parts->disabled > 0) + (parts->unknown > 0) > 1;
}

/* Those of the person's accounts there that have the user name, the address or both of the
   account. */
static struct counterparts person_namesakes(const struct check *check, const struct person *person,
                                            const struct person_account *account,
                                            enum counterpart_kind kind, bool by_name, bool by_email)
{
	struct counterparts own = {0};

	if ((by_name && !account->name.len) || (by_email && !account->email.len))
		return own;
	for (size_t i = 0; i < person->count; i++) {
		const struct person_account *one = &person->accounts[i];

		if ((!by_name || span_is(account->name, one->name)) &&
		    (!by_email || span_is(account->email, one->email)) &&
		    person_is_counterpart(check, one, kind))
			person_count(&own, one);
	}
	return own;
}

/* The person's accounts on the roster, ... If they disagree, those with the user name of the
   account count alone, if there are any; and if these disagree, or there are none, those that
   have its address. */
static struct counterparts person_counterparts(const struct check *check,
                                               const struct person *person,
                                               const struct person_account *account,
                                               enum counterpart_kind kind)
{
	struct counterparts all = person->counterparts[kind], named, own;

	if (!person_disagrees(&all) || person->count > NAMESAKES_MAX)
		return all;
	named = person_namesakes(check, person, account, kind, true, false);
	if (person_matches(&named) && !person_disagrees(&named))
		return named;
	own = person_namesakes(check, person, account, kind, person_matches(&named) > 0, true);
	return person_matches(&own) ? own : all;
}

/* Are the counterparts disabled? There is at least one. */
static struct answer person_is_disabled(const struct counterparts *parts)
{
	if (parts->enabled && parts->disabled)
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	if (parts->unknown)
		return answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_STATUS));
	return answer_of(parts->disabled > 0);
}

/* Nobody of that name is there: is that known? */
static struct answer person_is_gone(const struct check *check, const struct person_account *account,
                                    enum counterpart_kind kind)
{
	const struct check_source *source = NULL;
	bool gap = check->roster_gap, selected = check->roster_selected;

	if (kind != COUNTERPART_ROSTER || !check->options->roster) {
		source = check_find_source(check, kind == COUNTERPART_ROSTER      ? check->policy.roster
		                                  : kind == COUNTERPART_AUTHORITY ? check->policy.authority
		                                                                  : check->policy.idp);
		gap = !source || source->is_missing || source->gaps.users;
		selected = source && source->selected;
	}
	if (gap)
		return answer_unknown(UNKNOWN_GAP, 0);
	if (selected)
		return answer_unknown(UNKNOWN_SELECTED, 0);
	return account->is_nameless ? answer_unknown(UNKNOWN_NOT_MATCHED, 0) : answer_of(true);
}

static struct answer person_signs_in(const struct person_account *account)
{
	if (span_is(account->status, span_of("enabled")))
		return answer_of(true);
	return span_is(account->status, span_of("disabled"))
	           ? answer_of(false)
	           : answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_STATUS));
}

static int person_add(struct check *check, const struct person_account *account, int number,
                      enum severity severity, const char *says, struct span source,
                      struct fault *fault)
{
	buf_clear(&check->says);
	buf_puts(&check->says, says);
	if (source.len)
		check_put_name(&check->says, source);
	if (buf_check(&check->says, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = number,
	                                   .severity = severity,
	                                   .source = account->source,
	                                   .id = account->id,
	                                   .label = account->label,
	                                   .status = account->status,
	                                   .says = buf_span(&check->says)},
	                 fault);
}

static int person_judge_leaver(struct check *check, const struct person *person,
                               const struct person_account *account, struct fault *fault)
{
	struct counterparts parts = person_counterparts(check, person, account, COUNTERPART_ROSTER);
	struct answer signs_in = person_signs_in(account), answer;

	if (person_is_counterpart(check, account, COUNTERPART_ROSTER) || signs_in.is == ANSWER_NO ||
	    span_is(account->type, span_of("service")))
		return 0;
	answer = person_matches(&parts) ? person_is_disabled(&parts)
	                                : person_is_gone(check, account, COUNTERPART_ROSTER);
	if (!check_settle(account->source, CHECK_LEAVER, answer_and(answer, signs_in)))
		return 0;
	return person_matches(&parts) ? person_add(check, account, CHECK_LEAVER, SEVERITY_CRITICAL,
	                                           "disabled on the roster", span_of(""), fault)
	                              : person_add(check, account, CHECK_LEAVER, SEVERITY_HIGH,
	                                           "not on the roster", span_of(""), fault);
}

static int person_judge_disabled(struct check *check, const struct person *person,
                                 const struct person_account *account, struct fault *fault)
{
	struct counterparts parts = person_counterparts(check, person, account, COUNTERPART_AUTHORITY);
	struct answer signs_in = person_signs_in(account), answer;

	if (person_is_counterpart(check, account, COUNTERPART_AUTHORITY) || signs_in.is == ANSWER_NO ||
	    (!person_matches(&parts) && span_is(account->type, span_of("service"))))
		return 0;
	answer = person_matches(&parts) ? person_is_disabled(&parts)
	                                : person_is_gone(check, account, COUNTERPART_AUTHORITY);
	if (!person_matches(&parts) && answer.is == ANSWER_YES)
		answer = answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	return check_settle(account->source, CHECK_DISABLED_ELSEWHERE, answer_and(answer, signs_in))
	           ? person_add(check, account, CHECK_DISABLED_ELSEWHERE, SEVERITY_HIGH,
	                        "can sign in, and is disabled in ", check->policy.authority, fault)
	           : 0;
}

static int person_judge_idp(struct check *check, const struct person *person,
                            const struct person_account *account, struct fault *fault)
{
	struct counterparts parts = person_counterparts(check, person, account, COUNTERPART_IDP);

	if (person_is_counterpart(check, account, COUNTERPART_IDP) ||
	    span_is(account->type, span_of("service")))
		return 0;
	return check_settle(account->source, CHECK_NOT_IN_IDP,
	                    person_matches(&parts) ? answer_of(false)
	                                           : person_is_gone(check, account, COUNTERPART_IDP))
	           ? person_add(check, account, CHECK_NOT_IN_IDP, SEVERITY_MEDIUM,
	                        "nobody of this name in ", check->policy.idp, fault)
	           : 0;
}

/* ---- conflicts ---- */

/* Could the person be in the group at the other side, though it does not look so? */
static struct answer person_blind_side(const struct check *check,
                                       const struct person_account *account, uint32_t mark)
{
	const struct policy_ref *ref = &check->policy.conflicts[mark / 2].groups[mark % 2];

	if (!ref->matched || account->is_nameless || check->unmatched[mark])
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	for (size_t i = 0; i < check->source_count; i++) {
		const struct check_source *source = check->sources[i];

		if (ref->source.len ? !span_is(ref->source, source->name) : source->is_missing)
			continue;
		if (source->is_missing)
			return answer_unknown(UNKNOWN_GAP, 0);
		if (source->blind_access.is == ANSWER_UNKNOWN &&
		    source->blind_access.why != UNKNOWN_NOT_SHOWN)
			return source->blind_access;
	}
	return answer_of(false);
}

static void person_put_mark(struct check *check, const struct person_mark *mark,
                            const struct person_account *other)
{
	check_put_name(&check->says, mark->group);
	buf_puts(&check->says, " of ");
	check_put_name(&check->says, mark->account->source->name);
	if (mark->account != other && !span_is(mark->account->label, other->label)) {
		buf_puts(&check->says, " as ");
		check_put_name(&check->says, mark->account->label);
	}
}

static int person_judge_conflict(struct check *check, const struct person *person, uint32_t mark,
                                 struct fault *fault)
{
	const struct person_mark *one = &person->marks[mark & ~1U], *other = one + 1;
	const struct person_account *account = one->account ? one->account : other->account;
	struct answer answer = answer_of(true);

	if (one->account && other->account && (mark & 1U))
		return 0; /* the two were judged once */
	if (!one->account || !other->account)
		answer = person_blind_side(check, account, mark ^ 1U);
	if (!check_settle(account->source, CHECK_CONFLICT, answer))
		return 0;
	buf_clear(&check->says);
	buf_puts(&check->says, "in ");
	person_put_mark(check, one, account);
	buf_puts(&check->says, " and in ");
	person_put_mark(check, other, account);
	if (buf_check(&check->says, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = CHECK_CONFLICT,
	                                   .severity = SEVERITY_HIGH,
	                                   .source = account->source,
	                                   .id = account->id,
	                                   .label = account->label,
	                                   .status = account->status,
	                                   .what = check->policy.conflicts[mark / 2].name,
	                                   .says = buf_span(&check->says)},
	                 fault);
}

/* Remembers the first group of each side. */
static void person_take_marks(struct person *person, const struct person_account *account)
{
	for (size_t i = 0; i + 1 < yyjson_arr_size(account->marks); i += 2) {
		uint32_t mark =
			(uint32_t)strtoul(yyjson_get_str(yyjson_arr_get(account->marks, i)), NULL, 16);

		if (person->marks[mark].account)
			continue;
		person->marks[mark].account = account;
		json_text(yyjson_arr_get(account->marks, i + 1), &person->marks[mark].group);
		person->marked[person->marked_count++] = mark;
	}
}

static int person_judge_conflicts(struct check *check, struct person *person, struct fault *fault)
{
	int result = 0;

	for (size_t i = 0; i < person->count; i++)
		person_take_marks(person, &person->accounts[i]);
	for (size_t i = 0; result == 0 && i < person->marked_count; i++)
		result = person_judge_conflict(check, person, person->marked[i], fault);
	while (person->marked_count)
		person->marks[person->marked[--person->marked_count]].account = NULL;
	return result;
}

/* ---- for rules ---- */

enum { PERSON_SHOWN_MAX = 100 }; /* accounts of a person that a rule sees */

/* Tells the rules whom each account belongs to: {"name":...,"accounts":[{...}]}. */
static int person_tell_rules(struct check *check, const struct person *person, struct span given,
                             struct fault *fault)
{
	struct buf *json = &check->says;
	int result = 0;

	buf_clear(json);
	buf_putc(json, '{');
	if (given.len) {
		buf_puts(json, "\"name\":");
		json_put_string(json, given);
		buf_putc(json, ',');
	}
	buf_puts(json, "\"accounts\":[");
	for (size_t i = 0; i < person->count && i < PERSON_SHOWN_MAX; i++) {
		const struct person_account *account = &person->accounts[i];

		buf_puts(json, i ? ",{\"source\":" : "{\"source\":");
		json_put_string(json, account->source ? account->source->name : span_of("roster"));
		json_put_member(json, "id", account->id);
		json_put_member(json, "label", account->label);
		json_put_member(json, "status", account->status);
		json_put_member(json, "account_type", account->type);
		buf_putc(json, '}');
	}
	buf_puts(json, "]}");
	if (buf_check(json, fault) < 0)
		return -1;
	for (size_t i = 0; result == 0 && i < person->count; i++)
		if (person->accounts[i].kind == PERSON_ACCOUNT)
			result = check_keep_rule_person(check, person->accounts[i].source,
			                                person->accounts[i].id, buf_span(json), fault);
	return result;
}

/* ---- all persons ---- */

/* The accounts of the person are there. */
static int person_judge(struct check *check, struct person *person, struct fault *fault)
{
	memset(person->counterparts, 0, sizeof person->counterparts);
	for (size_t i = 0; i < person->count; i++)
		for (int kind = 0; kind < COUNTERPARTS; kind++)
			if (person_is_counterpart(check, &person->accounts[i], (enum counterpart_kind)kind))
				person_count(&person->counterparts[kind], &person->accounts[i]);
	for (size_t i = 0; i < person->count; i++) {
		const struct person_account *account = &person->accounts[i];

		if (account->kind != PERSON_ACCOUNT)
			continue;
		if ((check_runs(check, CHECK_LEAVER) &&
		     person_judge_leaver(check, person, account, fault) < 0) ||
		    (check_runs(check, CHECK_DISABLED_ELSEWHERE) &&
		     person_judge_disabled(check, person, account, fault) < 0) ||
		    (check_runs(check, CHECK_NOT_IN_IDP) &&
		     person_judge_idp(check, person, account, fault) < 0))
			return -1;
	}
	return person_judge_conflicts(check, person, fault);
}

/* Takes apart the lines of one person, which stand in `text` with commas between them. */
static int person_read(struct check *check, struct person *person, struct buf *text,
                       struct span given, struct fault *fault)
{
	yyjson_val *root, *line;
	size_t i, max;

	buf_putc(text, ']');
	if (buf_check(text, fault) < 0)
		return -1;
	root = json_read(&check->json, buf_span(text), fault);
	if (!root)
		return -1;
	person->count = 0;
	yyjson_arr_foreach(root, i, max, line) {
		struct person_account *accounts =
			array_grow(person->accounts, person->count, &person->cap, sizeof *accounts, fault);

		if (!accounts)
			return -1;
		person->accounts = accounts;
		if (person_parse(check, line, &accounts[person->count++], fault) < 0)
			return -1;
	}
	if (person_judge(check, person, fault) < 0)
		return -1;
	return check->wants_persons ? person_tell_rules(check, person, given, fault) : 0;
}

/* Gathers the lines of each person. */
static int person_read_all(struct check *check, struct person *person, struct fault *fault)
{
	struct buf text = {.max = PERSON_MAX_BYTES};
	struct person_line next;
	struct span given = SPAN_EMPTY; /* persons keeps these texts */
	uint32_t at = 0;
	int more;

	while ((more = persons_next(&check->persons, &next, fault)) > 0) {
		if (text.len && next.person != at && person_read(check, person, &text, given, fault) < 0)
			break;
		if (next.person != at)
			buf_clear(&text);
		at = next.person;
		given = next.given;
		buf_putc(&text, text.len ? ',' : '[');
		buf_put_span(&text, next.line);
	}
	if (more == 0 && text.len && person_read(check, person, &text, given, fault) < 0)
		more = -1;
	buf_release(&text);
	return more ? -1 : 0;
}

int check_judge_persons(struct check *check, struct fault *fault)
{
	size_t sides = 2 * check->policy.conflict_count;
	struct person person = {.marks = calloc(sides + 1, sizeof *person.marks),
	                        .marked = calloc(sides + 1, sizeof *person.marked)};
	int result = -1;

	if (!person.marks || !person.marked)
		fault_memory(fault);
	else if (persons_close(&check->persons, fault) == 0)
		result = person_read_all(check, &person, fault);
	free(person.accounts);
	free(person.marks);
	free(person.marked);
	return result;
}
