/* SPDX-License-Identifier: ISC */
/*
 * preset: the base URL of a service that people know by its name. Its template has
 * variables, such as the region, whose values come from the command line (--var) or from
 * the environment. A value is checked before it becomes a part of the URL, because that
 * says who gets the token.
 */
#ifndef ROLLCALL_PRESET_H
#define ROLLCALL_PRESET_H

#include "base/buf.h"
#include "base/option.h"
#include "stream/provider.h"

enum { PRESET_VARS_MAX = 8 };

/* What the command line says. Texts are borrowed from argv. */
struct preset_options {
	struct preset_vars {
		const char *at[PRESET_VARS_MAX]; /* "region=eu-west-1" */
		size_t count;
	} vars;
	bool yes; /* the provider's warning was read */
};

extern const struct option_row preset_option_rows[];

/* Appends the base URL of a provider that has one: the template with its variables filled
   in. 0, or -1 with FAULT_USAGE where a variable is missing, unknown, or has a value that
   it can not have. */
int preset_put_url(const struct provider *provider, const struct preset_options *options,
                   struct buf *url, struct fault *fault);

/* 0, or -1 with FAULT_USAGE where the provider has a warning and --yes is not given. */
int preset_heed(const struct provider *provider, const struct preset_options *options,
                struct fault *fault);

/* For a base URL that was given: 0, or -1 with FAULT_USAGE where --var was, too. */
int preset_refuse_vars(const struct preset_options *options, struct fault *fault);

/* Appends the name of the environment variable that a variable of the provider has. */
void preset_put_variable(struct buf *name, const struct provider *provider,
                         const struct provider_variable *variable);

/* Appends a line for each provider of SCIM: its name, who says what is known of it, and
   its address. */
void preset_put_list(struct buf *text);

/* Appends all there is to know about one of them, for people. */
void preset_put_one(struct buf *text, const struct provider *provider);

/* The fault of a name that no provider has: with the one that may have been meant. -1. */
int preset_unknown(struct span name, struct fault *fault);

/* Appends what the provider's row has for each request for groups: without it some show no
   members. */
void preset_put_group_query(struct buf *url, const struct provider *provider);

#endif
