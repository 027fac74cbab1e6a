/* SPDX-License-Identifier: ISC */
/*
 * dialect: bodies are built as text, member by member, in the order in which
 * the identity providers send them.
 */
#include "push/dialect.h"

#include "base/json_put.h"
#include "push/merge.h"
#include "scim/scim_user.h"

const char *const dialect_names[DIALECTS] = {"okta-oin", "okta-aiw", "entra", "scim"};

#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PATCH_OP   "urn:ietf:params:scim:api:messages:2.0:PatchOp"

void write_release(struct write *write)
{
	buf_release(&write->target);
	buf_release(&write->body);
}

static void write_begin(struct write *write, enum http_method method, const char *path,
                        struct span id)
{
	write->method = method;
	write->set = 0;
	buf_clear(&write->target);
	buf_clear(&write->body);
	buf_puts(&write->target, path);
	if (!id.len)
		return;
	buf_putc(&write->target, '/');
	url_put_encoded(&write->target, id);
}

static void put_setting(struct buf *body, const struct operation *operation, enum setting setting)
{
	if (!(operation->set & 1U << setting))
		return;
	if (setting == SET_ACTIVE) {
		buf_puts(body, ",\"active\":");
		buf_put_span(body, operation->values[setting]);
	} else {
		json_put_member(body, user_attributes[setting], operation->values[setting]);
	}
}

/* ---- a new user ---- */

static void put_emails(struct buf *body, const struct operation *operation, bool by_name)
{
	struct span email = operation->values[SET_EMAIL];

	/* with identity providers the user name is the email unless they say otherwise */
	if (!email.len && by_name && memchr(operation->user_name.data, '@', operation->user_name.len))
		email = operation->user_name;
	if (!email.len)
		return;
	buf_puts(body, ",\"emails\":[{\"primary\":true,\"value\":");
	json_put_string(body, email);
	buf_puts(body, ",\"type\":\"work\"}]");
}

static void put_user_name(struct buf *body, const struct operation *operation, bool formatted)
{
	struct span given = operation->values[SET_GIVEN_NAME];
	struct span family = operation->values[SET_FAMILY_NAME];
	struct buf name = {0};

	if (!(operation->set & USER_NAMES))
		return;
	if (formatted && given.len && family.len) {
		struct buf both = {0};

		buf_put_span(&both, given);
		buf_putc(&both, ' ');
		buf_put_span(&both, family);
		json_put_member(&name, "formatted", buf_span(&both));
		buf_release(&both);
	}
	if (given.len)
		json_put_member(&name, "givenName", given);
	if (family.len)
		json_put_member(&name, "familyName", family);
	buf_puts(body, ",\"name\":{");
	if (name.len)
		buf_put(body, name.data + 1, name.len - 1);
	buf_putc(body, '}');
	buf_release(&name);
}

static void create_by_okta(struct buf *body, const struct operation *operation, bool emails)
{
	buf_puts(body, "{\"schemas\":[\"" SCIM_CORE "User\"]");
	json_put_member(body, "userName", operation->user_name);
	put_user_name(body, operation, false);
	put_emails(body, operation, emails);
	put_setting(body, operation, SET_DISPLAY_NAME);
	put_setting(body, operation, SET_EXTERNAL_ID);
	buf_puts(body, ",\"groups\":[]");
	put_setting(body, operation, SET_ACTIVE);
	buf_putc(body, '}');
}

static void create_by_entra(struct buf *body, const struct operation *operation, bool emails)
{
	buf_puts(body, "{\"schemas\":[\"" SCIM_CORE "User\",\"" ENTERPRISE "\"]");
	put_setting(body, operation, SET_EXTERNAL_ID);
	json_put_member(body, "userName", operation->user_name);
	put_setting(body, operation, SET_ACTIVE);
	put_setting(body, operation, SET_DISPLAY_NAME);
	put_emails(body, operation, emails);
	buf_puts(body, ",\"meta\":{\"resourceType\":\"User\"}");
	put_user_name(body, operation, true);
	buf_puts(body, ",\"roles\":[]}");
}

static void create_by_scim(struct buf *body, const struct operation *operation)
{
	buf_puts(body, "{\"schemas\":[\"" SCIM_CORE "User\"]");
	json_put_member(body, "userName", operation->user_name);
	put_setting(body, operation, SET_EXTERNAL_ID);
	put_user_name(body, operation, false);
	put_setting(body, operation, SET_DISPLAY_NAME);
	put_emails(body, operation, false);
	put_setting(body, operation, SET_ACTIVE);
	buf_putc(body, '}');
}

