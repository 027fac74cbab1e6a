/* SPDX-License-Identifier: ISC */
/*
 * text: strings on the heap, percent-encoding, and the one-line reason of a
 * refusal.
 *
 * The stand-in is a tool for tests: where memory runs out it ends at once, so
 * nothing here returns NULL for that. What a function returns as `char *` is
 * the caller's to free.
 */
#ifndef STAND_IN_TEXT_H
#define STAND_IN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Why something was refused: one line, filled by the function that refuses. */
struct why {
	char text[256];
};

/* Fills the reason and returns -1, so that `return refuse(...)` reads well. */
__attribute__((format(printf, 2, 3))) int refuse(struct why *why, const char *format, ...);

/* Ends the program with status 1 and "stand-in: ..." on stderr. */
__attribute__((noreturn, format(printf, 1, 2))) void give_up(const char *format, ...);

/* NULL stays NULL. */
char *text_copy(const char *text);
__attribute__((format(printf, 1, 2))) char *text_format(const char *format, ...);

/* realloc that never returns NULL; count * size is checked. */
void *room_for(void *old, size_t count, size_t size);

/* Decodes %XX in place; with `plus`, '+' is a space as in a query. A '%' that
   starts no pair of hex digits is kept as it is. */
void text_percent_decode(char *text, bool plus);

/* Encodes everything but the unreserved characters of RFC 3986 section 2.3. */
char *text_percent_encode(const char *text);

/* A whole decimal number and nothing else. False where it is anything else. */
bool text_number(const char *text, long *number);

bool text_starts(const char *text, const char *prefix);

/* 64 bits that depend on every bit of both: the only source of chance here. */
uint64_t text_mix(uint64_t seed, uint64_t n);

/* text_mix of a string. */
uint64_t text_hash(const char *text);

#endif
