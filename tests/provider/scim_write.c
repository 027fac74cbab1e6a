/* SPDX-License-Identifier: ISC */
/*
 * scim_write: POST, PUT, PATCH and DELETE of users and groups (RFC 7644 sections
 * 3.3 and 3.5), with what each service makes of them.
 *
 * RudderStack keeps the row of who is deactivated, changes no address, removes
 * nobody and has no groups to write. Stripe drops who is deactivated or deleted,
 * changes no address and no group name. The plain service does everything; a PUT
 * there takes away what its body does not have.
 */
#include "scim.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SCIM_JSON "application/scim+json"

/* The attributes of a resource and where a record has them. */
static const struct attribute {
	const char *name;
	size_t at;
	enum kind kind;
	bool address;   /* no service but the plain one changes it */
	bool everybody; /* RudderStack and Stripe keep it, too */
} attributes[] = {
	{"userName", offsetof(struct record, name), USER, true, true},
	{"emails", offsetof(struct record, email), USER, true, false},
	{"displayName", offsetof(struct record, display_name), USER, false, true},
	{"name.givenName", offsetof(struct record, given_name), USER, false, false},
	{"name.familyName", offsetof(struct record, family_name), USER, false, false},
	{"externalId", offsetof(struct record, external_id), USER, false, false},
	{"displayName", offsetof(struct record, name), GROUP, true, true},
	{"externalId", offsetof(struct record, external_id), GROUP, false, false},
};
static const size_t attribute_count = sizeof(attributes) / sizeof(attributes[0]);

/* A change that is being made; `failed` once an error was answered. */
struct change {
	struct call *call;
	struct record *record;
	bool failed, dropped;
};

static void fail(struct change *change, unsigned status, const char *type, const char *detail)
{
	scim_error(change->call, status, type, detail);
	change->failed = true;
}

static bool is_ignored(const struct change *change, const char *name)
{
	return on(change->call, IGNORE_WRITES) || is_set_to(change->call, IGNORE_ATTRIBUTE, name);
}

static void set_text(struct change *change, const struct attribute *attribute, const char *text)
{
	struct record *record = change->record;
	char **place = (char **)(void *)((char *)record + attribute->at);
	bool same = text && *place ? strcmp(text, *place) == 0 : text == *place;

	if (same || is_ignored(change, attribute->name))
		return;
	if (change->call->service != SCIM && !attribute->everybody && !attribute->address)
		return; /* not one of its attributes */
	if (change->call->service == STRIPE && strcmp(attribute->name, "emails") == 0)
		return;
	if (change->call->service != SCIM && attribute->address) {
		if (!on(change->call, IGNORE_ADDRESS))
			fail(change, 400, "mutability", "This attribute can not be changed.");
		return;
	}
	free(*place);
	*place = text_copy(text);
	record->revision++;
}

static void set_active(struct change *change, yyjson_val *value)
{
	struct record *record = change->record;
	const char *text = yyjson_get_str(value);
	bool active = yyjson_is_true(value) || (text && strcasecmp(text, "true") == 0);

	if (!yyjson_is_bool(value) && !text) {
		fail(change, 400, "invalidValue", "active is no boolean.");
		return;
	}
	if (is_ignored(change, "active"))
		return;
	if (change->call->service == STRIPE && !active)
		change->dropped = true;
	if (record->active == active)
		return;
	record->active = active;
	free(record->status);
	record->status = text_copy(active ? "Active" : "Inactive");
	record->revision++;
}

/* The address of an array of emails: the primary one, else the first. */
static const char *email_of(yyjson_val *emails)
{
	const char *found = NULL;
	yyjson_val *item;
	size_t i, max;

	yyjson_arr_foreach(emails, i, max, item)
		if (!found || yyjson_is_true(yyjson_obj_get(item, "primary")))
			found = yyjson_get_str(yyjson_obj_get(item, "value"));
	return found;
}

/* ---- members ---- */

