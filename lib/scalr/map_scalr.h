/* SPDX-License-Identifier: ISC */
/*
 * map_scalr: resources of the Scalr API (JSON:API 1.0) as common records.
 */
#ifndef ROLLCALL_MAP_SCALR_H
#define ROLLCALL_MAP_SCALR_H

#include "stream/mapping.h"

extern const struct mapping map_scalr;

#endif
