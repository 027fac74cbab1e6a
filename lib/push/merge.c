/* SPDX-License-Identifier: ISC */
/*
 * merge: members are copied as text, in the order in which they came; what
 * the user did not have stands last.
 */
#include "push/merge.h"

#include "base/json_put.h"
#include "scim/scim_user.h"

const char *const user_attributes[SETTINGS] = {
	[SET_USER_NAME] = "userName",
	[SET_EMAIL] = "emails",
	[SET_DISPLAY_NAME] = "displayName",
	[SET_GIVEN_NAME] = "givenName",
	[SET_FAMILY_NAME] = "familyName",
	[SET_EXTERNAL_ID] = "externalId",
	[SET_ACTIVE] = "active",
};

/* `item` may be anything: what is no object has nothing to keep. */
static void put_merged_item(struct buf *body, yyjson_val *item, struct span email)
{
	size_t i, max;
	yyjson_val *key, *value;

	if (!yyjson_is_obj(item)) {
		buf_puts(body, "{\"primary\":true,\"value\":");
		json_put_string(body, email);
		buf_puts(body, ",\"type\":\"work\"}");
		return;
	}
	buf_puts(body, "{\"value\":");
	json_put_string(body, email);
	yyjson_obj_foreach(item, i, max, key, value) {
		if (span_is_nocase(json_key(key), span_of("value")))
			continue;
		buf_putc(body, ',');
		json_put_string(body, json_key(key));
		buf_putc(body, ':');
		json_put_value(body, value);
	}
	buf_putc(body, '}');
}

void merge_put_emails(struct buf *body, yyjson_val *emails, struct span email)
{
	yyjson_val *replaced = scim_email_item(emails), *item;
	struct scim_items items = scim_items_of(emails);

	buf_putc(body, '[');
	if (!replaced)
		put_merged_item(body, NULL, email);
	while ((item = scim_items_next(&items))) {
		json_array_next(body);
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
	size_t i, max;
	yyjson_val *key, *value;

	buf_putc(body, '{');
	if (yyjson_is_obj(name))
		yyjson_obj_foreach(name, i, max, key, value) {
			bool stale = span_is_nocase(json_key(key), span_of("formatted"));

			for (size_t part = 0; part < 2; part++)
				stale |= set & 1U << parts[part] &&
				         span_is_nocase(json_key(key), span_of(user_attributes[parts[part]]));
			if (stale)
				continue;
			json_array_next(body);
			json_put_string(body, json_key(key));
			buf_putc(body, ':');
			json_put_value(body, value);
		}
	for (size_t part = 0; part < 2; part++)
		if (set & 1U << parts[part]) {
			json_array_next(body);
			buf_putf(body, "\"%s\":", user_attributes[parts[part]]);
			json_put_string(body, operation->values[parts[part]]);
		}
	buf_putc(body, '}');
}

/* The settings that a member of a user is for, a bit each; a dotted key is one part of the
   name. */
static unsigned settings_of(struct span name)
{
	bool dotted = name.len > strlen("name.") &&
	              span_is_nocase((struct span){name.data, strlen("name.")}, span_of("name."));

	if (span_is_nocase(name, span_of("name")))
		return USER_NAMES;
	if (dotted)
		name = (struct span){name.data + strlen("name."), name.len - strlen("name.")};
	for (int setting = 0; setting < SETTINGS; setting++)
		if (dotted == !!(1U << setting & USER_NAMES) &&
		    span_is_nocase(name, span_of(user_attributes[setting])))
			return 1U << setting;
	return 0;
}

/* The new value of the member `name`, which `bits` stands for. */
static void put_new(struct buf *body, const struct operation *operation, struct span name,
                    unsigned bits, yyjson_val *old)
{
	if (span_is_nocase(name, span_of("name")))
		put_merged_name(body, old, operation, bits);
	else if (bits == 1U << SET_EMAIL)
		merge_put_emails(body, old, operation->values[SET_EMAIL]);
	else if (bits == 1U << SET_ACTIVE)
		buf_put_span(body, operation->values[SET_ACTIVE]);
	else
		for (int setting = 0; setting < SETTINGS; setting++)
			if (bits == 1U << setting)
				json_put_string(body, operation->values[setting]);
}

/* Is a member left out: one that is said elsewhere, a hash that is no password, or one that
   would contradict a new part of the name? */
static bool is_left_out(struct span name, unsigned set)
{
	return span_is_nocase(name, span_of("schemas")) || span_is_nocase(name, span_of("password")) ||
	       (set & USER_NAMES && span_is_nocase(name, span_of("name.formatted")));
}

void merge_put_user(struct buf *body, const struct operation *operation, unsigned set,
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
		buf_puts(body, "[\"" SCIM_CORE "User\"]");
	yyjson_obj_foreach(resource, i, max, key, value) {
		unsigned bits = settings_of(json_key(key)) & set;

		if (is_left_out(json_key(key), set))
			continue;
		buf_putc(body, ',');
		json_put_string(body, json_key(key));
		buf_putc(body, ':');
		if (bits) /* in each spelling: which of them is read, the service knows */
			put_new(body, operation, json_key(key), bits, value);
		else
			json_put_value(body, value);
		left &= ~bits;
	}
	for (size_t member = 0; member < sizeof members / sizeof *members; member++) {
		unsigned bits = settings_of(span_of(members[member])) & left;

		if (!bits)
			continue;
		buf_putf(body, ",\"%s\":", members[member]);
		put_new(body, operation, span_of(members[member]), bits, NULL);
	}
	buf_putc(body, '}');
}
