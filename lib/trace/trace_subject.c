/* SPDX-License-Identifier: ISC */
/*
 * trace_subject: groups come first, then memberships, which wait for their members, then
 * accounts.
 */
#include "access/access.h"
#include "access/persons.h"
#include "base/array.h"
#include "base/json_put.h"
#include "trace/trace_parts.h"

#include <stdlib.h>

/* Something that an account has and that its record shows: a role. */
struct grant {
	enum trace_what what;
	size_t at, len; /* its value in account->texts */
};

/* A membership that waited. */
struct held {
	size_t group;
	size_t at, len; /* its values in account->held_texts */
	char letter;    /* the kind of the member: u, g or - */
};

/* What is gathered of one account, and of the group or member that no list shows. */
struct trace_account {
	struct buf user_id, user_name;
	struct buf texts;
	struct grant *grants;
	size_t grant_count, grant_cap;
	struct set places; /* of grants, by their letter and value */
	struct buf has;    /* of each grant, of each version: 1 or 0 */
	struct buf shows;  /* of each version: bits of enum trace_what */
	struct buf states; /* of each version: its status */
	struct trace_births births;
	bool is_asked; /* by --user */
	struct held *held;
	size_t held_count, held_cap;
	struct buf held_texts;
};

struct trace_groups {
	struct trace_group *items;
	size_t count, cap;
	struct set places; /* key -> place + 1 */
	struct trace_account account;
	struct record record;
	struct json_reader json;
	struct buf key;
	struct span waiting; /* the line of a membership that comes next */
	int more;            /* 1, 0 or -1, as sorter_next */
};

/* What is called with each interval. */
struct putting {
	struct trace *trace;
	struct trace_subject subject;
};

static int subject_put(void *context, const struct trace_interval *interval, struct fault *fault)
{
	struct putting *putting = context;

	return trace_put(putting->trace, &putting->subject, interval, fault);
}

static int subject_put_all(struct trace *trace, const struct trace_subject *subject, size_t source,
                           struct fault *fault)
{
	struct putting putting = {trace, *subject};

	return trace_each_interval(trace, source, subject_put, &putting, fault);
}

void trace_groups_release(struct trace_groups *groups)
{
	struct trace_account *account = groups ? &groups->account : NULL;

	if (!groups)
		return;
	buf_release(&account->user_id);
	buf_release(&account->user_name);
	buf_release(&account->texts);
	buf_release(&account->has);
	buf_release(&account->shows);
	buf_release(&account->states);
	buf_release(&account->held_texts);
	trace_births_release(&account->births);
	set_release(&account->places);
	free(account->grants);
	free(account->held);
	free(groups->items);
	set_release(&groups->places);
	record_release(&groups->record);
	json_reader_release(&groups->json);
	buf_release(&groups->key);
	free(groups);
}

/* ---- the record at hand ---- */

/* The version that the latest reading shows. */
static uint32_t history_newest(const struct trace *trace)
{
	const struct trace_history *history = trace->history;
	uint32_t newest = 0, at = 0;

	for (size_t file = 0; file < trace->file_count; file++) {
		uint32_t moment = trace->files[file].points[history->source].moment;

		if (history->versions[file] && (!newest || moment > at)) {
			newest = history->versions[file];
			at = moment;
		}
	}
	return newest;
}

/* What each snapshot says of the record at hand: there, not there, or hidden. */
static void history_value(struct trace *trace, bool is_service, struct span group_key)
{
	struct trace_history *history = trace->history;

	for (size_t file = 0; file < trace->file_count; file++) {
		if (history->versions[file])
			history->values[file] = TRACE_SEEN;
		else if (trace->files[file].points[history->source].moment == UINT32_MAX)
			history->values[file] = TRACE_HIDDEN;
		else
			history->values[file] =
				trace_is_hidden(trace, file, history->source, history->kind, is_service, group_key)
					? TRACE_HIDDEN
					: TRACE_ABSENT;
	}
}

/* Parses a version into groups->record, which borrows until the next one. */
static int version_read(struct trace *trace, uint32_t version, struct fault *fault)
{
	struct trace_groups *groups = trace->groups;
	yyjson_val *root = json_read(&groups->json, trace_version(trace->history, version), fault);

	return root ? record_parse(&groups->record, trace->history->kind, root, fault) : -1;
}

