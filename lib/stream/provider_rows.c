/* SPDX-License-Identifier: ISC */
/*
 * provider_rows: the table, in the order of --list-providers. Facts and their sources are
 * in the manual pages (scim-fetch(1), scalr-fetch(1)) under CAVEATS.
 */
#include "stream/provider.h"

/* The variables of address and token, which are named after the provider. */
#define NAMED(NAME)                                     \
	.base_variables = {"BATON_" NAME "_SCIM_BASE_URL"}, \
	.token_variables = {"BATON_" NAME "_SCIM_TOKEN"}

#define NOT_BY_SCIM      "accounts that were not made through SCIM"
#define LEAVERS_VANISH   "deactivated accounts: who is deactivated is listed no more"
#define PENDING_COUNTED  "whether an invitation is still pending"
#define NO_GROUPS        "groups"
#define NESTED_NOT_SHOWN "memberships of groups in groups"

static const char *const slack_hosts[] = {"api.slack.com", "api.slack-gov.com", NULL};
static const char *const postman_hosts[] = {"api.postman.com", "api.eu.postman.com", NULL};
static const char *const webex_hosts[] = {"webexapis.com", "api-usgov.webex.com", NULL};
static const char *const entra_hosts[] = {"graph.microsoft.com", "microsoftgraph.chinacloudapi.cn",
                                          NULL};
static const char *const databricks_clouds[] = {"cloud.databricks.com", "gcp.databricks.com",
                                                "azuredatabricks.net", NULL};
static const char *const datadog_sites[] = {"datadoghq.com",     "us3.datadoghq.com",
                                            "us5.datadoghq.com", "ap1.datadoghq.com",
                                            "ap2.datadoghq.com", "uk1.datadoghq.com",
                                            "datadoghq.eu",      "ddog-gov.com",
                                            "us2.ddog-gov.com",  NULL};

#define GITHUB_TOKEN                                                                             \
	"GitHub's SCIM API takes a classic personal access token (fine-grained ones do not work): "  \
	"admin:enterprise to read managed users, or admin:org, authorized for SAML single sign-on, " \
	"of an organization owner"

#define GITLAB_OFF "GitLab sends an empty list if SAML single sign-on is off"

#define DATABRICKS_TOKEN                                                                      \
	"Databricks takes an OAuth token of an account admin (at a workspace: a personal access " \
	"token of a workspace admin); an OAuth token lasts an hour: --token-command gets a new one"

