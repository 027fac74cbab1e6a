/* SPDX-License-Identifier: ISC */
/*
 * fetch_options: the command line that the fetchers share.
 */
#ifndef ROLLCALL_FETCH_OPTIONS_H
#define ROLLCALL_FETCH_OPTIONS_H

#include "fetch.h"

enum options_want { WANT_RUN, WANT_HELP, WANT_VERSION };

/* Parses argv (getopt_long permutes it); *operand is the one operand or NULL.
   `scim` allows the options that only SCIM has. Returns what is wanted, or -1
   with FAULT_USAGE. Borrows from argv; `scratch` holds what had to be built. */
int fetch_options_parse(struct fetch_options *options, int argc, char **argv, bool scim,
                        const char **operand, struct buf *scratch, struct fault *fault);

#endif
