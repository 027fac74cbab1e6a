/* SPDX-License-Identifier: ISC */
/*
 * task_group: asks for a group, and holds one that was found, or not, against what is
 * asked for.
 */
#include "base/inert.h"
#include "base/json_put.h"
#include "push/loss.h"
#include "push/names.h"
#include "push/task_step.h"
#include "scim/scim_page.h"

#include <stdio.h>

static enum task_step group_absent(struct task *task)
{
	enum op op = task->operation->op;
	const char *no_such_group = "the service has no such group";
	struct fault said = task->fault;

	if (op == OP_REMOVE_GROUP || op == OP_REMOVE_MEMBER)
		return task_settle_gone(task, no_such_group);
	if ((task->state == TASK_CHECKING || task->made == TASK_CONFLICT) &&
	    task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (op == OP_PUSH_GROUP && task->made == TASK_NOT_MADE) {
		enum task_step next = task->state == TASK_AWAITING ? task_await(task) : TASK_SEND;

		if (next != TASK_SEND)
			return next;
		dialect_create_group(&task->write, task->operation->group);
		return task_change(task, task->group);
	}
	if (task->made == TASK_MADE)
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the group and does not show it");
	else if (task->made == TASK_CONFLICT)
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service says that the group is there (409) and does not show it%s%.400s",
		          *said.text ? ": " : "", said.text);
	else
		fault_set(&task->fault, FAULT_PROTOCOL, "%s", no_such_group);
	return task_settle_with(task, OUTCOME_FAILED);
}

static bool group_is_touched(struct span name, void *context)
{
	(void)context;
	return span_is_nocase(name, span_of("displayName"));
}

/* Is the name what the operation changes? */
static bool group_keeps_name(struct span name, void *context)
{
	const struct task *task = context;

	(void)name;
	return task->operation->op == OP_RENAME_GROUP;
}

/* What became of the rest of a group by a change. */
struct group_loss {
	struct buf damage; /* what nobody asked for, in words; empty: nothing */
	size_t come;       /* members whom this run did not add */
};

/* Holds it against the group as it was before the first change. `meant`: the ids of those
   who come or go. The caller releases loss->damage. */
static void group_find_loss(struct task *task, yyjson_val *group, const struct set *meant,
                            struct group_loss *loss)
{
	static const char *const identity[] = {"displayName", NULL};
	struct loss_members members = {0};
	struct fault fault = {0};
	yyjson_doc *doc = task->before.len ? json_parse(buf_span(&task->before), NULL, &fault) : NULL;
	yyjson_val *before = yyjson_doc_get_root(doc);
	struct buf lost = {0}, other = {0};

	*loss = (struct group_loss){0};
	if (doc && loss_of_members(&members, before, group, meant, &fault) < 0)
		task_stop_run(task, &fault);
	if (doc) {
		loss_put(&lost, before, group, group_is_touched, NULL);
		loss_put_identity(&other, before, group, identity, true, group_keeps_name, task);
	}
	if (members.gone)
		buf_putf(&lost, "%s%zu other member%s: %s", lost.len ? ", " : "", members.gone,
		         members.gone == 1 ? "" : "s", buf_text(&members.names));
	loss_put_damage(&loss->damage, "the group lost", &lost, &other);
	loss->come = task->before_is_listed ? 0 : members.come; /* a list may show fewer */
	yyjson_doc_free(doc);
	buf_release(&members.names);
	buf_release(&lost);
	buf_release(&other);
}

/* The group is as asked: settled, with what was lost. */
static enum task_step group_settle(struct task *task, struct group_loss *loss)
{
	if (loss->damage.len)
		return task_settle_damage(task, true, &loss->damage);
	if (loss->come)
		snprintf(task->result->why.text, sizeof task->result->why.text,
		         "the group has %zu other new member%s", loss->come, loss->come == 1 ? "" : "s");
	return task_settle_well(task);
}

/* The change was answered; `id` is who comes or goes. The rest of the group is held against what
   it was. `ignored`: the group is not as asked, in words; NULL: it is. */
static enum task_step group_settle_one(struct task *task, yyjson_val *group, struct span id,
                                       const char *ignored)
{
	struct set meant = {0};
	struct group_loss loss;
	enum task_step end;
	bool fresh;

	if (id.len && !set_take(&meant, id, &fresh)) {
		fault_memory(&task->fault);
		return task_stop_run(task, &task->fault);
	}
	group_find_loss(task, group, &meant, &loss);
	if (!ignored)
		end = group_settle(task, &loss);
	else if (loss.damage.len)
		end = task_settle_damage(task, false, &loss.damage);
	else
		end = task_settle_ignored(task, ignored);
	buf_release(&loss.damage);
	set_release(&meant);
	return end;
}

