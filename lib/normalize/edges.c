/* SPDX-License-Identifier: ISC */
/*
 * edges: two joins of sorted lines. First all ids that are groups meet what waits
 * for them; a member of unknown kind goes on from there to wait for a user. Then
 * the users, whose lines are in the snapshot's order already, meet those.
 */
#include "normalize/edges.h"

#include "base/json_put.h"

#include <inttypes.h>

/* What stands behind the id in a line that is sorted by groups; a group stands
   before what waits for it. */
enum by_group { IS_GROUP = 'a', FROM_USER = 'b', UNTYPED = 'c' };

/* Behind the id in a line that is sorted by users: is it a group's, too? */
enum by_user { NO_GROUP = 'a', GROUP_TOO = 'b' };

int edges_open(struct edges *edges, struct budget *budget, size_t lanes, struct fault *fault)
{
	*edges = (struct edges){
		.by_group = sorter_share(budget, lanes, fault),
		.by_user = sorter_share(budget, 1, fault),
		.settled = sorter_share(budget, 1, fault),
	};
	return edges->by_group && edges->by_user && edges->settled ? 0 : -1;
}

void edges_release(struct edges *edges)
{
	sorter_close(edges->by_group);
	sorter_close(edges->by_user);
	sorter_close(edges->settled);
	record_release(&edges->record);
	buf_release(&edges->line);
	*edges = (struct edges){0};
}

/* ---- waiting ---- */

static int add(struct sorter *sorter, size_t lane, struct buf *line, struct fault *fault)
{
	buf_putc(line, '\n');
	if (buf_check(line, fault) < 0)
		return -1;
	return sorter_add_to(sorter, lane, buf_span(line), fault);
}

int edges_see_group(struct edges *edges, size_t lane, struct buf *line, struct span id,
                    size_t number, bool shows, struct fault *fault)
{
	buf_clear(line);
	buf_put_span(line, id);
	/* of several the last one sorts first */
	buf_putf(line, "%c%016" PRIx64 "%d", IS_GROUP, ~(uint64_t)number, shows);
	return add(edges->by_group, lane, line, fault);
}

static int wait_for_group(struct edges *edges, size_t lane, struct buf *line, struct span id,
                          enum by_group what, struct span other, struct fault *fault)
{
	buf_clear(line);
	buf_put_span(line, id);
	buf_putc(line, (char)what);
	buf_put_span(line, other);
	return add(edges->by_group, lane, line, fault);
}

int edges_from_user(struct edges *edges, size_t lane, struct buf *line, struct span group_id,
                    struct span user_id, struct fault *fault)
{
	return wait_for_group(edges, lane, line, group_id, FROM_USER, user_id, fault);
}

int edges_untyped(struct edges *edges, size_t lane, struct buf *line, struct span group_id,
                  struct span member_id, struct fault *fault)
{
	return wait_for_group(edges, lane, line, member_id, UNTYPED, group_id, fault);
}

/* Begins as the user's line in the snapshot does. */
static int wait_for_user(struct edges *edges, struct span source, struct span id, bool is_group,
                         struct span group_id, struct fault *fault)
{
	buf_clear(&edges->line);
	record_put_key(&edges->line, RECORD_USER, source, id);
	buf_putc(&edges->line, is_group ? GROUP_TOO : NO_GROUP);
	buf_put_span(&edges->line, group_id);
	return add(edges->by_user, 0, &edges->line, fault);
}

/* ---- meeting ---- */

static int put_record(struct edges *edges, struct sorter *to, struct fault *fault)
{
	buf_clear(&edges->line);
	record_put(&edges->line, &edges->record);
	if (buf_check(&edges->line, fault) < 0)
		return -1;
	return sorter_add(to, buf_span(&edges->line), fault);
}

static int put_membership(struct edges *edges, struct sorter *to, struct span source,
                          struct span group_id, struct span member_id, enum member_kind kind,
                          struct fault *fault)
{
	struct record *record = &edges->record;

	record_start(record, RECORD_MEMBERSHIP, span_of(""));
	record_set_json(record, MEMBERSHIP_SOURCE, source);
	record_set_json(record, MEMBERSHIP_GROUP_ID, group_id);
	record_set_json(record, MEMBERSHIP_MEMBER_ID, member_id);
	record_set(record, MEMBERSHIP_MEMBER_KIND, span_of(member_kind_words[kind]));
	return put_record(edges, to, fault);
}

