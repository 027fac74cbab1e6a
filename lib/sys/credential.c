/* SPDX-License-Identifier: ISC */
/*
 * credential: the files of $CREDENTIALS_DIRECTORY.
 */
#include "sys/credential.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int credential_join(const char *before, const char *name, bool lower, char **path,
                           struct fault *fault)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");
	struct buf text = {0};

	*path = NULL;
	if (!directory || !*directory)
		return 0;
	buf_putf(&text, "%s/%s", directory, before);
	for (; *name; name++)
		buf_putc(&text, lower ? ascii_lower(*name) : *name);
	buf_putc(&text, '\0');
	if (buf_check(&text, fault) < 0) {
		buf_release(&text);
		return -1;
	}
	*path = text.data;
	return 1;
}

int credential_path(const char *name, char **path, struct fault *fault)
{
	return credential_join("", name, false, path, fault);
}

int credential_find(const char *variable, char **path, struct fault *fault)
{
	static const char *const befores[] = {"", "baton_"};

	for (size_t i = 0; i < sizeof befores / sizeof *befores; i++) {
		int result = credential_join(befores[i], variable, true, path, fault);

		if (result <= 0 || access(*path, F_OK) == 0)
			return result;
		free(*path);
		*path = NULL;
	}
	return 0;
}