static enum task_step group_rename(struct task *task, yyjson_val *group)
{
	struct span name = SPAN_EMPTY, older = SPAN_EMPTY;
	struct fault ignored = {0};
	char words[INERT_MAX + 64];
	yyjson_doc *doc;

	json_member_text(group, "displayName", &name);
	if (span_is(name, task->operation->new_group))
		return group_settle_one(task, group, span_of(""), NULL);
	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->state == TASK_CHECKING) {
		doc = json_parse(buf_span(&task->before), NULL, &ignored);
		json_member_text(yyjson_doc_get_root(doc), "displayName", &older);
		snprintf(words, sizeof words, "shows the name as '%s'", INERT(name));
		if (span_is(name, older))
			snprintf(words, sizeof words, "left the name as it was");
		yyjson_doc_free(doc);
		return group_settle_one(task, group, span_of(""), words);
	}
	if (task->operation->old_group.len && !task->changes && !task->result->requests.len &&
	    !span_is(name, task->operation->old_group)) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the name is '%s' now, not '%s' as in the older snapshot: compare again",
		          INERT(name), INERT(task->operation->old_group));
		return task_settle_with(task, OUTCOME_FAILED);
	}
	if (!task->changes && !task->result->fields.len) {
		struct buf *fields = &task->result->fields;

		buf_puts(fields, ",\"new_group\":[");
		json_put_string(fields, name);
		buf_putc(fields, ',');
		json_put_string(fields, task->operation->new_group);
		buf_putc(fields, ']');
	}
	task_keep_before(task, group);
	dialect_rename_group(&task->write, task->context->dialect, buf_span(&task->group->id),
	                     task->operation->new_group);
	return task_change(task, NULL);
}

static enum task_step group_remove(struct task *task)
{
	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->state == TASK_CHECKING)
		return task_settle_ignored(task, "left the group as it was");
	dialect_remove(&task->write, "/Groups", buf_span(&task->group->id));
	return task_change(task, NULL);
}

/* Does an empty list of members say nothing: because no list of this service does, or because
   the user was shown with the group? */
static bool group_hides_members(const struct task *task, const struct subject *user)
{
	const struct provider *provider = task->context->service->provider;
	struct span id, group = buf_span(&task->group->id);
	size_t at = 0;

	if (provider->empty_members == EMPTY_IS_NEVER || provider->members == MEMBERS_USERS)
		return true; /* a group that is asked for alone does not show them either */
	while (at < user->groups.len) {
		buf_next_sized(&user->groups, &at, &id);
		if (span_is(id, group))
			return true;
	}
	return false;
}

/* Is the user of `member` one? 1 yes, 0 no, -1: the group does not show it. A group that showed
   its members before the change and shows none now has none (RFC 7643 section 2.5). */
static int group_has_member(const struct task *task, struct task *member, yyjson_val *group,
                            struct span id)
{
	struct fault ignored = {0};
	int is_member = lookup_member(group, id);
	yyjson_doc *doc;

	if (task->state != TASK_CHECKING)
		member->is_hidden = !lookup_shows_members(group) && group_hides_members(task, member->user);
	if (member->is_hidden && is_member == 0)
		return -1;
	if (is_member >= 0 || task->state != TASK_CHECKING || task->operation->op == OP_ADD_MEMBER ||
	    scim_shows(group, "members") || !task->before.len)
		return is_member;
	doc = json_parse(buf_span(&task->before), NULL, &ignored);
	if (lookup_member(yyjson_doc_get_root(doc), id) >= 0)
		is_member = 0;
	yyjson_doc_free(doc);
	return is_member;
}

static enum task_step group_change_member(struct task *task, yyjson_val *group)
{
	bool add = task->operation->op == OP_ADD_MEMBER;
	struct span id = buf_span(&task->user->id);
	int is_member = group_has_member(task, task, group, id);

	if (is_member == add)
		return group_settle_one(task, group, id, NULL);
	if (task->state == TASK_CHECKING && is_member < 0) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service answered %ld and does not show members, so it is not proved",
		          task->result->status);
		return task_settle_with(task, OUTCOME_FAILED);
	}
	if (task->state == TASK_CHECKING && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	if (task->state == TASK_CHECKING)
		return group_settle_one(task, group, id, "left the members as they were");
	task_keep_before(task, group);
	dialect_member(&task->write, task->context->dialect, add, buf_span(&task->group->id), id,
	               task->operation->user_name);
	return task_change(task, NULL);
}

