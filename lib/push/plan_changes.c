/* SPDX-License-Identifier: ISC */
/*
 * plan_changes: what a change wants of the service, in operations.
 */
#include "push/plan_changes.h"

#include "base/inert.h"
#include "push/rules.h"

static int change_without(const char *what, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "a change without %s", what);
}

static struct operation *change_add(struct change_reader *reading, enum op op, yyjson_val *root,
                                    struct fault *fault)
{
	struct operation *operation = plan_add(reading->plan, op, fault);
	struct span label = SPAN_EMPTY;

	if (!operation)
		return NULL;
	json_text(yyjson_obj_get(root, "label"), &label);
	operation->label = plan_keep(reading->plan, label, fault);
	return operation->label.data ? operation : NULL;
}

/* A member as text that stays; 0 or -1, empty where it is absent or null. */
static int change_take_text(struct change_reader *reading, yyjson_val *root, const char *name,
                            struct span *to, struct fault *fault)
{
	struct span text;

	*to = (struct span)SPAN_EMPTY;
	if (!json_text(yyjson_obj_get(root, name), &text) || !text.len)
		return 0;
	*to = plan_keep(reading->plan, text, fault);
	return to->data ? 0 : -1;
}

/* The id that every change has; of somebody who was recreated the one that the service has. */
static int change_take_id(struct change_reader *reading, yyjson_val *root, char kind,
                          struct span *to, struct fault *fault)
{
	yyjson_val *ids = yyjson_obj_get(yyjson_obj_get(root, "fields"), "id");
	struct span newer, older;

	if (change_take_text(reading, root, "id", to, fault) < 0)
		return -1;
	if (!to->len)
		return change_without("its id", fault);
	if (!ids)
		return 0;
	if (!json_text(yyjson_arr_get(ids, 0), &older) || !older.len)
		return change_without("both values of a field", fault);
	newer = *to;
	*to = plan_keep(reading->plan, older, fault);
	return to->data ? plan_members_note_recreated(&reading->members, kind, newer, *to, fault) : -1;
}

/* The operation added last makes the record that a change has as `after`. 0 or -1. */
static int change_note_made(struct change_reader *reading, yyjson_val *after, char kind,
                            struct fault *fault)
{
	struct span id = SPAN_EMPTY;

	if (!json_text(yyjson_obj_get(after, "id"), &id) || !id.len)
		return change_without("the new record's id", fault);
	return plan_members_note(&reading->members, MEMBER_MADE, kind, id, reading->plan, fault);
}

static int change_refuse(struct change_reader *reading, struct operation *operation,
                         const char *why, bool skipped, struct fault *fault)
{
	operation->skipped = skipped;
	operation->refusal = plan_keep(reading->plan, span_of(why), fault);
	return operation->refusal.data ? 0 : -1;
}

/* The record's name of a setting: that of the plan, but for the user name. */
static const char *change_field(int setting)
{
	return setting == SET_USER_NAME ? "user_name" : setting_names[setting];
}

static int change_user_added(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *after = yyjson_obj_get(root, "after");
	struct operation *operation = change_add(reading, OP_PUSH, root, fault);

	if (!operation ||
	    change_take_text(reading, after, "user_name", &operation->user_name, fault) < 0 ||
	    change_note_made(reading, after, 'u', fault) < 0)
		return -1;
	for (int setting = SET_EMAIL; setting < SET_ACTIVE; setting++) {
		if (change_take_text(reading, after, change_field(setting), &operation->values[setting],
		                     fault) < 0)
			return -1;
		if (operation->values[setting].len)
			operation->set |= 1U << setting;
	}
	if (!operation->user_name.len)
		return change_refuse(reading, operation, "it has no user name", false, fault);
	if (yyjson_equals_str(yyjson_obj_get(after, "status"), "disabled"))
		return change_refuse(reading, operation,
		                     "disabled in the newer snapshot: no account is made for that", true,
		                     fault);
	if (yyjson_equals_str(yyjson_obj_get(after, "account_type"), "service"))
		return change_refuse(reading, operation,
		                     "a service account is not for people's directories", true, fault);
	return 0;
}

