/* SPDX-License-Identifier: ISC */
/*
 * oauth: the request to the token endpoint, and what it answers.
 */
#include "http/oauth.h"

#include "sys/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

/* ---- options ---- */

/* VSCHAR of RFC 6749 appendix A: printable ASCII and the blank. */
static bool oauth_is_printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

int oauth_add_parameter(void *value, const char *text, struct fault *fault)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
	static const char *const secrets[] = {
		"client_secret", "client_assertion", "assertion",   "code",      "password",
		"refresh_token", "subject_token",    "actor_token", "client_id", "scope"};
	struct oauth_parameters *parameters = value;
	size_t len = strspn(text, letters);

	for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i++)
		if (span_is_nocase((struct span){text, len}, span_of(secrets[i])))
			return fault_set(fault, FAULT_USAGE,
			                 "--oauth-param takes no %s: secrets come from where the token comes "
			                 "from, and --client-id and --oauth-scope are options",
			                 secrets[i]);
	if (!len || text[len] != '=' || !oauth_is_printable(text))
		return fault_set(fault, FAULT_USAGE, "--oauth-param takes NAME=VALUE (as audience=URL)");
	if (parameters->count == OAUTH_PARAMETERS_MAX)
		return fault_set(fault, FAULT_USAGE, "--oauth-param can be given %d times at most",
		                 OAUTH_PARAMETERS_MAX);
	parameters->texts[parameters->count++] = text;
	return 0;
}

int oauth_check(const struct service_options *options, struct fault *fault)
{
	struct sign_in sign_in;

	if (!options->oauth_token_url) {
		if (options->client_id || options->oauth_scope || options->client_auth ||
		    options->oauth_parameters.count)
			return fault_set(fault, FAULT_USAGE,
			                 "--client-id, --client-auth, --oauth-scope and --oauth-param need "
			                 "--oauth-token-url: where tokens are asked for");
		return 0;
	}
	if (!options->client_id)
		return fault_set(fault, FAULT_USAGE, "--oauth-token-url needs --client-id");
	if (!oauth_is_printable(options->client_id))
		return fault_set(fault, FAULT_USAGE, "--client-id takes printable ASCII");
	if (options->oauth_scope && !oauth_is_printable(options->oauth_scope))
		return fault_set(fault, FAULT_USAGE, "--oauth-scope takes printable ASCII");
	if (options->auth && sign_in_init(&sign_in, options->auth, fault) == 0 &&
	    (sign_in.is_basic || !*sign_in.header))
		return fault_set(fault, FAULT_USAGE,
		                 "--oauth-token-url gets a token, and --auth %s sends none",
		                 sign_in.is_basic ? "Basic" : "none");
	return 0;
}

/* ---- opening ---- */

/* "https://host/oauth2/token?x=y" as the origin "https://host/oauth2" and "/token?x=y". */
static int oauth_split_url(struct oauth *oauth, const char *url, struct fault *fault)
{
	size_t len = strcspn(url, "?");
	struct buf text = {0};
	char *base, *slash;
	int result;

	buf_put(&text, url, len);
	result = origin_init(&oauth->origin, "--oauth-token-url", buf_text(&text), NULL, fault);
	buf_release(&text);
	if (result < 0)
		return -1;
	if (url[len] && (strchr(url, '#') || !oauth_is_printable(url) || strchr(url, ' ')))
		return fault_set(
			fault, FAULT_USAGE,
			"--oauth-token-url: its query must be printable ASCII, without a blank and #");
	base = strstr(oauth->origin.base, "://") + 3;
	slash = len && url[len - 1] == '/' ? NULL : strrchr(base, '/');
	buf_putf(&text, "%s%s", slash ? slash : "/", url + len);
	if (slash)
		*slash = '\0';
	buf_text(&text);
	oauth->target = text.data;
	return buf_check(&text, fault);
}

/* How the secret is written on its way: as Base64 of ID:SECRET, both of which are encoded
   before (RFC 6749 section 2.3.1), or encoded in the body. */
static int oauth_write_secret(struct oauth *oauth, struct fault *fault)
{
	struct secret_text *text = &oauth->secret.now;
	struct buf form = {.max = TOKEN_MAX_BYTES};
	int result = -1;

	if (!buf_reserve(&form, TOKEN_MAX_BYTES - 1))
		return fault_memory(fault);
	if (oauth->sign_in.is_basic) {
		url_put_encoded(&form, span_of(oauth->options->client_id));
		buf_putc(&form, ':');
	}
	url_put_encoded(&form, (struct span){text->bytes, text->len});
	if (form.state == BUF_TOO_LONG) {
		fault_set(fault, FAULT_CONFIG, "the secret of the client is too long to be sent");
	} else if (buf_check(&form, fault) == 0) {
		secret_write(text, buf_span(&form), oauth->sign_in.is_basic);
		result = 0;
	}
	if (form.data)
		explicit_bzero(form.data, form.cap);
	buf_release(&form);
	return result;
}

