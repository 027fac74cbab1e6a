/* SPDX-License-Identifier: ISC */
/*
 * server: HTTP with libmicrohttpd: whose request is it, may it, what happens
 * to the answer on its way.
 *
 * An exchange lives from the request line to the last byte. libmicrohttpd
 * hands over the request line undecoded only in its URI log call-back, so
 * that is where an exchange begins. A request is logged before its answer is
 * sent: a script that has the answer finds the line. The line says, too, how
 * many requests were under way then, how many of them for the same path, and when
 * it was in ms since the start.
 */
#include "server.h"

#include "call.h"
#include "control.h"
#include "spoil.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { BODY_MAX = 64 << 20, CHUNK = 1024 };

struct exchange {
	char *target; /* the path and the query, as they came */
	char *body;
	size_t body_length;
	bool begun, quit, is_counted;
	struct exchange *next; /* under way */
};

/* How the answer is sent. */
struct delivery {
	struct server *server;
	struct body body;
	size_t cut_at;         /* the connection is closed here; SIZE_MAX: it is not */
	bool stalls;           /* nothing more comes at cut_at, and it stays open */
	long bytes_per_second; /* 0: as fast as it goes */
	bool endless;
};

static const struct base {
	const char *path;
	enum service service;
} bases[] = {
	{"/rudderstack/scim/v2", RUDDERSTACK},
	{"/stripe/scim/v2", STRIPE},
	{"/api/iacp/v3", SCALR},
	{"/scim/v2", SCIM},
};

/* Sleeps, or returns at once when the server stops. */
static struct timespec now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_REALTIME, &time);
	return time;
}

/* Until `ms` after a time. */
static void pause_ms(struct server *server, struct timespec until, long ms)
{
	if (ms <= 0)
		return;
	until.tv_sec += ms / 1000;
	until.tv_nsec += ms % 1000 * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&server->gate);
	while (!server->stopping &&
	       pthread_cond_timedwait(&server->stop, &server->gate, &until) != ETIMEDOUT)
		continue;
	pthread_mutex_unlock(&server->gate);
}

/* Until the server stops. */
static void pause_for_good(struct server *server)
{
	pthread_mutex_lock(&server->gate);
	while (!server->stopping)
		pthread_cond_wait(&server->stop, &server->gate);
	pthread_mutex_unlock(&server->gate);
}

static long ms_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - then->tv_sec) * 1000 + (now.tv_nsec - then->tv_nsec) / 1000000;
}

static bool is_stopping(struct server *server)
{
	bool stopping;

	pthread_mutex_lock(&server->gate);
	stopping = server->stopping;
	pthread_mutex_unlock(&server->gate);
	return stopping;
}

