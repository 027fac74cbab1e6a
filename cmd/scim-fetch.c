/* SPDX-License-Identifier: ISC */
/*
 * scim-fetch: reads the users, groups and members of a SCIM 2.0 service
 * completely and writes them as a fetch stream. See scim-fetch(1).
 */
#include "fetch_command.h"
#include "fetch/scim.h"

int main(int argc, char **argv)
{
	static const struct fetcher fetcher = {
		.command =
			{
				.name = "scim-fetch",
				.usage = "[OPTION...] PROVIDER|BASE-URL\n",
				.examples =
					"  scim-fetch rudderstack | normalize -o today.ndjson\n"
					"  scim-fetch --token-file ~/.stripe-scim stripe > stripe.ndjson\n"
					"  SCIM_TOKEN=... scim-fetch https://id.example.com/scim/v2 | normalize\n"
					"  scim-fetch --check --var site=datadoghq.eu datadog\n",
				.about = "Reads the users, groups and members of a SCIM 2.0 service completely.\n"
						 "PROVIDER: one of --list-providers, or scim with SCIM_BASE_URL set\n",
				.ending =
					"The token comes from BATON_PROVIDER_SCIM_TOKEN, for a BASE-URL from SCIM_TOKEN.\n"
					"Exit status: 0 complete, 64 usage, 69 unreachable, 75 try later,\n"
					"76 incomplete or broken, 77 refused, 78 no token. See scim-fetch(1).\n",
				.options = scim_fetch_rows,
				.operands = "a run reads one service: give one PROVIDER or BASE-URL",
			},
		.schema = "scim",
		.choose = choose_scim,
		.read = scim_read,
		.check = scim_check,
		.plan = scim_plan,
	};

	return fetch_command(&fetcher, argc, argv);
}