int oauth_open(struct oauth *oauth, const struct service_options *options,
               const struct secret_sources *sources, const struct http_config *like,
               struct secret *token, struct fault *fault)
{
	struct http_config config = *like;

	oauth->options = options;
	oauth->token = token;
	oauth->runner = sources->runner;
	config.origin = &oauth->origin;
	config.token = &oauth->secret;
	config.sign_in = &oauth->sign_in;
	config.accept = "application/json";
	config.type = "application/x-www-form-urlencoded";
	config.jobs = 1;
	config.may_write = false;
	config.renew = NULL;
	if (secret_init(&oauth->secret, sources, fault) < 0 ||
	    oauth_split_url(oauth, options->oauth_token_url, fault) < 0 ||
	    sign_in_init(&oauth->sign_in, options->client_auth == CLIENT_POST ? "none" : "Basic",
	                 fault) < 0 ||
	    oauth_write_secret(oauth, fault) < 0)
		return -1;
	if (!origin_is_same(&oauth->origin, like->origin))
		config.certificate = NULL;
	undo_wipe(token, sizeof *token);
	oauth->http = http_open(&config, fault);
	return oauth->http ? 0 : -1;
}

void oauth_close(struct oauth *oauth)
{
	http_close(oauth->http);
	origin_release(&oauth->origin);
	free(oauth->target);
	secret_wipe(&oauth->secret);
	if (oauth->token)
		secret_wipe(oauth->token);
	*oauth = (struct oauth){0};
}

/* ---- asking ---- */

static void oauth_put_parameter(struct buf *form, const char *name, const char *value)
{
	buf_putf(form, "%s%s=", form->len ? "&" : "", name);
	url_put_encoded(form, span_of(value));
}

/* The body of the request. */
static void oauth_put_form(const struct oauth *oauth, struct buf *form)
{
	const struct service_options *options = oauth->options;
	bool has_grant = false;

	/* at once: no piece of the secret stays in memory that was let go */
	buf_reserve(form, OAUTH_FORM_MAX);
	for (size_t i = 0; i < options->oauth_parameters.count; i++) {
		const char *text = options->oauth_parameters.texts[i], *equals = strchr(text, '=');

		buf_putf(form, "%s%.*s=", form->len ? "&" : "", (int)(equals - text), text);
		url_put_encoded(form, span_of(equals + 1));
		has_grant |= strncmp(text, "grant_type=", strlen("grant_type=")) == 0;
	}
	if (!has_grant)
		oauth_put_parameter(form, "grant_type", "client_credentials");
	if (options->oauth_scope)
		oauth_put_parameter(form, "scope", options->oauth_scope);
	if (oauth->sign_in.is_basic)
		return;
	oauth_put_parameter(form, "client_id", options->client_id);
	buf_puts(form, "&client_secret=");
	buf_put_span(form, secret_sent(&oauth->secret.now));
}

/* What the endpoint says of an error, inert and without a secret: "invalid_client: why". */
static void oauth_put_error(const struct oauth *oauth, const struct reply *reply, struct span code,
                            char to[DESCRIPTION_MAX])
{
	char error[INERT_MAX], why[INERT_MAX] = "";
	struct span description;

	reply_put_inert(error, code, &oauth->secret);
	reply_put_inert(error, span_of(error), oauth->token);
	if (json_member_text(yyjson_doc_get_root(reply->doc), "error_description", &description)) {
		reply_put_inert(why, description, &oauth->secret);
		reply_put_inert(why, span_of(why), oauth->token);
	}
	snprintf(to, DESCRIPTION_MAX, "%.100s%s%.*s", error, *why ? ": " : "", INERT_MAX, why);
}

/* What to do about an error code. */
static const char *oauth_advice(const struct oauth *oauth, struct span code)
{
	if (span_is(code, span_of("invalid_client")))
		return oauth->sign_in.is_basic
		           ? "check --client-id and the secret; some services want both in the body of the "
		             "request: --client-auth post"
		           : "check --client-id and the secret; some services want both in the header: "
		             "--client-auth basic";
	if (span_is(code, span_of("invalid_scope")))
		return "check --oauth-scope";
	if (span_is(code, span_of("unauthorized_client")) ||
	    span_is(code, span_of("unsupported_grant_type")))
		return "the client must be allowed to use client credentials (a machine's or service "
			   "application); some services name the grant otherwise: --oauth-param grant_type=NAME";
	return "check --oauth-scope, and what else the service wants: --oauth-param NAME=VALUE";
}

