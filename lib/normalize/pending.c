/* SPDX-License-Identifier: ISC */
/*
 * pending: two joins. First all ids that are groups meet what waits for them; a member of
 * unknown kind goes on from there to wait for a user. Then the users, whose lines are in
 * the snapshot's order already, meet those.
 */
#include "normalize/pending.h"

#include "base/inert.h"

#include <inttypes.h>
#include <stdio.h>

/* How the fact of a group without members begins, be it that it shows none. */
#define NO_MEMBERS "0000000000000000"

/* What waits for a group, with the other id. */
enum by_group { FROM_USER = 'b', UNTYPED = 'c' };

/* What waits for a user, with the group's id: is the id that it waits for a group's, too? */
enum by_user { NO_GROUP = 'a', GROUP_TOO = 'b' };

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

/* The key is the beginning of the user's line in the snapshot. */
static int wait_for_user(struct pending *pending, struct span source, struct span id, bool is_group,
                         struct span group_id, struct fault *fault)
{
	struct buf *key = &pending->key;

	buf_clear(key);
	record_put_key(key, RECORD_USER, source, id);
	if (buf_check(key, fault) < 0)
		return -1;
	return join_add_waiting(&pending->by_user, 0, &pending->line, buf_span(key),
	                        is_group ? GROUP_TOO : NO_GROUP, group_id, fault);
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
		return wait_for_user(end->pending, end->source, joined->key, is_group, joined->waiting,
		                     fault);
	default: /* the group itself */
		if (joined->waiting.data)
			return fault_set(fault, FAULT_DATA,
			                 "group %s comes twice, with different members: keep one of them",
			                 INERT(joined->key));
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

static int meet_user(void *context, const struct joined *joined, struct fault *fault)
{
	struct pending *pending = context;
	bool is_user = joined->fact.data, is_group = joined->what == GROUP_TOO;
	enum member_kind kind = MEMBER_UNKNOWN;

	if (is_user != is_group)
		kind = is_user ? MEMBER_USER : MEMBER_GROUP;
	return pending_put_membership(pending, pending->settled, record_line_source(joined->key),
	                              joined->waiting, record_key_id(joined->key), kind, fault);
}

int pending_end(struct pending *pending, struct sorter *lines, struct fault *fault)
{
	struct span line;
	int more;

	if (join_is_empty(&pending->by_user))
		return 0;
	if (sorter_sort(lines, fault) < 0 ||
	    join_each_against(&pending->by_user, lines, meet_user, pending, fault) < 0)
		return -1;
	join_clear(&pending->by_user);
	more = sorter_sort(pending->settled, fault);
	while (more >= 0 && (more = sorter_next(pending->settled, &line, fault)) > 0)
		more = sorter_add(lines, line, fault);
	sorter_clear(pending->settled);
	return more;
}
