/* SPDX-License-Identifier: ISC */
/*
 * plan_results: the result stream of a plan, read back as the plan. Each operation
 * keeps the line that was looked at, so that a new rehearsal can be held against it.
 */
#include "push/plan.h"

#include "base/inert.h"

static int results_begin(struct plan *plan, const struct plan_options *options, yyjson_val *root,
                         struct fault *fault)
{
	struct span origin = json_obj_text(root, "origin"), source = json_obj_text(root, "source");

	if (!yyjson_is_false(yyjson_obj_get(root, "applied")))
		return fault_set(fault, FAULT_DATA,
		                 "not a plan but the results of one that was applied; run scim-push "
		                 "without --apply to get a plan");
	if (!span_is(origin, span_of(options->origin)))
		return fault_set(fault, FAULT_DATA, "a plan for %s, not for %s", INERT(origin),
		                 options->origin);
	plan->source = plan_keep(plan, source, fault);
	return plan->source.data ? 0 : -1;
}

/* What the operation asks of a user. 0 or -1. */
static int results_take_asked(struct plan *plan, struct operation *operation, yyjson_val *asked,
                              struct fault *fault)
{
	yyjson_val *key, *value;
	size_t i, max;

	if (!yyjson_is_obj(asked))
		return fault_set(fault, FAULT_DATA, "no plan of this version: nothing is \"asked\"");
	yyjson_obj_foreach(asked, i, max, key, value) {
		int setting = setting_find(json_key(key));
		struct span text = span_of("");

		if (setting == SET_ACTIVE && yyjson_is_bool(value))
			text = span_of(yyjson_is_true(value) ? "true" : "false");
		else if (setting < 0 || setting == SET_ACTIVE || !json_text(value, &text))
			return fault_set(fault, FAULT_DATA, "no plan of this version: \"%s\" is asked for",
			                 INERT(json_key(key)));
		operation->values[setting] = plan_keep(plan, text, fault);
		if (!operation->values[setting].data)
			return -1;
		operation->set |= 1U << setting;
	}
	return 0;
}

/* The user name that an update takes away, which somebody else may get. 0 or -1. */
static int results_take_old_name(struct plan *plan, struct operation *operation, yyjson_val *root,
                                 struct fault *fault)
{
	const char *name = setting_names[SET_USER_NAME];
	yyjson_val *values = yyjson_obj_get(yyjson_obj_get(root, "fields"), name);
	struct span old;

	if (!json_text(yyjson_arr_get(values, 0), &old))
		return 0;
	operation->old[SET_USER_NAME] = plan_keep(plan, old, fault);
	operation->old_known = 1U << SET_USER_NAME;
	return operation->old[SET_USER_NAME].data ? 0 : -1;
}

static int results_take(struct plan *plan, yyjson_val *root, struct span line, struct fault *fault)
{
	struct span outcome = json_obj_text(root, "outcome");
	int op = op_find(json_obj_text(root, "op"));
	struct operation *operation = op < 0 ? NULL : plan_add(plan, (enum op)op, fault);
	bool skipped = span_is(outcome, span_of("skipped"));

	if (op < 0)
		return fault_set(fault, FAULT_DATA, "no plan of this version: there is no operation '%s'",
		                 INERT(json_obj_text(root, "op")));
	if (!operation)
		return -1;
	const struct {
		const char *name;
		struct span *place;
	} texts[] = {
		{"user_name", &operation->user_name}, {"user_id", &operation->user_id},
		{"group", &operation->group},         {"group_id", &operation->group_id},
		{"new_group", &operation->new_group}, {"label", &operation->label},
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		*texts[i].place = plan_keep(plan, json_obj_text(root, texts[i].name), fault);
		if (!texts[i].place->data)
			return -1;
	}
	if (skipped || span_is(outcome, span_of("refused"))) {
		operation->refusal = plan_keep(plan, json_obj_text(root, "reason"), fault);
		operation->skipped = skipped;
		if (!operation->refusal.data)
			return -1;
	}
	operation->looked_at = plan_keep(plan, line, fault);
	if (results_take_old_name(plan, operation, root, fault) < 0)
		return -1;
	return operation->looked_at.data
	           ? results_take_asked(plan, operation, yyjson_obj_get(root, "asked"), fault)
	           : -1;
}

int plan_read_results(struct plan *plan, const struct plan_options *options,
                      struct stream_reader *reader, struct fault *fault)
{
	struct stream_item item;
	uint64_t results = 0;
	int more, result = 0;

	while (result == 0 && (more = stream_next(reader, &item, fault)) != 0) {
		if (more < 0)
			return -1;
		if (item.type == ITEM_BEGIN && reader->sections)
			result = fault_set(fault, FAULT_DATA, "a second plan in one file");
		else if (item.type == ITEM_BEGIN)
			result = results_begin(plan, options, item.root, fault);
		else if (item.type == ITEM_RECORD)
			result = results_take(plan, item.root, item.line, fault);
		else if (json_count(yyjson_obj_get(item.root, "results"), &results) != 1 ||
		         results != plan->count)
			result = fault_set(fault, FAULT_DATA, "the end line does not count what is there");
	}
	return result < 0 && fault->kind == FAULT_DATA ? lines_fault(&reader->lines, fault) : result;
}
