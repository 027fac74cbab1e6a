/* SPDX-License-Identifier: ISC */
/*
 * http_token: the header with the token, which is the one that changes during a run.
 */
#include "http/http_try.h"

#include <stdlib.h>

static void http_token_free(struct http_token *token)
{
	explicit_bzero(token->header.data, strlen(token->header.data));
	free(token->header.data);
	free(token);
}

int http_token_set(struct http *http, struct fault *fault)
{
	struct http_token *token = calloc(1, sizeof *token);
	struct buf line = {0};

	sign_in_put_header(http->config.sign_in, http->config.token, &line);
	buf_text(&line);
	if (!token || line.state != BUF_OK) {
		if (line.data)
			explicit_bzero(line.data, line.cap);
		buf_release(&line);
		free(token);
		return fault_memory(fault);
	}
	*token = (struct http_token){
		.header = {line.data, http->headers},
		.older = http->token,
		.number = http->token ? http->token->number + 1 : 1,
	};
	http->token = token;
	return 0;
}

/* Headers of tokens that no request under way was sent with are wiped. */
static void http_token_drop_old(struct http *http)
{
	int lowest = http->token->number;
	struct http_token **at = &http->token->older;

	for (const struct request *request = http->first; request; request = request->next)
		if (request->state == FLYING && request->token < lowest)
			lowest = request->token;
	while (*at && (*at)->number >= lowest)
		at = &(*at)->older;
	while (*at) {
		struct http_token *token = *at;

		*at = token->older;
		http_token_free(token);
	}
}

int http_renew(struct http *http, int timeout_ms, struct fault *fault)
{
	if (http->config.renew(http->config.context, timeout_ms, fault) < 0 ||
	    http_token_set(http, fault) < 0)
		return -1;
	http_token_drop_old(http);
	return 0;
}

void http_token_release(struct http *http)
{
	while (http->token) {
		struct http_token *token = http->token;

		http->token = token->older;
		http_token_free(token);
	}
}
