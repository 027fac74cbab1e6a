/* SPDX-License-Identifier: ISC */
/*
 * change: the other half of the program, which sends operations to a running
 * stand-in.
 */
#ifndef STAND_IN_CHANGE_H
#define STAND_IN_CHANGE_H

#include "text.h"

/* POSTs each operation to URL/_control in turn and stops at the first that is
   refused. 0, or -1 with what the stand-in said. */
int change(const char *url, char *const operations[], struct why *why);

#endif
