/* SPDX-License-Identifier: ISC */
/*
 * service: one service that a run talks to: its address, its token, and the
 * connection, opened in this order and then confined (sys/sandbox.h). What all
 * programs that send requests share is here: the fetchers and scim-push.
 */
#ifndef ROLLCALL_SERVICE_H
#define ROLLCALL_SERVICE_H

#include "http/oauth.h"

#include "stream/provider.h"

enum note_level { NOTE_WARNING, NOTE_PROGRESS, NOTE_TRACE };

struct service {
	const struct provider *provider;
	const struct service_options *options;
	const char *tool; /* "scim-fetch" */
	void (*note)(const struct service *service, enum note_level level, const char *text);
	struct origin origin;
	struct sign_in sign_in;
	struct secret token;
	struct certificate certificate;
	struct oauth oauth;
	struct token_command token_command;
	struct http *http;
};

/* The caller has set provider, options, tool, note and origin. Reads the token, gets
   ready to connect and enters the sandbox: files can be opened no more, but for the
   one at `output` (NULL: none). `may_write` allows http_write. 0 or -1. */
int service_connect(struct service *service, bool may_write, const char *output,
                    struct fault *fault);

/* Closes the connection, wipes the token; a service that was never connected is fine. */
void service_close(struct service *service);

/* Sends a request, as http_ask does, and waits. The reply is *request's; drop it.
   NULL: fault. */
const struct reply *service_ask(struct service *service, const char *target, const char *search,
                                struct request **request, struct fault *fault);

/* The fault of a reply that is not the 200 we wanted: refused (401, 403), a
   redirect, another status, or a body that is no JSON. Returns -1. */
int service_unwanted(const struct service *service, const struct reply *reply, struct fault *fault);

/* note with a format. */
void service_say(const struct service *service, enum note_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif
