/* SPDX-License-Identifier: ISC */
/*
 * diff: a merge of two sorted streams. Gaps sort before everything else, so the
 * blind spots of both sides are known before the first record is compared;
 * groups sort before memberships and users after them, so one pass tells which
 * names the changes need: those of users as they pass, those of groups from
 * their lines, which are put aside.
 */
#include "diff/diff.h"

#include "base/json_put.h"
#include "diff/diff_match.h"
#include "diff/diff_parts.h"
#include "stream/stream_pair.h"

#include <stdlib.h>

static const enum change_event added_events[] = {
	[RECORD_GROUP] = GROUP_ADDED,
	[RECORD_MEMBERSHIP] = MEMBERSHIP_ADDED,
	[RECORD_USER] = USER_ADDED,
};
static const enum change_event removed_events[] = {
	[RECORD_GROUP] = GROUP_REMOVED,
	[RECORD_MEMBERSHIP] = MEMBERSHIP_REMOVED,
	[RECORD_USER] = USER_REMOVED,
};

/* ---- names ---- */

/* Fills the label of a record, `own` its line, if it is wanted. */
static int keep_name(struct changes *changes, struct span key, enum record_kind kind,
                     struct span own, bool newer, struct fault *fault)
{
	struct label *label = labels_pass(&changes->labels, key);
	struct record record = {0};
	struct buf text = {0};
	yyjson_doc *doc;
	int result = -1;

	if (!label)
		return 0;
	doc = record_read(&record, kind, own, fault);
	if (doc) {
		labels_put_record(&changes->labels, &record, &text);
		label->newer = newer;
		/* USER_ID and GROUP_ID are the same place */
		result = labels_keep(&changes->labels, label, buf_span(&text),
		                     record_text(&record, USER_ID), fault);
	}
	buf_release(&text);
	record_release(&record);
	yyjson_doc_free(doc);
	return result;
}

/* Group lines come before it is known which names are wanted. They are put aside
   as `b` or `a`, before or after, and the line. */
static int put_group_aside(struct diff *diff, const struct diff_side *side, bool newer,
                           struct fault *fault)
{
	size_t len = (size_t)(side->own.data - side->line.data) + side->own.len;

	return spool_put(&diff->groups, span_of(newer ? "a" : "b"), fault) < 0 ||
	               spool_put(&diff->groups, (struct span){side->line.data, len}, fault) < 0 ||
	               spool_put(&diff->groups, span_of("\n"), fault) < 0
	           ? -1
	           : 0;
}

/* One line put aside, without its LF. */
static int name_group(struct diff *diff, struct span line, struct fault *fault)
{
	bool newer = *line.data == 'a';
	struct span compared = {line.data + 1, line.len - 1}, own = compared;

	if (diff->options->match)
		own = diff_side_cut(&compared);
	return keep_name(diff->changes, record_line_key(RECORD_GROUP, compared), RECORD_GROUP, own,
	                 newer, fault);
}

/* Joins pieces of the spool to lines. */
struct name_reader {
	struct diff *diff;
	struct buf rest; /* of the piece before */
};

static int name_groups_of_piece(void *to, struct span piece, struct fault *fault)
{
	struct name_reader *reader = to;
	const char *end;

	while ((end = memchr(piece.data, '\n', piece.len))) {
		struct span line = {piece.data, (size_t)(end - piece.data)};

		piece = (struct span){end + 1, piece.len - line.len - 1};
		if (reader->rest.len) {
			buf_put_span(&reader->rest, line);
			line = buf_span(&reader->rest);
		}
		if (buf_check(&reader->rest, fault) < 0 || name_group(reader->diff, line, fault) < 0)
			return -1;
		buf_clear(&reader->rest);
	}
	buf_put_span(&reader->rest, piece);
	return buf_check(&reader->rest, fault);
}

