/* SPDX-License-Identifier: ISC */
/*
 * lookup: filters as RFC 7644 section 3.4.2.2 writes them; their values are
 * JSON strings, whatever a name holds.
 */
#include "push/lookup.h"

#include "base/inert.h"
#include "base/json_put.h"
#include "http/reply.h"
#include "push/merge.h"
#include "push/names.h"
#include "scim/scim_page.h"
#include "scim/scim_user.h"

#define SCIM_ERROR "urn:ietf:params:scim:api:messages:2.0:Error"

/* ---- asking ---- */

static void lookup_put_filter(struct buf *target, const char *attribute, struct span value)
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
static struct span lookup_value(const struct lookup *lookup, const struct operation *operation,
                                struct span user_name)
{
	unsigned held = operation->set & lookup->sent;

	if (is_email(lookup->attribute) && held & 1U << SET_EMAIL && operation->op == OP_PUSH)
		return operation->values[SET_EMAIL];
	if (strcmp(lookup->attribute, "externalId") == 0 && held & 1U << SET_EXTERNAL_ID)
		return operation->values[SET_EXTERNAL_ID];
	return user_name;
}

/* The attribute that is asked for: whoever has no external id goes by name. */
static const char *lookup_attribute(const struct lookup *lookup, const struct operation *operation)
{
	bool by_external = strcmp(lookup->attribute, "externalId") == 0;

	return by_external && !(operation->set & lookup->sent & 1U << SET_EXTERNAL_ID)
	           ? "userName"
	           : lookup->attribute;
}

void lookup_put_user_query(struct buf *target, enum dialect dialect, const struct lookup *lookup,
                           const struct operation *operation, struct span user_name)
{
	buf_puts(target, "/Users?");
	lookup_put_filter(target, lookup_attribute(lookup, operation),
	                  lookup_value(lookup, operation, user_name));
	if (dialect != DIALECT_ENTRA)
		buf_puts(target, "&startIndex=1&count=100");
}

void lookup_put_term(struct buf *filter, const struct lookup *lookup,
                     const struct operation *operation)
{
	buf_putf(filter, "%s eq ", lookup_attribute(lookup, operation));
	json_put_string(filter, lookup_value(lookup, operation, operation->user_name));
}

void lookup_put_id_query(struct buf *target, const char *path, struct span id)
{
	buf_putf(target, "%s?", path);
	lookup_put_filter(target, "id", id);
	buf_puts(target, "&startIndex=1&count=100");
}

void lookup_put_group_query(struct buf *target, enum dialect dialect, struct span name)
{
	buf_puts(target, dialect == DIALECT_ENTRA ? "/Groups?excludedAttributes=members&" : "/Groups?");
	lookup_put_filter(target, "displayName", name);
	if (dialect != DIALECT_ENTRA)
		buf_puts(target, "&startIndex=1&count=100");
}

/* ---- answers ---- */

static bool lookup_is_user(yyjson_val *user, const struct lookup *lookup,
                           const struct operation *operation, struct span user_name)
{
	const char *attribute = lookup_attribute(lookup, operation);
	struct span text, value = lookup_value(lookup, operation, user_name);
	struct scim_user shown;

	scim_user_read(&shown, user);
	if (strcmp(attribute, "externalId") == 0)
		return json_text(shown.external_id, &text) && span_is(text, value);
	if (is_email(attribute) && json_text(scim_user_email(&shown), &text) &&
	    span_is_nocase(text, value))
		return true;
	return json_text(shown.user_name, &text) && names_are_same(text, user_name);
}

bool lookup_fits(yyjson_val *user, const struct lookup *lookup, const struct operation *operation)
{
	return lookup_is_user(user, lookup, operation, operation->user_name);
}

/* One is proved by a list that is whole and shows one match; that there is none by a list
   that is whole and shows nobody. Whoever else is shown, the filter was ignored, and what
   is not shown is not known. */
static int lookup_conclude(const struct scim_page *page, size_t matches, struct span name,
                           struct fault *fault)
{
	size_t others = page->count - matches;
	bool cut = page->cursor.len || (page->has_total && page->total > page->count);

	if (matches > 1)
		return fault_set(fault, FAULT_PROTOCOL, "'%s' is not one but %zu", INERT(name), matches);
	if (matches && !cut)
		return 1;
	if (others)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "the service does not filter by '%s': it shows others%s, so nothing is "
		                 "known",
		                 INERT(name), cut ? ", and not all of them" : "");
	if (matches && page->has_total && page->total > 1)
		return fault_set(fault, FAULT_PROTOCOL, "'%s' is not one but %llu", INERT(name),
		                 (unsigned long long)page->total);
	if (cut)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "the list of those who go by '%s' is not whole, so nothing is known",
		                 INERT(name));
	if (!page->resources && !page->has_total)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "the service shows no list of those who go by '%s', so nothing is known",
		                 INERT(name));
	return 0;
}

bool lookup_says_absent(const struct reply *reply)
{
	yyjson_val *root = yyjson_doc_get_root(reply->doc), *urn;
	struct scim_items schemas = scim_items_of(json_member(root, "schemas"));
	struct span text;

	if (reply->status != 404 || !yyjson_is_obj(root))
		return false;
	while ((urn = scim_items_next(&schemas)))
		if (json_text(urn, &text) && span_is_nocase(text, span_of(SCIM_ERROR)))
			return true;
	return false;
}

