/* SPDX-License-Identifier: ISC */
/*
 * transport: libcurl's codes, and what they do not say.
 */
#include "http/transport.h"

#include <strings.h>

int transport_on_debug(CURL *easy, curl_infotype type, char *data, size_t len, void *context)
{
	enum { CERTIFICATE_REQUEST = 13, HEAD = 4 };
	const unsigned char *bytes = (const unsigned char *)data;
	bool *asked = context;

	(void)easy;
	/* a whole handshake message: its type, its length in three bytes, and so many bytes */
	if (type == CURLINFO_SSL_DATA_IN && len >= HEAD && bytes[0] == CERTIFICATE_REQUEST &&
	    ((size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | bytes[3]) == len - HEAD)
		*asked = true;
	return 0;
}

/* Did this try get as far as a connection, a new one or one that was there? */
static bool transport_has_connected(const struct transport *transport)
{
	curl_off_t connect_us = 0;
	long new_connections = 0, port = 0;

	curl_easy_getinfo(transport->easy, CURLINFO_CONNECT_TIME_T, &connect_us);
	curl_easy_getinfo(transport->easy, CURLINFO_NUM_CONNECTS, &new_connections);
	curl_easy_getinfo(transport->easy, CURLINFO_PRIMARY_PORT, &port);
	return transport->reply->status || (port > 0 && (connect_us > 0 || new_connections == 0));
}

/* The proxy answered CONNECT (RFC 9110 section 9.3.6) with an error. What else its answer
   says is about the proxy, not about the service. */
static bool transport_refused_by_proxy(long status, struct fault *fault)
{
	if (status == 407) {
		fault_set(fault, FAULT_UNREACHABLE,
		          "the proxy wants a user and a password (HTTP 407): set the "
		          "variable https_proxy to http://USER:PASSWORD@HOST:PORT, in place of --proxy");
		return false;
	}
	if (status == 408 || status == 429 || status / 100 == 5) {
		fault_set(fault, FAULT_TRY_LATER,
		          "the proxy did not get through to the service (HTTP %ld from the proxy)", status);
		return true;
	}
	fault_set(fault, FAULT_UNREACHABLE,
	          "the proxy refuses a connection to this service (HTTP %ld from the proxy): whoever "
	          "runs it can allow that, or give another with --proxy",
	          status);
	return false;
}

/* Is it for want of a client certificate, or because of the one that was given? A TLS 1.3
   server says so by name, an older one says that the handshake failed, and some say nothing. */
static bool transport_is_about_certificate(const struct transport *transport)
{
	if (strcasestr(transport->words, "certificate required"))
		return true;
	return transport->asked_certificate && !transport->answered_before &&
	       !transport->reply->status &&
	       (transport->code == CURLE_SSL_CONNECT_ERROR || transport->code == CURLE_RECV_ERROR ||
	        transport->code == CURLE_SEND_ERROR || transport->code == CURLE_GOT_NOTHING);
}

/* Do libcurl's words name another host than the service's? "Failed to connect to HOST port N" */
static bool transport_is_about_proxy(const struct transport *transport)
{
	static const char begin[] = "Failed to connect to ";
	const char *host = strstr(transport->url, "://") + 3, *named = transport->words;
	size_t len;

	if (transport->code == CURLE_COULDNT_RESOLVE_PROXY)
		return true;
	if (transport->code != CURLE_COULDNT_CONNECT || strncmp(named, begin, strlen(begin)) != 0)
		return false;
	named += strlen(begin);
	host += *host == '[';
	len = strcspn(named, " ");
	return strncasecmp(host, named, len) != 0 || !strchr("]:/", host[len]);
}

static bool transport_refused_certificate(const struct transport *transport, struct fault *fault)
{
	fault_set(fault, FAULT_UNREACHABLE,
	          transport->sent_certificate
	              ? "TLS refused: the service does not take the client certificate of --cert "
	                "(%s); is it current, and issued by an authority that the service trusts?"
	              : "TLS refused: the service asks for a client certificate (%s): give it with "
	                "--cert FILE, and its private key with --key FILE",
	          transport->words);
	return false;
}

bool transport_judge(const struct transport *transport, struct fault *fault)
{
	const struct reply *reply = transport->reply;
	long proxy_status = 0;

	curl_easy_getinfo(transport->easy, CURLINFO_HTTP_CONNECTCODE, &proxy_status);
	if (proxy_status >= 300)
		return transport_refused_by_proxy(proxy_status, fault);
	if (transport_is_about_certificate(transport))
		return transport_refused_certificate(transport, fault);
	switch (transport->code) {
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_ISSUER_ERROR:
		fault_set(fault, FAULT_UNREACHABLE,
		          "TLS refused: %s; if the certificate is of a private authority, name it with "
		          "--ca-file FILE, else the service must mend it",
		          transport->words);
		return false;
	case CURLE_SSL_CERTPROBLEM:
		fault_set(fault, FAULT_CONFIG,
		          "the client certificate of --cert and --key can not be used: %s",
		          transport->words);
		return false;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WEIRD_SERVER_REPLY:
		fault_set(fault, FAULT_PROTOCOL, "the server does not speak HTTP: %s", transport->words);
		return false;
	case CURLE_OUT_OF_MEMORY:
		/* libcurl says the same of header lines beyond its own limit */
		if (reply->status && !reply->body.len)
			fault_set(fault, FAULT_PROTOCOL,
			          "the header of the reply is too long, or memory ran out");
		else
			fault_memory(fault);
		return false;
	case CURLE_SSL_CONNECT_ERROR:
		fault_set(fault, FAULT_UNREACHABLE,
		          "TLS failed: %s; is that the right port, and does it speak TLS 1.2 or later?",
		          transport->words);
		return transport->answered_before;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
	case CURLE_COULDNT_CONNECT:
		/* a host that never answered is a wrong address; one that did is in trouble */
		fault_set(fault, FAULT_UNREACHABLE, "%s%s", transport->words,
		          transport_is_about_proxy(transport)
		              ? ": that is the proxy of --proxy, or of the variable https_proxy"
		              : "");
		return transport->answered_before;
	default:
		if (transport_has_connected(transport)) {
			fault_set(fault, FAULT_TRY_LATER, "%s", transport->words);
			return true;
		}
		fault_set(fault, FAULT_UNREACHABLE, "%s", transport->words);
		return transport->answered_before;
	}
}
