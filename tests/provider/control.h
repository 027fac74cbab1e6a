/* SPDX-License-Identifier: ISC */
/*
 * control: the operations that `stand-in change` sends, at the server's end.
 */
#ifndef STAND_IN_CONTROL_H
#define STAND_IN_CONTROL_H

#include "call.h"
#include "server.h"

/* Does what call->body says and fills the answer: {"ok":true}, or 400 with an
   "error". True: it was "quit", the server is to stop after the answer. */
bool control(struct server *server, struct call *call);

/* Switches were set that change what a service shows. */
void control_switched(struct server *server);

#endif
