/* SPDX-License-Identifier: ISC */
/*
 * directory: the records, how they are read, and the operations on them.
 *
 * One line of a data file, the members of an "add-user" operation and what
 * generate.c invents are the same JSON and take the same way in. A member
 * name that is not known is refused, so that a test with a typing mistake
 * fails where the mistake is. The operations are the table at the end.
 */
#include "directory.h"

#include "index.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const service_names[SERVICES] = {"rudderstack", "stripe", "scalr", "scim"};
static const char *const kind_names[KINDS] = {"user", "group", "service"};

enum { OF_USER = 1 << USER, OF_GROUP = 1 << GROUP, OF_SERVICE = 1 << SERVICE_ACCOUNT };

static const struct field {
	const char *key;
	size_t at;
	unsigned kinds;
} fields[] = {
	{"id", offsetof(struct record, id), OF_USER | OF_GROUP | OF_SERVICE},
	{"user_name", offsetof(struct record, name), OF_USER},
	{"name", offsetof(struct record, name), OF_GROUP | OF_SERVICE},
	{"display_name", offsetof(struct record, display_name), OF_USER},
	{"given_name", offsetof(struct record, given_name), OF_USER},
	{"family_name", offsetof(struct record, family_name), OF_USER},
	{"email", offsetof(struct record, email), OF_USER | OF_SERVICE},
	{"external_id", offsetof(struct record, external_id), OF_USER | OF_GROUP},
	{"role", offsetof(struct record, role), OF_USER},
	{"description", offsetof(struct record, description), OF_GROUP | OF_SERVICE},
	{"status", offsetof(struct record, status), OF_USER | OF_SERVICE},
	{"last_login_at", offsetof(struct record, last_login_at), OF_USER},
};
static const size_t field_count = sizeof(fields) / sizeof(fields[0]);

static char **text_at(struct record *record, const struct field *field)
{
	return (char **)(void *)((char *)record + field->at);
}

static void record_free(struct record *record)
{
	for (size_t i = 0; i < field_count; i++)
		if (fields[i].kinds & 1u << record->kind)
			free(*text_at(record, &fields[i]));
	for (size_t i = 0; i < record->member_count; i++)
		free(record->members[i]);
	free(record->members);
	yyjson_mut_doc_free(record->raw);
	free(record);
}

static int compare_ids(const void *left, const void *right)
{
	const struct record *a = left, *b = right;

	return a->kind != b->kind ? (a->kind > b->kind) - (a->kind < b->kind) : strcmp(a->id, b->id);
}

/* A string, or a number by its exact text; NULL for anything else. */
static const char *value_text(yyjson_val *value)
{
	return yyjson_is_raw(value) ? yyjson_get_raw(value) : yyjson_get_str(value);
}

static int read_members(struct record *record, yyjson_val *list, struct why *why)
{
	size_t i, count;
	yyjson_val *member;

	if (!yyjson_is_arr(list))
		return refuse(why, "'members' is no array");
	record->members = room_for(NULL, yyjson_arr_size(list), sizeof(char *));
	yyjson_arr_foreach(list, i, count, member) {
		if (!value_text(member))
			return refuse(why, "a member is no string");
		record->members[record->member_count++] = text_copy(value_text(member));
	}
	return 0;
}

static int read_only(struct record *record, yyjson_val *list, struct why *why)
{
	size_t i, count;
	yyjson_val *name;

	if (!yyjson_is_arr(list))
		return refuse(why, "'only' is no array");
	record->shown_by = 0;
	yyjson_arr_foreach(list, i, count, name) {
		size_t service = 0;

		while (service < SERVICES && !yyjson_equals_str(name, service_names[service]))
			service++;
		if (service == SERVICES)
			return refuse(why, "'only' names an unknown service");
		record->shown_by |= 1u << service;
	}
	return 0;
}

static int read_raw(struct record *record, yyjson_val *resource, struct why *why)
{
	const char *key = record->kind == USER ? "userName" : "displayName";

	if (!yyjson_is_obj(resource))
		return refuse(why, "'raw' is no object");
	record->raw = yyjson_mut_doc_new(NULL);
	yyjson_mut_doc_set_root(record->raw, yyjson_val_mut_copy(record->raw, resource));
	if (!record->id)
		record->id = text_copy(value_text(yyjson_obj_get(resource, "id")));
	if (!record->name)
		record->name = text_copy(value_text(yyjson_obj_get(resource, key)));
	if (!record->id)
		record->id = text_copy("");
	return 0;
}

