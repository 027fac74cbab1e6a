/* SPDX-License-Identifier: ISC */
/*
 * reply: header lines, the JSON in the body, and the error envelopes that exist
 * in the field (RFC 7644 section 3.12, JSON:API, and those that real servers send).
 */
#include "http/reply.h"

#include <curl/curl.h>
#include <limits.h>
#include <stdio.h>
#include <time.h>

enum {
	ECHO_MIN = 16,    /* a token this long does not stand in a directory by chance */
	WORDS_MAX = 4096, /* of a body that is no JSON, searched for its first line */
};

void reply_clear(struct reply *reply)
{
	yyjson_doc_free(reply->doc);
	buf_clear(&reply->body);
	*reply = (struct reply){.body = reply->body, .retry_after_s = -1};
}

void reply_release(struct reply *reply)
{
	reply_clear(reply);
	buf_release(&reply->body);
}

/* Copies `words` with the token replaced, should it stand there. */
static void put_redacted(struct buf *to, struct span words, const struct secret *token)
{
	const char *at;

	while (token->len && words.len &&
	       (at = memmem(words.data, words.len, token->bytes, token->len))) {
		buf_put(to, words.data, (size_t)(at - words.data));
		buf_puts(to, "[token]");
		words.len -= (size_t)(at - words.data) + token->len;
		words.data = at + token->len;
	}
	buf_put_span(to, words);
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

/* Seconds or an HTTP date (RFC 9110 section 10.2.3); a past date is 0, and
   anything that is neither is -1. */
static int64_t parse_retry_after(struct span value)
{
	char text[64];
	int64_t seconds = 0;
	time_t date;

	if (value.len == 0 || value.len >= sizeof text)
		return -1;
	memcpy(text, value.data, value.len);
	text[value.len] = '\0';
	if (strspn(text, "0123456789") == value.len) {
		for (size_t i = 0; i < value.len; i++)
			seconds = seconds > INT_MAX ? INT_MAX : seconds * 10 + (text[i] - '0');
		return seconds;
	}
	date = curl_getdate(text, NULL);
	if (date == -1)
		return -1;
	return date > time(NULL) ? (int64_t)date - (int64_t)time(NULL) : 0;
}

/* "https://other.example", without what a redirect carries in path and query. */
static void keep_location(struct reply *reply, struct span value)
{
	const char *host = memmem(value.data, value.len, "//", 2), *end;

	if (host) {
		host += 2;
		end = memchr(host, '/', value.len - (size_t)(host - value.data));
		if (end)
			value.len = (size_t)(end - value.data);
	} else {
		value = span_of("another path of the same host");
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

void reply_header(struct reply *reply, struct span line, const struct secret *token)
{
	struct buf clean = {0};
	struct span value;

	if (header_value(line, "retry-after", &value)) {
		reply->retry_after_s = parse_retry_after(value);
	} else if (header_value(line, "etag", &value)) {
		keep_etag(reply, value);
	} else if (header_value(line, "location", &value)) {
		put_redacted(&clean, value, token);
		keep_location(reply, buf_span(&clean));
	} else if (header_value(line, "content-type", &value)) {
		put_redacted(&clean, value, token);
		inert_text(reply->content_type, buf_span(&clean));
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

bool reply_echoes(const struct reply *reply, const struct secret *token)
{
	struct span body = buf_span(&reply->body);

	if (token->len < ECHO_MIN)
		return false;
	/* as it is read, whatever escapes it was written with */
	return reply->doc ? json_holds(yyjson_doc_get_root(reply->doc), secret_span(token))
	                  : memmem(body.data, body.len, token->bytes, token->len) != NULL;
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

const char *reply_describe(const struct reply *reply, const struct secret *token,
                           char to[DESCRIPTION_MAX])
{
	struct span words = buf_span(&reply->body);
	struct buf clean = {0};
	const char *newline;

	if (!words_of(yyjson_doc_get_root(reply->doc), &words)) {
		newline = memchr(words.data, '\n', words.len);
		if (newline)
			words.len = (size_t)(newline - words.data);
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
