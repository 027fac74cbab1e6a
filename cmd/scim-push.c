/* SPDX-License-Identifier: ISC */
/*
 * scim-push: brings users, groups and memberships of a SCIM 2.0 service to what a
 * change stream or plain operations say, as an identity provider does. See
 * scim-push(1).
 */
#include "command.h"
#include "fetch_command.h"
#include "base/inert.h"
#include "progress.h"
#include "push/push_run.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <unistd.h>

static const char help[] =
	"usage: scim-push [OPTION...] PROVIDER|BASE-URL\n"
	"\n"
	"  diff-snapshot actual.ndjson wanted.ndjson | scim-push rudderstack\n"
	"  diff-snapshot actual.ndjson wanted.ndjson | scim-push --apply rudderstack\n"
	"  echo '{\"op\":\"deactivate\",\"user_name\":\"a@b.c\"}' | scim-push --apply stripe\n"
	"\n"
	"Reads a change stream or operations (push, update, deactivate, reactivate,\n"
	"add-member, remove-member, ...) and writes one result for each. Without --apply\n"
	"it only looks, and shows what it would send.\n"
	"PROVIDER: rudderstack, stripe, or scim with SCIM_BASE_URL set\n"
	"\n"
	"  --apply                do it\n"
	"  --plan FILE            do what the plan in FILE says, and nothing else\n"
	"  --format text|ndjson   default: text on a terminal\n"
	"  --journal FILE         log to FILE; run again with it to continue after a stop\n"
	"  --max-changes N|N%     change nothing at all where more would change\n"
	"  --removed WHAT         deactivate, delete or skip users the newer side lacks\n"
	"  --allow-removal        Stripe: deactivating takes the member out for good\n"
	"  --allow-other-origin   a change stream that was read from another address\n"
	"  --dialect NAME         okta-oin, okta-aiw, entra or scim\n"
	"  --lookup ATTRIBUTE     by which users are found (userName; Stripe: email)\n"
	"  --source NAME          of the change stream's sources\n"
	"  --base-url URL         instead of the provider's own\n"
	"  --token-file FILE      read the token from FILE\n"
	"  --token-command CMD    read it from a command's output (run without a shell)\n"
	"  --jobs N               operations at a time (4)\n"
	"  --timeout SECONDS      for one try (60)\n"
	"  --retries N            after a try that failed (4)\n"
	"  --max-wait SECONDS     for 429 and Retry-After, one request in all (75)\n"
	"  --deadline SECONDS     for the whole run (none)\n"
	"  --ca-file FILE         trust the authorities in FILE\n"
	"  --proxy URL            instead of what the environment says\n"
	"  -q, --quiet            errors only\n"
	"  -v, --verbose          each request on stderr\n"
	"  -h, --help             this text\n"
	"  -V, --version\n"
	"\n"
	"Exit status: 0 done, 3 --max-changes stopped it, 64 usage, 65 the input is not\n"
	"valid or complete, 69 unreachable, 75 try later, 76 failed, 77 refused.\n";

enum push_option_code {
	OPTION_APPLY = OPTION_OWN,
	OPTION_PLAN,
	OPTION_FORMAT,
	OPTION_JOURNAL,
	OPTION_MAX_CHANGES,
	OPTION_REMOVED,
	OPTION_ALLOW_REMOVAL,
	OPTION_ALLOW_OTHER_ORIGIN,
	OPTION_DIALECT,
	OPTION_LOOKUP,
};

static const struct option long_options[] = {
	CONNECTION_OPTIONS,
	{"apply", no_argument, NULL, OPTION_APPLY},
	{"plan", required_argument, NULL, OPTION_PLAN},
	{"format", required_argument, NULL, OPTION_FORMAT},
	{"journal", required_argument, NULL, OPTION_JOURNAL},
	{"max-changes", required_argument, NULL, OPTION_MAX_CHANGES},
	{"removed", required_argument, NULL, OPTION_REMOVED},
	{"allow-removal", no_argument, NULL, OPTION_ALLOW_REMOVAL},
	{"allow-other-origin", no_argument, NULL, OPTION_ALLOW_OTHER_ORIGIN},
	{"dialect", required_argument, NULL, OPTION_DIALECT},
	{"lookup", required_argument, NULL, OPTION_LOOKUP},
	{NULL, 0, NULL, 0},
};

static int set_format(struct push_options *options, const char *text, struct fault *fault)
{
	options->is_text = strcmp(text, "text") == 0;
	if (!options->is_text && strcmp(text, "ndjson") != 0)
		return fault_set(fault, FAULT_USAGE, "--format takes text or ndjson, not '%s'",
		                 INERT(span_of(text)));
	return 0;
}

