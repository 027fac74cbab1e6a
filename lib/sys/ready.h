/* SPDX-License-Identifier: ISC */
/*
 * ready: reading and writing where somebody else has made a pipe or a terminal
 * non-blocking: then a call fails with EAGAIN, and that is no error.
 */
#ifndef ROLLCALL_READY_H
#define ROLLCALL_READY_H

#include <stdbool.h>

/* After a read or a write of `fd` failed: is it only to be tried again? With EAGAIN, waits
   first until there is something to read, or room to write. errno stays as it was where it
   is an error. */
bool ready_to_read(int fd);
bool ready_to_write(int fd);

#endif