static int change_user_removed(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	bool deactivate = reading->options->removed == REMOVED_DEACTIVATE;
	struct operation *operation =
		change_add(reading, deactivate ? OP_DEACTIVATE : OP_REMOVE, root, fault);

	if (!operation || change_take_id(reading, root, 'u', &operation->user_id, fault) < 0 ||
	    plan_members_note(&reading->members, MEMBER_GONE, 'u', operation->user_id, reading->plan,
	                      fault) < 0)
		return -1;
	reading->plan->missing_users++;
	if (reading->options->removed == REMOVED_ASK)
		return change_refuse(
			reading, operation,
			"missing in the newer snapshot: choose --removed=deactivate, delete or skip", false,
			fault);
	return reading->options->removed == REMOVED_SKIP
	           ? change_refuse(reading, operation, "left alone (--removed=skip)", true, fault)
	           : 0;
}

/* One more operation on the user of a change, that sets what `bits` says. */
static int change_add_update(struct change_reader *reading, yyjson_val *root,
                             const struct operation *all, unsigned bits, const char *refusal,
                             struct fault *fault)
{
	struct operation *operation = change_add(reading, OP_UPDATE, root, fault);

	if (!operation)
		return -1;
	operation->user_id = all->user_id;
	operation->set = bits;
	operation->old_known = all->old_known;
	memcpy(operation->values, all->values, sizeof operation->values);
	memcpy(operation->old, all->old, sizeof operation->old);
	return *refusal ? change_refuse(reading, operation, refusal, false, fault) : 0;
}

static int change_add_status(struct change_reader *reading, yyjson_val *root,
                             const struct operation *all, struct span status, struct fault *fault)
{
	bool enabled = span_is(status, span_of("enabled"));
	struct operation *operation;

	if (!enabled && !span_is(status, span_of("disabled")))
		return 0;
	operation = change_add(reading, enabled ? OP_REACTIVATE : OP_DEACTIVATE, root, fault);
	if (!operation)
		return -1;
	operation->user_id = all->user_id;
	return 0;
}

/* Has every member of `fields` its two values? 0 or -1. */
static int change_check_fields(yyjson_val *fields, struct fault *fault)
{
	yyjson_val *key, *pair;
	size_t i, max;

	if (!yyjson_is_obj(fields))
		return change_without("its fields", fault);
	yyjson_obj_foreach(fields, i, max, key, pair)
		if (!yyjson_is_arr(pair) || yyjson_arr_size(pair) != 2)
			return change_without("both values of a field", fault);
	return 0;
}

/* Is a differing field something that is wanted? Not where the newer side does not show
   it; and who was recreated has another id and another birth. */
static bool change_is_wanted(yyjson_val *fields, const char *name, yyjson_val *pair)
{
	bool recreated = yyjson_obj_get(fields, "id");

	return !yyjson_is_obj(yyjson_arr_get(pair, 1)) && strcmp(name, "id") != 0 &&
	       !(recreated && strcmp(name, "created_at") == 0);
}

/* What the service has by the change stream: a text, or null for none. 0 or -1. */
static int change_take_old(struct change_reader *reading, struct operation *all, int setting,
                           yyjson_val *value, struct fault *fault)
{
	struct span text = span_of("");

	if (!json_text(value, &text) && !yyjson_is_null(value))
		return 0; /* the older side does not show it */
	all->old[setting] = plan_keep(reading->plan, text, fault);
	all->old_known |= 1U << setting;
	return all->old[setting].data ? 0 : -1;
}

