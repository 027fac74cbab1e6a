/* SPDX-License-Identifier: ISC */
/*
 * check_before: the snapshot is held against an older one, record by record as both go by:
 * which accounts, memberships and roles are new.
 *
 * Groups are known only after all memberships have gone by, so memberships that are new wait
 * in a sorter, by their member, until the member comes.
 */
#include "check/check_parts.h"

#include "base/array.h"
#include "base/inert.h"

#include <stdlib.h>

/* A source of the older snapshot. */
struct before_source {
	struct span name;
	int64_t seconds; /* when it was read */
	bool is_dated, selected;
	struct gaps gaps;
};

struct before {
	struct check *check;
	struct snapshot_reader reader;
	struct record record;
	int more; /* 1: a record is at hand */
	struct before_source *sources;
	size_t source_count, source_cap;
	struct set hidden;      /* keys of groups whose members could not be read */
	struct sorter *members; /* key of the member, blank, place of the group, why */
	struct span waiting;    /* the line at hand; empty: none */
	int waits;              /* 1: there is one */
	struct arena texts;
};

/* ---- reading the older one ---- */

static int before_take_gap(struct before *before, struct fault *fault)
{
	struct span id;
	struct buf key = {0};
	bool fresh;
	int result = 0;

	if (snapshot_reader_parse(&before->reader, &before->record, fault) < 0)
		return -1;
	id = record_text(&before->record, GAP_ID);
	for (size_t i = 0; i < before->source_count; i++) {
		struct before_source *source = &before->sources[i];

		if (!span_is(source->name, record_text(&before->record, GAP_SOURCE)))
			continue;
		gaps_take(&source->gaps, &before->record);
	}
	if (id.len) {
		record_put_text_key(&key, RECORD_GROUP, record_text(&before->record, GAP_SOURCE), id);
		if (buf_check(&key, fault) < 0)
			result = -1;
		else if (!set_take(&before->hidden, buf_span(&key), &fresh))
			result = fault_memory(fault);
	}
	buf_release(&key);
	return result;
}

static int before_advance(struct before *before, struct fault *fault)
{
	before->more = snapshot_reader_next(&before->reader, fault);
	if (before->more <= 0)
		return before->more;
	if (before->reader.kind == RECORD_GAP)
		return before_take_gap(before, fault);
	return before->check->see_before && before->reader.kind != RECORD_GROUP
	           ? before->check->see_before(before->check, &before->reader, &before->record, fault)
	           : 0;
}

static int before_read_sources(struct before *before, struct fault *fault)
{
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(before->reader.sources, i, max, entry) {
		struct before_source *sources = array_grow(before->sources, before->source_count,
		                                           &before->source_cap, sizeof *sources, fault);
		struct before_source *source;

		if (!sources)
			return -1;
		before->sources = sources;
		source = &sources[before->source_count++];
		*source = (struct before_source){
			.name = arena_copy(&before->texts, json_obj_text(entry, "source")),
			.selected = json_obj_text(entry, "select").len > 0,
		};
		source->is_dated = when_seconds(json_obj_text(entry, "fetched_at"), &source->seconds);
		if (!source->name.data)
			return fault_memory(fault);
	}
	return 0;
}

int check_open_before(struct check *check, struct fault *fault)
{
	struct before *before = calloc(1, sizeof *before);

	if (!before)
		return fault_memory(fault);
	check->before = before;
	before->check = check;
	before->members = sorter_open(check->options->memory / 8, fault);
	return !before->members ||
	               snapshot_reader_open(&before->reader, check->options->before, fault) < 0 ||
	               before_read_sources(before, fault) < 0
	           ? -1
	           : before_advance(before, fault);
}

void check_close_before(struct check *check)
{
	struct before *before = check->before;

	if (!before)
		return;
	snapshot_reader_close(&before->reader);
	record_release(&before->record);
	free(before->sources);
	set_release(&before->hidden);
	sorter_close(before->members);
	arena_release(&before->texts);
	free(before);
	check->before = NULL;
}

const char *check_before_sha256(const struct check *check)
{
	return check->before->reader.sha256;
}

/* Is the record with this key at hand after all smaller ones have gone by? 1, 0 or -1. */
static int before_find(struct before *before, enum record_kind kind, struct span key,
                       struct fault *fault)
{
	while (before->more > 0) {
		int order = before->reader.kind != kind ? (before->reader.kind < kind ? -1 : 1)
		                                        : span_compare(before->reader.key, key);

		if (order >= 0)
			return order == 0;
		if (before_advance(before, fault) < 0)
			return -1;
	}
	return before->more < 0 ? -1 : 0;
}

