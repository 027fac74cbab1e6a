/* SPDX-License-Identifier: ISC */
/*
 * plan_read: from either form of input to a plan, and what holds for every plan.
 */
#include "push/plan.h"

#include "base/inert.h"
#include "base/set.h"

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

/* What an operation wants of a user or a membership: two that want the opposite
   can not both be meant. */
static char plan_direction(enum op op)
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

static void plan_put_name(struct buf *key, struct span id, struct span name)
{
	struct span part = id.len ? id : name;

	buf_putf(key, "%c%zu:", id.len ? 'i' : 'n', part.len);
	for (size_t i = 0; i < part.len; i++)
		buf_putc(key, id.len ? part.data[i] : ascii_lower(part.data[i]));
}

static int plan_check(const struct plan *plan, struct fault *fault)
{
	struct set seen = {0};
	struct buf key = {0};
	int result = 0;

	for (size_t i = 0; i < plan->count && result == 0; i++) {
		const struct operation *operation = &plan->operations[i];
		char direction = plan_direction(operation->op);
		struct set_entry *entry;
		bool fresh;

		if (!direction)
			continue;
		buf_clear(&key);
		plan_put_name(&key, operation->user_id, operation->user_name);
		if (operation->group.len || operation->group_id.len)
			plan_put_name(&key, operation->group_id, operation->group);
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
		if (result == 0 && !stream)
			plan->mixed = plan_is_mixed(plan);
	}
	stream_close(&reader);
	for (size_t i = 0; result == 0 && i < plan->count; i++)
		plan_complete(&plan->operations[i]);
	if (result == 0)
		result = plan_check(plan, fault);
	return result < 0 ? -1 : plan_put_in_order(plan, fault);
}
