/* SPDX-License-Identifier: ISC */
/*
 * walk: a whole run of a fetcher against a server that answers what the input
 * says: a byte of options, then replies with a zero byte between them, each a
 * status of three digits and a body ("200{...}"). Behind the last one nobody
 * answers. http.c is replaced here, everything else is the real thing.
 *
 * A run ends; what it seals is a complete section; no message acts on a
 * terminal or holds the token. Where $WALK_STATUS is set, stderr gets the exit
 * status that the program would have: tests/62-corpora.bats asks for it.
 */
#include "fuzz.h"

#include "fetch/scalr.h"
#include "fetch/scim.h"
#include "sys/undo.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TOKEN_FILE, OUTPUT, REQUESTS_MAX = 4000 };

static const char token[] = "canary-token-0123456789";

/* ---- http, as its header promises it ---- */

struct http {
	const struct http_config *config;
	uint64_t requests;
	struct span replies;
};

struct request {
	char *url;
	struct reply reply;
	bool settled;
};

static struct span replies; /* what the server will say in this run */

struct http *http_open(const struct http_config *config, struct fault *fault)
{
	static struct http http;

	(void)fault;
	http = (struct http){.config = config, .replies = replies};
	return &http;
}

void http_close(struct http *http)
{
	(void)http;
}

struct request *http_ask(struct http *http, const char *target, const char *search,
                         struct fault *fault)
{
	struct request *request = calloc(1, sizeof *request);

	(void)fault;
	(void)search;
	must(++http->requests < REQUESTS_MAX, "a run ends");
	must(request && target[0] == '/' && !strpbrk(target, " \r\n"), "a target can stand in a line");
	request->url = strdup(target);
	return request;
}

const struct reply *http_wait(struct http *http, struct request *request, struct fault *fault)
{
	struct secret secret = {.now.len = sizeof token - 1};
	struct span reply;

	memcpy(secret.now.bytes, token, sizeof token);
	if (request->settled)
		return &request->reply;
	if (!http->replies.len) {
		fault_set(fault, FAULT_TRY_LATER, "nobody answers");
		return NULL;
	}
	reply = take_until(&http->replies, '\0');
	request->settled = true;
	request->reply = (struct reply){.status = 200, .limit = {-1, -1, -1}};
	if (reply.len > 3 && reply.data[0] >= '2' && reply.data[0] <= '5' && reply.data[1] == '0') {
		request->reply.status = (reply.data[0] - '0') * 100 + (reply.data[2] & 7);
		reply = (struct span){reply.data + 3, reply.len - 3};
	}
	buf_put_span(&request->reply.body, reply);
	reply_parse(&request->reply, &secret);
	if (reply_echoes(&request->reply, &secret) || request->reply.cut) {
		request->settled = false;
		reply_release(&request->reply);
		fault_set(fault, FAULT_PROTOCOL, "cut, or the token in it");
		return NULL;
	}
	return &request->reply;
}

void http_drop(struct http *http, struct request *request)
{
	(void)http;
	if (!request)
		return;
	reply_release(&request->reply);
	free(request->url);
	free(request);
}

const char *request_url(const struct request *request)
{
	return request->url;
}

const struct reply *request_settled(struct request *request)
{
	return request->settled ? &request->reply : NULL;
}

bool request_is_too_large(const struct request *request)
{
	(void)request;
	return false;
}

bool request_is_timed_out(const struct request *request)
{
	(void)request;
	return false;
}

void http_no_patience(struct request *request)
{
	(void)request;
}

long request_status(const struct request *request)
{
	return request->reply.status;
}

enum verdict request_verdict(const struct request *request)
{
	return verdict_of(&request->reply, false);
}

struct request *http_ask_form(struct http *http, const char *target, const char *form,
                              struct fault *fault)
{
	(void)http, (void)target, (void)form, (void)fault;
	return NULL;
}