/* Is something called as it was asked for? `asked` is folded. */
static bool subject_is_called(struct trace *trace, struct span name, const struct buf *asked)
{
	buf_clear(&trace->line);
	persons_put_folded(&trace->line, name);
	return name.len && span_is(buf_span(&trace->line), buf_span(asked));
}

/* ---- gaps and groups ---- */

static int gap_take(struct trace *trace, struct fault *fault)
{
	const struct trace_history *history = trace->history;

	if (version_read(trace, 1, fault) < 0)
		return -1;
	for (size_t file = 0; file < trace->file_count; file++)
		if (history->versions[file] && trace_hide(trace, file, &trace->groups->record, fault) < 0)
			return -1;
	return 0;
}

/* The place of the group with this key, which is added where it is new. -1 with a fault. */
static int64_t group_take(struct trace *trace, struct span key, struct fault *fault)
{
	struct trace_groups *groups = trace->groups;
	struct trace_group *items;
	struct set_entry *entry;
	bool fresh;

	entry = set_take(&groups->places, key, &fresh);
	if (!entry)
		return fault_memory(fault);
	if (!fresh)
		return (int64_t)entry->value - 1;
	items = array_grow(groups->items, groups->count, &groups->cap, sizeof *items, fault);
	if (!items)
		return -1;
	groups->items = items;
	buf_clear(&trace->line);
	access_put_id(&trace->line, key);
	items[groups->count] = (struct trace_group){
		.key = arena_copy(&trace->texts, key),
		.id = arena_copy(&trace->texts, buf_span(&trace->line)),
		.name = SPAN_EMPTY,
		.is_asked = !trace->options->group ||
	                span_is(buf_span(&trace->line), span_of(trace->options->group)),
	};
	if (!items[groups->count].key.data || !items[groups->count].id.data)
		return fault_memory(fault);
	entry->value = ++groups->count;
	return buf_check(&trace->line, fault) < 0 ? -1 : (int64_t)groups->count - 1;
}

static int group_put(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	int64_t place = group_take(trace, buf_span(&history->key), fault);
	struct trace_group *group;

	if (place < 0)
		return -1;
	group = &trace->groups->items[place];
	for (size_t i = 0; trace->options->group && i < history->version_count; i++) {
		if (version_read(trace, (uint32_t)i + 1, fault) < 0)
			return -1;
		group->is_asked |= subject_is_called(trace, record_text(&trace->groups->record, GROUP_NAME),
		                                     &trace->group);
	}
	if (version_read(trace, history_newest(trace), fault) < 0)
		return -1;
	group->name = arena_copy(&trace->texts, record_text(&trace->groups->record, GROUP_NAME));
	if (!group->name.data)
		return fault_memory(fault);
	history_value(trace, false, span_of(""));
	return subject_put_all(trace,
	                       &(struct trace_subject){
							   .what = TRACE_GROUP,
							   .source = trace->sources[history->source].name,
							   .user_id = SPAN_EMPTY,
							   .user_name = SPAN_EMPTY,
							   .member_kind = SPAN_EMPTY,
							   .access_id = group->id,
							   .access = group->name,
							   .via = SPAN_EMPTY,
							   .is_asked = group->is_asked && !trace->options->user,
						   },
	                       history->source, fault);
}

/* ---- memberships ---- */

/* The values of all snapshots, as runs of a letter and a number. */
static void values_put(struct buf *line, const uint32_t *values, size_t count)
{
	for (size_t at = 0, end; at < count; at = end) {
		for (end = at + 1; end < count && values[end] == values[at];)
			end++;
		buf_putf(line, "%c%zx", "hns"[values[at]], end - at);
	}
}

static void values_read(struct span text, uint32_t *values)
{
	const char *at = text.data, *end = text.data + text.len;

	while (at < end) {
		uint32_t value = *at == 'h' ? TRACE_HIDDEN : *at == 'n' ? TRACE_ABSENT : TRACE_SEEN;
		char *rest;
		size_t count = strtoul(at + 1, &rest, 16);

		while (count--)
			*values++ = value;
		at = rest;
	}
}

