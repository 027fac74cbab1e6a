/* SPDX-License-Identifier: ISC */
/*
 * http: a queue of requests over one curl_multi handle.
 */
#include "http/http_try.h"

#include <stdlib.h>

/* ---- opening and closing ---- */

static int http_add_header(struct http *http, const char *name, const char *value,
                           struct fault *fault)
{
	struct buf line = {0};
	struct curl_slist *list = NULL;

	buf_putf(&line, "%s: %s", name, value);
	if (line.state == BUF_OK)
		list = curl_slist_append(http->headers, buf_text(&line));
	buf_release(&line);
	if (!list)
		return fault_memory(fault);
	http->headers = list;
	return 0;
}

struct http *http_open(const struct http_config *config, struct fault *fault)
{
	struct http *http = calloc(1, sizeof *http);

	if (!http || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
		free(http);
		fault_memory(fault);
		return NULL;
	}
	http->config = *config;
	http->limit = config->jobs;
	http->rounds = 1;
	http->deadline_ms = config->deadline_s ? http_now_ms() + config->deadline_s * 1000 : INT64_MAX;
	http->multi = curl_multi_init();
	if (!http->multi || http_add_header(http, "Accept", config->accept, fault) < 0 ||
	    /* without a token yet, the first one is asked for by http_renew */
	    ((config->token->now.len || !config->renew) && http_token_set(http, fault) < 0)) {
		fault_memory(fault);
		http_close(http);
		http = NULL;
	} else {
		/* http_start_ready keeps to `jobs`. CURLMOPT_MAX_HOST_CONNECTIONS and CURLOPT_PIPEWAIT let
		   all others wait for ever for a connection on which the first send failed (7.88) */
		curl_multi_setopt(http->multi, CURLMOPT_MAXCONNECTS, (long)config->jobs);
	}
	return http;
}

void http_close(struct http *http)
{
	if (!http)
		return;
	while (http->first)
		http_drop(http, http->first);
	moved_release(&http->moved);
	curl_multi_cleanup(http->multi);
	http_token_release(http);
	curl_slist_free_all(http->headers);
	curl_global_cleanup();
	free(http);
}

uint64_t http_requests(const struct http *http)
{
	return http->requests;
}

bool http_lacked_certificate(const struct http *http)
{
	return http->asked_certificate && !http->config.certificate;
}

bool http_expired(const struct http *http)
{
	return http->expired;
}

uint64_t http_retries(const struct http *http)
{
	return http->retries;
}

/* ---- the queue ---- */

/* Starts what may start now; returns how long nothing more can, in ms. */
static int64_t http_start_ready(struct http *http)
{
	int64_t now = http_now_ms(), wait = 1000;
	/* the first one alone: its answer shows whether they can share a connection */
	int most = http->answered ? http->limit : 1;

	for (struct request *request = http->first; request; request = request->next) {
		int64_t from = request->not_before_ms > http->paused_until_ms ? request->not_before_ms
		                                                              : http->paused_until_ms;
		if (request->state != WAITING || http->flying >= most)
			continue;
		if (from <= now)
			http_try_start(http, request);
		else if (from - now < wait)
			wait = from - now;
	}
	return wait;
}

/* Collects the tries that libcurl has ended; false: there are none. */
static bool http_collect(struct http *http)
{
	CURLMsg *message;
	bool any = false;
	int left;

	while ((message = curl_multi_info_read(http->multi, &left))) {
		struct request *request = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
		http_try_finish(http, request, code);
		any = true;
	}
	return any;
}

static int http_libcurl_failed(struct fault *fault)
{
	return fault_set(fault, FAULT_INTERNAL, "libcurl failed");
}

/* Starts what may start and lets libcurl work, until no try ends any more. 1: a try
   ended; 0: none did; -1: fault. *wait as http_start_ready returns it. */
static int http_move(struct http *http, int64_t *wait, struct fault *fault)
{
	int running, result = 0;

	for (;;) {
		*wait = http_start_ready(http);
		if (curl_multi_perform(http->multi, &running))
			return http_libcurl_failed(fault);
		if (!http_collect(http))
			return result;
		result = 1;
	}
}

/* Waits for something to happen, `wait` ms at most. */
static int http_rest(struct http *http, int64_t wait, struct fault *fault)
{
	int64_t left = http->deadline_ms - http_now_ms();

	if (left <= 0) {
		http->expired = true;
		return fault_set(fault, FAULT_TRY_LATER, "not done within --deadline %ld",
		                 http->config.deadline_s);
	}
	return curl_multi_poll(http->multi, NULL, 0, (int)(wait < left ? wait : left), NULL)
	           ? http_libcurl_failed(fault)
	           : 0;
}