/* ---- what is new ---- */

static const struct before_source *before_find_source(const struct check *check)
{
	const struct before *before = check->before;

	for (size_t i = 0; i < before->source_count; i++)
		if (span_is(before->sources[i].name, check->source->name))
			return &before->sources[i];
	return NULL;
}

/* A record that the older snapshot does not have: is it new? */
static struct answer before_is_new(const struct check *check, bool membership, bool hidden)
{
	const struct before_source *source = before_find_source(check);

	if (!source)
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	if (hidden || (membership ? source->gaps.groups || source->gaps.members : source->gaps.users))
		return answer_unknown(UNKNOWN_GAP, 0);
	return source->selected ? answer_unknown(UNKNOWN_SELECTED, 0) : answer_of(true);
}

struct answer check_before_lacks(const struct check *check, struct span source, struct span since,
                                 bool membership, struct span group_id)
{
	const struct before *before = check->before;
	const struct before_source *found = NULL;
	struct buf key = {0};
	bool hidden = false;
	int64_t seconds;

	for (size_t i = 0; !found && i < before->source_count; i++)
		if (span_is(before->sources[i].name, source))
			found = &before->sources[i];
	if (!found || !found->is_dated || !when_seconds(since, &seconds) || found->seconds <= seconds)
		return answer_unknown(UNKNOWN_NOT_MATCHED, 0);
	if (membership) {
		record_put_text_key(&key, RECORD_GROUP, source, group_id);
		hidden =
			set_find(&before->hidden, buf_span(&key)) || found->gaps.groups || found->gaps.members;
		buf_release(&key);
	}
	if (hidden || found->gaps.users)
		return answer_unknown(UNKNOWN_GAP, 0);
	return found->selected ? answer_unknown(UNKNOWN_SELECTED, 0) : answer_of(true);
}

int check_take_membership(void *context, struct fault *fault)
{
	struct check *check = context;
	struct before *before = check->before;
	struct access *access = &check->access;
	bool is_group = record_line_member_kind(access->reader.line) == MEMBER_GROUP;
	struct buf *line = &check->line;
	int found;

	if (check_take_source(check, access->reader.line, fault) < 0)
		return -1;
	found = before_find(before, RECORD_MEMBERSHIP, access->reader.key, fault);
	if (found < 0)
		return -1;
	if (!check->runs[CHECK_NEW_ACCESS])
		return 0;
	if (found) {
		check_settle(check->source, CHECK_NEW_ACCESS, answer_of(false));
		return 0;
	}
	buf_clear(line);
	record_put_end_key(line, access->reader.line, MEMBERSHIP_MEMBER_ID,
	                   is_group ? RECORD_GROUP : RECORD_USER);
	buf_putf(line, " %x\n", access->group_place);
	return buf_check(line, fault) < 0 ? -1 : sorter_add(before->members, buf_span(line), fault);
}

static int before_next_member(struct before *before, struct fault *fault)
{
	before->waits = sorter_next(before->members, &before->waiting, fault);
	return before->waits < 0 ? -1 : 0;
}

static int before_add(struct check *check, struct span id, struct span label, struct span status,
                      struct span what, bool is_privileged, struct fault *fault)
{
	if (buf_check(&check->says, fault) < 0 || buf_check(&check->what, fault) < 0)
		return -1;
	return check_add(check,
	                 &(struct finding){.check = CHECK_NEW_ACCESS,
	                                   .severity = is_privileged ? SEVERITY_HIGH : SEVERITY_INFO,
	                                   .source = check->source,
	                                   .id = id,
	                                   .label = label,
	                                   .status = status,
	                                   .what = what,
	                                   .says = buf_span(&check->says)},
	                 fault);
}

/* The membership of a member called `label` in the group at `place`. */
static int before_judge_membership(struct check *check, uint32_t place, struct answer is_new,
                                   struct span id, struct span label, struct span status,
                                   struct fault *fault)
{
	const struct nested_group *group = &check->access.nesting.groups[place];
	bool is_privileged = (check->flags[place] & GROUP_GIVES) != 0;

	if (!check_settle(check->source, CHECK_NEW_ACCESS, is_new))
		return 0;
	buf_clear(&check->says);
	buf_puts(&check->says, "a new member of ");
	check_put_group(check, place);
	buf_puts(&check->says, is_privileged ? ", which is privileged" : "");
	buf_clear(&check->what);
	buf_puts(&check->what, "group:");
	access_put_id(&check->what, group->key);
	return before_add(check, id, label, status, buf_span(&check->what), is_privileged, fault);
}

