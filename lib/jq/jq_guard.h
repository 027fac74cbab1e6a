/* SPDX-License-Identifier: ISC */
/*
 * jq_guard: foreign code in our process that may never come back.
 *
 * A program in jq's language can compute for ever, take all memory, nest a value
 * deeper than the stack, or hit an assertion of libjq. It can not be asked to stop
 * and return, so the process ends, with a line that says where and why, and as
 * clean as after a signal. CPU time counts, so that a machine that is busy or
 * asleep stops nobody.
 */
#ifndef ROLLCALL_JQ_GUARD_H
#define ROLLCALL_JQ_GUARD_H

#include "base/fault.h"

/* From now on guards are kept. `end` must end the process, and is called in signal
   handlers; `where` is what jq_guard_enter got. */
void jq_guard_start(void (*end)(enum fault_kind kind, const char *where, const char *what));

/* A limit on memory counts from the first jq_guard_enter after jq_guard_reset. One guard
   at a time; `where` must stay valid until jq_guard_leave. */
void jq_guard_reset(void);
void jq_guard_enter(const char *where);
void jq_guard_leave(void);

/* For a library's handler of failed allocations. */
void jq_guard_out_of_memory(void *unused);

#endif
