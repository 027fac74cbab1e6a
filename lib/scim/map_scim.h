/* SPDX-License-Identifier: ISC */
/*
 * map_scim: SCIM resources (RFC 7643) as common records.
 */
#ifndef ROLLCALL_MAP_SCIM_H
#define ROLLCALL_MAP_SCIM_H

#include "stream/mapping.h"

extern const struct mapping map_scim;

#endif
