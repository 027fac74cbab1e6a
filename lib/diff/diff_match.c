/* SPDX-License-Identifier: ISC */
/*
 * diff_match: a membership knows two ids, so it is joined twice: by its group's id it
 * meets the group's name, by its member's id the member's. Two joins, a sorter and no
 * table of ids, so memory stays within their limits.
 */
#include "diff/diff_match.h"

#include "base/ceiling.h"
#include "base/json_put.h"
#include "diff/diff_unnamed.h"
#include "sort/join.h"

/* What waits in the join of groups: a gap's own line; a membership as the letter of its
   member's kind and the member's id. In the join of members: the name of the membership's
   group, and its id. Ids and names stand there as JSON. */
enum { WAITING_GAP = 'g', WAITING_MEMBERSHIP = 'm' };

/* Stands before the id of a member, which may be a user's or a group's. */
static const char kind_letters[] = {
	[MEMBER_UNKNOWN] = 'x',
	[MEMBER_USER] = 'u',
	[MEMBER_GROUP] = 'g',
};

struct matching {
	struct diff *diff;
	struct diff_side *side;
	struct span source;                     /* that all compared lines have */
	struct buf compared_source, own_source; /* that, and the side's, as JSON */
	struct join groups;                     /* by id: the group's name */
	struct join members;                    /* by kind and id: the member's name */
	struct sorter *by_name;                 /* COMPARED, OWN */
	struct unnamed unnamed;
	struct buf line, id, name, other; /* scratch */
};

/* ---- what is compared ---- */

/* The name by which a record is matched. */
static struct span folded_name(struct buf *to, const struct record *record)
{
	buf_clear(to);
	record_put_folded_name(to, record);
	return buf_span(to);
}

/* The record with `name` for its id and only what can be compared. */
static void put_compared(struct matching *matching, const struct record *own, struct span name)
{
	static const int user_fields[] = {USER_EMAIL,       USER_DISPLAY_NAME, USER_GIVEN_NAME,
	                                  USER_FAMILY_NAME, USER_STATUS,       USER_ACCOUNT_TYPE,
	                                  USER_TITLE,       USER_DEPARTMENT,   USER_EMPLOYEE_NUMBER,
	                                  USER_ROLES,       USER_ENTITLEMENTS};
	static const int group_fields[] = {GROUP_DESCRIPTION};
	bool user = own->kind == RECORD_USER;
	const int *fields = user ? user_fields : group_fields;
	size_t count = user ? sizeof user_fields / sizeof *user_fields
	                    : sizeof group_fields / sizeof *group_fields;
	struct record record = {0};

	record_start(&record, own->kind, matching->source);
	record_set(&record, USER_ID, name); /* USER_ID and GROUP_ID are the same place */
	for (size_t i = 0; i < count; i++)
		record.values[fields[i]] = own->values[fields[i]];
	record_put(&matching->line, &record);
	record_release(&record);
}

/* Replaces the LF of the compared line by the separator and the record's own line. */
static int add_by_name(struct matching *matching, struct span own, struct fault *fault)
{
	if (matching->line.len)
		matching->line.data[matching->line.len - 1] = SIDE_SEPARATOR;
	buf_put_span(&matching->line, own);
	buf_putc(&matching->line, '\n');
	if (buf_check(&matching->line, fault) < 0)
		return -1;
	return sorter_add(matching->by_name, buf_span(&matching->line), fault);
}

/* ---- one side's records ---- */

/* The key of a member in its join. */
static struct span member_key(struct buf *to, enum member_kind kind, struct span id_json)
{
	buf_clear(to);
	buf_putc(to, kind_letters[kind]);
	buf_put_span(to, id_json);
	return buf_span(to);
}

/* Adds the name of a member, `id` and `name` as JSON. */
static int add_member_name(struct matching *matching, enum member_kind kind, struct span id,
                           struct span name, struct fault *fault)
{
	struct span key = member_key(&matching->other, kind, id);

	return buf_check(&matching->other, fault) < 0
	           ? -1
	           : join_add_fact(&matching->members, 0, &matching->line, key, name, fault);
}

static int match_user(struct matching *matching, const struct record *user, struct span own,
                      struct fault *fault)
{
	struct span id = record_text(user, USER_ID), name;

	if (!record_name(user).len)
		return unnamed_add(&matching->unnamed, UNNAMED_USERS, id, fault);
	name = folded_name(&matching->other, user);
	buf_clear(&matching->line);
	put_compared(matching, user, name);
	if (buf_check(&matching->other, fault) < 0 || add_by_name(matching, own, fault) < 0)
		return -1;
	name = json_quote(&matching->name, name);
	return add_member_name(matching, MEMBER_USER, json_quote(&matching->id, id), name, fault);
}