static int put_gap(struct edges *edges, struct sorter *to, struct span source, struct span group_id,
                   struct fault *fault)
{
	struct record *record = &edges->record;

	record_start(record, RECORD_GAP, span_of(""));
	record_set_json(record, GAP_SOURCE, source);
	record_set(record, GAP_SCOPE, span_of("members"));
	record_set_json(record, GAP_ID, group_id);
	record_set(record, GAP_REASON, span_of("it does not show them, and users could not be read"));
	return put_record(edges, to, fault);
}

/* The id that the lines at hand begin with, and what is known of it. */
struct meeting {
	struct buf id;
	bool is_group, shows;
};

static int meet_group(struct edges *edges, struct meeting *meeting, struct span line,
                      struct span source, bool users_missing, struct sorter *to,
                      struct fault *fault)
{
	size_t end = json_string_end(line, 0);
	struct span id = {line.data, end}, rest = {line.data + end + 1, line.len - end - 2};

	if (!span_is(id, buf_span(&meeting->id))) {
		buf_clear(&meeting->id);
		buf_put_span(&meeting->id, id);
		meeting->is_group = meeting->shows = false;
	}
	switch ((enum by_group)line.data[end]) {
	case IS_GROUP:
		if (meeting->is_group)
			return 0; /* an earlier line of the same group */
		meeting->is_group = true;
		meeting->shows = rest.data[rest.len - 1] == '1';
		return users_missing && !meeting->shows ? put_gap(edges, to, source, id, fault) : 0;
	case FROM_USER:
		if (meeting->shows)
			return 0; /* the group shows its members: that side counts */
		return put_membership(edges, to, source, id, rest, MEMBER_USER, fault);
	case UNTYPED: return wait_for_user(edges, source, id, meeting->is_group, rest, fault);
	}
	return 0;
}

int edges_end_section(struct edges *edges, struct span source, bool users_missing,
                      struct sorter *lines, struct fault *fault)
{
	struct meeting meeting = {0};
	struct span line;
	int more;

	if (sorter_is_empty(edges->by_group))
		return 0;
	more = sorter_sort(edges->by_group, fault);
	while (more >= 0 && (more = sorter_next(edges->by_group, &line, fault)) > 0) {
		more = meet_group(edges, &meeting, line, source, users_missing, lines, fault);
		if (more == 0)
			more = buf_check(&meeting.id, fault);
	}
	buf_release(&meeting.id);
	sorter_clear(edges->by_group);
	return more;
}

/* One that waited for a user; `is_user`: there is one. */
static int meet_user(struct edges *edges, struct span waiting, struct span key, bool is_user,
                     struct fault *fault)
{
	struct span rest = {waiting.data + key.len + 1, waiting.len - key.len - 2};
	bool is_group = waiting.data[key.len] == GROUP_TOO;
	enum member_kind kind = MEMBER_UNKNOWN;

	if (is_user != is_group)
		kind = is_user ? MEMBER_USER : MEMBER_GROUP;
	return put_membership(edges, edges->settled, record_line_source(key), rest, record_key_id(key),
	                      kind, fault);
}

static int meet_users(struct edges *edges, struct sorter *lines, struct fault *fault)
{
	struct span waiting, user = {"", 0};
	int more = sorter_next(lines, &user, fault), more_waiting;

	while (more >= 0 && (more_waiting = sorter_next(edges->by_user, &waiting, fault)) != 0) {
		struct span key = record_line_key(RECORD_USER, waiting);

		if (more_waiting < 0)
			return -1;
		while (more > 0 && span_compare(user, key) < 0)
			more = sorter_next(lines, &user, fault);
		if (more >= 0 && meet_user(edges, waiting, key, more && span_begins(user, key), fault) < 0)
			return -1;
	}
	return more < 0 ? -1 : 0;
}

int edges_end(struct edges *edges, struct sorter *lines, struct fault *fault)
{
	struct span line;
	int more;

	if (sorter_is_empty(edges->by_user))
		return 0;
	if (sorter_sort(edges->by_user, fault) < 0 || sorter_sort(lines, fault) < 0 ||
	    meet_users(edges, lines, fault) < 0)
		return -1;
	sorter_clear(edges->by_user);
	more = sorter_sort(edges->settled, fault);
	while (more >= 0 && (more = sorter_next(edges->settled, &line, fault)) > 0)
		more = sorter_add(lines, line, fault);
	sorter_clear(edges->settled);
	return more;
}
