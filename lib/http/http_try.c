/* SPDX-License-Identifier: ISC */
/*
 * http_try: the options of a request, which are those that are safe with
 * libcurl 7.88, and the judgement over its answer.
 */
#include "http/http_try.h"

#include "http/transport.h"
#include "base/when.h"

#include <limits.h>
#include <stdio.h>
#include <sys/random.h>
#include <time.h>

enum {
	CONNECT_TIMEOUT_S = 15,
	SLOW_BYTES = 64,   /* fewer bytes a second than this ... */
	SLOW_SECONDS = 30, /* ... for so long is a dead connection */
	BACKOFF_MAX_MS = 32000,
	PUT_OFF_MAX_MS = 4000, /* a window that opens again is not left idle for longer */
	ROUNDS_MAX = 16,
	EARLY_MAX_MS = 60000, /* how long before it runs out a token is replaced */
};

int64_t http_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t http_until_ms(uint64_t seconds)
{
	/* before it runs out: a request takes time, and clocks differ */
	uint64_t early_ms = seconds * 1000 / 4 < EARLY_MAX_MS ? seconds * 1000 / 4 : EARLY_MAX_MS;

	return seconds ? http_now_ms() + (int64_t)(seconds * 1000 - early_ms) : 0;
}

static size_t try_on_body(char *data, size_t size, size_t count, void *context)
{
	struct request *request = context;
	size_t len = size * count;

	/* decoded bytes: what a small compressed reply grows to counts, too */
	if (len > PAGE_MAX_BYTES - request->reply.body.len) {
		request->too_large = true;
		return 0;
	}
	buf_put(&request->reply.body, data, len);
	return request->reply.body.state == BUF_OK ? len : 0;
}

static size_t try_on_header(char *data, size_t size, size_t count, void *context)
{
	struct request *request = context;
	struct span line = {data, size * count};

	reply_header(&request->reply, line, request->http->config.token);
	return line.len;
}

/* Texts are copied, which takes memory; without one of them libcurl would do as it
   usually does: ask for another thing, by another proxy, and trust other authorities. */
static bool try_set_texts(const struct http_config *config, const struct request *request)
{
	CURL *easy = request->easy;
	const char *path = strchr(strstr(request->url, "://") + 3, '/');
	/* loopback: a proxy would be another host */
	const char *proxy = config->origin->plain ? "" : config->proxy;

	/* the target is in the URL, too, but libcurl forgets the query without a word */
	return curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_REQUEST_TARGET, path) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR,
	                        config->origin->plain ? "http" : "https") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_USERAGENT, "rollcall/" ROLLCALL_VERSION) == CURLE_OK &&
	       (request->http->any_encoding ||
	        curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip") == CURLE_OK) &&
	       (!request->writes ||
	        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK) &&
	       (!config->ca_file ||
	        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file) == CURLE_OK) &&
	       (!proxy || curl_easy_setopt(easy, CURLOPT_PROXY, proxy) == CURLE_OK);
}

/* The client certificate, from memory: NOCOPY, it outlives the request. */
static bool try_set_certificate(const struct http_config *config, CURL *easy)
{
	const struct certificate *certificate = config->certificate;
	const struct buf *key;
	struct curl_blob blob;

	if (!certificate)
		return true;
	key = certificate->key.len ? &certificate->key : &certificate->chain;
	blob = (struct curl_blob){certificate->chain.data, certificate->chain.len, CURL_BLOB_NOCOPY};
	if (curl_easy_setopt(easy, CURLOPT_SSLCERT_BLOB, &blob) != CURLE_OK)
		return false;
	blob = (struct curl_blob){key->data, key->len, CURL_BLOB_NOCOPY};
	/* a passphrase, were it asked for, is not read from the terminal */
	return curl_easy_setopt(easy, CURLOPT_SSLKEY_BLOB, &blob) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_KEYPASSWD, "") == CURLE_OK;
}

/* What is sent: a method, a body, the headers that are this request's own. */
static void try_set_request(struct http *http, struct request *request)
{
	CURL *easy = request->easy;
	struct curl_slist *headers = *http->token->header.data ? &http->token->header : http->headers;

	if (request->body) {
		request->type.next = headers;
		headers = &request->type;
	}
	if (request->if_match.data) {
		request->if_match.next = headers;
		headers = &request->if_match;
	}
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	if (request->body)
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	if (!request->writes)
		return;
	/* on a connection that was used before, libcurl sends again by itself what
	   was cut off before any answer came: a write could happen twice */
	curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static void try_set_options(struct http *http, struct request *request)
{
	const struct http_config *config = &http->config;
	CURL *easy = request->easy;

	try_set_request(http, request);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT, config->timeout_s);
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_TIMEOUT_S);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, (long)SLOW_BYTES);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)SLOW_SECONDS);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, try_on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, try_on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->detail);
	if (!http->answered) { /* the first connection: does it want a client certificate? */
		curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, transport_on_debug);
		curl_easy_setopt(easy, CURLOPT_DEBUGDATA, &request->asked_certificate);
		curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
	}
	if (config->ca_file) /* these and no others */
		curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
	curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L); /* they are the proxy's */
}