static int read_text(struct record *record, const char *key, yyjson_val *value, struct why *why)
{
	for (size_t i = 0; i < field_count; i++) {
		if (strcmp(fields[i].key, key) != 0 || !(fields[i].kinds & 1u << record->kind))
			continue;
		if (!value_text(value) && !yyjson_is_null(value))
			return refuse(why, "'%s' is no string", key);
		free(*text_at(record, &fields[i]));
		*text_at(record, &fields[i]) = text_copy(value_text(value));
		return 0;
	}
	return refuse(why, "a %s has no '%s'", kind_names[record->kind], key);
}

static int read_member(struct record *record, const char *key, yyjson_val *value, struct why *why)
{
	if (strcmp(key, "kind") == 0 || strcmp(key, "op") == 0)
		return 0;
	if (strcmp(key, "only") == 0)
		return read_only(record, value, why);
	if (strcmp(key, "raw") == 0 && record->kind != SERVICE_ACCOUNT)
		return read_raw(record, value, why);
	if (strcmp(key, "members") == 0 && record->kind == GROUP && !record->members)
		return read_members(record, value, why);
	if (strcmp(key, "active") == 0 && record->kind != GROUP) {
		record->active = yyjson_is_true(value);
		return yyjson_is_bool(value) ? 0 : refuse(why, "'active' is no boolean");
	}
	return read_text(record, key, value, why);
}

/* What a line leaves open: a status and `active` follow from each other. */
static int complete(struct record *record, yyjson_val *object, struct why *why)
{
	if (!record->id || (!*record->id && !record->raw))
		return refuse(why, "no 'id'");
	if (!record->name && !record->raw)
		return refuse(why, "no '%s'", record->kind == USER ? "user_name" : "name");
	if (record->status && !yyjson_obj_get(object, "active"))
		record->active = strcmp(record->status, "Inactive") != 0;
	if (!record->status && record->kind != GROUP)
		record->status = text_copy(record->active ? "Active" : "Inactive");
	if (record->kind == USER && !record->email && record->name && strchr(record->name, '@'))
		record->email = text_copy(record->name);
	return 0;
}

static int put(struct directory *directory, enum kind kind, yyjson_val *object, bool first,
               struct why *why)
{
	struct records *all = &directory->all[kind];
	struct record *record = room_for(NULL, 1, sizeof(*record));
	yyjson_val *key, *value;
	size_t i, count;

	*record = (struct record){.kind = kind, .shown_by = (1u << SERVICES) - 1, .active = true};
	yyjson_obj_foreach(object, i, count, key, value) {
		if (read_member(record, yyjson_get_str(key), value, why))
			goto refused;
	}
	if (complete(record, object, why))
		goto refused;
	if (*record->id && !record->raw && directory_find(directory, kind, record->id)) {
		refuse(why, "there is a %s '%s' already", kind_names[kind], record->id);
		goto refused;
	}
	/* Of raw resources that share an id the first one is found by it. */
	if (*record->id && !tsearch(record, &directory->by_id, compare_ids))
		give_up("out of memory");
	record->serial = ++directory->last_serial[kind];
	if ((all->count & (all->count - 1)) == 0)
		all->at = room_for(all->at, all->count ? 2 * all->count : 1, sizeof(*all->at));
	if (first && all->count)
		memmove(all->at + 1, all->at, all->count * sizeof(*all->at));
	all->at[first ? 0 : all->count] = record;
	all->count++;
	directory_touch(directory);
	return 0;
refused:
	record_free(record);
	return -1;
}

int directory_put(struct directory *directory, const char *json, bool first, struct why *why)
{
	yyjson_doc *doc = yyjson_read(json, strlen(json), YYJSON_READ_NUMBER_AS_RAW);
	yyjson_val *object = yyjson_doc_get_root(doc);
	size_t kind = 0;
	int result;

	while (kind < KINDS && !yyjson_equals_str(yyjson_obj_get(object, "kind"), kind_names[kind]))
		kind++;
	if (!yyjson_is_obj(object))
		result = refuse(why, "this is no JSON object");
	else if (kind == KINDS)
		result = refuse(why, "'kind' is not user, group or service");
	else
		result = put(directory, (enum kind)kind, object, first, why);
	yyjson_doc_free(doc);
	return result;
}

