/* SPDX-License-Identifier: ISC */
/*
 * loss: what a user or group had before a change and does not have after it, though the
 * change did not ask for that.
 */
#ifndef ROLLCALL_LOSS_H
#define ROLLCALL_LOSS_H

#include "base/buf.h"
#include "base/json.h"
#include "base/set.h"

/* Appends the names of the attributes whose values are gone, ", " between them ("roles,
   name.middleName"). Those that services change by themselves (meta, groups, ...) do not
   count, nor do those for which `is_meant` is true; nor does a value in place of another. */
void loss_put(struct buf *names, yyjson_val *before, yyjson_val *after,
              bool (*is_meant)(struct span name, void *context), void *context);

/* Members of a group, but for those who are meant to come or go. */
struct loss_members {
	size_t gone, come;
	struct buf names; /* ids of the first ones that are gone, ", " between them */
};

/* `meant`: their ids. 0 or -1. The caller releases `names`. A group that does not show its members has none. */
int loss_of_members(struct loss_members *loss, yyjson_val *before, yyjson_val *after,
                    const struct set *meant, struct fault *fault);

#endif