/* It waits for its member: KEY, mark, place of the group, the kind's letter, the values. */
static int membership_take(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	struct buf *key = &trace->groups->key;
	struct span line = trace_version(history, history_newest(trace));
	enum member_kind kind = record_line_member_kind(line);
	int64_t place;

	buf_clear(key);
	record_put_end_key(key, line, MEMBERSHIP_GROUP_ID, RECORD_GROUP);
	if (buf_check(key, fault) < 0 || (place = group_take(trace, buf_span(key), fault)) < 0)
		return -1;
	history_value(trace, false, trace->groups->items[place].key);
	buf_clear(key);
	record_put_end_key(key, line, MEMBERSHIP_MEMBER_ID,
	                   kind == MEMBER_GROUP ? RECORD_GROUP : RECORD_USER);
	buf_putf(key, "%c%08llx%c", TRACE_MARK, (unsigned long long)place,
	         kind == MEMBER_GROUP  ? 'g'
	         : kind == MEMBER_USER ? 'u'
	                               : '-');
	values_put(key, history->values, trace->file_count);
	buf_putc(key, '\n');
	return buf_check(key, fault) < 0 ? -1 : sorter_add(trace->memberships, buf_span(key), fault);
}

static int waiting_advance(struct trace *trace, struct fault *fault)
{
	trace->groups->more = sorter_next(trace->memberships, &trace->groups->waiting, fault);
	return trace->groups->more < 0 ? -1 : 0;
}

static struct span waiting_key(const struct trace_groups *groups)
{
	const char *mark = memchr(groups->waiting.data, TRACE_MARK, groups->waiting.len);

	return (struct span){groups->waiting.data, (size_t)(mark - groups->waiting.data)};
}

/* All memberships of the member in groups->key. */
static int held_gather(struct trace *trace, struct fault *fault)
{
	struct trace_groups *groups = trace->groups;
	struct trace_account *account = &groups->account;

	account->held_count = 0;
	buf_clear(&account->held_texts);
	while (groups->more > 0 && span_is(waiting_key(groups), buf_span(&groups->key))) {
		const char *at = groups->waiting.data + groups->key.len + 1, *values = at + 9;
		struct held *held =
			array_grow(account->held, account->held_count, &account->held_cap, sizeof *held, fault);

		if (!held)
			return -1;
		account->held = held;
		held += account->held_count++;
		*held = (struct held){
			.group = strtoul((char[9]){at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7]},
		                     NULL, 16),
			.at = account->held_texts.len,
			.len = (size_t)(groups->waiting.data + groups->waiting.len - 1 - values),
			.letter = at[8],
		};
		buf_put(&account->held_texts, values, held->len + 1); /* its LF ends the last number */
		if (buf_check(&account->held_texts, fault) < 0 || waiting_advance(trace, fault) < 0)
			return -1;
	}
	return groups->more < 0 ? -1 : 0;
}

static int held_put(struct trace *trace, size_t source, struct fault *fault)
{
	struct trace_account *account = &trace->groups->account;

	for (size_t i = 0; i < account->held_count; i++) {
		const struct held *held = &account->held[i];
		const struct trace_group *group = &trace->groups->items[held->group];
		struct trace_subject subject = {
			.what = TRACE_MEMBERSHIP,
			.source = trace->sources[source].name,
			.user_id = buf_span(&account->user_id),
			.user_name = buf_span(&account->user_name),
			.member_kind = span_of(held->letter == 'g'   ? "group"
		                           : held->letter == 'u' ? "user"
		                                                 : "unknown"),
			.access_id = group->id,
			.access = group->name,
			.via = SPAN_EMPTY,
			.is_asked = account->is_asked && group->is_asked,
		};

		values_read((struct span){account->held_texts.data + held->at, held->len},
		            trace->history->values);
		if (trace_nested_take(trace, held->group, trace->history->values, fault) < 0)
			return -1;
		trace_births_split(trace, source, &account->births, 1);
		if (subject_put_all(trace, &subject, source, fault) < 0)
			return -1;
	}
	return 0;
}

