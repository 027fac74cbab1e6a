/* SPDX-License-Identifier: ISC */
/*
 * plan: plain operations, and what holds for every plan.
 */
#include "push/plan.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/inert.h"
#include "base/set.h"

#include <stdlib.h>

const char *const op_names[OPS] = {
	[OP_PUSH_GROUP] = "push-group",
	[OP_PUSH] = "push",
	[OP_RENAME_GROUP] = "rename-group",
	[OP_UPDATE] = "update",
	[OP_REACTIVATE] = "reactivate",
	[OP_ADD_MEMBER] = "add-member",
	[OP_REMOVE_MEMBER] = "remove-member",
	[OP_DEACTIVATE] = "deactivate",
	[OP_REMOVE] = "remove",
	[OP_REMOVE_GROUP] = "remove-group",
	[OP_IMPORT] = "import",
};

const char *const setting_names[SETTINGS] = {
	[SET_USER_NAME] = "new_user_name",
	[SET_EMAIL] = "email",
	[SET_DISPLAY_NAME] = "display_name",
	[SET_GIVEN_NAME] = "given_name",
	[SET_FAMILY_NAME] = "family_name",
	[SET_EXTERNAL_ID] = "external_id",
	[SET_ACTIVE] = "active",
};

void plan_release(struct plan *plan)
{
	free(plan->operations);
	arena_release(&plan->arena);
	*plan = (struct plan){0};
}

struct operation *plan_add(struct plan *plan, enum op op, struct fault *fault)
{
	struct operation *more;

	if (plan->count == OPERATIONS_MAX) {
		fault_set(fault, FAULT_DATA, "more than %d operations", OPERATIONS_MAX);
		return NULL;
	}
	more = array_grow(plan->operations, plan->count, &plan->cap, sizeof *more, fault);
	if (!more)
		return NULL;
	plan->operations = more;
	plan->operations[plan->count] = (struct operation){.op = op};
	return &plan->operations[plan->count++];
}

struct span plan_keep(struct plan *plan, struct span text, struct fault *fault)
{
	struct span copy = arena_copy(&plan->arena, text);

	if (!copy.data)
		fault_memory(fault);
	return copy;
}

/* ---- plain operations ---- */

enum need { NEED_USER = 1, NEED_GROUP = 2, NEED_SETTING = 4, NEED_NEW_GROUP = 8, NEED_NAME = 16 };

/* What an operation must say, and what it may set. */
static const struct op_form {
	unsigned needs, may_set;
} op_forms[OPS] = {
	[OP_PUSH_GROUP] = {NEED_GROUP | NEED_NAME, 0},
	[OP_PUSH] = {NEED_USER | NEED_NAME, SETTINGS_ALL & ~(1 << SET_USER_NAME)},
	[OP_RENAME_GROUP] = {NEED_GROUP | NEED_NEW_GROUP, 0},
	[OP_UPDATE] = {NEED_USER | NEED_SETTING, SETTINGS_ALL & ~(1 << SET_ACTIVE)},
	[OP_REACTIVATE] = {NEED_USER, 0},
	[OP_ADD_MEMBER] = {NEED_USER | NEED_GROUP, 0},
	[OP_REMOVE_MEMBER] = {NEED_USER | NEED_GROUP, 0},
	[OP_DEACTIVATE] = {NEED_USER, 0},
	[OP_REMOVE] = {NEED_USER, 0},
	[OP_REMOVE_GROUP] = {NEED_GROUP, 0},
};

static int op_find(struct span name)
{
	for (int op = 0; op < OPS; op++)
		if (span_is(name, span_of(op_names[op])))
			return op;
	return -1;
}

/* Where the text of a member goes; NULL: it is no member of an operation. */
static struct span *place_of(struct operation *operation, struct span name)
{
	const struct {
		const char *name;
		struct span *place;
	} places[] = {
		{"id", &operation->user_id},          {"user_name", &operation->user_name},
		{"group_id", &operation->group_id},   {"group", &operation->group},
		{"new_group", &operation->new_group},
	};

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (span_is(name, span_of(places[i].name)))
			return places[i].place;
	return NULL;
}

static int setting_find(struct span name)
{
	for (int setting = 0; setting < SETTINGS; setting++)
		if (span_is(name, span_of(setting_names[setting])))
			return setting;
	return -1;
}

