/* SPDX-License-Identifier: ISC */
/*
 * rules: the table. RudderStack's words are those of its Okta guide under
 * "Supported features" and "Known issues", Stripe's those of its SCIM page. The others
 * are named as in stream/provider_rows.c, or known by the host of a base URL.
 */
#include "push/rules.h"

#define BIT(setting) (1U << (setting))

#define NOT_PUSHED                                               \
	[ACTION_PASSWORD] = {NEVER, "scim-push sends no passwords"}, \
	[ACTION_IMPORT] = {NEVER, "scim-push only writes; scim-fetch(1) reads"}

/* What SCIM has, by PATCH, and users found by their names. */
#define AS_SCIM                                                                                   \
	.lookup = "userName", .dialect = DIALECT_SCIM, .created = SETTINGS_ALL & ~BIT(SET_USER_NAME), \
	.kept = SETTINGS_ALL

#define VANISHES(SERVICE)                                                         \
	[ACTION_DEACTIVATE] = {REMOVES, SERVICE ": who is deactivated is taken out; " \
	                                        "--allow-removal allows it"},         \
	DELETES(SERVICE)

#define DELETES(SERVICE)                                                                           \
	[ACTION_REMOVE] = {REMOVES, SERVICE ": a deleted user is gone for good; --removed deactivate " \
	                                    "keeps it, --allow-removal allows it"}

#define NO_GROUPS(SERVICE)                                                     \
	[ACTION_GROUP] = {NEVER, SERVICE " has no groups in its SCIM API"},        \
	[ACTION_RENAME_GROUP] = {NEVER, SERVICE " has no groups in its SCIM API"}, \
	[ACTION_MEMBERS] = {NEVER, SERVICE " has no groups in its SCIM API"}

#define NO_UPDATES(SERVICE, WHY)                       \
	[ACTION_ADDRESS] = {NEVER, SERVICE ": " WHY},      \
	[ACTION_DISPLAY_NAME] = {NEVER, SERVICE ": " WHY}, \
	[ACTION_OTHER_ATTRIBUTE] = {NEVER, SERVICE ": " WHY}

#define GITHUB_WRITER                                                                                \
	"GitHub wants one writer only, the identity provider: what is changed beside it may be undone, " \
	"or may confuse it"
#define ENTRA_WRITES   "scim-push does not write there: its paths and its limits are other ones"
#define GITLAB_UPDATES "updates of the name, the user name and the address were removed"

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
		.provider = "slack",
		.host = "slack.com",
		AS_SCIM,
		.rules =
			{
				[ACTION_REMOVE] = {NEVER, "Slack: a deleted user is only deactivated; --removed "
                                          "deactivate says so"},
				[ACTION_REMOVE_GROUP] = {REMOVES, "Slack: a deleted group is gone for good; "
                                                  "--allow-removal allows it"},
				NOT_PUSHED,
			},
	},
	{
		.provider = "github-emu",
		.host = "api.github.com",
		.path = "/scim/v2/enterprises/",
		.warning = GITHUB_WRITER,
		AS_SCIM,
		.rules = {DELETES("GitHub"), NOT_PUSHED},
	},
	{
		.provider = "github-server",
		.path = "/api/v3/scim/v2",
		.warning = GITHUB_WRITER,
		AS_SCIM,
		.rules = {DELETES("GitHub"), NOT_PUSHED},
	},
	{
		.provider = "github-org",
		.host = "api.github.com",
		.path = "/scim/v2/organizations/",
		.warning = GITHUB_WRITER,
		.drops = true,
		AS_SCIM,
		.rules = {VANISHES("GitHub"), NO_GROUPS("GitHub's organization"), NOT_PUSHED},
	},
	{
		.provider = "gitlab",
		.path = "/api/scim/v2/groups/",
		.drops = true,
		AS_SCIM,
		.rules = {NO_UPDATES("GitLab", GITLAB_UPDATES), VANISHES("GitLab"), NO_GROUPS("GitLab"),
                  NOT_PUSHED},
	},
	{
		.provider = "gitlab-instance",
		.path = "/api/scim/v2/application",
		AS_SCIM,
		.rules = {NO_UPDATES("GitLab", GITLAB_UPDATES), DELETES("GitLab"), NO_GROUPS("GitLab"),
                  NOT_PUSHED},
	},
	{
		.provider = "atlassian",
		.host = "api.atlassian.com",
		AS_SCIM,
		.rules = {DELETES("Atlassian"), NOT_PUSHED},
	},
	{
		.provider = "aws-identity-center",
		.host = "amazonaws.com",
		.path = "/scim/v2",
		AS_SCIM,
		.rules = {DELETES("AWS"), NOT_PUSHED},
	},
	{
		.provider = "sentry",
		.path = "/api/0/organizations/",
		.drops = true,
		.lookup = "userName",
		.dialect = DIALECT_SCIM,
		.created = BIT(SET_EMAIL) | BIT(SET_ACTIVE),
		.kept = BIT(SET_ACTIVE),
		.rules = {NO_UPDATES("Sentry", "of a user only the role can be changed"),
                  VANISHES("Sentry"), NOT_PUSHED},
	},
	{
		.provider = "notion",
		.host = "notion.com",
		.drops = true,
		.lookup = "email",
		.dialect = DIALECT_SCIM,
		.created = SETTINGS_ALL & ~BIT(SET_USER_NAME),
		.kept = SETTINGS_ALL,
		.rules = {VANISHES("Notion"), NOT_PUSHED},
	},
	{
		.provider = "figma",
		.host = "figma.com",
		AS_SCIM,
		.rules = {DELETES("Figma"), NOT_PUSHED},
	},
	{
		.provider = "segment",
		.host = "segmentapis.com",
		.drops = true,
		AS_SCIM,
		.rules = {NO_UPDATES("Segment", "users can not be updated"), VANISHES("Segment"),
                  NOT_PUSHED},
	},
	{
		.provider = "pagerduty",
		.host = "api.pagerduty.com",
		.drops = true,
		AS_SCIM,
		.rules = {VANISHES("PagerDuty"), NO_GROUPS("PagerDuty"), NOT_PUSHED},
	},
	{
		.provider = "amplitude",
		.host = "core.amplitude.com",
		.drops = true,
		AS_SCIM,
		.rules = {[ACTION_ADDRESS] = {NEVER, "Amplitude: the address is the id of the user"},
                  VANISHES("Amplitude"),
                  NOT_PUSHED},
	},
	{
		.provider = "cloudflare",
		.host = "api.cloudflare.com",
		.drops = true,
		AS_SCIM,
		.rules = {[ACTION_ADDRESS] = {NEVER, "Cloudflare: the email of a user can not be updated"},
                  VANISHES("Cloudflare"),
                  NOT_PUSHED},
	},
	{
		.provider = "bitwarden",
		.host = "scim.bitwarden.com",
		AS_SCIM,
		.rules = {[ACTION_ADDRESS] = {NEVER,
                                      "Bitwarden answers 204 to a new address and ignores it"},
                  DELETES("Bitwarden"),
                  NOT_PUSHED},
	},
	{
		.provider = "keycloak",
		AS_SCIM,
		.rules = {DELETES("Keycloak"), NOT_PUSHED},
	},
	{
		.provider = "entra",
		.path = "/rp/scim",
		AS_SCIM,
		.rules =
			{NO_UPDATES("Entra", ENTRA_WRITES), [ACTION_PUSH] = {NEVER, "Entra: " ENTRA_WRITES},
             [ACTION_DEACTIVATE] = {NEVER, "Entra: " ENTRA_WRITES},
             [ACTION_REACTIVATE] = {NEVER, "Entra: " ENTRA_WRITES},
             [ACTION_REMOVE] = {NEVER, "Entra: " ENTRA_WRITES},
             [ACTION_GROUP] = {NEVER, "Entra: " ENTRA_WRITES},
             [ACTION_RENAME_GROUP] = {NEVER, "Entra: " ENTRA_WRITES},
             [ACTION_MEMBERS] = {NEVER, "Entra: " ENTRA_WRITES}, NOT_PUSHED},
	},
	{
		.provider = "asana",
		.host = "app.asana.com",
		AS_SCIM,
		.rules =
			{
				[ACTION_REMOVE] = {NEVER, "Asana: a deleted user is only deactivated; --removed "
                                          "deactivate says so"},
				[ACTION_REMOVE_GROUP] = {NEVER, "Asana: teams can not be deleted"},
				NOT_PUSHED,
			},
	},
	{
		.provider = "miro",
		.host = "miro.com",
		AS_SCIM,
		.rules = {DELETES("Miro"), NOT_PUSHED},
	},
	{
		.provider = "postman",
		.host = "postman.com",
		AS_SCIM,
		.rules =
			{
				[ACTION_REMOVE] = {NEVER, "Postman: users can not be deleted; --removed deactivate "
                                          "deactivates them"},
				[ACTION_REMOVE_GROUP] = {REMOVES, "Postman: deleting a group deactivates its "
                                                  "members; --allow-removal allows it"},
				NOT_PUSHED,
			},
	},
	{
		.provider = "docker",
		.host = "hub.docker.com",
		.lookup = "userName",
		.dialect = DIALECT_OKTA_AIW,
		.created = SETTINGS_ALL & ~BIT(SET_USER_NAME),
		.kept = SETTINGS_ALL,
		.rules = {NO_GROUPS("Docker"), NOT_PUSHED},
	},
	{
		.provider = "zitadel",
		AS_SCIM,
		.rules = {NO_GROUPS("ZITADEL"), NOT_PUSHED},
	},
	{
		.provider = "scim",
		AS_SCIM,
		.rules = {NOT_PUSHED},
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

/* Is a base URL one of this service's? */
static bool rules_has_address(const struct rules *rules, const char *base_url)
{
	if (!rules->host && !rules->path)
		return false;
	return (!rules->host || rules_is_at(base_url, rules->host)) &&
	       (!rules->path || strstr(base_url, rules->path));
}

const struct rules *rules_find(const char *provider, const char *base_url)
{
	for (size_t i = 0; i < LAST; i++)
		if (strcmp(provider, table[i].provider) == 0)
			return &table[i];
	for (size_t i = 0; i < LAST; i++)
		if (rules_has_address(&table[i], base_url))
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
	if (!why && operation->op == OP_REMOVE_GROUP)
		why = rules_ask(rules, ACTION_REMOVE_GROUP, allow_removal);
	/* an inactive user is pushed by taking access away from whom it is linked to */
	if (!why && inactive)
		why = rules_ask(rules, ACTION_DEACTIVATE, allow_removal);
	return why;
}