/* Groups in which the account is through others. */
static int nested_put(struct trace *trace, size_t source, struct fault *fault)
{
	struct trace_account *account = &trace->groups->account;
	struct span via;
	size_t place;
	int more;

	while ((more = trace_nested_next(trace, source, &place, &via, fault)) > 0) {
		const struct trace_group *group = &trace->groups->items[place];
		struct trace_subject subject = {
			.what = TRACE_ACCESS,
			.source = trace->sources[source].name,
			.user_id = buf_span(&account->user_id),
			.user_name = buf_span(&account->user_name),
			.member_kind = SPAN_EMPTY,
			.access_id = group->id,
			.access = group->name,
			.via = via,
			.is_asked = account->is_asked && group->is_asked,
		};

		trace_births_split(trace, source, &account->births, 1);
		if (subject_put_all(trace, &subject, source, fault) < 0)
			return -1;
	}
	return more;
}

/* What waited for the member in groups->key, which is of this source. */
static int member_put(struct trace *trace, size_t source, struct fault *fault)
{
	trace_nested_begin(trace);
	return held_put(trace, source, fault) < 0 ? -1 : nested_put(trace, source, fault);
}

/* The member is a group: where it is one, its members are in the others, too. */
static int nested_note(struct trace *trace, size_t inner, struct fault *fault)
{
	struct trace_account *account = &trace->groups->account;

	for (size_t i = 0; i < account->held_count; i++) {
		const struct held *held = &account->held[i];

		values_read((struct span){account->held_texts.data + held->at, held->len},
		            trace->history->values);
		if (trace_nested_add(trace, inner, held->group, trace->history->values, fault) < 0)
			return -1;
	}
	return 0;
}

/* Members before `key` that no snapshot lists, or that are groups; all that are left where
   it is empty. */
static int waiting_pass(struct trace *trace, struct span key, struct fault *fault)
{
	struct trace_groups *groups = trace->groups;
	struct trace_account *account = &groups->account;

	while (groups->more > 0 && (!key.len || span_compare(waiting_key(groups), key) < 0)) {
		bool is_group = record_line_kind(groups->waiting) == RECORD_GROUP;
		int64_t source, place = -1;

		buf_clear(&groups->key);
		buf_put_span(&groups->key, waiting_key(groups));
		if (buf_check(&groups->key, fault) < 0 || held_gather(trace, fault) < 0)
			return -1;
		source = trace_find_source(trace, record_line_source(buf_span(&groups->key)));
		if (is_group && ((place = group_take(trace, buf_span(&groups->key), fault)) < 0 ||
		                 nested_note(trace, (size_t)place, fault) < 0))
			return -1;
		buf_clear(&account->user_id);
		buf_clear(&account->user_name);
		trace_births_begin(&account->births);
		access_put_id(&account->user_id, buf_span(&groups->key));
		if (is_group)
			buf_put_span(&account->user_name, groups->items[place].name);
		account->is_asked = !trace->options->user ||
		                    subject_is_called(trace, buf_span(&account->user_id), &trace->user) ||
		                    subject_is_called(trace, buf_span(&account->user_name), &trace->user);
		if (source < 0)
			return fault_set(fault, FAULT_INTERNAL, "a member of no source");
		if (buf_check(&account->user_id, fault) < 0 || buf_check(&account->user_name, fault) < 0 ||
		    (is_group ? held_put(trace, (size_t)source, fault)
		              : member_put(trace, (size_t)source, fault)) < 0)
			return -1;
	}
	return groups->more < 0 ? -1 : 0;
}

/* ---- accounts ---- */

/* A version has this role or entitlement. */
static int grant_take(struct trace *trace, enum trace_what what, struct span value, size_t version,
                      struct fault *fault)
{
	struct trace_account *account = &trace->groups->account;
	struct grant *grants;
	struct set_entry *entry;
	bool fresh;

	buf_clear(&trace->line);
	buf_putc(&trace->line, what == TRACE_ROLE ? 'r' : 'e');
	buf_put_span(&trace->line, value);
	entry = set_take(&account->places, buf_span(&trace->line), &fresh);
	if (!entry || buf_check(&trace->line, fault) < 0)
		return fault_memory(fault);
	if (fresh) {
		grants = array_grow(account->grants, account->grant_count, &account->grant_cap,
		                    sizeof *grants, fault);
		if (!grants)
			return -1;
		account->grants = grants;
		grants[account->grant_count] = (struct grant){what, account->texts.len, value.len};
		buf_put_span(&account->texts, value);
		entry->value = account->grant_count++;
		for (size_t i = 0; i < trace->history->version_count; i++)
			buf_putc(&account->has, 0);
		if (buf_check(&account->has, fault) < 0 || buf_check(&account->texts, fault) < 0)
			return -1;
	}
	account->has.data[entry->value * trace->history->version_count + version] = 1;
	return 0;
}

