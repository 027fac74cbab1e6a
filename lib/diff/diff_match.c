/* SPDX-License-Identifier: ISC */
/*
 * diff_match: a membership knows two ids, so it is joined twice: sorted by its
 * group's id it meets the group's name, sorted by its member's id the member's.
 * Three sorters and no table of ids, so memory stays within their limits.
 */
#include "diff/diff_match.h"

#include "base/ceiling.h"
#include "diff/diff_unnamed.h"
#include "base/json_put.h"
#include "sort/sorter.h"

#include <stdio.h>

/* Stands between the parts of a line; canonical JSON has no such byte. */
enum { SEPARATOR = '\x1f' };

/* What follows an id in the joins, in this order. Texts stand there as JSON. */
enum {
	TAG_NAME = '0',       /* name */
	TAG_GAP = '1',        /* of a group: the gap's own line */
	TAG_MEMBERSHIP = '2', /* of a group: member id, kind; of a member: group name, group id */
};

/* The letters of the kinds of members, which stand before their ids, too. */
enum { KIND_USER = 'u', KIND_GROUP = 'g', KIND_UNKNOWN = 'x' };

struct matching {
	struct diff *diff;
	struct diff_side *side;
	bool newer;
	struct span source;                     /* that all compared lines have */
	struct buf compared_source, own_source; /* that, and the side's, as JSON */
	struct sorter *by_group;                /* "GROUP ID" TAG ... */
	struct sorter *by_member;               /* KIND "MEMBER ID" TAG ... */
	struct sorter *by_name;                 /* COMPARED, OWN */
	struct unnamed unnamed;
	struct buf line;
	struct buf id, name, other; /* scratch */
};

struct span diff_match_own(struct span *line)
{
	const char *at = memchr(line->data, SEPARATOR, line->len);
	struct span own = *line;

	if (at) {
		line->len = (size_t)(at - line->data);
		own = (struct span){at + 1, own.len - line->len - 1};
	}
	return own;
}

/* ---- what is compared ---- */

unsigned diff_match_fields(unsigned fields, const struct record *before, const struct record *after)
{
	bool user = before->kind == RECORD_USER;

	for (unsigned i = 0; i < record_forms[before->kind].count; i++)
		if (before->values[i].type == VALUE_ABSENT || after->values[i].type == VALUE_ABSENT)
			fields &= ~(1U << i);
	if (!user)
		return fields;
	/* a status that one side does not say */
	if (span_is(record_text(before, USER_STATUS), span_of("unknown")) ||
	    span_is(record_text(after, USER_STATUS), span_of("unknown")))
		fields &= ~(1U << USER_STATUS);
	if (span_is_nocase(record_text(before, USER_EMAIL), record_text(after, USER_EMAIL)) &&
	    before->values[USER_EMAIL].type == after->values[USER_EMAIL].type)
		fields &= ~(1U << USER_EMAIL);
	/* kept in the line for what a blind spot hides */
	return fields & ~(1U << USER_ACCOUNT_TYPE);
}

static struct span lower(struct buf *to, struct span text)
{
	buf_clear(to);
	for (size_t i = 0; i < text.len; i++)
		buf_putc(to, ascii_lower(text.data[i]));
	return buf_span(to);
}

/* The record with `name` for its id and only what can be compared. */
static void put_compared(struct matching *matching, const struct record *own, struct span name)
{
	static const int user_fields[] = {USER_EMAIL,       USER_DISPLAY_NAME, USER_GIVEN_NAME,
	                                  USER_FAMILY_NAME, USER_STATUS,       USER_ACCOUNT_TYPE,
	                                  USER_ROLES};
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
		matching->line.data[matching->line.len - 1] = SEPARATOR;
	buf_put_span(&matching->line, own);
	buf_putc(&matching->line, '\n');
	if (buf_check(&matching->line, fault) < 0)
		return -1;
	return sorter_add(matching->by_name, buf_span(&matching->line), fault);
}

