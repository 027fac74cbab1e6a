/* SPDX-License-Identifier: ISC */
/*
 * scim-push: brings users, groups and memberships of a SCIM 2.0 service to what a
 * change stream or plain operations say, as an identity provider does. See
 * scim-push(1).
 */
#include "fetch_command.h"
#include "base/inert.h"
#include "progress.h"
#include "push/push_run.h"

#include <unistd.h>

enum format { FORMAT_AUTO, FORMAT_TEXT, FORMAT_NDJSON };

struct options {
	struct push_options push;
	int format; /* enum format */
	struct service_options service;
};

static const char *const formats[] = {"text", "ndjson"};
static const char *const removals[] = {"deactivate", "delete", "skip"}; /* as enum removed */

/* An attribute path of RFC 7644 and nothing that could say more. */
static int parse_lookup(void *value, const char *text, struct fault *fault)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.:_-$";

	*(const char **)value = text;
	if (*text && strspn(text, letters) == strlen(text))
		return 0;
	return fault_set(fault, FAULT_USAGE,
	                 "--lookup takes an attribute (as userName or emails.value), not '%s'",
	                 INERT(span_of(text)));
}

static const struct option_row rows[] = {
	OPTION_HEADING("What is done"),
	OPTION_FLAG("apply", "make the changes; without it they are only shown", struct options,
                push.apply),
	OPTION_FILE("plan", 0, "FILE", "do what the plan in FILE says, and nothing else",
                struct options, push.plan),
	OPTION_WORD("format", NULL, "default: text on a terminal, else ndjson", struct options, format,
                formats, FORMAT_TEXT, FORMAT_NDJSON),
	OPTION_FILE("journal", 0, "FILE", "log to FILE, from which a rerun continues", struct options,
                push.journal),
	OPTION_LIMIT("max-changes", "change nothing at all if more than that would change",
                 struct options, push.max_changes),
	OPTION_WORD("removed", "WHAT",
                "users missing in the newer snapshot: deactivate,\n"
                "delete or skip them",
                struct options, push.removed, removals, REMOVED_DEACTIVATE, REMOVED_SKIP),
	OPTION_FLAG("allow-removal", "allow what takes a member out for good", struct options,
                push.allow_removal),
	OPTION_FLAG("allow-other-origin", "take a change stream that was read elsewhere",
                struct options, push.allow_other_origin),
	OPTION_TEXT("source", "NAME", "which source of the change stream this service is",
                struct options, push.source),
	OPTION_HEADING("How the service is asked"),
	OPTION_WORD("dialect", "NAME", "okta-oin, okta-aiw, entra or scim", struct options,
                push.dialect, dialect_names, 0, DIALECTS - 1),
	OPTION_PARSE("lookup", "ATTRIBUTE", "find users by this (userName; Stripe: email)",
                 struct options, push.lookup, parse_lookup),
	OPTION_TABLE(struct options, service.preset, preset_option_rows),
	OPTION_TABLE(struct options, service, service_option_rows),
	{0},
};

static int check_options(const struct options *options, struct fault *fault)
{
	const struct push_options *push = &options->push;

	if (push->journal && !push->apply)
		return fault_set(fault, FAULT_USAGE, "--journal needs --apply: a plan changes nothing");
	if (push->journal && strcmp(push->journal, "-") == 0)
		return fault_set(fault, FAULT_USAGE, "--journal takes a file, not '-'");
	if (options->service.token_file && strcmp(options->service.token_file, "-") == 0)
		return fault_set(fault, FAULT_USAGE,
		                 "the operations come from stdin, so --token-file can not be '-'");
	return service_options_check(&options->service, fault);
}

static int run(void *into, char **operands, int *status, struct fault *fault)
{
	struct options *options = into;
	struct service service = {
		.options = &options->service, .tool = "scim-push", .note = service_note};
	int result;

	if (check_options(options, fault) < 0 || choose_scim(&service, *operands, fault) < 0 ||
	    preset_heed(service.provider, &options->service.preset, fault) < 0)
		return -1;
	if (options->service.verbosity >= 0 && !options->push.plan)
		command_await("operations or a change stream");
	if (options->service.verbosity >= 0)
		progress_start(options->service.verbosity > 0);
	options->push.is_text =
		options->format == FORMAT_AUTO ? isatty(STDOUT_FILENO) : options->format == FORMAT_TEXT;
	options->push.color = command_color();
	options->push.count = progress_count;
	result = push_run(&service, &options->push, status, fault);
	progress_clear();
	service_close(&service);
	return result;
}

int main(int argc, char **argv)
{
	static const struct command command = {
		.name = "scim-push",
		.usage = "[OPTION...] PROVIDER|BASE-URL\n",
		.examples =
			"  diff-snapshot actual.ndjson wanted.ndjson | scim-push rudderstack\n"
			"  diff-snapshot actual.ndjson wanted.ndjson | scim-push --apply rudderstack\n"
			"  echo '{\"op\":\"deactivate\",\"user_name\":\"a@b.c\"}' | scim-push --apply stripe\n",
		.about = "Reads a change stream or operations (push, update, deactivate, reactivate,\n"
				 "add-member, remove-member, ...) and writes one result for each.\n"
				 "PROVIDER: one that scim-fetch knows, or scim with SCIM_BASE_URL set\n",
		.ending = "Exit status: 0 done, 3 --max-changes stopped it, 64 usage, 65 the input is not\n"
				  "valid or complete, 69 unreachable, 75 try later, 76 failed, 77 refused.\n",
		.options = rows,
		.operands_most = 1,
		.operands = "a run changes one service: give one PROVIDER or BASE-URL",
		.libraries = {service_library},
		.run = run,
	};
	struct options options = {.push.dialect = -1};

	secret_harden();
	service_options_init(&options.service);
	return command_main(&command, &options, argc, argv);
}