/* Reads the names of the wanted groups. */
static int name_groups(struct diff *diff, struct fault *fault)
{
	struct name_reader reader = {.diff = diff};
	int result;

	if (!diff->changes->labels.count)
		return 0;
	labels_rewind(&diff->changes->labels);
	result = spool_drain(&diff->groups, name_groups_of_piece, &reader, fault);
	buf_release(&reader.rest);
	return result;
}

/* ---- changes ---- */

/* Keeps a copy of a side's record: as it is compared, and as it is. */
static int copy_lines(struct diff *diff, const struct diff_side *side, struct span *line,
                      struct span *own, struct fault *fault)
{
	size_t at = (size_t)(side->own.data - side->line.data);
	struct span copy =
		arena_copy(&diff->changes->arena, (struct span){side->line.data, at + side->own.len});

	if (!copy.data)
		return fault_memory(fault);
	*line = (struct span){copy.data, side->line.len};
	*own = (struct span){copy.data + at, side->own.len};
	return 0;
}

/* Splits the differing fields into the events they are: a status that became
   enabled or disabled, a new name, and whatever is left. */
static int add_events(struct changes *changes, struct change change, const struct record *after,
                      struct fault *fault)
{
	unsigned status = change.fields & (1U << USER_STATUS | 1U << USER_PROVIDER_STATUS);
	unsigned name = change.fields & (1U << USER_USER_NAME | 1U << USER_EMAIL);
	bool user = change.kind == RECORD_USER;
	struct span now = user ? record_text(after, USER_STATUS) : span_of("");
	unsigned all = change.fields;

	if (!user)
		name = all & 1U << GROUP_NAME;
	else if (!(all & 1U << USER_USER_NAME))
		name = 0;
	if (!user || !(all & 1U << USER_STATUS) || span_is(now, span_of("unknown")))
		status = 0;
	change.fields = status;
	change.event = span_is(now, span_of("enabled")) ? USER_ENABLED : USER_DISABLED;
	if (status && changes_add(changes, change, fault) < 0)
		return -1;
	change.fields = name;
	change.event = user ? USER_RENAMED : GROUP_RENAMED;
	if (name && changes_add(changes, change, fault) < 0)
		return -1;
	change.fields = all & ~(status | name);
	change.event = user ? USER_MODIFIED : GROUP_MODIFIED;
	return change.fields ? changes_add(changes, change, fault) : 0;
}

/* The same record on both sides with different bytes. */
static int see_modified(struct diff *diff, const struct diff_side *older,
                        const struct diff_side *newer, struct fault *fault)
{
	enum record_kind kind = older->kind;
	struct record before = {0}, after = {0};
	yyjson_doc *before_doc = record_read(&before, kind, older->line, fault);
	yyjson_doc *after_doc = before_doc ? record_read(&after, kind, newer->line, fault) : NULL;
	struct change change = {.kind = kind};
	struct span line;
	int result = 0;

	if (after_doc && changes_limit(diff->changes, &before, 0, fault) < 0)
		result = diff_side_fault(older, fault);
	else if (!after_doc || changes_limit(diff->changes, &after, 1, fault) < 0)
		result = diff_side_fault(before_doc ? newer : older, fault);
	else
		change.fields = changes_fields(diff->options, &before, &after);
	if (change.fields && !diff_is_hidden(diff, &after)) {
		result = copy_lines(diff, older, &line, &change.before, fault);
		if (result == 0)
			result = copy_lines(diff, newer, &change.line, &change.after, fault);
		if (result == 0)
			result = add_events(diff->changes, change, &after, fault);
	}
	record_release(&before);
	record_release(&after);
	yyjson_doc_free(before_doc);
	yyjson_doc_free(after_doc);
	return result;
}

static int want_names(struct diff *diff, const struct record *membership, struct fault *fault)
{
	struct span source = record_text(membership, 0);
	struct span member = record_text(membership, MEMBERSHIP_MEMBER_ID);
	bool nested = record_member_kind(membership) == MEMBER_GROUP;

	if (!diff->group_wanted && labels_want(&diff->changes->labels, RECORD_GROUP, source,
	                                       record_text(membership, MEMBERSHIP_GROUP_ID), fault) < 0)
		return -1;
	diff->group_wanted = true;
	return labels_want(&diff->changes->labels, nested ? RECORD_GROUP : RECORD_USER, source, member,
	                   fault);
}

