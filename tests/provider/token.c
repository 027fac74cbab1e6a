/* SPDX-License-Identifier: ISC */
/*
 * token: the endpoint, as strict as RFC 6749 section 2.3.1 and 5.2 have it.
 */
#include "token.h"

#include "text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool token_is_asked(const struct token_endpoint *endpoint, const char *target)
{
	static const char path[] = "/oauth/token";

	return endpoint->client && text_starts(target, path) && strchr("?", target[strlen(path)]);
}

/* The bytes of Base64, which is good: it is the programs' own. */
static char *decode_base64(const char *text)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *bytes = room_for(NULL, strlen(text) + 1, 1), *to = bytes;
	unsigned held = 0, bits = 0;

	for (const char *at; *text && (at = strchr(letters, *text)); text++) {
		held = held << 6 | (unsigned)(at - letters);
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			*to++ = (char)(held >> bits & 0xff);
		}
	}
	*to = '\0';
	return bytes;
}

/* Has the client shown its id and its secret, in a way that is taken? */
static bool is_client(const struct token_endpoint *endpoint, const struct call *call,
                      const char *authorization)
{
	const char *id = call_argument(call, "client_id"),
			   *secret = call_argument(call, "client_secret");
	bool basic = authorization && strncasecmp(authorization, "Basic ", 6) == 0, good;
	char *both;

	if (basic == (id || secret))
		return false; /* one way, and not two */
	if (endpoint->auth && strcmp(endpoint->auth, basic ? "basic" : "post") != 0)
		return false;
	if (basic) {
		both = decode_base64(authorization + 6);
		good = strchr(both, ':') != NULL;
		text_percent_decode(both, true); /* its id and its secret were encoded one by one */
	} else {
		both = text_format("%s:%s", id ? id : "", secret ? secret : "");
		good = true;
	}
	good = good && strcmp(both, endpoint->client) == 0;
	free(both);
	return good;
}

static void refuse_token(struct call *call, unsigned status, const char *error,
                         const char *description)
{
	yyjson_mut_val *root = call_answer(call, status);

	yyjson_mut_obj_add_strcpy(call->doc, root, "error", error);
	yyjson_mut_obj_add_strcpy(call->doc, root, "error_description", description);
}

void token_serve(struct token_endpoint *endpoint, struct call *call, const char *authorization)
{
	char *query = text_format("/?%s", call->body), *token;
	const char *grant, *scope;
	yyjson_mut_val *root;

	call_take_apart(call, query);
	free(query);
	grant = call_argument(call, "grant_type");
	scope = call_argument(call, "scope");
	call->type = "application/json";
	if (strcmp(call->method, "POST") != 0)
		refuse_token(call, 400, "invalid_request", "A token is asked for by POST.");
	else if (!is_client(endpoint, call, authorization))
		refuse_token(call, 401, "invalid_client", "Client authentication failed.");
	else if (!grant || strcmp(grant, "client_credentials") != 0)
		refuse_token(call, 400, "unsupported_grant_type", "There are client credentials only.");
	else if (endpoint->scope && (!scope || strcmp(scope, endpoint->scope) != 0))
		refuse_token(call, 400, "invalid_scope", "That is no scope here.");
	else {
		endpoint->made++;
		endpoint->used = 0;
		clock_gettime(CLOCK_MONOTONIC, &endpoint->born);
		token = text_format("%s-%u", endpoint->access, endpoint->made);
		root = call_answer(call, 200);
		yyjson_mut_obj_add_strcpy(call->doc, root, "access_token", token);
		yyjson_mut_obj_add_strcpy(call->doc, root, "token_type",
		                          endpoint->type ? endpoint->type : "Bearer");
		if (endpoint->lasts_s)
			yyjson_mut_obj_add_sint(call->doc, root, "expires_in", endpoint->lasts_s);
		free(token);
	}
	call->type = "application/json";
}

bool token_lets_in(struct token_endpoint *endpoint, const char *authorization)
{
	char *header = text_format("Bearer %s-%u", endpoint->access, endpoint->made);
	bool good = authorization && strcmp(authorization, header) == 0 && endpoint->made;
	struct timespec now;

	free(header);
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (good && endpoint->lasts_s && now.tv_sec - endpoint->born.tv_sec > endpoint->lasts_s)
		good = false;
	if (good && endpoint->uses && ++endpoint->used > endpoint->uses)
		good = false;
	return good;
}
