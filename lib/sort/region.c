/* SPDX-License-Identifier: ISC */
/*
 * region: pages of their own, moved by mremap(2) where the system has it. malloc
 * keeps what is freed for later, and a limit on memory needs it now. Small pages:
 * huge ones save little here, and a virtual machine that gives free memory back to
 * its host gets them back slowly.
 */
#include "sort/region.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum {
	REGION_FIRST = 1024 * 1024,
	REGION_STEP = 256 * 1024, /* fewer bytes are not worth a call */
};

#ifdef MREMAP_MAYMOVE

static char *region_grow(struct region *region, size_t cap)
{
	void *data = region->data ? mremap(region->data, region->cap, cap, MREMAP_MAYMOVE)
	                          : mmap(NULL, cap, PROT_READ | PROT_WRITE,
	                                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return data == MAP_FAILED ? NULL : data;
}

static void region_unmap(struct region *region)
{
	munmap(region->data, region->cap);
}

#else

static char *region_grow(struct region *region, size_t cap)
{
	return realloc(region->data, cap);
}

static void region_unmap(struct region *region)
{
	free(region->data);
}

#endif

int region_need(struct region *region, size_t bytes, struct fault *fault)
{
	size_t cap = region->cap ? region->cap : REGION_FIRST;
	char *data;

	if (bytes <= region->cap)
		return 0;
	while (cap < bytes)
		cap = cap > SIZE_MAX / 2 ? bytes : cap * 2;
	data = region_grow(region, cap);
	if (!data)
		return fault_memory(fault);
	region->data = data;
	region->cap = cap;
	return 0;
}

void region_make_ready(struct region *region, size_t bytes)
{
	size_t end = bytes - bytes % REGION_STEP;

	if (end <= region->ready)
		return;
#ifdef MADV_POPULATE_WRITE
	/* what does not come now comes when it is written */
	madvise(region->data + region->ready, end - region->ready, MADV_POPULATE_WRITE);
#endif
	region->ready = end;
}

void region_release(struct region *region)
{
	if (region->data)
		region_unmap(region);
	*region = (struct region){0};
}
