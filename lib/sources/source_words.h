/* SPDX-License-Identifier: ISC */
/*
 * source_words: a part of sources.c alone: what a source says as the words of a command line,
 * and its faults.
 */
#ifndef ROLLCALL_SOURCE_WORDS_H
#define ROLLCALL_SOURCE_WORDS_H

#include "sources/sources.h"

struct sources_reader {
	struct config_reader file;
	struct sources *sources;
	const struct source_programs *programs;
	struct source *source; /* the one at hand */
	char directory[4096];  /* of the file, with its slash; "" where it has none */
};

/* Says what is wrong with the source at hand. Returns -1. */
int source_fail(struct sources_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A string without NUL, that can be a word of a command line? 0 or -1. */
int source_check_text(struct sources_reader *reader, const char *name, yyjson_val *value);

/* A path of the file: seen from where the file is. It lives as long as the sources; NULL with
   a fault. */
const char *source_path(struct sources_reader *reader, const char *name, struct span text);

/* Adds a word, which is borrowed; one of NULL is a fault that is said already. 0 or -1. */
int source_add_word(struct sources_reader *reader, const char *word);

/* Adds --NAME=VALUE, or --NAME=KEY=VALUE. 0 or -1. */
int source_add_option(struct sources_reader *reader, const char *name, struct span key,
                      struct span value);

/* {"region": "eu"}: an option NAME=VALUE for each member. 0 or -1. */
int source_take_object(struct sources_reader *reader, const char *option, yyjson_val *object);

/* The value of the member `name`, which stands for the option of `row`. 0 or -1. */
int source_take_option(struct sources_reader *reader, const char *name,
                       const struct option_row *row, yyjson_val *value);

#endif
