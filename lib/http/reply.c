/* SPDX-License-Identifier: ISC */
/*
 * reply: header lines, the JSON in the body, and the error envelopes that exist
 * in the field (RFC 7644 section 3.12, JSON:API, and those that real servers send).
 */
#include "http/reply.h"

#include "base/when.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

enum {
	ECHO_MIN = 16,    /* a token this long does not stand in a directory by chance */
	WORDS_MAX = 4096, /* of a body that is no JSON, searched for its first line */
};

void reply_clear(struct reply *reply)
{
	yyjson_doc_free(reply->doc);
	buf_clear(&reply->body);
	*reply = (struct reply){.body = reply->body, .limit = {-1, -1, -1}};
}

void reply_release(struct reply *reply)
{
	reply_clear(reply);
	buf_release(&reply->body);
}

/* Copies `words` with `secret` replaced, should it stand there. */
static void put_without(struct buf *to, struct span words, struct span secret)
{
	const char *at;

	while (secret.len && words.len &&
	       (at = memmem(words.data, words.len, secret.data, secret.len))) {
		buf_put(to, words.data, (size_t)(at - words.data));
		buf_puts(to, "[token]");
		words.len -= (size_t)(at - words.data) + secret.len;
		words.data = at + secret.len;
	}
	buf_put_span(to, words);
}

/* The same with the token, and with the one before it, in each way that they are written. */
static void put_redacted(struct buf *to, struct span words, const struct secret *token)
{
	struct buf clean[2] = {{0}, {0}};
	struct span face;

	for (size_t i = 0; secret_face(token, i, &face); i++) {
		struct buf *next = &clean[i % 2];

		if (!face.len || !memmem(words.data, words.len, face.data, face.len))
			continue;
		if (words.data == next->data)
			next = &clean[(i + 1) % 2];
		buf_clear(next);
		put_without(next, words, face);
		words = buf_span(next);
	}
	buf_put_span(to, words);
	buf_release(&clean[0]);
	buf_release(&clean[1]);
}

/* The value of header `name` in one header line, or false. */
static bool header_value(struct span line, const char *name, struct span *value)
{
	struct span wanted = span_of(name);

	if (line.len <= wanted.len || line.data[wanted.len] != ':' ||
	    !span_is_nocase((struct span){line.data, wanted.len}, wanted))
		return false;
	*value = (struct span){line.data + wanted.len + 1, line.len - wanted.len - 1};
	while (value->len && (value->data[0] == ' ' || value->data[0] == '\t'))
		*value = (struct span){value->data + 1, value->len - 1};
	while (value->len && strchr(" \t\r\n", value->data[value->len - 1]))
		value->len--;
	return true;
}

/* Takes a number off the front of `text`; -1: there is none. */
static int64_t take_number(struct span *text)
{
	int64_t number = -1;

	while (text->len && *text->data >= '0' && *text->data <= '9') {
		if (number < INT64_MAX / 100)
			number = (number < 0 ? 0 : number) * 10 + (*text->data - '0');
		*text = (struct span){text->data + 1, text->len - 1};
	}
	return number;
}

/* A point in time: an HTTP date (RFC 9110 section 5.6.7) or RFC 3339. -1: it is neither. */
static time_t parse_date(struct span value)
{
	char text[WHEN_MAX];
	struct tm tm = {0};

	if (when_utc(value, text))
		return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : -1;
	snprintf(text, sizeof text, "%.*s", (int)value.len, value.data);
	return value.len < sizeof text ? curl_getdate(text, NULL) : -1;
}

/* Seconds, rounded up, or a date: how long from now. A date that has passed is 0, and
   anything that is neither is -1. */
static int64_t parse_seconds(struct span value)
{
	struct span rest = value;
	int64_t seconds = take_number(&rest);
	time_t date;

	if (seconds >= 0 && rest.len && rest.data[0] == '.') {
		rest = (struct span){rest.data + 1, rest.len - 1};
		if (take_number(&rest) > 0)
			seconds++;
	}
	if (seconds >= 0 && rest.len == 0)
		return seconds;
	date = parse_date(value);
	if (date == -1)
		return -1;
	return date > time(NULL) ? (int64_t)date - (int64_t)time(NULL) : 0;
}

/* When a limit begins anew: in so many seconds, at a date, or at a second or millisecond
   since 1970. Services do not agree, but no limit lasts for 30 years. */
static int64_t parse_reset(struct span value)
{
	enum { EPOCH_MIN = 1000000000 };
	int64_t seconds = parse_seconds(value), now = (int64_t)time(NULL);

	if (seconds >= EPOCH_MIN * INT64_C(1000))
		seconds = (seconds + 999) / 1000;
	if (seconds >= EPOCH_MIN)
		seconds = seconds > now ? seconds - now : 0;
	return seconds;
}

/* A number at the start of `value`, before the end or a separator; else -1. */
static int64_t parse_count(struct span value)
{
	int64_t count = take_number(&value);

	return value.len == 0 || strchr(",; .", value.data[0]) ? count : -1;
}