int directory_read(struct directory *directory, const char *path, struct why *why)
{
	FILE *file = fopen(path, "r");
	struct why cause;
	char *line = NULL;
	size_t size = 0, number = 0;
	int result = 0;

	if (!file)
		return refuse(why, "%s: %s", path, strerror(errno));
	while (result == 0 && getline(&line, &size, file) >= 0) {
		number++;
		if (line[strspn(line, " \t\r\n")] && directory_put(directory, line, false, &cause))
			result = refuse(why, "%s: line %zu: %.160s", path, number, cause.text);
	}
	if (ferror(file))
		result = refuse(why, "%s: %s", path, strerror(errno));
	free(line);
	fclose(file);
	return result;
}

static void forget(void *record)
{
	(void)record;
}

void directory_release(struct directory *directory)
{
	directory_touch(directory);
	tdestroy(directory->by_id, forget);
	for (size_t kind = 0; kind < KINDS; kind++) {
		for (size_t i = 0; i < directory->all[kind].count; i++)
			record_free(directory->all[kind].at[i]);
		free(directory->all[kind].at);
	}
	*directory = (struct directory){0};
}

struct record *directory_find(struct directory *directory, enum kind kind, const char *id)
{
	struct record wanted = {.kind = kind, .id = (char *)id};
	struct record **found = tfind(&wanted, &directory->by_id, compare_ids);

	return found ? *found : NULL;
}

struct record *directory_find_serial(struct directory *directory, enum kind kind, long serial)
{
	const struct records *all = &directory->all[kind];

	for (size_t i = 0; i < all->count; i++)
		if (serial > 0 && all->at[i]->serial == (unsigned long)serial)
			return all->at[i];
	return NULL;
}

struct record *directory_find_member(struct directory *directory, const char *id)
{
	struct record *user = directory_find(directory, USER, id);

	return user ? user : directory_find(directory, GROUP, id);
}

bool record_drop_member(struct record *group, const char *id)
{
	for (size_t i = 0; i < group->member_count; i++) {
		if (strcmp(group->members[i], id) != 0)
			continue;
		free(group->members[i]);
		group->member_count--;
		memmove(group->members + i, group->members + i + 1,
		        (group->member_count - i) * sizeof(char *));
		group->revision++;
		return true;
	}
	return false;
}

int directory_remove(struct directory *directory, enum kind kind, const char *id, struct why *why)
{
	struct record *record = directory_find(directory, kind, id);
	struct records *all = &directory->all[kind], *groups = &directory->all[GROUP];
	size_t i = 0;

	if (!record)
		return refuse(why, "there is no %s '%s'", kind_names[kind], id);
	tdelete(record, &directory->by_id, compare_ids);
	while (all->at[i] != record)
		i++;
	/* Room grows at powers of two, which a shrunken array meets again. */
	all->count--;
	memmove(all->at + i, all->at + i + 1, (all->count - i) * sizeof(*all->at));
	if (!directory_find_member(directory, record->id))
		for (i = 0; i < groups->count; i++)
			record_drop_member(groups->at[i], record->id);
	record_free(record);
	directory_touch(directory);
	return 0;
}

/* The text of a member of an operation; check() has seen that it is there. */
static const char *text_of(yyjson_val *operation, const char *key)
{
	return value_text(yyjson_obj_get(operation, key));
}

static struct record *named(struct directory *directory, enum kind kind, yyjson_val *operation,
                            const char *key, struct why *why)
{
	const char *id = text_of(operation, key);
	struct record *record = directory_find(directory, kind, id);

	if (!record)
		refuse(why, "there is no %s '%s'", kind_names[kind], id);
	return record;
}

static int add_user(struct directory *directory, yyjson_val *operation, struct why *why)
{
	return put(directory, USER, operation, false, why);
}

static int add_group(struct directory *directory, yyjson_val *operation, struct why *why)
{
	return put(directory, GROUP, operation, false, why);
}

static int remove_user(struct directory *directory, yyjson_val *operation, struct why *why)
{
	return directory_remove(directory, USER, text_of(operation, "id"), why);
}

static int remove_group(struct directory *directory, yyjson_val *operation, struct why *why)
{
	return directory_remove(directory, GROUP, text_of(operation, "id"), why);
}

static int replace(char **text, struct record *record, const char *new_text)
{
	free(*text);
	*text = text_copy(new_text);
	record->revision++;
	return 0;
}