static int take_member(struct plan *plan, struct operation *operation, struct span name,
                       yyjson_val *value, struct fault *fault)
{
	struct span *place = place_of(operation, name), text;
	int setting = setting_find(name);

	if (span_is(name, span_of("op")))
		return 0;
	if (span_is(name, span_of("password"))) {
		operation->has_password = true; /* and not kept */
		return 0;
	}
	if (setting == SET_ACTIVE && yyjson_is_bool(value))
		text = span_of(yyjson_is_true(value) ? "true" : "false");
	else if (!place && setting < 0)
		return fault_set(fault, FAULT_DATA, "unknown member \"%s\"", INERT(name));
	else if (setting == SET_ACTIVE || !json_text(value, &text) || !text.len)
		return fault_set(fault, FAULT_DATA, "\"%s\" is %s", INERT(name),
		                 yyjson_is_str(value) ? "empty" : json_type(value));
	text = plan_keep(plan, text, fault);
	if (!text.data)
		return -1;
	if (place) {
		*place = text;
	} else {
		operation->values[setting] = text;
		operation->set |= 1U << setting;
	}
	return 0;
}

static int check_form(const struct operation *operation, struct fault *fault)
{
	const struct op_form *form = &op_forms[operation->op];
	const char *name = op_names[operation->op];
	bool has_user = operation->user_name.len || operation->user_id.len;
	bool has_group = operation->group.len || operation->group_id.len;
	unsigned says = (has_user ? NEED_USER : 0U) | (has_group ? NEED_GROUP : 0U) |
	                (operation->new_group.len ? NEED_NEW_GROUP : 0U);
	unsigned beyond = says & ~form->needs, extra = operation->set & ~form->may_set;

	if (form->needs & NEED_USER && !(form->needs & NEED_NAME ? operation->user_name.len : has_user))
		return fault_set(fault, FAULT_DATA, "%s needs a \"user_name\"%s", name,
		                 form->needs & NEED_NAME ? "" : " or an \"id\"");
	if (form->needs & NEED_GROUP && !(form->needs & NEED_NAME ? operation->group.len : has_group))
		return fault_set(fault, FAULT_DATA, "%s needs a \"group\"%s", name,
		                 form->needs & NEED_NAME ? "" : " or a \"group_id\"");
	if (form->needs & NEED_NEW_GROUP && !operation->new_group.len)
		return fault_set(fault, FAULT_DATA, "%s needs a \"new_group\"", name);
	if (operation->op == OP_IMPORT)
		return 0;
	/* who says more than it does may mean another operation: remove for remove-member */
	if (beyond)
		return fault_set(fault, FAULT_DATA, "%s is not about a %s", name,
		                 beyond & NEED_USER    ? "user"
		                 : beyond & NEED_GROUP ? "group"
		                                       : "\"new_group\"");
	if (form->needs & NEED_SETTING && !operation->set && !operation->has_password)
		return fault_set(fault, FAULT_DATA, "%s says nothing that is to be changed", name);
	for (int setting = 0; setting < SETTINGS; setting++)
		if (extra & 1U << setting)
			return fault_set(fault, FAULT_DATA, "%s does not set \"%s\"", name,
			                 setting_names[setting]);
	return 0;
}

static int read_operation(struct plan *plan, struct span line, struct fault *fault)
{
	yyjson_doc *doc = json_parse(line, NULL, fault);
	yyjson_val *root = yyjson_doc_get_root(doc), *key, *value;
	struct span name = {"", 0};
	struct operation *operation;
	int op, result = -1;
	size_t i, max;

	if (!doc)
		return -1;
	json_text(yyjson_obj_get(root, "op"), &name);
	op = op_find(name);
	if (!yyjson_is_obj(root) || !name.len) {
		fault_set(fault, FAULT_DATA, "not an operation: no \"op\"");
	} else if (op < 0) {
		fault_set(fault, FAULT_DATA, "there is no operation '%s'", INERT(name));
	} else if ((operation = plan_add(plan, (enum op)op, fault))) {
		result = 0;
		yyjson_obj_foreach(root, i, max, key, value) {
			name = (struct span){yyjson_get_str(key), yyjson_get_len(key)};
			if (result == 0)
				result = take_member(plan, operation, name, value, fault);
		}
		if (result == 0)
			result = check_form(operation, fault);
	}
	yyjson_doc_free(doc);
	return result;
}

static int read_operations(struct plan *plan, struct lines *lines, struct fault *fault)
{
	struct span line;
	int more;

	while ((more = lines_next(lines, &line, fault)) > 0)
		if (read_operation(plan, line, fault) < 0)
			return fault->kind == FAULT_DATA ? lines_fault(lines, fault) : -1;
	return more;
}

/* ---- every plan ---- */