/* Settles those of a bundle for whom the group is as asked, and keeps the others. */
static void group_settle_shown(struct bundle *bundle, yyjson_val *group, const bool *is_so,
                               struct group_loss *loss)
{
	bool add = bundle->task.operation->op == OP_ADD_MEMBER;
	size_t kept = 0;

	group_find_loss(&bundle->task, group, &bundle->ids, loss);
	for (size_t i = 0; i < bundle->count; i++) {
		struct task *member = bundle->members[i];

		if (!is_so[i]) {
			bundle->members[kept++] = member;
			continue;
		}
		if (add && member->user->state != SUBJECT_KNOWN)
			task_know(member->user, member->operation->user_id);
		group_settle(member, loss);
	}
	bundle->count = kept;
}

static void group_plan_all(struct bundle *bundle)
{
	struct task *task = &bundle->task;
	bool add = task->operation->op == OP_ADD_MEMBER;

	for (size_t i = 0; i < bundle->count; i++) {
		struct task *member = bundle->members[i];

		dialect_member(&member->write, task->context->dialect, add, buf_span(&task->group->id),
		               task_user_id(member), member->operation->user_name);
		task_change(member, NULL);
	}
	bundle->count = 0;
}

/* Asks for all that are left, as far as --max-changes allows. */
static enum task_step group_send_all(struct bundle *bundle, yyjson_val *group)
{
	struct task *task = &bundle->task;
	enum dialect dialect = task->context->dialect;
	bool add = task->operation->op == OP_ADD_MEMBER;
	size_t kept = 0;

	for (size_t i = 0; i < bundle->count; i++)
		if (task_may_change(bundle->members[i]))
			bundle->members[kept++] = bundle->members[i];
	bundle->count = bundle->sent = kept;
	if (!kept)
		return task_settle(task, OUTCOME_SKIPPED);
	task_keep_before(task, group);
	dialect_begin_members(&task->write, dialect, add, buf_span(&task->group->id));
	for (size_t i = 0; i < kept; i++)
		dialect_put_member(&task->write, dialect, add, task_user_id(bundle->members[i]),
		                   bundle->members[i]->operation->user_name);
	dialect_end_members(&task->write, dialect, add);
	return TASK_SEND;
}

/* The same for all of a bundle. */
static enum task_step group_change_members(struct bundle *bundle, yyjson_val *group)
{
	struct task *task = &bundle->task;
	bool add = task->operation->op == OP_ADD_MEMBER;
	bool checking = task->state == TASK_CHECKING, is_so[BUNDLE_MAX];
	size_t open = 0, not_shown = 0;
	struct group_loss loss;
	enum task_step end = TASK_SEND;

	for (size_t i = 0; i < bundle->count; i++) {
		struct task *member = bundle->members[i];
		int is_member = group_has_member(task, member, group, task_user_id(member));

		is_so[i] = is_member == add;
		if (!bundle->sent)
			bundle->members[i]->result->status = task->result->status;
		open += !is_so[i];
		not_shown += is_member < 0;
	}
	if (checking && open && !not_shown && task_look_later(task) == TASK_LOOK_AGAIN)
		return TASK_LOOK_AGAIN;
	group_settle_shown(bundle, group, is_so, &loss);
	if (!bundle->count) {
		end = task_settle(task, OUTCOME_DONE);
	} else if (checking && not_shown) {
		fault_set(&task->fault, FAULT_PROTOCOL,
		          "the service answered %ld and does not show members, so it is not proved",
		          task->result->status);
		end = task_settle_with(task, OUTCOME_FAILED);
	} else if (checking && loss.damage.len) { /* not once more to a service that does that */
		end = task_settle_damage(task, false, &loss.damage);
	} else if (checking && bundle->sent == 1) {
		end = task_settle_ignored(task, "left the members as they were");
	} else if (checking || (bundle->sent > 1 && task->result->status == 500)) {
		end = task_part(task);
	} else if (!task->context->apply) {
		group_plan_all(bundle);
		end = task_settle(task, OUTCOME_PLANNED);
	}
	buf_release(&loss.damage);
	return end == TASK_SEND ? group_send_all(bundle, group) : end;
}

/* The group that is to be there is. */
static enum task_step group_push(struct task *task, yyjson_val *group)
{
	struct span name;

