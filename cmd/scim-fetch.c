/* SPDX-License-Identifier: ISC */
/*
 * scim-fetch: reads the users, groups and members of a SCIM 2.0 service
 * completely and writes them as a fetch stream. See scim-fetch(1).
 */
#include "fetch_command.h"
#include "fetch/scim.h"

static const char help[] =
	"usage: scim-fetch [OPTION...] PROVIDER|BASE-URL\n"
	"\n"
	"  scim-fetch rudderstack | normalize -o today.ndjson\n"
	"  scim-fetch --token-file ~/.stripe-scim stripe > stripe.ndjson\n"
	"  SCIM_TOKEN=... scim-fetch https://id.example.com/scim/v2 | normalize\n"
	"  scim-fetch --check rudderstack\n"
	"\n"
	"PROVIDER: rudderstack, stripe, or scim with SCIM_BASE_URL set\n"
	"\n"
	"  --base-url URL         instead of the provider's own\n"
	"  --token-file FILE      read the token from FILE, - is stdin\n"
	"  --token-command CMD    read it from a command's output (run without a shell)\n"
	"  --source NAME          what the directory is called (default: PROVIDER)\n"
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
	"  --paging MODE          auto, index, cursor or none\n"
	"  --members FROM         auto, list, get or filter: where members are read\n"
	"  --method METHOD        get, or search: POST /.search where GET can not page\n"
	"  --sort-by ATTRIBUTE    ask the server for an order\n"
	"  --query NAME=VALUE     add to each list request; repeatable\n"
	"  --ca-file FILE         trust the authorities in FILE\n"
	"  --proxy URL            instead of what the environment says\n"
	"  -q, --quiet            errors only\n"
	"  -v, --verbose          each request on stderr, and how far it is\n"
	"  -h, --help             this text\n"
	"  -V, --version\n"
	"\n"
	"The token comes from BATON_RUDDERSTACK_SCIM_TOKEN, BATON_STRIPE_SCIM_TOKEN or\n"
	"SCIM_TOKEN. Exit status: 0 complete, 64 usage, 69 unreachable, 75 try later,\n"
	"76 incomplete or broken, 77 refused, 78 no token. See scim-fetch(1).\n";

int main(int argc, char **argv)
{
	static const struct fetcher fetcher = {
		.name = "scim-fetch",
		.help = help,
		.scim = true,
		.choose = choose_scim,
		.read = scim_read,
		.check = scim_check,
		.plan = scim_plan,
	};

	return fetch_command(&fetcher, argc, argv);
}
