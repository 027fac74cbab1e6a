/* SPDX-License-Identifier: ISC */
/*
 * push_dialect: bodies are built as text, member by member, so that numbers and
 * everything unknown in a merged object stay as the server sent them.
 */
#include "push_dialect.h"

const char *const dialect_names[DIALECTS] = {"okta-oin", "okta-aiw", "entra", "scim"};

#define CORE       "urn:ietf:params:scim:schemas:core:2.0:"
#define ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define PATCH_OP   "urn:ietf:params:scim:api:messages:2.0:PatchOp"

#define BIT(setting) (1U << (setting))

enum { NAMES = BIT(SET_GIVEN_NAME) | BIT(SET_FAMILY_NAME) };

/* Where each setting stands in a user; the parts of `name` stand one level down. */
static const char *const attributes[SETTINGS] = {
	[SET_USER_NAME] = "userName",
	[SET_EMAIL] = "emails",
	[SET_DISPLAY_NAME] = "displayName",
	[SET_GIVEN_NAME] = "givenName",
	[SET_FAMILY_NAME] = "familyName",
	[SET_EXTERNAL_ID] = "externalId",
	[SET_ACTIVE] = "active",
};

void write_release(struct write *write)
{
	buf_release(&write->target);
	buf_release(&write->body);
}

static void begin(struct write *write, enum http_method method, const char *path, struct span id)
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