/* The same of the membership that waits. */
static int before_judge_waiting(struct check *check, struct span id, struct span label,
                                struct span status, struct fault *fault)
{
	const struct before *before = check->before;
	const char *mark = memrchr(before->waiting.data, ' ', before->waiting.len);
	uint32_t place = (uint32_t)strtoul(mark, NULL, 16);
	bool hidden = set_find(&before->hidden, check->access.nesting.groups[place].key) != NULL;

	return before_judge_membership(check, place, before_is_new(check, true, hidden), id, label,
	                               status, fault);
}

/* Groups in groups, which sort before the members that are accounts. */
static int before_judge_nested(struct check *check, struct fault *fault)
{
	static const struct span head = SPAN("{\"kind\":\"group\"");
	struct before *before = check->before;
	struct nesting *nesting = &check->access.nesting;

	while (before->waits > 0 && span_begins(before->waiting, head)) {
		const char *mark = memrchr(before->waiting.data, ' ', before->waiting.len);
		struct span key = {before->waiting.data, (size_t)(mark - before->waiting.data)};
		struct set_entry *entry = set_find(&nesting->places, key);

		buf_clear(&check->id);
		access_put_id(&check->id, key);
		buf_clear(&check->label);
		if (entry)
			access_put_group(&check->label, nesting, (uint32_t)entry->value - 1);
		if (check_take_source(check, key, fault) < 0 || buf_check(&check->id, fault) < 0 ||
		    buf_check(&check->label, fault) < 0 ||
		    (check->runs[CHECK_NEW_ACCESS] &&
		     before_judge_waiting(check, buf_span(&check->id), buf_span(&check->label), span_of(""),
		                          fault) < 0) ||
		    before_next_member(before, fault) < 0)
			return -1;
	}
	return 0;
}

int check_sort_memberships(struct check *check, struct fault *fault)
{
	struct before *before = check->before;

	return sorter_sort(before->members, fault) < 0 || before_next_member(before, fault) < 0
	           ? -1
	           : before_judge_nested(check, fault);
}

int check_finish_before(struct check *check, struct fault *fault)
{
	while (check->before->more > 0)
		if (before_advance(check->before, fault) < 0)
			return -1;
	return check->before->more;
}

/* ---- accounts and roles ---- */

/* Is the role one of the list, which may be NULL? */
static bool before_has_role(yyjson_val *list, struct span role)
{
	struct span text;
	yyjson_val *item;
	size_t i, max;

	if (!yyjson_is_arr(list))
		return false;
	yyjson_arr_foreach(list, i, max, item)
		if (json_text(item, &text) && span_is(text, role))
			return true;
	return false;
}

/* Roles of an account, held against those of its older record (NULL: it is a new one). */
static int before_judge_roles(struct check *check, const struct record *user,
                              const struct record *older, struct span label, struct answer is_new,
                              struct fault *fault)
{
	const struct value *now = &user->values[USER_ROLES];
	const struct value *then = older ? &older->values[USER_ROLES] : NULL;
	yyjson_doc *docs[2] = {NULL, NULL};
	yyjson_val *item;
	struct span role;
	size_t i, max;
	int result = 0;

	if (now->type == VALUE_ABSENT ||
	    (then && then->type == VALUE_ABSENT && now->type == VALUE_LIST))
		is_new = answer_unknown(UNKNOWN_NOT_SHOWN, MISSING(USER_ROLES));
	if (now->type == VALUE_ABSENT)
		check_settle(check->source, CHECK_NEW_ACCESS, is_new);
	if (now->type != VALUE_LIST)
		return 0;
	docs[0] = json_parse(now->text, NULL, fault);
	if (docs[0] && then && then->type == VALUE_LIST)
		docs[1] = json_parse(then->text, NULL, fault);
	if (!docs[0] || (then && then->type == VALUE_LIST && !docs[1]))
		result = -1;
	for (i = 0, max = yyjson_arr_size(yyjson_doc_get_root(docs[0])); result == 0 && i < max; i++) {
		item = yyjson_arr_get(yyjson_doc_get_root(docs[0]), i);
		if (!json_text(item, &role) ||
		    !check_settle(check->source, CHECK_NEW_ACCESS,
		                  before_has_role(yyjson_doc_get_root(docs[1]), role) ? answer_of(false)
		                                                                      : is_new))
			continue;
		buf_clear(&check->says);
		buf_puts(&check->says, "has the new role ");
		check_put_name(&check->says, role);
		buf_clear(&check->what);
		buf_puts(&check->what, "role:");
		buf_put_span(&check->what, role);
		result = before_add(check, record_text(user, USER_ID), label,
		                    record_text(user, USER_STATUS), buf_span(&check->what),
		                    check_is_privileged_role(check, check->source, role), fault);
	}
	yyjson_doc_free(docs[0]);
	yyjson_doc_free(docs[1]);
	return result;
}

