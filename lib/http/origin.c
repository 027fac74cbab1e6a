/* SPDX-License-Identifier: ISC */
/*
 * origin: parsed by libcurl's own URL parser, so that the address checked is
 * the address used.
 */
#include "http/origin.h"

#include "base/inert.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdlib.h>

/* NULL where there is no such part, or no memory to copy it: then *starved. */
static char *part_of(CURLU *url, CURLUPart part, bool *starved)
{
	char *text = NULL;
	CURLUcode code = curl_url_get(url, part, &text, 0);

	*starved |= code == CURLUE_OUT_OF_MEMORY;
	return code == CURLUE_OK ? text : NULL;
}

static bool has_part(CURLU *url, CURLUPart part, bool *starved)
{
	char *text = part_of(url, part, starved);
	bool has = text != NULL;

	curl_free(text);
	return has;
}

static bool is_loopback(const char *host)
{
	struct in_addr address;

	if (inet_pton(AF_INET, host, &address) == 1)
		return ntohl(address.s_addr) >> 24 == 127;
	return strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0;
}

/* NULL, or why this URL is refused. */
static const char *refusal(CURLU *url, const char *scheme, const char *host, bool loopback,
                           bool *starved)
{
	if (!scheme || (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0))
		return "it must start with https://";
	if (!host || !*host)
		return "it has no host";
	if (has_part(url, CURLUPART_USER, starved) || has_part(url, CURLUPART_PASSWORD, starved))
		return "a user or password in it is refused; give the token with --token-file";
	if (has_part(url, CURLUPART_QUERY, starved) || has_part(url, CURLUPART_FRAGMENT, starved))
		return "it must not have a query or a fragment";
	if (strcmp(scheme, "http") == 0 && !loopback)
		return "http would show the token to the network; use https (http is for loopback only)";
	return NULL;
}

static int keep_base(struct origin *origin, CURLU *url, const char *path, struct fault *fault)
{
	bool starved = false;
	char *own = part_of(url, CURLUPART_PATH, &starved), *whole = NULL;
	bool bare = !own || strcmp(own, "/") == 0;
	size_t len;

	curl_free(own);
	if (starved || (bare && path && curl_url_set(url, CURLUPART_PATH, path, 0) != CURLUE_OK))
		return fault_memory(fault);
	if (curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK)
		return fault_memory(fault);
	for (len = strlen(whole); len && whole[len - 1] == '/'; len--)
		;
	origin->base = strndup(whole, len);
	curl_free(whole);
	return origin->base ? 0 : fault_memory(fault);
}

int origin_init(struct origin *origin, const char *what, const char *text, const char *path,
                struct fault *fault)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL;
	const char *why = "it is not a URL";
	bool starved = false;
	CURLUcode code;
	int result = -1;

	*origin = (struct origin){0};
	if (!url)
		return fault_memory(fault);
	code = curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME);
	starved = code == CURLUE_OUT_OF_MEMORY;
	if (!utf8_is(span_of(text)))
		why = "it is not UTF-8"; /* it stands in the stream */
	else if (code == CURLUE_OK) {
		scheme = part_of(url, CURLUPART_SCHEME, &starved);
		host = part_of(url, CURLUPART_HOST, &starved);
		origin->loopback = host && is_loopback(host);
		origin->plain = scheme && strcmp(scheme, "http") == 0;
		why = refusal(url, scheme, host, origin->loopback, &starved);
	}
	if (starved)
		fault_memory(fault);
	else if (why)
		fault_set(fault, FAULT_USAGE, "%s '%s': %s", what,
		          strchr(text, '@') ? "(hidden, it may hold a password)" : INERT(span_of(text)),
		          why);
	else
		result = keep_base(origin, url, path, fault);
	curl_free(scheme);
	curl_free(host);
	curl_url_cleanup(url);
	return result;
}

bool origin_is_same(const struct origin *a, const struct origin *b)
{
	struct span bases[2] = {span_of(a->base), span_of(b->base)};

	for (size_t i = 0; i < 2; i++)
		bases[i].len = (size_t)(strstr(bases[i].data, "://") + 3 - bases[i].data) +
		               strcspn(strstr(bases[i].data, "://") + 3, "/");
	return span_is_nocase(bases[0], bases[1]);
}

void origin_release(struct origin *origin)
{
	free(origin->base);
	*origin = (struct origin){0};
}

void url_put_encoded(struct buf *buf, struct span text)
{
	static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
									 "0123456789-._~";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];

		if (c && strchr(unreserved, c))
			buf_putc(buf, c);
		else
			buf_putf(buf, "%%%02X", (unsigned)(unsigned char)c);
	}
}

void url_put_separator(struct buf *url)
{
	bool more = url->len && memchr(url->data, '?', url->len);

	buf_putc(url, more ? '&' : '?');
}

void url_put_parameter(struct buf *url, const char *name, struct span value)
{
	url_put_separator(url);
	buf_puts(url, name);
	buf_putc(url, '=');
	url_put_encoded(url, value);
}
