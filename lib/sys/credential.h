/* SPDX-License-Identifier: ISC */
/*
 * credential: the files of $CREDENTIALS_DIRECTORY, in which systemd, and what does as it does,
 * hands over tokens.
 *
 * A variable has its name in small letters. systemd puts the word of LoadCredential=WORD:DIRECTORY
 * before the name of each file of DIRECTORY, so that SCIM_TOKEN is also found as baton_scim_token.
 */
#ifndef ROLLCALL_CREDENTIAL_H
#define ROLLCALL_CREDENTIAL_H

#include "base/fault.h"

/* The file of this name, whether it is there or not. *path is the caller's. 1; 0: there is no such
   directory, -1: no memory: *path is NULL. */
int credential_path(const char *name, char **path, struct fault *fault);

/* The same for the file of a variable, which is there: 1. 0: there is none. */
int credential_find(const char *variable, char **path, struct fault *fault);

#endif
