/* SPDX-License-Identifier: ISC */
/*
 * gives_also: what a membership gives beside its group, through the groups that this one
 * stands in, as a cell of a sheet says it.
 */
#ifndef ROLLCALL_GIVES_ALSO_H
#define ROLLCALL_GIVES_ALSO_H

#include "access/nesting.h"
#include "base/arena.h"

struct gives_also {
	struct span *of; /* each group */
	struct arena texts;
};

/* Once all groups are known. 0 or -1; gives_also_release is due in both cases. */
int gives_also_read(struct gives_also *also, struct nesting *nesting, struct fault *fault);
void gives_also_release(struct gives_also *also);

/* "Ops; Everyone", empty where there is nothing. */
static inline struct span gives_also_of(const struct gives_also *also, uint32_t group)
{
	return also->of[group].data ? also->of[group] : (struct span)SPAN_EMPTY;
}

#endif