int http_turn(struct http *http, struct fault *fault)
{
	int64_t wait;
	int result = http_move(http, &wait, fault);

	if (result == 0)
		return http_rest(http, wait, fault);
	return result < 0 ? -1 : 0;
}

bool request_is_settled(struct request *request)
{
	if (request->state == LANDED)
		http_try_read(request->http, request);
	return request->state == SETTLED;
}

const struct reply *http_wait(struct http *http, struct request *request, struct fault *fault)
{
	do {
		int64_t wait;

		/* the next requests are sent before an answer is read */
		if (http_move(http, &wait, fault) < 0)
			return NULL;
		if (request->state == LANDED)
			http_try_read(http, request);
		else if (request->state != SETTLED && http_rest(http, wait, fault) < 0)
			return NULL;
	} while (request->state != SETTLED);
	*fault = request->failed ? request->fault : *fault;
	return request->failed ? NULL : &request->reply;
}

/* Is this a path that only reads when something is posted to it? */
static bool target_is_search(const char *target)
{
	static const char last[] = "/.search";
	size_t len = strcspn(target, "?");

	return len >= strlen(last) && strncmp(target + len - strlen(last), last, strlen(last)) == 0;
}

/* "Name: VALUE" in a list of one, which request_free frees. */
static int request_set_header(struct curl_slist *header, const char *name, struct span value,
                              struct fault *fault)
{
	struct buf line = {0};

	buf_puts(&line, name);
	buf_put_span(&line, value);
	buf_text(&line);
	header->data = line.data;
	return buf_check(&line, fault);
}

static void request_free(struct request *request)
{
	reply_release(&request->reply);
	free(request->url);
	if (request->body)
		explicit_bzero(request->body, strlen(request->body));
	free(request->body);
	free(request->if_match.data);
	free(request->type.data);
	free(request);
}

struct request *http_queue(struct http *http, const char *method, const char *target,
                           const char *body, struct span if_match, struct fault *fault)
{
	struct request *request = calloc(1, sizeof *request), **end;
	struct buf url = {0};

	if (!request || !*target || (body && !*body)) { /* a buf that could not be filled */
		free(request);
		fault_memory(fault);
		return NULL;
	}
	*request = (struct request){.http = http, .method = method, .reply.limit = {-1, -1, -1}};
	buf_putf(&url, "%s%s", http->config.origin->base, target);
	request->url = url.data; /* buf_putf leaves a NUL after the end */
	if (body)
		request->body = strdup(body);
	if (url.state != BUF_OK || (body && !request->body) ||
	    (body && request_set_header(
					 &request->type, "Content-Type: ",
					 span_of(http->config.type ? http->config.type : "application/scim+json"),
					 fault) < 0) ||
	    (if_match.len &&
	     request_set_header(&request->if_match, "If-Match: ", if_match, fault) < 0)) {
		request_free(request);
		fault_memory(fault);
		return NULL;
	}
	for (end = &http->first; *end; end = &(*end)->next)
		;
	*end = request;
	return request;
}

struct request *http_ask(struct http *http, const char *target, const char *search,
                         struct fault *fault)
{
	if (search && !target_is_search(target)) {
		fault_set(fault, FAULT_INTERNAL, "POST is for searches only");
		return NULL;
	}
	return http_queue(http, search ? "POST" : "GET", target, search, (struct span)SPAN_EMPTY,
	                  fault);
}

struct request *http_ask_form(struct http *http, const char *target, const char *form,
                              struct fault *fault)
{
	return http_queue(http, "POST", target, form, (struct span)SPAN_EMPTY, fault);
}

void http_delay(struct request *request, int64_t ms)
{
	request->not_before_ms = http_now_ms() + ms;
}

void http_drop(struct http *http, struct request *request)
{
	struct request **at;

	if (!request)
		return;
	for (at = &http->first; *at != request; at = &(*at)->next)
		;
	*at = request->next;
	if (request->state == FLYING)
		http_try_land(http, request);
	request_free(request);
}

const char *request_url(const struct request *request)
{
	return request->url;
}

const struct reply *request_settled(struct request *request)
{
	return request_is_settled(request) && !request->failed ? &request->reply : NULL;
}

bool request_is_too_large(const struct request *request)
{
	return request->too_large;
}

bool request_is_timed_out(const struct request *request)
{
	return request->timed_out;
}

void http_no_patience(struct request *request)
{
	request->sent_once = true;
}

long request_status(const struct request *request)
{
	return request->reply.status;
}

enum verdict request_verdict(const struct request *request)
{
	return request->verdict;
}

int64_t request_wait_s(const struct request *request)
{
	return verdict_wait_s(&request->reply);
}
