/* SPDX-License-Identifier: ISC */
/*
 * pending: two joins. First all ids that are groups meet what waits for them; a member of
 * unknown kind goes on from there to wait for a user. Then the users, whose lines are in
 * the snapshot's order already, meet those.
 */
#include "normalize/pending.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "normalize/guid_case.h"

#include <inttypes.h>
#include <stdio.h>

enum { GUID_LEN = 36 }; /* RFC 9562 section 4 */

/* How the fact of a group without members begins, be it that it shows none. */
#define NO_MEMBERS "0000000000000000"

/* Before the id of a user among the keys of groups, which are JSON strings. */
enum { USER_KEY = 'u' };

/* What waits for a group, with the other id. */
enum by_group { FROM_USER = 'b', UNTYPED = 'c', OTHER_CASE = 'd' };

/* What waits for a user, with the group's id: is the id that it waits for a group's, too? */
enum by_user { NO_GROUP = 'a', GROUP_TOO = 'b', SURELY_USER = 'c' };

int pending_open(struct pending *pending, struct budget *budget, size_t shards, struct fault *fault)
{
	*pending = (struct pending){.settled = NULL};
	if (join_open(&pending->by_group, sorter_share(budget, shards, fault)) < 0 ||
	    join_open(&pending->by_user, sorter_share(budget, 1, fault)) < 0)
		return -1;
	pending->settled = sorter_share(budget, 1, fault);
	return pending->settled ? 0 : -1;
}

void pending_release(struct pending *pending)
{
	join_release(&pending->by_group);
	join_release(&pending->by_user);
	sorter_close(pending->settled);
	record_release(&pending->record);
	buf_release(&pending->line);
	buf_release(&pending->key);
	*pending = (struct pending){0};
}

/* ---- waiting ---- */

int pending_see_group(struct pending *pending, size_t shard, struct buf *line, struct span id,
                      bool shows, uint64_t members, struct fault *fault)
{
	char fact[32];

	snprintf(fact, sizeof fact, "%016" PRIx64 "%d", members, shows);
	return join_add_fact(&pending->by_group, shard, line, id, span_of(fact), fault);
}

int pending_see_user(struct pending *pending, size_t shard, struct buf *line, struct buf *key,
                     struct span id, uint64_t groups, struct fault *fault)
{
	char fact[32];

	snprintf(fact, sizeof fact, "%016" PRIx64, groups);
	buf_clear(key);
	buf_putc(key, USER_KEY);
	json_put_string(key, id);
	return buf_check(key, fault) < 0 ? -1
	                                 : join_add_fact(&pending->by_group, shard, line, buf_span(key),
	                                                 span_of(fact), fault);
}

int pending_from_user(struct pending *pending, size_t shard, struct buf *line, struct span group_id,
                      struct span user_id, struct fault *fault)
{
	return join_add_waiting(&pending->by_group, shard, line, group_id, FROM_USER, user_id, fault);
}

int pending_untyped(struct pending *pending, size_t shard, struct buf *line, struct span group_id,
                    struct span member_id, struct fault *fault)
{
	return join_add_waiting(&pending->by_group, shard, line, member_id, UNTYPED, group_id, fault);
}

int pending_in_capitals(struct pending *pending, size_t shard, struct buf *line,
                        struct span group_id, struct span member_id, struct fault *fault)
{
	return join_add_waiting(&pending->by_group, shard, line, member_id, OTHER_CASE, group_id,
	                        fault);
}

/* The key is the beginning of the user's line in the snapshot. */
static int wait_for_user(struct pending *pending, struct span source, struct span id,
                         enum by_user what, struct span group_id, struct fault *fault)
{
	struct buf *key = &pending->key;

	buf_clear(key);
	record_put_key(key, RECORD_USER, source, id);
	if (buf_check(key, fault) < 0)
		return -1;
	return join_add_waiting(&pending->by_user, 0, &pending->line, buf_span(key), (char)what,
	                        group_id, fault);
}

/* ---- meeting ---- */

static int pending_put_record(struct pending *pending, struct sorter *to, struct fault *fault)
{
	buf_clear(&pending->line);
	record_put(&pending->line, &pending->record);
	if (buf_check(&pending->line, fault) < 0)
		return -1;
	return sorter_add(to, buf_span(&pending->line), fault);
}

static int pending_put_membership(struct pending *pending, struct sorter *to, struct span source,
                                  struct span group_id, struct span member_id,
                                  enum member_kind kind, struct fault *fault)
{
	struct record *record = &pending->record;

	record_start(record, RECORD_MEMBERSHIP, span_of(""));
	record_set_json(record, MEMBERSHIP_SOURCE, source);
	record_set_json(record, MEMBERSHIP_GROUP_ID, group_id);
	record_set_json(record, MEMBERSHIP_MEMBER_ID, member_id);
	record_set(record, MEMBERSHIP_MEMBER_KIND, span_of(member_kind_words[kind]));
	return pending_put_record(pending, to, fault);
}

static int pending_put_gap(struct pending *pending, struct sorter *to, struct span source,
                           struct span group_id, struct fault *fault)
{
	struct record *record = &pending->record;

	record_start(record, RECORD_GAP, span_of(""));
	record_set_json(record, GAP_SOURCE, source);
	record_set(record, GAP_SCOPE, span_of("members"));
	record_set_json(record, GAP_ID, group_id);
	record_set(record, GAP_REASON, span_of("it does not show them, and users could not be read"));
	return pending_put_record(pending, to, fault);
}