static int rename_user(struct directory *directory, yyjson_val *operation, struct why *why)
{
	struct record *user = named(directory, USER, operation, "id", why);

	return user ? replace(&user->display_name, user, text_of(operation, "display_name")) : -1;
}

static int rename_group(struct directory *directory, yyjson_val *operation, struct why *why)
{
	struct record *group = named(directory, GROUP, operation, "id", why);

	return group ? replace(&group->name, group, text_of(operation, "name")) : -1;
}

/* Service accounts can be switched on and off as well as users. */
static int set_active(struct directory *directory, yyjson_val *operation, bool active,
                      struct why *why)
{
	struct record *record = directory_find(directory, USER, text_of(operation, "id"));

	if (!record)
		record = directory_find(directory, SERVICE_ACCOUNT, text_of(operation, "id"));
	if (!record)
		return refuse(why, "there is no account '%s'", text_of(operation, "id"));
	record->active = active;
	return replace(&record->status, record, active ? "Active" : "Inactive");
}

static int deactivate(struct directory *directory, yyjson_val *operation, struct why *why)
{
	return set_active(directory, operation, false, why);
}

static int activate(struct directory *directory, yyjson_val *operation, struct why *why)
{
	return set_active(directory, operation, true, why);
}

static int join(struct record *group, const char *id, struct why *why)
{
	for (size_t i = 0; i < group->member_count; i++)
		if (strcmp(group->members[i], id) == 0)
			return refuse(why, "'%s' is in '%s' already", id, group->id);
	group->members = room_for(group->members, group->member_count + 1, sizeof(char *));
	group->members[group->member_count++] = text_copy(id);
	group->revision++;
	return 0;
}

static int leave(struct record *group, const char *id, struct why *why)
{
	return record_drop_member(group, id) ? 0 : refuse(why, "'%s' is not in '%s'", id, group->id);
}

static int add_member(struct directory *directory, yyjson_val *operation, struct why *why)
{
	struct record *group = named(directory, GROUP, operation, "group", why);

	return group ? join(group, text_of(operation, "member"), why) : -1;
}

static int remove_member(struct directory *directory, yyjson_val *operation, struct why *why)
{
	struct record *group = named(directory, GROUP, operation, "group", why);

	return group ? leave(group, text_of(operation, "member"), why) : -1;
}

static int move_member(struct directory *directory, yyjson_val *operation, struct why *why)
{
	struct record *from = named(directory, GROUP, operation, "from", why);
	struct record *to = from ? named(directory, GROUP, operation, "to", why) : NULL;
	const char *member = text_of(operation, "member");

	if (!to || join(to, member, why))
		return -1;
	if (leave(from, member, why) == 0)
		return 0;
	record_drop_member(to, member);
	return -1;
}

static const struct operation {
	const char *name;
	const char *members[3]; /* all of them must be there, and nothing else */
	int (*run)(struct directory *directory, yyjson_val *operation, struct why *why);
} operations[] = {
	{"add-user", {NULL}, add_user}, /* the members of a user's line */
	{"add-group", {NULL}, add_group},
	{"rename-user", {"id", "display_name"}, rename_user},
	{"rename-group", {"id", "name"}, rename_group},
	{"deactivate", {"id"}, deactivate},
	{"activate", {"id"}, activate},
	{"remove-user", {"id"}, remove_user},
	{"remove-group", {"id"}, remove_group},
	{"add-member", {"group", "member"}, add_member},
	{"remove-member", {"group", "member"}, remove_member},
	{"move", {"member", "from", "to"}, move_member},
};

static int check(const struct operation *row, yyjson_val *operation, struct why *why)
{
	size_t known = 0;

	for (; known < 3 && row->members[known]; known++)
		if (!text_of(operation, row->members[known]))
			return refuse(why, "%s: no '%s'", row->name, row->members[known]);
	if (known && yyjson_obj_size(operation) != known + 1)
		return refuse(why, "%s: members that it does not know", row->name);
	return 0;
}

int directory_apply(struct directory *directory, yyjson_val *operation, struct why *why)
{
	const char *name = text_of(operation, "op");

	for (size_t i = 0; name && i < sizeof(operations) / sizeof(operations[0]); i++) {
		if (strcmp(operations[i].name, name) != 0)
			continue;
		if (check(&operations[i], operation, why))
			return -1;
		directory_touch(directory);
		return operations[i].run(directory, operation, why);
	}
	return refuse(why, "there is no operation '%s'", name ? name : "");
}
