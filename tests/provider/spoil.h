/* SPDX-License-Identifier: ISC */
/*
 * spoil: the switches that take hold after a service has answered.
 *
 * First the answer as a whole (an HTML page in place of a list), then its
 * bytes (a byte-order mark, half a gzip stream). What goes wrong while the
 * bytes are sent is in server.c.
 */
#ifndef STAND_IN_SPOIL_H
#define STAND_IN_SPOIL_H

#include "call.h"

/* Bytes on the heap. */
struct body {
	char *bytes;
	size_t length;
	bool is_gzip;
};

/* Changes what the service answered. */
void spoil_answer(struct call *call);

/* The bytes of the answer, changed as the switches say; the caller frees
   body.bytes. call->type is adjusted. */
struct body spoil_body(struct call *call);

#endif
