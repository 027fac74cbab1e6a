/* SPDX-License-Identifier: ISC */
/*
 * token: a token file. What is taken can stand in a header; what is not leaves
 * nothing behind, and no message holds it.
 */
#include "fuzz.h"

#include "http/secret.h"

#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const variables[] = {"FUZZ_TOKEN", NULL};
	static struct secret secret;
	struct secret_sources sources = {.variables = variables};
	struct span file = {(const char *)data, size};
	struct fault fault = {0};

	sources.file = memory_file(0, file);
	must(fchmod(memory_fd(0), 0600) == 0, "fchmod works");
	if (secret_init(&secret, &sources, &fault) == 0) {
		must(secret.len > 0 && secret.len <= TOKEN_MAX_BYTES && !secret.bytes[secret.len],
		     "a token has a length");
		must(span_begins(file, secret_span(&secret)) && size - secret.len <= 1,
		     "a token is the file, less one newline");
		for (size_t i = 0; i < secret.len; i++)
			must(secret.bytes[i] > 0x20 && secret.bytes[i] < 0x7f, "a token can stand in a header");
	} else {
		must_be_fault(&fault);
		must(size < 40 || !memmem(fault.text, strlen(fault.text), data, 20),
		     "a message does not quote the token");
	}
	secret_wipe(&secret);
	for (size_t i = 0; i < sizeof secret.bytes; i++)
		must(!secret.bytes[i], "a wiped token is gone");
	return 0;
}