/* A record that stands on one side only. */
static int see_single(struct diff *diff, const struct diff_side *side, bool newer,
                      struct fault *fault)
{
	struct change change = {.event = (newer ? added_events : removed_events)[side->kind],
	                        .kind = side->kind};
	struct record record = {0};
	yyjson_doc *doc = record_read(&record, side->kind, side->line, fault);
	int result = doc ? 0 : diff_side_fault(side, fault);

	if (doc && !diff_is_hidden(diff, &record)) {
		result =
			copy_lines(diff, side, &change.line, newer ? &change.after : &change.before, fault);
		if (result == 0 && side->kind == RECORD_MEMBERSHIP) {
			diff->group.removed += !newer;
			result = want_names(diff, &record, fault);
		}
		if (result == 0)
			result = changes_add(diff->changes, change, fault);
	}
	record_release(&record);
	yyjson_doc_free(doc);
	return result;
}

/* ---- the merge ---- */

/* Equal up to the volatile members, which stand last. */
static bool lines_equal(const struct diff *diff, const struct diff_side *before,
                        const struct diff_side *after)
{
	struct span stable, rest;

	if (span_is(before->line, after->line))
		return true;
	if (diff->options->all_fields)
		return false;
	stable = record_line_stable(before->kind, before->line);
	if (!span_begins(after->line, stable))
		return false;
	rest = (struct span){after->line.data + stable.len, after->line.len - stable.len};
	return record_line_stable(after->kind, rest).len == 0;
}

/* What each record does, whether it changed or not. */
static int pass_record(struct diff *diff, const struct diff_side *before,
                       const struct diff_side *after, int order, struct fault *fault)
{
	const struct diff_side *side = order <= 0 ? before : after;
	/* the newer name is the better label; by names it is the same, and the ids of
	   the older side are wanted */
	bool newer = order > 0 || (order == 0 && !diff->options->match);
	const struct diff_side *named = newer ? after : before;

	if (order <= 0 && side->kind != RECORD_GAP && diff_count_before(diff, before, fault) < 0)
		return -1;
	switch (side->kind) {
	case RECORD_GROUP: return put_group_aside(diff, named, newer, fault);
	case RECORD_MEMBERSHIP: return diff_count_member(diff, side, order, fault);
	case RECORD_USER:
		if (diff->group_part.len && diff_count_member(diff, NULL, 0, fault) < 0)
			return -1;
		return keep_name(diff->changes, side->key, RECORD_USER, named->own, newer, fault) < 0
		           ? diff_side_fault(named, fault)
		           : 0;
	default: return 0;
	}
}

/* Takes one step: -1 the older side has the smaller key, 1 the newer, 0 both. */
static int see_record(struct diff *diff, const struct diff_side *before,
                      const struct diff_side *after, int order, struct fault *fault)
{
	if (pass_record(diff, before, after, order, fault) < 0)
		return -1;
	if ((order <= 0 ? before : after)->kind == RECORD_GAP)
		return (order <= 0 && diff_see_gap(diff, before, false, fault) < 0) ||
		               (order >= 0 && diff_see_gap(diff, after, true, fault) < 0)
		           ? -1
		           : 0;
	if (order)
		return see_single(diff, order < 0 ? before : after, order > 0, fault);
	/* that only one side knows the kind of a member is no change of the membership */
	return before->kind == RECORD_MEMBERSHIP || lines_equal(diff, before, after)
	           ? 0
	           : see_modified(diff, before, after, fault);
}

/* A membership shown with the kind of its member and without is one; of two known kinds
   each is another membership. */
