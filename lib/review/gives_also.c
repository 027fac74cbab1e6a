/* SPDX-License-Identifier: ISC */
/*
 * gives_also: one text for each group that stands in another one.
 */
#include "review/gives_also.h"

#include "access/access.h"

#include <stdlib.h>

enum { GIVES_ALSO_MAX = 20 }; /* groups that are named in one cell */

static int gives_also_add(struct gives_also *also, struct nesting *nesting, uint32_t group,
                          struct buf *text, struct fault *fault)
{
	size_t count, named = 0;
	const struct reached *reached = nesting_reach(nesting, &group, 1, &count);

	buf_clear(text);
	for (size_t i = 0; i < count && named < GIVES_ALSO_MAX; i++)
		if (reached[i].level) {
			buf_puts(text, named++ ? "; " : "");
			access_put_group(text, nesting, reached[i].group);
		}
	if (count - 1 > named)
		buf_putf(text, "; and %zu more", count - 1 - named);
	if (buf_check(text, fault) < 0)
		return -1;
	also->of[group] = arena_copy(&also->texts, buf_span(text));
	return also->of[group].data ? 0 : fault_memory(fault);
}

int gives_also_read(struct gives_also *also, struct nesting *nesting, struct fault *fault)
{
	struct buf text = {0};
	int result = 0;

	also->of = calloc(nesting->count + 1, sizeof *also->of);
	if (!also->of)
		return fault_memory(fault);
	for (size_t i = 0; result == 0 && i < nesting->count; i++)
		if (nesting->first[i] < nesting->first[i + 1])
			result = gives_also_add(also, nesting, (uint32_t)i, &text, fault);
	buf_release(&text);
	return result;
}

void gives_also_release(struct gives_also *also)
{
	free(also->of);
	arena_release(&also->texts);
	*also = (struct gives_also){0};
}