/* Takes one member of `fields`. What SCIM can not set goes by name to `beyond`. */
static int change_take_field(struct change_reader *reading, struct operation *all, const char *name,
                             yyjson_val *pair, struct buf *beyond, struct fault *fault)
{
	yyjson_val *value = yyjson_arr_get(pair, 1);
	struct span text;

	for (int setting = 0; setting < SET_ACTIVE; setting++) {
		if (strcmp(name, change_field(setting)) != 0)
			continue;
		if (!json_text(value, &text) || !text.len)
			break; /* to take a value away is beyond what is sent here */
		all->values[setting] = plan_keep(reading->plan, text, fault);
		all->set |= 1U << setting;
		if (!all->values[setting].data)
			return -1;
		return change_take_old(reading, all, setting, yyjson_arr_get(pair, 0), fault);
	}
	buf_putf(beyond, "%s%s", beyond->len ? ", " : "", name);
	return buf_check(beyond, fault);
}

static int change_user(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *fields = yyjson_obj_get(root, "fields"), *key, *pair;
	unsigned kept = reading->options->rules->kept;
	struct operation all = {0};
	struct span status = SPAN_EMPTY;
	struct buf beyond = {0};
	size_t i, max;
	int result = 0;

	if (change_check_fields(fields, fault) < 0 ||
	    change_take_id(reading, root, 'u', &all.user_id, fault) < 0)
		return -1;
	yyjson_obj_foreach(fields, i, max, key, pair) {
		const char *name = yyjson_get_str(key);

		if (result < 0 || !change_is_wanted(fields, name, pair))
			continue;
		if (strcmp(name, "status") == 0)
			json_text(yyjson_arr_get(pair, 1), &status);
		else
			result = change_take_field(reading, &all, name, pair, &beyond, fault);
	}
	if (result == 0 && all.set & kept)
		result = change_add_update(reading, root, &all, all.set & kept, "", fault);
	if (result == 0 && all.set & ~kept)
		result = change_add_update(reading, root, &all, all.set & ~kept, "", fault);
	if (result == 0 && beyond.len) {
		struct buf why = {0};

		buf_putf(&why, "not changed through SCIM: %s", buf_text(&beyond));
		result = change_add_update(reading, root, &all, 0, buf_text(&why), fault);
		buf_release(&why);
	}
	if (result == 0)
		result = change_add_status(reading, root, &all, status, fault);
	buf_release(&beyond);
	return result;
}

static int change_group_added(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *after = yyjson_obj_get(root, "after");
	struct operation *operation = change_add(reading, OP_PUSH_GROUP, root, fault);

	if (!operation || change_take_text(reading, after, "name", &operation->group, fault) < 0 ||
	    change_note_made(reading, after, 'g', fault) < 0)
		return -1;
	return operation->group.len ? 0
	                            : change_refuse(reading, operation, "it has no name", false, fault);
}

static int change_group_removed(struct change_reader *reading, yyjson_val *root,
                                struct fault *fault)
{
	struct operation *operation = change_add(reading, OP_REMOVE_GROUP, root, fault);

	if (!operation || change_take_id(reading, root, 'g', &operation->group_id, fault) < 0 ||
	    plan_members_note(&reading->members, MEMBER_GONE, 'g', operation->group_id, reading->plan,
	                      fault) < 0)
		return -1;
	reading->plan->missing_groups++;
	switch (reading->options->removed) {
	case REMOVED_DELETE: return 0;
	case REMOVED_ASK:
		return change_refuse(reading, operation,
		                     "missing in the newer snapshot: choose --removed=delete or skip",
		                     false, fault);
	default:
		return change_refuse(reading, operation, "left alone: a group can not be deactivated", true,
		                     fault);
	}
}

/* One more operation on the group of a change, that gives it a name, or is refused without one. */
static int change_add_rename(struct change_reader *reading, yyjson_val *root, struct span id,
                             struct span old, struct span name, struct fault *fault)
{
	struct operation *operation = change_add(reading, OP_RENAME_GROUP, root, fault);

