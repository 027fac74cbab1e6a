/* SPDX-License-Identifier: ISC */
/*
 * config: yyjson reads the text in place, so a string of the document says where in the
 * file it stands, and the faults can name the line.
 */
#include "sys/config.h"

#include "base/inert.h"
#include "base/near.h"
#include "sys/file_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- faults ---- */

size_t config_line(const struct config_reader *reader, const char *at)
{
	const char *bytes = reader->config->bytes;
	size_t line = 1, end = at && bytes ? (size_t)(at - bytes) : 0;

	for (size_t i = 0; i < end && i < reader->text.len; i++)
		line += reader->text.data[i] == '\n';
	return line;
}

int config_fail(struct config_reader *reader, const char *format, ...)
{
	char what[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	return fault_set(reader->fault, FAULT_CONFIG, "%s: line %zu: %s%s%s%s",
	                 INERT(span_of(reader->path)), config_line(reader, reader->at),
	                 reader->member ? "\"" : "", reader->member ? reader->member : "",
	                 reader->member ? "\": " : "", what);
}

void config_stand_at(struct config_reader *reader, yyjson_val *value)
{
	struct span text;

	if (json_text(value, &text))
		reader->at = text.data;
}

/* ---- values ---- */

static int config_check_type(struct config_reader *reader, const char *name, yyjson_val *value,
                             enum config_type type)
{
	static const char *const words[] = {"a string", "a list", "an object"};
	bool fits = type == CONFIG_ANY || (type == CONFIG_TEXT && yyjson_is_str(value)) ||
	            (type == CONFIG_LIST && yyjson_is_arr(value)) ||
	            (type == CONFIG_OBJECT && yyjson_is_obj(value));

	if (!fits)
		return config_fail(reader, "\"%s\" is %s, not %s", name, json_type(value), words[type]);
	if (type == CONFIG_TEXT && !yyjson_get_len(value))
		return config_fail(reader, "\"%s\" is empty", name);
	return 0;
}

static int config_refuse_member(struct config_reader *reader, struct span name,
                                const struct config_member *members, size_t count)
{
	struct near near = near_to(name);

	config_fail(reader, "unknown member \"%s\"; there are", INERT(name));
	for (size_t i = 0; i < count; i++) {
		fault_hint(reader->fault, "%s %s", i ? "," : "", members[i].name);
		near_try(&near, members[i].name);
	}
	return near_hint(&near, "", reader->fault);
}

int config_take_members(struct config_reader *reader, yyjson_val *object,
                        const struct config_member *members, size_t count, yyjson_val **values)
{
	const char *start = reader->at;
	yyjson_val *key, *value;
	size_t i, max;

	memset(values, 0, count * sizeof(yyjson_val *));
	if (!yyjson_is_obj(object)) {
		config_stand_at(reader, object);
		return config_fail(reader, "%s where an object is due", json_type(object));
	}
	yyjson_obj_foreach(object, i, max, key, value) {
		struct span name = json_key(key);
		size_t member = 0;

		reader->at = name.data;
		while (member < count && !span_is(name, span_of(members[member].name)))
			member++;
		if (member == count)
			return config_refuse_member(reader, name, members, count);
		if (values[member])
			return config_fail(reader, "member \"%s\" stands twice", members[member].name);
		if (config_check_type(reader, members[member].name, value, members[member].type) < 0)
			return -1;
		if (i == 0)
			start = name.data;
		values[member] = value;
	}
	reader->at = start;
	for (size_t member = 0; member < count; member++)
		if (members[member].is_required && !values[member])
			return config_fail(reader, "\"%s\" is missing", members[member].name);
	return 0;
}

struct span config_text(yyjson_val *value)
{
	struct span text = {"", 0};

	json_text(value, &text);
	return text;
}

int config_number(struct config_reader *reader, const char *name, yyjson_val *value, uint64_t least,
                  uint64_t most, uint64_t *number)
{
	config_stand_at(reader, value);
	if (!yyjson_is_raw(value) || json_whole(value, number) != 1 || *number < least ||
	    *number > most)
		return config_fail(reader, "\"%s\" takes a whole number from %llu to %llu", name,
		                   (unsigned long long)least, (unsigned long long)most);
	return 0;
}

void *config_room(struct config_reader *reader, yyjson_val *list, size_t size)
{
	void *room = calloc(yyjson_get_len(list) + 1, size);

	if (!room)
		fault_memory(reader->fault);
	return room;
}

int config_texts(struct config_reader *reader, yyjson_val *list, struct span **texts, size_t *count)
{
	yyjson_val *item;
	size_t i, max;

	if (!list)
		return 0;
	*texts = config_room(reader, list, sizeof **texts);
	if (!*texts)
		return -1;
	yyjson_arr_foreach(list, i, max, item) {
		config_stand_at(reader, item);
		if (!yyjson_is_str(item) || !yyjson_get_len(item))
			return config_fail(reader, "an item is %s, not a string",
			                   yyjson_is_str(item) ? "empty" : json_type(item));
		(*texts)[(*count)++] = config_text(item);
	}
	return 0;
}

/* ---- the file ---- */

static int config_load(struct config_reader *reader, size_t max)
{
	if (file_text_read(reader->path, max, &reader->text, reader->fault) == 0)
		return 0;
	if (reader->fault->kind == FAULT_DATA)
		reader->fault->kind = FAULT_CONFIG;
	return -1;
}

static int config_parse(struct config_reader *reader)
{
	struct config *config = reader->config;
	struct digest digest = {0};
	yyjson_read_err error = {0};
	size_t len = reader->text.len;
	char *bytes;
	int result = digest_init(&digest, reader->fault);

	if (result == 0) {
		digest_put(&digest, buf_span(&reader->text));
		result = digest_hex(&digest, config->sha256, reader->fault);
	}
	digest_release(&digest);
	bytes = result == 0 ? malloc(len + YYJSON_PADDING_SIZE) : NULL;
	if (!bytes)
		return result < 0 ? -1 : fault_memory(reader->fault);
	memcpy(bytes, buf_span(&reader->text).data, len);
	memset(bytes + len, 0, YYJSON_PADDING_SIZE);
	config->bytes = bytes;
	config->doc = yyjson_read_opts(
		config->bytes, len,
		YYJSON_READ_INSITU | YYJSON_READ_NUMBER_AS_RAW | YYJSON_READ_ALLOW_COMMENTS, NULL, &error);
	reader->at = config->bytes;
	if (config->doc)
		return 0;
	if (error.code == YYJSON_READ_ERROR_MEMORY_ALLOCATION)
		return fault_memory(reader->fault);
	reader->at += error.pos < len ? error.pos : len;
	return config_fail(reader, "not JSON with comments: %s", len ? error.msg : "the file is empty");
}

int config_open(struct config_reader *reader, struct config *config, const char *path, size_t max,
                struct fault *fault)
{
	*config = (struct config){0};
	*reader = (struct config_reader){.config = config, .path = path, .fault = fault};
	return config_load(reader, max) < 0 ? -1 : config_parse(reader);
}

void config_close(struct config_reader *reader)
{
	buf_release(&reader->text);
}

void config_release(struct config *config)
{
	yyjson_doc_free(config->doc);
	free(config->bytes);
	*config = (struct config){0};
}
