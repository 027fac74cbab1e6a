/* SPDX-License-Identifier: ISC */
/*
 * replay: runs a harness over the files named on its command line, without
 * libFuzzer and with any compiler: how `make check` keeps what was found.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		struct stat st;
		uint8_t *bytes;
		size_t size;

		must(file && fstat(fileno(file), &st) == 0, argv[i]);
		size = (size_t)st.st_size;
		bytes = malloc(size ? size : 1); /* exact: a sanitizer sees the first byte behind */
		must(bytes && fread(bytes, 1, size, file) == size, argv[i]);
		fclose(file);
		fprintf(stderr, "%s\n", argv[i]);
		LLVMFuzzerTestOneInput(bytes, size);
		free(bytes);
	}
	return argc > 1 ? 0 : 64;
}
