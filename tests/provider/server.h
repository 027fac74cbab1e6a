/* SPDX-License-Identifier: ISC */
/*
 * server: one listener on 127.0.0.1 that plays all four services.
 *
 * A connection has its own thread, so that a delayed or dripping answer holds
 * up nobody else; the directory and the switches are behind one mutex, which
 * is not held while anything is waited for or sent. Who waits and who is under way
 * is behind another: an answer that is due does not wait for one that is being made.
 */
#ifndef STAND_IN_SERVER_H
#define STAND_IN_SERVER_H

#include "directory.h"
#include "switches.h"
#include "token.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

struct MHD_Daemon;
struct exchange;

struct server {
	struct directory directory;
	struct switches switches[SERVICES];
	const char *token;  /* NULL: any bearer token will do */
	const char *header; /* "Name: value" that lets a request in, "": none is needed; NULL: token */
	FILE *log;          /* NULL: none */
	long delay_ms;
	size_t page_max;
	struct token_endpoint tokens;
	char *client_ca;          /* PEM text: whose client certificates are wanted; NULL: none is */
	char *tls_cert, *tls_key; /* PEM text; NULL: plain HTTP */

	pthread_mutex_t mutex; /* of all above that changes, the log, and what follows */
	unsigned long requests;
	struct timespec started, window; /* window: when that of rate-limit began */
	long window_requests;

	pthread_mutex_t gate; /* of what follows; taken last, and held for a moment */
	pthread_cond_t stop;
	bool stopping;
	unsigned long in_flight;
	struct exchange *under_way;          /* those in flight */
	struct MHD_Daemon *daemon, *control; /* control: plain, beside TLS */
};

/* Listens; the ports are returned. 0 or -1. */
int server_start(struct server *server, uint16_t port, uint16_t *port_used, uint16_t *control_port,
                 struct why *why);

/* Wakes whoever sleeps, closes all connections, frees everything. */
void server_stop(struct server *server);

#endif
