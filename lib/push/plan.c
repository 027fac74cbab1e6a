/* SPDX-License-Identifier: ISC */
/*
 * plan: operations that grow in number, with texts that live as long as they do.
 */
#include "push/plan.h"

#include "base/array.h"
#include "base/ceiling.h"
#include "base/json_put.h"

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

int op_find(struct span name)
{
	for (int op = 0; op < OPS; op++)
		if (span_is(name, span_of(op_names[op])))
			return op;
	return -1;
}

int setting_find(struct span name)
{
	for (int setting = 0; setting < SETTINGS; setting++)
		if (span_is(name, span_of(setting_names[setting])))
			return setting;
	return -1;
}

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

void operation_put(struct buf *line, const struct operation *operation)
{
	const struct {
		const char *name;
		struct span text;
	} names[] = {
		{"user_name", operation->user_name}, {"user_id", operation->user_id},
		{"group", operation->group},         {"group_id", operation->group_id},
		{"new_group", operation->new_group}, {"label", operation->label},
	};

	buf_putf(line, "\"op\":\"%s\"", op_names[operation->op]);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].text.len)
			json_put_member(line, names[i].name, names[i].text);
	buf_puts(line, ",\"asked\":{");
	for (int setting = 0; setting < SETTINGS; setting++) {
		if (!(operation->set & 1U << setting))
			continue;
		json_array_next(line);
		buf_putf(line, "\"%s\":", setting_names[setting]);
		if (setting == SET_ACTIVE)
			buf_put_span(line, operation->values[setting]);
		else
			json_put_string(line, operation->values[setting]);
	}
	buf_putc(line, '}');
}
