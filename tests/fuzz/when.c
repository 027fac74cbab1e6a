/* SPDX-License-Identifier: ISC */
/*
 * when: what is taken as a time is written in one form, which stays as it is.
 */
#include "fuzz.h"

#include "base/when.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char once[WHEN_MAX], twice[WHEN_MAX];
	size_t len;

	if (!when_utc((struct span){(const char *)data, size}, once))
		return 0;
	len = strlen(once);
	must(len >= 20 && len < WHEN_MAX && once[len - 1] == 'Z' && once[10] == 'T', "it is UTC");
	must(when_utc(span_of(once), twice), "a time that was written is a time");
	must(strcmp(once, twice) == 0, "a time in UTC stays as it is");
	return 0;
}