static void try_settle(struct request *request, bool failed)
{
	request->state = SETTLED;
	request->failed = failed;
}

static int try_hand_to_curl(struct http *http, struct request *request, struct fault *fault)
{
	request->easy = curl_easy_init();
	if (!request->easy || !try_set_texts(&http->config, request) ||
	    !try_set_certificate(&http->config, request->easy))
		return fault_memory(fault);
	try_set_options(http, request);
	if (curl_multi_add_handle(http->multi, request->easy) != CURLM_OK)
		return fault_set(fault, FAULT_INTERNAL, "libcurl takes no more requests");
	return 0;
}

static bool try_is_get(const struct request *request)
{
	return !request->writes && !request->body;
}

/* Another URL is asked for. */
static void try_set_url(struct request *request, char *url)
{
	free(request->url);
	request->url = url;
}

/* A token that says when it runs out is replaced before that. If there is no other, it is
   sent until the service refuses it: that asks once more, and says why not. */
static void try_replace_token(struct http *http)
{
	struct fault why = {0};

	if (!http->config.renew || !http->config.token->until_ms ||
	    http_now_ms() < http->config.token->until_ms)
		return;
	http->config.note(http->config.context, "the token is about to run out, asking for another");
	if (http_renew(http, -1, &why) < 0)
		http->config.note(http->config.context, why.text);
}

void http_try_start(struct http *http, struct request *request)
{
	char *moved =
		try_is_get(request) && !request->redirected ? moved_find(&http->moved, request->url) : NULL;

	if (moved) {
		try_set_url(request, moved);
		request->redirected = true;
	}
	try_replace_token(http);
	reply_clear(&request->reply);
	request->too_large = request->timed_out = false;
	request->detail[0] = '\0';
	request->verdict =
		request->writes ? VERDICT_NOT_KNOWN : VERDICT_AGAIN; /* until it is answered */
	request->token = http->token->number;
	request->patience.tries++;
	request->started_ms = http_now_ms();
	if (try_hand_to_curl(http, request, &request->fault) < 0) {
		curl_easy_cleanup(request->easy);
		request->easy = NULL;
		try_settle(request, true);
		return;
	}
	request->state = FLYING;
	http->flying++;
	http->requests++;
	if (request->patience.tries > 1)
		http->retries++;
}

void http_try_land(struct http *http, struct request *request)
{
	curl_multi_remove_handle(http->multi, request->easy);
	curl_easy_cleanup(request->easy);
	request->easy = NULL;
	http->flying--;
}

/* ---- what a finished try means ---- */

static int64_t random_ms(int64_t least, int64_t most)
{
	uint32_t random = 0;

	if (getrandom(&random, sizeof random, GRND_NONBLOCK) < 0)
		random = (uint32_t)http_now_ms() * 2654435761U;
	return least + (int64_t)random % (most - least + 1);
}

/* A second, doubled for each time before this one. */
static int64_t step_ms(int times, int64_t most)
{
	int64_t step = times > 16 ? most : (int64_t)1000 << (times - 1);

	return step < most ? step : most;
}

/* A try that was put off costs a part of --max-wait in place of one of the retries:
   how often we looked says nothing about when a limit of a minute ends. */
static int64_t http_put_off_ms(const struct http_config *config, struct http_patience *patience,
                               int64_t wait_s, struct fault *fault)
{
	int64_t left_ms = config->max_wait_s * 1000 - patience->waited_ms, wait_ms;

	if (patience->put_offs >= config->put_offs)
		return fault_hint(fault, ", after %d %s", patience->tries,
		                  patience->tries == 1 ? "try" : "tries");
	if (left_ms == 0)
		return fault_hint(fault, ", after %d %s within --max-wait %ld", patience->tries,
		                  patience->tries == 1 ? "try" : "tries", config->max_wait_s);
	wait_ms = step_ms(++patience->put_offs, PUT_OFF_MAX_MS);
	wait_ms = wait_s > 0 ? wait_s * 1000 : random_ms(wait_ms / 2, wait_ms);
	wait_ms = wait_ms < left_ms ? wait_ms : left_ms;
	patience->waited_ms += wait_ms;
	return wait_ms;
}

