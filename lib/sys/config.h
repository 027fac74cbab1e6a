/* SPDX-License-Identifier: ISC */
/*
 * config: a file that people wrote: JSON with comments, read strictly.
 *
 * A member that nobody knows, one that stands twice or is of the wrong type is an error that
 * names file, line and member (FAULT_CONFIG). A module on top of this one says which members
 * there are. Numbers keep their text.
 */
#ifndef ROLLCALL_CONFIG_H
#define ROLLCALL_CONFIG_H

#include "base/buf.h"
#include "base/json.h"
#include "sys/digest.h"

/* What was read. The spans of its texts point into it. A zeroed one is empty. */
struct config {
	char *bytes;
	yyjson_doc *doc;
	char sha256[DIGEST_HEX + 1]; /* of the file */
};

struct config_reader {
	struct config *config;
	const char *path;   /* as in messages; borrowed */
	const char *member; /* the member of the file that is read, for messages; NULL: none yet */
	const char *at;     /* where in config->bytes what is read last stands */
	void *into;         /* the caller's own */
	struct buf text;    /* as it stands in the file */
	struct fault *fault;
};

enum config_type { CONFIG_TEXT, CONFIG_LIST, CONFIG_OBJECT, CONFIG_ANY };

struct config_member {
	const char *name;
	enum config_type type;
	bool is_required;
};

/* Reads FILE, at most `max` bytes. 0, or -1 with FAULT_CONFIG (FAULT_NO_INPUT: it can not be
   opened). config_close and config_release are due in both cases. */
int config_open(struct config_reader *reader, struct config *config, const char *path, size_t max,
                struct fault *fault);

/* After all was looked at: there are no more faults to name. */
void config_close(struct config_reader *reader);
void config_release(struct config *config);

/* Says what is wrong at reader->at. Returns -1. */
int config_fail(struct config_reader *reader, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The line in which `at` stands, from 1. */
size_t config_line(const struct config_reader *reader, const char *at);

/* Remembers where a value stands, if it is a text or a number. */
void config_stand_at(struct config_reader *reader, yyjson_val *value);

/* The members of an object: values[i] is that of members[i], or NULL. 0 or -1. */
int config_take_members(struct config_reader *reader, yyjson_val *object,
                        const struct config_member *members, size_t count, yyjson_val **values);

/* The text of a string or a number; empty for anything else. */
struct span config_text(yyjson_val *value);

/* A whole number. 0 or -1. */
int config_number(struct config_reader *reader, const char *name, yyjson_val *value, uint64_t least,
                  uint64_t most, uint64_t *number);

/* Room for the items of a list. NULL with a fault; never NULL for an empty list. The
   caller's to free. */
void *config_room(struct config_reader *reader, yyjson_val *list, size_t size);

/* The strings of a list (NULL: none) in *texts, which is the caller's to free in both cases.
   An item that is no string is a fault. 0 or -1. */
int config_texts(struct config_reader *reader, yyjson_val *list, struct span **texts,
                 size_t *count);

#endif
