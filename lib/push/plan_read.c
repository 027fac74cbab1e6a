/* SPDX-License-Identifier: ISC */
/*
 * plan_read: from either form of input to a plan, and what holds for every plan.
 */
#include "push/names.h"

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

/* The name that an operation of a change stream takes away from somebody, or empty. */
static struct span plan_old_name(const struct operation *operation)
{
	static const unsigned renamed = 1U << SET_USER_NAME;

	if (operation->refusal.len)
		return (struct span){"", 0};
	if (operation->op == OP_UPDATE && operation->set & operation->old_known & renamed)
		return operation->old[SET_USER_NAME];
	return operation->op == OP_RENAME_GROUP ? operation->old_group : (struct span){"", 0};
}

/* Whoever is made under a name that another one gives away is another one: notes from whom.
   0 or -1. */
static int plan_note_freed(struct plan *plan, struct fault *fault)
{
	struct set names = {0}; /* kind and name -> place of the operation + 1 */
	struct buf key = {0};
	int result = 0;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < plan->count && result == 0; i++) {
			struct operation *operation = &plan->operations[i], *older;
			bool user = operation->op == OP_PUSH || operation->op == OP_UPDATE, fresh;
			bool makes = operation->op == OP_PUSH || operation->op == OP_PUSH_GROUP;
			struct span name = pass == 0 ? plan_old_name(operation)
			                   : !makes  ? (struct span){"", 0}
			                   : user    ? operation->user_name
			                             : operation->group;
			struct set_entry *entry;

			if (!name.len)
				continue;
			buf_clear(&key);
			buf_putc(&key, user ? 'u' : 'g');
			names_put_folded(&key, name);
			result = buf_check(&key, fault);
			if (result == 0 && pass == 0) {
				entry = set_take(&names, buf_span(&key), &fresh);
				result = entry ? 0 : fault_memory(fault);
				if (entry)
					entry->value = i + 1;
			} else if (result == 0 && (entry = set_find(&names, buf_span(&key)))) {
				older = &plan->operations[entry->value - 1];
				older->frees_name = true;
				operation->freed_from = user ? older->user_id : older->group_id;
			}
		}
	set_release(&names);
	buf_release(&key);
	return result;
}

/* A stable sort by op: one pass an op; before them what frees a name. */
static int plan_put_in_order(struct plan *plan, struct fault *fault)
{
	struct operation *ordered = calloc(plan->count + 1, sizeof *ordered);
	size_t count = 0;

	if (!ordered)
		return fault_memory(fault);
	for (int op = -1; op < OPS; op++)
		for (size_t i = 0; i < plan->count; i++) {
			bool first = plan->operations[i].frees_name;

			if (op < 0 ? first : !first && plan->operations[i].op == (enum op)op)
				ordered[count++] = plan->operations[i];
		}
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
	if (result == 0)
		result = plan_note_freed(plan, fault);
	return result < 0 ? -1 : plan_put_in_order(plan, fault);
}