static void put_text(struct buf *body, const struct operation *operation, enum setting setting)
{
	if (!(operation->set & BIT(setting)))
		return;
	if (setting == SET_ACTIVE) {
		buf_puts(body, ",\"active\":");
		buf_put_span(body, operation->values[setting]);
	} else {
		json_put_member(body, attributes[setting], operation->values[setting]);
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

static void put_name(struct buf *body, const struct operation *operation, bool formatted)
{
	struct span given = operation->values[SET_GIVEN_NAME];
	struct span family = operation->values[SET_FAMILY_NAME];
	struct buf name = {0};

	if (!(operation->set & NAMES))
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
	buf_puts(body, "{\"schemas\":[\"" CORE "User\"]");
	json_put_member(body, "userName", operation->user_name);
	put_name(body, operation, false);
	put_emails(body, operation, emails);
	put_text(body, operation, SET_DISPLAY_NAME);
	put_text(body, operation, SET_EXTERNAL_ID);
	buf_puts(body, ",\"groups\":[]");
	put_text(body, operation, SET_ACTIVE);
	buf_putc(body, '}');
}

static void create_by_entra(struct buf *body, const struct operation *operation, bool emails)
{
	buf_puts(body, "{\"schemas\":[\"" CORE "User\",\"" ENTERPRISE "\"]");
	put_text(body, operation, SET_EXTERNAL_ID);
	json_put_member(body, "userName", operation->user_name);
	put_text(body, operation, SET_ACTIVE);
	put_text(body, operation, SET_DISPLAY_NAME);
	put_emails(body, operation, emails);
	buf_puts(body, ",\"meta\":{\"resourceType\":\"User\"}");
	put_name(body, operation, true);
	buf_puts(body, ",\"roles\":[]}");
}

static void create_by_scim(struct buf *body, const struct operation *operation)
{
	buf_puts(body, "{\"schemas\":[\"" CORE "User\"]");
	json_put_member(body, "userName", operation->user_name);
	put_text(body, operation, SET_EXTERNAL_ID);
	put_name(body, operation, false);
	put_text(body, operation, SET_DISPLAY_NAME);
	put_emails(body, operation, false);
	put_text(body, operation, SET_ACTIVE);
	buf_putc(body, '}');
}

void dialect_create_user(struct write *write, enum dialect dialect,
                         const struct operation *operation, unsigned kept)
{
	struct operation sent = *operation;
	bool emails = kept & BIT(SET_EMAIL);

	sent.set &= kept;
	for (int setting = 0; setting < SETTINGS; setting++)
		if (!(sent.set & BIT(setting)))
			sent.values[setting] = (struct span){"", 0};
	begin(write, HTTP_POST, "/Users", (struct span){"", 0});
	write->set = sent.set;
	if (dialect == DIALECT_ENTRA)
		create_by_entra(&write->body, &sent, emails);
	else if (dialect == DIALECT_SCIM)
		create_by_scim(&write->body, &sent);
	else
		create_by_okta(&write->body, &sent, emails);
}

/* ---- PUT: the object as it is, with what is new in it ---- */

static struct span key_of(yyjson_val *key)
{
	return (struct span){yyjson_get_str(key), yyjson_get_len(key)};
}

yyjson_val *dialect_email(yyjson_val *emails)
{
	enum { NONE, FIRST, WORK, PRIMARY };
	int best = NONE;
	yyjson_val *found = NULL, *item;
	size_t i, max;

	yyjson_arr_foreach(emails, i, max, item) {
		struct span type = {"", 0};
		int rank = FIRST;

		json_member_text(item, "type", &type);
		if (yyjson_is_true(json_member(item, "primary")))
			rank = PRIMARY;
		else if (span_is_nocase(type, span_of("work")))
			rank = WORK;
		if (rank > best) {
			best = rank;
			found = item;
		}
	}
	return found;
}

static void put_merged_item(struct buf *body, yyjson_val *item, struct span email)
{
	size_t i, max;
	yyjson_val *key, *value;

	buf_puts(body, "{\"value\":");
	json_put_string(body, email);
	yyjson_obj_foreach(item, i, max, key, value) {
		if (span_is_nocase(key_of(key), span_of("value")))
			continue;
		buf_putc(body, ',');
		json_put_string(body, key_of(key));
		buf_putc(body, ':');
		json_put_value(body, value);
	}
	buf_putc(body, '}');
}

static void put_merged_emails(struct buf *body, yyjson_val *emails, struct span email)
{
	yyjson_val *replaced = dialect_email(emails), *item;
	size_t i, max;

	if (!yyjson_is_obj(replaced)) {
		buf_puts(body, "[{\"primary\":true,\"value\":");
		json_put_string(body, email);
		buf_puts(body, ",\"type\":\"work\"}]");
		return;
	}
	buf_putc(body, '[');
	yyjson_arr_foreach(emails, i, max, item) {
		if (i)
			buf_putc(body, ',');
		if (item == replaced)
			put_merged_item(body, item, email);
		else
			json_put_value(body, item);
	}
	buf_putc(body, ']');
}

/* `formatted` would contradict the new parts. */
static void put_merged_name(struct buf *body, yyjson_val *name, const struct operation *operation,
                            unsigned set)
{
	static const enum setting parts[] = {SET_GIVEN_NAME, SET_FAMILY_NAME};
	const char *comma = "";
	size_t i, max;
	yyjson_val *key, *value;

	buf_putc(body, '{');
	if (yyjson_is_obj(name))
		yyjson_obj_foreach(name, i, max, key, value) {
			bool stale = span_is_nocase(key_of(key), span_of("formatted"));

			for (size_t part = 0; part < 2; part++)
				stale |= set & BIT(parts[part]) &&
				         span_is_nocase(key_of(key), span_of(attributes[parts[part]]));
			if (stale)
				continue;
			buf_puts(body, comma);
			json_put_string(body, key_of(key));
			buf_putc(body, ':');
			json_put_value(body, value);
			comma = ",";
		}
	for (size_t part = 0; part < 2; part++)
		if (set & BIT(parts[part])) {
			buf_putf(body, "%s\"%s\":", comma, attributes[parts[part]]);
			json_put_string(body, operation->values[parts[part]]);
			comma = ",";
		}
	buf_putc(body, '}');
}

/* The settings that a member of a user is for, a bit each. */
static unsigned settings_of(struct span name)
{
	if (span_is_nocase(name, span_of("name")))
		return NAMES;
	for (int setting = 0; setting < SETTINGS; setting++)
		if (!(BIT(setting) & NAMES) && span_is_nocase(name, span_of(attributes[setting])))
			return BIT(setting);
	return 0;
}

/* The new value of the member that `bits` stands for. */
static void put_new(struct buf *body, const struct operation *operation, unsigned bits,
                    yyjson_val *old)
{
	if (bits & NAMES)
		put_merged_name(body, old, operation, bits);
	else if (bits == BIT(SET_EMAIL))
		put_merged_emails(body, old, operation->values[SET_EMAIL]);
	else if (bits == BIT(SET_ACTIVE))
		buf_put_span(body, operation->values[SET_ACTIVE]);
	else
		for (int setting = 0; setting < SETTINGS; setting++)
			if (bits == BIT(setting))
				json_put_string(body, operation->values[setting]);
}

static void put_merged(struct buf *body, const struct operation *operation, unsigned set,
                       yyjson_val *resource)
{
	static const char *const members[] = {"userName", "name",       "displayName",
	                                      "emails",   "externalId", "active"};
	unsigned left = set;
	size_t i, max;
	yyjson_val *key, *value;

	buf_puts(body, "{\"schemas\":");
	if (yyjson_is_arr(json_member(resource, "schemas")))
		json_put_value(body, json_member(resource, "schemas"));
	else
		buf_puts(body, "[\"" CORE "User\"]");
	yyjson_obj_foreach(resource, i, max, key, value) {
		unsigned bits = settings_of(key_of(key)) & set;

		if (span_is_nocase(key_of(key), span_of("schemas")) ||
		    span_is_nocase(key_of(key), span_of("password"))) /* a hash is no password */
			continue;
		buf_putc(body, ',');
		json_put_string(body, key_of(key));
		buf_putc(body, ':');
		if (bits & left)
			put_new(body, operation, bits, value);
		else
			json_put_value(body, value);
		left &= ~bits;
	}
	for (size_t member = 0; member < sizeof members / sizeof *members; member++) {
		unsigned bits = settings_of(span_of(members[member])) & left;

		if (!bits)
			continue;
		buf_putf(body, ",\"%s\":", members[member]);
		put_new(body, operation, bits, NULL);
	}
	buf_putc(body, '}');
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

static void put_email_operation(struct buf *body, enum dialect dialect, struct span email,
                                yyjson_val *resource)
{
	yyjson_val *emails = json_member(resource, "emails"), *item = dialect_email(emails);
	struct span type = {"", 0};
	bool work, primary = yyjson_is_true(json_member(item, "primary"));

	json_member_text(item, "type", &type);
	work = span_is_nocase(type, span_of("work"));
	if (dialect == DIALECT_ENTRA || (item && (work || primary))) {
		put_operation(body, dialect, !item,
		              dialect == DIALECT_ENTRA || work ? "emails[type eq \"work\"].value"
		                                               : "emails[primary eq true].value");
		json_put_string(body, email);
	} else {
		put_operation(body, dialect, !item, "emails");
		put_merged_emails(body, emails, email);
	}
	buf_putc(body, '}');
}

static void put_text_operation(struct buf *body, enum dialect dialect,
                               const struct operation *operation, enum setting setting,
                               yyjson_val *resource)
{
	bool part = BIT(setting) & NAMES;
	yyjson_val *at = part ? json_member(resource, "name") : resource;
	bool is_new = !json_member(at, attributes[setting]);
	struct span value = operation->values[setting];
	struct buf path = {0};

	buf_putf(&path, "%s%s", part ? "name." : "", attributes[setting]);
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

static void begin_patch(struct buf *body)
{
	buf_puts(body, "{\"schemas\":[\"" PATCH_OP "\"],\"Operations\":[");
}

static void patch_user(struct buf *body, enum dialect dialect, const struct operation *operation,
                       unsigned set, yyjson_val *resource)
{
	const char *comma = "";

	begin_patch(body);
	if (dialect == DIALECT_OKTA_OIN) {
		buf_puts(body, "{\"op\":\"replace\",\"value\":{\"active\":");
		buf_put_span(body, operation->values[SET_ACTIVE]);
		buf_puts(body, "}}");
	}
	for (int setting = 0; setting < SETTINGS && dialect != DIALECT_OKTA_OIN; setting++) {
		if (!(set & BIT(setting)))
			continue;
		buf_puts(body, comma);
		if (setting == SET_EMAIL)
			put_email_operation(body, dialect, operation->values[setting], resource);
		else
			put_text_operation(body, dialect, operation, (enum setting)setting, resource);
		comma = ",";
	}
	buf_puts(body, "]}");
}

bool dialect_puts(enum dialect dialect, unsigned set)
{
	return dialect == DIALECT_OKTA_AIW || (dialect == DIALECT_OKTA_OIN && set & ~BIT(SET_ACTIVE));
}

void dialect_update_user(struct write *write, enum dialect dialect,
                         const struct operation *operation, unsigned set, struct span id,
                         yyjson_val *resource)
{
	bool put = dialect_puts(dialect, set);

	/* Okta's catalogue apps send the profile first, `active` by itself */
	if (dialect == DIALECT_OKTA_OIN && put)
		set &= ~BIT(SET_ACTIVE);
	begin(write, put ? HTTP_PUT : HTTP_PATCH, "/Users", id);
	write->set = set;
	if (put)
		put_merged(&write->body, operation, set, resource);
	else
		patch_user(&write->body, dialect, operation, set, resource);
}

/* ---- groups ---- */

void dialect_remove(struct write *write, const char *path, struct span id)
{
	begin(write, HTTP_DELETE, path, id);
}

void dialect_create_group(struct write *write, struct span name)
{
	begin(write, HTTP_POST, "/Groups", (struct span){"", 0});
	buf_puts(&write->body, "{\"schemas\":[\"" CORE "Group\"]");
	json_put_member(&write->body, "displayName", name);
	buf_puts(&write->body, ",\"members\":[]}");
}

void dialect_rename_group(struct write *write, enum dialect dialect, struct span id,
                          struct span name)
{
	bool okta = dialect == DIALECT_OKTA_OIN || dialect == DIALECT_OKTA_AIW;

	begin(write, HTTP_PATCH, "/Groups", id);
	begin_patch(&write->body);
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

static void put_members(struct buf *body, enum dialect dialect, struct span user_id,
                        struct span user_name)
{
	buf_puts(body, dialect == DIALECT_ENTRA ? "[{\"$ref\":null,\"value\":" : "[{\"value\":");
	json_put_string(body, user_id);
	if (dialect != DIALECT_ENTRA && dialect != DIALECT_SCIM && user_name.len)
		json_put_member(body, "display", user_name);
	buf_puts(body, "}]");
}

void dialect_member(struct write *write, enum dialect dialect, bool add, struct span group_id,
                    struct span user_id, struct span user_name)
{
	struct buf path = {0}, *body = &write->body;

	begin(write, HTTP_PATCH, "/Groups", group_id);
	begin_patch(body);
	if (add) {
		put_operation(body, dialect, true, "members");
		put_members(body, dialect, user_id, user_name);
	} else if (dialect == DIALECT_ENTRA) {
		buf_puts(body, "{\"op\":\"Remove\",\"path\":\"members\",\"value\":");
		put_members(body, dialect, user_id, user_name);
	} else {
		buf_puts(&path, "members[value eq ");
		json_put_string(&path, user_id);
		buf_putc(&path, ']');
		buf_puts(body, "{\"op\":\"remove\",\"path\":");
		json_put_string(body, buf_span(&path));
	}
	buf_puts(body, "}]}");
	buf_release(&path);
}
