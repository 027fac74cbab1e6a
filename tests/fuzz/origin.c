/* SPDX-License-Identifier: ISC */
/*
 * origin: a base URL that is taken is https, or http to loopback, and holds no
 * user, password, query, fragment or control character.
 */
#include "fuzz.h"

#include "http/origin.h"
#include "scim/scim_page.h"

#include <stdlib.h>

static bool has(const char *text, const char *words)
{
	return strncmp(text, words, strlen(words)) == 0;
}

static void check(const struct origin *origin)
{
	const char *base = origin->base, *host = strstr(base, "://") + 3;
	size_t host_len = strcspn(host, "/");

	must(origin->plain ? has(base, "http://") : has(base, "https://"), "it is https or http");
	must(host_len > 0, "it has a host");
	must(!memchr(host, '@', host_len), "nobody's name or password is in it");
	must(!strpbrk(base, "?#") && base[strlen(base) - 1] != '/', "it is a base");
	must(!origin->plain || has(host, "127.") || has(host, "[::1]") || has(host, "localhost"),
	     "http is for loopback");
	for (const char *at = base; *at; at++)
		must((unsigned char)*at > 0x20 && *at != 0x7f, "no byte of it could end a request line");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = {(const char *)data, size}, before;
	char *url = strndup(text.data, text.len);
	struct origin origin;
	struct fault fault = {0};

	for (int with_path = 0; url && with_path < 2; with_path++) {
		if (origin_init(&origin, "base URL", url, with_path ? "/api/iacp/v3" : NULL, &fault) == 0)
			check(&origin);
		else
			must_be_fault(&fault);
		origin_release(&origin);
	}
	scim_ref_part(text, &before);
	must(before.len <= text.len, "the part before the last is not longer than all");
	free(url);
	return 0;
}