	if (!json_member_text(group, "displayName", &name) || span_is(name, task->operation->group))
		return task_settle_well(task);
	if (task->made == TASK_MADE && !names_are_same(name, task->operation->group)) {
		fault_set(&task->fault, FAULT_PROTOCOL, "the service made the group under the name '%s'",
		          INERT(name));
		return task_settle_with(task, OUTCOME_FAILED);
	}
	snprintf(task->result->why.text, sizeof task->result->why.text,
	         "the service calls the group '%s'", INERT(name));
	return task_settle_well(task);
}

enum task_step task_take_group(struct task *task, const struct reply *reply)
{
	struct span asked = task_id_of(task->group, task->operation->group_id);
	yyjson_val *group;

	switch (task_take_answer(task, reply, true)) {
	case TASK_SHOWN: break;
	case TASK_ABSENT: return group_absent(task);
	case TASK_DOUBTFUL: return task->made == TASK_MADE ? group_absent(task) : TASK_CONFIRM_GROUP;
	default: return TASK_END;
	}
	group = yyjson_doc_get_root(reply->doc);
	if (!task_keep_found(task, task->group, reply, group, asked))
		return TASK_END;
	switch (task->operation->op) {
	case OP_PUSH_GROUP: return group_push(task, group);
	case OP_RENAME_GROUP: return group_rename(task, group);
	case OP_REMOVE_GROUP: return group_remove(task);
	default:
		return task->bundle ? group_change_members(task->bundle, group)
		                    : group_change_member(task, group);
	}
}

static struct span group_name_at(const struct task *task, enum task_step step)
{
	return step == TASK_FIND_RENAMED_GROUP ? task->operation->new_group : task->operation->group;
}

enum task_step task_take_groups(struct task *task, const struct reply *reply)
{
	enum op op = task->operation->op;
	yyjson_val *group = NULL;
	int found;

	if (task_take_answer(task, reply, false) != TASK_SHOWN)
		return TASK_END;
	found = lookup_group(yyjson_doc_get_root(reply->doc), group_name_at(task, task->step), &group,
	                     &task->fault);
	if (found < 0)
		return task_settle_unknown(task);
	if (found == 0 && op == OP_RENAME_GROUP && task->step == TASK_FIND_GROUP)
		return TASK_FIND_RENAMED_GROUP;
	if (found && task_is_freed(task, group))
		return task->context->apply ? task_settle_not_freed(task) : group_absent(task);
	if (found == 0)
		return group_absent(task);
	if (!task_keep_found(task, task->group, reply, group, span_of("")))
		return TASK_END;
	/* whom a list shows is a member; whom it does not show may be one all the same */
	if (task->bundle && op == OP_ADD_MEMBER && lookup_shows_members(group)) {
		task->before_is_listed = true;
		return group_change_members(task->bundle, group);
	}
	return op == OP_PUSH_GROUP ? group_push(task, group) : TASK_READ_GROUP;
}

static enum task_step group_ask_by_name(struct task *task, enum task_step step)
{
	struct buf target = {0};

	lookup_put_group_query(&target, task->context->dialect, group_name_at(task, step));
	preset_put_group_query(&target, task->context->service->provider);
	return task_ask(task, &target, step);
}

enum task_step task_ask_renamed_group(struct task *task)
{
	return group_ask_by_name(task, TASK_FIND_RENAMED_GROUP);
}

enum task_step task_ask_group(struct task *task)
{
	struct span id = task_id_of(task->group, task->operation->group_id);

	return id.len ? task_ask_one(task, "/Groups", id, TASK_READ_GROUP)
	              : group_ask_by_name(task, TASK_FIND_GROUP);
}

enum task_step task_ask_group_list(struct task *task)
{
	struct span id = task_id_of(task->group, task->operation->group_id);
	struct span name = task->operation->group;
	struct buf target = {0};

	if (!name.len)
		name = buf_span(&task->group->name);
	if (name.len)
		lookup_put_group_query(&target, task->context->dialect, name);
	else
		lookup_put_id_query(&target, "/Groups", id);
	preset_put_group_query(&target, task->context->service->provider);
	return task_ask(task, &target, TASK_CONFIRM_GROUP);
}

enum task_step task_confirm_group(struct task *task, const struct reply *reply)
{
	struct span id = task_id_of(task->group, task->operation->group_id);

	return task_take_confirmation(task, reply, id) == 0 ? group_absent(task) : TASK_END;
}
