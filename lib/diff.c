/* SPDX-License-Identifier: ISC */
/*
 * diff: a merge of two sorted streams. Gaps sort before everything else, so the
 * blind spots of both sides are known before the first record is compared;
 * groups sort before memberships and users after them, so one pass finds every
 * name that the changes need.
 */
#include "diff.h"

#include "diff_side.h"
#include "inert.h"

#include <stdio.h>
#include <stdlib.h>

static const enum change_event added[] = {
	[RECORD_GROUP] = GROUP_ADDED,
	[RECORD_MEMBERSHIP] = MEMBERSHIP_ADDED,
	[RECORD_USER] = USER_ADDED,
};
static const enum change_event removed[] = {
	[RECORD_GROUP] = GROUP_REMOVED,
	[RECORD_MEMBERSHIP] = MEMBERSHIP_REMOVED,
	[RECORD_USER] = USER_REMOVED,
};

void diff_release(struct diff *diff)
{
	free(diff->changes);
	free(diff->blind_spots);
	free(diff->tallies);
	arena_release(&diff->arena);
	labels_release(&diff->labels);
	buf_release(&diff->group_part);
}

/* ---- names ---- */

void diff_put_label(const struct diff *diff, const struct record *record, struct buf *label)
{
	static const int user_names[] = {USER_USER_NAME, USER_EMAIL, USER_DISPLAY_NAME, USER_ID};
	struct span text = {"", 0}, source = record_text(record, 0);

	if (record->kind == RECORD_MEMBERSHIP) {
		bool nested = span_is(record_text(record, MEMBERSHIP_MEMBER_KIND), span_of("group"));

		labels_put(&diff->labels, nested ? RECORD_GROUP : RECORD_USER, source,
		           record_text(record, MEMBERSHIP_MEMBER_ID), label);
		buf_puts(label, " in ");
		labels_put(&diff->labels, RECORD_GROUP, source, record_text(record, MEMBERSHIP_GROUP_ID),
		           label);
		return;
	}
	if (record->kind == RECORD_GROUP)
		text = record_text(record, record_text(record, GROUP_NAME).len ? GROUP_NAME : GROUP_ID);
	for (size_t i = 0; record->kind == RECORD_USER && !text.len && i < 4; i++)
		text = record_text(record, user_names[i]);
	buf_put_span(label, text);
}

/* Keeps the name of each group, and of the users that are wanted. The newer
   side's name goes before the older one's. */
static int keep_name(struct diff *diff, const struct diff_side *side, bool newer,
                     struct fault *fault)
{
	struct record record = {0};
	struct buf label = {0};
	yyjson_doc *doc;
	int result = -1;

	if (side->kind != RECORD_GROUP &&
	    (side->kind != RECORD_USER || !labels_wants(&diff->labels, side->key, newer)))
		return 0;
	doc = record_read(&record, side->kind, side->line, fault);
	if (doc) {
		diff_put_label(diff, &record, &label);
		result = labels_keep(&diff->labels, side->key, buf_span(&label), fault);
	} else {
		diff_side_fault(side, fault);
	}
	buf_release(&label);
	record_release(&record);
	yyjson_doc_free(doc);
	return result;
}

/* ---- what could not be seen ---- */

static struct blind_spot *add_blind_spot(struct diff *diff, struct fault *fault)
{
	struct blind_spot *spots =
		reallocarray(diff->blind_spots, diff->blind_count + 1, sizeof *spots);

	if (!spots) {
		fault_memory(fault);
		return NULL;
	}
	diff->blind_spots = spots;
	spots[diff->blind_count] = (struct blind_spot){.id = {"", 0}};
	return &spots[diff->blind_count++];
}

static int see_gap(struct diff *diff, const struct diff_side *side, bool newer, struct fault *fault)
{
	struct record record = {0};
	struct blind_spot spot = {.line = arena_copy(&diff->arena, side->line)}, *place = NULL;
	yyjson_doc *doc;

	if (!spot.line.data)
		return fault_memory(fault);
	doc = record_read(&record, RECORD_GAP, spot.line, fault);
	if (!doc)
		return diff_side_fault(side, fault);
	spot.source = arena_copy(&diff->arena, record_text(&record, GAP_SOURCE));
	spot.scope = arena_copy(&diff->arena, record_text(&record, GAP_SCOPE));
	spot.id = arena_copy(&diff->arena, record_text(&record, GAP_ID));
	spot.reason = arena_copy(&diff->arena, record_text(&record, GAP_REASON));
	yyjson_doc_free(doc);
	for (size_t i = 0; i < diff->blind_count && !place; i++)
		if (span_is(diff->blind_spots[i].source, spot.source) &&
		    span_is(diff->blind_spots[i].scope, spot.scope) &&
		    span_is(diff->blind_spots[i].id, spot.id))
			place = &diff->blind_spots[i];
	if (!place)
		place = add_blind_spot(diff, fault);
	if (!place)
		return -1;
	spot.before = place->before || !newer;
	spot.after = place->after || newer;
	if (place->after) { /* what the newer side says of it stands */
		place->before |= spot.before;
		return 0;
	}
	*place = spot;
	return 0;
}

