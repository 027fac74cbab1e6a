/* SPDX-License-Identifier: ISC */
/*
 * quick-jq [-cenrRs] [--arg NAME VALUE] [--slurpfile NAME FILE] FILTER [FILE...]: what jq prints, at
 * once. jq 1.6 compiles a library of its own before it reads anything. That takes 40 ms, and the
 * tests ask a thousand times.
 *
 * It knows what tests and examples/ ask most: paths, select, strings with \(...), arrays, objects,
 * comparisons, variables, definitions without arguments and some functions. Whatever it does not know for certain (another filter or option, a number that is
 * no integer, an error) it leaves to jq, or to $QUICK_JQ where that is set, before it has written a
 * byte. tests/00-smoke.bats compares the two. Nothing is freed before the end.
 */
#ifndef QUICK_H
#define QUICK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yyjson.h>

enum {
	DEPTH_MAX = 100,   /* of the input and the filter: jq has a limit, too */
	KEYS_MAX = 64,     /* of an object: each is compared with each */
	VARIABLES_MAX = 8, /* of --arg, --slurpfile and `as` */
	FUNCTIONS_MAX = 8, /* of `def` */
};
#define INTEGER_MAX INT64_C(1000000000000000) /* a longer one jq may have rounded */

enum node_kind {
	NODE_INPUT,  /* . */
	NODE_VALUE,  /* a literal */
	NODE_TEXT,   /* "..." with \(...): its parts are the list */
	NODE_INDEX,  /* a[b] */
	NODE_EACH,   /* a[] */
	NODE_PIPE,   /* a | b */
	NODE_COMMA,  /* a, b */
	NODE_BINARY, /* a NAME b */
	NODE_ARRAY,  /* [a]; a may be NULL */
	NODE_OBJECT, /* {...}: the list has a key and a value by turns */
	NODE_CALL,   /* NAME, NAME(a) or NAME(a; b) */
	NODE_IF,     /* if a then b else c end */
	NODE_AS,     /* a as $variable | b */
	NODE_VARIABLE,
	NODE_SLICE /* a[b:c]; b or c may be NULL */
};

struct node {
	enum node_kind kind;
	char name[16];
	size_t variable; /* its place in run.variables */
	yyjson_mut_val *value;
	struct node *a, *b, *c, *list, *next;
};

struct values {
	yyjson_mut_val **at;
	size_t count, cap;
};

struct text {
	char *data;
	size_t len, cap;
};

/* One that `as` binds is known from there to the end of its pipe. No name is bound twice. */
struct variable {
	char name[16];
	bool is_known;
	yyjson_mut_val *value;
};

struct function {
	char name[16];
	struct node *body;
};

struct quick {
	char **argv;
	bool raw, compact, slurp, null_input, raw_input, status;
	struct variable variables[VARIABLES_MAX];
	struct function functions[FUNCTIONS_MAX];
	size_t variable_count, function_count;
	const char *at; /* in the filter */
	int depth;
	bool from_stdin;
	struct text input, output;
	yyjson_mut_doc *doc;
	void *blocks; /* all memory, so that a leak checker finds it */
};
extern struct quick run;

/* jq does all of it. */
_Noreturn void leave_to_jq(void);

void *take_memory(size_t size); /* zeroed */
void text_put(struct text *text, const void *bytes, size_t len);
void text_puts(struct text *text, const char *word);
void values_put(struct values *values, yyjson_mut_val *value);
yyjson_mut_val *string_of(const struct text *text);

/* depth: of the first line; -1: on one line */
void print_value(struct text *to, yyjson_mut_val *value, int depth);
void print_text(struct text *to, yyjson_mut_val *value); /* as tostring makes it */

/* A new one of that name, whose value is not set yet. */
struct variable *add_variable(const char *name, size_t len);

/* The filter at run.at, all of it. */
const struct node *parse_filter(void);

bool is_true(yyjson_mut_val *value);
yyjson_mut_val *array_of(const struct values *values);
/* What the filter makes of a value, behind what is there. */
void eval(const struct node *node, yyjson_mut_val *in, struct values *out);

#endif
