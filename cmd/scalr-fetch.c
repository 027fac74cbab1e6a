/* SPDX-License-Identifier: ISC */
/*
 * scalr-fetch: reads the users, service accounts and teams of a Scalr account
 * completely and writes them as a fetch stream. See scalr-fetch(1).
 */
#include "fetch_command.h"
#include "base/inert.h"
#include "fetch/scalr.h"

#include <stdlib.h>

static const struct option_row rows[] = {
	OPTION_ROWS(fetch_option_rows),
	OPTION_TABLE(struct fetch_options, service, service_option_rows),
	{0},
};

/* An account becomes a part of a host name: letters, digits and hyphens only. */
static bool is_host_label(const char *text)
{
	size_t len = strlen(text);

	return len && len < 64 && text[0] != '-' && text[len - 1] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

/* Its name or id; NULL: the only one that the token sees. */
static const char *account;

static int choose(struct service *service, const char *operand, struct fault *fault)
{
	const char *base = service->options->base_url;
	struct buf url = {0};
	int result;

	service->provider = provider_find(span_of("scalr"));
	account = operand ? operand : getenv("BATON_SCALR_ACCOUNT");
	if (account && !*account)
		account = NULL;
	if (!base)
		base = base_from_environment(service->provider);
	if (!base && !account)
		return fault_set(fault, FAULT_USAGE,
		                 "which account? give its subdomain (acme for "
		                 "https://acme.scalr.io) or --base-url");
	if (account && !is_host_label(account))
		return fault_set(fault, FAULT_USAGE,
		                 "'%s' is not an account name: give the subdomain, acme for "
		                 "https://acme.scalr.io",
		                 INERT(span_of(account)));
	/* SCALR_HOSTNAME is a bare host name */
	if (base)
		buf_putf(&url, "%s%s", strstr(base, "://") ? "" : "https://", base);
	else
		buf_putf(&url, "https://%s.scalr.io", account);
	result = buf_check(&url, fault);
	if (result == 0)
		result = origin_init(&service->origin, "base URL", buf_text(&url), "/api/iacp/v3", fault);
	buf_release(&url);
	return result;
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
				.options = rows,
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