static const char *member_id(const struct change *change, yyjson_val *member)
{
	const char *shown = yyjson_get_str(yyjson_obj_get(member, "value"));
	struct record *record = shown ? scim_find(change->call, USER, shown) : NULL;

	if (shown && !record)
		record = scim_find(change->call, GROUP, shown);
	return record ? record->id : NULL;
}

static void join(struct change *change, yyjson_val *member)
{
	struct record *group = change->record;
	const char *id = member_id(change, member);

	for (size_t i = 0; i < group->member_count; i++)
		if (strcmp(group->members[i], id) == 0)
			return;
	group->members = room_for(group->members, group->member_count + 1, sizeof(char *));
	group->members[group->member_count++] = text_copy(id);
	group->revision++;
}

static void change_members(struct change *change, bool remove, yyjson_val *list)
{
	yyjson_val *member;
	size_t i, max;

	if (is_ignored(change, "members"))
		return;
	/* all of it or nothing, RFC 7644 section 3.5.2 */
	yyjson_arr_foreach(list, i, max, member)
		if (!remove && !member_id(change, member)) {
			fail(change, 400, "invalidValue", "There is no such member.");
			return;
		}
	yyjson_arr_foreach(list, i, max, member) {
		const char *id = member_id(change, member);

		if (!remove)
			join(change, member);
		else if (id)
			record_drop_member(change->record, id);
	}
}

static void replace_members(struct change *change, yyjson_val *list)
{
	if (is_ignored(change, "members"))
		return;
	while (change->record->member_count)
		record_drop_member(change->record, change->record->members[0]);
	change_members(change, false, list);
}

/* ---- PATCH ---- */

static const struct attribute *attribute_of(enum kind kind, const char *path)
{
	if (kind == USER && strncasecmp(path, "emails", 6) == 0)
		path = "emails";
	for (size_t i = 0; i < attribute_count; i++)
		if (attributes[i].kind == kind && strcasecmp(attributes[i].name, path) == 0)
			return &attributes[i];
	return NULL;
}

static void set_path(struct change *change, const char *path, yyjson_val *value)
{
	const struct attribute *attribute = attribute_of(change->record->kind, path);

	if (change->record->kind == USER && strcasecmp(path, "active") == 0)
		set_active(change, value);
	else if (attribute)
		set_text(change, attribute, yyjson_is_arr(value) ? email_of(value) : yyjson_get_str(value));
	else if (strcasecmp(path, "id") != 0)
		fail(change, 400, "invalidPath", "There is no such attribute.");
}

/* members[value eq "ID"] */
static void leave_by_path(struct change *change, const char *path)
{
	const char *from = strchr(path, '"');
	char *shown = from ? text_format("%.*s", (int)strcspn(from + 1, "\""), from + 1) : NULL;
	struct record *member = shown ? scim_find(change->call, USER, shown) : NULL;

	if (!from)
		fail(change, 400, "invalidPath", "This path is not understood.");
	else if (member && !is_ignored(change, "members"))
		record_drop_member(change->record, member->id);
	free(shown);
}

static void patch_one(struct change *change, yyjson_val *operation)
{
	const char *op = yyjson_get_str(yyjson_obj_get(operation, "op"));
	const char *path = yyjson_get_str(yyjson_obj_get(operation, "path"));
	yyjson_val *value = yyjson_obj_get(operation, "value"), *key, *item;
	bool remove = op && strcasecmp(op, "remove") == 0;
	bool members = path && change->record->kind == GROUP && strncasecmp(path, "members", 7) == 0;
	size_t i, max;

	if (!op || (!remove && strcasecmp(op, "add") != 0 && strcasecmp(op, "replace") != 0))
		fail(change, 400, "invalidSyntax", "op is not add, replace or remove.");
	else if (members && path[7] == '[')
		leave_by_path(change, path);
	else if (members && strcasecmp(op, "replace") == 0)
		replace_members(change, value);
	else if (members)
		change_members(change, remove, value);
	else if (path)
		set_path(change, path, remove ? NULL : value);
	else
		yyjson_obj_foreach(value, i, max, key, item)
			set_path(change, yyjson_get_str(key), item);
}

