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
#include <strings.h>

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

static enum secret_kind service_secret_kind(const struct service *service)
{
	if (!*service->sign_in.header)
		return SECRET_NONE;
	return service->sign_in.is_basic ? SECRET_PASSWORD : SECRET_TOKEN;
}

static int service_renew(void *context, int timeout_ms, struct fault *fault)
{
	struct service *service = context;

	if (service->options->oauth_token_url)
		return oauth_renew(&service->oauth, fault);
	return secret_renew(&service->token, service_secret_kind(service), &service->token_command,
	                    timeout_ms, fault);
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

/* How the token is sent, as sign_in_init reads it. */
static const char *service_auth(const struct service *service)
{
	if (service->options->auth)
		return service->options->auth;
	if (service->options->oauth_token_url || !service->provider->auth)
		return "Bearer";
	return service->provider->auth;
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
	struct secret_sources sources = {
		.file = options->token_file,
		.command = options->token_command,
		.variables = service->provider->token_variables,
		.runner = &service->token_command,
	};
	struct http_config config = {
		.origin = &service->origin,
		.token = &service->token,
		.sign_in = &service->sign_in,
		.accept = strcmp(service->provider->schema, "scalr") == 0
	                  ? "application/vnd.api+json"
	                  : "application/scim+json, application/json;q=0.9, */*;q=0.1",
		.certificate = options->cert ? &service->certificate : NULL,
		.ca_file = options->ca_file,
		.proxy = options->proxy,
		.timeout_s = options->timeout_s,
		.deadline_s = options->deadline_s,
		.max_wait_s = options->max_wait_s,
		.retries = options->retries < 0 ? RETRIES_DEFAULT : (int)options->retries,
		.put_offs = options->retries < 0 ? INT_MAX : (int)options->retries,
		.jobs = (int)options->jobs,
		.may_write = may_write,
		.renew = options->token_command || options->oauth_token_url ? service_renew : NULL,
		.note = service_progress,
		.trace = service_trace,
		.context = service,
	};

	if (sign_in_init(&service->sign_in, service_auth(service), fault) < 0)
		return -1;
	sources.kind = options->oauth_token_url ? SECRET_CLIENT : service_secret_kind(service);
	if (!options->oauth_token_url && secret_init(&service->token, &sources, fault) < 0)
		return -1;
	if (options->cert && service->origin.plain)
		return fault_set(fault, FAULT_USAGE, "--cert needs an address that begins with https://");
	if (options->cert &&
	    certificate_init(&service->certificate, options->cert, options->key, fault) < 0)
		return -1;
	if (options->oauth_token_url &&
	    oauth_open(&service->oauth, options, &sources, &config, &service->token, fault) < 0)
		return -1;
	service->http = http_open(&config, fault);
	if (!service->http || service_confine(service, output, fault) < 0)
		return -1;
	return options->oauth_token_url ? http_renew(service->http, -1, fault) : 0;
}

void service_close(struct service *service)
{
	http_close(service->http);
	oauth_close(&service->oauth);
	token_command_stop(&service->token_command);
	secret_wipe(&service->token);
	certificate_release(&service->certificate);
	origin_release(&service->origin);
}

const struct reply *service_ask(struct service *service, const char *target, const char *search,
                                struct request **request, struct fault *fault)
{
	*request = http_ask(service->http, target, search, fault);
	return *request ? http_wait(service->http, *request, fault) : NULL;
}

static const char lacks_certificate[] =
	"the service asks for a client certificate and got none: give it with --cert FILE, and its "
	"private key with --key FILE";

/* A service may let TLS pass without a certificate and refuse the request for want of one. */
static bool service_lacked_certificate(const struct service *service, long status)
{
	return http_lacked_certificate(service->http) &&
	       (status == 400 || status == 401 || status == 403 || status == 495 || status == 496);
}

/* 401 or 403. */
static int service_refused(const struct service *service, const struct reply *reply,
                           const char *words, struct fault *fault)
{
	struct buf wanted = {0};
	int result;

	if (reply->status == 401)
		sign_in_put_wanted(&service->sign_in, reply->challenge, &wanted);
	result = fault_set(fault, FAULT_REFUSED, "refused with HTTP %.260s; %s", words,
	                   wanted.len ? buf_text(&wanted)
	                   : service_lacked_certificate(service, reply->status)
	                       ? lacks_certificate
	                       : service->provider->refused);
	buf_release(&wanted);
	return result;
}

/* 3xx: what was not followed. */
static int service_redirected(const struct service *service, const struct reply *reply,
                              struct fault *fault)
{
	const char *base = service->origin.base, *path = strchr(strstr(base, "://") + 3, '/');
	size_t len = path ? (size_t)(path - base) : strlen(base);
	const char *to = reply->redirect;
	bool is_same = *to && (!reply->names_host ||
	                       (strncasecmp(to, base, len) == 0 && strchr("/?#", to[len]) != NULL));

	if (is_same)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "HTTP %ld redirects to another path of the same address, which is not "
		                 "followed: is it a login page? or is the path of the base URL right?",
		                 reply->status);
	return fault_set(fault, FAULT_PROTOCOL,
	                 "HTTP %ld redirects to %s: not followed, the token is for one address "
	                 "only; if the new address is right, give it as the base URL",
	                 reply->status, *reply->location ? reply->location : "an unnamed place");
}

int service_unwanted(const struct service *service, const struct reply *reply, struct fault *fault)
{
	char text[DESCRIPTION_MAX];

	reply_describe(reply, &service->token, text);
	if (reply->status == 401 || reply->status == 403)
		return service_refused(service, reply, text, fault);
	if (service_lacked_certificate(service, reply->status))
		return fault_set(fault, FAULT_REFUSED, "refused with HTTP %.260s; %s", text,
		                 lacks_certificate);
	if (reply->status >= 300 && reply->status < 400 && *reply->location)
		return service_redirected(service, reply, fault);
	if (reply->status == 407)
		return fault_set(fault, FAULT_REFUSED,
		                 "HTTP %.260s: a proxy before the service wants a user and a password, and "
		                 "only the service gets the token",
		                 text);
	if (reply_has_odd_encoding(reply) && !reply->doc)
		return fault_set(
			fault, FAULT_PROTOCOL,
			"HTTP %ld with Content-Encoding: %.80s, which nobody can read: the service "
			"has to send JSON as it is, or gzip",
			reply->status, reply->encoding);
	if (reply->is_part)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "HTTP %ld with a Content-Range: that is only a part of the list",
		                 reply->status);
	if (reply->status / 100 == 2 && reply->body.len && strchr("{[", reply->body.data[0]))
		return fault_set(fault, FAULT_PROTOCOL, "the reply is no list: %s", reply->not_json.text);
	return fault_set(fault,
	                 verdict_of(reply, false) == VERDICT_AGAIN ? FAULT_TRY_LATER : FAULT_PROTOCOL,
	                 "expected a list, got HTTP %s%s%s", text, *reply->content_type ? ", " : "",
	                 reply->content_type);
}
