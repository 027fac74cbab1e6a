/* SPDX-License-Identifier: ISC */
/*
 * service: the token, the handle and the sandbox of a run, and what a reply means
 * that is not the one we wanted.
 */
#include "http/service.h"

#include "sys/sandbox.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

static void service_trace(void *context, const char *text)
{
	const struct service *service = context;

	service->note(service, NOTE_TRACE, text);
}

static void service_progress(void *context, const char *text)
{
	const struct service *service = context;

	service->note(service, NOTE_PROGRESS, text);
}

void service_say(const struct service *service, enum note_level level, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	service->note(service, level, text);
}

/* From here on: one temporary file, an output, and connections. */
static int service_confine(const struct service *service, const char *output, struct fault *fault)
{
	struct sandbox sandbox;

	sandbox_init(&sandbox);
	sandbox_allow_temporary(&sandbox);
	sandbox_allow_network(&sandbox);
	if (service->options->ca_file)
		sandbox_allow_read(&sandbox, service->options->ca_file);
	if (output)
		sandbox_allow_output(&sandbox, output);
	return sandbox_enter(&sandbox, fault);
}

int service_connect(struct service *service, bool may_write, const char *output,
                    struct fault *fault)
{
	const struct service_options *options = service->options;
	struct secret_sources sources = {options->token_file, options->token_command,
	                                 service->provider->token_variables};
	struct http_config config = {
		.origin = &service->origin,
		.token = &service->token,
		.accept = strcmp(service->provider->schema, "scalr") == 0
	                  ? "application/vnd.api+json"
	                  : "application/scim+json, application/json;q=0.9, */*;q=0.1",
		.ca_file = options->ca_file,
		.proxy = options->proxy,
		.timeout_s = options->timeout_s,
		.deadline_s = options->deadline_s,
		.max_wait_s = options->max_wait_s,
		.retries = options->retries < 0 ? RETRIES_DEFAULT : (int)options->retries,
		.put_offs = options->retries < 0 ? INT_MAX : (int)options->retries,
		.jobs = (int)options->jobs,
		.may_write = may_write,
		.note = service_progress,
		.trace = service_trace,
		.context = service,
	};

	if (secret_init(&service->token, &sources, fault) < 0)
		return -1;
	service->http = http_open(&config, fault);
	if (service->http && service_confine(service, output, fault) < 0)
		return -1;
	return service->http ? 0 : -1;
}

void service_close(struct service *service)
{
	http_close(service->http);
	secret_wipe(&service->token);
	origin_release(&service->origin);
}

const struct reply *service_ask(struct service *service, const char *target, const char *search,
                                struct request **request, struct fault *fault)
{
	*request = http_ask(service->http, target, search, fault);
	return *request ? http_wait(service->http, *request, fault) : NULL;
}

int service_unwanted(const struct service *service, const struct reply *reply, struct fault *fault)
{
	char text[DESCRIPTION_MAX];

	reply_describe(reply, &service->token, text);
	if (reply->status == 401 || reply->status == 403)
		return fault_set(fault, FAULT_REFUSED, "refused with HTTP %.260s; %s", text,
		                 service->provider->refused);
	if (reply->status >= 300 && reply->status < 400)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "HTTP %ld redirects to %s: not followed, the token is for one address "
		                 "only; if the new address is right, give it as the base URL",
		                 reply->status, *reply->location ? reply->location : "an unnamed place");
	if (reply->status == 200 && reply->body.len && strchr("{[", reply->body.data[0]))
		return fault_set(fault, FAULT_PROTOCOL, "the reply is no list: %s", reply->not_json.text);
	return fault_set(
		fault, reply->status / 100 == 5 && reply->status != 501 ? FAULT_TRY_LATER : FAULT_PROTOCOL,
		"expected a list, got HTTP %s%s%s", text, *reply->content_type ? ", " : "",
		reply->content_type);
}
