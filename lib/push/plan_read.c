/* SPDX-License-Identifier: ISC */
/*
 * plan_read: from either form of input to a plan, and what holds for every plan.
 */
#include "push/plan.h"

#include "base/inert.h"

#include <stdlib.h>

/* What an operation sets on a user beside what it says. */
static void plan_complete(struct operation *operation)
{
	bool on = operation->op == OP_PUSH || operation->op == OP_REACTIVATE;

	if ((on || operation->op == OP_DEACTIVATE) && !(operation->set & 1U << SET_ACTIVE)) {
		operation->values[SET_ACTIVE] = span_of(on ? "true" : "false");
		operation->set |= 1U << SET_ACTIVE;
	}
}

/* A stable sort by op: one pass an op. */
static int plan_put_in_order(struct plan *plan, struct fault *fault)
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

static bool plan_is_mixed(const struct plan *plan)
{
	bool users[2] = {false}, groups[2] = {false}; /* by id, by name */

	for (size_t i = 0; i < plan->count; i++) {
		const struct operation *operation = &plan->operations[i];

		users[0] |= operation->user_id.len && !operation->user_name.len;
		users[1] |= operation->user_name.len && !operation->user_id.len;
		groups[0] |= operation->group_id.len && !operation->group.len;
		groups[1] |= operation->group.len && !operation->group_id.len;
	}
	return (users[0] && users[1]) || (groups[0] && groups[1]);
}

static bool plan_is_stream(struct span line)
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
	if (stream_open(&reader, path, options->is_looked_at ? STAGE_RESULTS : STAGE_CHANGES, true,
	                fault) < 0)
		return -1;
	result = lines_next(&reader.lines, &line, fault);
	if (result == 0)
		result = fault_set(fault, FAULT_DATA, "%s: empty: neither operations nor a change stream",
		                   INERT(span_of(reader.lines.name)));
	if (result > 0) {
		bool stream = options->is_looked_at || plan_is_stream(line);

		lines_unread(&reader.lines, line);
		result = options->is_looked_at ? plan_read_results(plan, options, &reader, fault)
		         : stream              ? plan_read_changes(plan, options, &reader, fault)
		                               : plan_read_operations(plan, &reader.lines, fault);
		plan->of_changes = stream && !options->is_looked_at;
		plan->mixed = !plan->of_changes && plan_is_mixed(plan);
	}
	stream_close(&reader);
	for (size_t i = 0; result == 0 && i < plan->count; i++)
		plan_complete(&plan->operations[i]);
	if (result == 0)
		result = plan_check(plan, fault);
	return result < 0 ? -1 : plan_put_in_order(plan, fault);
}