static int match_group(struct matching *matching, const struct record *group, struct span own,
                       struct fault *fault)
{
	struct span id = record_text(group, GROUP_ID), name;

	if (!record_name(group).len)
		return unnamed_add(&matching->unnamed, UNNAMED_GROUPS, id, fault);
	name = folded_name(&matching->other, group);
	buf_clear(&matching->line);
	put_compared(matching, group, name);
	if (buf_check(&matching->other, fault) < 0 || add_by_name(matching, own, fault) < 0)
		return -1;
	id = json_quote(&matching->id, id);
	name = json_quote(&matching->name, name);
	if (buf_check(&matching->id, fault) < 0 || buf_check(&matching->name, fault) < 0 ||
	    join_add_fact(&matching->groups, 0, &matching->line, id, name, fault) < 0)
		return -1;
	return add_member_name(matching, MEMBER_GROUP, id, name, fault);
}

static int match_membership(struct matching *matching, const struct record *membership,
                            struct fault *fault)
{
	struct span group = json_quote(&matching->id, record_text(membership, MEMBERSHIP_GROUP_ID));
	struct span member = json_quote(&matching->name, record_text(membership, MEMBERSHIP_MEMBER_ID));
	struct span waiting = member_key(&matching->other, record_member_kind(membership), member);

	if (buf_check(&matching->id, fault) < 0 || buf_check(&matching->name, fault) < 0 ||
	    buf_check(&matching->other, fault) < 0)
		return -1;
	return join_add_waiting(&matching->groups, 0, &matching->line, group, WAITING_MEMBERSHIP,
	                        waiting, fault);
}

/* `id` is the name of the group, or empty: all, or nobody knows which. */
static int match_gap(struct matching *matching, const struct record *gap, struct span id,
                     struct span own, struct fault *fault)
{
	struct record record = {0};

	record_start(&record, RECORD_GAP, matching->source);
	record_set(&record, GAP_SCOPE, record_text(gap, GAP_SCOPE));
	if (id.len)
		record_set(&record, GAP_ID, id);
	record_set(&record, GAP_REASON, record_text(gap, GAP_REASON));
	buf_clear(&matching->line);
	record_put(&matching->line, &record);
	record_release(&record);
	return add_by_name(matching, own, fault);
}

static int match_record(struct matching *matching, const struct record *record, struct span own,
                        struct fault *fault)
{
	struct span none = SPAN_EMPTY, id;

	switch (record->kind) {
	case RECORD_USER: return match_user(matching, record, own, fault);
	case RECORD_GROUP: return match_group(matching, record, own, fault);
	case RECORD_MEMBERSHIP: return match_membership(matching, record, fault);
	default: break;
	}
	if (!record_text(record, GAP_ID).len)
		return match_gap(matching, record, none, own, fault);
	id = json_quote(&matching->id, record_text(record, GAP_ID));
	return buf_check(&matching->id, fault) < 0
	           ? -1
	           : join_add_waiting(&matching->groups, 0, &matching->line, id, WAITING_GAP, own,
	                              fault);
}

/* Reads the side to its end, where it is proved. Records travel in their canonical
   form, whatever blanks were in the line. */
static int read_side(struct matching *matching, struct fault *fault)
{
	struct snapshot_reader *reader = &matching->side->reader;
	struct record record = {0};
	struct buf own = {0};
	int more;

	while ((more = snapshot_reader_next(reader, fault)) > 0) {
		if (!span_is(reader->source, buf_span(&matching->own_source)))
			continue; /* of another source than the one that --source names */
		more = snapshot_reader_parse(reader, &record, fault);
		if (more < 0)
			break;
		buf_clear(&own);
		record_put(&own, &record);
		if (buf_check(&own, fault) < 0 ||
		    match_record(matching, &record, (struct span){own.data, own.len - 1}, fault) < 0) {
			more = -1;
			break;
		}
	}
	record_release(&record);
	buf_release(&own);
	return more;
}

/* ---- the joins ---- */

/* The membership as its snapshot has it. */
static struct span own_membership(struct matching *matching, struct span group, struct span member,
                                  enum member_kind kind)
{
	buf_clear(&matching->other);
	record_put_membership(&matching->other, buf_span(&matching->own_source), group, member, kind);
	return (struct span){matching->other.data, matching->other.len - !!matching->other.len};
}

/* The gap of a group's members has met the name of its group, if that has one. */
static int leave_with_gap(struct matching *matching, const struct joined *joined,
                          struct fault *fault)
{
	yyjson_doc *name_doc = joined->fact.data ? json_parse(joined->fact, NULL, fault) : NULL;
	struct record record = {0};
	struct span text = SPAN_EMPTY;
	yyjson_doc *doc = NULL;
	int result = -1;