/* Was the account made anew since the older snapshot, under the id of an old one? Then it is
   another one, as for trace-snapshots. */
static bool before_is_anew(const struct record *user, const struct record *older)
{
	struct span now = record_text(user, USER_CREATED_AT);
	struct span then = record_text(older, USER_CREATED_AT);

	return now.len && then.len && !span_is(now, then);
}

/* What the older snapshot has of the account: *older is its record, NULL: none. 0 or -1. */
static int before_find_account(struct check *check, const struct access_subject *subject,
                               const struct record **older, struct fault *fault)
{
	struct before *before = check->before;
	const struct before_source *source = before_find_source(check);
	int found = before_find(before, RECORD_USER, subject->key, fault);
	bool fresh;

	*older = NULL;
	check->was_before = check->is_anew = false;
	if (found <= 0)
		return found;
	if (snapshot_reader_parse(&before->reader, &before->record, fault) < 0)
		return -1;
	check->is_anew = before_is_anew(subject->record, &before->record);
	if (check->is_anew)
		return set_take(&check->anew, subject->key, &fresh) ? 0 : fault_memory(fault);
	*older = &before->record;
	check->was_before = source && source->is_dated;
	check->before_seconds = source ? source->seconds : 0;
	return 0;
}

static int before_judge_account(struct check *check, const struct access_subject *subject,
                                struct span label, bool is_privileged, struct fault *fault)
{
	const struct record *user = subject->record, *older;
	struct answer is_new;

	if (before_find_account(check, subject, &older, fault) < 0)
		return -1;
	if (!check->runs[CHECK_NEW_ACCESS])
		return 0;
	is_new = check->is_anew ? answer_of(true) : before_is_new(check, false, false);
	if (check_settle(check->source, CHECK_NEW_ACCESS, older ? answer_of(false) : is_new)) {
		buf_clear(&check->says);
		buf_clear(&check->what);
		buf_puts(&check->says,
		         check->is_anew ? "a new account with the id of an old one" : "a new account");
		if (before_add(check, record_text(user, USER_ID), label, record_text(user, USER_STATUS),
		               span_of("account"), is_privileged, fault) < 0)
			return -1;
	}
	return before_judge_roles(check, user, older, label, older ? answer_of(true) : is_new, fault);
}

/* All memberships of an account that was made anew: those that an account of this id had
   before were counted as ok. `waited`: how many were not. */
static int before_judge_anew(struct check *check, const struct access_subject *subject,
                             uint64_t waited, struct span id, struct span label, struct span status,
                             struct fault *fault)
{
	for (size_t i = 0; i < subject->count && !subject->reached[i].level; i++) {
		if (i >= waited)
			check->source->answers[CHECK_NEW_ACCESS].ok--;
		if (before_judge_membership(check, subject->reached[i].group, answer_of(true), id, label,
		                            status, fault) < 0)
			return -1;
	}
	return 0;
}

int check_judge_before(struct check *check, const struct access_subject *subject, struct span id,
                       struct span label, bool is_privileged, struct fault *fault)
{
	struct before *before = check->before;
	struct span status = subject->record ? record_text(subject->record, USER_STATUS) : span_of("");
	bool runs = check->runs[CHECK_NEW_ACCESS], is_anew;
	uint64_t waited = 0;

	if (subject->record && before_judge_account(check, subject, label, is_privileged, fault) < 0)
		return -1;
	is_anew = subject->record && check->is_anew;
	for (; before->waits > 0 && span_begins(before->waiting, subject->key) &&
	       before->waiting.data[subject->key.len] == ' ';
	     waited++)
		if ((runs && !is_anew && before_judge_waiting(check, id, label, status, fault) < 0) ||
		    before_next_member(before, fault) < 0)
			return -1;
	return runs && is_anew ? before_judge_anew(check, subject, waited, id, label, status, fault)
	                       : 0;
}