/* Does a blind spot cover this record? Then its absence on a side says nothing. */
static bool is_hidden(const struct diff *diff, enum record_kind kind, const struct record *record)
{
	for (size_t i = 0; i < diff->blind_count; i++) {
		const struct blind_spot *spot = &diff->blind_spots[i];
		bool users = span_is(spot->scope, span_of("users"));
		bool groups = span_is(spot->scope, span_of("groups"));
		bool members = span_is(spot->scope, span_of("members"));
		bool services = span_is(spot->scope, span_of("service_accounts"));

		if (!span_is(spot->source, record_text(record, 0)))
			continue;
		if (spot->line.len == 0 || (users && kind == RECORD_USER) ||
		    (groups && kind != RECORD_USER))
			return true;
		if (services && kind == RECORD_USER &&
		    span_is(record_text(record, USER_ACCOUNT_TYPE), span_of("service")))
			return true;
		if (members && kind == RECORD_MEMBERSHIP &&
		    (!spot->id.len || span_is(spot->id, record_text(record, MEMBERSHIP_GROUP_ID))))
			return true;
	}
	return false;
}

/* ---- changes ---- */

static int add_change(struct diff *diff, struct change change, struct fault *fault)
{
	if (diff->count == diff->cap) {
		size_t cap = diff->cap ? diff->cap * 2 : 256;
		struct change *changes = reallocarray(diff->changes, cap, sizeof *changes);

		if (!changes)
			return fault_memory(fault);
		diff->changes = changes;
		diff->cap = cap;
	}
	change.place = diff->count;
	diff->changes[diff->count++] = change;
	return 0;
}

/* Splits the differing fields into the events they are: a status that became
   enabled or disabled, a new name, and whatever is left. */
static int add_events(struct diff *diff, struct change change, const struct record *after,
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
	if (status && add_change(diff, change, fault) < 0)
		return -1;
	change.fields = name;
	change.event = user ? USER_RENAMED : GROUP_RENAMED;
	if (name && add_change(diff, change, fault) < 0)
		return -1;
	change.fields = all & ~(status | name);
	change.event = user ? USER_MODIFIED : GROUP_MODIFIED;
	return change.fields ? add_change(diff, change, fault) : 0;
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
	int result = -1;

	if (!after_doc) {
		diff_side_fault(before_doc ? newer : older, fault);
	} else if (is_hidden(diff, kind, &after)) {
		result = 0;
	} else {
		change.before = arena_copy(&diff->arena, older->line);
		change.after = arena_copy(&diff->arena, newer->line);
		change.fields = record_differences(&before, &after, diff->options.all_fields);
		result = change.before.data && change.after.data ? add_events(diff, change, &after, fault)
		                                                 : fault_memory(fault);
	}
	record_release(&before);
	record_release(&after);
	yyjson_doc_free(before_doc);
	yyjson_doc_free(after_doc);
	return result;
}

/* A record that stands on one side only. */
static int see_single(struct diff *diff, const struct diff_side *side, bool newer,
                      struct fault *fault)
{
	struct change change = {.event = (newer ? added : removed)[side->kind], .kind = side->kind};
	struct record record = {0};
	yyjson_doc *doc = record_read(&record, side->kind, side->line, fault);
	struct span copy;
	int result = doc ? 0 : diff_side_fault(side, fault);

	if (doc && !is_hidden(diff, side->kind, &record)) {
		copy = arena_copy(&diff->arena, side->line);
		*(newer ? &change.after : &change.before) = copy;
		if (side->kind == RECORD_MEMBERSHIP)
			result = labels_want(&diff->labels, RECORD_USER, record_text(&record, 0),
			                     record_text(&record, MEMBERSHIP_MEMBER_ID), fault);
		if (result == 0)
			result = copy.data ? add_change(diff, change, fault) : fault_memory(fault);
	}
	record_release(&record);
	yyjson_doc_free(doc);
	return result;
}

/* ---- the merge ---- */

