/* SPDX-License-Identifier: ISC */
/*
 * push_changes: what a change wants of the service, in operations.
 */
#include "push_changes.h"

#include "inert.h"

static int wrong(const char *what, struct fault *fault)
{
	return fault_set(fault, FAULT_DATA, "a change without %s", what);
}

/* ---- newcomers ---- */

static void put_newcomer(struct buf *key, char kind, struct span id)
{
	buf_putc(key, kind);
	buf_put_span(key, id);
}

/* The operation added last makes the user ('u') or group ('g') with this id. */
static int know_newcomer(struct change_reader *reading, char kind, struct span id,
                         struct fault *fault)
{
	struct set_entry *entry;
	struct buf key = {0};
	bool fresh;

	put_newcomer(&key, kind, id);
	entry = key.state == BUF_OK ? set_take(&reading->newcomers, buf_span(&key), &fresh) : NULL;
	buf_release(&key);
	if (!entry)
		return fault_memory(fault);
	entry->value = reading->plan->count - 1;
	return 0;
}

/* The operation that makes a newcomer; NULL: the id is none's. */
static const struct operation *find_newcomer(const struct change_reader *reading, char kind,
                                             struct span id)
{
	const struct set_entry *entry;
	struct buf key = {0};

	put_newcomer(&key, kind, id);
	entry = set_find(&reading->newcomers, buf_span(&key));
	buf_release(&key);
	return entry ? &reading->plan->operations[entry->value] : NULL;
}

/* ---- changes ---- */

static struct operation *add(struct change_reader *reading, enum op op, yyjson_val *root,
                             struct fault *fault)
{
	struct operation *operation = plan_add(reading->plan, op, fault);
	struct span label = {"", 0};

	if (!operation)
		return NULL;
	json_text(yyjson_obj_get(root, "label"), &label);
	operation->label = plan_keep(reading->plan, label, fault);
	return operation->label.data ? operation : NULL;
}

/* A member as text that stays; 0 or -1, empty where it is absent or null. */
static int take(struct change_reader *reading, yyjson_val *root, const char *name, struct span *to,
                struct fault *fault)
{
	struct span text;

	*to = (struct span){"", 0};
	if (!json_text(yyjson_obj_get(root, name), &text) || !text.len)
		return 0;
	*to = plan_keep(reading->plan, text, fault);
	return to->data ? 0 : -1;
}

/* The id that every change has. */
static int take_id(struct change_reader *reading, yyjson_val *root, struct span *to,
                   struct fault *fault)
{
	if (take(reading, root, "id", to, fault) < 0)
		return -1;
	return to->len ? 0 : wrong("its id", fault);
}

static int refuse(struct change_reader *reading, struct operation *operation, const char *why,
                  bool skipped, struct fault *fault)
{
	operation->skipped = skipped;
	operation->refusal = plan_keep(reading->plan, span_of(why), fault);
	return operation->refusal.data ? 0 : -1;
}

/* The record's name of a setting: that of the plan, but for the user name. */
static const char *field_name(int setting)
{
	return setting == SET_USER_NAME ? "user_name" : setting_names[setting];
}

static int user_added(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *after = yyjson_obj_get(root, "after");
	struct operation *operation = add(reading, OP_PUSH, root, fault);
	struct span id = {"", 0};

	if (!operation || take(reading, after, "user_name", &operation->user_name, fault) < 0)
		return -1;
	if (!json_text(yyjson_obj_get(after, "id"), &id))
		return wrong("the new record's id", fault);
	for (int setting = SET_EMAIL; setting < SET_ACTIVE; setting++) {
		if (take(reading, after, field_name(setting), &operation->values[setting], fault) < 0)
			return -1;
		if (operation->values[setting].len)
			operation->set |= 1U << setting;
	}
	if (yyjson_equals_str(yyjson_obj_get(after, "status"), "disabled")) {
		operation->values[SET_ACTIVE] = span_of("false");
		operation->set |= 1U << SET_ACTIVE;
	}
	if (!operation->user_name.len)
		return refuse(reading, operation, "it has no user name", false, fault);
	if (yyjson_equals_str(yyjson_obj_get(after, "account_type"), "service"))
		return refuse(reading, operation, "a service account is not for people's directories", true,
		              fault);
	return know_newcomer(reading, 'u', id, fault);
}

