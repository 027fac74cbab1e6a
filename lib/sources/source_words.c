/* SPDX-License-Identifier: ISC */
/*
 * source_words: each value becomes one word, --NAME=VALUE, so that none is taken for another
 * option.
 */
#include "sources/source_words.h"

#include "base/array.h"
#include "base/inert.h"

#include <stdarg.h>
#include <stdio.h>

int source_fail(struct sources_reader *reader, const char *format, ...)
{
	char what[600];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof what, format, arguments);
	va_end(arguments);
	if (!reader->source->name)
		return config_fail(&reader->file, "%s", what);
	return config_fail(&reader->file, "source '%s': %s", INERT(span_of(reader->source->name)),
	                   what);
}

/* ---- the words of the command line ---- */

/* A copy that ends in NUL; NULL with a fault. */
static const char *source_copy(struct sources_reader *reader, struct buf *text)
{
	struct span copy = SPAN_EMPTY;

	buf_putc(text, '\0');
	if (buf_check(text, reader->file.fault) == 0)
		copy = arena_copy(&reader->sources->arena, buf_span(text));
	if (text->state == BUF_OK && !copy.data)
		fault_memory(reader->file.fault);
	buf_release(text);
	return copy.data && copy.len ? copy.data : NULL;
}

int source_add_word(struct sources_reader *reader, const char *word)
{
	struct source *source = reader->source;
	const char **words;

	if (!word)
		return -1;
	/* and one NULL more */
	words = array_grow(source->words, source->word_count + 1, &source->word_cap, sizeof *words,
	                   reader->file.fault);
	if (!words)
		return -1;
	source->words = words;
	words[source->word_count++] = word;
	words[source->word_count] = NULL;
	return 0;
}

int source_add_option(struct sources_reader *reader, const char *name, struct span key,
                      struct span value)
{
	struct buf word = {0};

	buf_putf(&word, "--%s=", name);
	if (key.len) {
		buf_put_span(&word, key);
		buf_putc(&word, '=');
	}
	buf_put_span(&word, value);
	return source_add_word(reader, source_copy(reader, &word));
}

const char *source_path(struct sources_reader *reader, const char *name, struct span text)
{
	struct buf path = {0};

	if (span_begins(text, span_of("~"))) {
		source_fail(reader,
		            "\"%s\" begins with ~, which is a matter of shells: write the whole path",
		            name);
		return NULL;
	}
	if (text.len && text.data[0] != '/')
		buf_puts(&path, reader->directory);
	buf_put_span(&path, text);
	return source_copy(reader, &path);
}

/* ---- values ---- */

int source_check_text(struct sources_reader *reader, const char *name, yyjson_val *value)
{
	struct span text = config_text(value);

	config_stand_at(&reader->file, value);
	if (!yyjson_is_str(value))
		return source_fail(reader, "\"%s\" is %s, not a string", name, json_type(value));
	if (!text.len)
		return source_fail(reader, "\"%s\" is empty", name);
	if (memchr(text.data, '\0', text.len))
		return source_fail(reader, "\"%s\" holds a NUL", name);
	return 0;
}

/* A list: an option for each item, or one with all of them joined by commas. */
static int source_take_list(struct sources_reader *reader, const char *name,
                            const struct option_row *row, yyjson_val *list)
{
	struct buf joined = {0};
	yyjson_val *item;
	size_t i, max;
	int result = 0;

	if (!yyjson_arr_size(list))
		return source_fail(reader, "\"%s\" is an empty list", name);
	yyjson_arr_foreach(list, i, max, item) {
		if (result == 0)
			result = source_check_text(reader, name, item);
		if (result == 0 && row->type == OPTION_WORDS) {
			buf_puts(&joined, i ? "," : "");
			buf_put_span(&joined, config_text(item));
		} else if (result == 0) {
			result = source_add_option(reader, row->name, span_of(""), config_text(item));
		}
	}
	if (result == 0 && joined.len)
		result = source_add_option(reader, row->name, span_of(""), buf_span(&joined));
	buf_release(&joined);
	return result;
}

int source_take_object(struct sources_reader *reader, const char *option, yyjson_val *object)
{
	yyjson_val *key, *value;
	size_t i, max;

	yyjson_obj_foreach(object, i, max, key, value) {
		struct span name = json_key(key);

		reader->file.at = name.data;
		if (!name.len || memchr(name.data, '=', name.len) || memchr(name.data, '\0', name.len))
			return source_fail(reader, "\"%s\" can not be a name here", INERT(name));
		if (source_check_text(reader, INERT(name), value) < 0 ||
		    source_add_option(reader, option, name, config_text(value)) < 0)
			return -1;
	}
	return 0;
}

int source_take_option(struct sources_reader *reader, const char *name,
                       const struct option_row *row, yyjson_val *value)
{
	struct span none = SPAN_EMPTY;
	struct buf flag = {0};
	const char *path;

	switch (row->type) {
	case OPTION_FLAG:
		if (!yyjson_is_bool(value))
			return source_fail(reader, "\"%s\" is %s, not true or false", name, json_type(value));
		if (yyjson_is_false(value))
			return 0;
		buf_putf(&flag, "--%s", row->name);
		return source_add_word(reader, source_copy(reader, &flag));
	case OPTION_NUMBER:
		if (!yyjson_is_raw(value))
			return source_fail(reader, "\"%s\" is %s, not a number", name, json_type(value));
		return source_add_option(reader, row->name, none, config_text(value));
	case OPTION_FILE:
		if (source_check_text(reader, name, value) < 0)
			return -1;
		/* a command is no path, and is no member here */
		path = source_path(reader, name, config_text(value));
		return path ? source_add_option(reader, row->name, none, span_of(path)) : -1;
	case OPTION_PARSE:
		if (yyjson_is_obj(value))
			return source_take_object(reader, row->name, value);
		__attribute__((fallthrough));
	case OPTION_WORDS:
		if (yyjson_is_arr(value))
			return source_take_list(reader, name, row, value);
		break;
	default: break;
	}
	if (source_check_text(reader, name, value) < 0)
		return -1;
	return source_add_option(reader, row->name, none, config_text(value));
}