static int set_removed(struct push_options *options, const char *text, struct fault *fault)
{
	static const char *const words[] = {
		[REMOVED_DEACTIVATE] = "deactivate", [REMOVED_DELETE] = "delete", [REMOVED_SKIP] = "skip"};

	for (int removed = REMOVED_DEACTIVATE; removed <= REMOVED_SKIP; removed++)
		if (strcmp(text, words[removed]) == 0) {
			options->removed = removed;
			return 0;
		}
	return fault_set(fault, FAULT_USAGE, "--removed takes deactivate, delete or skip, not '%s'",
	                 INERT(span_of(text)));
}

static int set_dialect(struct push_options *options, const char *text, struct fault *fault)
{
	for (int dialect = 0; dialect < DIALECTS; dialect++)
		if (strcmp(text, dialect_names[dialect]) == 0) {
			options->dialect = dialect;
			return 0;
		}
	return fault_set(fault, FAULT_USAGE,
	                 "--dialect takes okta-oin, okta-aiw, entra or scim, not '%s'",
	                 INERT(span_of(text)));
}

/* An attribute path of RFC 7644 and nothing that could say more. */
static int set_lookup(struct push_options *options, const char *text, struct fault *fault)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:_-$";

	options->lookup = text;
	if (*text && strspn(text, letters) == strlen(text))
		return 0;
	return fault_set(fault, FAULT_USAGE, "--lookup takes an attribute, not '%s'",
	                 INERT(span_of(text)));
}

static int set_own(struct push_options *options, int code, const char *text, struct fault *fault)
{
	switch (code) {
	case OPTION_APPLY: options->apply = true; return 0;
	case OPTION_ALLOW_REMOVAL: options->allow_removal = true; return 0;
	case OPTION_ALLOW_OTHER_ORIGIN: options->allow_other_origin = true; return 0;
	case OPTION_PLAN: options->plan = text; return 0;
	case OPTION_FORMAT: return set_format(options, text, fault);
	case OPTION_JOURNAL: options->journal = text; return 0;
	case OPTION_MAX_CHANGES:
		options->limited = true;
		return option_limit("--max-changes", text, &options->max_changes, fault);
	case OPTION_REMOVED: return set_removed(options, text, fault);
	case OPTION_LOOKUP: return set_lookup(options, text, fault);
	default: return set_dialect(options, text, fault);
	}
}

/* 0: run, 1: *status is the result already, -1: fault. */
static int parse(int argc, char **argv, struct fetch_options *common, struct push_options *options,
                 int *status, struct fault *fault)
{
	int code;

	opterr = 0;
	while ((code = getopt_long(argc, argv, ":qvhV", long_options, NULL)) != -1) {
		if (code == 'h' || code == 'V') {
			*status = code == 'h' ? command_print(help) : command_version(curl_version());
			return 1;
		}
		if (code == '?' || code == ':') {
			*status = command_bad_option(code, optopt, argv[optind - 1]);
			return 1;
		}
		if ((code >= OPTION_OWN ? set_own(options, code, optarg, fault)
		                        : fetch_options_set(common, code, optarg, NULL, fault)) < 0)
			return -1;
	}
	if (optind + 1 < argc)
		return fault_set(fault, FAULT_USAGE, "more than one operand: '%s'",
		                 INERT(span_of(argv[optind + 1])));
	if (options->journal && !options->apply)
		return fault_set(fault, FAULT_USAGE, "--journal is for --apply: a plan changes nothing");
	if (options->journal && strcmp(options->journal, "-") == 0)
		return fault_set(fault, FAULT_USAGE, "--journal takes a file, and stdin is none");
	if (common->service.token_file && strcmp(common->service.token_file, "-") == 0)
		return fault_set(fault, FAULT_USAGE, "stdin is for what is to be done, not for the token");
	return fetch_options_check(common, fault);
}

int main(int argc, char **argv)
{
	struct fetch_options common;
	struct push_options options = {.dialect = -1,
	                               .is_text = isatty(STDOUT_FILENO),
	                               .color = command_color(),
	                               .count = progress_count};
	struct service service = {
		.options = &common.service, .tool = "scim-push", .note = service_note};
	struct fault fault = {0};
	int status = 0, parsed;

	command_start("scim-push");
	secret_harden();
	fetch_options_init(&common);
	parsed = parse(argc, argv, &common, &options, &status, &fault);
	if (parsed > 0)
		return status;
	options.source = common.source;
	if (common.service.verbosity >= 0)
		progress_start(common.service.verbosity > 0);
	if (parsed == 0 && choose_scim(&service, argv[optind], &fault) == 0 &&
	    push_run(&service, &options, &status, &fault) < 0 && fault.kind == FAULT_NONE)
		fault_set(&fault, FAULT_INTERNAL, "failed without a reason");
	progress_clear();
	service_close(&service);
	return fault.kind == FAULT_NONE ? status : command_end(&fault);
}
