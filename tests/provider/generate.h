/* SPDX-License-Identifier: ISC */
/*
 * generate: an invented directory, the same for the same size and seed.
 */
#ifndef STAND_IN_GENERATE_H
#define STAND_IN_GENERATE_H

#include "directory.h"

struct size {
	long users, groups, members, services;
	unsigned long seed;
};

/* Ids are u1, u2 ..., g1, g2 ... and s1, s2 ... whatever the seed. */
void generate(struct directory *directory, const struct size *size);

#endif