int http_token_set(struct http *http, struct fault *fault)
{
	(void)http, (void)fault;
	return 0;
}

int http_renew(struct http *http, int timeout_ms, struct fault *fault)
{
	(void)http, (void)timeout_ms, (void)fault;
	return 0;
}

int64_t http_until_ms(uint64_t seconds)
{
	return (int64_t)seconds;
}

bool http_lacked_certificate(const struct http *http)
{
	(void)http;
	return false;
}

bool http_expired(const struct http *http)
{
	(void)http;
	return false;
}

uint64_t http_requests(const struct http *http)
{
	return http->requests;
}

uint64_t http_retries(const struct http *http)
{
	(void)http;
	return 0;
}

/* ---- a run ---- */

static void note(const struct service *service, enum note_level level, const char *text)
{
	(void)service;
	(void)level;
	must_be_inert(span_of(text), false);
	must(!strstr(text, token), "the token is in no message");
}

static void check_output(bool sealed)
{
	struct buf output = {0};
	struct stream_reader reader;
	struct stream_item item;
	struct fault fault = {0};
	int more;

	memory_read(OUTPUT, &output);
	must(output.len && !memmem(output.data, output.len, token, strlen(token)),
	     "a stream begins, and the token is not in it");
	must(stream_open(&reader, memory_file(OUTPUT, buf_span(&output)), STAGE_FETCH, true, &fault) ==
	         0,
	     "a stream can be opened");
	while ((more = stream_next(&reader, &item, &fault)) > 0)
		;
	must(sealed == (more == 0), "what is sealed is complete, and nothing else is");
	stream_close(&reader);
	buf_release(&output);
}

static int run(struct fetch *fetch, bool scalr, struct fault *fault)
{
	int result =
		origin_init(&fetch->service.origin, "base URL", "https://s.example/v2", NULL, fault);

	must(result == 0, "the origin is good");
	setenv("ROLLCALL_SANDBOX", "off", 1); /* the next run opens files, too */
	must(dup2(memory_fd(OUTPUT), STDOUT_FILENO) == STDOUT_FILENO, "dup2 works");
	if (fetch_open(fetch, fault) < 0 ||
	    (scalr ? scalr_read(fetch, NULL, fault) : scim_read(fetch, fault)) < 0 ||
	    fetch_seal(fetch, fault) < 0)
		result = -1;
	fetch_close(fetch);
	undo_go_on();
	return result;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned bits = size ? *data : 0;
	struct fetch_options options = {
		.service = {.token_file = memory_file(TOKEN_FILE, span_of(token)),
	                .jobs = bits & 16 ? 4 : 1,
	                .verbosity = 1},
		.scopes = SCOPE_ALL,
		.count = bits & 8 ? 2 : COUNT_FIRST,
		.count_is_guess = !(bits & 8),
		.keep_going = bits & 2,
		.members = bits & 4 ? MEMBERS_GET : MEMBERS_AUTO,
		.method = bits & 32 ? METHOD_SEARCH : METHOD_GET,
	};
	struct fetch fetch = {
		.service = {.provider = provider_find(span_of(bits & 1    ? "scalr"
	                                                  : bits & 64 ? "rudderstack"
	                                                              : "scim")),
	                .options = &options.service,
	                .tool = "fuzz",
	                .note = note},
		.options = &options,
	};
	struct fault fault = {0};
	bool sealed;

	must(fchmod(memory_fd(TOKEN_FILE), 0600) == 0, "fchmod works");
	replies = size ? (struct span){(const char *)data + 1, size - 1} : span_of("");
	memory_file(OUTPUT, span_of(""));
	sealed = run(&fetch, bits & 1, &fault) == 0;
	if (!sealed)
		must_be_fault(&fault);
	check_output(sealed);
	if (getenv("WALK_STATUS"))
		fprintf(stderr, "%d\n", sealed ? 0 : fault_status(fault.kind));
	return 0;
}