/* ---- one side's records ---- */

/* `kind` is 0, or the letter that goes before the id. */
static int add_to_join(struct matching *matching, struct sorter *join, char kind, struct span id,
                       char tag, struct span first, struct span second, struct fault *fault)
{
	struct buf *line = &matching->line;

	buf_clear(line);
	if (kind)
		buf_putc(line, kind);
	buf_put_span(line, id);
	buf_putc(line, SEPARATOR);
	buf_putc(line, tag);
	buf_put_span(line, first);
	buf_putc(line, SEPARATOR);
	buf_put_span(line, second);
	buf_putc(line, '\n');
	if (buf_check(line, fault) < 0)
		return -1;
	return sorter_add(join, buf_span(line), fault);
}

static int add_user(struct matching *matching, const struct record *user, struct span own,
                    struct fault *fault)
{
	struct span id = record_text(user, USER_ID), name = record_text(user, USER_USER_NAME);
	struct span none = {"", 0};

	if (!name.len)
		return unnamed_add(&matching->unnamed, UNNAMED_USERS, id, fault);
	name = lower(&matching->name, name);
	buf_clear(&matching->line);
	put_compared(matching, user, name);
	if (buf_check(&matching->name, fault) < 0 || add_by_name(matching, own, fault) < 0)
		return -1;
	name = json_quote(&matching->other, name);
	return add_to_join(matching, matching->by_member, KIND_USER, json_quote(&matching->id, id),
	                   TAG_NAME, name, none, fault);
}

static int add_group(struct matching *matching, const struct record *group, struct span own,
                     struct fault *fault)
{
	struct span id = record_text(group, GROUP_ID), name = record_text(group, GROUP_NAME);
	struct span none = {"", 0};

	if (!name.len)
		return unnamed_add(&matching->unnamed, UNNAMED_GROUPS, id, fault);
	buf_clear(&matching->line);
	put_compared(matching, group, name);
	if (add_by_name(matching, own, fault) < 0)
		return -1;
	id = json_quote(&matching->id, id);
	name = json_quote(&matching->name, name);
	return add_to_join(matching, matching->by_group, 0, id, TAG_NAME, name, none, fault) < 0
	           ? -1
	           : add_to_join(matching, matching->by_member, KIND_GROUP, id, TAG_NAME, name, none,
	                         fault);
}

static int add_membership(struct matching *matching, const struct record *membership,
                          struct fault *fault)
{
	struct span word = record_text(membership, MEMBERSHIP_MEMBER_KIND);
	char kind = span_is(word, span_of("user"))    ? KIND_USER
	            : span_is(word, span_of("group")) ? KIND_GROUP
	                                              : KIND_UNKNOWN;

	return add_to_join(matching, matching->by_group, 0,
	                   json_quote(&matching->id, record_text(membership, MEMBERSHIP_GROUP_ID)),
	                   TAG_MEMBERSHIP,
	                   json_quote(&matching->name, record_text(membership, MEMBERSHIP_MEMBER_ID)),
	                   (struct span){&kind, 1}, fault);
}

