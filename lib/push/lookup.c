/* SPDX-License-Identifier: ISC */
/*
 * lookup: filters as RFC 7644 section 3.4.2.2 writes them; their values are
 * JSON strings, whatever a name holds.
 */
#include "push/lookup.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "push/push_merge.h"
#include "scim/scim_page.h"

/* ---- asking ---- */

static void put_filter(struct buf *target, const char *attribute, struct span value)
{
	struct buf filter = {0};

	buf_putf(&filter, "%s eq ", attribute);
	json_put_string(&filter, value);
	buf_puts(target, "filter=");
	url_put_encoded(target, buf_span(&filter));
	if (filter.state != BUF_OK)
		target->state = filter.state;
	buf_release(&filter);
}

static bool is_email(const char *attribute)
{
	return strcmp(attribute, "email") == 0 || strncmp(attribute, "emails", strlen("emails")) == 0;
}

/* What the attribute of the wanted user holds. */
static struct span wanted(const char *attribute, const struct operation *operation,
                          struct span user_name)
{
	const struct span *values = operation->values;

	if (is_email(attribute) && values[SET_EMAIL].len && operation->op == OP_PUSH)
		return values[SET_EMAIL];
	if (strcmp(attribute, "externalId") == 0 && values[SET_EXTERNAL_ID].len)
		return values[SET_EXTERNAL_ID];
	return user_name;
}

void lookup_put_user_query(struct buf *target, enum dialect dialect, const char *attribute,
                           const struct operation *operation, struct span user_name)
{
	buf_puts(target, "/Users?");
	put_filter(target, attribute, wanted(attribute, operation, user_name));
	if (dialect != DIALECT_ENTRA)
		buf_puts(target, "&startIndex=1&count=100");
}

void lookup_put_group_query(struct buf *target, enum dialect dialect, struct span name)
{
	buf_puts(target, dialect == DIALECT_ENTRA ? "/Groups?excludedAttributes=members&" : "/Groups?");
	put_filter(target, "displayName", name);
	if (dialect != DIALECT_ENTRA)
		buf_puts(target, "&startIndex=1&count=100");
}

/* ---- answers ---- */

/* The address that speaks for a user: as normalize has it. */
static struct span email_of(yyjson_val *user)
{
	yyjson_val *emails = json_member(user, "emails");
	yyjson_val *item = yyjson_is_arr(emails) ? user_email(emails) : emails;
	struct span text = {"", 0};

	if (!json_member_text(item, "value", &text) && !json_text(item, &text))
		json_member_text(user, "userName", &text);
	return text;
}

static bool is_user(yyjson_val *user, const char *attribute, const struct operation *operation,
                    struct span user_name)
{
	struct span text = {"", 0}, value = wanted(attribute, operation, user_name);

	if (strcmp(attribute, "externalId") == 0 && operation->values[SET_EXTERNAL_ID].len)
		return json_member_text(user, "externalId", &text) && span_is(text, value);
	if (is_email(attribute) && span_is_nocase(email_of(user), value))
		return true;
	return json_member_text(user, "userName", &text) && span_is_nocase(text, user_name);
}

/* One match proves itself; that there is none is proved by a list that is whole. */
static int conclude(const struct scim_page *page, size_t matches, struct span name,
                    struct fault *fault)
{
	if (matches > 1)
		return fault_set(fault, FAULT_PROTOCOL, "'%s' is not one but %zu", INERT(name), matches);
	if (matches)
		return 1;
	if (page->cursor.len || (page->has_total && page->total > page->count) ||
	    (!page->has_total && page->count))
		return fault_set(fault, FAULT_PROTOCOL,
		                 "the service does not filter by '%s': it shows others, and not all of "
		                 "them, so nothing is known",
		                 INERT(name));
	return 0;
}

int lookup_user(yyjson_val *root, const char *attribute, const struct operation *operation,
                struct span user_name, yyjson_val **found, struct fault *fault)
{
	struct scim_page page;
	yyjson_val *user;
	size_t i, max, matches = 0;

	*found = NULL;
	if (scim_page_parse(&page, root, fault) < 0)
		return -1;
	yyjson_arr_foreach(page.resources, i, max, user)
		if (is_user(user, attribute, operation, user_name)) {
			matches++;
			*found = user;
		}
	return conclude(&page, matches, user_name, fault);
}

int lookup_group(yyjson_val *root, struct span name, yyjson_val **found, struct fault *fault)
{
	struct scim_page page;
	yyjson_val *group;
	size_t i, max, matches = 0;

	*found = NULL;
	if (scim_page_parse(&page, root, fault) < 0)
		return -1;
	yyjson_arr_foreach(page.resources, i, max, group) {
		struct span text;

		if (!json_member_text(group, "displayName", &text) || !span_is(text, name))
			continue;
		matches++;
		*found = group;
	}
	return conclude(&page, matches, name, fault);
}

/* The text of a setting as a user shows it; false where it does not. */
static bool text_of(yyjson_val *user, enum setting setting, struct span *text)
{
	if (1U << setting & USER_NAMES)
		user = json_member(user, "name");
	return json_member_text(user, user_attributes[setting], text);
}

static bool is_active(yyjson_val *user, bool wanted_active)
{
	yyjson_val *active = json_member(user, "active");
	struct span text;

	if (yyjson_is_bool(active))
		return yyjson_get_bool(active) == wanted_active;
	if (!json_text(active, &text))
		return false; /* not shown: that proves nothing */
	return span_is_nocase(text, span_of(wanted_active ? "true" : "false")) ||
	       span_is(text, span_of(wanted_active ? "1" : "0"));
}

unsigned lookup_differences(const struct operation *operation, unsigned set, yyjson_val *user)
{
	unsigned differ = 0;

	for (int setting = 0; setting < SETTINGS; setting++) {
		struct span value = operation->values[setting], text = {"", 0};
		bool same;

		if (!(set & operation->set & 1U << setting))
			continue;
		if (setting == SET_ACTIVE)
			same = is_active(user, span_is(value, span_of("true")));
		else if (setting == SET_EMAIL)
			same = span_is_nocase(email_of(user), value);
		else
			same = text_of(user, (enum setting)setting, &text) && span_is(text, value);
		differ |= same ? 0 : 1U << setting;
	}
	return differ;
}

int lookup_member(yyjson_val *group, struct span user_id)
{
	yyjson_val *members = json_member(group, "members"), *member;
	struct buf scratch = {0};
	struct span id;
	size_t i, max;
	int found = 0;

	if (!yyjson_is_arr(members))
		return -1;
	yyjson_arr_foreach(members, i, max, member)
		if (scim_member_id(member, &id, &scratch) && span_is(id, user_id))
			found = 1;
	buf_release(&scratch);
	return found;
}
