/* SPDX-License-Identifier: ISC */
/*
 * token: a token file. What is taken can stand in a header; what is not leaves
 * nothing behind, and no message holds it.
 */
#include "fuzz.h"

#include "http/secret.h"

#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const variables[] = {"FUZZ_TOKEN", NULL};
	static struct secret secret;
	struct secret_sources sources = {.variables = variables};
	struct secret_sources password = {.variables = variables, .kind = SECRET_PASSWORD};
	struct span file = {(const char *)data, size};
	struct fault fault = {0};

	sources.file = memory_file(0, file);
	must(fchmod(memory_fd(0), 0600) == 0, "fchmod works");
	if (secret_init(&secret, &sources, &fault) == 0) {
		must(secret.now.len > 0 && secret.now.len <= TOKEN_MAX_BYTES &&
		         !secret.now.bytes[secret.now.len],
		     "a token has a length");
		must(span_begins(file, secret_sent(&secret.now)) && size - secret.now.len <= 1,
		     "a token is the file, less one newline");
		for (size_t i = 0; i < secret.now.len; i++)
			must(secret.now.bytes[i] > 0x20 && secret.now.bytes[i] < 0x7f,
			     "a token can stand in a header");
	} else {
		must_be_fault(&fault);
		must(size < 40 || !memmem(fault.text, strlen(fault.text), data, 20),
		     "a message does not quote the token");
	}
	secret_wipe(&secret);
	must(lseek(memory_fd(0), 0, SEEK_SET) == 0, "a file can be read again");
	password.file = sources.file;
	if (secret_init(&secret, &password, &fault) == 0) {
		must(memchr(data, ':', size) && secret.now.written_len >= secret.now.len,
		     "a password has a user, and is longer as Base64");
		must(strspn(secret_sent(&secret.now).data, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrst"
		                                           "uvwxyz0123456789+/=") == secret.now.written_len,
		     "Base64 can stand in a header");
	} else {
		must_be_fault(&fault);
	}
	secret_wipe(&secret);
	for (size_t i = 0; i < sizeof secret.now.bytes; i++)
		must(!secret.now.bytes[i], "a wiped token is gone");
	return 0;
}