/* RateLimit in one field: "limit=9, remaining=0, reset=30" or "\"name\";r=0;t=30". */
static void keep_ratelimit(struct reply_limit *limit, struct span value)
{
	while (value.len) {
		size_t len = 0;
		struct span item;
		char name[16];
		const char *equals;

		while (len < value.len && !strchr(",; ", value.data[len]))
			len++;
		item = (struct span){value.data, len};
		value = (struct span){value.data + len, value.len - len};
		if (value.len)
			value = (struct span){value.data + 1, value.len - 1};
		equals = memchr(item.data, '=', item.len);
		if (!equals || (size_t)(equals - item.data) >= sizeof name)
			continue;
		snprintf(name, sizeof name, "%.*s", (int)(equals - item.data), item.data);
		item = (struct span){equals + 1, item.len - (size_t)(equals + 1 - item.data)};
		if (strcmp(name, "remaining") == 0 || strcmp(name, "r") == 0)
			limit->remaining = parse_count(item);
		else if (strcmp(name, "reset") == 0 || strcmp(name, "t") == 0)
			limit->reset_s = parse_reset(item);
	}
}

/* What a header line says of limits; false: nothing. */
static bool keep_limit(struct reply_limit *limit, struct span line)
{
	static const char *const resets[] = {"ratelimit-reset", "x-ratelimit-reset",
	                                     "x-rate-limit-reset"};
	static const char *const counts[] = {"ratelimit-remaining", "x-ratelimit-remaining",
	                                     "x-rate-limit-remaining"};
	struct span value;
	int64_t seconds;

	if (header_value(line, "retry-after", &value)) {
		seconds = parse_seconds(value);
		if (seconds > limit->retry_after_s)
			limit->retry_after_s = seconds < INT_MAX ? seconds : INT_MAX;
		return true;
	}
	for (size_t i = 0; i < sizeof resets / sizeof *resets; i++) {
		if (header_value(line, resets[i], &value)) {
			seconds = parse_reset(value);
			limit->reset_s = seconds < INT_MAX ? seconds : INT_MAX;
			return true;
		}
		if (header_value(line, counts[i], &value)) {
			limit->remaining = parse_count(value);
			return true;
		}
	}
	if (!header_value(line, "ratelimit", &value))
		return false;
	keep_ratelimit(limit, value);
	return true;
}

/* "bytes 0-99/250": are these not all the bytes there are (RFC 9110 section 14.4)? Other
   units than bytes say which records of a list a whole body has. */
static bool is_cut_range(struct span value)
{
	static const char separators[] = "-/";
	int64_t numbers[3] = {-1, -1, -1};
	struct span unit = {value.data, strlen("bytes ")};

	if (value.len < unit.len || !span_is_nocase(unit, span_of("bytes ")))
		return false;
	value = (struct span){value.data + unit.len, value.len - unit.len};
	for (size_t i = 0; i < 3; i++) {
		numbers[i] = take_number(&value);
		if (value.len && value.data[0] == separators[i])
			value = (struct span){value.data + 1, value.len - 1};
	}
	return value.len || numbers[0] != 0 || numbers[1] + 1 != numbers[2];
}

/* Keeps "https://other.example": what a redirect carries in path and query is not shown. */
static void keep_location(struct reply *reply, struct span value)
{
	size_t host = 0;

	while (host < value.len && !strchr("/?#", value.data[host]))
		host++;
	reply->names_host = host + 1 < value.len && memcmp(value.data + host, "//", 2) == 0 &&
	                    (host == 0 || value.data[host - 1] == ':');
	if (reply->names_host) {
		for (host += 2; host < value.len && !strchr("/?#", value.data[host]); host++)
			;
		value.len = host;
	} else {
		value = span_of("another path of the same address");
	}
	inert_text(reply->location, value);
}

/* An ETag is opaque (RFC 9110 section 8.8.3); one that could break a header is none. */
static void keep_etag(struct reply *reply, struct span value)
{
	reply->etag[0] = '\0';
	if (value.len >= sizeof reply->etag)
		return;
	for (size_t i = 0; i < value.len; i++)
		if (value.data[i] < ' ' || value.data[i] > '~')
			return;
	memcpy(reply->etag, value.data, value.len);
	reply->etag[value.len] = '\0';
}

const char *reply_put_inert(char to[INERT_MAX], struct span text, const struct secret *token)
{
	struct buf clean = {0};

	put_redacted(&clean, text, token);
	inert_text(to, buf_span(&clean));
	buf_release(&clean);
	return to;
}

bool reply_has_odd_encoding(const struct reply *reply)
{
	static const char *const known[] = {"", "gzip", "x-gzip", "deflate", "identity", "none"};

	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcasecmp(reply->encoding, known[i]) == 0)
			return false;
	return true;
}

