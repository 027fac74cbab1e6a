/* SPDX-License-Identifier: ISC */
/*
 * seal KINDS BEGIN [BEFORE [AFTER]]: the records on stdin, whatever bytes they are, become a
 * section on stdout: the line BEGIN, the records, and an end line with their true counts, of each of
 * the words KINDS, and digests. BEFORE and AFTER are more members of `end`. In BEGIN, "gaps":@SOURCE@
 * becomes how many gaps that source has.
 *
 * The function `seal` of tests/helper.bash, which tests call thousands of times: with grep and
 * sha256sum it takes ten times as long. Nothing of rollcall is in it, so that a digest that both
 * get wrong is no digest for the tests.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- SHA-256 (FIPS 180-4) ---- */

static const uint32_t rounds[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turn(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

/* One round, where the first of the eight words is s[a]. */
static inline void digest_round(uint32_t s[8], size_t a, uint32_t word)
{
	uint32_t *b = &s[(a + 1) % 8], *c = &s[(a + 2) % 8], *d = &s[(a + 3) % 8];
	uint32_t *e = &s[(a + 4) % 8], *f = &s[(a + 5) % 8], *g = &s[(a + 6) % 8], *h = &s[(a + 7) % 8];

	word += *h + (turn(*e, 6) ^ turn(*e, 11) ^ turn(*e, 25)) + ((*e & *f) ^ (~*e & *g));
	*d += word;
	*h = word + (turn(s[a], 2) ^ turn(s[a], 13) ^ turn(s[a], 22)) +
	     ((s[a] & *b) ^ (s[a] & *c) ^ (*b & *c));
}

static void digest_block(uint32_t state[8], const unsigned char *block)
{
	uint32_t w[64], s[8];

	for (size_t i = 0; i < 16; i++)
		w[i] = (uint32_t)block[i * 4] << 24 | (uint32_t)block[i * 4 + 1] << 16 |
		       (uint32_t)block[i * 4 + 2] << 8 | block[i * 4 + 3];
	for (size_t i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ w[i - 2] >> 10);
	memcpy(s, state, sizeof s);
	for (size_t i = 0; i < 64; i += 8) {
		/* each round names the eight words one place on */
		digest_round(s, 0, rounds[i] + w[i]);
		digest_round(s, 7, rounds[i + 1] + w[i + 1]);
		digest_round(s, 6, rounds[i + 2] + w[i + 2]);
		digest_round(s, 5, rounds[i + 3] + w[i + 3]);
		digest_round(s, 4, rounds[i + 4] + w[i + 4]);
		digest_round(s, 3, rounds[i + 5] + w[i + 5]);
		digest_round(s, 2, rounds[i + 6] + w[i + 6]);
		digest_round(s, 1, rounds[i + 7] + w[i + 7]);
	}
	for (size_t i = 0; i < 8; i++)
		state[i] += s[i];
}

static void digest(const char *data, size_t len, char hex[65])
{
	uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
	                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	unsigned char last[128] = {0};
	size_t at = 0, rest = len % 64, size = rest < 56 ? 64 : 128;

	for (; at + 64 <= len; at += 64)
		digest_block(state, (const unsigned char *)data + at);
	memcpy(last, data + at, rest);
	last[rest] = 0x80;
	for (size_t i = 0; i < 8; i++)
		last[size - 1 - i] = (unsigned char)((uint64_t)len * 8 >> (8 * i));
	for (at = 0; at < size; at += 64)
		digest_block(state, last + at);
	for (size_t i = 0; i < 8; i++)
		snprintf(hex + i * 8, 9, "%08x", (unsigned)state[i]);
}

/* ---- sections ---- */

struct text {
	char *data;
	size_t len, cap;
};

static char *text_room(struct text *text, size_t more)
{
	if (text->len + more > text->cap) {
		text->cap = (text->len + more) * 2;
		text->data = realloc(text->data, text->cap);
		if (!text->data)
			abort();
	}
	return text->data + text->len;
}

static void text_put(struct text *text, const char *bytes, size_t len)
{
	memcpy(text_room(text, len), bytes, len);
	text->len += len;
}

static void text_read(struct text *text, int fd)
{
	ssize_t n;

	while ((n = read(fd, text_room(text, 65536), 65536)) > 0)
		text->len += (size_t)n;
}

/* How many lines begin so. */
static size_t lines_with(const struct text *text, const char *begin)
{
	size_t count = 0, len = strlen(begin);
	const char *line = text->data, *end = text->data + text->len;

	while (line < end) {
		const char *next = memchr(line, '\n', (size_t)(end - line));

		count += (size_t)(end - line) >= len && memcmp(line, begin, len) == 0;
		line = next ? next + 1 : end;
	}
	return count;
}

static void put_begin(struct text *begin, const char *words, const struct text *records)
{
	static const char gaps[] = "\"gaps\":@";
	char name[512];

	for (const char *at; (at = strstr(words, gaps)); words = at + strcspn(at, "@") + 1) {
		at += strlen(gaps);
		text_put(begin, words, (size_t)(at - 1 - words));
		snprintf(name, sizeof name, "{\"kind\":\"gap\",\"source\":\"%.*s\"", (int)strcspn(at, "@"),
		         at);
		text_put(begin, name,
		         (size_t)snprintf(name, sizeof name, "%zu", lines_with(records, name)));
	}
	text_put(begin, words, strlen(words));
	text_put(begin, "\n", 1);
}

int main(int argc, char **argv)
{
	struct text begin = {0}, records = {0};
	char sum[65], begin_sum[65], kind[64];

	if (argc < 3)
		return 64;
	text_read(&records, 0);
	put_begin(&begin, argv[2], &records);
	digest(records.data, records.len, sum);
	digest(begin.data, begin.len, begin_sum);
	fwrite(begin.data, 1, begin.len, stdout);
	fwrite(records.data, 1, records.len, stdout);
	printf("{\"kind\":\"end\"%s", argc > 3 ? argv[3] : "");
	for (char *word = strtok(argv[1], " "); word; word = strtok(NULL, " ")) {
		snprintf(kind, sizeof kind, "{\"kind\":\"%s\"", word);
		printf(",\"%ss\":%zu", word, lines_with(&records, kind));
	}
	printf(",\"sha256\":\"%s\",\"begin_sha256\":\"%s\"%s}\n", sum, begin_sum,
	       argc > 4 ? argv[4] : "");
	return fflush(stdout) == 0 ? 0 : 74;
}
