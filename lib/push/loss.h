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

/* Appends which of `names`, the attributes that say who or what it is and whether it is active,
   have another value now: "userName is 'b' now, not 'a'". Texts in another case are the same,
   but for `is_exact`. */
void loss_put_identity(struct buf *words, yyjson_val *before, yyjson_val *after,
                       const char *const *names, bool is_exact,
                       bool (*is_meant)(struct span name, void *context), void *context);

/* The same of the others that are texts: "title is 'U' now, not 'T'". */
void loss_put_others(struct buf *words, yyjson_val *before, yyjson_val *after,
                     const char *const *names, bool (*is_meant)(struct span name, void *context),
                     void *context);

/* Joins both: "the user lost roles, and userName is 'b' now, not 'a'"; nothing where there is
   nothing. `who` loses: "the user lost". */
void loss_put_damage(struct buf *damage, const char *who, struct buf *lost, struct buf *identity);

/* Members of a group, but for those who are meant to come or go. */
struct loss_members {
	size_t gone, come;
	struct buf names; /* ids of the first ones that are gone, ", " between them */
};

/* `meant`: their ids. 0 or -1. The caller releases `names`. A group that does not show its members has none. */
int loss_of_members(struct loss_members *loss, yyjson_val *before, yyjson_val *after,
                    const struct set *meant, struct fault *fault);

#endif
