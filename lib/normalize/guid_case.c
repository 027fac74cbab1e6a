/* SPDX-License-Identifier: ISC */
/*
 * guid_case: two joins by the GUID in small letters, first of the members, then of the groups.
 */
#include "normalize/guid_case.h"

#include "base/json_put.h"
#include "sort/join.h"

enum { GUID_LEN = 36 };

/* What waits: the line of a membership without its LF. */
enum { GUID_MEMBERSHIP = 'm' };

struct guid_joins {
	struct join member, group;
	struct sorter *settled;
	struct buf line, key;
	bool several; /* the key at hand has two records */
};

static bool is_guid(struct span id, bool *capitals)
{
	*capitals = false;
	if (id.len != GUID_LEN)
		return false;
	for (size_t i = 0; i < id.len; i++) {
		char c = id.data[i];
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? c != '-'
		           : !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
			return false;
		*capitals |= c >= 'A' && c <= 'F';
	}
	return true;
}

bool guid_case_has_capitals(struct span id)
{
	static const unsigned char places[] = {0, 8, 16, 24, GUID_LEN - sizeof(uint64_t)};
	uint64_t word, found = 0;
	bool capitals;

	if (id.len != GUID_LEN)
		return false;
	/* most have none: a byte with bit 0x40 and without bit 0x20 is a capital, or none of a GUID's */
	for (size_t i = 0; i < sizeof places; i++) {
		memcpy(&word, id.data + places[i], sizeof word);
		found |= word & ~(word << 1);
	}
	return (found & 0x4040404040404040U) && is_guid(id, &capitals) && capitals;
}

/* Is what stands in a line, with its quotes, a GUID? */
static bool is_quoted_guid(struct span id)
{
	bool capitals;

	return id.len == GUID_LEN + 2 && is_guid((struct span){id.data + 1, GUID_LEN}, &capitals);
}

/* The key of a GUID's record, from the one that its exact id has. */
static struct span guid_key(struct guid_joins *joins, struct span exact)
{
	struct span id = record_key_id(exact);

	buf_clear(&joins->key);
	buf_put(&joins->key, exact.data, (size_t)(id.data - exact.data));
	for (size_t i = 0; i < id.len; i++)
		buf_putc(&joins->key, ascii_lower(id.data[i]));
	return buf_span(&joins->key);
}

/* The exact key of an end of a membership, in `to`. 0 or -1. */
static int put_exact_key(struct buf *to, struct span line, enum membership_field field,
                         struct fault *fault)
{
	bool nested = field == MEMBERSHIP_GROUP_ID || record_line_member_kind(line) == MEMBER_GROUP;

	buf_clear(to);
	record_put_end_key(to, line, field, nested ? RECORD_GROUP : RECORD_USER);
	return buf_check(to, fault);
}

/* Lets a membership wait at an end whose id is a GUID. 1, 0 where it is none, -1. */
static int let_guid_wait(struct guid_joins *joins, struct span line, enum membership_field field,
                         struct fault *fault)
{
	struct join *join = field == MEMBERSHIP_MEMBER_ID ? &joins->member : &joins->group;
	struct buf exact = {0};
	int result = put_exact_key(&exact, line, field, fault);

	if (result == 0 && is_quoted_guid(record_key_id(buf_span(&exact)))) {
		struct span key = guid_key(joins, buf_span(&exact));

		result = buf_check(&joins->key, fault) < 0 ||
		                 join_add_waiting(join, 0, &joins->line, key, GUID_MEMBERSHIP,
		                                  (struct span){line.data, line.len - 1}, fault) < 0
		             ? -1
		             : 1;
	}
	buf_release(&exact);
	return result;
}

/* Settles a membership, or lets it wait at its first end from `field` on that is a GUID. 0, -1. */
static int settle_membership(struct guid_joins *joins, struct span line,
                             enum membership_field field, struct fault *fault)
{
	int waits = let_guid_wait(joins, line, field, fault);

	if (waits == 0 && field == MEMBERSHIP_MEMBER_ID)
		waits = let_guid_wait(joins, line, MEMBERSHIP_GROUP_ID, fault);
	if (waits == 0)
		return sorter_add(joins->settled, line, fault);
	return waits < 0 ? -1 : 0;
}

/* A user or a group with a GUID is a fact for whoever names it. */
static int add_guid(struct guid_joins *joins, enum record_kind kind, struct span line,
                    struct fault *fault)
{
	struct span exact = record_line_key(kind, line), id = record_key_id(exact), key;