static int user_removed(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	bool deactivate = reading->options->removed == REMOVED_DEACTIVATE;
	struct operation *operation = add(reading, deactivate ? OP_DEACTIVATE : OP_REMOVE, root, fault);

	if (!operation || take_id(reading, root, &operation->user_id, fault) < 0)
		return -1;
	if (reading->options->removed == REMOVED_ASK)
		return refuse(reading, operation,
		              "what is to become of those who are not wanted any more? say "
		              "--removed=deactivate, --removed=delete or --removed=skip",
		              false, fault);
	return reading->options->removed == REMOVED_SKIP
	           ? refuse(reading, operation, "left alone (--removed=skip)", true, fault)
	           : 0;
}

/* One more operation on the user of a change, that sets what `bits` says. */
static int add_update(struct change_reader *reading, yyjson_val *root, const struct operation *all,
                      unsigned bits, const char *refusal, struct fault *fault)
{
	struct operation *operation = add(reading, OP_UPDATE, root, fault);

	if (!operation)
		return -1;
	operation->user_id = all->user_id;
	operation->set = bits;
	memcpy(operation->values, all->values, sizeof operation->values);
	return *refusal ? refuse(reading, operation, refusal, false, fault) : 0;
}

static int add_status(struct change_reader *reading, yyjson_val *root, const struct operation *all,
                      struct span status, struct fault *fault)
{
	bool enabled = span_is(status, span_of("enabled"));
	struct operation *operation;

	if (!enabled && !span_is(status, span_of("disabled")))
		return 0;
	operation = add(reading, enabled ? OP_REACTIVATE : OP_DEACTIVATE, root, fault);
	if (!operation)
		return -1;
	operation->user_id = all->user_id;
	return 0;
}

/* Takes one member of `fields`. What SCIM can not set goes by name to `beyond`. */
static int take_field(struct change_reader *reading, struct operation *all, const char *name,
                      yyjson_val *pair, struct buf *beyond, struct fault *fault)
{
	yyjson_val *value = yyjson_arr_get(pair, 1);
	struct span text;

	if (!yyjson_is_arr(pair) || yyjson_arr_size(pair) != 2)
		return wrong("both values of a field", fault);
	if (yyjson_is_obj(value)) /* the newer side does not show it */
		return 0;
	for (int setting = 0; setting < SET_ACTIVE; setting++) {
		if (strcmp(name, field_name(setting)) != 0)
			continue;
		if (!json_text(value, &text) || !text.len)
			break; /* to take a value away is beyond what is sent here */
		all->values[setting] = plan_keep(reading->plan, text, fault);
		all->set |= 1U << setting;
		return all->values[setting].data ? 0 : -1;
	}
	buf_putf(beyond, "%s%s", beyond->len ? ", " : "", name);
	return buf_check(beyond, fault);
}

static int user_changed(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *fields = yyjson_obj_get(root, "fields"), *key, *pair;
	struct operation all = {0};
	struct span status = {"", 0};
	struct buf beyond = {0};
	size_t i, max;
	int result = 0;

	if (take_id(reading, root, &all.user_id, fault) < 0)
		return -1;
	if (!yyjson_is_obj(fields))
		return wrong("its fields", fault);
	yyjson_obj_foreach(fields, i, max, key, pair) {
		const char *name = yyjson_get_str(key);
		struct span old;

		if (result < 0)
			break;
		if (strcmp(name, "status") == 0)
			json_text(yyjson_arr_get(pair, 1), &status);
		else if (strcmp(name, "id") != 0)
			result = take_field(reading, &all, name, pair, &beyond, fault);
		else if (json_text(yyjson_arr_get(pair, 0), &old)) /* recreated: ours is the old one */
			all.user_id = plan_keep(reading->plan, old, fault);
	}
	if (result == 0 && all.set & reading->options->kept)
		result = add_update(reading, root, &all, all.set & reading->options->kept, "", fault);
	if (result == 0 && all.set & ~reading->options->kept)
		result = add_update(reading, root, &all, all.set & ~reading->options->kept, "", fault);
	if (result == 0 && beyond.len) {
		struct buf why = {0};

		buf_putf(&why, "not to be set through SCIM from here: %s", buf_text(&beyond));
		result = add_update(reading, root, &all, 0, buf_text(&why), fault);
		buf_release(&why);
	}
	if (result == 0)
		result = add_status(reading, root, &all, status, fault);
	buf_release(&beyond);
	return result;
}

static int group_added(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *after = yyjson_obj_get(root, "after");
	struct operation *operation = add(reading, OP_PUSH_GROUP, root, fault);
	struct span id = {"", 0};

	if (!operation || take(reading, after, "name", &operation->group, fault) < 0)
		return -1;
	if (!json_text(yyjson_obj_get(after, "id"), &id))
		return wrong("the new record's id", fault);
	if (!operation->group.len)
		return refuse(reading, operation, "it has no name", false, fault);
	return know_newcomer(reading, 'g', id, fault);
}