	if (!operation)
		return -1;
	operation->group_id = id;
	if (!name.len)
		return change_refuse(reading, operation, "of a group only the name can be changed", false,
		                     fault);
	operation->new_group = plan_keep(reading->plan, name, fault);
	operation->old_group = plan_keep(reading->plan, old, fault);
	return operation->new_group.data && operation->old_group.data ? 0 : -1;
}

static int change_group(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *fields = yyjson_obj_get(root, "fields"), *key, *pair;
	struct span id, old = SPAN_EMPTY, name = SPAN_EMPTY, none = SPAN_EMPTY;
	bool beyond = false;
	size_t i, max;

	if (change_check_fields(fields, fault) < 0 ||
	    change_take_id(reading, root, 'g', &id, fault) < 0)
		return -1;
	yyjson_obj_foreach(fields, i, max, key, pair) {
		bool is_name =
			yyjson_equals_str(key, "name") && json_text(yyjson_arr_get(pair, 1), &name) && name.len;

		if (is_name)
			json_text(yyjson_arr_get(pair, 0), &old);
		beyond |= !is_name && change_is_wanted(fields, yyjson_get_str(key), pair);
	}
	if (name.len && change_add_rename(reading, root, id, old, name, fault) < 0)
		return -1;
	return beyond ? change_add_rename(reading, root, id, old, none, fault) : 0;
}

/* Does the stream say that this id of an added membership is the newer side's? */
static bool change_is_foreign(const struct change_reader *reading, yyjson_val *root,
                              const char *name)
{
	yyjson_val *listed;
	size_t i, max;

	if (!reading->match)
		return true; /* one directory, two times: a newcomer's id is known as such */
	yyjson_arr_foreach(yyjson_obj_get(root, "ids_of_after"), i, max, listed)
		if (yyjson_equals_str(listed, name))
			return true;
	return false;
}

static int change_membership(struct change_reader *reading, yyjson_val *root, bool added,
                             struct fault *fault)
{
	struct operation *operation =
		change_add(reading, added ? OP_ADD_MEMBER : OP_REMOVE_MEMBER, root, fault);

	if (!operation ||
	    change_take_text(reading, root, "member_id", &operation->user_id, fault) < 0 ||
	    change_take_text(reading, root, "group_id", &operation->group_id, fault) < 0)
		return -1;
	if (!operation->user_id.len || !operation->group_id.len)
		return change_without("the ids of a membership", fault);
	if (yyjson_equals_str(
			yyjson_obj_get(yyjson_obj_get(root, added ? "after" : "before"), "member_kind"),
			"group"))
		return change_refuse(reading, operation, "members that are groups are not changed", false,
		                     fault);
	operation->foreign_user = added && change_is_foreign(reading, root, "member_id");
	operation->foreign_group = added && change_is_foreign(reading, root, "group_id");
	return 0;
}

int plan_take_change(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	static const struct {
		const char *event;
		int (*take)(struct change_reader *reading, yyjson_val *root, struct fault *fault);
	} rows[] = {
		{"user.added", change_user_added},       {"user.removed", change_user_removed},
		{"user.enabled", change_user},           {"user.disabled", change_user},
		{"user.renamed", change_user},           {"user.recreated", change_user},
		{"user.modified", change_user},          {"group.added", change_group_added},
		{"group.removed", change_group_removed}, {"group.renamed", change_group},
		{"group.modified", change_group},        {"group.recreated", change_group},
	};
	struct span event = SPAN_EMPTY, source = SPAN_EMPTY;

	json_text(yyjson_obj_get(root, "event"), &event);
	json_text(yyjson_obj_get(root, "source"), &source);
	if (!reading->match && !span_is(source, reading->plan->source))
		return 0; /* another service's */
	if (span_is(event, span_of("membership.added")))
		return change_membership(reading, root, true, fault);
	if (span_is(event, span_of("membership.removed")))
		return change_membership(reading, root, false, fault);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(event, span_of(rows[i].event)))
			return rows[i].take(reading, root, fault);
	return fault_set(fault, FAULT_DATA, "unknown event '%s'", INERT(event));
}
