/* SPDX-License-Identifier: ISC */
/*
 * call: one request as a service sees it, and the answer that it gives.
 *
 * server.c takes a request apart and knows HTTP; scim.c and scalr.c fill the
 * answer and know nothing of sockets. page.c has the arithmetic of pages,
 * which both share.
 */
#ifndef STAND_IN_CALL_H
#define STAND_IN_CALL_H

#include "directory.h"
#include "switches.h"

#include <time.h>

enum { SEGMENTS_MAX = 8, ARGUMENTS_MAX = 32 };

struct call {
	enum service service;
	const char *method;
	char *segments[SEGMENTS_MAX]; /* of the path below the service, decoded */
	size_t segment_count;         /* SEGMENTS_MAX + 1: too many */
	struct {
		char *name, *value;
	} arguments[ARGUMENTS_MAX]; /* of the query or of a .search body, decoded */
	size_t argument_count;
	const char *body;
	size_t body_length;
	const char *if_match; /* NULL: not sent */

	struct directory *directory;
	struct switches *switches;
	size_t page_max;      /* 0: no limit but the service's own */
	unsigned long number; /* counts requests, for reorder-per-request */

	unsigned status;
	yyjson_mut_doc *doc;    /* the answer */
	const char *type;       /* NULL: none */
	const char *allow;      /* of a 405, else NULL */
	char *etag;             /* of the resource, else NULL */
	const char *plain_body; /* in place of the document, else NULL */
	bool more_users;        /* this is a first page of users, and there are more */
	bool unanswered;        /* this request, as long as the stand-in runs */
};

/* Splits "/Users/a%2Fb?startIndex=1" into segments and arguments. */
void call_take_apart(struct call *call, const char *target);
void call_add_argument(struct call *call, const char *name, const char *value);
void call_release(struct call *call);

/* The first argument of that name, or NULL. */
const char *call_argument(const struct call *call, const char *name);

/* segments[at] is this name and the last one. */
bool call_ends_with(const struct call *call, size_t at, const char *name);

static inline bool on(const struct call *call, enum fault fault)
{
	return call->switches->at[fault].on;
}

/* The switch's number, or `otherwise` where it is off. */
static inline long number_or(const struct call *call, enum fault fault, long otherwise)
{
	return on(call, fault) ? call->switches->at[fault].number : otherwise;
}

static inline bool is_set_to(const struct call *call, enum fault fault, const char *word)
{
	return on(call, fault) && strcmp(call->switches->at[fault].text, word) == 0;
}

/* Starts the answer: an empty object, which it returns. An answer that was
   begun before is thrown away. */
yyjson_mut_val *call_answer(struct call *call, unsigned status);

/* The detail of an error, or a stack trace with trace-errors. */
const char *call_trace(const struct call *call, const char *detail);

/* A count as a number with a fraction or an exponent: 25.0, 2.5E1. */
void call_add_float(struct call *call, yyjson_mut_val *object, const char *key, size_t count);

/* Which records of a list are sent. */
struct window {
	size_t first, count;
	size_t total; /* how many there are */
	size_t said;  /* how many it says there are */
	size_t echo;  /* the startIndex it says */
	bool past_end;
};

/* The most records that a page has; asked for: `asked`, or -1. */
long page_size(const struct call *call, long asked);

/* `start` counts from 1. */
struct window page_window(const struct call *call, size_t total, long start, long size);

/* The record at a place of the list, with reorder-per-request. */
struct record *page_record(const struct call *call, const struct records *list, size_t at);

/* What happens between the first page of users and the second; to be called
   when the answer is text and borrows nothing any more. */
void page_turn(struct call *call);

enum moment { CREATED, CHANGED };

/* RFC 3339; follows from the serial and the revision, never from the clock. */
char *record_time(const struct record *record, enum moment moment);

/* These fill the answer. */
void scim_serve(struct call *call);
void scalr_serve(struct call *call);

/* `scim_type` may be NULL. */
void scim_error(struct call *call, unsigned status, const char *scim_type, const char *detail);
void scalr_error(struct call *call, unsigned status, const char *detail);

/* The error in the words of the service that was called. */
void call_error(struct call *call, unsigned status, const char *detail);

#endif
