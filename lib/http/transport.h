/* SPDX-License-Identifier: ISC */
/*
 * transport: why no answer came, in words that lead to the cause: the proxy, the
 * certificate, the port, the connection, or an encoding that nobody knows.
 */
#ifndef ROLLCALL_TRANSPORT_H
#define ROLLCALL_TRANSPORT_H

#include "http/reply.h"

#include <curl/curl.h>

/* A try that libcurl has ended without an answer. */
struct transport {
	CURL *easy;
	CURLcode code;
	const char *url;
	const char *words;         /* libcurl's own, inert */
	const struct reply *reply; /* what came of one */
	bool asked_certificate;    /* the server asked for one of the client's */
	bool sent_certificate;     /* there is one to give */
	bool answered_before;      /* the service has answered another request */
};

/* Fills `fault`. true: another try may bring an answer. */
bool transport_judge(const struct transport *transport, struct fault *fault);

/* For CURLOPT_DEBUGFUNCTION: sets the bool at `context` where the server's handshake asks for
   a client certificate (RFC 8446 section 4.3.2, RFC 5246 section 7.4.4). */
int transport_on_debug(CURL *easy, curl_infotype type, char *data, size_t len, void *context);

#endif