static int grants_read(struct trace *trace, enum trace_what what, int field, size_t version,
                       struct fault *fault)
{
	const struct value *list = &trace->groups->record.values[field];
	struct trace_account *account = &trace->groups->account;
	yyjson_doc *doc;
	yyjson_val *item;
	struct span text;
	size_t i, max;
	int result = 0;

	if (list->type != VALUE_ABSENT)
		account->shows.data[version] |= (char)(1 << what);
	if (list->type != VALUE_LIST)
		return 0;
	doc = json_parse(list->text, NULL, fault);
	if (!doc)
		return -1;
	yyjson_arr_foreach(yyjson_doc_get_root(doc), i, max, item)
		if (result == 0 && json_text(item, &text))
			result = grant_take(trace, what, text, version, fault);
	yyjson_doc_free(doc);
	return result;
}

/* The places of the words of `status` in the values of intervals. */
enum { STATUSES = 3 };
static const char *const status_words[STATUSES] = {"enabled", "disabled", "unknown"};

/* All versions: what each has and shows. */
static int account_read(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	struct trace_account *account = &trace->groups->account;
	const struct record *record = &trace->groups->record;

	account->grant_count = 0;
	account->is_asked = !trace->options->user ||
	                    span_is(buf_span(&account->user_id), span_of(trace->options->user));
	if (account->places.count)
		set_clear(&account->places);
	buf_clear(&account->texts);
	buf_clear(&account->has);
	buf_clear(&account->shows);
	buf_clear(&account->states);
	trace_births_begin(&account->births);
	for (size_t i = 0; i < history->version_count; i++) {
		int status;

		if (version_read(trace, (uint32_t)i + 1, fault) < 0)
			return -1;
		if (trace->options->user)
			account->is_asked |=
				subject_is_called(trace, record_text(record, USER_USER_NAME), &trace->user) ||
				subject_is_called(trace, record_text(record, USER_EMAIL), &trace->user);
		status = span_index(record_text(record, USER_STATUS), status_words, STATUSES);
		buf_putc(&account->states, (char)status);
		buf_putc(&account->shows, 0);
		if (buf_check(&account->shows, fault) < 0 || buf_check(&account->states, fault) < 0 ||
		    trace_births_take(&account->births, record_text(record, USER_CREATED_AT), fault) < 0 ||
		    grants_read(trace, TRACE_ROLE, USER_ROLES, i, fault) < 0 ||
		    grants_read(trace, TRACE_ENTITLEMENT, USER_ENTITLEMENTS, i, fault) < 0)
			return -1;
	}
	return trace_births_settle(trace, &account->births, fault);
}

static struct trace_subject account_subject(const struct trace *trace, enum trace_what what)
{
	const struct trace_account *account = &trace->groups->account;

	return (struct trace_subject){
		.what = what,
		.source = trace->sources[trace->history->source].name,
		.user_id = buf_span(&account->user_id),
		.user_name = buf_span(&account->user_name),
		.member_kind = SPAN_EMPTY,
		.access_id = SPAN_EMPTY,
		.access = SPAN_EMPTY,
		.via = SPAN_EMPTY,
		.is_asked = account->is_asked && !trace->options->group,
	};
}

/* An interval of the status: which, says its value. */
static int status_put(void *context, const struct trace_interval *interval, struct fault *fault)
{
	struct putting *putting = context;

	putting->subject.access_id = span_of(status_words[(interval->value - TRACE_SEEN) % STATUSES]);
	return trace_put(putting->trace, &putting->subject, interval, fault);
}

static int account_put_status(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	struct putting putting = {trace, account_subject(trace, TRACE_STATUS)};

	for (size_t file = 0; file < trace->file_count; file++)
		if (history->versions[file])
			history->values[file] =
				TRACE_SEEN +
				(uint32_t)trace->groups->account.states.data[history->versions[file] - 1];
	trace_births_split(trace, history->source, &trace->groups->account.births, STATUSES);
	return trace_each_interval(trace, history->source, status_put, &putting, fault);
}

