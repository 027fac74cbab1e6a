/* SPDX-License-Identifier: ISC */
/*
 * source_section: what stands in the stream for a source: the section that its program wrote,
 * one of gaps where it failed and the others count all the same, or one that failed.
 */
#ifndef ROLLCALL_SOURCE_SECTION_H
#define ROLLCALL_SOURCE_SECTION_H

#include "sources/sources.h"
#include "sys/out.h"

/* Is what the source's program wrote into the file `fd` a whole section of this source? The
   reader of the stream proves the rest. *counts is what it holds, for people: "812 users, 44
   groups". 0, or -1 with FAULT_DATA, FAULT_INTERNAL or FAULT_IO. */
int source_section_check(const struct source *source, int fd, struct buf *counts,
                         struct fault *fault);

/* Copies the file to the output. 0 or -1. */
int source_section_copy(int fd, struct out *out, struct fault *fault);

/* Writes a sealed section that says that users, groups and members could not be read, for the
   reason in `failure`. 0 or -1. */
int source_section_put_gaps(const struct source *source, const struct fault *failure,
                            struct out *out, struct fault *fault);

/* Writes one that the reader refuses, with the status and the reason of `failure`. */
void source_section_put_failure(const struct source *source, const struct fault *failure,
                                struct out *out);

#endif
