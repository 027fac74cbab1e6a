/* SPDX-License-Identifier: ISC */
/*
 * near: the edit distance of two names, with swaps of neighbours, whatever the case.
 */
#include "base/near.h"

#include "base/fault.h"

enum { NEAR_NAME_MAX = 32 };

/* How many letters were added, left out, changed or swapped with the next one. */
static size_t near_distance(struct span a, struct span b)
{
	size_t rows[NEAR_NAME_MAX + 1][NEAR_NAME_MAX + 1];

	if (a.len > NEAR_NAME_MAX || b.len > NEAR_NAME_MAX)
		return NEAR_NAME_MAX;
	for (size_t i = 0; i <= a.len; i++)
		for (size_t j = 0; j <= b.len; j++) {
			size_t least;

			if (i == 0 || j == 0) {
				rows[i][j] = i + j;
				continue;
			}
			least = rows[i - 1][j - 1] + (ascii_lower(a.data[i - 1]) != ascii_lower(b.data[j - 1]));
			if (rows[i - 1][j] + 1 < least)
				least = rows[i - 1][j] + 1;
			if (rows[i][j - 1] + 1 < least)
				least = rows[i][j - 1] + 1;
			if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] &&
			    a.data[i - 2] == b.data[j - 1] && rows[i - 2][j - 2] + 1 < least)
				least = rows[i - 2][j - 2] + 1;
			rows[i][j] = least;
		}
	return rows[a.len][b.len];
}

struct near near_to(struct span wanted)
{
	return (struct near){wanted, wanted.len < 3 ? 2 : wanted.len / 3 + 1, NULL};
}

void near_try(struct near *near, const char *name)
{
	size_t distance = near_distance(near->wanted, span_of(name));

	if (distance < near->distance) {
		near->distance = distance;
		near->name = name;
	}
}

int near_hint(const struct near *near, const char *before, struct fault *fault)
{
	return near->name ? fault_hint(fault, "; did you mean %s%s?", before, near->name) : -1;
}