void reply_header(struct reply *reply, struct span line, const struct secret *token)
{
	struct buf clean = {0};
	struct span value;

	if (reply->header_is_over || !line.len)
		return;
	if (span_begins(line, span_of("HTTP/"))) {
		const char *status = memchr(line.data, ' ', line.len);

		reply_clear(reply);
		reply->status = status ? strtol(status, NULL, 10) : 0;
	} else if (strchr("\r\n", line.data[0])) {
		reply->header_is_over = reply->status >= 200;
	} else if (keep_limit(&reply->limit, line)) {
		return;
	} else if (header_value(line, "etag", &value)) {
		keep_etag(reply, value);
	} else if (header_value(line, "content-range", &value)) {
		reply->is_part = is_cut_range(value);
	} else if (header_value(line, "location", &value)) {
		put_redacted(&clean, value, token);
		keep_location(reply, buf_span(&clean));
		if (value.len < sizeof reply->redirect)
			snprintf(reply->redirect, sizeof reply->redirect, "%.*s", (int)value.len, value.data);
	} else if (header_value(line, "content-type", &value)) {
		reply_put_inert(reply->content_type, value, token);
	} else if (header_value(line, "content-encoding", &value)) {
		reply_put_inert(reply->encoding, value, token);
	} else if (header_value(line, "www-authenticate", &value)) { /* there may be several */
		if (*reply->challenge)
			buf_putf(&clean, "%s, ", reply->challenge);
		put_redacted(&clean, value, token);
		inert_text(reply->challenge, buf_span(&clean));
	}
	buf_release(&clean);
}

void reply_parse(struct reply *reply, const struct secret *token)
{
	static const struct span bom = {"\xef\xbb\xbf", 3};
	struct span body = buf_span(&reply->body);

	if (span_begins(body, bom)) /* RFC 8259 section 8.1: may be ignored */
		body = (struct span){body.data + bom.len, body.len - bom.len};
	reply->doc = json_parse(body, &reply->cut, &reply->not_json);
	if (!reply->doc) { /* the reason quotes the body */
		struct buf clean = {0};

		put_redacted(&clean, span_of(reply->not_json.text), token);
		snprintf(reply->not_json.text, sizeof reply->not_json.text, "%s", buf_text(&clean));
		buf_release(&clean);
	}
}

static bool reply_holds(const struct reply *reply, struct span secret)
{
	struct span body = buf_span(&reply->body);

	if (secret.len < ECHO_MIN)
		return false;
	/* as it is read, whatever escapes it was written with */
	return reply->doc ? json_holds(yyjson_doc_get_root(reply->doc), secret)
	                  : memmem(body.data, body.len, secret.data, secret.len) != NULL;
}

bool reply_echoes(const struct reply *reply, const struct secret *token)
{
	struct span face;

	for (size_t i = 0; secret_face(token, i, &face); i++)
		if (reply_holds(reply, face))
			return true;
	return false;
}

/* The server's own words in one of the envelopes that exist in the field. */
static bool words_of(yyjson_val *root, struct span *words)
{
	static const char *const names[] = {"detail", "message", "description", "title",
	                                    "error_description"};
	static const char *const inside[] = {"error", "errors", "Errors"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (json_member_text(root, names[i], words) && words->len)
			return true;
	for (size_t i = 0; i < sizeof inside / sizeof *inside; i++) {
		yyjson_val *value = json_member(root, inside[i]);

		if (yyjson_is_arr(value))
			value = yyjson_arr_get_first(value);
		if (json_text(value, words) && words->len)
			return true;
		for (size_t j = 0; j < sizeof names / sizeof *names; j++)
			if (json_member_text(value, names[j], words) && words->len)
				return true;
	}
	return false;
}

/* The title of a page in HTML says more than its first line. */
static bool title_of(struct span *words)
{
	static const char begin[] = "<title>";
	const char *at = words->data, *end = words->data + words->len, *title = NULL;

	for (; *words->data == '<' && at < end && !(title && *at == '<'); at++)
		if (!title && (size_t)(end - at) > strlen(begin) &&
		    strncasecmp(at, begin, strlen(begin)) == 0)
			title = at + strlen(begin);
	if (!title)
		return false;
	while (title < at && strchr(" \t\r\n", *title))
		title++;
	while (at > title && strchr(" \t\r\n", at[-1]))
		at--;
	*words = (struct span){title, (size_t)(at - title)};
	return words->len > 0;
}

const char *reply_describe(const struct reply *reply, const struct secret *token,
                           char to[DESCRIPTION_MAX])
{
	struct span words = buf_span(&reply->body);
	struct buf clean = {0};
	const char *newline;

	if (!words_of(yyjson_doc_get_root(reply->doc), &words)) {
		words.len = words.len < WORDS_MAX ? words.len : WORDS_MAX;
		if (!title_of(&words)) {
			newline = memchr(words.data, '\n', words.len);
			if (newline)
				words.len = (size_t)(newline - words.data);
		}
		if (!words.len)
			words = span_of(reply->challenge);
	}
	if (words.len > WORDS_MAX)
		words.len = WORDS_MAX;
	put_redacted(&clean, words, token);
	if (clean.len)
		snprintf(to, DESCRIPTION_MAX, "%ld (the server says: %s)", reply->status,
		         INERT(buf_span(&clean)));
	else
		snprintf(to, DESCRIPTION_MAX, "%ld", reply->status);
	buf_release(&clean);
	return to;
}