void dialect_create_user(struct write *write, enum dialect dialect,
                         const struct operation *operation, unsigned kept)
{
	struct operation sent = *operation;
	bool emails = kept & 1U << SET_EMAIL;

	sent.set &= kept;
	for (int setting = 0; setting < SETTINGS; setting++)
		if (!(sent.set & 1U << setting))
			sent.values[setting] = (struct span)SPAN_EMPTY;
	write_begin(write, HTTP_POST, "/Users", (struct span)SPAN_EMPTY);
	write->set = sent.set;
	if (dialect == DIALECT_ENTRA)
		create_by_entra(&write->body, &sent, emails);
	else if (dialect == DIALECT_SCIM)
		create_by_scim(&write->body, &sent);
	else
		create_by_okta(&write->body, &sent, emails);
}

/* ---- PATCH ---- */

/* One operation with a path. The op words are those of the dialect. */
static void put_operation(struct buf *body, enum dialect dialect, bool is_new, const char *path)
{
	static const char *const words[2][2] = {{"replace", "add"}, {"Replace", "Add"}};

	buf_putf(body, "{\"op\":\"%s\",\"path\":", words[dialect == DIALECT_ENTRA][is_new]);
	json_put_string(body, span_of(path));
	buf_puts(body, ",\"value\":");
}

static bool is_for_work(yyjson_val *item)
{
	struct span type;

	return json_member_text(item, "type", &type) && span_is_nocase(type, span_of("work"));
}

static bool is_primary(yyjson_val *item)
{
	return yyjson_is_true(json_member(item, "primary"));
}

/* The item of an array that speaks for a user; NULL for one that stands without an array. */
static yyjson_val *speaking_item(yyjson_val *emails)
{
	return yyjson_is_arr(emails) ? scim_email_item(emails) : NULL;
}

/* The path of the address that speaks for a user: a filter that no other one fits, because
   all that fit are changed (RFC 7644 section 3.5.2.3). NULL where there is none. */
static const char *email_path(yyjson_val *emails)
{
	yyjson_val *speaks = speaking_item(emails), *item;
	size_t i, max, works = 0, primaries = 0;

	yyjson_arr_foreach(emails, i, max, item) {
		works += is_for_work(item);
		primaries += is_primary(item);
	}
	if (is_for_work(speaks) && works == 1)
		return "emails[type eq \"work\"].value";
	return is_primary(speaks) && primaries == 1 ? "emails[primary eq true].value" : NULL;
}

static void put_email_operation(struct buf *body, enum dialect dialect, struct span email,
                                yyjson_val *resource)
{
	yyjson_val *emails = json_member(resource, "emails");
	const char *path =
		dialect == DIALECT_ENTRA ? "emails[type eq \"work\"].value" : email_path(emails);

	put_operation(body, dialect, !speaking_item(emails), path ? path : "emails");
	if (path)
		json_put_string(body, email);
	else
		merge_put_emails(body, emails, email);
	buf_putc(body, '}');
}

static void put_text_operation(struct buf *body, enum dialect dialect,
                               const struct operation *operation, enum setting setting,
                               yyjson_val *resource)
{
	bool part = 1U << setting & USER_NAMES;
	yyjson_val *at = part ? json_member(resource, "name") : resource;
	bool is_new = !json_member(at, user_attributes[setting]);
	struct span value = operation->values[setting];
	struct buf path = {0};

	buf_putf(&path, "%s%s", part ? "name." : "", user_attributes[setting]);
	put_operation(body, dialect, is_new, buf_text(&path));
	if (setting != SET_ACTIVE)
		json_put_string(body, value);
	else if (dialect == DIALECT_ENTRA)
		buf_puts(body, span_is(value, span_of("true")) ? "\"True\"" : "\"False\"");
	else
		buf_put_span(body, value);
	buf_putc(body, '}');
	buf_release(&path);
}

static void write_begin_patch(struct buf *body)
{
	buf_puts(body, "{\"schemas\":[\"" PATCH_OP "\"],\"Operations\":[");
}

static void patch_user(struct buf *body, enum dialect dialect, const struct operation *operation,
                       unsigned set, yyjson_val *resource)
{
	write_begin_patch(body);
	if (dialect == DIALECT_OKTA_OIN) {
		buf_puts(body, "{\"op\":\"replace\",\"value\":{\"active\":");
		buf_put_span(body, operation->values[SET_ACTIVE]);
		buf_puts(body, "}}");
	}
	for (int setting = 0; setting < SETTINGS && dialect != DIALECT_OKTA_OIN; setting++) {
		if (!(set & 1U << setting))
			continue;
		json_array_next(body);
		if (setting == SET_EMAIL)
			put_email_operation(body, dialect, operation->values[setting], resource);
		else
			put_text_operation(body, dialect, operation, (enum setting)setting, resource);
	}
	buf_puts(body, "]}");
}

