/* SPDX-License-Identifier: ISC */
/*
 * reply: header lines (up to the first blank one) and a body. Nothing that is
 * said about them holds the token or acts on a terminal, and Retry-After is a
 * time to wait or none.
 */
#include "fuzz.h"

#include "http/moved.h"
#include "http/sign_in.h"
#include "http/verdict.h"

#include <stdlib.h>
#include <strings.h>

static const struct secret token = {.now = {.bytes = "canary-token-0123456789", .len = 23}};

static void must_be_said(const char *text)
{
	must_be_inert(span_of(text), false);
	must(!strstr(text, token.now.bytes), "the token is in no message");
}

/* Wherever a redirect leads, the origin and the query stay. */
static void must_stay(const char *location)
{
	static const char url[] = "https://s.example/v2/Users?startIndex=1",
					  origin[] = "https://s.example/", query[] = "/Users?startIndex=1",
					  other[] = "/Users/?startIndex=1";
	struct moved moved = {0};
	char *to = moved_follow(&moved, url, location);
	struct span text = span_of(to ? to : "");

	if (to) {
		must(span_begins(text, span_of(origin)), "a redirect is followed within the origin");
		must(text.len > strlen(query), "a redirect has a path");
		for (size_t i = 0; i < text.len; i++)
			must(text.data[i] > ' ' && text.data[i] <= '~', "a URL can stand in a line");
		must(strcasecmp(to + text.len - strlen(query), query) == 0 ||
		         strcasecmp(to + text.len - strlen(other), other) == 0 || strstr(to, "//?"),
		     "the last segment and the query stay");
		must(moved.count == 1, "it is remembered");
	}
	free(to);
	moved_release(&moved);
}

/* What a service wants is said of its challenges, or nothing is. */
static void must_want(const char *challenges)
{
	static const char *const forms[] = {"Bearer", "X-Api-Key:", "none"};
	struct sign_in sign_in;
	struct fault fault;
	struct buf words;

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		words = (struct buf){0};
		must(sign_in_init(&sign_in, forms[i], &fault) == 0, "a form is one");
		sign_in_put_wanted(&sign_in, challenges, &words);
		must(!words.len || span_begins(buf_span(&words), span_of("the service asks for ")),
		     "what is wanted begins the same way");
		must_be_said(buf_text(&words));
		buf_release(&words);
	}
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
	must_want(reply.challenge);
	reply_echoes(&reply, &token);
	must_stay(reply.redirect);
	reply_release(&reply);
	return 0;
}
