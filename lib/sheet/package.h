/* SPDX-License-Identifier: ISC */
/*
 * package: the parts of an Office Open XML file (ECMA-376 part 2), which is a zip archive.
 *
 * What comes is foreign: the number of parts, what they unpack to, and how much they grow have
 * ceilings (ceiling.h). A part that is encrypted, that is packed in another way than deflate,
 * or that stands there twice is refused. Names of parts are compared without regard to the
 * case of A to Z (ECMA-376 part 2, 6.2.2.3).
 */
#ifndef ROLLCALL_PACKAGE_H
#define ROLLCALL_PACKAGE_H

#include "base/set.h"

#include <sys/types.h>

struct package {
	const char *name; /* as in messages; borrowed */
	int fd;           /* a file that nobody else writes; the caller's to close */
	off_t size;

	/* its own */
	struct zip *zip;
	struct set parts;   /* in lower case -> place + 1 */
	off_t at;           /* where the library stands in the file */
	uint64_t directory; /* bytes read before the list of parts was there */
	bool is_open;       /* it is there */
	uint64_t unpacked;  /* of all parts that were read */
	struct fault fault; /* of a read that the library asked for */
};

/* Looks at the list of parts of package->fd. 0 or -1 (FAULT_DATA: it is no whole archive);
   package_close is due in both cases. */
int package_open(struct package *package, struct fault *fault);
void package_close(struct package *package);

bool package_has(const struct package *package, struct span part);

/* One part as it is read. */
struct package_part {
	struct package *package;
	struct zip_file *file;
	const char *name; /* as in messages; borrowed */
	uint64_t packed, unpacked;
};

/* 0 or -1; package_part_close is due in both cases. */
int package_part_open(struct package_part *part, struct package *package, const char *name,
                      struct fault *fault);
void package_part_close(struct package_part *part);

/* How many bytes came, 0 at the end, where the checksum was right; -1. */
ssize_t package_part_read(struct package_part *part, char *to, size_t cap, struct fault *fault);

/* "libzip/1.7.3" */
const char *package_library(void);

#endif
