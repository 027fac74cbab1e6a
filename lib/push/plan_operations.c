/* SPDX-License-Identifier: ISC */
/*
 * plan_operations: plain operations, one JSON object a line. What a line says has to
 * be understood whole: a member that is unknown, or that is about something else, may
 * mean another operation.
 */
#include "push/plan.h"

#include "base/inert.h"
#include "base/near.h"

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

/* Where the text of a member goes; NULL: it is no member of an operation. */
static struct span *operation_place(struct operation *operation, struct span name)
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

static int operation_take_member(struct plan *plan, struct operation *operation, struct span name,
                                 yyjson_val *value, struct fault *fault)
{
	struct span *place = operation_place(operation, name), text;
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

static int operation_check_form(const struct operation *operation, struct fault *fault)
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

static int operation_read(struct plan *plan, struct span line, struct fault *fault)
{
	yyjson_doc *doc = json_parse(line, NULL, fault);
	yyjson_val *root = yyjson_doc_get_root(doc), *key, *value;
	struct span name = SPAN_EMPTY;
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
		struct near near = near_to(name);

		for (size_t known = 0; known < OPS; known++)
			near_try(&near, op_names[known]);
		fault_set(fault, FAULT_DATA, "there is no operation '%s'", INERT(name));
		near_hint(&near, "", fault);
	} else if ((operation = plan_add(plan, (enum op)op, fault))) {
		result = 0;
		yyjson_obj_foreach(root, i, max, key, value) {
			name = (struct span){yyjson_get_str(key), yyjson_get_len(key)};
			if (result == 0)
				result = operation_take_member(plan, operation, name, value, fault);
		}
		if (result == 0)
			result = operation_check_form(operation, fault);
	}
	yyjson_doc_free(doc);
	return result;
}

int plan_read_operations(struct plan *plan, struct lines *lines, struct fault *fault)
{
	struct span line;
	int more;

	while ((more = lines_next(lines, &line, fault)) > 0)
		if (operation_read(plan, line, fault) < 0)
			return fault->kind == FAULT_DATA ? lines_fault(lines, fault) : -1;
	return more;
}