	if (name_doc || !joined->fact.data)
		doc = record_read(&record, RECORD_GAP, joined->waiting, fault);
	json_text(yyjson_doc_get_root(name_doc), &text);
	if (doc)
		result = match_gap(matching, &record, text, joined->waiting, fault);
	record_release(&record);
	yyjson_doc_free(name_doc);
	yyjson_doc_free(doc);
	return result;
}

static enum member_kind kind_of_letter(char letter)
{
	enum member_kind kind = MEMBER_GROUP;

	while (kind > MEMBER_UNKNOWN && kind_letters[kind] != letter)
		kind--;
	return kind;
}

/* A membership, or the gap of its members, has met the name of its group. */
static int leave_groups(void *context, const struct joined *joined, struct fault *fault)
{
	struct matching *matching = context;
	enum member_kind kind;
	struct span member;

	if (!joined->what)
		return 0;
	if (joined->what == WAITING_GAP)
		return leave_with_gap(matching, joined, fault);
	kind = kind_of_letter(*joined->waiting.data);
	member = (struct span){joined->waiting.data + 1, joined->waiting.len - 1};
	if (!joined->fact.data || kind == MEMBER_UNKNOWN)
		return unnamed_add(&matching->unnamed, UNNAMED_MEMBERS,
		                   own_membership(matching, joined->key, member, kind), fault);
	buf_clear(&matching->other);
	buf_put_span(&matching->other, joined->fact);
	buf_put_span(&matching->other, joined->key);
	return buf_check(&matching->other, fault) < 0
	           ? -1
	           : join_add_waiting(&matching->members, 0, &matching->line, joined->waiting,
	                              WAITING_MEMBERSHIP, buf_span(&matching->other), fault);
}

/* A membership has met the name of its member, too. */
static int leave_members(void *context, const struct joined *joined, struct fault *fault)
{
	struct matching *matching = context;
	struct span member = {joined->key.data + 1, joined->key.len - 1}, own;
	enum member_kind kind = kind_of_letter(*joined->key.data);
	size_t end;

	if (!joined->what)
		return 0;
	end = json_string_end(joined->waiting, 0);
	own = own_membership(matching,
	                     (struct span){joined->waiting.data + end, joined->waiting.len - end},
	                     member, kind);
	if (!joined->fact.data)
		return unnamed_add(&matching->unnamed, UNNAMED_MEMBERS, own, fault);
	buf_clear(&matching->line);
	record_put_membership(&matching->line, buf_span(&matching->compared_source),
	                      (struct span){joined->waiting.data, end}, joined->fact, kind);
	return add_by_name(matching, own, fault);
}

/* ---- one side, and both ---- */

static int open_joins(struct matching *matching, struct fault *fault)
{
	if (join_open(&matching->groups, sorter_open(MATCH_MEMORY, fault)) < 0 ||
	    join_open(&matching->members, sorter_open(MATCH_MEMORY, fault)) < 0)
		return -1;
	matching->by_name = sorter_open(MATCH_MEMORY, fault);
	return matching->by_name ? 0 : -1;
}

static int join_names(struct matching *matching, struct fault *fault)
{
	if (join_each(&matching->groups, leave_groups, matching, fault) < 0)
		return -1;
	join_release(&matching->groups); /* its memory is wanted */
	return join_each(&matching->members, leave_members, matching, fault);
}

static int match_side(struct diff *diff, struct diff_side *side, bool newer, struct span source,
                      struct fault *fault)
{
	struct matching matching = {.diff = diff, .side = side, .source = source};
	int result = -1;

	json_put_string(&matching.compared_source, source);
	json_put_string(&matching.own_source, diff_side_compared_source(side));
	if (open_joins(&matching, fault) == 0 && buf_check(&matching.compared_source, fault) == 0 &&
	    buf_check(&matching.own_source, fault) == 0 && read_side(&matching, fault) == 0 &&
	    join_names(&matching, fault) == 0 && sorter_sort(matching.by_name, fault) == 0)
		result = unnamed_finish(&matching.unnamed, diff, side, newer, source, fault);
	if (result == 0) {
		side->matched = matching.by_name;
		side->matched_source = matching.compared_source;
		matching.by_name = NULL;
		matching.compared_source = (struct buf){0};
	}
	join_release(&matching.groups);
	join_release(&matching.members);
	sorter_close(matching.by_name);
	unnamed_release(&matching.unnamed);
	buf_release(&matching.line);
	buf_release(&matching.id);
	buf_release(&matching.name);
	buf_release(&matching.other);
	buf_release(&matching.compared_source);
	buf_release(&matching.own_source);
	return result;
}

int diff_match(struct diff *diff, struct diff_side *before, struct diff_side *after,
               struct fault *fault)
{
	struct span source = diff_side_compared_source(before);

	return match_side(diff, before, false, source, fault) < 0
	           ? -1
	           : match_side(diff, after, true, source, fault);
}
