/* SPDX-License-Identifier: ISC */
/*
 * fetch_command: everything from argv to the exit status of a fetcher.
 */
#include "fetch_command.h"

#include "command.h"
#include "base/inert.h"
#include "progress.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *base_from_environment(const struct provider *provider)
{
	for (size_t i = 0; provider->base_variables[i]; i++) {
		const char *base = getenv(provider->base_variables[i]);

		if (base && *base)
			return base;
	}
	return NULL;
}

int choose_scim(struct service *service, const char *operand, struct fault *fault)
{
	const char *base = service->options->base_url;
	const struct provider *provider;
	bool is_url = operand && strstr(operand, "://");
	const char *name = operand && !is_url ? operand : "scim";

	if (is_url && base)
		return fault_set(fault, FAULT_USAGE,
		                 "two base URLs: give either the operand or --base-url");
	provider = provider_find(span_of(name));
	if (!provider || strcmp(provider->schema, "scim") != 0)
		return fault_set(fault, FAULT_USAGE,
		                 "unknown provider '%s'; known are rudderstack, stripe and scim, or give a "
		                 "base URL that starts with https://%s",
		                 INERT(span_of(name)), provider ? " (for Scalr there is scalr-fetch)" : "");
	service->provider = provider;
	if (is_url)
		base = operand;
	if (!base)
		base = base_from_environment(provider);
	if (!base)
		base = provider->base_url;
	if (!base)
		return fault_set(fault, FAULT_USAGE,
		                 "which service? name a provider (rudderstack, stripe), "
		                 "give a SCIM base URL, or set SCIM_BASE_URL");
	return origin_init(&service->origin, base, NULL, fault);
}

void service_note(const struct service *service, enum note_level level, const char *text)
{
	int verbosity = service->options->verbosity;
	char line[1200];

	if (verbosity < 0 || (level == NOTE_TRACE && verbosity < 1) ||
	    (level == NOTE_PROGRESS && verbosity < 1 && !isatty(STDERR_FILENO)))
		return;
	snprintf(line, sizeof line, "%s%s", level == NOTE_WARNING ? "warning: " : "", text);
	progress_clear();
	command_say(line);
}

/* --check and --dry-run: a report instead of a stream. */
static int look(const struct fetcher *fetcher, struct fetch *fetch, struct buf *report,
                struct fault *fault)
{
	if (!fetch->options->dry_run)
		return service_connect(&fetch->service, false, NULL, fault) < 0
		           ? -1
		           : fetcher->check(fetch, report, fault);
	fetcher->plan(fetch, report);
	return 0;
}

static int run(const struct fetcher *fetcher, struct fetch *fetch, const char *operand,
               struct buf *report, struct fault *fault)
{
	int result = fetcher->choose(&fetch->service, operand, fault);

	if (fetch->options->service.verbosity >= 0)
		progress_start(fetch->options->service.verbosity > 0);
	if (result == 0 && (fetch->options->check || fetch->options->dry_run))
		result = look(fetcher, fetch, report, fault);
	else if (result == 0 && (fetch_open(fetch, fault) < 0 || fetcher->read(fetch, fault) < 0 ||
	                         fetch_seal(fetch, fault) < 0))
		result = -1;
	progress_clear();
	fetch_close(fetch);
	return result == 0 && buf_starved() ? fault_memory(fault) : result;
}

/* A run that failed before it could begin still tells the next stage that a
   section is missing: in { scim-fetch a; scim-fetch b; } | normalize nobody
   sees our exit status. */
static void leave_unfinished(const struct fetcher *fetcher, const struct fetch_options *options)
{
	if (options->check || options->dry_run || isatty(STDOUT_FILENO))
		return;
	printf(
		"{\"kind\":\"begin\",\"format\":%d,\"stage\":\"fetch\",\"source\":\"%s\",\"schema\":\"%s\"}\n",
		STREAM_FORMAT, fetcher->name, fetcher->scim ? "scim" : "scalr");
	fflush(stdout);
}

int fetch_command(const struct fetcher *fetcher, int argc, char **argv)
{
	struct fetch_options options;
	struct fetch fetch = {
		.service = {.options = &options.service, .tool = fetcher->name, .note = service_note},
		.options = &options,
		.count = progress_count,
	};
	struct buf scratch = {0}, report = {0};
	struct fault fault = {0};
	const char *operand = NULL;
	int want, status = 0;

	command_start(fetcher->name);
	secret_harden();
	want = fetch_options_parse(&options, argc, argv, fetcher->scim, &operand, &scratch, &fault);
	if (want == WANT_HELP)
		status = command_print(fetcher->help);
	else if (want == WANT_VERSION)
		status = command_version(curl_version());
	else if (want == WANT_RUN)
		want = run(fetcher, &fetch, operand, &report, &fault);
	if (report.len)
		status = command_print(buf_text(&report));
	if (want < 0 && !fetch.began)
		leave_unfinished(fetcher, &options);
	if (want < 0)
		status = command_end(&fault);
	buf_release(&report);
	buf_release(&scratch);
	return status;
}