static const char *header(struct MHD_Connection *connection, const char *name)
{
	return MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

struct header_log {
	yyjson_mut_doc *doc;
	yyjson_mut_val *object;
};

static enum MHD_Result log_header(void *closure, enum MHD_ValueKind kind, const char *key,
                                  const char *value)
{
	struct header_log *log = closure;
	char *name = text_copy(key);
	yyjson_mut_val *before;

	(void)kind;
	for (char *c = name; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	before = yyjson_mut_obj_get(log->object, name);
	if (before) {
		char *both = text_format("%s, %s", yyjson_mut_get_str(before), value);
		yyjson_mut_val *copy = yyjson_mut_strcpy(log->doc, both);

		yyjson_mut_set_str(before, yyjson_mut_get_str(copy));
		free(both);
	} else {
		yyjson_mut_val *name_copy = yyjson_mut_strcpy(log->doc, name);

		yyjson_mut_obj_add(log->object, name_copy, yyjson_mut_strcpy(log->doc, value ? value : ""));
	}
	free(name);
	return MHD_YES;
}

/* The exchange is under way. */
static void enter(struct server *server, struct exchange *exchange)
{
	pthread_mutex_lock(&server->gate);
	exchange->is_counted = true;
	exchange->next = server->under_way;
	server->under_way = exchange;
	server->in_flight++;
	pthread_mutex_unlock(&server->gate);
}

/* It is not under way any more; `gone`: nor is its answer. */
static void leave(struct server *server, struct exchange *exchange, bool gone)
{
	struct exchange **at = &server->under_way;

	pthread_mutex_lock(&server->gate);
	while (*at && *at != exchange)
		at = &(*at)->next;
	if (*at)
		*at = exchange->next;
	server->in_flight -= gone && exchange->is_counted;
	pthread_mutex_unlock(&server->gate);
}

static unsigned long in_flight(struct server *server)
{
	unsigned long count;

	pthread_mutex_lock(&server->gate);
	count = server->in_flight;
	pthread_mutex_unlock(&server->gate);
	return count;
}

/* How many requests for the same path are under way, this one too. */
static unsigned long same_path(struct server *server, const struct exchange *exchange)
{
	size_t path = strcspn(exchange->target, "?");
	unsigned long count = 0;

	pthread_mutex_lock(&server->gate);
	for (const struct exchange *other = server->under_way; other; other = other->next)
		count += strcspn(other->target, "?") == path &&
		         strncmp(other->target, exchange->target, path) == 0;
	pthread_mutex_unlock(&server->gate);
	return count;
}

static void log_request(struct server *server, struct MHD_Connection *connection,
                        const char *method, const struct exchange *exchange, unsigned status)
{
	yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
	yyjson_mut_val *root = yyjson_mut_obj(doc);
	size_t path = strcspn(exchange->target, "?");
	struct header_log headers;
	char *line;

	yyjson_mut_doc_set_root(doc, root);
	yyjson_mut_obj_add_str(doc, root, "method", method);
	yyjson_mut_obj_add_strncpy(doc, root, "path", exchange->target, path);
	yyjson_mut_obj_add_str(doc, root, "query",
	                       exchange->target[path] ? exchange->target + path + 1 : "");
	headers = (struct header_log){doc, yyjson_mut_obj_add_obj(doc, root, "headers")};
	MHD_get_connection_values(connection, MHD_HEADER_KIND, log_header, &headers);
	yyjson_mut_obj_add_uint(doc, root, "body_bytes", exchange->body_length);
	if (exchange->body_length)
		yyjson_mut_obj_add_strn(doc, root, "body", exchange->body, exchange->body_length);
	yyjson_mut_obj_add_uint(doc, root, "status", status);
	yyjson_mut_obj_add_uint(doc, root, "in_flight", in_flight(server));
	yyjson_mut_obj_add_uint(doc, root, "same_path", same_path(server, exchange));
	yyjson_mut_obj_add_sint(doc, root, "at_ms", ms_since(&server->started));
	line = yyjson_mut_write(doc, YYJSON_WRITE_ALLOW_INVALID_UNICODE, NULL);
	if (!line || fprintf(server->log, "%s\n", line) < 0 || fflush(server->log) != 0)
		give_up("the log: %s", strerror(errno));
	free(line);
	yyjson_mut_doc_free(doc);
}

static const struct base *base_of(const char *target)
{
	for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
		size_t length = strlen(bases[i].path);

		if (text_starts(target, bases[i].path) && strchr("/?", target[length]))
			return &bases[i];
	}
	return NULL;
}

static bool is_authorized(struct server *server, struct MHD_Connection *connection)
{
	const char *value = header(connection, "Authorization");

	if (server->tokens.client)
		return token_lets_in(&server->tokens, value);
	if (server->header) {
		size_t name = strcspn(server->header, ":");
		char *text = text_format("%.*s", (int)name, server->header);

		value = name ? header(connection, text) : "";
		free(text);
		return value && strcmp(value, server->header + name + (name ? strlen(": ") : 0)) == 0;
	}
	if (!value || strncasecmp(value, "Bearer ", 7) != 0 || !value[7])
		return false;
	return !server->token || strcmp(value + 7, server->token) == 0;
}

/* Has the client shown a certificate that the authority made? */
static bool has_certificate(struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
	unsigned wrong = 1;

	return info && gnutls_certificate_verify_peers2(info->tls_session, &wrong) == 0 && !wrong;
}

static bool is_refused_type(const struct call *call, struct MHD_Connection *connection)
{
	const char *accept = header(connection, "Accept");

	return on(call, ACCEPT_406) && accept && strstr(accept, call->switches->at[ACCEPT_406].text);
}

/* Counts the requests under way, and those of a window, which begins with its first one. */
static bool is_too_many(struct server *server, const struct call *call)
{
	if (on(call, AT_ONCE) && in_flight(server) > (unsigned long)number_or(call, AT_ONCE, 1))
		return true;
	if (!on(call, RATE_LIMIT))
		return false;
	if (!server->window_requests ||
	    ms_since(&server->window) >= switches_second_number(call->switches, RATE_LIMIT, 1000)) {
		clock_gettime(CLOCK_MONOTONIC, &server->window);
		server->window_requests = 0;
	}
	return ++server->window_requests > number_or(call, RATE_LIMIT, 1);
}

static void serve(struct server *server, struct MHD_Connection *connection, struct call *call)
{
	long status = 500;

	if (switches_hit(call->switches, FAIL_AT, true, &status))
		call_error(call, (unsigned)status, "This request fails, as it was told to.");
	else if (is_too_many(server, call))
		call_error(call, 429, "Too many requests.");
	else if (server->client_ca && !has_certificate(connection))
		call_error(call, 400, "No required SSL certificate was sent");
	else if (!is_authorized(server, connection))
		call_error(call, 401,
		           server->header ? "You are not signed in."
		                          : "The bearer token is missing or wrong.");
	else if (on(call, REDIRECT))
		call_error(call, 307, "It is somewhere else.");
	else if (is_refused_type(call, connection))
		call_error(call, 406, "Not acceptable.");
	else if (call->service == SCALR)
		scalr_serve(call);
	else
		scim_serve(call);
}

/* The answer to a request to a service, spoilt as its switches say. */
static struct body answer(struct server *server, struct MHD_Connection *connection,
                          const struct exchange *exchange, struct call *call)
{
	const struct base *base = base_of(exchange->target);
	struct body body;
	long status = 500;

	call->service = base ? base->service : SCIM;
	call->directory = &server->directory;
	call->switches = &server->switches[call->service];
	call->page_max = server->page_max;
	call->number = server->requests++;
	if (token_is_asked(&server->tokens, exchange->target)) {
		token_serve(&server->tokens, call, header(connection, "Authorization"));
		body = (struct body){.is_gzip = false};
		body.bytes = yyjson_mut_write(call->doc, 0, &body.length);
		return body;
	}
	call_take_apart(call, exchange->target + (base ? strlen(base->path) : 0));
	switches_count_request(call->switches);
	if (base)
		serve(server, connection, call);
	else
		scim_error(call, 404, NULL, "There is nothing here.");
	if (switches_hit(call->switches, FAIL_AFTER, true, &status))
		call_error(call, (unsigned)status, "This was done, and fails as it was told to.");
	spoil_answer(call);
	body = spoil_body(call);
	page_turn(call);
	return body;
}

static ssize_t drip(void *closure, uint64_t at, char *to, size_t room)
{
	struct delivery *delivery = closure;
	size_t length = room < CHUNK ? room : CHUNK, end = delivery->body.length;

	if (end > delivery->cut_at)
		end = delivery->cut_at;
	if (at >= end && delivery->stalls)
		pause_for_good(delivery->server);
	if (is_stopping(delivery->server) || (at >= end && delivery->cut_at != SIZE_MAX))
		return MHD_CONTENT_READER_END_WITH_ERROR;
	if (delivery->bytes_per_second) {
		size_t slice = (size_t)delivery->bytes_per_second / 10;

		length = slice < 1 ? 1 : (slice < length ? slice : length);
		pause_ms(delivery->server, now(), (long)length * 1000 / delivery->bytes_per_second);
	}
	if (at >= end && delivery->endless) {
		memset(to, ' ', length);
		return (ssize_t)length;
	}
	if (at >= end)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (length > end - at)
		length = (size_t)(end - at);
	memcpy(to, delivery->body.bytes + at, length);
	return (ssize_t)length;
}

static void delivery_free(void *closure)
{
	struct delivery *delivery = closure;

	free(delivery->body.bytes);
	free(delivery);
}

static struct MHD_Response *prepare(struct server *server, const struct call *call,
                                    struct body body)
{
	bool is_cut, stalls, stream, sized;
	struct delivery *delivery;
	long unused;

	if (!call->switches)
		return MHD_create_response_from_buffer(body.length, body.bytes, MHD_RESPMEM_MUST_FREE);
	stalls = switches_hit(call->switches, STALL_AT, false, &unused);
	is_cut = stalls || switches_hit(call->switches, DROP_AT, false, &unused);
	stream = is_cut || on(call, CHUNKED) || on(call, ENDLESS) || on(call, SLOW);
	sized = !on(call, CHUNKED) && !on(call, ENDLESS);
	if (!stream || call->status == 204)
		return MHD_create_response_from_buffer(body.length, body.bytes, MHD_RESPMEM_MUST_FREE);
	delivery = room_for(NULL, 1, sizeof(*delivery));
	*delivery = (struct delivery){
		.server = server,
		.body = body,
		.cut_at = is_cut ? body.length / 2 : SIZE_MAX,
		.stalls = stalls,
		.bytes_per_second = number_or(call, SLOW, 0),
		.endless = on(call, ENDLESS),
	};
	return MHD_create_response_from_callback(sized ? body.length : MHD_SIZE_UNKNOWN, CHUNK, drip,
	                                         delivery, delivery_free);
}

static void add_header(struct MHD_Response *response, const char *name, const char *value)
{
	if (value && MHD_add_response_header(response, name, value) != MHD_YES)
		fprintf(stderr, "stand-in: the header %s: %s can not be sent\n", name, value);
}

static void add_retry_after(struct MHD_Response *response, const char *value)
{
	char date[64];
	struct tm utc;
	time_t at;

	if (text_starts(value, "date")) {
		at = time(NULL) + strtol(value + 4, NULL, 10);
		gmtime_r(&at, &utc);
		strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT", &utc);
		value = date;
	}
	add_header(response, "Retry-After", value);
}

/* How it wants to be signed in to; a header of another name has no scheme. */
static void add_challenge(struct MHD_Response *response, const struct server *server)
{
	static const char name[] = "Authorization: ";
	const char *scheme = server->header ? server->header : "Authorization: Bearer";
	char *text;

	if (!text_starts(scheme, name))
		return;
	scheme += strlen(name);
	text = text_format("%.*s", (int)strcspn(scheme, " "), scheme);
	add_header(response, "WWW-Authenticate", text);
	free(text);
}

static void add_headers(struct MHD_Response *response, const struct server *server,
                        const struct call *call, const struct exchange *exchange, bool is_gzip)
{
	add_header(response, "Content-Type", call->type);
	add_header(response, "Allow", call->allow);
	add_header(response, "ETag", call->etag);
	if (is_gzip)
		add_header(response, "Content-Encoding", "gzip");
	if (call->status == 401)
		add_challenge(response, server);
	if (!call->switches)
		return;
	if (on(call, RETRY_AFTER) && (call->status == 429 || call->status == 503))
		add_retry_after(response, call->switches->at[RETRY_AFTER].text);
	if (call->status == 307 && on(call, REDIRECT)) {
		char *url = text_format("%s%s", call->switches->at[REDIRECT].text, exchange->target);

		add_header(response, "Location", url);
		free(url);
	}
	for (int times = 2; times-- && on(call, DOUBLE_HEADERS);) {
		add_header(response, "Server", "stand-in");
		add_header(response, "X-Request-Id", "1");
	}
	if (on(call, HTTP_1_0))
		MHD_set_response_options(response, MHD_RF_HTTP_1_0_SERVER, MHD_RO_END);
}

/* FNV-1a of what is asked. */
static long uneven_ms(const struct call *call, const char *target)
{
	unsigned long hash = 2166136261UL;
	long most = number_or(call, UNEVEN_DELAY, 0);

	hash ^= (unsigned long)switches_second_number(call->switches, UNEVEN_DELAY, 0);
	for (; *target; target++)
		hash = (hash ^ (unsigned char)*target) * 16777619UL & 0xffffffffUL;
	return most ? (long)((hash >> 8) % (unsigned long)(most + 1)) : 0;
}

static enum MHD_Result respond(struct server *server, struct MHD_Connection *connection,
                               const char *method, struct exchange *exchange)
{
	struct call call = {
		.method = method,
		.body = exchange->body ? exchange->body : "",
		.body_length = exchange->body_length,
		.if_match = header(connection, "If-Match"),
	};
	bool is_control = strcmp(exchange->target, "/_control") == 0;
	struct MHD_Response *response;
	enum MHD_Result result;
	struct body body;
	bool is_gzip, holds = false, hangs_up = false;
	long delay_ms = 0, unused;
	struct timespec arrived = now();

	pthread_mutex_lock(&server->mutex);
	if (is_control) {
		exchange->quit = control(server, &call);
		body = (struct body){.is_gzip = false};
		body.bytes = yyjson_mut_write(call.doc, 0, &body.length);
	} else {
		enter(server, exchange);
		body = answer(server, connection, exchange, &call);
		if (server->log)
			log_request(server, connection, method, exchange, call.status);
		holds = switches_hit(call.switches, HOLD_AT, false, &unused) || call.unanswered;
		hangs_up = switches_hit(call.switches, HANG_UP, false, &unused);
		delay_ms = server->delay_ms + uneven_ms(&call, exchange->target);
	}
	is_gzip = body.is_gzip;
	response = prepare(server, &call, body);
	add_headers(response, server, &call, exchange, is_gzip);
	pthread_mutex_unlock(&server->mutex);
	pause_ms(server, arrived, delay_ms); /* what the answer took is a part of it */
	if (holds)
		pause_for_good(server);
	leave(server, exchange, false); /* once the client has its answer, its next request may come */
	result = hangs_up ? MHD_NO : MHD_queue_response(connection, call.status, response);
	MHD_destroy_response(response);
	call_release(&call);
	return result;
}

static void *begin(void *closure, const char *uri, struct MHD_Connection *connection)
{
	struct exchange *exchange = room_for(NULL, 1, sizeof(*exchange));

	(void)closure;
	(void)connection;
	*exchange = (struct exchange){.target = text_copy(uri)};
	return exchange;
}

static enum MHD_Result receive(void *closure, struct MHD_Connection *connection, const char *url,
                               const char *method, const char *version, const char *upload,
                               size_t *upload_size, void **request)
{
	struct exchange *exchange = *request;

	(void)url;
	(void)version;
	if (!exchange->begun) {
		exchange->begun = true;
		return MHD_YES;
	}
	if (*upload_size == 0)
		return respond(closure, connection, method, exchange);
	if (exchange->body_length + *upload_size > BODY_MAX)
		return MHD_NO;
	exchange->body = room_for(exchange->body, exchange->body_length + *upload_size + 1, 1);
	memcpy(exchange->body + exchange->body_length, upload, *upload_size);
	exchange->body_length += *upload_size;
	exchange->body[exchange->body_length] = '\0';
	*upload_size = 0;
	return MHD_YES;
}

static void end(void *closure, struct MHD_Connection *connection, void **request,
                enum MHD_RequestTerminationCode code)
{
	struct exchange *exchange = *request;
	struct server *server = closure;

	(void)connection;
	(void)code;
	if (!exchange)
		return;
	leave(server, exchange, true);
	if (exchange->quit)
		kill(getpid(), SIGTERM);
	free(exchange->target);
	free(exchange->body);
	free(exchange);
	*request = NULL;
}

static struct MHD_Daemon *start(struct server *server, uint16_t port, bool tls, uint16_t *port_used)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct MHD_OptionItem tls_options[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, server->tls_cert},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, server->tls_key},
		{server->client_ca ? MHD_OPTION_HTTPS_MEM_TRUST : MHD_OPTION_END, 0, server->client_ca},
		{MHD_OPTION_END, 0, NULL},
	};
	unsigned flags = MHD_USE_INTERNAL_POLLING_THREAD | MHD_USE_THREAD_PER_CONNECTION | MHD_USE_POLL;
	const union MHD_DaemonInfo *info;
	struct MHD_Daemon *daemon;

	if (!tls)
		tls_options[0].option = MHD_OPTION_END;
	daemon = MHD_start_daemon(flags | (tls ? MHD_USE_TLS : 0), port, NULL, NULL, receive, server,
	                          MHD_OPTION_SOCK_ADDR, (struct sockaddr *)&address,
	                          MHD_OPTION_URI_LOG_CALLBACK, begin, NULL, MHD_OPTION_NOTIFY_COMPLETED,
	                          end, server, MHD_OPTION_ARRAY, tls_options, MHD_OPTION_END);
	info = daemon ? MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT) : NULL;
	*port_used = info ? info->port : 0;
	return daemon;
}