const struct provider provider_rows[] = {
	{
		.name = "rudderstack",
		.title = "RudderStack",
		.schema = "scim",
		.base_url = "https://api.rudderstack.com/scim/v2",
		NAMED("RUDDERSTACK"),
		.account_type = "human",
		.not_covered = {"workspace member and admin roles"},
		.groups_optional = true,
		.refused = "RudderStack's SCIM API takes only an organization-level Service Access Token; "
				   "a workspace-level token or a personal access token can not read it, and SCIM "
				   "needs the Enterprise plan with SSO enabled",
		.members_stay = true,
	},
	{
		.name = "stripe",
		.title = "Stripe",
		.schema = "scim",
		.base_url = "https://access.stripe.com/scim/v2",
		NAMED("STRIPE"),
		.account_type = "human",
		.not_covered = {"roles", "API keys and other non-human identities"},
		.refused = "Stripe issues SCIM tokens in live mode only: create one in the Dashboard's "
				   "single sign-on settings, for an activated account with a verified domain and "
				   "SAML single sign-on",
	},
	{
		.name = "asana",
		.title = "Asana",
		.schema = "scim",
		.base_url = "https://app.asana.com/api/1.0/scim",
		NAMED("ASANA"),
		.paging = PAGING_NONE,
		.account_type = "unknown",
		.not_covered = {"guests"},
		.empty_members = EMPTY_IS_UNKNOWN,
		.refused = "Asana's SCIM API takes the token of a service account; it needs the "
				   "Enterprise plan",
	},
	{
		.name = "atlassian",
		.title = "Atlassian",
		.schema = "scim",
		.base_url = "https://api.atlassian.com/scim/directory/{directory_id}",
		.variables = {{"directory_id", LETTERS_ID, NULL,
                       "the id of the directory (organizations API: Get directories)", NULL}},
		NAMED("ATLASSIAN"),
		.count = 100,
		.account_type = "unknown",
		.not_covered = {NOT_BY_SCIM, "accounts of the organization's other directories"},
		.refused = "Atlassian's SCIM API takes the API key of this directory, which is shown once; "
				   "an organization API key or a user's API token can not read it",
	},
	{
		.name = "aws-identity-center",
		.title = "AWS IAM Identity Center",
		.schema = "scim",
		.base_url = "https://scim.{region}.amazonaws.com/{tenant_id}/scim/v2",
		.variables = {{"region", LETTERS_LABEL, NULL, "the region, as eu-west-1", NULL},
                      {"tenant_id", LETTERS_ID, NULL,
                       "the part of the SCIM endpoint before /scim/v2 (Settings > Automatic "
                       "provisioning)",
                       NULL}},
		NAMED("AWS_IDENTITY_CENTER"),
		.paging = PAGING_CURSOR,
		.members = MEMBERS_USERS,
		.count = 100,
		.account_type = "unknown",
		.empty_members = EMPTY_IS_UNKNOWN,
		.refused = "check the tenant id and the region as well: AWS answers 401 to a wrong tenant "
				   "id; an access token ends after a year",
	},
	{
		.name = "bitwarden",
		.title = "Bitwarden",
		.schema = "scim",
		.base_url = "https://{host}/v2/{org_id}",
		.variables = {{"host", LETTERS_HOST, "scim.bitwarden.com", "of your own server", NULL},
                      {"org_id", LETTERS_ID, NULL, "the id of the organization", NULL}},
		NAMED("BITWARDEN"),
		.grade = GRADE_CODE,
		.account_type = "unknown",
		.not_covered = {"members of groups"},
		.empty_members = EMPTY_IS_NEVER,
		.refused = "Bitwarden's SCIM API takes the SCIM API key of the organization (Settings > "
				   "SCIM provisioning)",
	},
	{
		.name = "canva",
		.title = "Canva",
		.schema = "scim",
		.base_url = "https://www.canva.com/_scim/v2",
		NAMED("CANVA"),
		.grade = GRADE_COPY,
		.count = 10,
		.account_type = "unknown",
		.not_covered = {"members of groups"},
		.empty_members = EMPTY_IS_NEVER,
		.refused = "403 \"Unsupported filter field\" is no refusal of the token",
		.bad_request = "Canva: 400 \"No SSO configurations found\" means that single sign-on is "
					   "not set up, and a page has at most 10 records: --count",
	},
	{
		.name = "databricks-account",
		.title = "Databricks account",
		.schema = "scim",
		.base_url = "https://accounts.{cloud_domain}/api/2.0/accounts/{account_id}/scim/v2",
		.variables = {{"cloud_domain", LETTERS_HOST, "cloud.databricks.com",
                       "of the cloud: AWS, Google Cloud or Azure", databricks_clouds},
                      {"account_id", LETTERS_ID, NULL, "the id of the account", NULL}},
		NAMED("DATABRICKS_ACCOUNT"),
		.grade = GRADE_OTHERS,
		.service_path = "/ServicePrincipals",
		.account_type = "human",
		.empty_members = EMPTY_IS_UNKNOWN,
		.refused = DATABRICKS_TOKEN,
	},
	{
		.name = "databricks-workspace",
		.title = "Databricks workspace",
		.schema = "scim",
		.base_url = "https://{workspace_host}/api/2.0/preview/scim/v2",
		.variables = {{"workspace_host", LETTERS_HOST, NULL,
                       "the host of the workspace, as dbc-a1b2345c-d6e7.cloud.databricks.com",
                       NULL}},
		NAMED("DATABRICKS_WORKSPACE"),
		.service_path = "/ServicePrincipals",
		.account_type = "human",
		.not_covered = {"accounts of other workspaces (their ids are other ones)"},
		.refused = DATABRICKS_TOKEN,
	},
	{
		.name = "datadog",
		.title = "Datadog",
		.schema = "scim",
		.base_url = "https://api.{site}/api/v2/scim",
		.variables = {{"site", LETTERS_HOST, "datadoghq.com", "the site of the organization",
                       datadog_sites}},
		NAMED("DATADOG"),
		.account_type = "unknown",
		.groups_optional = true,
		.groups_may_be_refused = true,
		.refused = "Datadog takes an application key, not an API key, of a service account with "
				   "user_access_invite and user_access_manage; it needs the Pro or Enterprise plan",
	},
	{
		.name = "docker",
		.title = "Docker",
		.schema = "scim",
		.base_url = "https://hub.docker.com/v2/scim/2.0",
		NAMED("DOCKER"),
		.account_type = "unknown",
		.not_covered = {NOT_BY_SCIM, NO_GROUPS},
		.groups_optional = true,
		.refused = "Docker's SCIM API takes the SCIM token of the organization or company; it "
				   "needs the Business plan with single sign-on",
		.members_stay = true,
	},
	{
		.name = "entra",
		.title = "Microsoft Entra ID",
		.schema = "scim",
		.base_url = "https://{host}/rp/scim",
		.variables = {{"host", LETTERS_HOST, "graph.microsoft.com", "of the cloud", entra_hosts}},
		NAMED("ENTRA"),
		.users_path = "/users",
		.groups_path = "/groups",
		.paging = PAGING_CURSOR,
		.members = MEMBERS_USERS,
		.account_type = "unknown",
		.empty_members = EMPTY_IS_UNKNOWN,
		.warning = "Microsoft charges for each request, USD 0.002 when this was written: one for "
				   "every 100 users, one for every 100 groups, and one or more for each group",
		.refused =
			"turn on the SCIM API of Entra and its billing; the app needs the permissions "
			"User.Read.All and Group.Read.All; a token lasts an hour: --token-command gets a "
			"new one",
		.members_stay = true,
		.accounts_stay = true,
	},
	{
		.name = "figma",
		.title = "Figma",
		.schema = "scim",
		.base_url = "https://www.figma.com/scim/v2/{tenant_id}",
		.variables = {{"tenant_id", LETTERS_ID, NULL,
                       "the tenant id in the SCIM settings of the organization", NULL}},
		NAMED("FIGMA"),
		.account_type = "unknown",
		.not_covered = {NOT_BY_SCIM, "groups that were not made through SCIM",
                        "whether an account is deactivated"},
		.warning = "a read of Figma's users writes: it binds accounts that it finds to SCIM",
		.refused = "Figma's SCIM API takes the token of an organization admin (Organization or "
				   "Enterprise plan)",
		.bad_request = "Figma answers 400 to a wrong tenant id",
	},
	{
		.name = "github-emu",
		.title = "GitHub Enterprise with managed users",
		.schema = "scim",
		.base_url = "https://{host}/scim/v2/enterprises/{enterprise}",
		.variables = {{"host", LETTERS_HOST, "api.github.com",
                       "api.SUBDOMAIN.ghe.com with data residency", NULL},
                      {"enterprise", LETTERS_ID, NULL,
                       "the enterprise as it stands in its URL, in the same case", NULL}},
		NAMED("GITHUB_EMU"),
		.account_type = "unknown",
		.not_covered = {"names and addresses of suspended accounts, which GitHub obfuscates"},
		.refused = GITHUB_TOKEN,
	},
	{
		.name = "github-server",
		.title = "GitHub Enterprise Server",
		.schema = "scim",
		.base_url = "https://{host}/api/v3/scim/v2",
		.variables = {{"host", LETTERS_HOST, NULL, "the host of the server", NULL}},
		NAMED("GITHUB_SERVER"),
		.account_type = "unknown",
		.not_covered = {"names and addresses of suspended accounts, which GitHub obfuscates"},
		.refused = GITHUB_TOKEN,
		.missing = "GitHub answers 404 if SCIM is not turned on",
	},
	{
		.name = "github-org",
		.title = "GitHub organization",
		.schema = "scim",
		.base_url = "https://api.github.com/scim/v2/organizations/{org}",
		.variables = {{"org", LETTERS_ID, NULL, "the organization as it stands in its URL", NULL}},
		NAMED("GITHUB_ORG"),
		.account_type = "unknown",
		.not_covered = {NO_GROUPS, "whether an invitation is pending or cancelled",
                        "members who signed in through SAML and left"},
		.groups_optional = true,
		.refused = GITHUB_TOKEN,
		.missing = "GitHub has this API only for organizations with SAML single sign-on and "
				   "without managed users (for those there is github-emu)",
		.members_stay = true,
	},
	{
		.name = "gitlab",
		.title = "GitLab group",
		.schema = "scim",
		.base_url = "https://{host}/api/scim/v2/groups/{group_path}",
		.variables = {{"host", LETTERS_HOST, "gitlab.com", "of your own server", NULL},
                      {"group_path", LETTERS_PATH, NULL, "the path of the top-level group", NULL}},
		NAMED("GITLAB"),
		.account_type = "unknown",
		.not_covered = {NO_GROUPS, "members who do not sign in through SAML"},
		.groups_optional = true,
		.no_users = GITLAB_OFF,
		.refused = "GitLab takes the SCIM token of the group (Settings > SAML SSO), not a personal "
				   "access token; it needs Premium or Ultimate with SAML single sign-on turned on",
		.members_stay = true,
	},
	{
		.name = "gitlab-instance",
		.title = "GitLab on a server of your own",
		.schema = "scim",
		.base_url = "https://{host}/api/scim/v2/application",
		.variables = {{"host", LETTERS_HOST, NULL, "the host of the server", NULL}},
		NAMED("GITLAB_INSTANCE"),
		.account_type = "unknown",
		.not_covered = {NO_GROUPS, "users who do not sign in through SAML"},
		.groups_optional = true,
		.no_users = GITLAB_OFF,
		.refused = "GitLab takes the SCIM token of the instance (Admin > Settings > General > "
				   "SCIM token), not a personal access token; it needs Premium or Ultimate with "
				   "SAML single sign-on turned on",
		.members_stay = true,
	},
	{
		.name = "hcp-terraform",
		.title = "HCP Terraform",
		.schema = "scim",
		.base_url = "https://app.terraform.io/scim/v2/{scim_configuration_id}",
		.variables = {{"scim_configuration_id", LETTERS_ID, NULL,
                       "the id of the organization's SCIM configuration", NULL}},
		NAMED("HCP_TERRAFORM"),
		.account_type = "unknown",
		.not_covered = {NOT_BY_SCIM},
		.refused = "HCP Terraform takes a SCIM token, which an owner makes; 403 means that SCIM "
				   "is turned off",
	},
	{
		.name = "keycloak",
		.title = "Keycloak",
		.schema = "scim",
		.base_url = "https://{host}/realms/{realm}/scim/v2",
		.variables = {{"host", LETTERS_HOST, NULL, "the host of the server", NULL},
                      {"realm", LETTERS_ID, NULL, "the realm", NULL}},
		NAMED("KEYCLOAK"),
		.grade = GRADE_CODE,
		.group_query = {"attributes", "displayName,members"},
		.account_type = "unknown",
		.not_covered = {"groups inside groups: only those of the top level are listed",
                        "members that are service accounts"},
		.refused = "401: the token's audience must be the SCIM address; 403: its service account "
				   "needs the role manage-users",
		.missing = "Keycloak answers 404 if the feature scim-api or the realm's switch for SCIM "
				   "is off",
	},
	{
		.name = "miro",
		.title = "Miro",
		.schema = "scim",
		.base_url = "https://miro.com/api/v1/scim",
		NAMED("MIRO"),
		.account_type = "unknown",
		.empty_members = EMPTY_IS_UNKNOWN,
		.refused = "Miro takes a SCIM token, of a company admin; it needs the Enterprise plan with "
				   "single sign-on",
	},
	{
		.name = "newrelic",
		.title = "New Relic",
		.schema = "scim",
		.base_url = "https://scim-provisioning.service.newrelic.com/scim/v2",
		NAMED("NEWRELIC"),
		.account_type = "unknown",
		.not_covered = {"accounts of other authentication domains, each of which has its token"},
		.refused = "New Relic takes the token of this authentication domain, which was shown once "
				   "when SCIM was turned on",
	},
	{
		.name = "notion",
		.title = "Notion",
		.schema = "scim",
		.base_url = "https://api.notion.com/scim/v2",
		NAMED("NOTION"),
		.grade = GRADE_COPY,
		.account_type = "unknown",
		.not_covered = {"guests", LEAVERS_VANISH, "when an account was made"},
		.times_mean_nothing = true,
		.refused =
			"Notion takes a token of a workspace owner, and it ends when that person leaves; "
			"it needs the Enterprise plan with SAML single sign-on",
	},
	{
		.name = "pagerduty",
		.title = "PagerDuty",
		.schema = "scim",
		.base_url = "https://api.pagerduty.com/scim/v2",
		NAMED("PAGERDUTY"),
		.auth = "Token token=",
		.grade = GRADE_CODE,
		.account_type = "unknown",
		.not_covered = {NO_GROUPS, LEAVERS_VANISH},
		.groups_optional = true,
		.refused =
			"PagerDuty takes a REST API key as \"Token token=\", which is how it is sent; an "
			"OAuth token is a bearer token",
		.members_stay = true,
	},
	{
		.name = "postman",
		.title = "Postman",
		.schema = "scim",
		.base_url = "https://{host}/scim/v2",
		.variables = {{"host", LETTERS_HOST, "api.postman.com", "of the region", postman_hosts}},
		NAMED("POSTMAN"),
		.grade = GRADE_OTHERS,
		.account_type = "unknown",
		.refused = "Postman takes a SCIM API key of a team admin",
	},
	{
		.name = "salesforce",
		.title = "Salesforce",
		.schema = "scim",
		.base_url = "https://{my_domain}.my.salesforce.com/services/scim/v2",
		.variables = {{"my_domain", LETTERS_HOST, NULL,
                       "the part of your address before .my.salesforce.com", NULL}},
		NAMED("SALESFORCE"),
		.count = 200,
		.account_type = "unknown",
		.refused = "Salesforce takes an OAuth access token, which ends: --token-command gets a new "
				   "one",
		.bad_request =
			"Salesforce pages no further than about 2,200 records and sends 400 after that: "
			"--query 'filter=...' reads a part of the users, each part as a --source of its own",
	},
	{
		.name = "sentry",
		.title = "Sentry",
		.schema = "scim",
		.base_url = "https://{host}/api/0/organizations/{org}/scim/v2",
		.variables = {{"host", LETTERS_HOST, "sentry.io", "of your own server, or of a region",
                       NULL},
                      {"org", LETTERS_ID, NULL, "the organization as it stands in its URL", NULL}},
		NAMED("SENTRY"),
		.grade = GRADE_CODE,
		.count = 100,
		.account_type = "unknown",
		.not_covered = {LEAVERS_VANISH, PENDING_COUNTED, "names"},
		.members_cap = 10000,
		.no_name = "N/A",
		.refused = "Sentry takes a token with member:read and team:read, and SAML single sign-on "
				   "with SCIM must be on: without it Sentry answers 403 to every token",
	},
	{
		.name = "slack",
		.title = "Slack",
		.schema = "scim",
		.base_url = "https://{host}/scim/v2",
		.variables = {{"host", LETTERS_HOST, "api.slack.com", "api.slack-gov.com for GovSlack",
                       slack_hosts}},
		NAMED("SLACK"),
		.account_type = "unknown",
		.not_covered = {"roles: in Slack these are job titles", "whether an account is a guest"},
		.roles_are_titles = true,
		.refused = "Slack's SCIM API takes an OAuth user token with the admin scope, made by an "
				   "owner or admin of a Business+ or Enterprise plan; bot tokens can not read it",
	},
	{
		.name = "snowflake",
		.title = "Snowflake",
		.schema = "scim",
		.base_url = "https://{account}.snowflakecomputing.com/scim/v2/{integration_uuid}",
		.variables = {{"account", LETTERS_HOST, NULL,
                       "the account as it stands in its URL, as myorg-account1", NULL},
                      {"integration_uuid", LETTERS_ID, "",
                       "the id of the security integration; only for a programmatic access token "
                       "or External OAuth",
                       NULL}},
		NAMED("SNOWFLAKE"),
		.account_type = "unknown",
		.not_covered = {"users and roles that the SCIM role does not own"},
		.sentinels = {"synthesis_user", "synthetic_group"},
		.sentinel_means = "Snowflake made that up in place of a list: turn on the behaviour change "
						  "bundle 2026_03, which makes it send real ones",
		.refused = "Snowflake takes a token of SYSTEM$GENERATE_SCIM_ACCESS_TOKEN, which ends after "
				   "six months; a programmatic access token or External OAuth needs --var "
				   "integration_uuid; a network policy may refuse this machine",
	},
	{
		.name = "webex",
		.title = "Webex",
		.schema = "scim",
		.base_url = "https://{host}/identity/scim/{org_id}/v2",
		.variables = {{"host", LETTERS_HOST, "webexapis.com", "api-usgov.webex.com for government",
                       webex_hosts},
                      {"org_id", LETTERS_ID, NULL, "the id of the organization", NULL}},
		NAMED("WEBEX"),
		.grade = GRADE_OTHERS,
		.group_query = {"includeMembers", "true"},
		.account_type = "unknown",
		.members_cap = 500,
		.refused = "Webex takes a token with identity:people_read, of a full or read-only admin; "
				   "the id of the organization may be wrong as well",
	},
	{
		.name = "zitadel",
		.title = "ZITADEL",
		.schema = "scim",
		.base_url = "https://{domain}/scim/v2/{org_id}",
		.variables = {{"domain", LETTERS_HOST, NULL, "the domain of the instance", NULL},
                      {"org_id", LETTERS_ID, NULL, "the id of the organization", NULL}},
		NAMED("ZITADEL"),
		.grade = GRADE_COPY,
		.count = 100,
		.account_type = "unknown",
		.not_covered = {NO_GROUPS},
		.groups_optional = true,
		.refused = "ZITADEL takes a personal access token of a service user",
		.members_stay = true,
	},
	{
		.name = "zoom",
		.title = "Zoom",
		.schema = "scim",
		.base_url = "https://api.zoom.us/scim2",
		NAMED("ZOOM"),
		.grade = GRADE_OTHERS,
		.account_type = "unknown",
		.not_covered = {"licences, manager, organization and cost center, which only a single user "
                        "shows"},
		.empty_members = EMPTY_IS_UNKNOWN,
		.refused = "Zoom takes an OAuth token with the scim2 scopes, which lasts an hour; the "
				   "account needs an approved vanity URL and single sign-on",
		.bad_request = "Zoom also answers 400 if single sign-on is off",
	},
	{
		.name = "scim",
		.title = "any other service",
		.schema = "scim",
		.base_variables = {"SCIM_BASE_URL"},
		.token_variables = {"SCIM_TOKEN"},
		.account_type = "unknown",
		.refused = "check that the token is current and may read users and groups through SCIM",
	},
	{
		.name = "scalr",
		.title = "Scalr",
		.schema = "scalr",
		.base_variables = {"BATON_SCALR_BASE_URL", "SCALR_HOSTNAME"},
		.token_variables = {"BATON_SCALR_API_TOKEN", "SCALR_TOKEN"},
		.count = 100,
		.account_type = "human",
		.not_covered = {"roles and access policies", "last use of service accounts"},
		.refused = "create an API token under API Tokens in Scalr's account settings that may read "
				   "the account's users, teams and service accounts",
	},
	{0},
};
