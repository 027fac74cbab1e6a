/* SPDX-License-Identifier: ISC */
/*
 * provider: the table. Facts and their sources are in the manual pages
 * (scim-fetch(1), scalr-fetch(1)) under CAVEATS.
 */
#include "stream/provider.h"

static const struct provider providers[] = {
	{
		.name = "rudderstack",
		.schema = "scim",
		.base_url = "https://api.rudderstack.com/scim/v2",
		.base_variables = {"BATON_RUDDERSTACK_SCIM_BASE_URL"},
		.token_variables = {"BATON_RUDDERSTACK_SCIM_TOKEN"},
		.account_type = "human",
		.not_covered = {"workspace member and admin roles"},
		.groups_optional = true,
		.refused = "RudderStack's SCIM API takes only an organization-level Service Access Token; "
				   "a workspace-level token or a personal access token can not read it, and SCIM "
				   "needs the Enterprise plan with SSO enabled",
	},
	{
		.name = "stripe",
		.schema = "scim",
		.base_url = "https://access.stripe.com/scim/v2",
		.base_variables = {"BATON_STRIPE_SCIM_BASE_URL"},
		.token_variables = {"BATON_STRIPE_SCIM_TOKEN"},
		.account_type = "human",
		.not_covered = {"roles", "API keys and other non-human identities"},
		.refused = "Stripe issues SCIM tokens in live mode only: create one in the Dashboard's "
				   "single sign-on settings, for an activated account with a verified domain and "
				   "SAML single sign-on",
	},
	{
		.name = "scim",
		.schema = "scim",
		.base_variables = {"SCIM_BASE_URL"},
		.token_variables = {"SCIM_TOKEN"},
		.account_type = "unknown",
		.refused = "check that the token is current and may read users and groups through SCIM",
	},
	{
		.name = "scalr",
		.schema = "scalr",
		.base_variables = {"BATON_SCALR_BASE_URL", "SCALR_HOSTNAME"},
		.token_variables = {"BATON_SCALR_API_TOKEN", "SCALR_TOKEN"},
		.account_type = "human",
		.not_covered = {"roles and access policies", "last use of service accounts"},
		.refused = "create an API token under API Tokens in Scalr's account settings that may read "
				   "the account's users, teams and service accounts",
	},
};

const struct provider *provider_at(size_t i)
{
	return i < sizeof providers / sizeof *providers ? &providers[i] : NULL;
}

const struct provider *provider_find(struct span name)
{
	for (size_t i = 0; i < sizeof providers / sizeof *providers; i++)
		if (span_is(name, span_of(providers[i].name)))
			return &providers[i];
	return NULL;
}