static int compare_memberships(const struct diff_side *before, const struct diff_side *after)
{
	return record_line_member_kind(before->line) == MEMBER_UNKNOWN ||
	               record_line_member_kind(after->line) == MEMBER_UNKNOWN
	           ? 0
	           : span_compare(before->line, after->line);
}

/* Which side's record comes first. Of two equal lines only one is checked. */
static int compare_sides(struct diff_side *before, struct diff_side *after, int *order,
                         struct fault *fault)
{
	bool both = before->has_record && after->has_record;
	bool equal = both && span_is(before->line, after->line);

	if ((before->has_record && diff_side_check(before, fault) < 0) ||
	    (after->has_record && !equal && diff_side_check(after, fault) < 0))
		return -1;
	*order = equal  ? 0
	         : both ? span_compare(before->key, after->key)
	                : after->has_record - before->has_record;
	if (both && !equal && !*order && before->kind == RECORD_MEMBERSHIP)
		*order = compare_memberships(before, after);
	return 0;
}

static int merge(struct diff *diff, struct diff_side *before, struct diff_side *after,
                 struct fault *fault)
{
	int order;

	while (before->has_record || after->has_record)
		if (compare_sides(before, after, &order, fault) < 0 ||
		    see_record(diff, before, after, order, fault) < 0 ||
		    (order <= 0 && diff_side_advance(before, fault) < 0) ||
		    (order >= 0 && diff_side_advance(after, fault) < 0))
			return -1;
	return diff_count_member(diff, NULL, 0, fault);
}

/* ---- all of it ---- */

static int compare_files(struct diff *diff, struct diff_side *before, struct diff_side *after,
                         struct fault *fault)
{
	if (diff_check_sources(diff, before, after, fault) < 0 ||
	    (diff->options->match && diff_match(diff, before, after, fault) < 0))
		return -1;
	if (!diff->options->match)
		stream_pair(&before->reader.stream, &after->reader.stream);
	if (diff_side_advance(before, fault) < 0 || diff_side_advance(after, fault) < 0 ||
	    merge(diff, before, after, fault) < 0 || name_groups(diff, fault) < 0)
		return -1;
	return diff_finish(diff, fault);
}

/* What a report says of the two snapshots. */
static int keep_side(struct changes *changes, int side, const struct diff_side *of,
                     struct fault *fault)
{
	const struct snapshot_reader *reader = &of->reader;
	struct buf list = {0};
	int result;

	buf_puts(&list, of->compared ? "[" : "");
	json_put_value(&list, of->compared ? of->compared : reader->sources);
	buf_puts(&list, of->compared ? "]" : "");
	result = buf_check(&list, fault);
	changes->source_lists[side] = arena_copy(&changes->arena, buf_span(&list));
	changes->sources[side] = arena_copy(&changes->arena, diff_side_compared_source(of));
	changes->vocabulary[side] = snapshot_reader_vocabulary(reader, NULL);
	memcpy(changes->sha256[side], reader->sha256, sizeof reader->sha256);
	buf_release(&list);
	if (result == 0 && (!changes->source_lists[side].data || !changes->sources[side].data))
		result = fault_memory(fault);
	return result;
}

static void diff_release(struct diff *diff)
{
	free(diff->tallies);
	free(diff->lost);
	spool_release(&diff->groups);
	set_release(&diff->hidden);
	buf_release(&diff->group_part);
}

int diff_run(struct changes *changes, const struct diff_options *options, const char *before_path,
             const char *after_path, struct fault *fault)
{
	struct diff diff = {.options = options, .changes = changes};
	struct diff_side before = {0}, after = {0};
	int result = -1;

	*changes = (struct changes){.options = *options};
	if (diff_side_open(&before, before_path, fault) == 0 &&
	    diff_side_open(&after, after_path, fault) == 0 &&
	    compare_files(&diff, &before, &after, fault) == 0 &&
	    keep_side(changes, 0, &before, fault) == 0)
		result = keep_side(changes, 1, &after, fault);
	diff_side_close(&before);
	diff_side_close(&after);
	diff_release(&diff);
	return result;
}
