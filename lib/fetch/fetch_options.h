/* SPDX-License-Identifier: ISC */
/*
 * fetch_options: the command line that the fetchers share.
 */
#ifndef ROLLCALL_FETCH_OPTIONS_H
#define ROLLCALL_FETCH_OPTIONS_H

#include "fetch/fetch.h"

/* What the fetchers take. */
extern const struct option_row scim_fetch_rows[], scalr_fetch_rows[];

/* What holds where nothing is said. */
void fetch_options_init(struct fetch_options *options);

/* After the command line: all scopes where none was named, and whether the options go
   together. 0, or -1 with FAULT_USAGE. */
int fetch_options_check(struct fetch_options *options, struct fault *fault);

/* What is not said is as the provider wants it. 0, or -1 with FAULT_USAGE where its row has a
   warning and --yes is not given. */
int fetch_options_settle(struct fetch_options *options, const struct provider *provider,
                         struct fault *fault);

void fetch_options_release(struct fetch_options *options);

#endif
