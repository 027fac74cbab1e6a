/* SPDX-License-Identifier: ISC */
/*
 * rules: the table. RudderStack's words are those of its Okta guide under
 * "Supported features" and "Known issues", Stripe's those of its SCIM page.
 */
#include "push/rules.h"

#define BIT(setting) (1U << (setting))

static const struct rules table[] = {
	{
		.provider = "rudderstack",
		.host = "rudderstack.com",
		.lookup = "userName",
		.dialect = DIALECT_OKTA_OIN,
		.created = BIT(SET_EMAIL) | BIT(SET_DISPLAY_NAME) | BIT(SET_ACTIVE),
		.kept = BIT(SET_DISPLAY_NAME) | BIT(SET_ACTIVE),
		.rules =
			{
				[ACTION_ADDRESS] = {NEVER, "RudderStack: \"Updating the email is not supported\""},
				[ACTION_OTHER_ATTRIBUTE] =
					{NEVER,
                     "RudderStack: \"Currently, you can only update the user's display name\""},
				[ACTION_REMOVE] = {NEVER,
                                   "RudderStack: \"RudderStack does not support removing users\"; "
                                   "it \"supports deactivating the user\": --removed=deactivate"},
				[ACTION_GROUP] =
					{NEVER, "RudderStack does not support \"Push groups (will be supported in the "
                            "future)\""},
				[ACTION_RENAME_GROUP] =
					{NEVER, "RudderStack does not support \"Push groups (will be supported in the "
                            "future)\""},
				[ACTION_MEMBERS] = {NEVER,
                                    "RudderStack does not support \"Push groups (will be supported "
                                    "in the future)\" and \"Enhanced group push\""},
				[ACTION_PASSWORD] = {NEVER, "RudderStack does not support \"Sync password\""},
				[ACTION_IMPORT] = {NEVER,
                                   "RudderStack does not support \"Import users\" and \"Import "
                                   "groups\""},
			},
	},
	{
		.provider = "stripe",
		.host = "access.stripe.com",
		.lookup = "email",
		.dialect = DIALECT_OKTA_AIW,
		.created = BIT(SET_DISPLAY_NAME) | BIT(SET_ACTIVE),
		.kept = BIT(SET_DISPLAY_NAME) | BIT(SET_ACTIVE),
		.drops = true,
		.rules =
			{
				[ACTION_ADDRESS] = {NEVER, "Stripe: the email of a user can not be updated; push "
                                           "the user under the new email"},
				[ACTION_OTHER_ATTRIBUTE] = {NEVER,
                                            "Stripe handles id, userName, displayName, active and "
                                            "meta of a user and ignores everything else"},
				[ACTION_DEACTIVATE] = {REMOVES, "Stripe: deactivating a user deletes the user from "
                                                "the account; --allow-removal allows it"},
				[ACTION_REMOVE] = {REMOVES, "Stripe: deleting a user removes the member from the "
                                            "account; --allow-removal allows it"},
				[ACTION_RENAME_GROUP] = {NEVER,
                                         "Stripe: the name of a group can not be updated; push the "
                                         "group under the new name"},
				[ACTION_PASSWORD] = {NEVER, "Stripe has no passwords in SCIM"},
				[ACTION_IMPORT] = {NEVER, "scim-push only writes; scim-fetch(1) reads"},
			},
	},
	{
		.provider = "scim",
		.lookup = "userName",
		.dialect = DIALECT_SCIM,
		.created = SETTINGS_ALL & ~BIT(SET_USER_NAME),
		.kept = SETTINGS_ALL,
		.rules =
			{
				[ACTION_PASSWORD] = {NEVER, "scim-push sends no passwords"},
				[ACTION_IMPORT] = {NEVER, "scim-push only writes; scim-fetch(1) reads"},
			},
	},
};

enum { LAST = sizeof table / sizeof *table - 1 };

/* Is the host of a URL this one, or below it? */
static bool rules_is_at(const char *url, const char *host)
{
	const char *at = strstr(url, "://");
	size_t len, wanted = strlen(host);

	if (!at)
		return false;
	at += 3;
	len = strcspn(at, ":/");
	if (len < wanted || (len > wanted && at[len - wanted - 1] != '.'))
		return false;
	return span_is_nocase((struct span){at + len - wanted, wanted}, span_of(host));
}

const struct rules *rules_find(const char *provider, const char *base_url)
{
	for (size_t i = 0; i < LAST; i++)
		if (strcmp(provider, table[i].provider) == 0 || rules_is_at(base_url, table[i].host))
			return &table[i];
	return &table[LAST];
}

static const char *rules_ask(const struct rules *rules, enum action action, bool allow_removal)
{
	const struct rule *rule = &rules->rules[action];

	return rule->verdict == ALLOWED || (rule->verdict == REMOVES && allow_removal) ? NULL
	                                                                               : rule->why;
}

/* What an update asks for, setting by setting. */
static const char *rules_ask_update(const struct rules *rules, unsigned set)
{
	static const enum action actions[SETTINGS] = {
		[SET_USER_NAME] = ACTION_ADDRESS,           [SET_EMAIL] = ACTION_ADDRESS,
		[SET_DISPLAY_NAME] = ACTION_DISPLAY_NAME,   [SET_GIVEN_NAME] = ACTION_OTHER_ATTRIBUTE,
		[SET_FAMILY_NAME] = ACTION_OTHER_ATTRIBUTE, [SET_EXTERNAL_ID] = ACTION_OTHER_ATTRIBUTE,
	};
	const char *why = NULL;

	for (int setting = 0; setting < SET_ACTIVE && !why; setting++)
		if (set & BIT(setting))
			why = rules_ask(rules, actions[setting], false);
	return why;
}

const char *rules_refusal(const struct rules *rules, const struct operation *operation,
                          bool allow_removal)
{
	static const enum action actions[OPS] = {
		[OP_PUSH_GROUP] = ACTION_GROUP,          [OP_PUSH] = ACTION_PUSH,
		[OP_RENAME_GROUP] = ACTION_RENAME_GROUP, [OP_REACTIVATE] = ACTION_REACTIVATE,
		[OP_ADD_MEMBER] = ACTION_MEMBERS,        [OP_REMOVE_MEMBER] = ACTION_MEMBERS,
		[OP_DEACTIVATE] = ACTION_DEACTIVATE,     [OP_REMOVE] = ACTION_REMOVE,
		[OP_REMOVE_GROUP] = ACTION_GROUP,        [OP_IMPORT] = ACTION_IMPORT,
	};
	bool inactive = operation->op == OP_PUSH && operation->set & BIT(SET_ACTIVE) &&
	                span_is(operation->values[SET_ACTIVE], span_of("false"));
	const char *why = operation->has_password ? rules_ask(rules, ACTION_PASSWORD, false) : NULL;

	if (!why && operation->op == OP_UPDATE)
		why = rules_ask_update(rules, operation->set);
	else if (!why)
		why = rules_ask(rules, actions[operation->op], allow_removal);
	/* an inactive user is pushed by taking access away from whom it is linked to */
	if (!why && inactive)
		why = rules_ask(rules, ACTION_DEACTIVATE, allow_removal);
	return why;
}
