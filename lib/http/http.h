/* SPDX-License-Identifier: ISC */
/*
 * http: questions to one origin, several at a time, each tried again where that
 * is safe.
 *
 * A request is a promise: http_ask queues it and returns at once, http_wait
 * drives all of them until this one is settled. So a caller may prefetch pages
 * and still consume them in its own order; timing never shows in what it
 * sees. http_ask can not change anything: there is GET (RFC 9110 section 9.3.1),
 * and POST for a search (RFC 7644 section 3.4.3), which only reads. http_write can,
 * where the handle was opened with `may_write`, which nothing but scim-push --apply
 * does. No redirect is followed, no cookie kept, no netrc read, and the token
 * goes to the origin in one header (http/sign_in.h).
 *
 * Tried again, with exponential back-off and full jitter or as the service says: what
 * http/verdict.h calls WAIT or AGAIN, broken connections, time-outs, and a 2xx whose
 * JSON ends too early (libcurl does not see every cut body). Tries that fail are
 * counted; a service that asks to wait is waited for by the clock.
 * A token that runs out, which is a 401 after good answers, is renewed where that is
 * possible, and what was answered with 401, which did nothing (RFC 9110 section 15.5.2), is
 * sent again with the new one.
 * A write is sent once: its caller finds out whether it happened before it sends it
 * again.
 */
#ifndef ROLLCALL_HTTP_H
#define ROLLCALL_HTTP_H

#include "http/certificate.h"
#include "http/origin.h"
#include "http/sign_in.h"
#include "http/verdict.h"

struct http_config {
	const struct origin *origin;
	const struct secret *token;
	const struct sign_in *sign_in;         /* how the token is sent */
	const struct certificate *certificate; /* the client's; NULL: none */
	const char *type;                      /* of the bodies that are sent; NULL: SCIM's JSON */
	const char *accept;                    /* the Accept header */
	const char *ca_file;                   /* NULL: the system's */
	const char *proxy;                     /* NULL: as the environment says */
	long timeout_s;                        /* one try of one request */
	long deadline_s;                       /* the whole run; 0: none */
	long max_wait_s;                       /* for one request that is put off, in all */
	int retries;                           /* more tries of a request that failed */
	int put_offs;                          /* the same of one that was put off */
	int jobs;                              /* requests in flight, 1 to JOBS_MAX */
	bool may_write;                        /* http_write is allowed */
	/* puts a new token into `token`: 0, or -1 with a fault; NULL: there is no way to */
	int (*renew)(void *context, int timeout_ms, struct fault *fault);
	void (*note)(void *context, const char *text);  /* one line about a wait or a retry */
	void (*trace)(void *context, const char *text); /* one line a request; may be NULL */
	void *context;
};

struct request;
struct http;

/* NULL with a fault. What config points at must outlive the handle. */
struct http *http_open(const struct http_config *config, struct fault *fault);
void http_close(struct http *http);

/* Queues GET base + `target` ("/Users?count=1"), or, where `search` is not NULL,
   POST with it as body to a target whose path ends in "/.search". NULL with a
   fault. Both texts are copied. */
struct request *http_ask(struct http *http, const char *target, const char *search,
                         struct fault *fault);

/* Queues POST of a form, which changes nothing at its server (config.type names it) and is
   tried again like a read. NULL with a fault. The texts are copied, and wiped in the end. */
struct request *http_ask_form(struct http *http, const char *target, const char *form,
                              struct fault *fault);

/* Sends what config.token holds from now on (http_token.c). 0 or -1. */
int http_token_set(struct http *http, struct fault *fault);

/* Asks config.renew for a token and sends it from now on. 0 or -1. */
int http_renew(struct http *http, int timeout_ms, struct fault *fault);

/* The until_ms of a token that lasts so many seconds from now; 0, which is "not known", for 0. */
int64_t http_until_ms(uint64_t seconds);

enum http_method { HTTP_POST, HTTP_PUT, HTTP_PATCH, HTTP_DELETE };

extern const char *const http_method_names[];

/* Queues a write, which is sent once (http_write.c, which no fetcher is linked with).
   `body` is SCIM's JSON or NULL, `if_match` the version that is changed (RFC 7644
   section 3.14) or empty. NULL with a fault. All texts are copied. */
struct request *http_write(struct http *http, enum http_method method, const char *target,
                           const char *body, struct span if_match, struct fault *fault);

/* Sends the request not before `ms` milliseconds have passed. */
void http_delay(struct request *request, int64_t ms);

/* How often something was tried, and how often and how long the server put it off. */
struct http_patience {
	int tries, put_offs;
	int64_t waited_ms;
};

/* How long until the next try, in ms, or -1 where there is none, with a hint at the
   fault. Counts the wait. `wait_s` is what the service asks for, -1 where it says nothing. */
int64_t http_pause_ms(const struct http *http, struct http_patience *patience, enum verdict verdict,
                      int64_t wait_s, struct fault *fault);

/* A time-out settles the request: its caller asks for less then. */
void http_no_patience(struct request *request);

/* Drives all requests until one of them may have been settled. 0 or -1. */
int http_turn(struct http *http, struct fault *fault);

/* Has http_wait an answer without waiting? */
bool request_is_settled(struct request *request);

/* Waits until the request is settled. The reply is the request's and may have
   any status that is not worth a retry. NULL with a fault: unreachable, all
   tries used up, too large, deadline passed. */
const struct reply *http_wait(struct http *http, struct request *request, struct fault *fault);

/* Lets go of a request, settled or not; NULL is fine. */
void http_drop(struct http *http, struct request *request);

const char *request_url(const struct request *request);

/* The status of the last try, 0 where none came; for requests that failed. */
long request_status(const struct request *request);

/* Was its reply larger than PAGE_MAX_BYTES? */
bool request_is_too_large(const struct request *request);

/* Did the last try take longer than --timeout, though the service could be reached? */
bool request_is_timed_out(const struct request *request);

/* What the answer to the last try meant; AGAIN or NOT_KNOWN where none came. */
enum verdict request_verdict(const struct request *request);

/* How long the service asked to wait after the last try; -1: not said. */
int64_t request_wait_s(const struct request *request);

/* The answer, where http_wait has one without waiting; else NULL. Borrowed. */
const struct reply *request_settled(struct request *request);

/* Has the server asked for a client certificate, and was there none to give? */
bool http_lacked_certificate(const struct http *http);

/* Has --deadline ended a wait? Then nothing is known about its request. */
bool http_expired(const struct http *http);

/* What the run has cost so far. */
uint64_t http_requests(const struct http *http);
uint64_t http_retries(const struct http *http);

#endif