int server_start(struct server *server, uint16_t port, uint16_t *port_used, uint16_t *control_port,
                 struct why *why)
{
	bool tls = server->tls_cert && server->tls_key;

	clock_gettime(CLOCK_MONOTONIC, &server->started);
	pthread_mutex_init(&server->mutex, NULL);
	pthread_mutex_init(&server->gate, NULL);
	pthread_cond_init(&server->stop, NULL);
	server->daemon = start(server, port, tls, port_used);
	if (!server->daemon)
		return refuse(why, "can not listen on 127.0.0.1 port %u: %s", port, strerror(errno));
	*control_port = 0;
	if (!tls)
		return 0;
	server->control = start(server, 0, false, control_port);
	return server->control ? 0 : refuse(why, "can not listen for operations");
}

void server_stop(struct server *server)
{
	pthread_mutex_lock(&server->gate);
	server->stopping = true;
	pthread_cond_broadcast(&server->stop);
	pthread_mutex_unlock(&server->gate);
	if (server->control)
		MHD_stop_daemon(server->control);
	MHD_stop_daemon(server->daemon);
	directory_release(&server->directory);
	for (size_t i = 0; i < SERVICES; i++)
		switches_release(&server->switches[i]);
	free(server->tls_cert);
	free(server->tls_key);
	free(server->client_ca);
	pthread_cond_destroy(&server->stop);
	pthread_mutex_destroy(&server->gate);
	pthread_mutex_destroy(&server->mutex);
}
