/* SPDX-License-Identifier: ISC */
/*
 * plan_members: one set for all that is noted, looked into when the plan is there.
 */
#include "push/plan_members.h"

#include "push/rules.h"

enum { RECREATED = '=' };

void plan_members_release(struct plan_members *members)
{
	set_release(&members->places);
	buf_release(&members->ids);
}

/* ---- what is noted ---- */

static void members_put_key(struct buf *key, int fate, char kind, struct span id)
{
	buf_putc(key, (char)fate);
	buf_putc(key, kind);
	buf_put_span(key, id);
}

static int members_note(struct plan_members *members, int fate, char kind, struct span id,
                        uint64_t place, struct fault *fault)
{
	struct set_entry *entry;
	struct buf key = {0};
	bool fresh;

	members_put_key(&key, fate, kind, id);
	entry = key.state == BUF_OK ? set_take(&members->places, buf_span(&key), &fresh) : NULL;
	buf_release(&key);
	if (!entry)
		return fault_memory(fault);
	entry->value = place;
	return 0;
}

int plan_members_note(struct plan_members *members, enum member_fate fate, char kind,
                      struct span id, const struct plan *plan, struct fault *fault)
{
	return members_note(members, (int)fate, kind, id, plan->count - 1, fault);
}

int plan_members_note_recreated(struct plan_members *members, char kind, struct span newer,
                                struct span older, struct fault *fault)
{
	size_t place = members->ids.len;

	buf_put_sized(&members->ids, older);
	return buf_check(&members->ids, fault) < 0
	           ? -1
	           : members_note(members, RECREATED, kind, newer, place, fault);
}

/* 0 with the entry, NULL where nothing was noted, or -1. */
static int members_find(const struct plan_members *members, int fate, char kind, struct span id,
                        const struct set_entry **entry, struct fault *fault)
{
	struct buf key = {0};
	int result;

	members_put_key(&key, fate, kind, id);
	result = buf_check(&key, fault);
	*entry = result == 0 ? set_find(&members->places, buf_span(&key)) : NULL;
	buf_release(&key);
	return result;
}

/* ---- what it means for a membership ---- */

static void membership_refuse(struct operation *operation, struct span why, bool skipped)
{
	operation->refusal = why;
	operation->skipped = skipped;
}

/* One end of a membership that is wanted, its id the newer side's. */
static int membership_settle_wanted(const struct plan_members *members, struct plan *plan,
                                    struct operation *operation, char kind, bool match,
                                    struct fault *fault)
{
	struct span *id = kind == 'u' ? &operation->user_id : &operation->group_id;
	const struct set_entry *recreated, *entry;
	const struct operation *made;

	if (operation->refusal.len)
		return 0;
	if (members_find(members, RECREATED, kind, *id, &recreated, fault) < 0 ||
	    members_find(members, MEMBER_MADE, kind, *id, &entry, fault) < 0)
		return -1;
	if (recreated) {
		size_t place = (size_t)recreated->value;
		struct span older = SPAN_EMPTY;

		buf_next_sized(&members->ids, &place, &older);
		*id = plan_keep(plan, older, fault);
		return id->data ? 0 : -1;
	}
	made = entry ? &plan->operations[entry->value] : NULL;
	if (made && made->refusal.len) {
		membership_refuse(operation, made->refusal, made->skipped);
	} else if (made) {
		*id = (struct span)SPAN_EMPTY;
		*(kind == 'u' ? &operation->user_name : &operation->group) =
			kind == 'u' ? made->user_name : made->group;
	} else if (match) {
		membership_refuse(operation,
		                  span_of(kind == 'u' ? "the service does not have this user"
		                                      : "the service does not have this group"),
		                  false);
	}
	return 0;
}

/* One end of a membership that is wanted no more: it stays with whoever is left alone. */
static int membership_settle_unwanted(const struct plan_members *members, const struct plan *plan,
                                      const struct plan_options *options,
                                      struct operation *operation, char kind, struct fault *fault)
{
	struct span id = kind == 'u' ? operation->user_id : operation->group_id;
	const struct set_entry *entry;
	const struct operation *gone;
	const char *why;

	if (members_find(members, MEMBER_GONE, kind, id, &entry, fault) < 0)
		return -1;
	gone = entry ? &plan->operations[entry->value] : NULL;
	why = gone ? rules_refusal(options->rules, gone, options->allow_removal) : NULL;
	if (gone && gone->refusal.len)
		membership_refuse(operation, gone->refusal, gone->skipped);
	else if (why)
		membership_refuse(operation, span_of(why), false);
	return 0;
}

/* What both ends of a membership are, as one text. 0 or -1. */
static int membership_put_ends(struct buf *ends, const struct operation *operation,
                               struct fault *fault)
{
	buf_clear(ends);
	buf_put_sized(ends, operation->group_id);
	buf_put_sized(ends, operation->user_id);
	return buf_check(ends, fault);
}

static bool membership_is_to_do(const struct operation *operation, enum op op)
{
	return operation->op == op && !operation->refusal.len && operation->user_id.len &&
	       operation->group_id.len;
}

/* Who was recreated has left each group as the older one and entered it as the newer one. At the
   service both are the same, and a membership of both is no operation. */
static int members_drop_what_stays(struct plan *plan, struct fault *fault)
{
	struct set wanted = {0}; /* ends of a membership -> place of its operation + 1 */
	struct buf ends = {0};
	size_t kept = 0;
	int result = 0;

	for (size_t i = 0; i < plan->count && result == 0; i++) {
		struct set_entry *entry;
		bool fresh;

		if (!membership_is_to_do(&plan->operations[i], OP_ADD_MEMBER))
			continue;
		result = membership_put_ends(&ends, &plan->operations[i], fault);
		entry = result == 0 ? set_take(&wanted, buf_span(&ends), &fresh) : NULL;
		if (entry)
			entry->value = i + 1;
		else
			result = fault_memory(fault);
	}
	for (size_t i = 0; i < plan->count && result == 0; i++) {
		struct set_entry *entry;

		if (!membership_is_to_do(&plan->operations[i], OP_REMOVE_MEMBER))
			continue;
		result = membership_put_ends(&ends, &plan->operations[i], fault);
		entry = result == 0 ? set_find(&wanted, buf_span(&ends)) : NULL;
		if (!entry || !entry->value)
			continue;
		plan->operations[i].op = plan->operations[entry->value - 1].op = OPS;
		entry->value = 0;
	}
	for (size_t i = 0; i < plan->count; i++)
		if (plan->operations[i].op != OPS)
			plan->operations[kept++] = plan->operations[i];
	plan->count = kept;
	set_release(&wanted);
	buf_release(&ends);
	return result;
}

int plan_members_settle(const struct plan_members *members, struct plan *plan,
                        const struct plan_options *options, bool match, struct fault *fault)
{
	for (size_t i = 0; i < plan->count; i++) {
		struct operation *operation = &plan->operations[i];

		if (operation->op == OP_REMOVE_MEMBER &&
		    (membership_settle_unwanted(members, plan, options, operation, 'u', fault) < 0 ||
		     membership_settle_unwanted(members, plan, options, operation, 'g', fault) < 0))
			return -1;
		if ((operation->foreign_user &&
		     membership_settle_wanted(members, plan, operation, 'u', match, fault) < 0) ||
		    (operation->foreign_group &&
		     membership_settle_wanted(members, plan, operation, 'g', match, fault) < 0))
			return -1;
	}
	return members->ids.len ? members_drop_what_stays(plan, fault) : 0;
}
