/* SPDX-License-Identifier: ISC */
/*
 * scalr-fetch: reads the users, service accounts and teams of a Scalr account
 * completely and writes them as a fetch stream. See scalr-fetch(1).
 */
#include "fetch_command.h"
#include "fetch/scalr.h"

/* Its name or id; NULL: the only one that the token sees. */
static const char *account;

static int choose(struct service *service, const char *operand, struct fault *fault)
{
	account = scalr_account(operand);
	return choose_scalr(service, account, fault);
}

static int read_account(struct fetch *fetch, struct fault *fault)
{
	return scalr_read(fetch, account, fault);
}

static int check_account(struct fetch *fetch, struct buf *report, struct fault *fault)
{
	return scalr_check(fetch, account, report, fault);
}

static void plan_account(struct fetch *fetch, struct buf *lines)
{
	scalr_plan(fetch, account, lines);
}

int main(int argc, char **argv)
{
	static const struct fetcher fetcher = {
		.command =
			{
				.name = "scalr-fetch",
				.usage = "[OPTION...] [ACCOUNT]\n",
				.examples =
					"  scalr-fetch acme | normalize -o today.ndjson\n"
					"  scalr-fetch --token-file ~/.scalr --base-url https://scalr.example.com acme\n"
					"  scalr-fetch --check acme\n",
				.about =
					"Reads the users, service accounts and teams of a Scalr account completely.\n"
					"ACCOUNT is the subdomain: acme for https://acme.scalr.io. Leave it out if\n"
					"BATON_SCALR_ACCOUNT is set, or if the token of a base URL sees one account only.\n",
				.ending =
					"The token comes from BATON_SCALR_API_TOKEN or SCALR_TOKEN, the base URL from\n"
					"BATON_SCALR_BASE_URL or SCALR_HOSTNAME. Exit status: 0 complete, 64 usage,\n"
					"69 unreachable, 75 try later, 76 incomplete or broken, 77 refused, 78 no token.\n"
					"See scalr-fetch(1).\n",
				.options = scalr_fetch_rows,
				.operands = "a run reads one account: give one ACCOUNT",
			},
		.schema = "scalr",
		.choose = choose,
		.read = read_account,
		.check = check_account,
		.plan = plan_account,
	};

	return fetch_command(&fetcher, argc, argv);
}
