/* SPDX-License-Identifier: ISC */
/*
 * plan_check: what can not all be meant. Two operations contradict each other where one
 * user, one membership or one name is wanted in two ways: each run would do both, and
 * nobody knows which is right.
 */
#include "base/inert.h"
#include "push/names.h"

/* What is wanted of each thing: a key -> the operation that wants it, and how. */
struct plan_checker {
	const struct plan *plan;
	struct names names;
	struct set wishes; /* thing, in words -> place in `wanted` + 1 */
	struct buf wanted; /* place of the operation, and how, in words */
	struct buf key, how;
};

static struct span check_subject(const struct operation *operation)
{
	const struct span names[] = {operation->user_name, operation->user_id, operation->group,
	                             operation->group_id};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].len)
			return names[i];
	return operation->label;
}

/* The thing in checker->key is wanted as checker->how. 0, or -1 where another operation
   wants it otherwise. */
static int check_wish(struct plan_checker *checker, size_t at, struct fault *fault)
{
	const struct operation *operation = &checker->plan->operations[at];
	struct set_entry *entry = NULL;
	struct span older, how;
	size_t place, other;
	bool fresh;

	if (buf_check(&checker->key, fault) == 0 && buf_check(&checker->how, fault) == 0)
		entry = set_take(&checker->wishes, buf_span(&checker->key), &fresh);
	if (!entry)
		return fault_memory(fault);
	if (fresh) {
		entry->value = checker->wanted.len;
		buf_put_sized(&checker->wanted, (struct span){(const char *)&at, sizeof at});
		buf_put_sized(&checker->wanted, buf_span(&checker->how));
		return buf_check(&checker->wanted, fault);
	}
	place = (size_t)entry->value;
	buf_next_sized(&checker->wanted, &place, &older);
	buf_next_sized(&checker->wanted, &place, &how);
	if (span_is(how, buf_span(&checker->how)))
		return 0;
	memcpy(&other, older.data, sizeof other);
	return fault_set(fault, FAULT_DATA, "two operations on '%s' contradict each other: %s and %s",
	                 INERT(check_subject(operation)), op_names[checker->plan->operations[other].op],
	                 op_names[operation->op]);
}

/* What is set on a user, setting by setting. */
static int check_settings(struct plan_checker *checker, size_t at, size_t user, struct fault *fault)
{
	const struct operation *operation = &checker->plan->operations[at];

	for (int setting = 0; setting < SETTINGS; setting++) {
		struct span value = operation->values[setting];

		if (!(operation->set & 1U << setting))
			continue;
		buf_clear(&checker->key);
		buf_clear(&checker->how);
		buf_putf(&checker->key, "user %zu %s", user, setting_names[setting]);
		for (size_t i = 0; i < value.len; i++)
			buf_putc(&checker->how,
			         setting == SET_EMAIL ? ascii_lower(value.data[i]) : value.data[i]);
		if (check_wish(checker, at, fault) < 0)
			return -1;
	}
	return 0;
}

static int check_there(struct plan_checker *checker, size_t at, bool there, struct fault *fault)
{
	buf_clear(&checker->how);
	buf_puts(&checker->how, there ? "there" : "gone");
	return check_wish(checker, at, fault);
}

/* Are the user, the group and the membership to be there, or not? */
static int check_presence(struct plan_checker *checker, size_t at, size_t user, size_t group,
                          struct fault *fault)
{
	const struct operation *operation = &checker->plan->operations[at];
	enum op op = operation->op;
	bool adds = op == OP_ADD_MEMBER;
	bool needs_user = op == OP_PUSH || op == OP_REACTIVATE || adds ||
	                  (op == OP_UPDATE && operation->set & 1U << SET_USER_NAME);
	bool needs_group = op == OP_PUSH_GROUP || op == OP_RENAME_GROUP || adds;

