/* SPDX-License-Identifier: ISC */
/*
 * diff_blind: what one side could not see. Gaps sort before everything else, so
 * all of it is known before the first record is compared.
 */
#include "base/array.h"
#include "base/json_put.h"
#include "diff/diff_parts.h"

static void put_blind_key(struct buf *key, struct span source, struct span scope, struct span id)
{
	buf_clear(key);
	json_put_string(key, source);
	json_put_string(key, scope);
	json_put_string(key, id);
}

static struct span keep_text(struct changes *changes, struct span text)
{
	return arena_copy(&changes->arena, text);
}

int diff_add_blind_spot(struct diff *diff, struct blind_spot spot, struct fault *fault)
{
	struct changes *changes = diff->changes;
	struct blind_spot *spots = array_grow(changes->blind_spots, changes->blind_count,
	                                      &changes->blind_cap, sizeof *spots, fault);
	struct buf key = {0};
	bool fresh;
	int result;

	if (!spots)
		return -1;
	changes->blind_spots = spots;
	put_blind_key(&key, spot.source, spot.scope, spot.id);
	result = key.state == BUF_OK && set_take(&diff->hidden, buf_span(&key), &fresh) ? 0 : -1;
	buf_release(&key);
	spot.source = keep_text(changes, spot.source);
	spot.scope = keep_text(changes, spot.scope);
	spot.id = keep_text(changes, spot.id);
	spot.own_source = keep_text(changes, spot.own_source);
	spot.own_id = keep_text(changes, spot.own_id);
	spot.reason = keep_text(changes, spot.reason);
	if (result < 0 || !spot.source.data || !spot.id.data || !spot.own_source.data ||
	    !spot.own_id.data || !spot.scope.data || !spot.reason.data)
		return fault_memory(fault);
	changes->blind_spots[changes->blind_count++] = spot;
	return 0;
}

/* The gaps of both sides come in one order, so the same one of the other side
   stands last. What the newer side says of it stands. */
static int merge_gap(struct diff *diff, struct blind_spot spot, struct fault *fault)
{
	struct changes *changes = diff->changes;
	struct blind_spot *last =
		changes->blind_count ? &changes->blind_spots[changes->blind_count - 1] : NULL;

	if (!last || !span_is(last->source, spot.source) || !span_is(last->scope, spot.scope) ||
	    !span_is(last->id, spot.id))
		return diff_add_blind_spot(diff, spot, fault);
	if (spot.after && !last->after) {
		last->own_source = keep_text(changes, spot.own_source);
		last->own_id = keep_text(changes, spot.own_id);
		last->reason = keep_text(changes, spot.reason);
		if (!last->own_source.data || !last->own_id.data || !last->reason.data)
			return fault_memory(fault);
	}
	last->before |= spot.before;
	last->after |= spot.after;
	return 0;
}

int diff_see_gap(struct diff *diff, const struct diff_side *side, bool newer, struct fault *fault)
{
	struct record compared = {0}, own = {0};
	yyjson_doc *doc = record_read(&compared, RECORD_GAP, side->line, fault);
	yyjson_doc *own_doc = doc ? record_read(&own, RECORD_GAP, side->own, fault) : NULL;
	struct blind_spot spot = {.before = !newer, .after = newer};
	int result = -1;

	if (own_doc) {
		spot.source = record_text(&compared, GAP_SOURCE);
		spot.scope = record_text(&compared, GAP_SCOPE);
		spot.id = record_text(&compared, GAP_ID);
		spot.own_source = record_text(&own, GAP_SOURCE);
		spot.own_id = record_text(&own, GAP_ID);
		spot.reason = record_text(&compared, GAP_REASON);
		result = merge_gap(diff, spot, fault);
		if (result == 0 && spot.id.len)
			result = labels_want(&diff->changes->labels, RECORD_GROUP, spot.source, spot.id, fault);
	} else {
		diff_side_fault(side, fault);
	}
	yyjson_doc_free(doc);
	yyjson_doc_free(own_doc);
	return result;
}

static bool is_blind(const struct diff *diff, struct buf *key, struct span source,
                     const char *scope, struct span id)
{
	put_blind_key(key, source, span_of(scope), id);
	return key->state != BUF_OK || set_find(&diff->hidden, buf_span(key));
}

bool diff_is_hidden(const struct diff *diff, const struct record *record)
{
	struct span source = record_text(record, 0), none = SPAN_EMPTY;
	bool user = record->kind == RECORD_USER, membership = record->kind == RECORD_MEMBERSHIP;
	bool service = user && span_is(record_text(record, USER_ACCOUNT_TYPE), span_of("service"));
	/* a member is matched by the user's name, and that name was not read */
	bool nameless = membership && diff->options->match && record_member_kind(record) == MEMBER_USER;
	struct buf key = {0};
	bool hidden;

	if (!diff->changes->blind_count)
		return false;
	hidden = is_blind(diff, &key, source, "source", none) ||
	         ((user || nameless) && is_blind(diff, &key, source, "users", none)) ||
	         ((service || nameless) && is_blind(diff, &key, source, "service_accounts", none)) ||
	         (!user && is_blind(diff, &key, source, "groups", none)) ||
	         (membership && is_blind(diff, &key, source, "members", none)) ||
	         (membership &&
	          is_blind(diff, &key, source, "members", record_text(record, MEMBERSHIP_GROUP_ID)));
	buf_release(&key);
	return hidden;
}
