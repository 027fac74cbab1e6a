/* SPDX-License-Identifier: ISC */
/*
 * fault: what went wrong, said once where the facts are.
 *
 * A function that can fail takes a `struct fault *` as its last parameter,
 * fills it and returns -1. Callers pass it up, or put the subject in front of
 * it ("page 3: ..."). The library never prints and never exits; only cmd/ turns
 * a fault into a line on stderr and an exit status.
 */
#ifndef ROLLCALL_FAULT_H
#define ROLLCALL_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
	FAULT_NONE,
	FAULT_SAFEGUARD,   /* 3 more would change than was allowed */
	FAULT_USAGE,       /* 64 the command line is wrong */
	FAULT_DATA,        /* 65 input is not valid, not complete, or tampered with */
	FAULT_NO_INPUT,    /* 66 an input file can not be opened */
	FAULT_UNREACHABLE, /* 69 host unreachable, TLS refused */
	FAULT_INTERNAL,    /* 70 out of memory, a broken promise of ours */
	FAULT_CREATE,      /* 73 output can not be created */
	FAULT_IO,          /* 74 output can not be written, input can not be read */
	FAULT_TRY_LATER,   /* 75 a later try may succeed */
	FAULT_PROTOCOL,    /* 76 the provider broke the protocol */
	FAULT_REFUSED,     /* 77 the provider refused the token */
	FAULT_CONFIG,      /* 78 token file and other configuration */
	FAULT_CLOSED_PIPE, /* 141 the reader of our output went away: quiet */
};

struct fault {
	enum fault_kind kind;
	bool elsewhere;  /* of the program before this one in a pipe, as its stream says */
	char text[1024]; /* one line, inert, no full stop; cut where it is longer */
};

/* Fills `fault`. Returns -1, so that `return fault_set(...)` reads well. */
int fault_set(struct fault *fault, enum fault_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Puts a subject before the text of a fault that is set already. Returns -1. */
int fault_prefix(struct fault *fault, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Appends a next step for the reader ("; try ..."). Returns -1. */
int fault_hint(struct fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The fault of a failed allocation. Returns -1. */
int fault_memory(struct fault *fault);

/* The exit status of rollcall(7) for a kind; 0 for FAULT_NONE. */
int fault_status(enum fault_kind kind);

/* The kind of a status that a program of this project failed with: 64 to 78 of rollcall(7).
   FAULT_NONE for every other number. */
enum fault_kind fault_kind_find(uint64_t status);

#endif