int64_t http_pause_ms(const struct http *http, struct http_patience *patience, enum verdict verdict,
                      int64_t wait_s, struct fault *fault)
{
	const struct http_config *config = &http->config;
	int64_t left_ms = config->max_wait_s * 1000 - patience->waited_ms;
	int failed = patience->tries - patience->put_offs;
	char until[WHEN_MAX];

	if (wait_s > left_ms / 1000)
		return fault_hint(fault,
		                  "; the server asks to wait until %s, longer than --max-wait %ld allows",
		                  when_in(wait_s, until), config->max_wait_s);
	if (verdict == VERDICT_WAIT)
		return http_put_off_ms(config, patience, wait_s, fault);
	if (failed > config->retries)
		return fault_hint(fault, ", after %d %s", patience->tries,
		                  patience->tries == 1 ? "try" : "tries");
	return wait_s == 0 ? 0 : random_ms(0, step_ms(failed, BACKOFF_MAX_MS));
}

/* All requests wait, and fewer are sent at a time. Each time that this follows good
   answers, more good answers are needed before the number rises again: it was too high. */
static void http_slow_down(struct http *http, int64_t until_ms)
{
	if (!http->slowed && http->rounds < ROUNDS_MAX)
		http->rounds *= 2;
	http->slowed = true;
	http->limit = http->limit > 1 ? http->limit / 2 : 1;
	http->good = 0;
	if (until_ms > http->paused_until_ms)
		http->paused_until_ms = until_ms;
}

/* A good answer. */
static void http_speed_up(struct http *http)
{
	http->slowed = false;
	if (http->limit < http->config.jobs && ++http->good >= http->limit * http->rounds) {
		http->limit++;
		http->good = 0;
	}
}

/* Queues another try, or settles with `request->fault`, which says what failed. */
static void try_repeat(struct http *http, struct request *request)
{
	bool put_off = request->verdict == VERDICT_WAIT;
	int64_t wait_s = verdict_wait_s(&request->reply);
	struct fault ignored = {0};
	int64_t wait_ms = http_pause_ms(http, &request->patience, request->verdict, wait_s,
	                                request->writes ? &ignored : &request->fault);
	char text[DESCRIPTION_MAX];

	request->not_before_ms = http_now_ms() + wait_ms;
	if (put_off && wait_ms >= 0)
		http_slow_down(http, request->not_before_ms);
	/* did a write happen? that is for the caller to find out */
	if (wait_ms < 0 || request->writes)
		return try_settle(request, true);
	request->state = WAITING;
	snprintf(text, sizeof text, "%.120s: %.200s: waiting %.1f s%s, then try %d", request->url,
	         request->fault.text, (double)wait_ms / 1000, wait_s > 0 ? " (the server asked)" : "",
	         request->patience.tries + 1);
	http->config.note(http->config.context, text);
}

/* Asks again at once; this is no try that failed. */
static void try_ask_anew(struct request *request)
{
	request->patience.tries--;
	request->not_before_ms = 0;
	request->state = WAITING;
}

/* A read is asked for again where the service serves its path; true: it is. */
static bool try_follow(struct http *http, struct request *request)
{
	long status = request->reply.status;
	char *url;

	if (!try_is_get(request) || request->redirected ||
	    (status != 301 && status != 302 && status != 307 && status != 308))
		return false;
	url = moved_follow(&http->moved, request->url, request->reply.redirect);
	if (!url)
		return false;
	request->redirected = true;
	try_set_url(request, url);
	try_ask_anew(request);
	return true;
}

/* Who asks has been let in, be it to hear that something is not there. */
static bool try_shows_token_works(const struct request *request)
{
	long status = request->reply.status;

	return request->verdict == VERDICT_OK || status == 404 || status == 409 || status == 412;
}

/* 401: has the token run out? Then there is a new one, and what was answered so, which did
   nothing, is sent again. true: it is, or there is no new token and it has failed. */
static bool try_renew_token(struct http *http, struct request *request)
{
	int64_t left_ms = http->deadline_ms - http_now_ms();
	char text[DESCRIPTION_MAX];
	struct fault why = {0};

	if (request->token == http->token->number) {
		if (!http->config.renew || !http->token->worked || request->token > TOKENS_MAX)
			return false;
		reply_parse(&request->reply, http->config.token);
		reply_describe(&request->reply, http->config.token, text);
		snprintf(why.text, sizeof why.text, "HTTP %.400s: the token ran out, asking for another",
		         text);
		http->config.note(http->config.context, why.text);
		left_ms = left_ms < 0 ? 0 : left_ms;
		if (http_renew(http, left_ms < INT_MAX ? (int)left_ms : -1, &why) < 0) {
			request->fault = why;
			fault_prefix(&request->fault,
			             "the token ran out (HTTP %.300s), and there is no other: ", text);
			try_settle(request, true);
			return true;
		}
	}
	try_ask_anew(request);
	return true;
}