/* `id` is the name of the group, or empty: all, or nobody knows which. */
static int add_gap(struct matching *matching, const struct record *gap, struct span id,
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

static int add_record(struct matching *matching, const struct record *record, struct span own,
                      struct fault *fault)
{
	struct span none = {"", 0};

	switch (record->kind) {
	case RECORD_USER: return add_user(matching, record, own, fault);
	case RECORD_GROUP: return add_group(matching, record, own, fault);
	case RECORD_MEMBERSHIP: return add_membership(matching, record, fault);
	default:
		if (record_text(record, GAP_ID).len)
			return add_to_join(matching, matching->by_group, 0,
			                   json_quote(&matching->id, record_text(record, GAP_ID)), TAG_GAP, own,
			                   none, fault);
		return add_gap(matching, record, none, own, fault);
	}
}

/* Reads the side to its end, where it is proved. Records travel in their canonical
   form, whatever blanks were in the line. */
static int read_side(struct matching *matching, struct fault *fault)
{
	struct diff_side *side = matching->side;
	struct json_reader json = {0};
	struct record record = {0};
	struct buf own = {0};
	int result = 0;

	while (side->has_record && result == 0) {
		yyjson_val *root;

		if ((result = diff_side_check(side, fault)) < 0)
			break;
		root = json_read(&json, side->line, fault);
		if (!root || record_parse(&record, side->kind, root, fault) < 0) {
			result = diff_side_fault(side, fault);
			break;
		}
		buf_clear(&own);
		record_put(&own, &record);
		if ((result = buf_check(&own, fault)) == 0 &&
		    (result = add_record(matching, &record, (struct span){own.data, own.len - 1}, fault)) ==
		        0)
			result = diff_side_advance(side, fault);
	}
	json_reader_release(&json);
	record_release(&record);
	buf_release(&own);
	return result;
}

/* ---- the joins ---- */

/* A line of a join, taken apart. */
struct joined {
	struct span id; /* with all before the tag */
	char tag;
	struct span first, second;
};

static struct joined take_apart(struct span line)
{
	struct joined joined = {.id = {line.data, line.len - 1}};
	struct span rest = diff_match_own(&joined.id);

	joined.tag = *rest.data;
	joined.first = (struct span){rest.data + 1, rest.len - 1};
	joined.second = diff_match_own(&joined.first);
	return joined;
}

/* The names that a join has met: that of `id`, as JSON, if it has one. */
struct meeting {
	struct buf id, name;
};

static int meet(struct meeting *meeting, const struct joined *joined, struct fault *fault)
{
	if (!span_is(buf_span(&meeting->id), joined->id)) {
		buf_clear(&meeting->id);
		buf_put_span(&meeting->id, joined->id);
		buf_clear(&meeting->name);
	}
	if (joined->tag == TAG_NAME)
		buf_put_span(&meeting->name, joined->first);
	return buf_check(&meeting->id, fault) < 0 ? -1 : buf_check(&meeting->name, fault);
}

/* Appends the line of a membership without its LF; all but the letter of the member's
   kind as JSON. */
static void put_membership(struct buf *line, struct span source, struct span group,
                           struct span member, char kind)
{
	buf_puts(line, "{\"kind\":\"membership\",\"source\":");
	buf_put_span(line, source);
	buf_puts(line, ",\"group_id\":");
	buf_put_span(line, group);
	buf_puts(line, ",\"member_id\":");
	buf_put_span(line, member);
	buf_puts(line, kind == KIND_USER    ? ",\"member_kind\":\"user\"}"
	               : kind == KIND_GROUP ? ",\"member_kind\":\"group\"}"
	                                    : ",\"member_kind\":\"unknown\"}");
}

/* The membership as its snapshot has it. */
static struct span own_membership(struct matching *matching, struct span group, struct span member,
                                  char kind)
{
	buf_clear(&matching->other);
	put_membership(&matching->other, buf_span(&matching->own_source), group, member, kind);
	return buf_span(&matching->other);
}

/* The gap of a group's members has met the name of its group. */
static int leave_with_gap(struct matching *matching, const struct joined *joined, struct span name,
                          struct fault *fault)
{
	yyjson_doc *name_doc = name.len ? json_parse(name, NULL, fault) : NULL;
	struct record record = {0};
	struct span text = {"", 0};
	yyjson_doc *doc = NULL;
	int result = -1;

	if (name_doc || !name.len)
		doc = record_read(&record, RECORD_GAP, joined->first, fault);
	json_text(yyjson_doc_get_root(name_doc), &text);
	if (doc)
		result = add_gap(matching, &record, text, joined->first, fault);
	yyjson_doc_free(name_doc);
	yyjson_doc_free(doc);
	return result;
}

/* A membership, or the gap of its members, has met the name of its group. */
static int leave_group_join(struct matching *matching, const struct joined *joined,
                            struct span name, struct fault *fault)
{
	struct span group = joined->id, member = joined->first;
	char kind;

	if (joined->tag == TAG_GAP)
		return leave_with_gap(matching, joined, name, fault);
	kind = *joined->second.data;
	if (!name.len || kind == KIND_UNKNOWN)
		return unnamed_add(&matching->unnamed, UNNAMED_MEMBERS,
		                   own_membership(matching, group, member, kind), fault);
	return add_to_join(matching, matching->by_member, kind, member, TAG_MEMBERSHIP, name, group,
	                   fault);
}

/* A membership has met the name of its member, too. */
static int leave_member_join(struct matching *matching, const struct joined *joined,
                             struct span name, struct fault *fault)
{
	struct span member = {joined->id.data + 1, joined->id.len - 1}, own;
	char kind = *joined->id.data;

	own = own_membership(matching, joined->second, member, kind);
	if (!name.len)
		return unnamed_add(&matching->unnamed, UNNAMED_MEMBERS, own, fault);
	buf_clear(&matching->line);
	put_membership(&matching->line, buf_span(&matching->compared_source), joined->first, name,
	               kind);
	buf_putc(&matching->line, '\n');
	return add_by_name(matching, own, fault);
}

/* Sorts, and hands each line that waited for a name over with it, "" where there
   is none. */
static int join(struct matching *matching, struct sorter *sorter,
                int (*leave)(struct matching *, const struct joined *, struct span, struct fault *),
                struct fault *fault)
{
	struct meeting meeting = {0};
	struct span line;
	int more = sorter_sort(sorter, fault) < 0 ? -1 : 1;

	while (more > 0 && (more = sorter_next(sorter, &line, fault)) > 0) {
		struct joined joined = take_apart(line);

		if (meet(&meeting, &joined, fault) < 0 ||
		    (joined.tag != TAG_NAME &&
		     leave(matching, &joined, buf_span(&meeting.name), fault) < 0))
			more = -1;
	}
	buf_release(&meeting.id);
	buf_release(&meeting.name);
	return more;
}

/* ---- one side, and both ---- */

static bool open_sorters(struct matching *matching, struct fault *fault)
{
	matching->by_group = sorter_open(MATCH_MEMORY, fault);
	matching->by_member = matching->by_group ? sorter_open(MATCH_MEMORY, fault) : NULL;
	matching->by_name = matching->by_member ? sorter_open(MATCH_MEMORY, fault) : NULL;
	return matching->by_name;
}

static int match_side(struct diff *diff, struct diff_side *side, bool newer, struct span source,
                      struct fault *fault)
{
	struct matching matching = {.diff = diff, .side = side, .newer = newer, .source = source};
	int result = -1;

	json_put_string(&matching.compared_source, source);
	json_put_string(&matching.own_source, diff_side_only_source(side));
	if (open_sorters(&matching, fault) && buf_check(&matching.compared_source, fault) == 0 &&
	    buf_check(&matching.own_source, fault) == 0 && read_side(&matching, fault) == 0 &&
	    join(&matching, matching.by_group, leave_group_join, fault) == 0) {
		sorter_close(matching.by_group);
		matching.by_group = NULL;
		if (join(&matching, matching.by_member, leave_member_join, fault) == 0 &&
		    sorter_sort(matching.by_name, fault) == 0)
			result = unnamed_settle(&matching.unnamed, diff, side, newer, source, fault);
	}
	if (result == 0) {
		side->matched = matching.by_name;
		matching.by_name = NULL;
		result = diff_side_advance(side, fault);
	}
	sorter_close(matching.by_group);
	sorter_close(matching.by_member);
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
	struct span source = diff_side_only_source(before);

	return match_side(diff, before, false, source, fault) < 0
	           ? -1
	           : match_side(diff, after, true, source, fault);
}