/* Roles and entitlements. history->values say where the account is. */
static int account_put_grants(struct trace *trace, const uint32_t *there, struct fault *fault)
{
	struct trace_history *history = trace->history;
	struct trace_account *account = &trace->groups->account;

	for (size_t i = 0; i < account->grant_count; i++) {
		const struct grant *grant = &account->grants[i];
		struct trace_subject subject = account_subject(trace, grant->what);

		subject.access_id = (struct span){account->texts.data + grant->at, grant->len};
		subject.access = subject.access_id;
		for (size_t file = 0; file < trace->file_count; file++) {
			size_t version = history->versions[file];

			history->values[file] = there[file];
			if (!version--)
				continue;
			if (account->has.data[i * history->version_count + version])
				history->values[file] = TRACE_SEEN;
			else if (account->shows.data[version] & 1 << grant->what)
				history->values[file] = TRACE_ABSENT;
			else
				history->values[file] = TRACE_HIDDEN;
		}
		trace_births_split(trace, history->source, &account->births, 1);
		if (subject_put_all(trace, &subject, history->source, fault) < 0)
			return -1;
	}
	return 0;
}

static int account_put(struct trace *trace, struct fault *fault)
{
	struct trace_history *history = trace->history;
	struct trace_account *account = &trace->groups->account;
	struct record *record = &trace->groups->record;
	struct trace_subject subject;
	uint32_t *there;
	int result;

	if (waiting_pass(trace, buf_span(&history->key), fault) < 0 ||
	    version_read(trace, history_newest(trace), fault) < 0)
		return -1;
	buf_clear(&account->user_id);
	buf_clear(&account->user_name);
	buf_put_span(&account->user_id, record_text(record, USER_ID));
	buf_put_span(&account->user_name, record_text(record, USER_USER_NAME));
	history_value(trace, span_is(record_text(record, USER_ACCOUNT_TYPE), span_of("service")),
	              span_of(""));
	buf_clear(&trace->groups->key);
	buf_put_buf(&trace->groups->key, &history->key);
	if (buf_check(&account->user_id, fault) < 0 || buf_check(&account->user_name, fault) < 0 ||
	    buf_check(&trace->groups->key, fault) < 0 || account_read(trace, fault) < 0)
		return -1;
	there = malloc(trace->file_count * sizeof *there);
	if (!there)
		return fault_memory(fault);
	memcpy(there, history->values, trace->file_count * sizeof *there);
	trace_births_split(trace, history->source, &account->births, 1);
	subject = account_subject(trace, TRACE_ACCOUNT);
	result = subject_put_all(trace, &subject, history->source, fault);
	if (result == 0)
		result = account_put_status(trace, fault);
	if (result == 0)
		result = account_put_grants(trace, there, fault);
	free(there);
	if (result == 0)
		result = held_gather(trace, fault);
	return result < 0 ? -1 : member_put(trace, history->source, fault);
}

/* ---- the whole ---- */

/* After the last membership: groups that are members come first, then all nesting is known. */
static int memberships_close(struct trace *trace, struct fault *fault)
{
	return sorter_sort(trace->memberships, fault) < 0 || waiting_advance(trace, fault) < 0 ||
	               waiting_pass(trace, span_of("{\"kind\":\"h"), fault) < 0
	           ? -1
	           : trace_nested_close(trace, trace->groups->items, fault);
}

int trace_subjects(struct trace *trace, struct fault *fault)
{
	bool has_users = false;
	int more;

	trace->groups = calloc(1, sizeof *trace->groups);
	if (!trace->groups)
		return fault_memory(fault);
	if (trace_history_open(trace, fault) < 0)
		return -1;
	while ((more = trace_history_next(trace, fault)) > 0) {
		if (trace->history->kind == RECORD_USER && !has_users) {
			has_users = true;
			if (memberships_close(trace, fault) < 0)
				return -1;
		}
		switch (trace->history->kind) {
		case RECORD_GAP: more = gap_take(trace, fault); break;
		case RECORD_GROUP: more = group_put(trace, fault); break;
		case RECORD_MEMBERSHIP: more = membership_take(trace, fault); break;
		default: more = account_put(trace, fault);
		}
		if (more < 0)
			return -1;
	}
	if (more < 0)
		return -1;
	if (!has_users && memberships_close(trace, fault) < 0)
		return -1;
	return waiting_pass(trace, span_of(""), fault);
}
