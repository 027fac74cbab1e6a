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
	const struct service_options *options = service->options;
	bool is_url = operand && strstr(operand, "://");
	struct span name = span_of(operand && !is_url ? operand : "scim");
	const struct provider *provider = provider_find(name);
	const char *base = is_url ? operand : options->base_url;
	struct buf url = {0};
	int result;

	if (is_url && options->base_url)
		return fault_set(fault, FAULT_USAGE,
		                 "two base URLs: give either the operand or --base-url");
	if (!provider || strcmp(provider->schema, "scim") != 0)
		return preset_unknown(name, fault);
	service->provider = provider;
	if (!base && (!options->preset.vars.count || !provider->base_url))
		base = base_from_environment(provider);
	if (base)
		result = preset_refuse_vars(&options->preset, fault);
	else if (provider->base_url)
		result = preset_put_url(provider, &options->preset, &url, fault);
	else
		result = fault_set(fault, FAULT_USAGE,
		                   "which service? name a provider (scim-fetch --list-providers), "
		                   "give a SCIM base URL, or set SCIM_BASE_URL");
	if (result == 0)
		result =
			origin_init(&service->origin, "base URL", base ? base : buf_text(&url), NULL, fault);
	buf_release(&url);
	return result;
}

/* An account becomes a part of a host name: letters, digits and hyphens only. */
static bool is_host_label(const char *text)
{
	size_t len = strlen(text);

	return len && len < 64 && text[0] != '-' && text[len - 1] != '-' &&
	       strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == len;
}

const char *scalr_account(const char *operand)
{
	const char *account = operand ? operand : getenv("BATON_SCALR_ACCOUNT");

	return account && *account ? account : NULL;
}

int choose_scalr(struct service *service, const char *account, struct fault *fault)
{
	const char *base = service->options->base_url;
	struct buf url = {0};
	int result;

	service->provider = provider_find(span_of("scalr"));
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

/* The struct of the fetchers' tables, and what belongs to this run. */
struct fetch_run {
	struct fetch_options options; /* first: the offsets of the tables are its own */
	const struct fetcher *fetcher;
	bool began;
};

/* --check and --dry-run: a report instead of a stream. */
static int fetch_look(const struct fetcher *fetcher, struct fetch *fetch, int *status,
                      struct fault *fault)
{
	struct buf report = {0};
	int result = 0;

	if (fetch->options->dry_run)
		fetcher->plan(fetch, &report);
	else if (service_connect(&fetch->service, false, NULL, fault) < 0 ||
	         fetcher->check(fetch, &report, fault) < 0)
		result = -1;
	progress_clear();
	if (report.len)
		*status = command_print(buf_text(&report));
	buf_release(&report);
	return result;
}

/* --list-providers: of the one that is named, or of all. */
static int list_providers(const char *operand, int *status, struct fault *fault)
{
	const struct provider *provider = operand ? provider_find(span_of(operand)) : NULL;
	struct buf text = {0};
	int result;

	if (operand && (!provider || strcmp(provider->schema, "scim") != 0))
		return preset_unknown(span_of(operand), fault);
	if (provider)
		preset_put_one(&text, provider);
	else
		preset_put_list(&text);
	result = buf_check(&text, fault);
	if (result == 0)
		*status = command_print(buf_text(&text));
	buf_release(&text);
	return result;
}

static int fetch_read(const struct fetcher *fetcher, struct fetch *fetch, struct fault *fault)
{
	if (fetch_open(fetch, fault) < 0 || fetcher->read(fetch, fault) < 0)
		return -1;
	return fetch_seal(fetch, fault);
}

static int fetch_run(void *options, char **operands, int *status, struct fault *fault)
{
	struct fetch_run *run = options;
	struct fetch fetch = {
		.service = {.options = &run->options.service,
	                .tool = run->fetcher->command.name,
	                .note = service_note},
		.options = &run->options,
		.count = progress_count,
	};
	bool on_terminal = isatty(STDOUT_FILENO);
	int result = -1;

	if (run->options.list_providers)
		return list_providers(*operands, status, fault);
	if (fetch_options_check(&run->options, fault) < 0)
		return -1;
	if (run->options.service.token_file && strcmp(run->options.service.token_file, "-") == 0)
		command_await("the token");
	if (run->options.service.verbosity >= 0)
		progress_start(run->options.service.verbosity > 0);
	if (run->fetcher->choose(&fetch.service, *operands, fault) == 0 &&
	    fetch_options_settle(&run->options, fetch.service.provider, fault) == 0)
		result = run->options.check || run->options.dry_run
		             ? fetch_look(run->fetcher, &fetch, status, fault)
		             : fetch_read(run->fetcher, &fetch, fault);
	progress_clear();
	run->began = fetch.began;
	if (result < 0 && !isatty(STDOUT_FILENO))
		fetch_fail(&fetch, fault);
	fetch_close(&fetch);
	if (result == 0 && on_terminal && !run->options.check && !run->options.dry_run &&
	    run->options.service.verbosity >= 0)
		command_say("this is a fetch stream; for a snapshot, add: | normalize -o FILE");
	return result == 0 && buf_starved() ? fault_memory(fault) : result;
}

/* A run that failed before it could begin still tells the next stage that a
   section is missing, and why: in { scim-fetch a; scim-fetch b; } | normalize nobody
   sees our exit status. */
static void leave_unbegun(void *options, const struct fault *fault)
{
	const struct fetch_run *run = options;
	const char *source = run->fetcher->command.name;
	struct buf failure = {0};

	if (run->began || run->options.check || run->options.dry_run || run->options.list_providers ||
	    isatty(STDOUT_FILENO))
		return;
	printf(
		"{\"kind\":\"begin\",\"format\":%d,\"stage\":\"fetch\",\"source\":\"%s\",\"schema\":\"%s\"}\n",
		STREAM_FORMAT, source, run->fetcher->schema);
	section_put_failure(&failure, span_of(source), fault);
	if (buf_check(&failure, &(struct fault){0}) == 0)
		fwrite(failure.data, 1, failure.len, stdout);
	fflush(stdout);
	buf_release(&failure);
}

const char *service_library(void)
{
	return curl_version();
}

int fetch_command(const struct fetcher *fetcher, int argc, char **argv)
{
	struct fetch_run run = {.fetcher = fetcher};
	struct command command = fetcher->command;
	int status;

	command.operands_most = 1;
	command.libraries[0] = service_library;
	command.run = fetch_run;
	command.fail = leave_unbegun;
	secret_harden();
	fetch_options_init(&run.options);
	status = command_main(&command, &run, argc, argv);
	fetch_options_release(&run.options);
	return status;
}
