/* SPDX-License-Identifier: ISC */
/*
 * counts: linked into the programs by `make coverage`, so that those count too that
 * close themselves in or die by a signal. The linker wraps the three functions.
 */
#include "sys/sandbox.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

// NOLINTBEGIN(bugprone-reserved-identifier): these names are gcc's and the linker's
void __gcov_dump(void);
int __real_raise(int signal_number);
_Noreturn void __real__exit(int status);
void __real_sandbox_init(struct sandbox *sandbox);

int __wrap_raise(int signal_number)
{
	__gcov_dump();
	return __real_raise(signal_number);
}

_Noreturn void __wrap__exit(int status)
{
	__gcov_dump();
	__real__exit(status);
}

/* The files with the counts stay open to it. */
void __wrap_sandbox_init(struct sandbox *sandbox)
{
	static const char *const parts[] = {"lib", "cmd", "tests/coverage"};
	const char *directory = getenv("COVERAGE");
	char path[4096];

	__real_sandbox_init(sandbox);
	for (size_t i = 0; directory && i < sizeof parts / sizeof *parts; i++) {
		snprintf(path, sizeof path, "%s/%s/counts", directory, parts[i]);
		sandbox_allow_output(sandbox, path);
	}
}

// NOLINTEND(bugprone-reserved-identifier)

/* What counts allocates memory of its own when the program is over. */
__attribute__((destructor)) static void end_torture(void)
{
	void (*end)(void);

	*(void **)&end = dlsym(RTLD_DEFAULT, "torture_end");
	if (end)
		end();
}
