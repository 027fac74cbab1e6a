/* SPDX-License-Identifier: ISC */
/*
 * sign_in: the text of --auth, the header it makes, and the challenges of services.
 */
#include "http/sign_in.h"

#include "http/secret.h"

#include <strings.h>

/* The characters of a token of HTTP (RFC 9110 section 5.6.2): of names and of schemes. */
static const char http_token[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
								 "!#$%&'*+-.^_`|~";
/* Of a parameter's name: fewer, so that Base64, which may end in =, is none. */
static const char parameter_name[] = "abcdefghijklmnopqrstuvwxyz_-";

/* Header fields that say something else, which a token in their place would break. */
static bool sign_in_is_taken(struct span name)
{
	static const char *const taken[] = {
		"Accept",
		"Accept-Encoding",
		"Connection",
		"Content-Length",
		"Content-Type",
		"Expect",
		"Host",
		"If-Match",
		"Keep-Alive",
		"Proxy-Authorization",
		"Proxy-Connection",
		"TE",
		"Trailer",
		"Transfer-Encoding",
		"Upgrade",
		"User-Agent",
	};

	for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
		if (span_is_nocase(name, span_of(taken[i])))
			return true;
	return false;
}

static int sign_in_refuse(struct fault *fault)
{
	return fault_set(fault, FAULT_USAGE,
	                 "--auth takes a scheme (Bearer, Basic, SSWS, 'Token token='), a header's name "
	                 "with a colon (X-Api-Key:), or none; the token itself is never written there");
}

/* Copies the first `len` bytes of `text`. */
static bool sign_in_copy(char to[SIGN_IN_NAME_MAX + 1], const char *text, size_t len)
{
	if (len > SIGN_IN_NAME_MAX)
		return false;
	memcpy(to, text, len);
	to[len] = '\0';
	return true;
}

int sign_in_init(struct sign_in *sign_in, const char *text, struct fault *fault)
{
	size_t len = strspn(text, http_token);
	bool is_alone = false;

	*sign_in = (struct sign_in){.header = "Authorization"};
	if (strcasecmp(text, "none") == 0) {
		*sign_in = (struct sign_in){0};
		return 0;
	}
	if (len && text[len] == ':') {
		if (sign_in_is_taken((struct span){text, len}) || !sign_in_copy(sign_in->header, text, len))
			return sign_in_refuse(fault);
		text += len + 1;
		text += *text == ' ';
		len = strspn(text, http_token);
		is_alone = !*text;
	}
	if ((!len && !is_alone) || !sign_in_copy(sign_in->scheme, text, len))
		return sign_in_refuse(fault);
	sign_in->is_basic = strcasecmp(sign_in->scheme, "Basic") == 0;
	text += len;
	if (!*text)
		return 0;
	len = strspn(++text, parameter_name);
	if (text[-1] != ' ' || !len || strcmp(text + len, "=") != 0 || sign_in->is_basic ||
	    strcasecmp(sign_in->scheme, "Bearer") == 0 ||
	    !sign_in_copy(sign_in->parameter, text, len + 1))
		return sign_in_refuse(fault);
	return 0;
}

void sign_in_put_header(const struct sign_in *sign_in, const struct secret *token, struct buf *line)
{
	if (!*sign_in->header ||
	    !buf_reserve(line, (size_t)4 * SIGN_IN_NAME_MAX + secret_sent(&token->now).len))
		return; /* at once: no piece of the token stays in memory that was let go */
	buf_putf(line, "%s: %s%s%s", sign_in->header, sign_in->scheme, *sign_in->scheme ? " " : "",
	         sign_in->parameter);
	buf_put_span(line, secret_sent(&token->now));
}

/* Takes the scheme of the next challenge off *at; "" after the last. A scheme stands at the
   start or after a comma, before a blank, a comma or the end; NAME=VALUE is a parameter. */
static struct span challenge_next(const char **at)
{
	while (**at) {
		const char *begin = *at += strspn(*at, " ,\t");
		size_t len = strspn(begin, http_token);
		char after = begin[len];
		bool is_quoted = false;

		for (*at = begin + len; **at && (is_quoted || **at != ','); ++*at)
			if (**at == '"')
				is_quoted = !is_quoted;
			else if (is_quoted && **at == '\\' && (*at)[1])
				++*at;
		if (len && (!after || after == ',' || after == ' ' || after == '\t') &&
		    begin[len + strspn(begin + len, " \t")] != '=')
			return (struct span){begin, len};
	}
	return (struct span){"", 0};
}

/* Schemes that take more than a header with a token: RFC 9110 section 11 and IANA's list. */
static bool scheme_is_spoken(struct span scheme)
{
	static const char *const others[] = {
		"Digest", "Negotiate", "NTLM", "HOBA",  "Mutual",           "SCRAM-SHA-1",  "SCRAM-SHA-256",
		"DPoP",   "OAuth",     "GNAP", "vapid", "AWS4-HMAC-SHA256", "PrivateToken", "Concealed"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (span_is_nocase(scheme, span_of(others[i])))
			return false;
	return true;
}

/* How `scheme` is given, in words. */
static void sign_in_put_way(struct span scheme, struct buf *words)
{
	if (span_is_nocase(scheme, span_of("Bearer")))
		buf_puts(words, "give --auth Bearer and a bearer token");
	else if (span_is_nocase(scheme, span_of("Basic")))
		buf_puts(words, "give --auth Basic, and USER:PASSWORD in place of the token");
	else if (scheme_is_spoken(scheme))
		buf_putf(words, "give --auth %.*s", (int)scheme.len, scheme.data);
	else
		buf_puts(words, "these programs do not speak that: make a token for this service, if it "
		                "takes any");
}

void sign_in_put_wanted(const struct sign_in *sign_in, const char *challenges, struct buf *words)
{
	bool is_field = strcasecmp(sign_in->header, "Authorization") == 0;
	struct span best = {"", 0};

	for (const char *at = challenges; *at;) {
		struct span scheme = challenge_next(&at);

		if (!scheme.len)
			break;
		if (is_field && span_is_nocase(scheme, span_of(sign_in->scheme)))
			return;
		if (!best.len || (!scheme_is_spoken(best) && scheme_is_spoken(scheme)))
			best = scheme;
	}
	if (!best.len)
		return;
	buf_putf(words, "the service asks for another way to sign in, %.120s, and ", challenges);
	if (*sign_in->header)
		buf_putf(words, "%s%s%s was sent: ", is_field ? "" : sign_in->header,
		         is_field || !*sign_in->scheme ? "" : ": ", sign_in->scheme);
	else
		buf_puts(words, "no token was sent: ");
	sign_in_put_way(best, words);
}