/* The try ended without an answer. */
static void try_transport_failed(struct http *http, struct request *request, CURLcode code)
{
	char words[INERT_MAX];
	struct transport transport = {
		.easy = request->easy,
		.code = code,
		.url = request->url,
		.words = words,
		.reply = &request->reply,
		.asked_certificate = request->asked_certificate,
		.sent_certificate = http->config.certificate != NULL,
		.answered_before = http->answered,
	};
	curl_off_t sent_us = 0;
	bool passing;

	/* a charset in the wrong header, often: the body is as it is, where none is asked for */
	if (code == CURLE_BAD_CONTENT_ENCODING && !http->any_encoding &&
	    reply_has_odd_encoding(&request->reply) && !request->writes) {
		http->any_encoding = true;
		http_try_land(http, request);
		return try_ask_anew(request);
	}
	inert_text(words, span_of(*request->detail ? request->detail : curl_easy_strerror(code)));
	passing = transport_judge(&transport, &request->fault);
	curl_easy_getinfo(request->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_us);
	request->timed_out = code == CURLE_OPERATION_TIMEDOUT && sent_us > 0;
	http_try_land(http, request);
	if (passing && !(request->timed_out && request->sent_once))
		try_repeat(http, request);
	else
		try_settle(request, true);
}

/* An answer has come. Whether others must wait shows in its status. Its body is parsed
   when its turn has come, so that answers that came early take no more than their bytes. */
static void try_judge(struct http *http, struct request *request)
{
	struct reply *reply = &request->reply;
	char text[DESCRIPTION_MAX];

	http->answered = true;
	request->state = LANDED;
	request->verdict = verdict_of(reply, request->writes);
	if (request->verdict == VERDICT_OK)
		http_speed_up(http);
	if (request->token == http->token->number && try_shows_token_works(request))
		http->token->worked = true;
	if (reply->status == 401 && request->verdict == VERDICT_REFUSED &&
	    try_renew_token(http, request))
		return;
	if (request->verdict == VERDICT_OK || try_follow(http, request) ||
	    request->verdict == VERDICT_REFUSED)
		return;
	reply_parse(reply, http->config.token);
	fault_set(&request->fault, FAULT_TRY_LATER, "HTTP %s",
	          reply_describe(reply, http->config.token, text));
	try_repeat(http, request);
}

void http_try_read(struct http *http, struct request *request)
{
	struct reply *reply = &request->reply;

	reply_parse(reply, http->config.token);
	if (reply->not_json.kind == FAULT_INTERNAL) {
		fault_memory(&request->fault);
		return try_settle(request, true);
	}
	if (request->verdict != VERDICT_OK)
		return try_settle(request, false);
	if (reply->cut) {
		request->verdict = request->writes ? VERDICT_NOT_KNOWN : VERDICT_AGAIN;
		fault_set(&request->fault, FAULT_TRY_LATER, "the reply is cut off after %zu bytes",
		          reply->body.len);
		return try_repeat(http, request);
	}
	if (reply_echoes(reply, http->config.token)) {
		fault_set(&request->fault, FAULT_PROTOCOL, "the server repeats the token in its reply");
		return try_settle(request, true);
	}
	try_settle(request, false);
}

void http_try_finish(struct http *http, struct request *request, CURLcode code)
{
	struct buf line = {0};

	curl_easy_getinfo(request->easy, CURLINFO_RESPONSE_CODE, &request->reply.status);
	http->asked_certificate |= request->asked_certificate;
	if (http->config.trace) {
		buf_putf(&line, "%s %s -> %ld, %zu bytes, %lld ms", request->method, request->url,
		         request->reply.status, request->reply.body.len,
		         (long long)(http_now_ms() - request->started_ms));
		http->config.trace(http->config.context, buf_text(&line));
		buf_release(&line);
	}
	if (request->reply.body.state == BUF_NO_MEMORY) {
		http_try_land(http, request);
		fault_memory(&request->fault);
		return try_settle(request, true);
	}
	if (request->too_large) {
		http_try_land(http, request);
		fault_set(&request->fault, FAULT_PROTOCOL, "the reply is larger than %zu bytes",
		          PAGE_MAX_BYTES);
		return try_settle(request, true);
	}
	if (code != CURLE_OK)
		return try_transport_failed(http, request, code);
	http_try_land(http, request);
	try_judge(http, request);
}