static bool puts_user(enum dialect dialect, unsigned set)
{
	return dialect == DIALECT_OKTA_AIW ||
	       (dialect == DIALECT_OKTA_OIN && set & ~(1U << SET_ACTIVE));
}

bool dialect_wants_whole(enum dialect dialect, unsigned set, yyjson_val *resource)
{
	bool sends_emails = dialect == DIALECT_SCIM && set & 1U << SET_EMAIL &&
	                    !email_path(json_member(resource, "emails"));

	return sends_emails || puts_user(dialect, set);
}

void dialect_update_user(struct write *write, enum dialect dialect,
                         const struct operation *operation, unsigned set, struct span id,
                         yyjson_val *resource)
{
	bool put = puts_user(dialect, set);

	/* Okta's catalogue apps send the profile first, `active` by itself */
	if (dialect == DIALECT_OKTA_OIN && put)
		set &= ~(1U << SET_ACTIVE);
	write_begin(write, put ? HTTP_PUT : HTTP_PATCH, "/Users", id);
	write->set = set;
	if (put)
		merge_put_user(&write->body, operation, set, resource);
	else
		patch_user(&write->body, dialect, operation, set, resource);
}

/* ---- groups ---- */

void dialect_remove(struct write *write, const char *path, struct span id)
{
	write_begin(write, HTTP_DELETE, path, id);
}

void dialect_create_group(struct write *write, struct span name)
{
	write_begin(write, HTTP_POST, "/Groups", (struct span)SPAN_EMPTY);
	buf_puts(&write->body, "{\"schemas\":[\"" SCIM_CORE "Group\"]");
	json_put_member(&write->body, "displayName", name);
	buf_puts(&write->body, ",\"members\":[]}");
}

void dialect_rename_group(struct write *write, enum dialect dialect, struct span id,
                          struct span name)
{
	bool okta = dialect == DIALECT_OKTA_OIN || dialect == DIALECT_OKTA_AIW;

	write_begin(write, HTTP_PATCH, "/Groups", id);
	write_begin_patch(&write->body);
	if (okta) {
		buf_puts(&write->body, "{\"op\":\"replace\",\"value\":{\"id\":");
		json_put_string(&write->body, id);
		json_put_member(&write->body, "displayName", name);
		buf_puts(&write->body, "}}]}");
	} else {
		put_operation(&write->body, dialect, false, "displayName");
		json_put_string(&write->body, name);
		buf_puts(&write->body, "}]}");
	}
}

static void put_member(struct buf *body, enum dialect dialect, struct span user_id,
                       struct span user_name)
{
	buf_puts(body, dialect == DIALECT_ENTRA ? "{\"$ref\":null,\"value\":" : "{\"value\":");
	json_put_string(body, user_id);
	if (dialect != DIALECT_ENTRA && dialect != DIALECT_SCIM && user_name.len)
		json_put_member(body, "display", user_name);
	buf_putc(body, '}');
}

/* Is it one operation whose value has them all, or one operation for each? */
static bool lists_members(enum dialect dialect, bool add)
{
	return add || dialect == DIALECT_ENTRA;
}

void dialect_begin_members(struct write *write, enum dialect dialect, bool add,
                           struct span group_id)
{
	write_begin(write, HTTP_PATCH, "/Groups", group_id);
	write_begin_patch(&write->body);
	if (!lists_members(dialect, add))
		return;
	if (add)
		put_operation(&write->body, dialect, true, "members");
	else
		buf_puts(&write->body, "{\"op\":\"Remove\",\"path\":\"members\",\"value\":");
	buf_putc(&write->body, '[');
}

void dialect_put_member(struct write *write, enum dialect dialect, bool add, struct span user_id,
                        struct span user_name)
{
	struct buf path = {0}, *body = &write->body;

	json_array_next(body);
	if (lists_members(dialect, add)) {
		put_member(body, dialect, user_id, user_name);
		return;
	}
	buf_puts(&path, "members[value eq ");
	json_put_string(&path, user_id);
	buf_putc(&path, ']');
	buf_puts(body, "{\"op\":\"remove\",\"path\":");
	json_put_string(body, buf_span(&path));
	buf_putc(body, '}');
	buf_release(&path);
}

void dialect_end_members(struct write *write, enum dialect dialect, bool add)
{
	buf_puts(&write->body, lists_members(dialect, add) ? "]}]}" : "]}");
}

void dialect_member(struct write *write, enum dialect dialect, bool add, struct span group_id,
                    struct span user_id, struct span user_name)
{
	dialect_begin_members(write, dialect, add, group_id);
	dialect_put_member(write, dialect, add, user_id, user_name);
	dialect_end_members(write, dialect, add);
}
