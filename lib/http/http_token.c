/* SPDX-License-Identifier: ISC */
/*
 * http_token: the header with the token, which is the one that changes during a run.
 */
#include "http/http_try.h"

#include <stdlib.h>

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

void http_token_release(struct http *http)
{
	while (http->token) {
		struct http_token *token = http->token;

		http->token = token->older;
		explicit_bzero(token->header.data, strlen(token->header.data));
		free(token->header.data);
		free(token);
	}
}