/* The tally of the kind and source of the record that a side is at. */
static struct tally *tally_of(struct diff *diff, const struct diff_side *side, struct fault *fault)
{
	struct span source = buf_span(&side->source);
	struct tally *tallies;

	/* lines come sorted: it is nearly always the one found last */
	for (size_t i = diff->tally_count; i-- > 0;)
		if (diff->tallies[i].kind == side->kind && span_is(diff->tallies[i].source, source))
			return &diff->tallies[i];
	tallies = reallocarray(diff->tallies, diff->tally_count + 1, sizeof *tallies);
	if (tallies)
		diff->tallies = tallies;
	source = arena_copy(&diff->arena, source);
	if (!tallies || !source.data) {
		fault_memory(fault);
		return NULL;
	}
	tallies[diff->tally_count] = (struct tally){.kind = side->kind, .source = source};
	return &tallies[diff->tally_count++];
}

static bool lines_equal(const struct diff *diff, const struct diff_side *before,
                        const struct diff_side *after)
{
	if (span_is(before->line, after->line))
		return true;
	return !diff->options.all_fields && span_is(record_line_stable(before->kind, before->line),
	                                            record_line_stable(after->kind, after->line));
}

/* The bytes of a membership's line up to its group's id. */
static struct span group_part(struct span line)
{
	const char *at = memmem(line.data, line.len, ",\"member_id\":", 13);

	return (struct span){line.data, at ? (size_t)(at - line.data) : line.len};
}

/* A group that lost every member is looked at by itself: in the whole directory
   it may be too small to be noticed. */
static int leave_group(struct diff *diff, struct fault *fault)
{
	struct buf what = {0};
	struct record record = {0};
	yyjson_doc *doc;

	if (!diff->group.before || diff->group.after)
		return 0;
	buf_putc(&diff->group_part, '}');
	doc = json_parse(buf_span(&diff->group_part), NULL, fault);
	if (!doc)
		return -1;
	record_start(&record, RECORD_MEMBERSHIP, span_of(""));
	record_set_from(&record, MEMBERSHIP_SOURCE, yyjson_obj_get(yyjson_doc_get_root(doc), "source"));
	record_set_from(&record, MEMBERSHIP_GROUP_ID,
	                yyjson_obj_get(yyjson_doc_get_root(doc), "group_id"));
	buf_puts(&what, "members of ");
	labels_put(&diff->labels, RECORD_GROUP, record_text(&record, 0),
	           record_text(&record, MEMBERSHIP_GROUP_ID), &what);
	diff->group.removed = diff->group.before;
	if (!is_hidden(diff, RECORD_MEMBERSHIP, &record))
		diff_guard(diff, &diff->group, INERT(buf_span(&what)));
	buf_release(&what);
	yyjson_doc_free(doc);
	return 0;
}

/* Counts the memberships of one group after the other, as the merge passes them. */
static int see_group(struct diff *diff, const struct diff_side *side, int order,
                     struct fault *fault)
{
	bool membership = side && side->kind == RECORD_MEMBERSHIP;
	struct span part = membership ? group_part(side->line) : span_of("");

	if (!span_is(part, buf_span(&diff->group_part))) {
		if (leave_group(diff, fault) < 0)
			return -1;
		diff->group = (struct tally){.kind = RECORD_MEMBERSHIP};
		buf_clear(&diff->group_part);
		buf_put_span(&diff->group_part, part);
	}
	diff->group.before += membership && order <= 0;
	diff->group.after += membership && order >= 0;
	return buf_check(&diff->group_part, fault);
}

/* Takes one step: -1 the older side has the smaller key, 1 the newer, 0 both. */
static int see(struct diff *diff, const struct diff_side *before, const struct diff_side *after,
               int order, struct fault *fault)
{
	const struct diff_side *side = order <= 0 ? before : after;

	if (order <= 0) {
		struct tally *tally = tally_of(diff, before, fault);

		if (!tally)
			return -1;
		tally->before++;
		if (keep_name(diff, before, false, fault) < 0)
			return -1;
	}
	if ((order >= 0 && keep_name(diff, after, true, fault) < 0) ||
	    see_group(diff, side, order, fault) < 0)
		return -1;
	if (side->kind == RECORD_GAP)
		return (order <= 0 && see_gap(diff, before, false, fault) < 0) ||
		               (order >= 0 && see_gap(diff, after, true, fault) < 0)
		           ? -1
		           : 0;
	if (order)
		return see_single(diff, side, order > 0, fault);
	return lines_equal(diff, before, after) ? 0 : see_modified(diff, before, after, fault);
}