/* How many members a PATCH names. */
static long members_named(yyjson_val *operations)
{
	yyjson_val *operation;
	size_t i, max, count = 0;

	yyjson_arr_foreach(operations, i, max, operation) {
		yyjson_val *value = yyjson_obj_get(operation, "value");

		count += yyjson_is_arr(value) ? yyjson_arr_size(value) : 1;
	}
	return (long)count;
}

static void patch(struct change *change, yyjson_val *body)
{
	yyjson_val *operations = yyjson_obj_get(body, "Operations"), *operation;
	size_t i, max;

	if (on(change->call, NO_PATCH))
		fail(change, 501, NULL, "PATCH is not supported.");
	else if (!yyjson_is_arr(operations))
		fail(change, 400, "invalidSyntax", "There are no Operations.");
	else if (change->record->kind == GROUP && on(change->call, MEMBERS_AT_ONCE) &&
	         members_named(operations) > change->call->switches->at[MEMBERS_AT_ONCE].number)
		fail(change, 400, "tooMany", "Too many members in one request.");
	yyjson_arr_foreach(operations, i, max, operation)
		if (!change->failed)
			patch_one(change, operation);
}

/* ---- PUT ---- */

static yyjson_val *member_at(yyjson_val *body, const char *name)
{
	const char *dot = strchr(name, '.');

	return dot ? yyjson_obj_get(yyjson_obj_get(body, "name"), dot + 1) : yyjson_obj_get(body, name);
}

static void put(struct change *change, yyjson_val *body)
{
	enum kind kind = change->record->kind;

	if (!yyjson_is_obj(body)) {
		fail(change, 400, "invalidSyntax", "The body is no JSON object.");
		return;
	}
	for (size_t i = 0; i < attribute_count && !change->failed; i++) {
		yyjson_val *value = member_at(body, attributes[i].name);

		if (attributes[i].kind == kind && (value || change->call->service == SCIM))
			set_text(change, &attributes[i],
			         yyjson_is_arr(value) ? email_of(value) : yyjson_get_str(value));
	}
	if (!change->failed && kind == USER && yyjson_obj_get(body, "active"))
		set_active(change, yyjson_obj_get(body, "active"));
	if (!change->failed && kind == GROUP && yyjson_is_arr(yyjson_obj_get(body, "members")))
		replace_members(change, yyjson_obj_get(body, "members"));
}

/* ---- POST ---- */

static void put_member(yyjson_mut_doc *doc, yyjson_mut_val *line, const char *key, const char *text)
{
	if (text)
		yyjson_mut_obj_add_strcpy(doc, line, key, text);
}

static char *line_of(const struct change *change, enum kind kind, yyjson_val *body)
{
	static const char *const keys[] = {"user_name",   "email",       "display_name", "given_name",
	                                   "family_name", "external_id", "name",         "external_id"};
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *line = yyjson_mut_obj(doc);
	const struct directory *directory = change->call->directory;
	char *id = text_format("new-%lu", directory->last_serial[kind] + 1), *text;

	yyjson_mut_doc_set_root(doc, line);
	yyjson_mut_obj_add_str(doc, line, "kind", kind == USER ? "user" : "group");
	yyjson_mut_obj_add_str(doc, line, "id", id);
	for (size_t i = 0; i < attribute_count; i++) {
		yyjson_val *value = member_at(body, attributes[i].name);

		if (attributes[i].kind != kind || is_ignored(change, attributes[i].name))
			continue;
		if (change->call->service == SCIM || attributes[i].everybody || attributes[i].address)
			put_member(doc, line, keys[i],
			           yyjson_is_arr(value) ? email_of(value) : yyjson_get_str(value));
	}
	if (kind == USER)
		yyjson_mut_obj_add_bool(doc, line, "active",
		                        !yyjson_is_false(yyjson_obj_get(body, "active")));
	text = yyjson_mut_write(doc, 0, NULL);
	yyjson_mut_doc_free(doc);
	free(id);
	return text;
}