static int group_removed(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	struct operation *operation = add(reading, OP_REMOVE_GROUP, root, fault);

	if (!operation || take_id(reading, root, &operation->group_id, fault) < 0)
		return -1;
	switch (reading->options->removed) {
	case REMOVED_DELETE: return 0;
	case REMOVED_ASK:
		return refuse(reading, operation,
		              "what is to become of groups that are not wanted any more? say "
		              "--removed=delete or --removed=skip",
		              false, fault);
	default:
		return refuse(reading, operation, "left alone: a group can not be deactivated", true,
		              fault);
	}
}

static int group_changed(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	yyjson_val *name = yyjson_obj_get(yyjson_obj_get(root, "fields"), "name");
	struct operation *operation = add(reading, OP_RENAME_GROUP, root, fault);
	struct span text = {"", 0};

	if (!operation || take_id(reading, root, &operation->group_id, fault) < 0)
		return -1;
	if (!json_text(yyjson_arr_get(name, 1), &text) || !text.len)
		return refuse(reading, operation, "only the name of a group is changed from here", false,
		              fault);
	operation->new_group = plan_keep(reading->plan, text, fault);
	return operation->new_group.data ? 0 : -1;
}

/* Does the stream say that this id of an added membership is the newer side's? */
static bool is_foreign(const struct change_reader *reading, yyjson_val *root, const char *name)
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

static int membership_changed(struct change_reader *reading, yyjson_val *root, bool added,
                              struct fault *fault)
{
	struct operation *operation =
		add(reading, added ? OP_ADD_MEMBER : OP_REMOVE_MEMBER, root, fault);

	if (!operation || take(reading, root, "member_id", &operation->user_id, fault) < 0 ||
	    take(reading, root, "group_id", &operation->group_id, fault) < 0)
		return -1;
	if (!operation->user_id.len || !operation->group_id.len)
		return wrong("the ids of a membership", fault);
	if (yyjson_equals_str(
			yyjson_obj_get(yyjson_obj_get(root, added ? "after" : "before"), "member_kind"),
			"group"))
		return refuse(reading, operation, "groups inside groups are not changed from here", false,
		              fault);
	operation->foreign_user = added && is_foreign(reading, root, "member_id");
	operation->foreign_group = added && is_foreign(reading, root, "group_id");
	return 0;
}

int changes_take(struct change_reader *reading, yyjson_val *root, struct fault *fault)
{
	static const struct {
		const char *event;
		int (*take)(struct change_reader *reading, yyjson_val *root, struct fault *fault);
	} rows[] = {
		{"user.added", user_added},        {"user.removed", user_removed},
		{"user.enabled", user_changed},    {"user.disabled", user_changed},
		{"user.renamed", user_changed},    {"user.recreated", user_changed},
		{"user.modified", user_changed},   {"group.added", group_added},
		{"group.removed", group_removed},  {"group.renamed", group_changed},
		{"group.modified", group_changed}, {"group.recreated", group_changed},
	};
	struct span event = {"", 0}, source = {"", 0};

	json_text(yyjson_obj_get(root, "event"), &event);
	json_text(yyjson_obj_get(root, "source"), &source);
	if (!reading->match && !span_is(source, reading->plan->source))
		return 0; /* another service's */
	if (span_is(event, span_of("membership.added")))
		return membership_changed(reading, root, true, fault);
	if (span_is(event, span_of("membership.removed")))
		return membership_changed(reading, root, false, fault);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (span_is(event, span_of(rows[i].event)))
			return rows[i].take(reading, root, fault);
	return fault_set(fault, FAULT_DATA, "unknown event '%s'", INERT(event));
}

/* ---- when all are there ---- */

int changes_name_newcomers(struct change_reader *reading, struct fault *fault)
{
	struct operation *operation = reading->plan->operations;

	for (size_t left = reading->plan->count; operation && left; left--, operation++) {
		const struct operation *user = NULL, *group = NULL;
		bool nobody;

		if (operation->foreign_user)
			user = find_newcomer(reading, 'u', operation->user_id);
		if (operation->foreign_group)
			group = find_newcomer(reading, 'g', operation->group_id);
		nobody = (operation->foreign_user && !user) || (operation->foreign_group && !group);
		if (nobody && reading->match &&
		    refuse(reading, operation, "it is about somebody whom the service does not have", false,
		           fault) < 0)
			return -1;
		if (user) {
			operation->user_id = (struct span){"", 0};
			operation->user_name = user->user_name;
		}
		if (group) {
			operation->group_id = (struct span){"", 0};
			operation->group = group->group;
		}
	}
	return 0;
}