/* What is the same for all that meets when a section ends. */
struct section_end {
	struct pending *pending;
	struct span source;
	bool users_missing;
	struct sorter *lines;
};

static int meet_group(void *context, const struct joined *joined, struct fault *fault)
{
	const struct section_end *end = context;
	bool is_group = joined->fact.data;
	bool shows = is_group && joined->fact.data[joined->fact.len - 1] == '1';
	bool shows_none = shows && span_begins(joined->fact, span_of(NO_MEMBERS));

	switch (joined->what) {
	case FROM_USER:
		if (shows && !shows_none)
			return 0; /* the group shows its members: that side counts */
		return pending_put_membership(end->pending, end->lines, end->source, joined->key,
		                              joined->waiting, MEMBER_USER, fault);
	case UNTYPED:
		return wait_for_user(end->pending, end->source, joined->key,
		                     is_group ? GROUP_TOO : NO_GROUP, joined->waiting, fault);
	case OTHER_CASE:
		return wait_for_user(end->pending, end->source, joined->key, SURELY_USER, joined->waiting,
		                     fault);
	default: /* the group itself, or a user */
		if (joined->waiting.data && *joined->key.data == USER_KEY)
			return fault_set(fault, FAULT_DATA,
			                 "user %s comes twice, with different groups: keep one of them",
			                 INERT(((struct span){joined->key.data + 1, joined->key.len - 1})));
		if (joined->waiting.data)
			return fault_set(fault, FAULT_DATA,
			                 "group %s comes twice, with different members: keep one of them",
			                 INERT(joined->key));
		if (*joined->key.data == USER_KEY)
			return 0;
		if (shows || !end->users_missing)
			return 0;
		return pending_put_gap(end->pending, end->lines, end->source, joined->key, fault);
	}
}

int pending_end_section(struct pending *pending, struct span source, bool users_missing,
                        struct sorter *lines, struct fault *fault)
{
	struct section_end end = {pending, source, users_missing, lines};
	int result;

	if (join_is_empty(&pending->by_group))
		return 0;
	result = join_each(&pending->by_group, meet_group, &end, fault);
	join_clear(&pending->by_group);
	return result;
}

/* No user has this id, which is a GUID in capitals: waits for the one whose id is the same GUID in
   small letters. by_group is free by now. */
static int wait_for_small_letters(struct pending *pending, const struct joined *joined,
                                  struct fault *fault)
{
	struct span id = record_key_id(joined->key); /* with its quotes */
	struct buf both = {0}, *key = &pending->key;
	char small[GUID_LEN + 2];
	int result;

	for (size_t i = 0; i < sizeof small; i++)
		small[i] = ascii_lower(id.data[i]);
	buf_clear(key);
	record_put_key(key, RECORD_USER, record_line_source(joined->key),
	               (struct span){small, sizeof small});
	buf_put_span(&both, joined->waiting);
	buf_put_span(&both, id);
	result = buf_check(key, fault) < 0 || buf_check(&both, fault) < 0 ? -1 : 0;
	if (result == 0)
		result = join_add_waiting(&pending->by_group, 0, &pending->line, buf_span(key),
		                          joined->what, buf_span(&both), fault);
	buf_release(&both);
	return result;
}

static int meet_user(void *context, const struct joined *joined, struct fault *fault)
{
	struct pending *pending = context;
	struct span id = record_key_id(joined->key);
	bool is_user = joined->fact.data, is_group = joined->what == GROUP_TOO;
	enum member_kind kind = MEMBER_UNKNOWN;

	if (!is_user && !is_group && id.len > 2 &&
	    guid_case_has_capitals((struct span){id.data + 1, id.len - 2}))
		return wait_for_small_letters(pending, joined, fault);
	if (is_user != is_group)
		kind = is_user ? MEMBER_USER : MEMBER_GROUP;
	return pending_put_membership(pending, pending->settled, record_line_source(joined->key),
	                              joined->waiting, id, kind, fault);
}

/* A GUID in small letters, for which a group and the GUID in capitals wait. */
static int meet_small_letters(void *context, const struct joined *joined, struct fault *fault)
{
	struct pending *pending = context;
	size_t end = json_string_end(joined->waiting, 0);
	struct span group_id = {joined->waiting.data, end};
	struct span id = {joined->waiting.data + end, joined->waiting.len - end};
	bool is_user = joined->fact.data;

	return pending_put_membership(
		pending, pending->settled, record_line_source(joined->key), group_id,
		is_user ? record_key_id(joined->key) : id,
		is_user || joined->what == SURELY_USER ? MEMBER_USER : MEMBER_UNKNOWN, fault);
}

/* Lets what waits in `join` meet the users, and adds what comes of it to `lines`. */
static int meet_users(struct pending *pending, struct join *join, join_each_fn *meet,
                      struct sorter *lines, struct fault *fault)
{
	struct span line;
	int more;

	if (join_is_empty(join))
		return 0;
	if (sorter_sort(lines, fault) < 0 || join_each_against(join, lines, meet, pending, fault) < 0)
		return -1;
	join_clear(join);
	more = sorter_sort(pending->settled, fault);
	while (more >= 0 && (more = sorter_next(pending->settled, &line, fault)) > 0)
		more = sorter_add(lines, line, fault);
	sorter_clear(pending->settled);
	return more;
}

int pending_end(struct pending *pending, struct sorter *lines, struct fault *fault)
{
	if (meet_users(pending, &pending->by_user, meet_user, lines, fault) < 0)
		return -1;
	return meet_users(pending, &pending->by_group, meet_small_letters, lines, fault);
}
