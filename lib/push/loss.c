/* SPDX-License-Identifier: ISC */
/*
 * loss: two states of one resource, held against each other.
 */
#include "push/loss.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "scim/scim_page.h"
#include "scim/scim_user.h"

enum { LOSS_NAMES_MAX = 5 };

static bool is_empty(yyjson_val *value)
{
	return !value || yyjson_is_null(value) || scim_items_none(value) ||
	       (yyjson_is_arr(value) && yyjson_arr_size(value) == 0) ||
	       (yyjson_is_str(value) && yyjson_get_len(value) == 0);
}

/* Of an item: its `value`, else all of it. */
static void loss_put_item(struct buf *text, yyjson_val *item)
{
	struct span value;

	buf_clear(text);
	if (json_member_text(item, "value", &value))
		buf_put_span(text, value);
	else
		json_put_value(text, item);
}

/* Is one of the items of an array gone? */
static bool loss_of_items(yyjson_val *before, yyjson_val *after)
{
	struct scim_items left = scim_items_of(before);
	struct buf wanted = {0}, shown = {0};
	yyjson_val *item, *other;
	bool lost = false;

	while (!lost && (item = scim_items_next(&left))) {
		struct scim_items all = scim_items_of(after);
		bool found = false;

		loss_put_item(&wanted, item);
		while (!found && (other = scim_items_next(&all))) {
			loss_put_item(&shown, other);
			found = span_is(buf_span(&wanted), buf_span(&shown));
		}
		lost = !found;
	}
	buf_release(&wanted);
	buf_release(&shown);
	return lost;
}

static void loss_put_name(struct buf *names, struct span parent, struct span name)
{
	buf_puts(names, names->len ? ", " : "");
	if (parent.len)
		buf_putf(names, "%s.", INERT(parent));
	buf_puts(names, INERT(name));
}

static bool is_of_service(struct span name)
{
	static const char *const own[] = {"schemas", "meta", "id", "groups", "password", "members"};

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (span_is_nocase(name, span_of(own[i])))
			return true;
	return false;
}

void loss_put(struct buf *names, yyjson_val *before, yyjson_val *after,
              bool (*is_meant)(struct span name, void *context), void *context)
{
	size_t i, max, part, parts;
	yyjson_val *key, *value, *inner_key, *inner;

	yyjson_obj_foreach(before, i, max, key, value) {
		struct span name = json_key(key);
		yyjson_val *now = json_find(after, name);

		if (is_empty(value) || is_of_service(name) || is_meant(name, context))
			continue;
		if (is_empty(now) || (yyjson_is_arr(value) && loss_of_items(value, now)))
			loss_put_name(names, span_of(""), name);
		else if (yyjson_is_obj(value) && yyjson_is_obj(now))
			yyjson_obj_foreach(value, part, parts, inner_key, inner)
				if (!is_empty(inner) && is_empty(json_find(now, json_key(inner_key))))
					loss_put_name(names, name, json_key(inner_key));
	}
}

/* ---- a value in place of another ---- */

static void loss_put_change(struct buf *words, struct span name, struct span now, struct span then)
{
	buf_putf(words, "%s%s is '%s'", words->len ? ", " : "", INERT(name), INERT(now));
	buf_putf(words, " now, not '%s'", INERT(then));
}

static bool is_among(const char *const *names, struct span name)
{
	for (; *names; names++)
		if (span_is_nocase(name, span_of(*names)))
			return true;
	return false;
}