/* What an operation sets on a user beside what it says. */
static void complete(struct operation *operation)
{
	bool on = operation->op == OP_PUSH || operation->op == OP_REACTIVATE;

	if ((on || operation->op == OP_DEACTIVATE) && !(operation->set & 1U << SET_ACTIVE)) {
		operation->values[SET_ACTIVE] = span_of(on ? "true" : "false");
		operation->set |= 1U << SET_ACTIVE;
	}
}

/* What an operation wants of a user or a membership: two that want the opposite
   can not both be meant. */
static char direction_of(enum op op)
{
	switch (op) {
	case OP_REACTIVATE:
	case OP_ADD_MEMBER: return '+';
	case OP_DEACTIVATE:
	case OP_REMOVE:
	case OP_REMOVE_MEMBER: return '-';
	default: return '\0';
	}
}

static void put_key(struct buf *key, struct span id, struct span name)
{
	struct span part = id.len ? id : name;

	buf_putf(key, "%c%zu:", id.len ? 'i' : 'n', part.len);
	for (size_t i = 0; i < part.len; i++)
		buf_putc(key, id.len ? part.data[i] : ascii_lower(part.data[i]));
}

static int check_contradictions(const struct plan *plan, struct fault *fault)
{
	struct set seen = {0};
	struct buf key = {0};
	int result = 0;

	for (size_t i = 0; i < plan->count && result == 0; i++) {
		const struct operation *operation = &plan->operations[i];
		char direction = direction_of(operation->op);
		struct set_entry *entry;
		bool fresh;

		if (!direction)
			continue;
		buf_clear(&key);
		put_key(&key, operation->user_id, operation->user_name);
		if (operation->group.len || operation->group_id.len)
			put_key(&key, operation->group_id, operation->group);
		result = buf_check(&key, fault);
		entry = result == 0 ? set_take(&seen, buf_span(&key), &fresh) : NULL;
		if (!entry)
			result = fault_memory(fault);
		else if (!fresh && entry->value != (uint64_t)direction)
			result = fault_set(
				fault, FAULT_DATA, "two operations on '%s' contradict each other: %s",
				INERT(operation->user_name.len ? operation->user_name : operation->user_id),
				op_names[operation->op]);
		else
			entry->value = (uint64_t)direction;
	}
	set_release(&seen);
	buf_release(&key);
	return result;
}

/* A stable sort by op: one pass an op. */
static int put_in_order(struct plan *plan, struct fault *fault)
{
	struct operation *ordered = calloc(plan->count + 1, sizeof *ordered);
	size_t count = 0;

	if (!ordered)
		return fault_memory(fault);
	for (int op = 0; op < OPS; op++)
		for (size_t i = 0; i < plan->count; i++)
			if (plan->operations[i].op == (enum op)op)
				ordered[count++] = plan->operations[i];
	free(plan->operations);
	plan->operations = ordered;
	plan->cap = plan->count + 1;
	return 0;
}

static bool is_mixed(const struct plan *plan)
{
	bool by_id = false, by_name = false;

	for (size_t i = 0; i < plan->count; i++) {
		const struct operation *operation = &plan->operations[i];

		by_id |= operation->user_id.len && !operation->user_name.len;
		by_id |= operation->group_id.len && !operation->group.len;
		by_name |= operation->user_name.len && !operation->user_id.len;
		by_name |= operation->group.len && !operation->group_id.len;
	}
	return by_id && by_name;
}

static bool is_stream(struct span line)
{
	static const struct span head = {"{\"kind\":", 8};

	return span_begins(line, head);
}

int plan_read(struct plan *plan, const struct plan_options *options, const char *path,
              struct fault *fault)
{
	struct stream_reader reader;
	struct span line;
	int result;

	*plan = (struct plan){0};
	if (stream_open(&reader, path, STAGE_CHANGES, true, fault) < 0)
		return -1;
	result = lines_next(&reader.lines, &line, fault);
	if (result == 0)
		result = fault_set(fault, FAULT_DATA, "%s: empty: neither operations nor a change stream",
		                   INERT(span_of(reader.lines.name)));
	if (result > 0) {
		bool stream = is_stream(line);

		lines_unread(&reader.lines, line);
		result = stream ? plan_read_changes(plan, options, &reader, fault)
		                : read_operations(plan, &reader.lines, fault);
		if (result == 0 && !stream)
			plan->mixed = is_mixed(plan);
	}
	stream_close(&reader);
	for (size_t i = 0; result == 0 && i < plan->count; i++)
		complete(&plan->operations[i]);
	if (result == 0)
		result = check_contradictions(plan, fault);
	return result < 0 ? -1 : put_in_order(plan, fault);
}