int lookup_absent(yyjson_val *root, struct span id, struct fault *fault)
{
	struct scim_page page;
	struct span shown;
	yyjson_val *resource;
	size_t i, max;

	if (scim_page_parse(&page, root, fault) < 0)
		return -1;
	yyjson_arr_foreach(page.resources, i, max, resource)
		if (scim_id(resource, &shown) && span_is(shown, id))
			return fault_set(fault, FAULT_PROTOCOL,
			                 "a list shows '%s', and the service answers 404 to a look at it, not "
			                 "in the words of SCIM, so nothing is known",
			                 INERT(id));
	return lookup_conclude(&page, 0, id, fault) < 0 ? -1 : 0;
}

int lookup_user(yyjson_val *root, const struct lookup *lookup, const struct operation *operation,
                struct span user_name, yyjson_val **found, struct fault *fault)
{
	struct scim_page page;
	yyjson_val *user;
	size_t i, max, matches = 0;

	*found = NULL;
	if (scim_page_parse(&page, root, fault) < 0)
		return -1;
	yyjson_arr_foreach(page.resources, i, max, user)
		if (lookup_is_user(user, lookup, operation, user_name)) {
			matches++;
			*found = user;
		}
	return lookup_conclude(&page, matches, user_name, fault);
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

		/* displayName does not depend on case, RFC 7643 section 4.2 and 8.7.1 */
		if (!json_member_text(group, "displayName", &text) || !names_are_same(text, name))
			continue;
		matches++;
		*found = group;
	}
	return lookup_conclude(&page, matches, name, fault);
}

/* Where a user shows the text of a setting. */
static yyjson_val *setting_value(const struct scim_user *user, enum setting setting)
{
	switch (setting) {
	case SET_USER_NAME: return user->user_name;
	case SET_EMAIL: return scim_user_email(user);
	case SET_DISPLAY_NAME: return user->display_name;
	case SET_GIVEN_NAME: return user->given_name;
	case SET_FAMILY_NAME: return user->family_name;
	case SET_EXTERNAL_ID: return user->external_id;
	default: return user->active;
	}
}

bool lookup_shown(yyjson_val *user, enum setting setting, struct span *text)
{
	struct scim_user shown;

	scim_user_read(&shown, user);
	return json_text(setting_value(&shown, setting), text);
}

unsigned lookup_differences(const struct operation *operation, unsigned set, yyjson_val *user)
{
	struct scim_user shown;
	unsigned differ = 0;

	scim_user_read(&shown, user);
	for (int setting = 0; setting < SETTINGS; setting++) {
		struct span value = operation->values[setting], text;
		bool same;

		if (!(set & operation->set & 1U << setting))
			continue;
		if (setting == SET_ACTIVE)
			same = scim_user_active(&shown) ==
			       (span_is(value, span_of("true")) ? SCIM_ACTIVE : SCIM_INACTIVE);
		else
			same = json_text(setting_value(&shown, (enum setting)setting), &text) &&
			       (setting == SET_EMAIL ? span_is_nocase : span_is)(text, value);
		differ |= same ? 0 : 1U << setting;
	}
	return differ;
}

void lookup_put_fields(struct buf *fields, const struct operation *operation, unsigned set,
                       yyjson_val *user)
{
	static const char *const active_words[] = {
		[SCIM_ACTIVE_UNKNOWN] = "null", [SCIM_ACTIVE] = "true", [SCIM_INACTIVE] = "false"};
	struct scim_user shown;

	scim_user_read(&shown, user);
	for (int setting = 0; setting < SETTINGS; setting++) {
		struct span text;

		if (!(set & operation->set & 1U << setting))
			continue;
		buf_putf(fields, ",\"%s\":[", setting_names[setting]);
		if (setting == SET_ACTIVE)
			buf_puts(fields, active_words[scim_user_active(&shown)]);
		else if (json_text(setting_value(&shown, (enum setting)setting), &text))
			json_put_string(fields, text);
		else
			buf_puts(fields, "null");
		buf_putc(fields, ',');
		if (setting == SET_ACTIVE)
			buf_put_span(fields, operation->values[setting]);
		else
			json_put_string(fields, operation->values[setting]);
		buf_putc(fields, ']');
	}
}

int lookup_member(yyjson_val *group, struct span user_id)
{
	yyjson_val *members = json_member(group, "members"), *member;
	struct scim_items items = scim_items_of(members);
	struct buf scratch = {0};
	struct span id;
	int found = members && !yyjson_is_null(members) ? 0 : -1;

	while (found <= 0 && (member = scim_items_next(&items)))
		if (yyjson_is_null(member))
			continue;
		else if (!scim_member_id(member, &id, &scratch))
			found = -1; /* it may be anybody */
		else if (span_is(id, user_id))
			found = 1;
	buf_release(&scratch);
	return found;
}

void lookup_put_groups(struct buf *ids, yyjson_val *user)
{
	struct scim_items items = scim_items_of(json_member(user, "groups"));
	struct buf scratch = {0};
	yyjson_val *group;
	struct span id;

	while ((group = scim_items_next(&items)))
		if (scim_member_id(group, &id, &scratch))
			buf_put_sized(ids, id);
	buf_release(&scratch);
}

bool lookup_shows_members(yyjson_val *group)
{
	struct scim_items items = scim_items_of(json_member(group, "members"));
	yyjson_val *member = scim_items_next(&items);

	return member && !yyjson_is_null(member);
}