static void create(struct change *change, enum kind kind, yyjson_val *body)
{
	struct call *call = change->call;
	const char *name =
		yyjson_get_str(yyjson_obj_get(body, kind == USER ? "userName" : "displayName"));
	struct records *all = &call->directory->all[kind];
	struct why why;
	char *line;

	if (!name) {
		fail(change, 400, "invalidValue", "There is no name.");
		return;
	}
	if (directory_named(call->directory, kind, name).count) {
		fail(change, 409, "uniqueness", "There is one of that name already.");
		return;
	}
	line = line_of(change, kind, body);
	if (directory_put(call->directory, line, false, &why))
		fail(change, 400, "invalidValue", why.text);
	else
		change->record = all->at[all->count - 1];
	free(line);
	if (!change->failed && kind == GROUP)
		change_members(change, false, yyjson_obj_get(body, "members"));
}

/* ---- the whole ---- */

static void remove_record(struct change *change)
{
	struct why why;

	if (change->call->service == RUDDERSTACK) {
		change->call->allow = "GET, PUT, PATCH";
		fail(change, 405, NULL, "Users are not removed here.");
	} else if (!on(change->call, IGNORE_WRITES)) {
		directory_remove(change->call->directory, change->record->kind, change->record->id, &why);
		change->record = NULL;
	}
}

static void answer(struct change *change, unsigned status)
{
	struct call *call = change->call;
	enum kind kind;

	if (change->dropped) {
		struct why why;

		directory_remove(call->directory, USER, change->record->id, &why);
		change->record = NULL;
	}
	call->type = SCIM_JSON;
	if (!change->record || status == 204) {
		call_answer(call, 204);
		return;
	}
	kind = change->record->kind;
	call_answer(call, status);
	if (status == 201 && on(call, POST_EMPTY))
		return;
	yyjson_mut_doc_set_root(call->doc, kind == USER
	                                       ? scim_user(call, change->record)
	                                       : scim_group(call, change->record, MEMBERS_OF_ONE));
}

/* RFC 7644 section 3.14. */
static void check_version(struct change *change)
{
	char *version = scim_version(change->record);

	if (!on(change->call, ETAG))
		;
	else if (!change->call->if_match)
		fail(change, 428, NULL, "If-Match is required.");
	else if (strcmp(change->call->if_match, version) != 0 ||
	         switches_spend(change->call->switches, ETAG_FAILS))
		fail(change, 412, NULL, "Somebody else has changed it.");
	free(version);
}

void scim_write(struct call *call, enum kind kind)
{
	struct change change = {.call = call};
	yyjson_doc *doc = yyjson_read(call->body, call->body_length, 0);
	yyjson_val *body = yyjson_doc_get_root(doc);
	bool post = strcmp(call->method, "POST") == 0, patches = strcmp(call->method, "PATCH") == 0;
	bool deletes = strcmp(call->method, "DELETE") == 0;
	unsigned status = post ? 201 : deletes || (patches && on(call, PATCH_204)) ? 204 : 200;

	if (!post)
		change.record = scim_find(call, kind, call->segments[1]);
	if (kind == GROUP && call->service == RUDDERSTACK)
		fail(&change, 501, NULL, "Groups are coming soon.");
	else if (!post && !change.record)
		fail(&change, 404, NULL, "There is no such resource.");
	else if (!post)
		check_version(&change);
	if (!change.failed && post)
		create(&change, kind, body);
	else if (!change.failed && patches)
		patch(&change, body);
	else if (!change.failed && deletes)
		remove_record(&change);
	else if (!change.failed)
		put(&change, body);
	directory_touch(call->directory);
	if (!change.failed)
		answer(&change, status);
	yyjson_doc_free(doc);
}