	if (adds || op == OP_REMOVE_MEMBER) {
		buf_clear(&checker->key);
		buf_putf(&checker->key, "user %zu group %zu", user, group);
		if (check_there(checker, at, adds, fault) < 0)
			return -1;
	}
	if (needs_user || op == OP_REMOVE) {
		buf_clear(&checker->key);
		buf_putf(&checker->key, "user %zu", user);
		if (check_there(checker, at, needs_user, fault) < 0)
			return -1;
	}
	if (needs_group || op == OP_REMOVE_GROUP) {
		buf_clear(&checker->key);
		buf_putf(&checker->key, "group %zu", group);
		if (check_there(checker, at, needs_group, fault) < 0)
			return -1;
	}
	return 0;
}

/* The name that an operation gives to a user or group; empty: none. */
static struct span check_given_name(const struct operation *operation, bool *of_user)
{
	*of_user = operation->op == OP_PUSH || operation->op == OP_UPDATE;
	switch (operation->op) {
	case OP_PUSH: return operation->user_name;
	case OP_UPDATE:
		if (operation->set & 1U << SET_USER_NAME)
			return operation->values[SET_USER_NAME];
		break;
	case OP_PUSH_GROUP: return operation->group;
	case OP_RENAME_GROUP: return operation->new_group;
	default: break;
	}
	return (struct span){"", 0};
}

/* Who or what gets a name: one only, in one spelling, and no second name. In a change stream
   each that is made is another one. */
static int check_new_name(struct plan_checker *checker, size_t at, size_t user, size_t group,
                          struct fault *fault)
{
	const struct operation *operation = &checker->plan->operations[at];
	bool made = operation->op == OP_PUSH || operation->op == OP_PUSH_GROUP, of_user;
	struct span name = check_given_name(operation, &of_user);
	size_t number = of_user ? user : group;

	if (!name.len)
		return 0;
	buf_clear(&checker->key);
	buf_clear(&checker->how);
	buf_putf(&checker->key, "%s named ", of_user ? "user" : "group");
	names_put_folded(&checker->key, name);
	buf_put_span(&checker->how, name);
	if (checker->plan->of_changes)
		buf_putf(&checker->how, " %zu", at);
	else if (!made)
		buf_putf(&checker->how, " of %zu", number);
	if (check_wish(checker, at, fault) < 0)
		return -1;
	buf_clear(&checker->key);
	buf_clear(&checker->how);
	buf_putf(&checker->key, "name of %s %zu", of_user ? "user" : "group",
	         names_root(&checker->names, number));
	buf_put_span(&checker->how, name);
	return check_wish(checker, at, fault);
}

int plan_check(const struct plan *plan, struct fault *fault)
{
	struct plan_checker checker = {.plan = plan};
	size_t user = NAMES_NONE, group = NAMES_NONE;
	int result = 0;

	for (size_t i = 0; i < plan->count && result == 0; i++) /* all names first */
		for (int kind = 0; kind < NAMES_KINDS && result == 0; kind++)
			result = names_take(&checker.names, &plan->operations[i], (enum names_kind)kind, &user,
			                    fault);
	for (size_t i = 0; i < plan->count && result == 0; i++) {
		const struct operation *operation = &plan->operations[i];

		if (operation->refusal.len) /* it does nothing */
			continue;
		if (names_take(&checker.names, operation, NAMES_USER, &user, fault) < 0 ||
		    names_take(&checker.names, operation, NAMES_GROUP, &group, fault) < 0) {
			result = -1;
			break;
		}
		result = check_new_name(&checker, i, user, group, fault);
		user = user == NAMES_NONE ? user : names_root(&checker.names, user);
		group = group == NAMES_NONE ? group : names_root(&checker.names, group);
		if (result == 0 && (check_settings(&checker, i, user, fault) < 0 ||
		                    check_presence(&checker, i, user, group, fault) < 0))
			result = -1;
	}
	names_release(&checker.names);
	set_release(&checker.wishes);
	buf_release(&checker.wanted);
	buf_release(&checker.key);
	buf_release(&checker.how);
	return result;
}
