/* SPDX-License-Identifier: ISC */
/*
 * reply: header lines (up to the first blank one) and a body. Nothing that is
 * said about them holds the token or acts on a terminal, and Retry-After is a
 * time to wait or none.
 */
#include "fuzz.h"

#include "http/verdict.h"

static const struct secret token = {.bytes = "canary-token-0123456789", .len = 23};

static void must_be_said(const char *text)
{
	must_be_inert(span_of(text), false);
	must(!strstr(text, token.bytes), "the token is in no message");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = {(const char *)data, size}, line;
	struct reply reply = {.limit = {-1, -1, -1}, .status = 200};
	char text[DESCRIPTION_MAX];

	while ((line = take_until(&rest, '\n')).len) {
		/* exactly as long as libcurl says */
		struct buf copy = {0};

		buf_put_span(&copy, line);
		reply_header(&reply, buf_span(&copy), &token);
		buf_release(&copy);
		must(verdict_wait_s(&reply) >= -1, "a wait is no negative time");
		verdict_of(&reply, true);
		must_be_said(reply.location);
		must_be_said(reply.content_type);
	}
	buf_put_span(&reply.body, rest);
	reply_parse(&reply, &token);
	if (!reply.doc) {
		must_be_fault(&reply.not_json);
		must_be_said(reply.not_json.text);
	}
	must_be_said(reply_describe(&reply, &token, text));
	reply_echoes(&reply, &token);
	reply_release(&reply);
	return 0;
}
