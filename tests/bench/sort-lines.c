/* SPDX-License-Identifier: ISC */
/*
 * sort-lines MEMORY: the sorter as a program, stdin to stdout. It has no least amount
 * of memory, so that few lines make many runs.
 */
#include "sys/lines.h"
#include "sys/out.h"
#include "sort/sorter.h"

#include <stdio.h>
#include <stdlib.h>

static int copy(struct sorter *sorter, struct out *out, struct fault *fault)
{
	struct lines lines;
	struct span line;
	int more = lines_open(&lines, "-", fault);

	while (more >= 0 && (more = lines_next(&lines, &line, fault)) > 0) {
		line.len++; /* its LF */
		more = sorter_add(sorter, line, fault);
	}
	lines_close(&lines);
	/* twice: what was read once can be read again */
	for (int i = 0; more == 0 && i < 2; i++) {
		more = sorter_sort(sorter, fault);
		while (more >= 0 && (more = sorter_next(sorter, &line, fault)) > 0)
			if (i)
				out_put(out, line);
	}
	return more;
}

int main(int argc, char **argv)
{
	struct fault fault = {0};
	struct sorter *sorter = sorter_open(argc > 1 ? strtoul(argv[1], NULL, 10) : 0, &fault);
	struct out out;

	if (!sorter || out_open(&out, NULL, &fault) < 0 || copy(sorter, &out, &fault) < 0 ||
	    out_close(&out, &fault) < 0)
		fprintf(stderr, "sort-lines: %s\n", fault.text);
	sorter_close(sorter);
	return fault_status(fault.kind);
}
