/* SPDX-License-Identifier: ISC */
/*
 * http_try: one try of one request, and what its end means. For http.c alone,
 * which keeps the queue.
 *
 * A request is WAITING (for its turn or for its next try), FLYING (given to
 * libcurl), LANDED (its answer is there and has not been read) or SETTLED. Where
 * the server asks one request to wait (429, Retry-After), all requests wait, and the
 * number in flight falls by half; it rises again by one after one or more rounds
 * of good answers.
 */
#ifndef ROLLCALL_HTTP_TRY_H
#define ROLLCALL_HTTP_TRY_H

#include "http/http.h"
#include "http/moved.h"

#include <curl/curl.h>

enum request_state { WAITING, FLYING, LANDED, SETTLED };

struct request {
	struct request *next;
	struct http *http;
	char *url;
	const char *method;           /* "GET", ... */
	bool writes;                  /* sent once */
	int token;                    /* the number of the one that the last try was sent with */
	char *body;                   /* NULL: none */
	struct curl_slist if_match;   /* data NULL: none; stands before the other headers */
	struct curl_slist type;       /* the type of the body, the same way */
	char detail[CURL_ERROR_SIZE]; /* libcurl's own words about a failure */
	CURL *easy;
	enum request_state state;
	int64_t not_before_ms;
	int64_t started_ms;
	struct http_patience patience;
	enum verdict verdict; /* about the last try */
	bool redirected;      /* asked for again at another path */
	bool too_large;
	bool timed_out;         /* the last try, after it was sent */
	bool sent_once;         /* http_no_patience */
	bool asked_certificate; /* the server asked for one of ours */
	bool failed;            /* settled with `fault` */
	struct fault fault;
	struct reply reply;
};

/* The header of one token. Those of older ones stay until the end: a request that is under
   way may still need one. */
struct http_token {
	struct curl_slist header; /* the other headers follow it */
	struct http_token *older;
	int number;  /* 1 is the first token of the run */
	bool worked; /* the service let a request with it in */
};

struct http {
	struct http_config config;
	CURLM *multi;
	struct http_token *token;   /* the header of the newest one */
	struct curl_slist *headers; /* the others that all requests have */
	struct request *first;      /* in the order they were asked for */
	int flying, limit;
	int good, rounds; /* answers since `limit` changed; it rises at `rounds` times `limit` */
	bool slowed;      /* no good answer since a request was put off */
	int64_t paused_until_ms, deadline_ms;
	uint64_t requests, retries;
	struct moved moved;
	bool any_encoding;      /* no encoding is asked for: the service names one that is none */
	bool answered;          /* the server has said something, were it an error */
	bool asked_certificate; /* some request's server asked for one of ours */
	bool expired;           /* the deadline has passed */
};

/* Wipes the headers of all tokens. */
void http_token_release(struct http *http);

int64_t http_now_ms(void); /* monotonic */

/* Queues a request of any method. NULL with a fault; texts but `method` are copied. */
struct request *http_queue(struct http *http, const char *method, const char *target,
                           const char *body, struct span if_match, struct fault *fault);

/* Gives the request to libcurl, or settles it with a fault. */
void http_try_start(struct http *http, struct request *request);

/* Takes the request back from libcurl. */
void http_try_land(struct http *http, struct request *request);

/* libcurl is done with the request: it has LANDED or is settled, or another try is queued. */
void http_try_finish(struct http *http, struct request *request, CURLcode code);

/* Reads the answer of a request that has LANDED: settles it, or queues another try. */
void http_try_read(struct http *http, struct request *request);

#endif
