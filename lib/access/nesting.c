/* SPDX-License-Identifier: ISC */
/*
 * nesting: a breadth-first walk over arrows that lie side by side.
 */
#include "access/nesting.h"

#include "base/array.h"

#include <stdlib.h>

void nesting_release(struct nesting *nesting)
{
	free(nesting->groups);
	free(nesting->arrows);
	free(nesting->first);
	free(nesting->asked);
	free(nesting->reached);
	set_release(&nesting->places);
	arena_release(&nesting->texts);
	*nesting = (struct nesting){0};
}

int64_t nesting_take(struct nesting *nesting, struct span key, struct fault *fault)
{
	struct nested_group *groups;
	struct set_entry *entry;
	bool fresh;

	entry = set_take(&nesting->places, key, &fresh);
	if (!entry)
		return fault_memory(fault);
	if (!fresh)
		return (int64_t)entry->value - 1;
	if (nesting->count == UINT32_MAX)
		return fault_set(fault, FAULT_DATA, "more than %u groups", UINT32_MAX);
	groups = array_grow(nesting->groups, nesting->count, &nesting->cap, sizeof *groups, fault);
	if (!groups)
		return -1;
	nesting->groups = groups;
	groups[nesting->count] = (struct nested_group){.key = arena_copy(&nesting->texts, key)};
	if (!groups[nesting->count].key.data)
		return fault_memory(fault);
	entry->value = ++nesting->count;
	return (int64_t)nesting->count - 1;
}

int nesting_list(struct nesting *nesting, uint32_t place, struct span name, struct fault *fault)
{
	struct nested_group *group = &nesting->groups[place];

	group->is_listed = true;
	group->name = arena_copy(&nesting->texts, name);
	return group->name.data ? 0 : fault_memory(fault);
}

int nesting_add(struct nesting *nesting, uint32_t inner, uint32_t outer, struct fault *fault)
{
	struct nesting_arrow *arrows = array_grow(nesting->arrows, nesting->arrow_count,
	                                          &nesting->arrow_cap, sizeof *arrows, fault);

	if (!arrows)
		return -1;
	nesting->arrows = arrows;
	arrows[nesting->arrow_count++] = (struct nesting_arrow){inner, outer};
	return 0;
}

static int nesting_compare_arrows(const void *a, const void *b)
{
	const struct nesting_arrow *one = a, *other = b;

	if (one->inner != other->inner)
		return one->inner < other->inner ? -1 : 1;
	return (one->outer > other->outer) - (one->outer < other->outer);
}

int nesting_close(struct nesting *nesting, struct fault *fault)
{
	size_t groups = nesting->count, at = 0;

	nesting->first = calloc(groups + 1, sizeof *nesting->first);
	nesting->asked = calloc(groups + 1, sizeof *nesting->asked);
	nesting->reached = calloc(groups + 1, sizeof *nesting->reached);
	if (!nesting->first || !nesting->asked || !nesting->reached)
		return fault_memory(fault);
	if (nesting->arrow_count)
		qsort(nesting->arrows, nesting->arrow_count, sizeof *nesting->arrows,
		      nesting_compare_arrows);
	for (size_t group = 0; group <= groups; group++) {
		while (at < nesting->arrow_count && nesting->arrows[at].inner < group)
			at++;
		nesting->first[group] = at;
	}
	return 0;
}

static int nesting_compare_places(const void *a, const void *b)
{
	const struct reached *one = a, *other = b;

	return (one->group > other->group) - (one->group < other->group);
}

/* Is the group at `place` a new one for the question at hand? */
static bool nesting_is_new(struct nesting *nesting, uint32_t place)
{
	bool is_new = nesting->asked[place] != nesting->question;

	nesting->asked[place] = nesting->question;
	return is_new;
}

/* The groups at level 0, each once, in the order of their places. */
static size_t nesting_begin(struct nesting *nesting, const uint32_t *direct, size_t number)
{
	size_t count = 0;

	if (++nesting->question == 0) { /* after 2^32 questions all marks are old ones */
		memset(nesting->asked, 0, nesting->count * sizeof *nesting->asked);
		nesting->question = 1;
	}
	for (size_t i = 0; i < number; i++)
		if (nesting_is_new(nesting, direct[i]))
			nesting->reached[count++] = (struct reached){.group = direct[i]};
	if (count > 1)
		qsort(nesting->reached, count, sizeof *nesting->reached, nesting_compare_places);
	for (size_t i = 0; i < count; i++)
		nesting->reached[i].from = (uint32_t)i;
	return count;
}

const struct reached *nesting_reach(struct nesting *nesting, const uint32_t *direct, size_t number,
                                    size_t *count)
{
	struct reached *reached = nesting->reached;
	size_t end = nesting_begin(nesting, direct, number);

	/* What is reached first has the shortest path, and of those the first: the groups at
	   level 0 are in order, and so are the arrows of each group. */
	for (size_t at = 0; at < end; at++) {
		uint32_t inner = reached[at].group;

		for (size_t i = nesting->first[inner]; i < nesting->first[inner + 1]; i++) {
			uint32_t outer = nesting->arrows[i].outer;

			if (nesting_is_new(nesting, outer))
				reached[end++] = (struct reached){outer, reached[at].level + 1, (uint32_t)at};
		}
	}
	*count = end;
	return reached;
}
