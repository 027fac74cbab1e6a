/* SPDX-License-Identifier: ISC */
/*
 * scalr-fetch: reads the users, service accounts and teams of a Scalr account
 * completely and writes them as a fetch stream. See scalr-fetch(1).
 */
#include "fetch_command.h"
#include "base/inert.h"
#include "fetch/scalr.h"

#include <stdlib.h>

static const char help[] =
	"usage: scalr-fetch [OPTION...] [ACCOUNT]\n"
	"\n"
	"  scalr-fetch acme | normalize -o today.ndjson\n"
	"  scalr-fetch --token-file ~/.scalr --base-url https://scalr.example.com acme\n"
	"  scalr-fetch --check acme\n"
	"\n"
	"ACCOUNT is the subdomain: acme for https://acme.scalr.io. It may be left out\n"
	"where BATON_SCALR_ACCOUNT is set, or with a base URL whose token sees only one\n"
	"account.\n"
	"\n"
	"  --base-url URL         of a self-hosted Scalr\n"
	"  --token-file FILE      read the token from FILE, - is stdin\n"
	"  --token-command CMD    read it from a command's output (run without a shell)\n"
	"  --source NAME          what the directory is called (default: scalr)\n"
	"  --scope LIST           of users,groups,members (default: all)\n"
	"  --keep-going           record what can not be read as a gap and go on\n"
	"  --check                only say what is readable, with counts\n"
	"  --dry-run              print the first requests, send none\n"
	"  --count N              records a page (100)\n"
	"  --jobs N               requests at a time (4)\n"
	"  --timeout SECONDS      for one try (60)\n"
	"  --retries N            after a try that failed (4)\n"
	"  --max-wait SECONDS     for 429 and Retry-After, one request in all (75)\n"
	"  --deadline SECONDS     for the whole run (none)\n"
	"  --ca-file FILE         trust the authorities in FILE\n"
	"  --proxy URL            instead of what the environment says\n"
	"  -q, --quiet            errors only\n"
	"  -v, --verbose          each request on stderr, and how far it is\n"
	"  -h, --help             this text\n"
	"  -V, --version\n"
	"\n"
	"The token comes from BATON_SCALR_API_TOKEN or SCALR_TOKEN, the base URL from\n"
	"BATON_SCALR_BASE_URL or SCALR_HOSTNAME. Exit status: 0 complete, 64 usage,\n"
	"69 unreachable, 75 try later, 76 incomplete or broken, 77 refused, 78 no token.\n"
	"See scalr-fetch(1).\n";

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
		                 "'%s' is no account name: give the subdomain, acme for "
		                 "https://acme.scalr.io",
		                 INERT(span_of(account)));
	/* SCALR_HOSTNAME is a bare host name */
	if (base)
		buf_putf(&url, "%s%s", strstr(base, "://") ? "" : "https://", base);
	else
		buf_putf(&url, "https://%s.scalr.io", account);
	result = buf_check(&url, fault);
	if (result == 0)
		result = origin_init(&service->origin, buf_text(&url), "/api/iacp/v3", fault);
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
		.name = "scalr-fetch",
		.help = help,
		.choose = choose,
		.read = read_account,
		.check = check_account,
		.plan = plan_account,
	};

	return fetch_command(&fetcher, argc, argv);
}