void loss_put_identity(struct buf *words, yyjson_val *before, yyjson_val *after,
                       const char *const *names, bool is_exact,
                       bool (*is_meant)(struct span name, void *context), void *context)
{
	static const char *const active_words[] = {[SCIM_ACTIVE] = "true", [SCIM_INACTIVE] = "false"};
	struct scim_user older, newer;
	struct span then, now;

	scim_user_read(&older, before);
	scim_user_read(&newer, after);
	for (; *names; names++) {
		enum scim_active was = scim_user_active(&older), is = scim_user_active(&newer);

		if (is_meant(span_of(*names), context))
			continue;
		if (strcmp(*names, "active") == 0) {
			if (was != SCIM_ACTIVE_UNKNOWN && is != SCIM_ACTIVE_UNKNOWN && was != is)
				loss_put_change(words, span_of(*names), span_of(active_words[is]),
				                span_of(active_words[was]));
		} else if (json_member_text(before, *names, &then) &&
		           json_member_text(after, *names, &now) && now.len &&
		           !(is_exact ? span_is : span_is_nocase)(then, now)) {
			loss_put_change(words, span_of(*names), now, then);
		}
	}
}

void loss_put_others(struct buf *words, yyjson_val *before, yyjson_val *after,
                     const char *const *names, bool (*is_meant)(struct span name, void *context),
                     void *context)
{
	yyjson_val *key, *value;
	size_t i, max, count = 0;

	if (!yyjson_is_obj(before))
		return;
	yyjson_obj_foreach(before, i, max, key, value) {
		struct span name = json_key(key), then, now;

		if (is_of_service(name) || is_among(names, name) || is_meant(name, context) ||
		    !yyjson_is_str(value) || !json_text(value, &then) ||
		    !json_text(json_find(after, name), &now) || !now.len || span_is(then, now) ||
		    count++ >= LOSS_NAMES_MAX)
			continue;
		loss_put_change(words, name, now, then);
	}
}

void loss_put_damage(struct buf *damage, const char *who, struct buf *lost, struct buf *identity)
{
	if (lost->len)
		buf_putf(damage, "%s %s", who, buf_text(lost));
	if (identity->len)
		buf_putf(damage, "%s%s", damage->len ? ", and " : "", buf_text(identity));
}

/* ---- members ---- */

/* The ids of the members,. 0 or -1. */
static int loss_take_members(struct set *ids, yyjson_val *group, struct fault *fault)
{
	struct scim_items items = scim_items_of(json_member(group, "members"));
	struct buf scratch = {0};
	yyjson_val *member;
	struct span id;
	int result = 0;
	bool fresh;

	while (result == 0 && (member = scim_items_next(&items)))
		if (scim_member_id(member, &id, &scratch) && !set_take(ids, id, &fresh))
			result = fault_memory(fault);
	buf_release(&scratch);
	return result;
}

/* Those of `group` that are not among `others`. */
static size_t loss_count_members(yyjson_val *group, const struct set *others,
                                 const struct set *meant, struct buf *names)
{
	struct scim_items items = scim_items_of(json_member(group, "members"));
	struct buf scratch = {0};
	yyjson_val *member;
	struct span id;
	size_t count = 0;

	while ((member = scim_items_next(&items))) {
		if (!scim_member_id(member, &id, &scratch) || set_find(meant, id) || set_find(others, id))
			continue;
		if (names && count < LOSS_NAMES_MAX)
			buf_putf(names, "%s%s", count ? ", " : "", INERT(id));
		count++;
	}
	if (names && count > LOSS_NAMES_MAX)
		buf_puts(names, ", ...");
	buf_release(&scratch);
	return count;
}

int loss_of_members(struct loss_members *loss, yyjson_val *before, yyjson_val *after,
                    const struct set *meant, struct fault *fault)
{
	struct set older = {0}, newer = {0};
	int result = 0;

	*loss = (struct loss_members){0};
	if (loss_take_members(&older, before, fault) < 0 || loss_take_members(&newer, after, fault) < 0)
		result = -1;
	if (result == 0) {
		loss->gone = loss_count_members(before, &newer, meant, &loss->names);
		loss->come = loss_count_members(after, &older, meant, NULL);
		result = buf_check(&loss->names, fault);
	}
	set_release(&older);
	set_release(&newer);
	return result;
}