/* The fault of an answer without a token. Returns -1. */
static int oauth_refused(const struct oauth *oauth, const struct reply *reply, struct fault *fault)
{
	char text[DESCRIPTION_MAX];
	struct span code;

	if (reply->status >= 400 && json_member_text(yyjson_doc_get_root(reply->doc), "error", &code) &&
	    code.len) {
		oauth_put_error(oauth, reply, code, text);
		return fault_set(fault, FAULT_REFUSED, "no access token (HTTP %ld, %s); %s", reply->status,
		                 text, oauth_advice(oauth, code));
	}
	if (reply->status / 100 == 3)
		return fault_set(fault, FAULT_PROTOCOL,
		                 "HTTP %ld redirects: not followed, the secret is for one address only; "
		                 "is it the address of a login page?",
		                 reply->status);
	if (reply->status / 100 == 2)
		return fault_set(
			fault, FAULT_PROTOCOL,
			"the answer (HTTP %ld, %.80s) holds no access_token: is that the address of "
			"a token endpoint?",
			reply->status, *reply->content_type ? reply->content_type : "of no type");
	if (reply->status == 401 || reply->status == 403)
		return fault_set(fault, FAULT_REFUSED, "no access token: HTTP %.400s; %s",
		                 reply_describe(reply, &oauth->secret, text),
		                 oauth_advice(oauth, span_of("invalid_client")));
	return fault_set(fault, FAULT_PROTOCOL,
	                 "no access token: HTTP %.400s; is that the address of a token endpoint?",
	                 reply_describe(reply, &oauth->secret, text));
}

/* Takes the token of a good answer (RFC 6749 section 5.1). 0 or -1. */
static int oauth_take_token(struct oauth *oauth, const struct reply *reply, struct fault *fault)
{
	yyjson_val *root = yyjson_doc_get_root(reply->doc);
	struct span bytes, type = SPAN_EMPTY;
	static const char bearer[] = "Bearer"; /* some write BearerToken */
	struct secret_text text = {0};
	uint64_t expires_s = 0;
	int result = -1;

	if (reply->status / 100 != 2 || !json_member_text(root, "access_token", &bytes) || !bytes.len)
		return oauth_refused(oauth, reply, fault);
	json_member_text(root, "token_type", &type);
	if (type.len && !oauth->options->auth &&
	    !(type.len >= strlen(bearer) &&
	      span_is_nocase((struct span){type.data, strlen(bearer)}, span_of(bearer))))
		return fault_set(
			fault, FAULT_PROTOCOL,
			"the access token is of type '%.60s', and not Bearer: if the service takes "
			"it in another way, say how with --auth",
			INERT(type));
	undo_wipe(&text, sizeof text);
	if (secret_take(&text, bytes, "the token endpoint", fault) == 0) {
		secret_replace(oauth->token, &text);
		if (json_whole(json_member(root, "expires_in"), &expires_s) != 1 || expires_s > INT32_MAX)
			expires_s = 0;
		oauth->token->until_ms = http_until_ms(expires_s);
		oauth->worked = true;
		result = 0;
	}
	explicit_bzero(&text, sizeof text);
	undo_forget(&text);
	return result;
}

static int oauth_ask(struct oauth *oauth, struct fault *fault)
{
	struct buf form = {0};
	struct request *request = NULL;
	const struct reply *reply = NULL;
	int result = -1;

	oauth_put_form(oauth, &form);
	if (buf_check(&form, fault) == 0)
		request = http_ask_form(oauth->http, oauth->target, buf_text(&form), fault);
	if (form.data)
		explicit_bzero(form.data, form.cap);
	buf_release(&form);
	if (request)
		reply = http_wait(oauth->http, request, fault);
	if (reply)
		result = oauth_take_token(oauth, reply, fault);
	http_drop(oauth->http, request);
	return result;
}

int oauth_renew(struct oauth *oauth, struct fault *fault)
{
	int result = oauth_ask(oauth, fault);

	/* the secret was good and is not any more: --token-command may have another one */
	if (result < 0 && fault->kind == FAULT_REFUSED && oauth->worked && oauth->runner->pid &&
	    secret_renew(&oauth->secret, SECRET_CLIENT, oauth->runner, -1, fault) == 0 &&
	    oauth_write_secret(oauth, fault) == 0 && http_token_set(oauth->http, fault) == 0)
		result = oauth_ask(oauth, fault);
	return result < 0 ? fault_prefix(fault, "token endpoint %.200s%.100s: ", oauth->origin.base,
	                                 oauth->target)
	                  : 0;
}