	if (!is_quoted_guid(id))
		return 0;
	key = guid_key(joins, exact);
	if (buf_check(&joins->key, fault) < 0 ||
	    join_add_fact(&joins->member, 0, &joins->line, key, id, fault) < 0)
		return -1;
	return kind == RECORD_GROUP ? join_add_fact(&joins->group, 0, &joins->line, key, id, fault) : 0;
}

/* The line of a membership with the id of the record that it means; `for_member`: which end. A
   member of unknown kind whose id only a user has, in other letters, is that user. */
static int name_guid(struct guid_joins *joins, const struct joined *joined, bool for_member,
                     struct buf *line, struct fault *fault)
{
	struct span old = joined->waiting, group, member;
	enum member_kind kind = record_line_member_kind(old);
	struct buf ends[2] = {{0}, {0}};
	int result = 0;

	if (put_exact_key(&ends[0], old, MEMBERSHIP_GROUP_ID, fault) < 0 ||
	    put_exact_key(&ends[1], old, MEMBERSHIP_MEMBER_ID, fault) < 0) {
		result = -1;
		goto out;
	}
	group = record_key_id(buf_span(&ends[0]));
	member = record_key_id(buf_span(&ends[1]));
	if (joined->fact.data && !joins->several) { /* else nobody has it, or who is meant? */
		if (for_member && kind == MEMBER_UNKNOWN && !span_is(member, joined->fact))
			kind = MEMBER_USER;
		*(for_member ? &member : &group) = joined->fact;
	}
	buf_clear(line);
	record_put_membership(line, record_line_source(old), group, member, kind);
	result = buf_check(line, fault);
out:
	buf_release(&ends[0]);
	buf_release(&ends[1]);
	return result;
}

static int meet_guid(struct guid_joins *joins, const struct joined *joined, bool for_member,
                     struct fault *fault)
{
	struct buf line = {0};
	int result;

	if (!joined->what) { /* a fact's turn: the first one, or another one */
		joins->several = joined->waiting.data;
		return 0;
	}
	result = name_guid(joins, joined, for_member, &line, fault);
	if (result == 0)
		result = for_member ? settle_membership(joins, buf_span(&line), MEMBERSHIP_GROUP_ID, fault)
		                    : sorter_add(joins->settled, buf_span(&line), fault);
	buf_release(&line);
	return result;
}

static int meet_guid_member(void *context, const struct joined *joined, struct fault *fault)
{
	return meet_guid(context, joined, true, fault);
}

static int meet_guid_group(void *context, const struct joined *joined, struct fault *fault)
{
	return meet_guid(context, joined, false, fault);
}

/* Records are settled as they are, memberships wait. */
static int settle_lines(struct guid_joins *joins, struct sorter *lines, struct fault *fault)
{
	struct span line;
	int more = sorter_sort(lines, fault);

	while (more >= 0 && (more = sorter_next(lines, &line, fault)) > 0) {
		enum record_kind kind = record_line_kind(line);

		if (kind == RECORD_MEMBERSHIP)
			more = settle_membership(joins, line, MEMBERSHIP_MEMBER_ID, fault);
		else if (sorter_add(joins->settled, line, fault) < 0 ||
		         (kind != RECORD_GAP && add_guid(joins, kind, line, fault) < 0))
			more = -1;
	}
	return more;
}

int guid_case_settle(struct sorter **lines, struct budget *budget, struct fault *fault)
{
	struct guid_joins joins = {.settled = NULL};
	int result = -1;

	if (join_open(&joins.member, sorter_share(budget, 1, fault)) == 0 &&
	    join_open(&joins.group, sorter_share(budget, 1, fault)) == 0 &&
	    (joins.settled = sorter_share(budget, 1, fault)) &&
	    settle_lines(&joins, *lines, fault) == 0 &&
	    join_each(&joins.member, meet_guid_member, &joins, fault) == 0)
		result = join_each(&joins.group, meet_guid_group, &joins, fault);
	if (result == 0) {
		struct sorter *old = *lines;

		*lines = joins.settled;
		joins.settled = old;
	}
	join_release(&joins.member);
	join_release(&joins.group);
	sorter_close(joins.settled);
	buf_release(&joins.line);
	buf_release(&joins.key);
	return result;
}