static int merge(struct diff *diff, struct diff_side *before, struct diff_side *after,
                 struct fault *fault)
{
	while (before->has_record || after->has_record) {
		int order = !before->has_record  ? 1
		            : !after->has_record ? -1
		                                 : span_compare(before->key, after->key);

		if (see(diff, before, after, order, fault) < 0 ||
		    (order <= 0 && diff_side_advance(before, fault) < 0) ||
		    (order >= 0 && diff_side_advance(after, fault) < 0))
			return -1;
	}
	return see_group(diff, NULL, 0, fault);
}

/* ---- before and after the merge ---- */

static struct span member_text(yyjson_val *object, const char *name)
{
	struct span text = {"", 0};

	json_text(yyjson_obj_get(object, name), &text);
	return text;
}

/* A source that one side has not read: nothing in it can be called a change. */
static int miss_source(struct diff *diff, struct span name, bool newer, struct fault *fault)
{
	struct blind_spot *spot = add_blind_spot(diff, fault);

	if (!spot)
		return -1;
	spot->source = arena_copy(&diff->arena, name);
	spot->scope = span_of("source");
	spot->reason = span_of(newer ? "the newer snapshot does not cover this source"
	                             : "the older snapshot does not cover this source");
	spot->before = !newer;
	spot->after = newer;
	return spot->source.data ? 0 : fault_memory(fault);
}

/* Can a source be compared with what is called so on the newer side? */
static int check_pair(const struct diff *diff, yyjson_val *older, yyjson_val *newer,
                      struct fault *fault)
{
	struct span name = member_text(older, "source");

	if (!diff->options.allow_other_origin &&
	    (!span_is(member_text(older, "origin"), member_text(newer, "origin")) ||
	     !span_is(member_text(older, "provider"), member_text(newer, "provider"))))
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' was read from %s before and from %s now: two directories? "
		                 "(--allow-other-origin compares them)",
		                 INERT(name), INERT(member_text(older, "origin")),
		                 INERT(member_text(newer, "origin")));
	if (!diff->options.allow_older &&
	    span_compare(member_text(older, "fetched_at"), member_text(newer, "fetched_at")) > 0)
		return fault_set(fault, FAULT_DATA,
		                 "source '%s' was read at %s in the first file and earlier, at %s, in the "
		                 "second: swapped? (--allow-older compares them)",
		                 INERT(name), INERT(member_text(older, "fetched_at")),
		                 INERT(member_text(newer, "fetched_at")));
	return 0;
}

/* Every source of one side against the other: those on one side only, and, for
   the older side, whether the pairs can be compared. */
static int check_sources(struct diff *diff, const struct diff_side *side,
                         const struct diff_side *other, bool newer, struct fault *fault)
{
	yyjson_val *sources = yyjson_obj_get(yyjson_doc_get_root(side->begin_doc), "sources");
	yyjson_val *entry;
	size_t i, max;

	yyjson_arr_foreach(sources, i, max, entry) {
		struct span name = member_text(entry, "source");
		yyjson_val *match = diff_side_source(other, name);

		if (!match && !newer && !diff->options.allow_missing_source)
			return fault_set(fault, FAULT_DATA,
			                 "source '%s' is missing in the newer snapshot: not read is not gone "
			                 "(--allow-missing-source leaves it out)",
			                 INERT(name));
		if (!match && miss_source(diff, name, !newer, fault) < 0)
			return -1;
		if (match && !newer && check_pair(diff, entry, match, fault) < 0)
			return -1;
	}
	return 0;
}

int diff_run(struct diff *diff, const char *before_path, const char *after_path,
             struct fault *fault)
{
	struct diff_side before = {0}, after = {0};
	int result = -1;

	if (diff_side_open(&before, before_path, fault) == 0 &&
	    diff_side_open(&after, after_path, fault) == 0 &&
	    check_sources(diff, &before, &after, false, fault) == 0 &&
	    check_sources(diff, &after, &before, true, fault) == 0 &&
	    merge(diff, &before, &after, fault) == 0) {
		diff->begins[0] = arena_copy(&diff->arena, buf_span(&before.begin));
		diff->begins[1] = arena_copy(&diff->arena, buf_span(&after.begin));
		memcpy(diff->sha256[0], before.sha256, sizeof before.sha256);
		memcpy(diff->sha256[1], after.sha256, sizeof after.sha256);
		result = diff->begins[0].data && diff->begins[1].data ? diff_settle(diff, fault)
		                                                      : fault_memory(fault);
	}
	diff_side_close(&before);
	diff_side_close(&after);
	return result;
}
